//! `gitlab`: a Code Quality report, as merge requests of GitLab read it
//! (<https://docs.gitlab.com/ci/testing/code_quality/>).
//!
//! The format knows nothing but issues. What was not checked is therefore an issue too, or an empty list would
//! look like a clean one.

use std::io::{self, Write};

use serde::Serialize;

use crate::assessment::{Finding, Fingerprint, Severity, State, UnusedAccept, Verdict};
use crate::lockfile::{Problem, ProblemSeverity};
use crate::path::FilePath;
use crate::report::outline::{Numbering, first_file, lines, spots};
use crate::report::{Presentation, Report, json};
use crate::text::Untrusted;

/// The name of the check that stands for what was not checked.
const INCOMPLETE: &str = "incomplete";

/// What stands for the name of a rule where an entry that accepts nothing fails the run.
const UNUSED: &str = "unused-accept";

/// Writes a list of issues.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::write(&issues(report), out)
}

/// One issue; GitLab drops those that lack one of these fields, and all but one of a fingerprint.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: Grade,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: FilePath,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The severities of GitLab.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Blocker,
    Critical,
    Major,
    Minor,
    Info,
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Blocker,
            Severity::High => Self::Critical,
            Severity::Medium => Self::Major,
            Severity::Low => Self::Minor,
            Severity::None => Self::Info,
        }
    }
}

impl Location {
    const fn new(path: FilePath, begin: u32) -> Self {
        let lines = Lines { begin };
        Self { path, lines }
    }
}

fn issues(report: &Report<'_>) -> Vec<Issue> {
    let assessment = report.assessment;
    let mut numbering = Numbering::default();
    let nothing = Untrusted::borrowed("nothing to audit: no lockfile and no manifest");
    let is_empty = assessment.verdict == Verdict::Empty;
    let gaps = is_empty.then_some(&nothing).into_iter();
    let gaps = gaps.chain(assessment.gaps()).map(|gap| {
        let place = Location::new(first_file(report), 1);
        (gap, "", place)
    });
    let problems = assessment
        .all_problems()
        .filter(|problem| problem.severity == ProblemSeverity::Error);
    let unread = problems.map(|problem| {
        (
            &problem.message,
            problem.path.as_str(),
            place_of_problem(problem),
        )
    });
    let findings = assessment.findings.iter();
    let mut issues: Vec<Issue> = findings
        .map(|finding| of_finding(report, finding, &mut numbering))
        .collect();
    issues.extend(gaps.chain(unread).map(|(reason, file, place)| {
        let parts = [INCOMPLETE, file, reason.as_str()].map(str::to_owned);
        of_gap(reason, numbering.unique(&Fingerprint::of(&parts)), place)
    }));
    let denied = assessment.denied().iter();
    issues.extend(denied.map(|unused| of_denied(unused, &mut numbering)));
    issues
}

/// An entry of the configuration that fails the run because it accepts nothing.
fn of_denied(unused: &UnusedAccept, numbering: &mut Numbering) -> Issue {
    let problem = unused.problem();
    let parts = [UNUSED, problem.path.as_str(), problem.message.as_str()].map(str::to_owned);
    Issue {
        description: format!("{}", problem.message.terminal()),
        check_name: UNUSED,
        fingerprint: numbering.unique(&Fingerprint::of(&parts)),
        severity: Grade::Critical,
        location: place_of_problem(&problem),
    }
}

fn of_finding(report: &Report<'_>, finding: &Finding, numbering: &mut Numbering) -> Issue {
    let spots = spots(report, finding);
    let place = spots
        .first()
        .map(|spot| Location::new(spot.file.clone(), spot.line()));
    Issue {
        description: description(report, finding),
        check_name: finding.rule.id.0,
        fingerprint: numbering.unique(&finding.fingerprint),
        severity: grade(finding),
        location: place.unwrap_or_else(|| Location::new(first_file(report), 1)),
    }
}

/// What the baseline keeps blocks no merge request.
fn grade(finding: &Finding) -> Grade {
    match finding.state {
        State::Kept if finding.is_spared() => Grade::Info,
        _ => finding.severity.into(),
    }
}

/// One line, because that is what a merge request shows.
fn description(report: &Report<'_>, finding: &Finding) -> String {
    let lines = lines(report, finding);
    let sentences = std::iter::once(&finding.title).chain(&lines).map(|line| {
        let line = line.terminal().to_string();
        line.trim_end_matches('.').to_owned() + "."
    });
    sentences.collect::<Vec<_>>().join(" ")
}

fn place_of_problem(problem: &Problem) -> Location {
    let line = problem.location.map_or(1, |location| location.line);
    Location::new(problem.path.clone(), line)
}

fn of_gap(reason: &Untrusted<'_>, fingerprint: String, location: Location) -> Issue {
    Issue {
        description: format!("Not complete: {}", reason.terminal()),
        check_name: INCOMPLETE,
        fingerprint,
        severity: Grade::Major,
        location,
    }
}
