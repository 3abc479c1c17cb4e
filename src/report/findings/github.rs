//! `github`: annotations of GitHub Actions, on the lines of the lockfiles, worst first.
//!
//! A step shows no more than ten of each kind
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>), so that ten are written in all.
//! What was not checked is one of them.

use std::io::{self, Write};

use crate::assessment::{Finding, Severity, Verdict};
use crate::report::outline::{fix_words, spots};
use crate::report::words::{count, without_secrets};
use crate::report::{Presentation, Report};
use crate::text::Untrusted;

/// How many annotations there are at most.
const MOST: usize = 10;

/// How long a message is at most, in characters.
const LONGEST: usize = 1_000;

/// Writes the annotations.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let assessment = report.assessment;
    let mut annotations: Vec<Annotation> = incomplete(report).into_iter().collect();
    let findings: Vec<&Finding> = assessment.unkept().collect();
    // The last of those that there is room for tells of the others.
    let room = MOST - annotations.len();
    let told = if findings.len() > room {
        room - 1
    } else {
        findings.len()
    };
    annotations.extend(
        findings[..told]
            .iter()
            .map(|finding| of_finding(report, finding)),
    );
    if findings.len() > told {
        let more = count(findings.len() - told, "more finding");
        annotations.push(Annotation {
            level: "notice",
            place: String::new(),
            title: more.into(),
            message: "the report and the summary of the job name all".into(),
        });
    }
    annotations
        .iter()
        .try_for_each(|annotation| annotation.write(out))
}

struct Annotation {
    level: &'static str,
    /// `file=…,line=…`; empty for the run as a whole.
    place: String,
    title: Untrusted<'static>,
    message: Untrusted<'static>,
}

impl Annotation {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let separator = if self.place.is_empty() { "" } else { "," };
        let message: String = self.message.as_str().chars().take(LONGEST).collect();
        writeln!(
            out,
            "::{} {}{separator}title={}::{}",
            self.level,
            self.place,
            self.title.workflow_value(),
            Untrusted::from(message).workflow_data()
        )
    }
}

/// Tells what keeps the run from being complete; none if nothing does.
fn incomplete(report: &Report<'_>) -> Option<Annotation> {
    let assessment = report.assessment;
    if assessment.verdict == Verdict::Empty {
        return Some(Annotation {
            level: "notice",
            place: String::new(),
            title: "nothing to audit".into(),
            message: "there is no lockfile and no manifest".into(),
        });
    }
    let (first, others) = assessment.incomplete_because.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        others => format!(" (and {})", count(others, "more reason")),
    };
    Some(Annotation {
        level: "error",
        place: String::new(),
        title: "not everything was checked".into(),
        message: format!("{}{more}", first.as_str()).into(),
    })
}

fn of_finding(report: &Report<'_>, finding: &Finding) -> Annotation {
    let level = match finding.severity {
        _ if report.assessment.gates(finding) => "error",
        Severity::Critical | Severity::High | Severity::Medium => "warning",
        Severity::Low | Severity::None => "notice",
    };
    let place = spots(report, finding)
        .into_iter()
        .next()
        .map_or(String::new(), |spot| {
            let file = spot.file.untrusted().workflow_value();
            let range = spot.range.map_or(String::new(), |[start, end]| {
                format!(
                    ",line={},endLine={},col={}",
                    start.line, end.line, start.column
                )
            });
            format!("file={file}{range}")
        });
    let fix = finding.fix.as_ref().map(fix_words);
    let fix = fix.map_or(String::new(), |fix| format!(" Fix: {}", fix.as_str()));
    let title = format!(
        "{}[{}]: {}",
        finding.severity.id(),
        finding.rule.id.0,
        finding.title.as_str()
    );
    let message = without_secrets(&finding.message);
    let message = match message.as_str() {
        "" => finding.rule.summary,
        message => message,
    };
    Annotation {
        level,
        place,
        title: title.into(),
        message: format!("{}.{fix}", message.trim_end_matches('.')).into(),
    }
}
