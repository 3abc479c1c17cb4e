//! `cyclonedx`: the packages of the graph as a bill of materials, `CycloneDX` 1.6
//! (<https://cyclonedx.org/docs/1.6/json/>); findings stand in it as VEX if an audit was asked for.
//!
//! A component is a package, not an entry: what several lockfiles lock is listed once. What was not read shows
//! in `compositions`, so that no reader takes a part for the whole.

mod address;
mod analysis;
mod artifact;
mod bom_ref;
mod component;
mod composition;
mod dependency;
mod vulnerability;

use std::io::{self, Write};

use serde::Serialize;

use self::bom_ref::BomRefs;
use self::component::{Component, Root};
use self::composition::Composition;
use self::dependency::Dependency;
use self::vulnerability::{Vulnerability, is_vulnerability};
use crate::assessment::Assessment;
use crate::lockfile::{Problem, ProblemSeverity};
use crate::report::words::covered;
use crate::report::{GraphReport, Purls, json};
use crate::signal::{RuleId, rules};
use crate::text::Untrusted;

/// Where the schema of the format is published.
const SCHEMA: &str = "http://cyclonedx.org/schema/bom-1.6.schema.json";

/// Writes the bill of materials as indented JSON with a line break at its end.
///
/// It has no serial number: the same inputs give the same bytes.
pub(super) fn write(report: &GraphReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let purls = Purls::new(report.graph);
    let refs = BomRefs::new(report.graph, &purls);
    json::write(&Document::new(report, &purls, &refs), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    version: u32,
    metadata: Metadata<'r>,
    components: Vec<Component<'r>>,
    dependencies: Vec<Dependency<'r>>,
    compositions: Vec<Composition<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerabilities: Option<Vec<Vulnerability<'r>>>,
}

#[derive(Serialize)]
struct Metadata<'r> {
    timestamp: String,
    lifecycles: [Lifecycle; 1],
    tools: Tools<'r>,
    component: Component<'r>,
    #[serde(skip_serializing_if = "no_items")]
    properties: Vec<Property<'r>>,
}

/// Lockfiles say what will be built, before it is.
#[derive(Serialize)]
struct Lifecycle {
    phase: &'static str,
}

#[derive(Serialize)]
struct Tools<'r> {
    components: [Component<'r>; 1],
}

/// What the format has no field for; our names begin with `linchpin:`.
#[derive(Serialize)]
struct Property<'r> {
    name: &'static str,
    value: Untrusted<'r>,
}

impl<'r> Property<'r> {
    fn new(name: &'static str, value: impl Into<Untrusted<'r>>) -> Self {
        let value = value.into();
        Self { name, value }
    }
}

impl<'r> Document<'r> {
    fn new(report: &GraphReport<'r>, purls: &'r Purls<'r>, refs: &'r BomRefs) -> Self {
        let root = Root::new(report.graph);
        let vulnerabilities = report
            .assessment
            .map(|assessment| vulnerability::vulnerabilities(assessment, refs));
        Self {
            schema: SCHEMA,
            bom_format: "CycloneDX",
            spec_version: "1.6",
            version: 1,
            metadata: Metadata {
                timestamp: report.as_of.to_string(),
                lifecycles: [Lifecycle { phase: "pre-build" }],
                tools: Tools {
                    components: [Component::tool()],
                },
                component: root.component(report.graph, purls, refs),
                properties: properties(report),
            },
            components: component::components(report.graph, purls, refs, &root),
            dependencies: dependency::dependencies(report.graph, refs, &root),
            compositions: composition::compositions(
                report,
                refs,
                &root,
                vulnerabilities.as_deref(),
            ),
            vulnerabilities,
        }
    }
}

/// Says what was wrong with the inputs, and what an audit checked.
fn properties<'r>(report: &GraphReport<'r>) -> Vec<Property<'r>> {
    let problems = report.problems.iter();
    let problems =
        problems.map(|problem| Property::new("linchpin:problem", words_of_problem(problem)));
    let unlocked = report.unlocked.iter().map(|unlocked| {
        let path = unlocked.path.untrusted();
        Property::new("linchpin:unlocked-manifest", path)
    });
    let audit = report.assessment.into_iter().flat_map(of_audit);
    problems.chain(unlocked).chain(audit).collect()
}

/// Says what an audit did not check, and how much the rules looked at whose findings are listed.
fn of_audit(assessment: &Assessment) -> Vec<Property<'_>> {
    let gaps = assessment.gaps().iter();
    let gaps = gaps.map(|gap| Property::new("linchpin:not-checked", gap.reborrow()));
    let coverage = &assessment.coverage;
    let is_told = |id: RuleId| rules().any(|rule| rule.id == id && is_vulnerability(rule.axis));
    let checks = coverage.checks.iter().filter(|check| is_told(check.check));
    let checks = checks.map(|check| {
        let words = format!("{}: {}", check.check.0, covered(check, coverage.packages));
        Property::new("linchpin:coverage", words)
    });
    let off = coverage.switched_off.iter().filter(|id| is_told(**id));
    let off = off.map(|id| Property::new("linchpin:switched-off", id.0));
    gaps.chain(off).chain(checks).collect()
}

/// `error: web/package-lock.json:12:3: …`.
fn words_of_problem(problem: &Problem) -> String {
    let severity = match problem.severity {
        ProblemSeverity::Error => "error",
        ProblemSeverity::Warning => "warning",
        ProblemSeverity::Note => "note",
    };
    let place = problem.location.map_or_else(String::new, |location| {
        format!(":{}:{}", location.line, location.column)
    });
    let path = problem.path.untrusted();
    let message = problem.message.as_str();
    format!("{severity}: {}{place}: {message}", path.as_str())
}

/// Tells serde which lists to leave out.
fn no_items<T>(list: &[T]) -> bool {
    list.is_empty()
}
