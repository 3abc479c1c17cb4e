//! Where a package comes from, and whose host that is.
//!
//! The identity of a registry package is its registry, not the download URL (DESIGN: hosts): every address
//! of the public registry is [`Source::Registry`] with [`Registry::Public`].

use super::address::host_name;
use super::endpoints::{CRATES_IO_INDEXES, public_hosts};
use super::{Algorithm, Digest, Ecosystem};
use crate::text::Untrusted;

/// Where the bytes of a package come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source<'a> {
    /// A package registry.
    Registry(Registry<'a>),
    /// A version control repository.
    Git {
        /// Repository URL, without the commit.
        url: Untrusted<'a>,
        /// The commit that the lockfile pins, if it pins one.
        commit: Option<Untrusted<'a>>,
    },
    /// A folder of the project itself, or one beside it; the path is as the lockfile writes it.
    Path(Untrusted<'a>),
    /// One archive, by URL or by path.
    Archive(Untrusted<'a>),
}

/// Which registry a package belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Registry<'a> {
    /// The ecosystem's public one, by any of its addresses.
    Public,
    /// Any other, by its base address.
    Other(Untrusted<'a>),
}

/// Whose host a package's bytes come from (DESIGN: hosts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// The public registry of the ecosystem.
    Public,
    /// One that serves what the public registry does, by the word of the project.
    Mirror,
    /// One that serves packages of the organisation's own, by the word of the project.
    Private,
    /// A host that nobody has vouched for.
    Unknown,
}

impl<'a> Source<'a> {
    /// Names a registry by its base or index address.
    pub fn registry(ecosystem: Ecosystem, address: Untrusted<'a>) -> Self {
        if is_public_registry(ecosystem, address.as_str()) {
            Self::Registry(Registry::Public)
        } else {
            Self::Registry(Registry::Other(address))
        }
    }

    /// Names an archive; one that the public registry serves is a package of that registry.
    pub fn archive(ecosystem: Ecosystem, address: Untrusted<'a>) -> Self {
        match host(ecosystem, address.as_str()) {
            Some(Host::Public) => Self::Registry(Registry::Public),
            _ => Self::Archive(address),
        }
    }

    /// Says what kind of source this is, as `linchpin/graph/1` names it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Registry(_) => "registry",
            Self::Git { .. } => "git",
            Self::Path(_) => "path",
            Self::Archive(_) => "archive",
        }
    }

    /// Returns the address as the lockfile gives it; none for the public registry.
    pub const fn address(&self) -> Option<&Untrusted<'a>> {
        match self {
            Self::Registry(Registry::Public) => None,
            Self::Registry(Registry::Other(url))
            | Self::Git { url, .. }
            | Self::Path(url)
            | Self::Archive(url) => Some(url),
        }
    }

    /// Says whether this is the ecosystem's public registry.
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::Registry(Registry::Public))
    }

    /// Says whether this is a registry of any kind.
    pub const fn is_registry(&self) -> bool {
        matches!(self, Self::Registry(_))
    }

    /// Returns a cheap copy that borrows from this one.
    pub fn reborrow(&self) -> Source<'_> {
        match self {
            Self::Registry(Registry::Public) => Source::Registry(Registry::Public),
            Self::Registry(Registry::Other(url)) => {
                Source::Registry(Registry::Other(url.reborrow()))
            }
            Self::Git { url, commit } => Source::Git {
                url: url.reborrow(),
                commit: commit.as_ref().map(Untrusted::reborrow),
            },
            Self::Path(path) => Source::Path(path.reborrow()),
            Self::Archive(url) => Source::Archive(url.reborrow()),
        }
    }
}

/// Tells the public registry's hosts from all others, as everybody knows them; a text without a host (a path) is nobody's.
///
/// What a project says of other hosts is in [`Hosts`](super::hosts::Hosts).
pub fn host(ecosystem: Ecosystem, address: &str) -> Option<Host> {
    let host = host_name(address)?;
    let is_public =
        public_hosts(ecosystem).contains(&&*host) || is_public_registry(ecosystem, address);
    Some(if is_public {
        Host::Public
    } else {
        Host::Unknown
    })
}

/// Says whether a text can be a git commit: 40 or 64 hexadecimal digits.
pub fn is_commit(text: &str) -> bool {
    Digest::from_hex(Algorithm::Sha1, text)
        .or_else(|| Digest::from_hex(Algorithm::Sha256, text))
        .is_some()
}

fn is_public_registry(ecosystem: Ecosystem, address: &str) -> bool {
    match ecosystem {
        Ecosystem::Cargo => CRATES_IO_INDEXES
            .iter()
            .any(|index| index.eq_ignore_ascii_case(address)),
        Ecosystem::Npm | Ecosystem::Pypi => {
            host_name(address).is_some_and(|host| public_hosts(ecosystem).contains(&&*host))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_public_registry_is_one_registry() {
        for (ecosystem, address) in [
            (
                Ecosystem::Cargo,
                "https://github.com/rust-lang/crates.io-index",
            ),
            (Ecosystem::Cargo, "https://index.crates.io/"),
            (Ecosystem::Npm, "https://registry.yarnpkg.com/"),
            (Ecosystem::Npm, "http://Registry.npmjs.org/"),
            (Ecosystem::Npm, "https:\\registry.npmjs.org/"),
            (Ecosystem::Pypi, "https://pypi.org/simple"),
        ] {
            assert!(
                Source::registry(ecosystem, address.into()).is_public(),
                "{address}"
            );
        }
        assert!(
            !Source::registry(
                Ecosystem::Cargo,
                "https://github.com/rust-lang/crates.io-index2".into()
            )
            .is_public()
        );
        assert!(
            !Source::registry(
                Ecosystem::Npm,
                "https://registry.npmjs.org.evil.example/".into()
            )
            .is_public()
        );
    }
}
