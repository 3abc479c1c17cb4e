//! Drafts → findings: where each occurs in the graph, how it comes in, what rests on it.

use super::finding::About;
use super::{Draft, Finding, Fingerprint, Gating, Occurrence, Place, State};
use crate::graph::choke::{Route, Topology};
use crate::graph::paths::PathCounter;
use crate::graph::{DependencyGraph, LockfileId, NodeId, PackageId, ProjectId};
use crate::lockfile::EntryKind;
use crate::path::FilePath;

/// Computes occurrences; one topology and one counter serve all findings.
pub(super) struct Placer<'g> {
    graph: &'g DependencyGraph<'g>,
    counter: PathCounter<'g>,
}

impl<'g> Placer<'g> {
    /// Makes a placer; nothing is computed yet.
    pub(super) fn new(graph: &'g DependencyGraph<'g>) -> Self {
        Self {
            graph,
            counter: PathCounter::new(graph),
        }
    }

    /// Gives every draft its occurrences, and these their choke points and blast radii.
    pub(super) fn place(&mut self, drafts: Vec<Draft>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = drafts
            .into_iter()
            .map(|draft| self.finding(draft))
            .collect();
        if findings.iter().any(|finding| finding.package.is_some()) {
            let topology = Topology::new(self.graph);
            add_blast_radii(&topology, &mut findings);
            add_choke_points(&topology, &mut findings);
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
            worse_because: Vec::new(),
            gating: Gating::Counted,
            acceptance: None,
            standing: None,
            identity: draft.identity,
            evidence: draft.evidence,
            score: draft.score,
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
        let is_way_known = graph
            .entries_in(package, project)
            .any(|node| graph.is_way_known(node));
        let path = if is_way_known {
            graph.shortest_path(package, project)
        } else {
            Vec::new()
        };
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
                .filter(|node| graph.is_way_known(*node))
                .map(|node| graph.depth(node))
                .min(),
            places,
            entries: Vec::new(),
            path,
            paths: is_way_known.then(|| self.counter.count(package, project)),
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
            entries: nodes.to_vec(),
            path: Vec::new(),
            paths: None,
            choke_point: None,
            blast_radius: None,
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

fn add_choke_points(topology: &Topology<'_>, findings: &mut [Finding]) {
    let routes: Vec<Route<'_>> = findings
        .iter()
        .flat_map(|finding| {
            let occurrences = finding.occurrences.iter();
            occurrences.filter_map(|occurrence| route(finding.package, occurrence))
        })
        .collect();
    let mut answers = topology.choke_points(&routes).into_iter();
    for finding in findings {
        for occurrence in &mut finding.occurrences {
            if route(finding.package, occurrence).is_some() {
                occurrence.choke_point = answers.next().flatten();
            }
        }
    }
}

/// The shown path of an occurrence; none where the finding is about no package, or no lockfile tells a path.
fn route(culprit: Option<PackageId>, occurrence: &Occurrence) -> Option<Route<'_>> {
    occurrence.paths?;
    Some(Route {
        project: occurrence.project?,
        culprit: culprit?,
        path: &occurrence.path,
    })
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

fn place(graph: &DependencyGraph<'_>, node: NodeId) -> Place {
    let entry = graph.entry(node);
    let file = graph.lockfile(entry.lockfile).path.clone();
    Place {
        file,
        lockfile: Some(entry.lockfile),
        span: (entry.kind != EntryKind::Root).then_some(entry.record.span),
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
        entries: Vec::new(),
        path: Vec::new(),
        paths: None,
        choke_point: None,
        blast_radius: None,
    }
}
