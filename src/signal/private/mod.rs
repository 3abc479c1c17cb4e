//! What the private registries of the project serve in the audited tree: names that are its own, as the lockfiles show,
//! or the settings beside them.
//!
//! A folder is no evidence: members of workspaces are published too, and examples install what was published.

pub(super) mod origin;
pub(super) mod same_bytes;
pub(super) mod shared_hosts;

use std::borrow::Cow;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::Config;
use crate::graph::{DependencyGraph, LockfileId, NodeId, Package, PackageId};
use crate::install::registries::NamedRegistries;
use crate::lockfile::EntryKind;
use crate::package::address::host_name;
use crate::package::hosts::Hosts;
use crate::package::name::comparable;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use shared_hosts::SharedHosts;

/// The names that private registries serve in a tree.
#[derive(Debug, Default)]
pub struct PrivateNames<'g> {
    names: BTreeMap<Ecosystem, FxHashMap<Cow<'g, str>, Namesakes>>,
    /// Scopes of npm, each with the first package of it from each host.
    scopes: FxHashMap<&'g str, BTreeMap<Cow<'g, str>, PackageId>>,
    /// Packages whose lockfiles leave open where they come from, and which the project's own settings take from elsewhere.
    elsewhere: FxHashMap<PackageId, Host>,
    /// The hosts whose names are no evidence.
    pub(super) shared: SharedHosts,
}

/// What private registries serve under one name.
#[derive(Debug, Default)]
struct Namesakes {
    /// The packages, in the order of the graph.
    packages: Vec<PackageId>,
    lockfiles: FxHashSet<LockfileId>,
}

impl<'g> PrivateNames<'g> {
    /// Collects them. O(packages), and nothing to do where the project has no private registry.
    ///
    /// `named` says for each lockfile what settings beside it say of registries.
    pub fn of(graph: &'g DependencyGraph<'g>, config: &Config, named: &[NamedRegistries]) -> Self {
        let mut served = Self {
            elsewhere: elsewhere(graph, named),
            ..Self::default()
        };
        if config.hosts.private.is_empty() {
            return served;
        }
        for (id, package) in graph.packages() {
            if package.kind == EntryKind::Package && is_private(package, &config.hosts) {
                served.add(id, graph);
            }
        }
        served.shared = SharedHosts::of(&served, graph, config);
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
            let hosts = self.scopes.entry(scope).or_default();
            hosts.entry(origin::host(package)).or_insert(id);
        }
    }

    /// Returns whose registry a package comes from by the project's own settings, where no lockfile says that it is public.
    pub fn named_elsewhere(&self, package: PackageId) -> Option<Host> {
        self.elsewhere.get(&package).copied()
    }

    /// Says whether a private registry serves anything of an ecosystem here.
    pub fn serves(&self, ecosystem: Ecosystem) -> bool {
        self.names.contains_key(&ecosystem)
    }

    /// Lists what private registries serve under the name of a package.
    pub fn namesakes(&self, package: &Package<'_>) -> impl Iterator<Item = PackageId> {
        let namesakes = self.named_like(package).into_iter();
        namesakes.flat_map(|namesakes| namesakes.packages.iter().copied())
    }

    fn named_like(&self, package: &Package<'_>) -> Option<&Namesakes> {
        let name = comparable(package.ecosystem, package.name.as_str());
        self.names.get(&package.ecosystem)?.get(&*name)
    }

    /// Says whether a manifest of cargo or uv named the registry, as it must where one lockfile holds both: torch of `PyPI` and of its own index.
    pub fn is_told_apart(&self, node: NodeId, graph: &DependencyGraph<'_>) -> bool {
        let entry = graph.entry(node);
        let package = graph.package(entry.package);
        let namesakes = self.named_like(package);
        package.ecosystem != Ecosystem::Npm
            && namesakes.is_some_and(|namesakes| namesakes.lockfiles.contains(&entry.lockfile))
    }

    /// Lists a package of the same scope from each private registry that serves any, but not the name itself.
    pub fn of_scope(&self, package: &Package<'_>) -> impl Iterator<Item = PackageId> {
        let is_alone = self.named_like(package).is_none();
        let scope = package.name.scope().filter(|_| is_alone);
        let hosts = scope.and_then(|scope| self.scopes.get(scope)).into_iter();
        hosts.flat_map(|hosts| hosts.values().copied())
    }
}

/// Finds the packages that settings take from elsewhere, in every lockfile that holds them.
///
/// Where one of these has its tool ask the public registry, the name is told anyhow.
fn elsewhere(graph: &DependencyGraph<'_>, named: &[NamedRegistries]) -> FxHashMap<PackageId, Host> {
    let mut elsewhere = FxHashMap::default();
    if named.iter().all(NamedRegistries::is_silent) {
        return elsewhere;
    }
    let public = Source::Registry(Registry::Public);
    for (id, package) in graph.packages() {
        if package.source != public {
            continue;
        }
        let hosts = package.entries.iter().map(|node| {
            let entry = graph.entry(*node);
            let named = named.get(entry.lockfile.0 as usize)?;
            let artifacts = entry.record.artifacts.iter();
            let urls = artifacts.filter_map(|artifact| artifact.url.as_ref());
            let stated = urls.filter_map(|url| host_name(url.as_str()));
            let host = named.host_of(&package.name, stated);
            host.filter(|host| matches!(host, Host::Private | Host::Unknown))
        });
        let least_known = hosts
            .collect::<Option<Vec<_>>>()
            .and_then(|hosts| hosts.into_iter().max());
        elsewhere.extend(least_known.map(|host| (id, host)));
    }
    elsewhere
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
