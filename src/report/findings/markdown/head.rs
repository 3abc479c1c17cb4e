//! What is to be said first: the verdict, and what to do.

use crate::assessment::{Finding, Severity, State, Verdict};
use crate::report::Report;
use crate::report::outline::terms;
use crate::report::words::{count, full_name};
use crate::text::Untrusted;

/// How many fixes stand at the top.
const FIXES: usize = 3;

/// Writes the headline, the fixes and what was compared.
pub(super) fn write(report: &Report<'_>) -> String {
    let mut head = String::new();
    for line in stops(report) {
        head.extend([&line, "\n\n"]);
    }
    head.extend(["### ", &headline(report), "\n\n"]);
    for fix in fixes(report) {
        head.extend([&fix, "\n"]);
    }
    head.extend([&compared(report), "\n"]);
    head
}

/// Stops the reader where the tree was bad before.
fn stops(report: &Report<'_>) -> Vec<String> {
    let Some(change) = &report.assessment.change else {
        return Vec::new();
    };
    let attacks = report.assessment.attacks_before().take(FIXES);
    let line = |finding: &Finding| {
        let what = finding.package.map_or_else(
            || finding.title.clone(),
            |id| full_name(report.graph.package(id)),
        );
        let (before, what) = (change.before.markdown_code(), what.markdown_code());
        format!("**STOP: {before} already holds {what}; do not install**")
    };
    attacks.map(line).collect()
}

fn headline(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let gating: Vec<&Finding> = assessment
        .findings
        .iter()
        .filter(|finding| assessment.gates(finding))
        .collect();
    let open =
        assessment.unkept().count() - gating.iter().filter(|finding| !finding.is_spared()).count();
    let remainder = assessment.histories.remainder();
    let remainder = remainder.map_or(String::new(), |remainder| format!(" {remainder}"));
    match assessment.verdict {
        Verdict::Fail if gating.is_empty() => format!(
            "▲ {} in the settings",
            count(assessment.unused_accepts.len(), "unused acceptance")
        ),
        Verdict::Fail => format!("▲ {}{}", risks(&gating), remedy(&gating)),
        Verdict::Incomplete => {
            "◆ Could not complete: what was not checked is not reported as clean".to_owned()
        }
        Verdict::Empty => "Nothing to audit: no lockfile and no manifest".to_owned(),
        Verdict::Pass if open > 0 => format!(
            "◆ Nothing that fails the gate{remainder}, {} to look at",
            count(open, "finding")
        ),
        Verdict::Pass if assessment.change.is_some() => format!("✓ No new risk{remainder}"),
        Verdict::Pass => "✓ No risky path".to_owned(),
    }
}

/// `2 new critical risks and 1 new high risk`.
fn risks(gating: &[&Finding]) -> String {
    let of = |severity: Severity| {
        let same = gating.iter().filter(|finding| finding.severity == severity);
        let (new, old): (Vec<&&Finding>, Vec<&&Finding>) =
            same.partition(|finding| matches!(finding.state, State::New | State::Worse));
        let new =
            (!new.is_empty()).then(|| count(new.len(), &format!("new {} risk", severity.id())));
        let old = (!old.is_empty()).then(|| count(old.len(), &format!("{} risk", severity.id())));
        new.into_iter().chain(old).collect::<Vec<_>>()
    };
    let parts: Vec<String> = Severity::ALL.into_iter().flat_map(of).collect();
    parts.join(" and ")
}

/// `: one command takes it out`, where that is all that is needed.
fn remedy(gating: &[&Finding]) -> String {
    let [finding] = gating else {
        return String::new();
    };
    let fix = finding.fix.as_ref().filter(|fix| !fix.argv.is_empty());
    fix.map_or(String::new(), |_| ": one command takes it out".to_owned())
}

/// Lists the proven commands that take gating findings out, each once.
fn fixes(report: &Report<'_>) -> Vec<String> {
    let assessment = report.assessment;
    let gating = assessment
        .findings
        .iter()
        .filter(|finding| assessment.gates(finding));
    let mut lines: Vec<String> = Vec::new();
    for fix in gating.filter_map(|finding| finding.fix.as_ref()) {
        let line = match fix.command_line() {
            Some(command) => format!(
                "**Fix:** {} ({})",
                Untrusted::from(command).markdown_code(),
                terms(fix).markdown()
            ),
            None => format!("**To do:** {}", fix.advice.markdown()),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let more = lines.len().saturating_sub(FIXES);
    lines.truncate(FIXES);
    if more > 0 {
        lines.push(format!("{} below.", count(more, "more remedy")));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// What was compared with what, and how much of it was read.
fn compared(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let of_change = assessment.change.as_ref().map(|change| {
        let commits = change
            .revisions
            .as_ref()
            .map(|revisions| (&revisions.before, revisions.after.as_ref()));
        let short = |commit: &Untrusted<'_>| {
            let short: String = commit.as_str().chars().take(7).collect();
            Untrusted::from(short).markdown_code()
        };
        match commits {
            Some((before, Some(after))) => format!(
                "Checked {} against {} (merge base with {}). ",
                short(after),
                short(before),
                base(change)
            ),
            _ => format!("Compared with {}. ", change.before.markdown_code()),
        }
    });
    let read = assessment
        .inputs
        .iter()
        .filter(|input| input.lockfile.is_some())
        .count();
    let read = match (read, assessment.inputs.len()) {
        (read, all) if read == all => format!("{} read", count(all, "lockfile")),
        (read, all) => format!("{read} of {} read", count(all, "lockfile")),
    };
    let packages = count(assessment.coverage.packages, "package");
    let complete = if assessment.is_complete() {
        ""
    } else {
        " Not everything was checked."
    };
    format!(
        "{}{read}, {packages}.{complete}",
        of_change.unwrap_or_default()
    )
}

fn base(change: &crate::assessment::Change) -> String {
    let base = change.revisions.as_ref().map(|revisions| &revisions.base);
    base.unwrap_or(&change.before).markdown_code()
}
