//! Addresses of servers that may be asked.

use std::fmt;
use std::net::IpAddr;

use thiserror::Error;
use url::{Host, Url};

/// The address of a server that may be asked: https, or http on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteAddress(Url);

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It is no address.
    #[error("it is no address such as https://host/path")]
    NotAnAddress,
    /// It is not encrypted.
    #[error("plain http is spoken with this machine only; write https")]
    Plain,
    /// It holds a user, a password, a query or a fragment.
    #[error("it may hold a scheme, a host, a port and a path, and nothing else")]
    Secret,
}

impl RemoteAddress {
    /// Reads an address.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NotAnAddress)?;
        check(&url)?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(AddressError::Secret);
        }
        Ok(Self(url))
    }

    /// Returns an address below this one; its parts are encoded, so that none climbs.
    pub fn below(&self, parts: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        url
    }

    /// Returns the address that this one lies below: without the last part of its path.
    #[must_use]
    pub fn parent(&self) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().pop();
        }
        Self(url)
    }

    /// Says whether a text is this address or one below it, whoever decodes what is encoded in it.
    pub fn holds(&self, text: &str) -> bool {
        let Ok(url) = Url::parse(text) else {
            return false;
        };
        let folder = self.0.path().trim_end_matches('/');
        let below = url.path().strip_prefix(folder);
        let is_plain = |rest: &str| {
            let rest = rest.to_ascii_lowercase();
            !rest.contains("..") && !rest.contains("%2e") && !rest.contains("%5c")
        };
        url.origin() == self.0.origin()
            && below
                .is_some_and(|rest| (rest.is_empty() || rest.starts_with('/')) && is_plain(rest))
    }

    /// Returns the address itself.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// Says whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for RemoteAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.as_str())
    }
}

/// Refuses what is neither encrypted nor on this machine.
pub fn check(url: &Url) -> Result<(), AddressError> {
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err(AddressError::Plain),
        _ => Err(AddressError::NotAnAddress),
    }
}

/// Says whether an address is this machine's own.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_itself_and_what_lies_below() {
        for base in ["https://a.example/npm/all", "https://a.example/npm/all/"] {
            let base = RemoteAddress::new(base).expect("an address");
            for (text, expected) in [
                ("https://a.example/npm/all", true),
                ("https://A.example:443/npm/all/", true),
                ("https://a.example/npm/all/x/-/x-1.0.0.tgz", true),
                ("https://a.example/npm/all/@s%2fx", true),
                ("https://u:p@a.example/npm/all/x", true),
                ("https://a.example/npm/all-of-others/x", false),
                ("https://a.example/npm/all/../others/x", false),
                ("https://a.example/npm/all/%2e%2e/others/x", false),
                ("https://a.example/npm/all/%2e%2e%2fothers/x", false),
                ("https://a.example/npm/all/..%5cothers/x", false),
                ("https://a.example/npm", false),
                ("http://a.example/npm/all/x", false),
                ("https://a.example:8443/npm/all/x", false),
                ("https://a.example.evil.example/npm/all/x", false),
                ("npm/all/x", false),
                ("", false),
            ] {
                assert_eq!(base.holds(text), expected, "{text}");
            }
        }
    }

    #[test]
    fn only_encrypted_addresses_and_this_machine_are_asked() {
        for text in [
            "https://a.example",
            "https://a.example:8443/osv/",
            "http://127.0.0.1:8000/osv",
            "http://[::1]/",
            "http://localhost/",
        ] {
            assert!(RemoteAddress::new(text).is_ok(), "{text}");
        }
        for (text, expected) in [
            ("http://a.example/", AddressError::Plain),
            ("http://127.0.0.1.a.example/", AddressError::Plain),
            ("http://localhost.a.example/", AddressError::Plain),
            ("http://10.0.0.1/", AddressError::Plain),
            ("ftp://a.example/", AddressError::NotAnAddress),
            ("a.example", AddressError::NotAnAddress),
            ("file:///etc", AddressError::NotAnAddress),
            ("https://user@a.example/", AddressError::Secret),
            ("https://:secret@a.example/", AddressError::Secret),
            ("https://a.example/?token=1", AddressError::Secret),
            ("https://a.example/#a", AddressError::Secret),
        ] {
            assert_eq!(RemoteAddress::new(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_parent_of_an_index_is_what_it_lies_below() {
        for (text, expected) in [
            (
                "https://a.example/root/pypi/+simple/",
                "https://a.example/root/pypi",
            ),
            ("https://a.example/simple", "https://a.example/"),
            ("https://a.example/", "https://a.example/"),
        ] {
            let address = RemoteAddress::new(text).expect("an address");
            assert_eq!(address.parent().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn names_stay_below_the_address() {
        let base = RemoteAddress::new("https://a.example/osv").expect("an address");
        let slash = RemoteAddress::new("https://a.example/osv/").expect("an address");
        assert_eq!(base.below(&["npm"]), slash.below(&["npm"]));
        for (parts, expected) in [
            (&["npm", "all.zip"], "https://a.example/osv/npm/all.zip"),
            (&["npm", "a/b?c"], "https://a.example/osv/npm/a%2Fb%3Fc"),
        ] {
            assert_eq!(base.below(parts).as_str(), expected);
        }
        let climbing = base.below(&["..", ".."]);
        assert!(climbing.as_str().starts_with("https://a.example/osv"));
    }
}
