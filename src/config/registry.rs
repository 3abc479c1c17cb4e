//! `[registry]`: hosts that the project vouches for, and names of its own.

use std::collections::BTreeSet;

use super::reader::{Reader, Section};
use super::{ConfigError, InternalNames};
use crate::lockfile::Span;
use crate::package::hosts::{HostName, Hosts};

/// Reads the table, if the document has it.
pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> (Hosts, InternalNames) {
    let known = [
        "osv",
        "npm",
        "pypi",
        "crates-index",
        "crates-io",
        "mirrors",
        "private",
        "internal",
    ];
    let Some(section) = reader.known_section(document, "registry", "[registry]", &known) else {
        return <(Hosts, InternalNames)>::default();
    };
    let mut seen = BTreeSet::new();
    let hosts = Hosts {
        mirrors: hosts(&section, "mirrors", &mut seen, reader),
        private: hosts(&section, "private", &mut seen, reader),
        ..Hosts::default()
    };
    (hosts, InternalNames::read(&section, reader))
}

/// Reads one list; a host may stand in one of them only, because what it serves is matched in one way only.
fn hosts(
    section: &Section<'_>,
    key: &str,
    seen: &mut BTreeSet<HostName>,
    reader: &mut Reader,
) -> BTreeSet<HostName> {
    let mut hosts = BTreeSet::new();
    for (text, place) in reader.texts(section.get(key)) {
        let host = host(text, place).and_then(|host| {
            if seen.insert(host.clone()) {
                Ok(host)
            } else {
                Err(ConfigError::new(place, format!("`{text}` is listed twice"))
                    .help("a host is a mirror of the public registry or private, not both"))
            }
        });
        match host {
            Ok(host) => drop(hosts.insert(host)),
            Err(error) => reader.fail(error),
        }
    }
    hosts
}

fn host(text: &str, place: Span) -> Result<HostName, ConfigError> {
    match HostName::new(text) {
        None => Err(
            ConfigError::new(place, format!("`{text}` is not the name of a host")).help(
                "write a name such as npm.example.com, without scheme, port, path and wildcards",
            ),
        ),
        Some(host) if host.is_public() => Err(ConfigError::new(
            place,
            format!("`{text}` serves a public registry and needs no entry"),
        )),
        Some(host) => Ok(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{messages, valid};

    #[test]
    fn hosts_are_read_in_lower_case() {
        let hosts =
            valid("[registry]\nmirrors = [\"NPM.example.com\"]\nprivate = [\"own.example\"]\n")
                .hosts;
        let names: Vec<_> = hosts
            .mirrors
            .iter()
            .chain(&hosts.private)
            .map(HostName::as_str)
            .collect();
        assert_eq!(names, ["npm.example.com", "own.example"]);
    }

    #[test]
    fn what_is_no_host_or_needs_no_entry_or_stands_twice_is_an_error() {
        let errors = messages(
            "[registry]\nmirrors = [\"https://a.example\", \"a.example\", \"pypi.org\", 1]\nprivate = [\"A.example\"]\ninternals = []\n",
        );
        assert_eq!(
            errors,
            [
                "2:12 `https://a.example` is not the name of a host | ",
                "2:46 `pypi.org` serves a public registry and needs no entry | ",
                "2:58 expected a text in quotes, found a number | ",
                "3:12 `A.example` is listed twice | ",
                "4:1 unknown key `internals` in [registry] | did you mean `internal`?",
            ]
        );
    }
}
