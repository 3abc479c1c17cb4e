//! Findings as results (SARIF 2.1.0 §3.27), worst first, cut where code scanning services stop reading.

use std::collections::BTreeMap;

use serde::Serialize;

use super::driver::Level;
use super::place::Location;
use super::{Message, no_items};
use crate::assessment::{Finding, Occurrence, Severity, State};
use crate::graph::NodeId;
use crate::report::outline::{fingerprints, first_file, lines, spots, step};
use crate::report::{Report, locate_entry};
use crate::signal::{RuleId, rules};

/// The name of our fingerprint, with the version of how it is computed.
const FINGERPRINT: &str = "linchpin/v1";

/// How much of a run is read.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Results of a run.
    pub(super) results: usize,
    /// Steps of all the paths of a result.
    pub(super) flow_locations: usize,
    /// Places of a result.
    pub(super) locations: usize,
}

/// The limits of GitHub's code scanning, which rejects or cuts what goes beyond.
pub(super) const LIMITS: Limits = Limits {
    results: 25_000,
    flow_locations: 10_000,
    locations: 1_000,
};

/// How much was left out of the results.
pub(super) struct LeftOut {
    /// How much there is room for.
    pub(super) limits: Limits,
    /// Findings.
    pub(super) results: usize,
    /// Dependency paths.
    pub(super) paths: usize,
    /// Further places.
    pub(super) places: usize,
}

/// A result (§3.27).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultRecord<'r> {
    rule_id: RuleId,
    rule_index: Option<usize>,
    level: Level,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    message: Message,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "no_items")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "no_items")]
    code_flows: Vec<CodeFlow>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: ResultProperties<'r>,
}

#[derive(Serialize)]
struct ResultProperties<'r> {
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<&'r str>,
}

/// A code flow (§3.36): here the path by which a package came in.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

/// A thread flow (§3.37).
#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<ThreadFlowLocation>,
}

/// A step of a thread flow (§3.38).
#[derive(Serialize)]
struct ThreadFlowLocation {
    location: Location,
}

/// Writes the findings that there is room for, and counts the others.
pub(super) fn results<'r>(report: &Report<'r>, limits: Limits) -> (Vec<ResultRecord<'r>>, LeftOut) {
    let findings = &report.assessment.findings;
    let mut left_out = LeftOut {
        limits,
        results: findings.len().saturating_sub(limits.results),
        paths: 0,
        places: 0,
    };
    let all = findings.iter().zip(fingerprints(findings));
    let told = all.take(limits.results).map(|(finding, fingerprint)| {
        ResultRecord::new(report, finding, fingerprint, &mut left_out)
    });
    (told.collect(), left_out)
}

impl<'r> ResultRecord<'r> {
    fn new(
        report: &Report<'r>,
        finding: &'r Finding,
        fingerprint: String,
        left_out: &mut LeftOut,
    ) -> Self {
        let rule = finding.rule.id;
        let (location, related_locations) = locations(report, finding, left_out);
        Self {
            rule_id: rule,
            rule_index: rules().position(|known| known.id == rule),
            level: level(finding),
            baseline_state: baseline_state(report, finding),
            message: message(report, finding),
            locations: [location],
            related_locations,
            code_flows: code_flows(report, finding, left_out),
            partial_fingerprints: [(FINGERPRINT, fingerprint)].into(),
            properties: ResultProperties {
                severity: finding.severity,
                package: finding.purl.as_ref().map(crate::package::Purl::as_str),
            },
        }
    }
}

#[cfg(test)]
impl ResultRecord<'_> {
    /// Returns the id of the rule.
    pub(super) const fn rule(&self) -> &'static str {
        self.rule_id.0
    }
}

/// What the baseline keeps fails nothing, so it is for the record.
fn level(finding: &Finding) -> Level {
    match finding.state {
        State::Kept if finding.is_spared() => Level::Note,
        _ => finding.severity.into(),
    }
}

/// How a result relates to the baseline, or to what was there before the change (§3.27.24); none if there is nothing to compare with.
fn baseline_state(report: &Report<'_>, finding: &Finding) -> Option<&'static str> {
    let assessment = report.assessment;
    if assessment.baseline.in_force().is_none() && assessment.change.is_none() {
        return None;
    }
    Some(match finding.state {
        State::Kept => "unchanged",
        State::Worse => "updated",
        State::Present | State::New | State::Accepted => "new",
    })
}

/// The title is a sentence of its own, because viewers that are short of room show only the first (§3.11.2).
fn message(report: &Report<'_>, finding: &Finding) -> Message {
    let title = format!("{}.", finding.title.as_str()).into();
    Message::lines(std::iter::once(&title).chain(&lines(report, finding)))
}

/// The place to show, and the others.
fn locations(
    report: &Report<'_>,
    finding: &Finding,
    left_out: &mut LeftOut,
) -> (Location, Vec<Location>) {
    let spots = spots(report, finding);
    left_out.places += spots.len().saturating_sub(left_out.limits.locations);
    let mut spots = spots.iter().take(left_out.limits.locations);
    let first = spots.next().map(Location::of_spot);
    let others = spots.enumerate().map(|(index, spot)| {
        Location::of_spot(spot).numbered(index + 1, Message::new(&finding.title))
    });
    let others = others.collect();
    let first = first.unwrap_or_else(|| Location::of_line(&first_file(report), None));
    (first, others)
}

/// One flow for each project: the shown path, from the project to the culprit.
fn code_flows(report: &Report<'_>, finding: &Finding, left_out: &mut LeftOut) -> Vec<CodeFlow> {
    let has_path = |occurrence: &&Occurrence| !occurrence.path.is_empty();
    let mut room = left_out.limits.flow_locations;
    let mut flows = Vec::new();
    for occurrence in finding.occurrences.iter().filter(has_path) {
        match room.checked_sub(occurrence.path.len()) {
            Some(rest) => {
                room = rest;
                flows.push(CodeFlow::new(report, &occurrence.path));
            }
            None => left_out.paths += 1,
        }
    }
    flows
}

impl CodeFlow {
    fn new(report: &Report<'_>, path: &[NodeId]) -> Self {
        let locations = path.iter().map(|node| ThreadFlowLocation {
            location: location_of_entry(report, *node),
        });
        Self {
            thread_flows: [ThreadFlow {
                locations: locations.collect(),
            }],
        }
    }
}

fn location_of_entry(report: &Report<'_>, node: NodeId) -> Location {
    let graph = report.graph;
    let lockfile = graph.lockfile(graph.entry(node).lockfile);
    let place = locate_entry(graph, report.files, node);
    Location::of_line(&lockfile.path, place).saying(Message::new(&step(report, node)))
}
