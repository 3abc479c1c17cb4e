//! Which package depends on which.

use std::collections::BTreeSet;

use serde::Serialize;

use super::bom_ref::BomRefs;
use super::component::Root;
use crate::graph::{DependencyGraph, Package, PackageId};
use crate::lockfile::DependencyKind;

/// A component and what it depends on; one that depends on nothing says so by an empty list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dependency<'r> {
    #[serde(rename = "ref")]
    dependent: &'r str,
    depends_on: BTreeSet<&'r str>,
}

/// Lists the dependencies of every component whose lockfile states them, sorted. O(edges log edges).
///
/// An empty list says that there are none, so that a component of which they are unknown has no list.
pub(super) fn dependencies<'r>(
    graph: &DependencyGraph<'_>,
    refs: &'r BomRefs,
    root: &Root,
) -> Vec<Dependency<'r>> {
    let is_known = |package: &Package<'_>| {
        let mut entries = package.entries.iter();
        entries.any(|node| graph.is_way_known(*node))
    };
    let packages = graph.packages().filter(|(_, package)| is_known(package));
    let mut all: Vec<Dependency<'r>> = packages.map(|(id, _)| of(graph, refs, id)).collect();
    all.extend(root.made_up().map(|made_up| {
        Dependency {
            dependent: made_up,
            depends_on: graph
                .lockfiles()
                .iter()
                .map(|lockfile| refs.of(graph.entry(lockfile.root).package))
                .collect(),
        }
    }));
    all.sort_unstable_by_key(|dependency| dependency.dependent);
    all
}

/// Collects what all entries of a package ask for; another copy of itself is no dependency, nor is what nobody asks for.
fn of<'r>(graph: &DependencyGraph<'_>, refs: &'r BomRefs, id: PackageId) -> Dependency<'r> {
    let entries = graph.package(id).entries.iter();
    let targets = entries.flat_map(|node| graph.dependencies(*node));
    let targets = targets.filter(|(_, edge)| edge.kind != DependencyKind::Unattached);
    let targets = targets.map(|(node, _)| graph.entry(node).package);
    Dependency {
        dependent: refs.of(id),
        depends_on: targets
            .filter(|target| *target != id)
            .map(|target| refs.of(target))
            .collect(),
    }
}
