//! What the private registries of the project serve in the audited tree: names that are its own, as the lockfiles show.
//!
//! A folder is no evidence: members of workspaces are published too, and examples install what was published.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::{DependencyGraph, LockfileId, Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::hosts::Hosts;
use crate::package::name::comparable;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};

/// The names that private registries serve in a tree.
#[derive(Debug, Default)]
pub struct PrivateNames<'g> {
    names: BTreeMap<Ecosystem, FxHashMap<Cow<'g, str>, Namesakes>>,
    /// Scopes of npm, each with the first package of it.
    scopes: FxHashMap<&'g str, PackageId>,
}

/// What private registries serve under one name.
#[derive(Debug, Default)]
pub struct Namesakes {
    /// The packages, in the order of the graph.
    pub packages: Vec<PackageId>,
    lockfiles: FxHashSet<LockfileId>,
}

impl Namesakes {
    /// Says whether a lockfile holds one of them.
    pub fn are_in(&self, lockfile: LockfileId) -> bool {
        self.lockfiles.contains(&lockfile)
    }
}

impl<'g> PrivateNames<'g> {
    /// Collects them. O(packages), and nothing to do where the project has no private registry.
    pub fn of(graph: &'g DependencyGraph<'g>, hosts: &Hosts) -> Self {
        let mut served = Self::default();
        if hosts.private.is_empty() {
            return served;
        }
        for (id, package) in graph.packages() {
            if package.kind == EntryKind::Package && is_private(package, hosts) {
                served.add(id, graph);
            }
        }
        served
    }

    fn add(&mut self, id: PackageId, graph: &'g DependencyGraph<'g>) {
        let package = graph.package(id);
        let names = self.names.entry(package.ecosystem).or_default();
        let name = comparable(package.ecosystem, package.name.as_str());
        let namesakes = names.entry(name).or_default();
        namesakes.packages.push(id);
        let entries = package.entries.iter();
        namesakes
            .lockfiles
            .extend(entries.map(|node| graph.entry(*node).lockfile));
        if let Some(scope) = package.name.scope() {
            self.scopes.entry(scope).or_insert(id);
        }
    }

    /// Says whether a private registry serves anything of an ecosystem here.
    pub fn serves(&self, ecosystem: Ecosystem) -> bool {
        self.names.contains_key(&ecosystem)
    }

    /// Returns what private registries serve under the name of a package, if anything.
    pub fn namesakes(&self, package: &Package<'_>) -> Option<&Namesakes> {
        let name = comparable(package.ecosystem, package.name.as_str());
        self.names.get(&package.ecosystem)?.get(&*name)
    }

    /// Returns a package of the same scope that comes from a private registry, if there is one.
    pub fn of_scope(&self, package: &Package<'_>) -> Option<PackageId> {
        self.scopes.get(package.name.scope()?).copied()
    }
}

/// A private registry has names of its own, which say nothing about public packages.
pub(super) fn is_private(package: &Package<'_>, hosts: &Hosts) -> bool {
    match &package.source {
        Source::Registry(Registry::Other(url)) => {
            hosts.of(package.ecosystem, url.as_str()) == Some(Host::Private)
        }
        _ => false,
    }
}
