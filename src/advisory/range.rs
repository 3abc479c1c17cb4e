//! Affected ranges, evaluated as the OSV schema says (1.7, section "Evaluation").
//!
//! Events are sorted by version and walked: `introduced` opens, `fixed` closes at its version, `last_affected`
//! behind it. With `limit` events a version counts only below one of them. GIT ranges need a commit graph,
//! so that only the listed versions speak for these.

use std::cmp::Ordering;

use crate::package::Ecosystem;
use crate::package::version::{VersionOrder, is_same_release};

/// What the beginning of all versions is called.
const BEGINNING: &str = "0";

/// A limit that is no limit.
const NO_LIMIT: &str = "*";

/// A range of versions by its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedRange {
    /// In whose order.
    pub order: RangeOrder,
    /// The events, in the order of the record.
    pub events: Vec<Event>,
}

/// The order that the events of a range stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RangeOrder {
    /// That of the ecosystem, which for crates.io and npm is that of semantic versions.
    Versions,
    /// That of commits: no version can be placed in it.
    Commits,
    /// The record does not follow the schema here.
    Unreadable,
}

/// A point at which a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first affected version.
    Introduced(String),
    /// The first version that is not affected any more.
    Fixed(String),
    /// The last affected version.
    LastAffected(String),
    /// An upper bound of all that the record knows.
    Limit(String),
}

/// Whether a record is about a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// It is.
    Affected,
    /// It cannot be told, because the version or an event of the range cannot be compared.
    Unknown,
    /// It is not.
    Unaffected,
}

impl Event {
    /// Returns the version that the event names.
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(version)
            | Self::Fixed(version)
            | Self::LastAffected(version)
            | Self::Limit(version) => version,
        }
    }
}

impl AffectedRange {
    /// Says whether the range begins at the beginning and never ends.
    pub fn is_everything(&self) -> bool {
        let is_beginning =
            |event: &Event| matches!(event, Event::Introduced(version) if version == BEGINNING);
        self.order == RangeOrder::Versions
            && !self.events.is_empty()
            && self.events.iter().all(is_beginning)
    }

    /// Returns the versions that end the range.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| match event {
            Event::Fixed(version) => Some(version.as_str()),
            _ => None,
        })
    }

    fn holds(&self, ecosystem: Ecosystem, version: Option<&VersionOrder<'_>>) -> Match {
        match self.order {
            RangeOrder::Commits => Match::Unaffected,
            RangeOrder::Unreadable => Match::Unknown,
            RangeOrder::Versions if self.is_everything() => Match::Affected,
            RangeOrder::Versions => version
                .and_then(|version| self.place(ecosystem, version))
                .unwrap_or(Match::Unknown),
        }
    }

    /// Walks the events in order; none if one cannot be compared. O(events log events).
    fn place(&self, ecosystem: Ecosystem, version: &VersionOrder<'_>) -> Option<Match> {
        let mut events = Vec::with_capacity(self.events.len());
        for event in &self.events {
            events.push((Point::parse(ecosystem, event)?, event));
        }
        events.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut is_open = false;
        let mut limits = Vec::new();
        for (point, event) in &events {
            let reached = point.compare(version);
            match event {
                Event::Introduced(_) if reached != Ordering::Greater => is_open = true,
                Event::Fixed(_) if reached != Ordering::Greater => is_open = false,
                Event::LastAffected(_) if reached == Ordering::Less => is_open = false,
                Event::Limit(_) => limits.push(reached == Ordering::Greater),
                _ => {}
            }
        }
        let is_below_limit = limits.is_empty() || limits.contains(&true);
        Some(if is_open && is_below_limit {
            Match::Affected
        } else {
            Match::Unaffected
        })
    }
}

/// A point in the order of versions, its two ends included.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Point<'v> {
    Beginning,
    Version(VersionOrder<'v>),
    End,
}

impl<'v> Point<'v> {
    fn parse(ecosystem: Ecosystem, event: &'v Event) -> Option<Self> {
        match (event, event.version()) {
            (Event::Introduced(_), BEGINNING) => Some(Self::Beginning),
            (Event::Limit(_), NO_LIMIT) => Some(Self::End),
            (_, version) => VersionOrder::parse(ecosystem, version).map(Self::Version),
        }
    }

    /// Compares this point with a version.
    fn compare(&self, version: &VersionOrder<'_>) -> Ordering {
        match self {
            Self::Beginning => Ordering::Less,
            Self::Version(point) => point.cmp(version),
            Self::End => Ordering::Greater,
        }
    }
}

/// Says whether a version is among the listed ones or in one of the ranges, which are alternatives.
pub fn affects(
    ecosystem: Ecosystem,
    ranges: &[AffectedRange],
    versions: &[String],
    version: &str,
) -> Match {
    let is_listed = |listed: &String| is_same_release(ecosystem, listed, version);
    if versions.iter().any(is_listed) {
        return Match::Affected;
    }
    let parsed = VersionOrder::parse(ecosystem, version);
    let verdicts = ranges
        .iter()
        .map(|range| range.holds(ecosystem, parsed.as_ref()));
    verdicts.min().unwrap_or(Match::Unaffected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(events: &[Event]) -> AffectedRange {
        AffectedRange {
            order: RangeOrder::Versions,
            events: events.to_vec(),
        }
    }

    fn introduced(version: &str) -> Event {
        Event::Introduced(version.to_owned())
    }

    fn fixed(version: &str) -> Event {
        Event::Fixed(version.to_owned())
    }

    fn verdict(ecosystem: Ecosystem, range: &AffectedRange, version: &str) -> Match {
        affects(ecosystem, std::slice::from_ref(range), &[], version)
    }

    #[test]
    fn a_range_ends_before_the_fixed_version_and_behind_the_last_affected_one() {
        let mended = range(&[introduced("1.0.0"), fixed("1.2.0")]);
        for (version, expected) in [
            ("0.9.0", Match::Unaffected),
            ("1.0.0", Match::Affected),
            ("1.2.0-rc.1", Match::Affected),
            ("1.2.0", Match::Unaffected),
        ] {
            assert_eq!(
                verdict(Ecosystem::Npm, &mended, version),
                expected,
                "{version}"
            );
        }
        let last = range(&[introduced("0"), Event::LastAffected("1.2".to_owned())]);
        assert_eq!(verdict(Ecosystem::Pypi, &last, "1.2.0"), Match::Affected);
        assert_eq!(
            verdict(Ecosystem::Pypi, &last, "1.2.0.post1"),
            Match::Unaffected
        );
    }

    #[test]
    fn what_cannot_be_compared_is_unknown_but_for_whole_packages() {
        let mended = range(&[introduced("0"), fixed("1.2.0")]);
        assert_eq!(verdict(Ecosystem::Cargo, &mended, "what"), Match::Unknown);
        let broken = range(&[introduced("0"), fixed("soon")]);
        assert_eq!(verdict(Ecosystem::Cargo, &broken, "1.0.0"), Match::Unknown);
        let everything = range(&[introduced("0")]);
        assert_eq!(
            verdict(Ecosystem::Cargo, &everything, "what"),
            Match::Affected
        );
        assert!(everything.is_everything() && !mended.is_everything());
    }

    #[test]
    fn one_range_that_holds_is_enough_and_commits_hold_nothing() {
        let commits = AffectedRange {
            order: RangeOrder::Commits,
            events: vec![introduced("0")],
        };
        let other = range(&[introduced("2.0.0")]);
        let ranges = [commits.clone(), other];
        assert_eq!(
            affects(Ecosystem::Npm, &ranges, &[], "2.1.0"),
            Match::Affected
        );
        assert_eq!(
            affects(Ecosystem::Npm, &[commits], &[], "2.1.0"),
            Match::Unaffected
        );
    }
}
