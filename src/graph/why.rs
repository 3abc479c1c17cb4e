//! Every way in to a package: the reverse walk behind `linchpin why`.
//!
//! The walk goes per project from packages to the packages that depend on them and carries the set of
//! entries that it is about, so that a parent shows only if one of its entries has an edge into that set: two
//! versions of a name never mix, and no way is shown that exists in no lockfile.

use std::collections::{BTreeMap, BTreeSet};

use super::{DependencyGraph, NodeId, PackageId, ProjectId};
use crate::lockfile::EntryKind;

/// A package on the way in, and those that depend on it.
#[derive(Debug, PartialEq, Eq)]
pub struct WayIn {
    /// The package; a lockfile's root or a member at the outer end.
    pub package: PackageId,
    /// The entries of it that have an edge into the entries below.
    pub entries: BTreeSet<NodeId>,
    /// The ranges that these edges ask for, as raw texts, sorted.
    pub asks: BTreeSet<String>,
    /// Roots and members that depend on these entries directly.
    pub direct_of: BTreeSet<PackageId>,
    /// What depends on it; empty at the outer end and where it was shown before.
    pub dependents: Vec<Self>,
    /// Whether the same entries were shown above.
    pub is_repeat: bool,
}

impl DependencyGraph {
    /// Builds the tree of ways in to a package in a project.
    ///
    /// Every set of entries is expanded once. O(ancestors and their edges).
    pub fn ways_in(&self, package: PackageId, project: ProjectId) -> WayIn {
        let entries: BTreeSet<NodeId> = self.entries_in(package, project).collect();
        let mut shown: BTreeMap<PackageId, BTreeSet<NodeId>> = BTreeMap::new();
        self.way_in(package, entries, BTreeSet::new(), &mut shown)
    }

    /// Walks depth first with a stack of its own: lockfiles may nest deeper than threads do.
    fn way_in(
        &self,
        package: PackageId,
        entries: BTreeSet<NodeId>,
        asks: BTreeSet<String>,
        shown: &mut BTreeMap<PackageId, BTreeSet<NodeId>>,
    ) -> WayIn {
        let mut open = vec![Level {
            way: self.way(package, entries, asks),
            waiting: None,
        }];
        loop {
            let Some(level) = open.last_mut() else {
                unreachable!("the outermost level is returned, not dropped")
            };
            let waiting = level
                .waiting
                .get_or_insert_with(|| self.expand(&mut level.way, shown));
            if let Some(next) = waiting.pop() {
                open.push(Level {
                    way: next,
                    waiting: None,
                });
                continue;
            }
            let Some(done) = open.pop() else {
                unreachable!("a level was just looked at")
            };
            match open.last_mut() {
                Some(below) => below.way.dependents.push(done.way),
                None => return done.way,
            }
        }
    }

    fn way(&self, package: PackageId, entries: BTreeSet<NodeId>, asks: BTreeSet<String>) -> WayIn {
        let askers = entries
            .iter()
            .flat_map(|node| self.dependents(*node))
            .map(|(from, _)| from);
        let direct_of = askers
            .filter(|from| self.is_start(*from))
            .map(|from| self.entry(from).package)
            .collect();
        WayIn {
            package,
            entries,
            asks,
            direct_of,
            dependents: Vec::new(),
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
            .map(|(package, (entries, asks))| self.way(package, entries, asks))
            .collect();
        ways.sort_by(|one, other| {
            self.name_key(other.package)
                .cmp(&self.name_key(one.package))
        });
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

    /// Finds the package without which a package leaves a project: a direct dependency on the shown path if one cuts, else the nearest to it.
    pub fn choke_point(&self, package: PackageId, project: ProjectId) -> Option<PackageId> {
        let path = self.shortest_path(package, project);
        let candidates: Vec<NodeId> = path
            .into_iter()
            .filter(|node| !self.is_start(*node) && self.entry(*node).package != package)
            .collect();
        let topology = super::choke::Topology::new(self);
        let cuts: Vec<_> = candidates
            .iter()
            .map(|node| super::choke::Cut {
                project,
                culprit: package,
                candidate: self.entry(*node).package,
            })
            .collect();
        let cutting: Vec<NodeId> = candidates
            .iter()
            .zip(topology.cuts(&cuts))
            .filter(|(_, leaves)| *leaves)
            .map(|(node, _)| *node)
            .collect();
        let direct = cutting.iter().find(|node| self.is_direct(**node));
        direct
            .or(cutting.last())
            .map(|node| self.entry(*node).package)
    }
}

/// A way that is being built, and the dependents that are still to be walked.
struct Level {
    way: WayIn,
    waiting: Option<Vec<WayIn>>,
}
