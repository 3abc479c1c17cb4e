//! What is known about packages: records → matches. Pure.
//!
//! Two sources: the list that is built into the program ([`builtin`]) and is always checked, and the feeds of
//! [OSV](osv), compiled into an [index], brought up to date by their [changes], and resolved for a version by
//! [matching]. What is known of [exploitation] orders and labels what they say.

pub mod builtin;
pub mod changes;
pub mod exploitation;
pub mod index;
pub mod matching;
pub mod model;
pub mod osv;
pub mod range;
mod severity;

use thiserror::Error;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use self::builtin::{Affected, Compromise};
use self::exploitation::Exploitation;
use self::model::{AdvisoryId, Record};
use crate::package::Ecosystem;
use crate::package::version::is_same_release;

/// Where the records of feeds come from.
pub trait AdvisorySource: Sync {
    /// Returns the records of a package of the public registry by its name there.
    fn records(&self, ecosystem: Ecosystem, name: &str)
    -> Result<Vec<Record>, AdvisorySourceError>;

    /// Returns what is known of the exploitation of one matter by its ids; none where nothing of the kind is at hand.
    fn exploitation(&self, _ids: &[AdvisoryId]) -> Option<Exploitation> {
        None
    }
}

/// Why there are no records of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AdvisorySourceError {
    /// There is no feed of its ecosystem.
    #[error("there is no advisory feed of the ecosystem")]
    Missing,
    /// The feed is there and cannot be read.
    #[error("the advisory feed cannot be read")]
    Unreadable,
}

/// A release that a record names as malicious.
#[derive(Clone, Copy, Debug)]
pub struct Malware {
    /// The record.
    pub compromise: &'static Compromise,
    /// The last honest release on the same line, where there is one.
    pub last_good: Option<&'static str>,
}

impl Malware {
    /// Says whether the package itself is malicious, in every release.
    pub const fn is_whole_package(&self) -> bool {
        matches!(self.compromise.affected, Affected::Every)
    }
}

/// Finds the records that name a release as malicious and were public at `now`.
///
/// A release without a version matches only records of whole packages. O(log records) but for crates,
/// of whose few records each is compared.
pub fn malware(
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
    now: Timestamp,
) -> Vec<Malware> {
    let named = named(ecosystem, name).filter(|record| is_public(record, now));
    named
        .filter_map(|record| match_release(ecosystem, record, version))
        .collect()
}

/// Finds the records of a package by its name as the registry compares it.
fn named(ecosystem: Ecosystem, name: &str) -> impl Iterator<Item = &'static Compromise> {
    let records = builtin::records(ecosystem);
    let start = match ecosystem {
        Ecosystem::Cargo => 0,
        Ecosystem::Npm | Ecosystem::Pypi => records.partition_point(|record| record.package < name),
    };
    let is_candidate =
        move |record: &&Compromise| ecosystem == Ecosystem::Cargo || record.package == name;
    records[start..]
        .iter()
        .take_while(is_candidate)
        .filter(move |record| is_same_name(ecosystem, record.package, name))
}

/// crates.io lets no two names differ only by `-` and `_`.
fn is_same_name(ecosystem: Ecosystem, one: &str, other: &str) -> bool {
    let fold = |byte: u8| if byte == b'-' { b'_' } else { byte };
    match ecosystem {
        Ecosystem::Cargo => one.bytes().map(fold).eq(other.bytes().map(fold)),
        Ecosystem::Npm | Ecosystem::Pypi => one == other,
    }
}

fn match_release(
    ecosystem: Ecosystem,
    compromise: &'static Compromise,
    version: Option<&str>,
) -> Option<Malware> {
    match compromise.affected {
        Affected::Every => Some(Malware {
            compromise,
            last_good: None,
        }),
        Affected::Releases(releases) => {
            let version = version?;
            let release = releases
                .iter()
                .find(|release| is_same_release(ecosystem, release.version, version))?;
            Some(Malware {
                compromise,
                last_good: release.last_good,
            })
        }
    }
}

/// A record exists from the day after it became known, in UTC: nobody noted the hour, and a replay of that day must not foretell it.
fn is_public(record: &Compromise, now: Timestamp) -> bool {
    let today = TimeZone::UTC.to_datetime(now).date();
    record
        .known_since
        .parse::<Date>()
        .is_ok_and(|known| known < today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an RFC 3339 time")
    }

    #[test]
    fn exact_releases_match_and_their_neighbours_do_not() {
        let now = at("2026-11-01T00:00:00Z");
        let found = malware(Ecosystem::Npm, "axios", Some("1.14.1"), now);
        assert_eq!(
            found
                .iter()
                .map(|malware| malware.last_good)
                .collect::<Vec<_>>(),
            [Some("1.14.0")]
        );
        assert!(malware(Ecosystem::Npm, "axios", Some("1.14.0"), now).is_empty());
        assert!(malware(Ecosystem::Npm, "axio", Some("1.14.1"), now).is_empty());
        assert!(malware(Ecosystem::Cargo, "axios", Some("1.14.1"), now).is_empty());
        assert!(malware(Ecosystem::Npm, "axios", None, now).is_empty());
    }

    #[test]
    fn a_malicious_package_matches_in_every_version() {
        let found = malware(
            Ecosystem::Npm,
            "plain-crypto-js",
            Some("99.0.0"),
            at("2026-11-01T00:00:00Z"),
        );
        assert!(found.iter().all(Malware::is_whole_package) && found.len() == 1);
    }

    #[test]
    fn crates_are_found_with_either_dash() {
        let now = at("2026-11-01T00:00:00Z");
        assert_eq!(
            malware(Ecosystem::Cargo, "faster-log", Some("1.7.8"), now).len(),
            1
        );
        assert!(malware(Ecosystem::Cargo, "fasterlog", Some("1.7.8"), now).is_empty());
    }

    #[test]
    fn python_releases_are_compared_parsed() {
        assert_eq!(
            malware(
                Ecosystem::Pypi,
                "litellm",
                Some("1.82.8.0"),
                at("2026-11-01T00:00:00Z")
            )
            .len(),
            1
        );
    }

    #[test]
    fn records_do_not_exist_before_they_were_known() {
        assert!(
            malware(
                Ecosystem::Npm,
                "axios",
                Some("1.14.1"),
                at("2026-03-30T23:59:59Z")
            )
            .is_empty()
        );
    }
}
