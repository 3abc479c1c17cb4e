//! Paths: the one that is shown, how many there are, and every way in.
//!
//! The shown path is the lexicographically smallest of the shortest along edges at least as wide as the
//! package's scope, so that two runs show the same one. Paths are counted on the condensation of strongly
//! connected components, where there are finitely many (`routes` finds the components).

use rustc_hash::{FxHashMap, FxHashSet};

use super::routes::Components;
use super::{DependencyGraph, Edge, NodeId, PackageId, ProjectId};
use crate::lockfile::Scope;

/// What a node is ordered by in a path: name, version, key.
type Rank<'g> = (&'g str, &'g str, &'g str, NodeId);

impl DependencyGraph<'_> {
    /// Returns the entries of a package in a project.
    pub fn entries_in(
        &self,
        package: PackageId,
        project: ProjectId,
    ) -> impl Iterator<Item = NodeId> {
        self.package(package)
            .entries
            .iter()
            .copied()
            .filter(move |node| self.project_of(*node) == project)
    }

    /// Returns the projects that hold a package, sorted.
    pub fn projects_of(&self, package: PackageId) -> Vec<ProjectId> {
        let mut projects: Vec<ProjectId> = self
            .package(package)
            .entries
            .iter()
            .map(|node| self.project_of(*node))
            .collect();
        projects.sort_unstable();
        projects.dedup();
        projects
    }

    /// Returns the widest scope of a package's entries in a project.
    pub fn scope_in(&self, package: PackageId, project: ProjectId) -> Option<Scope> {
        self.entries_in(package, project)
            .map(|node| self.scope(node))
            .min()
    }

    /// Returns the shown path from a root or member to a package in a project, both ends included.
    ///
    /// O(ancestors on shortest paths); empty if the package is not in the project.
    pub fn shortest_path(&self, package: PackageId, project: ProjectId) -> Vec<NodeId> {
        let Some(scope) = self.scope_in(package, project) else {
            return Vec::new();
        };
        let hops = |node: NodeId| self.reach.hops(scope, node);
        let Some(length) = self.entries_in(package, project).filter_map(hops).min() else {
            return Vec::new();
        };
        let last: FxHashSet<NodeId> = self
            .entries_in(package, project)
            .filter(|node| hops(*node) == Some(length))
            .collect();
        let mut layers = vec![last];
        for left in (0..length).rev() {
            let layer = layers
                .last()
                .into_iter()
                .flatten()
                .flat_map(|node| self.dependents(*node));
            let before = layer
                .filter(|(from, edge)| edge.reach <= scope && hops(*from) == Some(left))
                .map(|(from, _)| from);
            layers.push(before.collect());
        }
        self.smallest(layers, scope)
    }

    /// Walks the layers, first one last, taking the smallest node at every step.
    fn smallest(&self, mut layers: Vec<FxHashSet<NodeId>>, scope: Scope) -> Vec<NodeId> {
        let Some(first) = layers
            .pop()
            .and_then(|layer| layer.into_iter().min_by_key(|node| self.rank(*node)))
        else {
            return Vec::new();
        };
        let mut path = vec![first];
        while let (Some(layer), Some(current)) = (layers.pop(), path.last().copied()) {
            let next = self
                .dependencies(current)
                .filter(|(to, edge)| edge.reach <= scope && layer.contains(to));
            path.extend(next.map(|(to, _)| to).min_by_key(|node| self.rank(*node)));
        }
        path
    }

    fn rank(&self, node: NodeId) -> Rank<'_> {
        let entry = self.entry(node);
        let package = self.package(entry.package);
        let version = package
            .version
            .as_ref()
            .map_or("", |version| version.as_str());
        (
            package.name.as_str(),
            version,
            entry.record.key.as_str(),
            node,
        )
    }

    /// Returns every edge between two neighbours: one for each way in which a dependency is declared.
    pub fn edges_between(&self, from: NodeId, to: NodeId) -> impl Iterator<Item = &Edge> {
        self.dependencies(from)
            .filter(move |(target, _)| *target == to)
            .map(|(_, edge)| edge)
    }

    /// Returns the edge between two neighbours that reaches widest, the one that a shown path goes along.
    pub fn edge_between(&self, from: NodeId, to: NodeId) -> Option<&Edge> {
        self.edges_between(from, to).min_by_key(|edge| edge.reach)
    }
}

/// Counts paths; each scope is condensed once and then answers for every package.
pub struct PathCounter<'g> {
    graph: &'g DependencyGraph<'g>,
    by_scope: FxHashMap<Scope, Condensation>,
}

/// The components of the graph in one scope, and the paths that end in each.
struct Condensation {
    component: Vec<u32>,
    paths: Vec<u64>,
}

impl<'g> PathCounter<'g> {
    /// Makes a counter; nothing is computed yet.
    pub fn new(graph: &'g DependencyGraph<'g>) -> Self {
        Self {
            graph,
            by_scope: FxHashMap::default(),
        }
    }

    /// Counts the paths from the roots and members of a project to any entry of a package, saturating.
    ///
    /// Along edges at least as wide as the package's scope there, parallel edges collapsed, edges between
    /// roots and members left out. The first question of a scope is O(V + E).
    pub fn count(&mut self, package: PackageId, project: ProjectId) -> u64 {
        let Some(scope) = self.graph.scope_in(package, project) else {
            return 0;
        };
        let graph = self.graph;
        let condensed = self
            .by_scope
            .entry(scope)
            .or_insert_with(|| Condensation::new(graph, scope));
        let mut components: Vec<u32> = graph
            .entries_in(package, project)
            .map(|node| condensed.component[node.index()])
            .collect();
        components.sort_unstable();
        components.dedup();
        components.into_iter().fold(0, |total, component| {
            total.saturating_add(condensed.paths[component as usize])
        })
    }
}

impl Condensation {
    fn new(graph: &DependencyGraph<'_>, scope: Scope) -> Self {
        let components = graph.routes().components(scope);
        let mut component = vec![0; graph.node_count()];
        for (index, nodes) in components.iter().enumerate() {
            for node in nodes {
                component[*node as usize] = super::to_id(index);
            }
        }
        let mut condensed = Self {
            component,
            paths: vec![0; components.iter().len()],
        };
        condensed.count(graph, scope, &components);
        condensed
    }

    /// Adds up in topological order, which is the reverse of the order in which components are found.
    fn count(&mut self, graph: &DependencyGraph<'_>, scope: Scope, components: &Components) {
        // Which component last led to each, so that parallel edges count once.
        let mut last = vec![u32::MAX; self.paths.len()];
        for (index, nodes) in components.iter().enumerate().rev() {
            let from = super::to_id(index);
            if nodes.iter().any(|node| graph.is_start(NodeId::from(*node))) {
                self.paths[index] = self.paths[index].saturating_add(1);
            }
            let paths = self.paths[index];
            let routes = nodes.iter().flat_map(|node| graph.routes().from(*node));
            for route in routes.filter(|route| route.reach <= scope) {
                let to = self.component[route.to as usize];
                if to != from && std::mem::replace(&mut last[to as usize], from) != from {
                    let target = &mut self.paths[to as usize];
                    *target = target.saturating_add(paths);
                }
            }
        }
    }
}
