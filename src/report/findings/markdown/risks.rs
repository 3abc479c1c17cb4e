//! Findings as the rows of a table: what, how it comes in, what to do.

use super::{details, more};
use crate::assessment::{Finding, Occurrence, Severity, State};
use crate::graph::NodeId;
use crate::report::Report;
use crate::report::outline::{fix_words, ids, step};
use crate::report::words::count;
use crate::text::Untrusted;

/// How many rows stand open.
const OPEN: usize = 20;

/// How many stand beneath a click.
const FOLDED: usize = 30;

/// How many ids of advisories are told in a row.
const IDS: usize = 3;

/// How many steps of a path are shown.
const STEPS: usize = 6;

/// Writes what the gate counts, and three more to look at; none if there is nothing.
pub(super) fn new(report: &Report<'_>) -> Option<String> {
    let (shown, _) = parted(report);
    table(report, &shown, OPEN)
}

/// Writes the others that are new beneath a click; none if there are none.
pub(super) fn others(report: &Report<'_>) -> Option<String> {
    let (_, others) = parted(report);
    let summary = format!(
        "{} that the gate does not count",
        count(others.len(), "finding")
    );
    table(report, &others, FOLDED).map(|table| details(&summary, &table))
}

/// How many findings that do not gate stand open.
const LOOK_AT: usize = 3;

/// Parts the findings into those that stand open and the others.
fn parted<'r>(report: &Report<'r>) -> (Vec<&'r Finding>, Vec<&'r Finding>) {
    let assessment = report.assessment;
    let (gating, rest): (Vec<&Finding>, Vec<&Finding>) = assessment
        .findings
        .iter()
        .filter(|finding| assessment.gates(finding) || !finding.is_spared())
        .partition(|finding| assessment.gates(finding));
    let is_worth_a_look = |finding: &&&Finding| finding.severity.reaches(Severity::Medium);
    let looked_at = rest.iter().filter(is_worth_a_look).take(LOOK_AT).count();
    let (look_at, others) = rest.split_at(looked_at);
    ([gating, look_at.to_vec()].concat(), others.to_vec())
}

fn table(report: &Report<'_>, findings: &[&Finding], room: usize) -> Option<String> {
    if findings.is_empty() {
        return None;
    }
    let heading = if report.assessment.change.is_some() {
        "New risk"
    } else {
        "Risk"
    };
    let mut table = format!("| | {heading} | Comes in through | What to do |\n|---|---|---|---|\n");
    for finding in findings.iter().take(room) {
        table.extend([&row(report, finding), "\n"]);
    }
    table.push_str(&more(findings.len(), room));
    Some(table)
}

fn row(report: &Report<'_>, finding: &Finding) -> String {
    let sign = match finding.severity {
        Severity::Critical | Severity::High => "▲",
        Severity::Medium => "◆",
        Severity::Low | Severity::None => "",
    };
    let severity = format!("{sign} {}", finding.severity.id());
    let fix = finding.fix.as_ref().map(fix_words);
    let fix = fix.map_or(String::new(), |words| {
        match finding
            .fix
            .as_ref()
            .and_then(crate::assessment::Fix::command_line)
        {
            Some(command) => Untrusted::from(command).markdown_code(),
            None => words.markdown(),
        }
    });
    format!(
        "| {} | {} | {} | {fix} |",
        severity.trim(),
        what(finding),
        way_in(report, finding)
    )
}

/// The title, what is known by which id, and why it is worse than before.
fn what(finding: &Finding) -> String {
    let ids = ids(finding, IDS).map_or(String::new(), |ids| format!(" ({})", ids.markdown()));
    let stop = if finding.state == State::Kept {
        " (was there before)"
    } else {
        ""
    };
    let worse = match finding.worse_because.first() {
        Some(because) => format!("; worse: {}", because.markdown()),
        None => String::new(),
    };
    format!("{}{ids}{stop}{worse}", finding.title.markdown())
}

/// `app → **left**`: the shown path, what all paths pass in bold; a file where there is no path.
fn way_in(report: &Report<'_>, finding: &Finding) -> String {
    let Some(occurrence) = finding.occurrences.first() else {
        return String::new();
    };
    let others = match finding.occurrences.len() {
        0 | 1 => String::new(),
        more => format!(" (and {})", count(more - 1, "more project")),
    };
    let way = if occurrence.path.is_empty() {
        occurrence.file.untrusted().markdown_code()
    } else {
        path(report, occurrence)
    };
    format!("{way}{others}")
}

fn path(report: &Report<'_>, occurrence: &Occurrence) -> String {
    let name = |node: &NodeId| {
        let is_choke_point = Some(report.graph.entry(*node).package) == occurrence.choke_point;
        let name = step(report, *node).markdown_code();
        if is_choke_point {
            format!("**{name}**")
        } else {
            name
        }
    };
    let path = &occurrence.path;
    let mut steps: Vec<String> = if path.len() > STEPS {
        let (head, tail) = (&path[..STEPS / 2], &path[path.len() - STEPS / 2..]);
        let cut = format!("… ({} more) …", path.len() - STEPS);
        head.iter()
            .map(name)
            .chain([cut])
            .chain(tail.iter().map(name))
            .collect()
    } else {
        path.iter().map(name).collect()
    };
    steps.dedup();
    steps.join(" → ")
}
