//! `sarif`: SARIF 2.1.0 (OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), for code scanning services.

mod driver;
mod invocation;
mod place;
mod result;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use self::driver::Driver;
use self::invocation::Invocation;
use self::result::{LIMITS, ResultRecord};
use crate::assessment::Verdict;
use crate::report::{Presentation, Report, json};
use crate::text::Untrusted;

/// Where the schema of the format is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Writes one run with all rules, worst findings first.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write(&Log::new(report), out)
}

/// A log file (§3.13).
#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

/// A run (§3.14).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    invocations: [Invocation; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<ResultRecord<'r>>,
    properties: RunProperties,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

/// A base that every path is relative to (§3.14.14); where it lies on a disk is nobody's business.
#[derive(Serialize)]
struct Base {
    description: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunProperties {
    as_of: String,
    verdict: Verdict,
    fail_on: &'static str,
}

/// A message (§3.11).
#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    /// Says what may come from outside.
    fn new(text: &Untrusted<'_>) -> Self {
        Self { text: text.sarif() }
    }

    /// Says several lines that may come from outside.
    fn lines<'t>(lines: impl IntoIterator<Item = &'t Untrusted<'t>>) -> Self {
        let lines: Vec<String> = lines.into_iter().map(Untrusted::sarif).collect();
        Self {
            text: lines.join("\n"),
        }
    }

    /// Says what we say ourselves.
    fn own(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl<'r> Log<'r> {
    fn new(report: &Report<'r>) -> Self {
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run::new(report)],
        }
    }
}

impl<'r> Run<'r> {
    fn new(report: &Report<'r>) -> Self {
        let (results, left_out) = result::results(report, LIMITS);
        let root = Base {
            description: Message::own("The top of the audited tree."),
        };
        Self {
            tool: Tool {
                driver: Driver::new(),
            },
            invocations: [Invocation::new(report, &left_out)],
            original_uri_base_ids: [(place::ROOT, root)].into(),
            column_kind: "unicodeCodePoints",
            results,
            properties: RunProperties {
                as_of: report.assessment.as_of.to_string(),
                verdict: report.assessment.verdict,
                fail_on: report.assessment.fail_on.id(),
            },
        }
    }
}

/// Tells serde which lists to leave out.
fn no_items<T>(list: &[T]) -> bool {
    list.is_empty()
}
