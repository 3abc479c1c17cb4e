//! Where a package comes from, and whose host that is.
//!
//! The identity of a registry package is its registry, not the download URL (DESIGN: hosts): every address
//! of the public registry is [`Source::Registry`] with [`Registry::Public`].

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

    /// Detaches the source from the file that it was read from.
    pub fn into_owned(self) -> Source<'static> {
        match self {
            Self::Registry(Registry::Public) => Source::Registry(Registry::Public),
            Self::Registry(Registry::Other(url)) => {
                Source::Registry(Registry::Other(url.into_owned()))
            }
            Self::Git { url, commit } => Source::Git {
                url: url.into_owned(),
                commit: commit.map(Untrusted::into_owned),
            },
            Self::Path(path) => Source::Path(path.into_owned()),
            Self::Archive(url) => Source::Archive(url.into_owned()),
        }
    }
}

/// Tells whose a URL's host is; a text without a host (a path) is nobody's.
pub fn host(ecosystem: Ecosystem, url: &str) -> Option<Host> {
    let host = host_name(url)?;
    let public = public_hosts(ecosystem)
        .iter()
        .any(|name| name.eq_ignore_ascii_case(host))
        || is_public_registry(ecosystem, url);
    Some(if public { Host::Public } else { Host::Unknown })
}

/// Returns the host of a URL, without user information and port; none if the text is not a URL with a host.
pub fn host_name(url: &str) -> Option<&str> {
    let (_scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_user, host)| host);
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next()?
    } else {
        host.split(':').next()?
    };
    (!host.is_empty()).then_some(host)
}

/// Returns the URL without user information and query, which may hold a secret.
pub fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_user, host)| host);
    let (path, fragment) = path
        .split_once('#')
        .map_or((path, None), |(path, fragment)| (path, Some(fragment)));
    let path = path.split('?').next().unwrap_or_default();
    let fragment = fragment.map_or(String::new(), |fragment| format!("#{fragment}"));
    format!("{scheme}://{host}{path}{fragment}")
}

/// Says whether a URL asks for its bytes over a connection that anybody on the way can change.
pub fn is_insecure(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let scheme = scheme
        .rsplit_once('+')
        .map_or(scheme, |(_tool, scheme)| scheme);
    let insecure = ["http", "git", "ftp", "svn"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(scheme));
    insecure && !host_name(url).is_some_and(is_loopback)
}

/// Says whether a text can be a git commit: 40 or 64 hexadecimal digits.
pub fn is_commit(text: &str) -> bool {
    Digest::from_hex(Algorithm::Sha1, text)
        .or_else(|| Digest::from_hex(Algorithm::Sha256, text))
        .is_some()
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "[::1]"
}

fn is_public_registry(ecosystem: Ecosystem, address: &str) -> bool {
    match ecosystem {
        Ecosystem::Cargo => CRATES_IO_INDEXES
            .iter()
            .any(|index| index.eq_ignore_ascii_case(address)),
        Ecosystem::Npm | Ecosystem::Pypi => host_name(address).is_some_and(|host| {
            public_hosts(ecosystem)
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host))
        }),
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

    #[test]
    fn hosts_are_read_past_user_information_and_ports() {
        assert_eq!(
            host_name("https://user:pa@ss@example.org:8080/x"),
            Some("example.org")
        );
        assert_eq!(host_name("git+ssh://git@[::1]:22/x"), Some("[::1]"));
        assert_eq!(host_name("../local"), None);
        assert_eq!(
            host(Ecosystem::Npm, "https://registry.npmjs.org@evil.example/a"),
            Some(Host::Unknown)
        );
        assert_eq!(
            host(
                Ecosystem::Pypi,
                "https://files.pythonhosted.org/packages/x.whl"
            ),
            Some(Host::Public)
        );
    }

    #[test]
    fn secrets_in_urls_are_never_shown() {
        assert_eq!(
            redact("https://user:token@example.org/a.tgz?sig=1#sha"),
            "https://example.org/a.tgz#sha"
        );
        assert_eq!(redact("../local"), "../local");
    }

    #[test]
    fn plain_transports_are_insecure_but_for_loopback() {
        for url in [
            "http://example.org/a",
            "git://example.org/a",
            "git+http://example.org/a",
            "HTTP://example.org",
        ] {
            assert!(is_insecure(url), "{url}");
        }
        for url in [
            "https://example.org/a",
            "git+ssh://git@example.org/a",
            "http://localhost:4873/a",
            "http://127.0.0.1/a",
            "a",
        ] {
            assert!(!is_insecure(url), "{url}");
        }
    }
}
