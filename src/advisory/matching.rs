//! Records of a package → what of them holds for one version: withdrawn ones left out, twins made one.
//!
//! Databases describe one matter under several ids and name each other's as aliases, which are symmetric and
//! transitive. Each record is evaluated for itself and only those that hold are merged, so that merging never
//! drops a range; a merged match is as severe and as pressing as its worst record.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use petgraph::unionfind::UnionFind;
use rustc_hash::FxHashMap;

use super::exploitation::{Exploitation, Pressure};
use super::model::{AdvisoryId, AdvisoryKind, Record};
use super::range::{AffectedRange, Event, Match, affects};
use super::severity;
use crate::package::Ecosystem;
use crate::package::version::{VersionOrder, is_same_release};
use crate::severity::Severity;

/// How many fixed versions are tried; real packages have a few dozen at most.
const CANDIDATES: usize = 64;

/// How long an advisory is too new for EPSS.
const NEW: SignedDuration = SignedDuration::from_hours(14 * 24);

/// One matter that holds for a version of a package: the records of all databases that speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// All its ids, the one that is shown first.
    pub ids: Vec<AdvisoryId>,
    /// What it warns of: the most pressing kind of its records.
    pub kind: AdvisoryKind,
    /// The worst severity that one of its records states by a vector; none if none does.
    pub severity: Option<Severity>,
    /// A vector that states that severity.
    pub vector: Option<String>,
    /// One line of its author's words.
    pub summary: String,
    /// When the first of its records was published.
    pub published: Option<Timestamp>,
    /// Versions that end one of the ranges that hold, as the records write them, each once.
    pub fixed: Vec<String>,
    /// Whether every release is condemned.
    pub is_whole_package: bool,
    /// Whether a record with the worst severity states that the attack comes over a network.
    pub is_remote: bool,
    /// What is known of its exploitation.
    pub exploitation: Exploitation,
    /// How pressing that makes it among those of its severity.
    pub pressure: Pressure,
    /// Whether the version was found to be affected, or could not be told apart.
    pub verdict: Match,
}

impl Advisory {
    /// Takes up what was known of its exploitation at `now`.
    ///
    /// EPSS needs some days; until then a critical flaw that is reached over a network counts as a possible one.
    pub fn settle_exploitation(&mut self, known: Exploitation, now: Timestamp) {
        let exploitation = known.as_of(TimeZone::UTC.to_datetime(now).date());
        let pressure = Pressure::of(exploitation);
        let is_new = self
            .published
            .is_some_and(|published| now.duration_since(published) < NEW);
        let is_severe = self.severity == Some(Severity::Critical) && self.is_remote;
        self.exploitation = exploitation;
        self.pressure = if exploitation.odds.is_none() && is_new && is_severe {
            pressure.min(Pressure::Possible)
        } else {
            pressure
        };
    }
}

/// Finds what holds for a version at `now`. O(ids of the records), but for sorting.
pub fn advisories(
    records: &[Record],
    ecosystem: Ecosystem,
    version: &str,
    now: Timestamp,
) -> Vec<Advisory> {
    let in_force = records.iter().filter(|record| record.is_in_force(now));
    let holding = in_force.filter_map(|record| {
        let verdict = affects(ecosystem, &record.ranges, &record.versions, version);
        (verdict != Match::Unaffected).then_some((record, verdict))
    });
    let groups = group(holding.collect());
    let mut found: Vec<Advisory> = groups.iter().map(|group| merge(group)).collect();
    found.sort_by(|one, other| one.ids.cmp(&other.ids));
    found
}

/// A record that holds, and how certain that is.
type Holding<'r> = (&'r Record, Match);

/// Puts records that share an id, or that a third one joins, into one group each, in the order of the first.
fn group(holding: Vec<Holding<'_>>) -> Vec<Vec<Holding<'_>>> {
    let mut twins = UnionFind::new(holding.len());
    let mut named: FxHashMap<&AdvisoryId, usize> = FxHashMap::default();
    for (position, (record, _)) in holding.iter().enumerate() {
        for id in ids(record) {
            let first = *named.entry(id).or_insert(position);
            twins.union(first, position);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Holding<'_>>> = BTreeMap::new();
    for (position, holding) in holding.into_iter().enumerate() {
        let group = twins.find_mut(position);
        groups.entry(group).or_default().push(holding);
    }
    groups.into_values().collect()
}

/// Finds the least of the fixed versions above `version` that no record condemns.
///
/// That a package is unmaintained, or that there is something to know, no update mends. O(records) for each
/// version that is tried, of which there are few.
pub fn first_clear(
    records: &[Record],
    found: &[Advisory],
    ecosystem: Ecosystem,
    version: &str,
    now: Timestamp,
) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    let current = VersionOrder::parse(ecosystem, version)?;
    let mut above: Vec<(VersionOrder<'_>, &str)> = found
        .iter()
        .flat_map(|advisory| &advisory.fixed)
        .filter_map(|fixed| Some((VersionOrder::parse(ecosystem, fixed)?, fixed.as_str())))
        .filter(|(parsed, _)| *parsed > current)
        .collect();
    above.sort();
    above.dedup_by(|one, other| one.0 == other.0);
    let condemning = records
        .iter()
        .filter(|record| record.kind <= AdvisoryKind::Unsound && record.is_in_force(now));
    let is_clear = |version: &&str| {
        let mut verdicts = condemning
            .clone()
            .map(|record| affects(ecosystem, &record.ranges, &record.versions, version));
        verdicts.all(|verdict| verdict == Match::Unaffected)
    };
    above
        .into_iter()
        .map(|(_, version)| version)
        .take(CANDIDATES)
        .find(is_clear)
        .map(str::to_owned)
}

/// Lists the ids of the vulnerabilities that a version is the first one without, sorted. O(records).
///
/// Malware has no fixed version: what follows it is no better for that.
pub fn fixed_by(
    records: &[Record],
    ecosystem: Ecosystem,
    version: &str,
    now: Timestamp,
) -> Vec<String> {
    let is_fix = |record: &&Record| {
        let mut events = record.ranges.iter().flat_map(|range| &range.events);
        let is_named = events.any(|event| {
            matches!(event, Event::Fixed(fixed) if is_same_release(ecosystem, fixed, version))
        });
        record.kind == AdvisoryKind::Vulnerability
            && record.is_in_force(now)
            && is_named
            && affects(ecosystem, &record.ranges, &record.versions, version) == Match::Unaffected
    };
    let mut ids: Vec<String> = records
        .iter()
        .filter(is_fix)
        .map(|record| record.id.as_str().to_owned())
        .collect();
    ids.sort_unstable();
    ids
}

fn ids(record: &Record) -> impl Iterator<Item = &AdvisoryId> {
    std::iter::once(&record.id).chain(&record.aliases)
}

fn merge(group: &[Holding<'_>]) -> Advisory {
    let records = || group.iter().map(|(record, _)| *record);
    let mut all: Vec<AdvisoryId> = records().flat_map(ids).cloned().collect();
    all.sort_by(|one, other| (rank(one), one).cmp(&(rank(other), other)));
    all.dedup();
    let mut fixed: Vec<String> = records()
        .flat_map(|record| &record.ranges)
        .flat_map(AffectedRange::fixed)
        .map(str::to_owned)
        .collect();
    fixed.sort_unstable();
    fixed.dedup();
    let vectors = || records().filter_map(|record| record.vector.as_deref());
    let severity = vectors().filter_map(severity::of_vector).min();
    let worst = || vectors().filter(|vector| severity::of_vector(vector) == severity);
    let summary = records()
        .map(|record| &record.summary)
        .find(|summary| !summary.is_empty());
    Advisory {
        ids: all,
        kind: records()
            .map(|record| record.kind)
            .min()
            .unwrap_or(AdvisoryKind::Vulnerability),
        severity,
        vector: severity.and_then(|_| worst().next()).map(str::to_owned),
        summary: summary.cloned().unwrap_or_default(),
        published: records().filter_map(|record| record.published).min(),
        fixed,
        is_whole_package: records().any(Record::is_whole_package),
        is_remote: worst().any(severity::is_over_network),
        exploitation: Exploitation::default(),
        pressure: Pressure::Unknown,
        verdict: group
            .iter()
            .map(|(_, verdict)| *verdict)
            .min()
            .unwrap_or(Match::Unknown),
    }
}

/// Which id is shown: that of the ecosystem's own database, then GitHub's, then others, CVE numbers last.
fn rank(id: &AdvisoryId) -> u8 {
    const ORDER: [&str; 4] = ["MAL-", "RUSTSEC-", "PYSEC-", "GHSA-"];
    let known = ORDER
        .iter()
        .position(|prefix| id.as_str().starts_with(prefix));
    match known {
        Some(position) => u8::try_from(position).unwrap_or(u8::MAX),
        None if id.as_str().starts_with("CVE-") => 9,
        None => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::exploitation::Odds;
    use crate::advisory::range::{Event, RangeOrder};

    const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
    const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

    fn id(text: &str) -> AdvisoryId {
        AdvisoryId::new(text).expect("an id")
    }

    fn record(own: &str, aliases: &[&str], fixed: &str) -> Record {
        Record {
            id: id(own),
            aliases: aliases.iter().map(|alias| id(alias)).collect(),
            kind: AdvisoryKind::Vulnerability,
            published: None,
            withdrawn: None,
            summary: String::new(),
            vector: None,
            ranges: vec![AffectedRange {
                order: RangeOrder::Versions,
                events: vec![
                    Event::Introduced("0".to_owned()),
                    Event::Fixed(fixed.to_owned()),
                ],
            }],
            versions: Vec::new(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an RFC 3339 time")
    }

    fn found(records: &[Record], version: &str) -> Vec<Advisory> {
        advisories(records, Ecosystem::Npm, version, at("2026-11-01T00:00:00Z"))
    }

    #[test]
    fn twins_are_one_matter_as_severe_as_its_worst_record() {
        let mut one = record("GHSA-1", &["CVE-1"], "1.0.0");
        one.vector = Some(HIGH.to_owned());
        let mut other = record("PYSEC-1", &["CVE-2"], "2.0.0");
        other.vector = Some(CRITICAL.to_owned());
        // The third joins the first two.
        let third = record("X-1", &["CVE-1", "CVE-2"], "0.5.0");
        let records = [one, other, third];
        let merged = found(&records, "0.1.0");
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].severity, Some(Severity::Critical));
        assert_eq!(merged[0].fixed, ["0.5.0", "1.0.0", "2.0.0"]);
        let shown: Vec<&str> = merged[0].ids.iter().map(AdvisoryId::as_str).collect();
        assert_eq!(shown, ["PYSEC-1", "GHSA-1", "X-1", "CVE-1", "CVE-2"]);
        // A range of one twin holds although those of the others do not.
        assert_eq!(found(&records, "1.5.0")[0].ids[0].as_str(), "PYSEC-1");
    }

    #[test]
    fn a_critical_flaw_over_the_network_is_pressing_until_epss_knows_it() {
        let mut new = record("GHSA-1", &["CVE-1"], "1.0.0");
        new.vector = Some(CRITICAL.to_owned());
        new.published = Some(at("2026-10-25T00:00:00Z"));
        let pressure = |record: &Record, known: Exploitation, on: &str| {
            let mut advisory = found(std::slice::from_ref(record), "0.1.0").remove(0);
            advisory.settle_exploitation(known, at(on));
            advisory.pressure
        };
        let (soon, later) = ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z");
        let unknown = Exploitation::default();
        assert_eq!(pressure(&new, unknown, soon), Pressure::Possible);
        assert_eq!(pressure(&new, unknown, later), Pressure::Unknown);
        let unlikely = Exploitation {
            odds: Odds::new(0.001),
            ..unknown
        };
        assert_eq!(pressure(&new, unlikely, soon), Pressure::Unknown);
        new.vector = Some(HIGH.to_owned());
        assert_eq!(pressure(&new, unknown, soon), Pressure::Unknown);
        new.vector = Some(CRITICAL.replace("AV:N", "AV:L"));
        assert_eq!(pressure(&new, unknown, soon), Pressure::Unknown);
    }

    #[test]
    fn withdrawn_and_unborn_records_say_nothing() {
        let mut record = record("GHSA-1", &[], "1.0.0");
        record.published = Some(at("2026-01-01T00:00:00Z"));
        record.withdrawn = Some(at("2026-02-01T00:00:00Z"));
        let on = |day: &str| advisories(&[record.clone()], Ecosystem::Npm, "0.1.0", at(day)).len();
        assert_eq!(on("2025-12-31T00:00:00Z"), 0);
        assert_eq!(on("2026-01-15T00:00:00Z"), 1);
        assert_eq!(on("2026-02-01T00:00:00Z"), 0);
    }

    #[test]
    fn the_clear_version_is_the_least_that_no_record_names() {
        let mut back = record("GHSA-3", &[], "9.0.0");
        back.ranges[0].events[0] = Event::Introduced("2.0.0".to_owned());
        let records = [
            record("GHSA-1", &[], "1.0.0"),
            record("GHSA-2", &[], "2.0.0"),
            back,
        ];
        let now = at("2026-11-01T00:00:00Z");
        let matters = found(&records, "0.1.0");
        let clear = first_clear(&records, &matters, Ecosystem::Npm, "0.1.0", now);
        // 2.0.0 mends the first two and brings the third, whose end none of the matters names.
        assert_eq!(clear, None);
        let clear = first_clear(&records[..2], &matters, Ecosystem::Npm, "0.1.0", now);
        assert_eq!(clear.as_deref(), Some("2.0.0"));
    }

    /// A hundred thousand would never end if each were compared with each.
    #[test]
    fn many_records_of_one_package_are_grouped_at_once() {
        let records: Vec<Record> = (0..100_000)
            .map(|number| {
                record(
                    &format!("GHSA-{number}"),
                    &[&format!("CVE-{}", number / 2)],
                    "1.0.0",
                )
            })
            .collect();
        assert_eq!(found(&records, "0.1.0").len(), 50_000);
    }

    #[test]
    fn what_no_update_mends_does_not_stand_in_the_way_of_one() {
        let mut unmaintained = record("RUSTSEC-2", &[], "9.0.0");
        unmaintained.kind = AdvisoryKind::Unmaintained;
        let records = [record("RUSTSEC-1", &[], "1.0.1"), unmaintained];
        let now = at("2026-11-01T00:00:00Z");
        let matters = found(&records, "1.0.0");
        let clear = first_clear(&records, &matters, Ecosystem::Npm, "1.0.0", now);
        assert_eq!(clear.as_deref(), Some("1.0.1"));
    }

    #[test]
    fn unrelated_records_stay_apart() {
        let records = [
            record("GHSA-1", &[], "1.0.0"),
            record("GHSA-2", &[], "1.0.0"),
        ];
        assert_eq!(found(&records, "0.1.0").len(), 2);
        assert_eq!(found(&records, "1.0.0"), []);
    }
}
