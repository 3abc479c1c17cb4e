//! Dependencies from package to package in one project.

use rustc_hash::FxHashSet;

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

/// The dependencies of one project, and what they lie between.
pub(super) struct Links<'g> {
    ends: FxHashSet<End<'g>>,
    pairs: FxHashSet<(End<'g>, End<'g>)>,
    /// Packages of which no lockfile tells who asks for them, so that nobody can tell who is new.
    unknown: FxHashSet<End<'g>>,
}

impl<'g> Links<'g> {
    pub(super) fn new(graph: &'g DependencyGraph<'g>, project: ProjectId) -> Self {
        let links = links(graph, project);
        let unknown = nodes(graph, project).filter(|node| !graph.is_way_known(*node));
        Self {
            unknown: unknown.map(|node| end(graph, node)).collect(),
            ends: nodes(graph, project).map(|node| end(graph, node)).collect(),
            pairs: links
                .map(|(from, to)| (end(graph, from), end(graph, to)))
                .collect(),
        }
    }

    /// Lists the links of a later graph that are not among these, though both of their ends are; sorted by id.
    pub(super) fn new_in(
        &self,
        graph: &'g DependencyGraph<'g>,
        project: ProjectId,
    ) -> Vec<(PackageId, PackageId)> {
        let is_new = |(from, to): &(NodeId, NodeId)| {
            let (from, to) = (end(graph, *from), end(graph, *to));
            self.ends.contains(&from)
                && self.ends.contains(&to)
                && !self.unknown.contains(&to)
                && !self.pairs.contains(&(from, to))
        };
        let package = |node: NodeId| graph.entry(node).package;
        let mut new: Vec<(PackageId, PackageId)> = links(graph, project)
            .filter(is_new)
            .map(|(from, to)| (package(from), package(to)))
            .collect();
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

fn end<'g>(graph: &'g DependencyGraph<'g>, node: NodeId) -> End<'g> {
    let entry = graph.entry(node);
    let package = graph.package(entry.package);
    let is_root =
        |source: &Source<'_>| matches!(source, Source::Path(path) if path.as_str() == ".");
    match entry.kind {
        // Some tools write the project itself as a package, others as nothing at all.
        EntryKind::Workspace if is_root(&package.source) => End::Root,
        EntryKind::Root => End::Root,
        EntryKind::Workspace => End::Own(name(package)),
        EntryKind::Package => End::Other(name(package), release(package)),
    }
}
