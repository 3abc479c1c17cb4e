//! `github-output`: what later steps of a workflow may ask for, a `key=value` line each.
//!
//! Enums and numbers only: whoever reads an output may put it into a command
//! (<https://docs.github.com/actions/reference/security/secure-use>).

use std::io::{self, Write};

use crate::assessment::{Change, Finding, Severity, State};
use crate::graph::comparison::ChangeKind;
use crate::report::{Presentation, Report};

/// Writes the outputs.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let assessment = report.assessment;
    let verdict = serde_json::to_value(assessment.verdict)?;
    writeln!(out, "verdict={}", verdict.as_str().unwrap_or_default())?;
    writeln!(out, "exit-code={}", assessment.verdict.exit_code())?;
    writeln!(out, "complete={}", assessment.is_complete())?;
    for (key, number) in numbers(report)
        .into_iter()
        .chain(assessment.change.iter().flat_map(of_change))
    {
        writeln!(out, "{key}={number}")?;
    }
    Ok(())
}

fn numbers(report: &Report<'_>) -> [(&'static str, usize); 7] {
    let assessment = report.assessment;
    let number = |is_counted: &dyn Fn(&&Finding) -> bool| {
        assessment.findings.iter().filter(is_counted).count()
    };
    let is_new = |finding: &&Finding| matches!(finding.state, State::New | State::Worse);
    [
        ("findings", assessment.findings.len()),
        ("gating", number(&|finding| assessment.gates(finding))),
        ("new", number(&is_new)),
        (
            "new-high",
            number(&|finding| is_new(finding) && finding.severity.reaches(Severity::High)),
        ),
        ("kept", number(&|finding| finding.state == State::Kept)),
        ("gone", assessment.gone.len()),
        ("accepted", assessment.accepted.len()),
    ]
}

fn of_change(change: &Change) -> [(&'static str, usize); 7] {
    [
        ("added", change.count(ChangeKind::Added)),
        ("removed", change.count(ChangeKind::Removed)),
        ("changed", change.count(ChangeKind::Changed)),
        ("moved", change.count(ChangeKind::Moved)),
        ("altered", change.altered()),
        ("new-edges", change.links()),
        ("new-scripts", change.scripts()),
    ]
}
