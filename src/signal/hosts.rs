//! The addresses of a lockfile by host, for the rules that speak of hosts.

use std::collections::BTreeMap;

use super::{View, packages_of};
use crate::graph::{DependencyGraph, LockfileId, NodeId};
use crate::package::Source;
use crate::package::address::host_name;

/// Groups the entries of a lockfile by the hosts whose address satisfies a test; an entry stands once under each.
pub(super) fn group(
    lockfile: LockfileId,
    view: &View<'_>,
    is_meant: impl Fn(&str) -> bool,
) -> BTreeMap<String, Vec<NodeId>> {
    let mut groups: BTreeMap<String, Vec<NodeId>> = BTreeMap::new();
    for node in packages_of(lockfile, view) {
        for address in addresses(node, view.graph).filter(|address| is_meant(address)) {
            let host = host_name(address).unwrap_or_default().into_owned();
            let nodes = groups.entry(host).or_default();
            if nodes.last() != Some(&node) {
                nodes.push(node);
            }
        }
    }
    groups
}

/// Returns the address of an entry's source and those of its archives.
pub(super) fn addresses<'v>(
    node: NodeId,
    graph: &'v DependencyGraph<'_>,
) -> impl Iterator<Item = &'v str> {
    let entry = graph.entry(node);
    let source = match &graph.package(entry.package).source {
        Source::Path(_) => None,
        source => source.address(),
    };
    source
        .into_iter()
        .chain(
            entry
                .record
                .artifacts
                .iter()
                .filter_map(|artifact| artifact.url.as_ref()),
        )
        .map(super::super::text::Untrusted::as_str)
}

/// Words a number of entries of a lockfile and what they do: `1 of 9 entries (left 1.0.0) comes`, `2 of 9 entries come`.
pub(super) fn share(nodes: &[NodeId], lockfile: LockfileId, view: &View<'_>, verb: Verb) -> String {
    let all = packages_of(lockfile, view).count();
    match nodes {
        [only] => {
            let package = view.graph.package(view.graph.entry(*only).package);
            format!(
                "1 of {all} entries ({}) {}",
                super::title(package),
                verb.one
            )
        }
        many => format!("{} of {all} entries {}", many.len(), verb.many),
    }
}

/// A verb for one and for many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verb {
    /// After one.
    pub(super) one: &'static str,
    /// After many.
    pub(super) many: &'static str,
}
