//! `junit`: the XML that test runners write and CI services show
//! (<https://github.com/testmoapp/junitxml>; there is no standard, so only what everyone reads is written).
//!
//! A suite for each rule, a case for each finding. A finding that reaches the threshold is a failure; another one
//! passes, and its words are the output of the case. A rule without findings is one case: passed if it looked at
//! packages, skipped if it looked at none. A run that is not complete is an error, and an unused `[[accept]]` entry a
//! failure where it fails the run.

use std::fmt::Display;
use std::io::{self, Write};

use crate::assessment::{Assessment, CheckCoverage, Finding, UnusedAccept, Verdict};
use crate::report::outline::{Spot, lines, spots};
use crate::report::words::{count, covered};
use crate::report::{Presentation, Report};
use crate::signal::rule::Rule;
use crate::signal::{RuleScope, SIGNALS};
use crate::text::Untrusted;

/// How many places of a finding are told.
const PLACES: usize = 20;

/// The suite that stands for the run as a whole.
const RUN: &str = "run";

/// Writes the document.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let has_change = report.assessment.change.is_some();
    // What was not asked must not show as passed.
    let asked = SIGNALS
        .iter()
        .filter(|signal| has_change || signal.scope() != RuleScope::Changes);
    let rules = asked.map(|signal| Suite::of_rule(report, signal.rule()));
    let suites: Vec<Suite> = std::iter::once(Suite::of_run(report))
        .chain(rules)
        .collect();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    writeln!(out, r#"<testsuites name="linchpin"{}>"#, counts(cases))?;
    for suite in &suites {
        suite.write(out)?;
    }
    writeln!(out, "</testsuites>")
}

/// What becomes of a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl Outcome {
    /// Returns the element that says so.
    const fn element(self) -> &'static str {
        match self {
            Self::Passed => "system-out",
            Self::Failed => "failure",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

struct Suite {
    name: &'static str,
    cases: Vec<Case>,
    told: Vec<Untrusted<'static>>,
}

struct Case {
    name: Untrusted<'static>,
    place: Option<(Untrusted<'static>, u32)>,
    outcome: Outcome,
    /// The kind of a failure, and what it says in a line.
    summary: Option<(&'static str, Untrusted<'static>)>,
    told: Vec<Untrusted<'static>>,
}

impl Suite {
    /// Whether everything was checked that is required.
    fn of_run(report: &Report<'_>) -> Self {
        let assessment = report.assessment;
        let mut case = Case::new("everything that is required was checked", Outcome::Passed);
        if !assessment.is_complete() || assessment.verdict == Verdict::Empty {
            case.outcome = Outcome::Error;
            case.summary = Some(("incomplete", incomplete(assessment)));
            case.told.clone_from(&assessment.incomplete_because);
        }
        let notes = report.notes.iter().cloned().map(Untrusted::from);
        Self {
            name: RUN,
            cases: std::iter::once(case)
                .chain(assessment.denied().iter().map(Case::of_denied))
                .collect(),
            told: notes.collect(),
        }
    }

    fn of_rule(report: &Report<'_>, rule: &'static Rule) -> Self {
        let assessment = report.assessment;
        let checks = &assessment.coverage.checks;
        let coverage = checks.iter().find(|check| check.check == rule.id);
        let words = coverage.map(|check| covered(check, assessment.coverage.packages));
        let findings = assessment.findings.iter();
        let findings = findings.filter(|finding| finding.rule.id == rule.id);
        let mut cases: Vec<Case> = findings
            .map(|finding| Case::of_finding(report, finding))
            .collect();
        if cases.is_empty() {
            cases.push(Case::without_findings(coverage, words.as_deref()));
        }
        Self {
            name: rule.id.0,
            cases,
            told: words.into_iter().map(Untrusted::from).collect(),
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let name = self.name;
        writeln!(out, r#"  <testsuite name="{name}"{}>"#, counts(&self.cases))?;
        for case in &self.cases {
            case.write(out, name)?;
        }
        if !self.told.is_empty() {
            writeln!(out, "    <system-out>{}</system-out>", text(&self.told))?;
        }
        writeln!(out, "  </testsuite>")
    }
}

impl Case {
    fn new(name: impl Into<Untrusted<'static>>, outcome: Outcome) -> Self {
        Self {
            name: name.into(),
            place: None,
            outcome,
            summary: None,
            told: Vec::new(),
        }
    }

    fn of_finding(report: &Report<'_>, finding: &Finding) -> Self {
        let spots = spots(report, finding);
        let gates = report.assessment.gates(finding);
        let outcome = if gates {
            Outcome::Failed
        } else {
            Outcome::Passed
        };
        let place = spots.first().map(place);
        Self {
            name: name(finding, place.as_ref().map(|(file, _)| file)),
            place,
            outcome,
            summary: gates.then(|| (finding.severity.id(), finding.title.clone())),
            told: told(report, finding, &spots),
        }
    }

    fn of_denied(unused: &UnusedAccept) -> Self {
        let problem = unused.problem();
        let line = unused.entry.location.line;
        Self {
            place: Some((problem.path.untrusted().into_owned(), line)),
            summary: Some(("unused-accept", problem.message.clone())),
            told: problem.help.into_iter().collect(),
            ..Self::new(problem.message, Outcome::Failed)
        }
    }

    /// A rule that looked at nothing has not passed.
    fn without_findings(coverage: Option<&CheckCoverage>, words: Option<&str>) -> Self {
        let mut case = Self::new("no findings", Outcome::Passed);
        if coverage.is_some_and(|check| check.checked == 0) {
            case.outcome = Outcome::Skipped;
            let words = words.unwrap_or_default().to_owned();
            case.summary = Some(("not-checked", words.into()));
        }
        case
    }

    fn write(&self, out: &mut dyn Write, suite: &str) -> io::Result<()> {
        let name = self.name.xml();
        write!(
            out,
            r#"    <testcase classname="linchpin.{suite}" name="{name}""#
        )?;
        if let Some((file, line)) = &self.place {
            write!(out, r#" file="{}" line="{line}""#, file.xml())?;
        }
        if self.summary.is_none() && self.told.is_empty() {
            return writeln!(out, "/>");
        }
        let element = self.outcome.element();
        write!(out, ">\n      <{element}")?;
        self.write_summary(out)?;
        writeln!(out, ">{}</{element}>\n    </testcase>", text(&self.told))
    }

    fn write_summary(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.summary {
            None => Ok(()),
            Some((_, words)) if self.outcome == Outcome::Skipped => {
                write!(out, r#" message="{}""#, words.xml())
            }
            Some((kind, words)) => write!(out, r#" message="{}" type="{kind}""#, words.xml()),
        }
    }
}

/// Says in a line why a run is not complete.
fn incomplete(assessment: &Assessment) -> Untrusted<'static> {
    if assessment.verdict == Verdict::Empty {
        return "nothing to audit: no lockfile and no manifest".into();
    }
    let reasons = count(assessment.incomplete_because.len(), "reason");
    format!("not complete, for {reasons}").into()
}

/// Names a case; CI services tell cases apart by their names, so the file belongs to it.
fn name(finding: &Finding, file: Option<&Untrusted<'_>>) -> Untrusted<'static> {
    let title = finding.title.as_str();
    match file.map(Untrusted::as_str) {
        Some(file) if !title.contains(file) => format!("{title} ({file})").into(),
        _ => title.to_owned().into(),
    }
}

fn place(spot: &Spot<'_>) -> (Untrusted<'static>, u32) {
    (spot.file.untrusted().into_owned(), spot.line())
}

/// What a finding says beneath its title, and where.
fn told(report: &Report<'_>, finding: &Finding, spots: &[Spot<'_>]) -> Vec<Untrusted<'static>> {
    let mut told = lines(report, finding);
    let places = spots.iter().take(PLACES).map(place);
    told.extend(places.map(|(file, line)| format!("at {}:{line}", file.as_str()).into()));
    if let Some(more) = spots.len().checked_sub(PLACES).filter(|more| *more > 0) {
        told.push(format!("and at {}", count(more, "more place")).into());
    }
    told
}

fn text(lines: &[Untrusted<'_>]) -> String {
    let lines = lines.iter().map(|line| line.xml().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

/// The attributes that count cases by what became of them.
fn counts<'c>(cases: impl IntoIterator<Item = &'c Case>) -> impl Display {
    let outcomes: Vec<Outcome> = cases.into_iter().map(|case| case.outcome).collect();
    let number = |wanted| {
        outcomes
            .iter()
            .filter(|outcome| **outcome == wanted)
            .count()
    };
    format!(
        r#" tests="{}" failures="{}" errors="{}" skipped="{}""#,
        outcomes.len(),
        number(Outcome::Failed),
        number(Outcome::Error),
        number(Outcome::Skipped)
    )
}
