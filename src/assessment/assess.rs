//! [`assess`]: places drafts in the graph, orders them and concludes.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::baseline::{self, BaselineFile, Extent, Review};
use super::placer::Placer;
use super::verdict::Nothing;
use super::{
    Before, Change, Coverage, Finding, Fingerprint, Gone, HistoryFacts, Severity, State,
    UnusedAccept, Verdict, accepted, policy, verdict,
};
use crate::advisory::exploitation::Pressure;
use crate::config::UnusedAccepts;
use crate::graph::LockfileId;
use crate::lockfile::{Problem, ProblemSeverity, Scope};
use crate::package::{Digest, Ecosystem, Purl};
use crate::path::FilePath;
use crate::signal::{Axis, Findings, View};
use crate::text::Untrusted;

/// What the reports show.
#[derive(Debug)]
pub struct Assessment {
    /// The clock of the run.
    pub as_of: Timestamp,
    /// The files that were read or should have been.
    pub inputs: Vec<Input>,
    /// Problems that belong to no lockfile.
    pub problems: Vec<Problem>,
    /// What was checked against known advisories.
    pub feeds: Vec<Feed>,
    /// How much was checked.
    pub coverage: Coverage,
    /// What is known of release histories.
    pub histories: HistoryFacts,
    /// Why the run is not complete; empty if it is.
    pub incomplete_because: Vec<Untrusted<'static>>,
    /// The findings, most pressing first.
    pub findings: Vec<Finding>,
    /// What the change that is judged does to the packages; none in an audit.
    pub change: Option<Change>,
    /// Findings that were there before the change and are no more, most pressing first.
    pub gone: Vec<Gone>,
    /// Findings that somebody answers for; they do not gate.
    pub accepted: Vec<Finding>,
    /// Entries that accept nothing.
    pub unused_accepts: Vec<UnusedAccept>,
    /// Whether these fail the run.
    pub unused_policy: UnusedAccepts,
    /// The baseline of the run.
    pub baseline: BaselineFile,
    /// Which of its lines are too many, or too wide; none unless the run is complete.
    pub review: Review,
    /// The threshold of the gate.
    pub fail_on: Severity,
    /// The conclusion.
    pub verdict: Verdict,
}

/// A lockfile that was found.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its path.
    pub path: FilePath,
    /// Its place in the graph; none if it could not be read.
    pub lockfile: Option<LockfileId>,
    /// SHA-256 of its bytes; none if there were none.
    pub sha256: Option<Digest>,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
}

/// A source of advisories, as far as a run used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name.
    pub feed: &'static str,
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// How many records it holds.
    pub records: usize,
    /// The newest day that it knows of.
    pub known_until: Option<String>,
    /// Where it comes from; none for the built-in list.
    pub source: Option<String>,
    /// When its server was last asked; none if it never was.
    pub checked: Option<Timestamp>,
    /// Whether it can be relied on.
    pub state: FeedState,
}

/// Whether a feed can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedState {
    /// It is there and new enough.
    Fresh,
    /// It is there, and older than it may be.
    Stale,
    /// It is not there.
    Missing,
}

/// What a run knows beside the findings.
#[derive(Debug, Default)]
pub struct RunFacts {
    /// The files that were read or should have been.
    pub inputs: Vec<Input>,
    /// Problems that belong to no lockfile.
    pub problems: Vec<Problem>,
    /// Feeds that were asked.
    pub feeds: Vec<Feed>,
    /// Reasons of incompleteness that are known before any finding.
    pub incomplete_because: Vec<Untrusted<'static>>,
    /// How many manifests were found.
    pub manifests: usize,
    /// What was there when the gate began.
    pub baseline: BaselineFile,
    /// The part of the tree that was looked at.
    pub extent: Extent,
    /// What was there before the change; none in an audit.
    pub before: Option<Before>,
    /// What is known of release histories.
    pub histories: HistoryFacts,
}

impl RunFacts {
    /// Takes the reasons of incompleteness: those that are known before any finding, then the errors of inputs.
    fn take_reasons(&mut self) -> Vec<Untrusted<'static>> {
        let mut reasons = std::mem::take(&mut self.incomplete_because);
        let of_inputs = self.inputs.iter().flat_map(|input| &input.problems);
        let errors = of_inputs
            .chain(&self.problems)
            .filter(|problem| problem.severity == ProblemSeverity::Error);
        reasons.extend(errors.map(reason));
        reasons
    }

    /// Says what it means if nothing was found.
    const fn nothing(&self) -> Nothing {
        let was_empty = match &self.before {
            Some(before) => before.is_empty(),
            None => true,
        };
        if was_empty && self.inputs.is_empty() && self.manifests == 0 && self.problems.is_empty() {
            Nothing::ToAudit
        } else {
            Nothing::Missing
        }
    }
}

/// Places, orders and judges what the rules found.
pub fn assess(
    view: &View<'_>,
    found: Findings,
    coverage: Coverage,
    mut facts: RunFacts,
) -> Assessment {
    let mut findings = Placer::new(view.graph).place(found.0);
    policy::apply(view.config, &mut findings);
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    let incomplete_because = facts.take_reasons();
    let nothing = facts.nothing();
    let mut gone = Vec::new();
    if let Some(before) = &facts.before {
        before.settle(view, &mut findings);
        gone = before.gone(view, findings.iter());
    }
    let (accepted, unused_accepts) =
        accepted::settle(&view.config.accepts, view.now, view.graph, &mut findings);
    let mut review = Review::default();
    if let Some(baseline) = facts.baseline.in_force() {
        baseline::settle(baseline, view, &mut findings);
        if incomplete_because.is_empty() {
            let all = findings.iter().chain(&accepted);
            review = baseline::review(baseline, view, &facts.extent, all);
        }
    }
    let gate = &view.config.gate;
    let gating = findings
        .iter()
        .filter(|finding| finding.gates(gate.fail_on));
    let worst = gating.map(|finding| finding.severity).min();
    Assessment {
        as_of: view.now,
        verdict: denied(
            verdict(worst, gate.fail_on, &incomplete_because, nothing),
            &unused_accepts,
            gate.unused_accepts,
        ),
        inputs: facts.inputs,
        problems: facts.problems,
        feeds: facts.feeds,
        coverage,
        histories: facts.histories,
        incomplete_because,
        findings,
        change: facts.before.map(|before| before.change),
        gone,
        accepted,
        unused_accepts,
        unused_policy: gate.unused_accepts,
        baseline: facts.baseline,
        review,
        fail_on: gate.fail_on,
    }
}

/// Fails a run whose configuration accepts what is not there, if that was asked for.
fn denied(verdict: Verdict, unused: &[UnusedAccept], policy: UnusedAccepts) -> Verdict {
    let is_denied = policy == UnusedAccepts::Deny && !unused.is_empty();
    if is_denied && verdict != Verdict::Empty {
        Verdict::Fail
    } else {
        verdict
    }
}

fn reason(problem: &Problem) -> Untrusted<'static> {
    format!(
        "{}: {}",
        problem.path.untrusted().as_str(),
        problem.message.as_str()
    )
    .into()
}

impl Assessment {
    /// Counts the findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Lists the findings that count: neither kept by the baseline nor there before the change, known attacks aside.
    pub fn unkept(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.state != State::Kept || !finding.is_spared())
    }

    /// Lists the known attacks that were there before the change: nobody should install that tree.
    pub fn attacks_before(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| {
            self.change.is_some() && finding.state == State::Kept && !finding.is_spared()
        })
    }

    /// Counts the findings that do not count.
    pub fn kept(&self) -> usize {
        self.findings.len() - self.unkept().count()
    }

    /// Lists what was wrong with the inputs, and then what belongs to no lockfile.
    pub fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        let of_inputs = self.inputs.iter().flat_map(|input| &input.problems);
        of_inputs.chain(&self.problems)
    }

    /// Lists the reasons of incompleteness that are no problem of an input; [`assess`] puts them first.
    pub fn gaps(&self) -> &[Untrusted<'static>] {
        let is_error = |problem: &&Problem| problem.severity == ProblemSeverity::Error;
        let of_inputs = self.all_problems().filter(is_error).count();
        let gaps = self.incomplete_because.len().saturating_sub(of_inputs);
        &self.incomplete_because[..gaps]
    }

    /// Says whether a finding alone fails the run.
    pub fn gates(&self, finding: &Finding) -> bool {
        finding.gates(self.fail_on)
    }

    /// Lists the entries that fail the run because they accept nothing.
    pub fn denied(&self) -> &[UnusedAccept] {
        match self.unused_policy {
            UnusedAccepts::Deny => &self.unused_accepts,
            UnusedAccepts::Warn => &[],
        }
    }

    /// Says whether everything that is required was checked.
    pub fn is_complete(&self) -> bool {
        self.incomplete_because.is_empty()
    }
}

/// Order of findings: severity, axis, what is known of exploitation, scope, depth, then the larger blast radius; names break ties.
type Order<'f> = (
    Severity,
    Axis,
    Pressure,
    Option<Scope>,
    u32,
    Reverse<u32>,
    &'f str,
    &'f str,
    &'f Fingerprint,
);

impl Finding {
    /// Returns how pressing the most pressing of its advisories is.
    fn pressure(&self) -> Pressure {
        let pressures = self.advisories.iter().map(|advisory| advisory.pressure);
        pressures.min().unwrap_or_default()
    }

    fn order(&self) -> Order<'_> {
        let occurrences = || self.occurrences.iter();
        (
            self.severity,
            self.rule.axis,
            self.pressure(),
            occurrences()
                .filter_map(|occurrence| occurrence.scope)
                .min(),
            occurrences()
                .filter_map(|occurrence| occurrence.depth)
                .min()
                .unwrap_or(u32::MAX),
            Reverse(
                occurrences()
                    .filter_map(|occurrence| occurrence.blast_radius)
                    .map(|radius| radius.packages)
                    .max()
                    .unwrap_or(0),
            ),
            self.purl.as_ref().map_or("", Purl::as_str),
            self.rule.id.0,
            &self.fingerprint,
        )
    }
}
