//! Whose host is it: what the project says about mirrors and private registries, and the user's own clients about the
//! registries that they ask, beside what everybody knows.
//!
//! Parsers know nothing of this. A lockfile means the same whatever a project configures, so the answer is
//! applied between parsing and the graph (`Lockfile::settle_sources`), where it decides which entries are the
//! same package, and again by the rules that look at addresses.

use std::collections::{BTreeMap, BTreeSet};

use super::address::host_name;
use super::endpoints::public_hosts;
use super::source::{Host, host};
use super::{Ecosystem, RemoteAddress};

/// The name of a host: lower case, without port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Reads a host's name; none for an address, a port, a path or a pattern.
    pub fn new(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        // What the reader of addresses makes of it must be what was written, or it would never match.
        let is_host = host_name(&format!("https://{lower}/")).is_some_and(|host| host == lower);
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
        (is_host && lower.bytes().all(is_plain)).then_some(Self(lower))
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Says whether this host serves the public registry of any ecosystem.
    pub fn is_public(&self) -> bool {
        Ecosystem::ALL
            .into_iter()
            .any(|ecosystem| public_hosts(ecosystem).contains(&self.as_str()))
    }
}

/// The hosts that a project vouches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Hosts that serve what the public registries do.
    pub mirrors: BTreeSet<HostName>,
    /// Hosts that serve packages of the organisation's own.
    pub private: BTreeSet<HostName>,
    /// What the user's own clients, and the settings of the run, say of registries.
    pub asked: AskedRegistries,
}

/// The registries that are asked in the place of the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedRegistries {
    /// The addresses that are asked, where they are not those of the public registries.
    pub instead: BTreeMap<Ecosystem, RemoteAddress>,
    /// Of these the ones that the user's own client is configured to ask, so that what comes from below them counts as
    /// public: an address, because one host may serve much else.
    pub mirrors: BTreeMap<Ecosystem, RemoteAddress>,
    /// Scopes of npm that the user's own client takes from registries of their own.
    pub scopes: BTreeSet<String>,
}

impl AskedRegistries {
    /// Returns the registry that is asked in the place of a public one, if any is.
    pub fn registry(&self, ecosystem: Ecosystem) -> Option<&RemoteAddress> {
        self.instead.get(&ecosystem)
    }
}

impl Hosts {
    /// Tells whose the host of an address is; a text without a host (a path) is nobody's.
    pub fn of(&self, ecosystem: Ecosystem, address: &str) -> Option<Host> {
        let known = host(ecosystem, address)?;
        // Most projects vouch for nobody, and then the name need not be kept.
        if known == Host::Public || self.is_silent() {
            return Some(known);
        }
        let name = HostName(host_name(address)?.into_owned());
        // What the project says of a host stands.
        Some(if self.mirrors.contains(&name) {
            Host::Mirror
        } else if self.private.contains(&name) {
            Host::Private
        } else if self.is_of_users_mirror(ecosystem, address) {
            Host::Mirror
        } else {
            known
        })
    }

    fn is_silent(&self) -> bool {
        !self.has_mirrors() && self.private.is_empty()
    }

    /// Says whether anybody vouched for a mirror.
    pub fn has_mirrors(&self) -> bool {
        !self.mirrors.is_empty() || !self.asked.mirrors.is_empty()
    }

    fn is_of_users_mirror(&self, ecosystem: Ecosystem, address: &str) -> bool {
        let mirror = self.asked.mirrors.get(&ecosystem);
        mirror.is_some_and(|mirror| mirror.holds(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_hosts_are_names_of_hosts() {
        for text in ["npm.example.com", "NPM.example.com", "mirror", "10.0.0.1"] {
            assert!(HostName::new(text).is_some(), "{text}");
        }
        for text in [
            "",
            "https://a.example",
            "a.example/npm",
            "a.example:8443",
            "*.a.example",
            "u@a.example",
            "a b",
            "10.1",
            "ä.example",
        ] {
            assert_eq!(HostName::new(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_is_public_then_a_mirror_then_private_then_unknown() {
        let name = |text| HostName::new(text).expect("a host");
        let hosts = Hosts {
            mirrors: [name("mirror.example")].into(),
            private: [name("own.example")].into(),
            ..Hosts::default()
        };
        for (address, expected) in [
            ("https://registry.npmjs.org/a", Some(Host::Public)),
            ("https://mirror.example/a", Some(Host::Mirror)),
            ("https://MIRROR.example:8443/a", Some(Host::Mirror)),
            ("https://own.example/a", Some(Host::Private)),
            ("https://own.example.evil.example/a", Some(Host::Unknown)),
            ("https://own.example@evil.example/a", Some(Host::Unknown)),
            ("../a", None),
        ] {
            assert_eq!(hosts.of(Ecosystem::Npm, address), expected, "{address}");
        }
    }

    #[test]
    fn the_users_own_mirror_is_an_address_of_one_ecosystem_and_the_project_decides_first() {
        let mirror = RemoteAddress::new("https://a.example/npm").expect("an address");
        let mut hosts = Hosts::default();
        hosts.asked.mirrors.insert(Ecosystem::Npm, mirror);
        let of = |hosts: &Hosts, ecosystem, address| hosts.of(ecosystem, address);
        let below = "https://a.example/npm/x/-/x-1.0.0.tgz";
        assert_eq!(of(&hosts, Ecosystem::Npm, below), Some(Host::Mirror));
        assert_eq!(of(&hosts, Ecosystem::Pypi, below), Some(Host::Unknown));
        let beside = "https://a.example/own/x/-/x-1.0.0.tgz";
        assert_eq!(of(&hosts, Ecosystem::Npm, beside), Some(Host::Unknown));
        hosts
            .private
            .insert(HostName::new("a.example").expect("a host"));
        assert_eq!(of(&hosts, Ecosystem::Npm, below), Some(Host::Private));
    }
}
