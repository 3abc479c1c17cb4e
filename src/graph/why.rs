//! Every way in to a package: the reverse walk behind `linchpin why`.
//!
//! The walk goes per project from packages to the packages that depend on them and carries the set of
//! entries that it is about, so that a parent shows only if one of its entries has an edge into that set: two
//! versions of a name never mix, and no way is shown that exists in no lockfile.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::choke::{Route, Topology};
use super::{DependencyGraph, NodeId, PackageId, ProjectId};
use crate::lockfile::EntryKind;

/// A line of the tree of ways in: a package, and how it hangs on the line above it that is one level less deep.
#[derive(Debug, PartialEq, Eq)]
pub struct WayIn {
    /// The package.
    pub package: PackageId,
    /// How many levels it is above the package that was asked about.
    pub depth: usize,
    /// Whether no other line of its depth follows beneath the same line.
    pub is_last: bool,
    /// The entries of it that have an edge into the entries below.
    pub entries: BTreeSet<NodeId>,
    /// The ranges that these edges ask for, as raw texts, sorted.
    pub asks: BTreeSet<String>,
    /// Roots and members that depend on these entries directly.
    pub direct_of: BTreeSet<PackageId>,
    /// Whether the same entries were shown above; what depends on them is not listed again.
    pub is_repeat: bool,
}

impl DependencyGraph<'_> {
    /// Lists the ways in to a package in a project: the package itself, then the tree of its dependents in preorder.
    ///
    /// A flat list, because lockfiles may nest deeper than threads do. Every set of entries is expanded once.
    /// O(ancestors and their edges).
    pub fn ways_in(&self, package: PackageId, project: ProjectId) -> Vec<WayIn> {
        let entries: BTreeSet<NodeId> = self.entries_in(package, project).collect();
        let mut shown: BTreeMap<PackageId, BTreeSet<NodeId>> = BTreeMap::new();
        let mut ways = Vec::new();
        let mut open = vec![self.way(package, 0, entries, BTreeSet::new())];
        while let Some(mut way) = open.pop() {
            let dependents = self.expand(&mut way, &mut shown);
            ways.push(way);
            open.extend(dependents);
        }
        ways
    }

    fn way(
        &self,
        package: PackageId,
        depth: usize,
        entries: BTreeSet<NodeId>,
        asks: BTreeSet<String>,
    ) -> WayIn {
        let askers = entries
            .iter()
            .filter(|node| self.is_way_known(**node))
            .flat_map(|node| self.dependents(*node))
            .map(|(from, _)| from);
        let direct_of = askers
            .filter(|from| self.is_start(*from))
            .map(|from| self.entry(from).package)
            .collect();
        WayIn {
            package,
            depth,
            is_last: false,
            entries,
            asks,
            direct_of,
            is_repeat: false,
        }
    }

    /// Lists what depends on the entries of a way, last to be shown first; nothing if they were shown above.
    fn expand(
        &self,
        way: &mut WayIn,
        shown: &mut BTreeMap<PackageId, BTreeSet<NodeId>>,
    ) -> Vec<WayIn> {
        let before = shown.entry(way.package).or_default();
        way.is_repeat = way.entries.is_subset(before);
        before.extend(&way.entries);
        if way.is_repeat {
            return Vec::new();
        }
        let mut parents: BTreeMap<PackageId, (BTreeSet<NodeId>, BTreeSet<String>)> =
            BTreeMap::new();
        for node in &way.entries {
            for (from, edge) in self
                .dependents(*node)
                .filter(|(from, _)| !self.is_start(*from))
            {
                let (entries, asks) = parents.entry(self.entry(from).package).or_default();
                entries.insert(from);
                asks.extend(self.requirement(edge).map(|text| text.as_str().to_owned()));
            }
        }
        let mut ways: Vec<WayIn> = parents
            .into_iter()
            .map(|(package, (entries, asks))| self.way(package, way.depth + 1, entries, asks))
            .collect();
        ways.sort_by(|one, other| {
            self.name_key(other.package)
                .cmp(&self.name_key(one.package))
        });
        if let Some(last) = ways.first_mut() {
            last.is_last = true;
        }
        ways
    }

    fn name_key(&self, id: PackageId) -> (&str, &str) {
        let package = self.package(id);
        (
            package.name.as_str(),
            package
                .version
                .as_ref()
                .map_or("", |version| version.as_str()),
        )
    }

    /// Lists the packages that nothing reaches any more in a project without a package, itself included. O(V + E).
    pub fn leaving_with(&self, package: PackageId, project: ProjectId) -> BTreeSet<PackageId> {
        let lockfiles = &self.project(project).lockfiles;
        let mut kept = vec![false; self.node_count()];
        let mut open: Vec<NodeId> = lockfiles.iter().map(|id| self.lockfile(*id).root).collect();
        while let Some(node) = open.pop() {
            if self.entry(node).package != package
                && !std::mem::replace(&mut kept[node.index()], true)
            {
                open.extend(self.dependencies(node).map(|(to, _)| to));
            }
        }
        let nodes = lockfiles.iter().flat_map(|id| {
            let lockfile = self.lockfile(*id);
            (lockfile.root.index()..lockfile.root.index() + lockfile.nodes).map(NodeId::new)
        });
        let (staying, gone): (Vec<NodeId>, Vec<NodeId>) =
            nodes.partition(|node| kept[node.index()]);
        let staying: BTreeSet<PackageId> = staying
            .into_iter()
            .map(|node| self.entry(node).package)
            .collect();
        let gone = gone
            .into_iter()
            .filter(|node| self.entry(*node).kind == EntryKind::Package);
        gone.map(|node| self.entry(node).package)
            .filter(|package| !staying.contains(package))
            .collect()
    }

    /// Says whether a package is reached in a project from a root or member by a route on which no package is avoided.
    ///
    /// Routes through avoided packages do not count, whatever their version. O(ancestors).
    pub fn is_reached_without(
        &self,
        package: PackageId,
        project: ProjectId,
        is_avoided: &dyn Fn(PackageId) -> bool,
    ) -> bool {
        let is_open = |node: &NodeId| !is_avoided(self.entry(*node).package);
        let mut open: Vec<NodeId> = self.entries_in(package, project).filter(is_open).collect();
        let mut seen: FxHashSet<NodeId> = open.iter().copied().collect();
        while let Some(node) = open.pop() {
            if self.is_start(node) {
                return true;
            }
            let above = self.dependents(node).map(|(from, _)| from).filter(is_open);
            open.extend(above.filter(|from| seen.insert(*from)));
        }
        false
    }

    /// Finds the choke point of a package in a project, as [`Topology::choke_points`] does. O(V + E).
    pub fn choke_point(&self, package: PackageId, project: ProjectId) -> Option<PackageId> {
        let route = Route {
            project,
            culprit: package,
            path: &self.shortest_path(package, project),
        };
        let found = Topology::new(self).choke_points(&[route]);
        found.into_iter().next().flatten()
    }
}
