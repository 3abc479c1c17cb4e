//! [`assess`]: places drafts in the graph, orders them and concludes.

use jiff::Timestamp;

use super::finding::About;
use super::verdict::Nothing;
use super::{
    Coverage, Draft, Finding, Fingerprint, Occurrence, Place, Severity, State, Verdict, verdict,
};
use crate::graph::choke::{Cut, Topology};
use crate::graph::paths::PathCounter;
use crate::graph::{DependencyGraph, LockfileId, NodeId, PackageId, ProjectId};
use crate::lockfile::{EntryKind, Problem, ProblemSeverity};
use crate::package::{Digest, Ecosystem};
use crate::path::FilePath;
use crate::signal::{Findings, View};
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
    /// Why the run is not complete; empty if it is.
    pub incomplete_because: Vec<Untrusted<'static>>,
    /// The findings, most pressing first.
    pub findings: Vec<Finding>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// Its name.
    pub feed: &'static str,
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// How many records it holds.
    pub records: usize,
    /// The newest day that it knows of.
    pub known_until: Option<&'static str>,
    /// Whether it can be relied on.
    pub state: FeedState,
}

/// Whether a feed can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedState {
    /// It is there and as new as it gets.
    Fresh,
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
}

/// Places, orders and judges what the rules found.
pub fn assess(
    view: &View<'_>,
    found: Findings,
    coverage: Coverage,
    mut facts: RunFacts,
) -> Assessment {
    let mut findings = Placer::new(view.graph).place(found.0);
    findings.sort_by(|one, other| one.order(view.graph).cmp(&other.order(view.graph)));
    let mut incomplete_because = std::mem::take(&mut facts.incomplete_because);
    let all_problems = facts
        .inputs
        .iter()
        .flat_map(|input| &input.problems)
        .chain(&facts.problems);
    incomplete_because.extend(
        all_problems
            .filter(|problem| problem.severity == ProblemSeverity::Error)
            .map(reason),
    );
    let is_empty = facts.inputs.is_empty() && facts.manifests == 0 && facts.problems.is_empty();
    let nothing = if is_empty {
        Nothing::ToAudit
    } else {
        Nothing::Missing
    };
    let worst = findings.iter().map(|finding| finding.severity).min();
    Assessment {
        as_of: view.now,
        verdict: verdict(
            worst,
            view.config.gate.fail_on,
            &incomplete_because,
            nothing,
        ),
        inputs: facts.inputs,
        problems: facts.problems,
        feeds: facts.feeds,
        coverage,
        incomplete_because,
        findings,
        fail_on: view.config.gate.fail_on,
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

    /// Says whether everything that is required was checked.
    pub fn is_complete(&self) -> bool {
        self.incomplete_because.is_empty()
    }
}

/// Order of findings: severity, axis, scope, depth, then the larger blast radius; names break ties.
type Order<'f> = (
    Severity,
    crate::signal::Axis,
    Option<crate::lockfile::Scope>,
    u32,
    std::cmp::Reverse<u32>,
    &'f str,
    &'f str,
    &'f Fingerprint,
);

impl Finding {
    fn order(&self, _graph: &DependencyGraph) -> Order<'_> {
        let occurrences = || self.occurrences.iter();
        (
            self.severity,
            self.rule.axis,
            occurrences()
                .filter_map(|occurrence| occurrence.scope)
                .min(),
            occurrences()
                .filter_map(|occurrence| occurrence.depth)
                .min()
                .unwrap_or(u32::MAX),
            std::cmp::Reverse(
                occurrences()
                    .filter_map(|occurrence| occurrence.blast_radius)
                    .map(|radius| radius.packages)
                    .max()
                    .unwrap_or(0),
            ),
            self.purl.as_ref().map_or("", crate::package::Purl::as_str),
            self.rule.id.0,
            &self.fingerprint,
        )
    }
}

/// Computes occurrences; one topology and one counter serve all findings.
struct Placer<'g> {
    graph: &'g DependencyGraph,
    counter: PathCounter<'g>,
}

impl<'g> Placer<'g> {
    fn new(graph: &'g DependencyGraph) -> Self {
        Self {
            graph,
            counter: PathCounter::new(graph),
        }
    }

    fn place(&mut self, drafts: Vec<Draft>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = drafts
            .into_iter()
            .map(|draft| self.finding(draft))
            .collect();
        if findings.iter().any(|finding| finding.package.is_some()) {
            let topology = Topology::new(self.graph);
            add_blast_radii(&topology, &mut findings);
            self.add_choke_points(&topology, &mut findings);
        }
        for finding in &mut findings {
            add_cleared_paths(finding);
        }
        findings
    }

    fn finding(&mut self, draft: Draft) -> Finding {
        let fingerprint = Fingerprint::new(&draft, self.graph);
        let (package, occurrences) = match &draft.about {
            About::Package(package, nodes) => {
                (Some(*package), self.package_occurrences(*package, nodes))
            }
            About::Lockfile(lockfile, nodes) => {
                (None, vec![self.lockfile_occurrence(*lockfile, nodes)])
            }
            About::File(path) => (None, vec![file_occurrence(path)]),
        };
        Finding {
            fingerprint,
            rule: draft.rule,
            severity: draft.severity,
            package,
            purl: package.map(|package| self.graph.purl(package)),
            title: draft.title,
            message: draft.message,
            label: draft.label,
            advisories: draft.advisories,
            occurrences,
            fix: draft.fix,
            state: State::Present,
        }
    }

    fn package_occurrences(&mut self, package: PackageId, nodes: &[NodeId]) -> Vec<Occurrence> {
        let projects = self.graph.projects_of(package);
        let named = |node: &NodeId| nodes.is_empty() || nodes.contains(node);
        let holds = |project: &ProjectId| {
            self.graph
                .entries_in(package, *project)
                .any(|node| named(&node))
        };
        let projects: Vec<ProjectId> = projects.into_iter().filter(holds).collect();
        projects
            .into_iter()
            .map(|project| self.package_occurrence(package, project, nodes))
            .collect()
    }

    fn package_occurrence(
        &mut self,
        package: PackageId,
        project: ProjectId,
        nodes: &[NodeId],
    ) -> Occurrence {
        let graph = self.graph;
        let path = graph.shortest_path(package, project);
        let mut places: Vec<Place> = graph
            .entries_in(package, project)
            .filter(|node| nodes.is_empty() || nodes.contains(node))
            .map(|node| place(graph, node))
            .collect();
        places.sort_unstable();
        let file = places
            .first()
            .map(|place| place.file.clone())
            .unwrap_or_default();
        Occurrence {
            project: Some(project),
            folder: graph.project(project).folder.clone(),
            file,
            scope: graph.scope_in(package, project),
            depth: graph
                .entries_in(package, project)
                .map(|node| graph.depth(node))
                .min(),
            places,
            path,
            paths: Some(self.counter.count(package, project)),
            choke_point: None,
            blast_radius: None,
        }
    }

    fn lockfile_occurrence(&self, lockfile: LockfileId, nodes: &[NodeId]) -> Occurrence {
        let graph = self.graph;
        let mut places: Vec<Place> = nodes.iter().map(|node| place(graph, *node)).collect();
        places.sort_unstable();
        Occurrence {
            project: Some(graph.lockfile(lockfile).project),
            folder: graph
                .project(graph.lockfile(lockfile).project)
                .folder
                .clone(),
            file: graph.lockfile(lockfile).path.clone(),
            scope: nodes.iter().map(|node| graph.scope(*node)).min(),
            depth: nodes.iter().map(|node| graph.depth(*node)).min(),
            places,
            path: Vec::new(),
            paths: None,
            choke_point: None,
            blast_radius: None,
        }
    }

    fn add_choke_points(&self, topology: &Topology<'_>, findings: &mut [Finding]) {
        let cuts: Vec<Cut> = questions(self.graph, findings)
            .map(|(_, cut)| cut)
            .collect();
        let answers = topology.cuts(&cuts);
        let asked: Vec<((usize, usize), Cut)> = questions(self.graph, findings).collect();
        for (((finding, occurrence), cut), leaves) in asked.into_iter().zip(answers) {
            let occurrence = &mut findings[finding].occurrences[occurrence];
            if leaves {
                occurrence.choke_point = Some(nearer(self.graph, occurrence, cut.candidate));
            }
        }
    }
}

fn add_blast_radii(topology: &Topology<'_>, findings: &mut [Finding]) {
    let packages: Vec<PackageId> = findings
        .iter()
        .filter_map(|finding| finding.package)
        .collect();
    let mut radii = topology.blast_radii(&packages).into_iter();
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.package.is_some())
    {
        let radius = radii.next();
        for occurrence in &mut finding.occurrences {
            occurrence.blast_radius = radius;
        }
    }
}

/// Asks, for every shown path, about each package on it between its ends.
fn questions<'f>(
    graph: &'f DependencyGraph,
    findings: &'f [Finding],
) -> impl Iterator<Item = ((usize, usize), Cut)> + 'f {
    findings
        .iter()
        .enumerate()
        .flat_map(move |(index, finding)| {
            finding
                .occurrences
                .iter()
                .enumerate()
                .flat_map(move |(place, occurrence)| {
                    let inner = occurrence
                        .path
                        .iter()
                        .filter(|node| !graph.is_start(**node))
                        .map(|node| graph.entry(*node).package);
                    let project = occurrence.project;
                    inner.filter_map(move |candidate| {
                        let culprit = finding.package.filter(|culprit| *culprit != candidate)?;
                        Some((
                            (index, place),
                            Cut {
                                project: project?,
                                culprit,
                                candidate,
                            },
                        ))
                    })
                })
        })
}

/// Prefers a direct dependency that was found first; without one, the later on the path is nearer to the culprit.
fn nearer(graph: &DependencyGraph, occurrence: &Occurrence, candidate: PackageId) -> PackageId {
    let is_direct = |package: PackageId| {
        occurrence
            .path
            .iter()
            .any(|node| graph.entry(*node).package == package && graph.is_direct(*node))
    };
    match occurrence.choke_point {
        Some(direct) if is_direct(direct) => direct,
        _ => candidate,
    }
}

/// A change to the culprit itself clears every path to it.
fn add_cleared_paths(finding: &mut Finding) {
    let paths = finding
        .occurrences
        .first()
        .and_then(|occurrence| occurrence.paths);
    if let Some(fix) = finding.fix.as_mut().filter(|fix| !fix.argv.is_empty()) {
        fix.clears_paths = paths;
    }
}

fn place(graph: &DependencyGraph, node: NodeId) -> Place {
    let entry = graph.entry(node);
    let file = graph.lockfile(entry.lockfile).path.clone();
    Place {
        file,
        lockfile: Some(entry.lockfile),
        span: (entry.kind != EntryKind::Root).then_some(entry.span),
    }
}

fn file_occurrence(path: &FilePath) -> Occurrence {
    Occurrence {
        project: None,
        folder: path.parent(),
        file: path.clone(),
        scope: None,
        depth: None,
        places: vec![Place {
            file: path.clone(),
            lockfile: None,
            span: None,
        }],
        path: Vec::new(),
        paths: None,
        choke_point: None,
        blast_radius: None,
    }
}
