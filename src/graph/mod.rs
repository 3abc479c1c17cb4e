//! The one graph: every entry of every lockfile, the packages that they are, and the projects above them.
//!
//! One node per entry, never merged, so that every path that is shown exists in some lockfile; no edge
//! crosses lockfiles. A [`Package`] groups the entries that are the same package. Above the lockfiles'
//! roots stand the projects (folders), above these the graph itself. Built once by [`unify`], then only read:
//! [`reach`] computes scopes and depths at that time, [`paths`] and [`choke`] answer for findings.

mod attach;
mod build;
pub mod choke;
pub mod comparison;
pub mod paths;
pub mod reach;
mod routes;
pub mod why;

use petgraph::Directed;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::visit::EdgeRef;

pub use build::unify;

use crate::lockfile::{
    DependencyKind, EdgeStatement, EntryKind, FormatId, LockedEntry, Problem, Scope, Unjudged,
};
use crate::package::{Ecosystem, PackageName, Purl, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// An entry's place in the graph; stable for the same lockfiles in the same order.
pub type NodeId = NodeIndex<u32>;

/// A package's place in [`DependencyGraph::packages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

/// A lockfile's place in [`DependencyGraph::lockfiles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LockfileId(pub u32);

/// A project's place in [`DependencyGraph::projects`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProjectId(pub u32);

/// A text's place among the requirements and markers of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TextId(std::num::NonZeroU32);

/// The unified graph. It borrows what its lockfiles say.
#[derive(Debug, Default)]
pub struct DependencyGraph<'a> {
    graph: Graph<Entry<'a>, Edge, Directed, u32>,
    packages: Vec<Package<'a>>,
    lockfiles: Vec<GraphLockfile>,
    projects: Vec<Project>,
    texts: Vec<Untrusted<'a>>,
    problems: Vec<Problem>,
    reach: reach::Reach,
}

/// One resolved record of one lockfile, in the graph.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The lockfile.
    pub lockfile: LockfileId,
    /// The package that the record is.
    pub package: PackageId,
    /// What the record is to its project; beside the record, because sweeps over the graph ask for it.
    pub kind: EntryKind,
    /// The record as read.
    pub record: &'a LockedEntry<'a>,
}

/// Ecosystem + normalised name + version + source.
#[derive(Clone, Debug)]
pub struct Package<'a> {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name, normalised.
    pub name: PackageName<'a>,
    /// The version, where the lockfile states one.
    pub version: Option<Version<'a>>,
    /// Where it comes from; folders are relative to the audited root.
    pub source: Source<'a>,
    /// Its entries, in the order of the lockfiles.
    pub entries: Vec<NodeId>,
    /// The widest kind of its entries: a package that is anywhere the project's own is first-party.
    pub kind: EntryKind,
}

/// A dependency between two entries.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// How it is declared.
    pub kind: DependencyKind,
    /// The widest scope that it passes on.
    pub reach: Scope,
    requirement: Option<TextId>,
    marker: Option<TextId>,
}

/// A lockfile in the graph.
#[derive(Clone, Debug)]
pub struct GraphLockfile {
    /// Path inside the audited root.
    pub path: FilePath,
    /// The format.
    pub format: FormatId,
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// Its root.
    pub root: NodeId,
    /// How many nodes are its own, from `root` on.
    pub nodes: usize,
    /// How many records it holds.
    pub entries: usize,
    /// How many packages these are.
    pub packages: usize,
    /// Whether it says which package asks for which.
    pub edges: EdgeStatement,
    /// What it locks besides packages of its ecosystem.
    pub unjudged: Vec<Unjudged>,
}

/// A folder with lockfiles.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder.
    pub folder: FilePath,
    /// The lockfiles, in the order of the graph.
    pub lockfiles: Vec<LockfileId>,
}

impl<'a> DependencyGraph<'a> {
    /// Returns every package, in order of first appearance.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = (PackageId, &Package<'a>)> {
        self.packages
            .iter()
            .enumerate()
            .map(|(index, package)| (PackageId(to_id(index)), package))
    }

    /// Returns a package.
    pub fn package(&self, id: PackageId) -> &Package<'a> {
        &self.packages[id.0 as usize]
    }

    /// Returns the package URL of a package.
    pub fn purl(&self, id: PackageId) -> Purl {
        let package = self.package(id);
        Purl::new(
            package.ecosystem,
            &package.name,
            package.version.as_ref(),
            &package.source,
        )
    }

    /// Returns every lockfile, in the order given to [`unify`].
    pub fn lockfiles(&self) -> &[GraphLockfile] {
        &self.lockfiles
    }

    /// Returns the id of every lockfile, in order.
    pub fn lockfile_ids(&self) -> impl ExactSizeIterator<Item = LockfileId> + use<> {
        (0..self.lockfiles.len()).map(|index| LockfileId(to_id(index)))
    }

    /// Returns a lockfile.
    pub fn lockfile(&self, id: LockfileId) -> &GraphLockfile {
        &self.lockfiles[id.0 as usize]
    }

    /// Returns every project, sorted by folder.
    pub fn projects(&self) -> impl ExactSizeIterator<Item = (ProjectId, &Project)> {
        self.projects
            .iter()
            .enumerate()
            .map(|(index, project)| (ProjectId(to_id(index)), project))
    }

    /// Returns a project.
    pub fn project(&self, id: ProjectId) -> &Project {
        &self.projects[id.0 as usize]
    }

    /// Returns the project of an entry.
    pub fn project_of(&self, node: NodeId) -> ProjectId {
        self.lockfile(self.entry(node).lockfile).project
    }

    /// Returns the number of nodes; ids count from zero.
    pub fn node_count(&self) -> usize {
        self.graph.node_count()
    }

    /// Returns every node.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = NodeId> + use<> {
        self.graph.node_indices()
    }

    /// Returns an entry.
    pub fn entry(&self, node: NodeId) -> &Entry<'a> {
        &self.graph[node]
    }

    /// Returns the edges that leave an entry.
    pub fn dependencies(&self, node: NodeId) -> impl Iterator<Item = (NodeId, &Edge)> {
        self.graph
            .edges(node)
            .map(|edge| (edge.target(), edge.weight()))
    }

    /// Returns the edges that lead to an entry.
    pub fn dependents(&self, node: NodeId) -> impl Iterator<Item = (NodeId, &Edge)> {
        self.graph
            .edges_directed(node, petgraph::Incoming)
            .map(|edge| (edge.source(), edge.weight()))
    }

    /// Returns every edge in the order in which it was read.
    pub fn edges(&self) -> impl Iterator<Item = (NodeId, NodeId, &Edge)> {
        self.graph
            .edge_references()
            .map(|edge| (edge.source(), edge.target(), edge.weight()))
    }

    /// Returns the range that an edge asks for, where a file says.
    pub fn requirement(&self, edge: &Edge) -> Option<&Untrusted<'a>> {
        edge.requirement.map(|id| self.text(id))
    }

    /// Returns the condition under which an edge holds, where a file says.
    pub fn marker(&self, edge: &Edge) -> Option<&Untrusted<'a>> {
        edge.marker.map(|id| self.text(id))
    }

    /// Returns what building the graph brought to light.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the widest scope in which an entry takes part.
    pub fn scope(&self, node: NodeId) -> Scope {
        self.reach.scope(node)
    }

    /// Returns the fewest hops from a root or member to an entry, along edges as wide as its scope.
    pub fn depth(&self, node: NodeId) -> u32 {
        self.reach.depth(node)
    }

    /// Says whether an entry is where paths begin: a lockfile's root, or a member that hangs on it.
    pub fn is_start(&self, node: NodeId) -> bool {
        self.reach.is_start(node)
    }

    /// Says whether a root or a member depends on an entry itself.
    pub fn is_direct(&self, node: NodeId) -> bool {
        !self.is_start(node) && self.dependents(node).any(|(from, _)| self.is_start(from))
    }

    /// Says whether a lockfile tells who asks for an entry; if not, its paths are unknown, and none is shown.
    pub fn is_way_known(&self, node: NodeId) -> bool {
        let lockfile = self.lockfile(self.entry(node).lockfile);
        lockfile.edges == EdgeStatement::Stated
            || self.is_start(node)
            || self
                .dependents(node)
                .any(|(_, edge)| edge.kind != DependencyKind::Unattached)
    }

    /// Says whether a root or a member depends on an entry itself; none where no lockfile tells who does.
    pub fn directness(&self, node: NodeId) -> Option<bool> {
        self.is_way_known(node).then(|| self.is_direct(node))
    }

    /// Says whether an entry is a lockfile's root.
    fn is_root(&self, node: NodeId) -> bool {
        self.entry(node).kind == EntryKind::Root
    }

    fn text(&self, id: TextId) -> &Untrusted<'a> {
        &self.texts[id.0.get() as usize - 1]
    }

    fn edge_count(&self) -> usize {
        self.graph.edge_count()
    }

    /// Returns the edges that paths follow, for sweeps over the whole graph.
    fn routes(&self) -> &routes::Routes {
        self.reach.routes()
    }
}

/// Narrows an index; `Limits` keeps every count far below `u32::MAX`.
fn to_id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
