//! Dependencies from package to package in one project.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Name, Release, name, nodes, release};
use crate::graph::{DependencyGraph, NodeId, PackageId, ProjectId};
use crate::lockfile::{DependencyKind, EntryKind};
use crate::package::Source;

/// Who asks or answers: the project's own packages by what they are, others by release.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum End<'g> {
    /// The root of a lockfile.
    Root,
    /// A package of the project's own.
    Own(Name<'g>),
    /// A package from elsewhere.
    Other(Name<'g>, Release<'g>),
}

/// The dependencies of one project, and what they lie between. Ends are numbered, because most of them have many.
pub(super) struct Links<'g> {
    numbers: FxHashMap<End<'g>, u32>,
    pairs: FxHashSet<(u32, u32)>,
    /// Packages of which no lockfile tells who asks for them, so that nobody can tell who is new.
    unknown: FxHashSet<u32>,
}

impl<'g> Links<'g> {
    /// Collects the dependencies of a project. O(entries + dependencies).
    pub(super) fn new(graph: &'g DependencyGraph<'g>, project: ProjectId) -> Self {
        let mut known = Self {
            numbers: FxHashMap::default(),
            pairs: FxHashSet::default(),
            unknown: FxHashSet::default(),
        };
        let mut of_package: FxHashMap<PackageId, u32> = FxHashMap::default();
        for node in nodes(graph, project) {
            let package = graph.entry(node).package;
            let number = *of_package
                .entry(package)
                .or_insert_with(|| known.number(graph, package));
            if !graph.is_way_known(node) {
                known.unknown.insert(number);
            }
        }
        let number = |node: NodeId| of_package.get(&graph.entry(node).package).copied();
        let pairs = links(graph, project);
        known.pairs = pairs
            .filter_map(|(from, to)| number(from).zip(number(to)))
            .collect();
        known
    }

    fn number(&mut self, graph: &'g DependencyGraph<'g>, package: PackageId) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(end(graph, package)).or_insert(next)
    }

    /// Lists the links of a later graph that are not among these, though both of their ends are; sorted by id.
    pub(super) fn new_in(
        &self,
        graph: &'g DependencyGraph<'g>,
        project: ProjectId,
    ) -> Vec<(PackageId, PackageId)> {
        let mut of_package: FxHashMap<PackageId, Option<u32>> = FxHashMap::default();
        let mut number = |package: PackageId| {
            let known = || self.numbers.get(&end(graph, package)).copied();
            *of_package.entry(package).or_insert_with(known)
        };
        let mut new = Vec::new();
        for (from, to) in links(graph, project) {
            let (from, to) = (graph.entry(from).package, graph.entry(to).package);
            let pair = number(from).zip(number(to));
            let is_new =
                |pair: (u32, u32)| !self.unknown.contains(&pair.1) && !self.pairs.contains(&pair);
            if pair.is_some_and(is_new) {
                new.push((from, to));
            }
        }
        new.sort_unstable();
        new.dedup();
        new
    }
}

/// Iterates over the dependencies of a project that lead to a package from elsewhere, those that no lockfile tells aside.
fn links(
    graph: &DependencyGraph<'_>,
    project: ProjectId,
) -> impl Iterator<Item = (NodeId, NodeId)> {
    nodes(graph, project).flat_map(move |from| {
        let dependencies = graph
            .dependencies(from)
            .filter(|(_, edge)| edge.kind != DependencyKind::Unattached)
            .map(move |(to, _)| (from, to));
        dependencies.filter(|(_, to)| graph.entry(*to).kind == EntryKind::Package)
    })
}

fn end<'g>(graph: &'g DependencyGraph<'g>, package: PackageId) -> End<'g> {
    let package = graph.package(package);
    let is_root =
        |source: &Source<'_>| matches!(source, Source::Path(path) if path.as_str() == ".");
    match package.kind {
        // Some tools write the project itself as a package, others as nothing at all.
        EntryKind::Workspace if is_root(&package.source) => End::Root,
        EntryKind::Root => End::Root,
        EntryKind::Workspace => End::Own(name(package)),
        EntryKind::Package => End::Other(name(package), release(package)),
    }
}
