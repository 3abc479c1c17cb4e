//! Who decides what a package's name means: the public registry, or a host that nobody has vouched for.

use std::borrow::Cow;

use crate::evidence::SkipReason;
use crate::graph::{DependencyGraph, NodeId, Package};
use crate::package::address::host_name;
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use crate::signal::hosts;
use crate::text::Untrusted;

/// What a package is taken from by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::signal) enum Origin {
    /// The public registry, through a mirror or not.
    Public,
    /// A host that nobody has vouched for.
    Unknown,
}

impl Origin {
    /// Says who decides what a name means, or why nothing from elsewhere does.
    pub(in crate::signal) fn of(package: &Package<'_>, hosts: &Hosts) -> Result<Self, SkipReason> {
        let (address, nowhere) = match &package.source {
            Source::Registry(Registry::Public) => return Ok(Self::Public),
            Source::Registry(Registry::Other(url)) => (url, SkipReason::PathSource),
            Source::Archive(url) => (url, SkipReason::ArchiveSource),
            Source::Git { .. } => return Err(SkipReason::GitSource),
            Source::Path(_) => return Err(SkipReason::PathSource),
        };
        match hosts.of(package.ecosystem, address.as_str()) {
            Some(Host::Public | Host::Mirror) => Ok(Self::Public),
            Some(Host::Unknown) => Ok(Self::Unknown),
            Some(Host::Private) => Err(SkipReason::PrivateRegistry),
            None => Err(nowhere),
        }
    }
}

/// Lists the entries of a package that say where it comes from; without an address a client asks whichever registry it is configured for.
pub(in crate::signal) fn placed<'v>(
    package: &'v Package<'_>,
    graph: &'v DependencyGraph<'_>,
) -> impl Iterator<Item = NodeId> + 'v {
    let nodes = package.entries.iter().copied();
    nodes.filter(|node| {
        package.ecosystem == Ecosystem::Cargo || hosts::addresses(*node, graph).next().is_some()
    })
}

/// Returns the host of a package that is not from the public registry.
pub(in crate::signal) fn host<'p>(package: &'p Package<'_>) -> Cow<'p, str> {
    let address = package.source.address().map(Untrusted::as_str);
    address.and_then(host_name).unwrap_or_default()
}
