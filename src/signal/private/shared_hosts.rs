//! Private hosts of whose names many are served elsewhere too: they pass on public packages, most likely.
//!
//! What such a host serves shows nothing about what is the project's own, so it is told once, and not name by name.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::PrivateNames;
use super::origin::{self, Origin};
use super::same_bytes::is_same_bytes;
use crate::config::Config;
use crate::graph::{DependencyGraph, LockfileId, NodeId, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Ecosystem;
use crate::package::name::comparable;

/// How many names are told one by one.
const FEW: usize = 5;

/// How many names a message repeats.
const TOLD: usize = 3;

/// The private hosts that share many names with others.
#[derive(Debug, Default)]
pub(in crate::signal) struct SharedHosts(BTreeMap<(Ecosystem, String), SharedHost>);

/// A private host that shares many names with others.
#[derive(Debug)]
pub(in crate::signal) struct SharedHost {
    /// What it shares.
    pub(in crate::signal) kind: Shared,
    /// How many names.
    pub(in crate::signal) count: usize,
    /// A few of them.
    pub(in crate::signal) examples: Vec<String>,
    /// The first lockfile that takes such packages from it.
    pub(in crate::signal) lockfile: LockfileId,
    /// The entries of that lockfile that do.
    pub(in crate::signal) nodes: Vec<NodeId>,
}

/// What a private host shares with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signal) enum Shared {
    /// Names that the public registry serves too.
    Public,
    /// Names that hosts serve for which nobody has vouched.
    Unknown,
    /// Scopes only, of which the public registry serves other names.
    Scopes,
}

impl SharedHosts {
    /// Counts what private hosts share with others. O(packages).
    pub(in crate::signal) fn of(
        names: &PrivateNames<'_>,
        graph: &DependencyGraph<'_>,
        config: &Config,
    ) -> Self {
        let mut tallies = Tallies::default();
        for (id, package) in graph.packages() {
            let internal = &config.internal;
            let pattern = internal.pattern_of(package.ecosystem, &package.name);
            if package.kind == EntryKind::Package
                && pattern.is_none()
                && let Ok(origin) = Origin::of(package, &config.hosts)
            {
                tallies.count(id, origin, names, graph);
            }
        }
        let hosts = tallies.0.into_iter();
        Self(
            hosts
                .filter_map(|(host, tally)| Some((host, tally.judge(graph)?)))
                .collect(),
        )
    }

    /// Says whether the names that a private package's host serves show nothing.
    pub(in crate::signal) fn has_names_of(
        &self,
        id: PackageId,
        graph: &DependencyGraph<'_>,
    ) -> bool {
        let host = self.0.get(&key(id, graph));
        host.is_some_and(|host| host.kind != Shared::Scopes)
    }

    /// Says whether the scopes that a private package's host serves show nothing.
    pub(in crate::signal) fn has_scopes_of(
        &self,
        id: PackageId,
        graph: &DependencyGraph<'_>,
    ) -> bool {
        self.0.contains_key(&key(id, graph))
    }

    /// Lists the hosts that are told about a lockfile.
    pub(in crate::signal) fn told_at(
        &self,
        lockfile: LockfileId,
    ) -> impl Iterator<Item = (&str, &SharedHost)> {
        let hosts = self.0.iter().map(|((_, host), shared)| (&**host, shared));
        hosts.filter(move |(_, shared)| shared.lockfile == lockfile)
    }
}

/// What tells a private host from others, in an ecosystem.
fn key(id: PackageId, graph: &DependencyGraph<'_>) -> (Ecosystem, String) {
    let package = graph.package(id);
    (package.ecosystem, origin::host(package).into_owned())
}

/// What is counted of each private host.
#[derive(Default)]
struct Tallies<'g>(BTreeMap<(Ecosystem, String), Tally<'g>>);

#[derive(Default)]
struct Tally<'g> {
    public: BTreeSet<Cow<'g, str>>,
    unknown: BTreeSet<Cow<'g, str>>,
    of_scope: BTreeSet<Cow<'g, str>>,
    /// Whether it serves a release with the bytes of the public one.
    passes_on: bool,
    own: BTreeSet<PackageId>,
}

impl<'g> Tallies<'g> {
    /// Counts one package from elsewhere.
    fn count(
        &mut self,
        id: PackageId,
        origin: Origin,
        names: &PrivateNames<'_>,
        graph: &'g DependencyGraph<'_>,
    ) {
        let package = graph.package(id);
        let name = comparable(package.ecosystem, package.name.as_str());
        let mut nodes = origin::placed(package, graph);
        if nodes.all(|node| names.is_told_apart(node, graph)) {
            return;
        }
        for own in names.namesakes(package) {
            let is_same = is_same_bytes(id, own, graph);
            let tally = self.0.entry(key(own, graph)).or_default();
            match origin {
                Origin::Public => tally.public.insert(name.clone()),
                Origin::Unknown if is_same => continue,
                Origin::Unknown => tally.unknown.insert(name.clone()),
            };
            tally.passes_on |= is_same;
            tally.own.insert(own);
        }
        for own in names.of_scope(package).filter(|_| origin == Origin::Public) {
            let tally = self.0.entry(key(own, graph)).or_default();
            tally.of_scope.insert(name.clone());
            tally.own.insert(own);
        }
    }
}

impl Tally<'_> {
    /// Says what is to be told of a host as a whole, if anything.
    fn judge(self, graph: &DependencyGraph<'_>) -> Option<SharedHost> {
        let names = self.public.union(&self.unknown).count();
        let (kind, names) = if self.passes_on || (names > FEW && !self.public.is_empty()) {
            (Shared::Public, &self.public)
        } else if names > FEW {
            (Shared::Unknown, &self.unknown)
        } else if self.of_scope.len() > FEW {
            (Shared::Scopes, &self.of_scope)
        } else {
            return None;
        };
        let nodes = self.own.iter().flat_map(|id| &graph.package(*id).entries);
        let lockfile_of = |node: &NodeId| graph.entry(*node).lockfile;
        let lockfile = nodes.clone().map(lockfile_of).min()?;
        let mut nodes: Vec<NodeId> = nodes
            .copied()
            .filter(|node| lockfile_of(node) == lockfile)
            .collect();
        nodes.sort_unstable();
        let examples = names.iter().take(TOLD);
        Some(SharedHost {
            kind,
            count: names.len(),
            examples: examples.map(ToString::to_string).collect(),
            lockfile,
            nodes,
        })
    }
}
