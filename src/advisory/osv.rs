//! OSV records (<https://ossf.github.io/osv-schema/>, 1.7): JSON → [`Record`]s, one for each package that we audit.
//!
//! Everything that matching needs is read, whatever stands in the rest. A field of a wrong type loses itself
//! and not the record. What says which versions are affected must be readable, else it counts as an unreadable
//! range, and the record matches as unknown rather than not at all; an entry that does not even say which
//! package it is about is counted.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use super::model::{AdvisoryId, AdvisoryKind, Record, one_line};
use super::range::{AffectedRange, Event, RangeOrder};
use super::severity;
use crate::package::Ecosystem;
use crate::package::name::normalise;

/// What some editors write before the first byte.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The longest version that a record may name, in bytes.
const LONGEST_VERSION: usize = 128;

/// An advisory, taken apart by package.
#[derive(Debug)]
pub struct OsvAdvisory {
    /// Its id.
    pub id: AdvisoryId,
    /// When it last changed.
    pub modified: Option<Timestamp>,
    /// The packages of one ecosystem that it names, each once, and what it says of each.
    pub packages: Vec<(String, Record)>,
    /// How many of its entries do not say which package they are about.
    pub unread: usize,
}

/// Why a text is no OSV record.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OsvError {
    /// It is no JSON, or not of this form.
    #[error("not an OSV record: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Its id is none.
    #[error("not an OSV record: its id is empty, too long or holds odd characters")]
    Id,
}

/// A field of any type, in which nothing can make the record unreadable.
type Loose<'a> = Option<&'a RawValue>;

/// A record as written.
#[derive(Deserialize)]
struct Wire<'a> {
    id: String,
    #[serde(borrow, default)]
    modified: Loose<'a>,
    #[serde(borrow, default)]
    published: Loose<'a>,
    #[serde(borrow, default)]
    withdrawn: Loose<'a>,
    #[serde(borrow, default)]
    aliases: Loose<'a>,
    #[serde(borrow, default)]
    summary: Loose<'a>,
    #[serde(borrow, default)]
    severity: Loose<'a>,
    #[serde(borrow, default)]
    affected: Loose<'a>,
}

/// An entry of `affected`.
#[derive(Deserialize)]
struct WireAffected<'a> {
    #[serde(borrow, default)]
    package: Loose<'a>,
    #[serde(borrow, default)]
    severity: Loose<'a>,
    #[serde(borrow, default)]
    ranges: Loose<'a>,
    #[serde(borrow, default)]
    versions: Loose<'a>,
    #[serde(borrow, default)]
    database_specific: Loose<'a>,
}

#[derive(Deserialize)]
struct WirePackage<'a> {
    ecosystem: String,
    #[serde(borrow)]
    name: &'a RawValue,
}

#[derive(Deserialize)]
struct WireRange<'a> {
    #[serde(borrow, default, rename = "type")]
    order: Loose<'a>,
    #[serde(borrow, default)]
    events: Loose<'a>,
}

/// What of `database_specific` is `RustSec`'s.
#[derive(Deserialize)]
struct WireSpecific<'a> {
    #[serde(borrow, default)]
    informational: Loose<'a>,
}

/// A list that may not be there, and that may be something else.
enum List<'a> {
    Absent,
    Items(Vec<&'a RawValue>),
    Unreadable,
}

/// Whether an entry is about a package that we audit.
enum About {
    Package(String),
    Another,
    Unreadable,
}

/// Reads a record for one ecosystem. An advisory that names no package of it has no packages.
pub fn read(text: &[u8], ecosystem: Ecosystem) -> Result<OsvAdvisory, OsvError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let wire: Wire<'_> = serde_json::from_slice(text)?;
    let mut advisory = OsvAdvisory {
        id: AdvisoryId::new(&wire.id).ok_or(OsvError::Id)?,
        modified: timestamp(wire.modified),
        packages: Vec::new(),
        unread: 0,
    };
    let entries = match list(wire.affected) {
        List::Absent => Vec::new(),
        List::Items(entries) => entries,
        List::Unreadable => {
            advisory.unread += 1;
            Vec::new()
        }
    };
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for entry in entries {
        let affected: Option<WireAffected<'_>> = part(entry);
        let about = affected.as_ref().map(|affected| affected.about(ecosystem));
        let (Some(affected), Some(About::Package(name))) = (affected, &about) else {
            advisory.unread += usize::from(!matches!(about, Some(About::Another)));
            continue;
        };
        let position = *known.entry(name.clone()).or_insert(advisory.packages.len());
        if position == advisory.packages.len() {
            let record = wire.record(&advisory.id, affected.kind(&advisory.id));
            advisory.packages.push((name.clone(), record));
        }
        affected.add_to(&mut advisory.packages[position].1);
    }
    Ok(advisory)
}

impl Wire<'_> {
    /// Starts the record of a package with what the advisory says of all of them.
    fn record(&self, id: &AdvisoryId, kind: AdvisoryKind) -> Record {
        let summary = value(self.summary);
        Record {
            id: id.clone(),
            aliases: self.aliases(),
            kind,
            published: timestamp(self.published),
            withdrawn: timestamp(self.withdrawn),
            summary: one_line(summary.as_str().unwrap_or_default()),
            vector: severity::pick(vectors(self.severity).into_iter()),
            ranges: Vec::new(),
            versions: Vec::new(),
        }
    }

    fn aliases(&self) -> Vec<AdvisoryId> {
        let List::Items(aliases) = list(self.aliases) else {
            return Vec::new();
        };
        let mut aliases: Vec<AdvisoryId> = aliases
            .into_iter()
            .filter_map(|alias| AdvisoryId::new(&part::<String>(alias)?))
            .filter(|alias| alias.as_str() != self.id)
            .collect();
        aliases.sort_unstable();
        aliases.dedup();
        aliases
    }
}

impl WireAffected<'_> {
    /// Returns the package's name in the form that its registry compares, if it is of the ecosystem.
    fn about(&self, ecosystem: Ecosystem) -> About {
        // Entries about a repository have no package.
        let Some(package) = self.package.filter(|package| package.get() != "null") else {
            return About::Another;
        };
        let Some(package) = part::<WirePackage<'_>>(package) else {
            return About::Unreadable;
        };
        // OSV names ecosystems as their registries are named; behind a colon stands a distribution.
        if package.ecosystem.split(':').next() != Some(ecosystem.registry_name()) {
            return About::Another;
        }
        match (part::<String>(package.name), ecosystem) {
            (None, _) => About::Unreadable,
            (Some(name), Ecosystem::Pypi) => About::Package(normalise(&name).into_owned()),
            (Some(name), Ecosystem::Cargo | Ecosystem::Npm) => About::Package(name),
        }
    }

    fn kind(&self, id: &AdvisoryId) -> AdvisoryKind {
        const MALWARE: &str = "MAL-";
        let start = id.as_str().get(..MALWARE.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(MALWARE)) {
            return AdvisoryKind::Malware;
        }
        // Only in `RustSec`'s records does the word mean that the record is no vulnerability.
        if !id.as_str().starts_with("RUSTSEC-") {
            return AdvisoryKind::Vulnerability;
        }
        let specific: Option<WireSpecific<'_>> = self.database_specific.and_then(part);
        let informational = specific.map(|specific| value(specific.informational));
        match informational.as_ref().and_then(Value::as_str) {
            Some("unsound") => AdvisoryKind::Unsound,
            Some("unmaintained") => AdvisoryKind::Unmaintained,
            Some("notice") => AdvisoryKind::Notice,
            _ => AdvisoryKind::Vulnerability,
        }
    }

    /// Adds what this entry says; of several entries the most pressing kind and the worst vector count.
    fn add_to(&self, record: &mut Record) {
        record.kind = record.kind.min(self.kind(&record.id));
        let vectors = vectors(self.severity)
            .into_iter()
            .chain(record.vector.take());
        record.vector = severity::pick(vectors);
        match list(self.ranges) {
            List::Absent => {}
            List::Items(ranges) => record.ranges.extend(ranges.into_iter().map(range)),
            List::Unreadable => record.ranges.push(UNREADABLE),
        }
        let versions = match list(self.versions) {
            List::Absent => Vec::new(),
            List::Items(versions) => versions.into_iter().map(listed_version).collect(),
            List::Unreadable => vec![None],
        };
        if versions.contains(&None) {
            record.ranges.push(UNREADABLE);
        }
        record.versions.extend(versions.into_iter().flatten());
    }
}

/// What stands in the place of a range that cannot be read.
const UNREADABLE: AffectedRange = AffectedRange {
    order: RangeOrder::Unreadable,
    events: Vec::new(),
};

fn listed_version(raw: &RawValue) -> Option<String> {
    part::<String>(raw).filter(|version| version.len() <= LONGEST_VERSION)
}

fn range(raw: &RawValue) -> AffectedRange {
    let Some(wire) = part::<WireRange<'_>>(raw) else {
        return UNREADABLE;
    };
    let order = match value(wire.order).as_str() {
        Some("SEMVER" | "ECOSYSTEM") => RangeOrder::Versions,
        Some("GIT") => RangeOrder::Commits,
        _ => return UNREADABLE,
    };
    match (read_events(wire.events), order) {
        (Some(events), order) => AffectedRange { order, events },
        // No version can be placed among commits, readable or not.
        (None, RangeOrder::Commits) => AffectedRange {
            order,
            events: Vec::new(),
        },
        (None, _) => UNREADABLE,
    }
}

/// Reads the events; none if one of them is not of one kind, or if nothing ever begins.
fn read_events(events: Loose<'_>) -> Option<Vec<Event>> {
    let events = value(events);
    let events: Vec<Event> = events
        .as_array()?
        .iter()
        .map(event)
        .collect::<Option<_>>()?;
    let begins = |event: &Event| matches!(event, Event::Introduced(_));
    events.iter().any(begins).then_some(events)
}

fn event(event: &Value) -> Option<Event> {
    let mut fields = event.as_object()?.iter();
    let (kind, version) = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    let version = version
        .as_str()
        .filter(|version| is_plain(version))?
        .to_owned();
    match kind.as_str() {
        "introduced" => Some(Event::Introduced(version)),
        "fixed" => Some(Event::Fixed(version)),
        "last_affected" => Some(Event::LastAffected(version)),
        "limit" => Some(Event::Limit(version)),
        _ => None,
    }
}

/// Versions are repeated in reports and commands, so that odd characters make a range unreadable.
fn is_plain(version: &str) -> bool {
    version.len() <= LONGEST_VERSION && version.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads a part of a record; none if it is of another form.
fn part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// Reads a field of any type; one that cannot be read is null.
fn value(raw: Loose<'_>) -> Value {
    raw.and_then(part).unwrap_or_default()
}

fn list(raw: Loose<'_>) -> List<'_> {
    match raw {
        None => List::Absent,
        Some(raw) if raw.get() == "null" => List::Absent,
        Some(raw) => part(raw).map_or(List::Unreadable, List::Items),
    }
}

fn vectors(severity: Loose<'_>) -> Vec<String> {
    let severity = value(severity);
    let stated = severity.as_array().into_iter().flatten();
    stated
        .filter_map(|stated| stated["score"].as_str().map(str::to_owned))
        .collect()
}

/// Reads a time, to the second.
fn timestamp(raw: Loose<'_>) -> Option<Timestamp> {
    let time: Timestamp = value(raw).as_str()?.parse().ok()?;
    Timestamp::from_second(time.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{
        "id": "GHSA-1", "modified": "2026-01-02T03:04:05Z", "published": "2026-01-01T00:00:00Z",
        "aliases": ["CVE-1", "GHSA-1", "", 7], "summary": "a\nb", "unknown": {"deep": [1]},
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [
            {"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]}]},
            {"package": {"ecosystem": "PyPI", "name": "X_y"}, "versions": ["1"]},
            {"package": {"ecosystem": "npm", "name": "x"}, "versions": ["3.0.0"], "ranges": null},
            {"package": {"ecosystem": "Go", "name": "x"}}
        ]}"#;

    #[test]
    fn a_record_is_taken_apart_by_package_and_all_its_entries_count() {
        let advisory = read(RECORD.as_bytes(), Ecosystem::Npm).expect("a record");
        let [(name, record)] = &advisory.packages[..] else {
            panic!("one package of npm: {:?}", advisory.packages);
        };
        assert_eq!((name.as_str(), record.summary.as_str()), ("x", "a b"));
        assert_eq!(
            (record.ranges.len(), &record.versions[..]),
            (1, &["3.0.0".to_owned()][..])
        );
        assert_eq!(record.aliases, [AdvisoryId::new("CVE-1").expect("an id")]);
        assert!(
            record
                .vector
                .as_deref()
                .is_some_and(|vector| vector.starts_with("CVSS:3.1"))
        );
        let python = read(RECORD.as_bytes(), Ecosystem::Pypi).expect("a record");
        assert_eq!(python.packages[0].0, "x-y");
        assert!(
            read(RECORD.as_bytes(), Ecosystem::Cargo)
                .expect("a record")
                .packages
                .is_empty()
        );
    }

    #[test]
    fn kinds_are_those_of_the_sources() {
        let with = |id: &str, informational: &str| {
            let text = format!(
                r#"{{"id":"{id}","affected":[{{"package":{{"ecosystem":"crates.io","name":"x"}},"database_specific":{{"informational":{informational}}}}}]}}"#
            );
            read(text.as_bytes(), Ecosystem::Cargo)
                .expect("a record")
                .packages[0]
                .1
                .kind
        };
        assert_eq!(with("RUSTSEC-1", "\"unsound\""), AdvisoryKind::Unsound);
        assert_eq!(
            with("RUSTSEC-1", "\"unmaintained\""),
            AdvisoryKind::Unmaintained
        );
        assert_eq!(with("RUSTSEC-1", "\"notice\""), AdvisoryKind::Notice);
        assert_eq!(with("RUSTSEC-1", "null"), AdvisoryKind::Vulnerability);
        assert_eq!(with("MAL-1", "null"), AdvisoryKind::Malware);
        assert_eq!(with("mal-1", "null"), AdvisoryKind::Malware);
        assert_eq!(with("GHSA-1", "\"notice\""), AdvisoryKind::Vulnerability);
    }

    #[test]
    fn a_malformed_range_is_kept_as_unreadable() {
        for events in [
            r#"[{"introduced":"1","fixed":"2"}]"#,
            r#"[{"begun":"1"}]"#,
            "7",
            "[1]",
        ] {
            let text = format!(
                r#"{{"id":"A-1","affected":[{{"package":{{"ecosystem":"npm","name":"x"}},"ranges":[{{"type":"SEMVER","events":{events}}}]}}]}}"#
            );
            let advisory = read(text.as_bytes(), Ecosystem::Npm).expect("a record");
            assert_eq!(
                advisory.packages[0].1.ranges[0].order,
                RangeOrder::Unreadable,
                "{events}"
            );
        }
    }

    /// What a record says of x: how many entries were not read, and the ranges that were.
    fn about_x(fields: &str) -> (usize, Vec<RangeOrder>) {
        let text = format!("\u{feff}{{\"id\":\"A-1\",{fields}}}");
        let advisory = read(text.as_bytes(), Ecosystem::Npm).expect("a record");
        let ranges = advisory
            .packages
            .iter()
            .flat_map(|(_, record)| &record.ranges);
        (advisory.unread, ranges.map(|range| range.order).collect())
    }

    const X: &str = r#""package":{"ecosystem":"npm","name":"x"}"#;

    #[test]
    fn odd_fields_lose_themselves_and_not_the_record() {
        let deep = "[".repeat(300) + &"]".repeat(300);
        for fields in [
            r#""aliases":7,"severity":{},"published":1"#.to_owned(),
            r#""summary":"\ud800","modified":"soon""#.to_owned(),
            format!(r#""database_specific":{deep}"#),
        ] {
            let entry = format!(
                r#"{{{X},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}],"database_specific":{deep}}}"#
            );
            let read = about_x(&format!(r#"{fields},"affected":[{entry}]"#));
            assert_eq!(read, (0, vec![RangeOrder::Versions]), "{fields}");
        }
    }

    #[test]
    fn odd_neighbours_are_counted_and_lose_nobody_else() {
        for (neighbour, unread) in [
            ("null", 1),
            ("7", 1),
            (r#"{"package":7}"#, 1),
            (r#"{"package":{"ecosystem":null,"name":"x"}}"#, 1),
            (r#"{"package":{"ecosystem":"npm","name":7}}"#, 1),
            (r#"{"package":{"ecosystem":"Go","name":7}}"#, 0),
            (r#"{"package":null}"#, 0),
            ("{}", 0),
        ] {
            let entry = format!(
                r#"{{{X},"versions":["1.0.0"],"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}"#
            );
            let read = about_x(&format!(r#""affected":[{neighbour},{entry}]"#));
            assert_eq!(read, (unread, vec![RangeOrder::Versions]), "{neighbour}");
        }
        assert_eq!(about_x(r#""affected":{}"#), (1, Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_of_the_affected_versions_is_unknown_and_not_unaffected() {
        for affectedness in [
            r#""versions":"1.0.0""#,
            r#""versions":[1.0]"#,
            r#""versions":[{"v":"1.0.0"}]"#,
            r#""ranges":{}"#,
            r#""ranges":[null]"#,
            r#""ranges":[{"events":[{"introduced":"0"}]}]"#,
            r#""ranges":[{"type":"SEMVER"}]"#,
            r#""ranges":[{"type":"SEMVER","events":[]}]"#,
            r#""ranges":[{"type":"SEMVER","events":[{"fixed":"2.0.0"}]}]"#,
        ] {
            let read = about_x(&format!(r#""affected":[{{{X},{affectedness}}}]"#));
            assert_eq!(read, (0, vec![RangeOrder::Unreadable]), "{affectedness}");
        }
        for affectedness in [
            r#""versions":[]"#,
            r#""ranges":null"#,
            r#""versions":["1"]"#,
        ] {
            let read = about_x(&format!(r#""affected":[{{{X},{affectedness}}}]"#));
            assert_eq!(read, (0, Vec::new()), "{affectedness}");
        }
    }

    #[test]
    fn of_several_entries_the_worst_vector_and_the_most_pressing_kind_count() {
        const LOW: &str = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
        const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
        let score =
            |vector: &str| format!(r#""severity":[{{"type":"CVSS_V3","score":"{vector}"}}]"#);
        let named = r#""package":{"ecosystem":"crates.io","name":"x"}"#;
        let notice = r#""database_specific":{"informational":"notice"}"#;
        let low = score(LOW);
        for affected in [
            format!("{{{named},{notice},{low}}},{{{named},{}}}", score(CRITICAL)),
            format!("{{{named},{}}},{{{named},{notice},{low}}}", score(CRITICAL)),
        ] {
            let text = format!(r#"{{"id":"RUSTSEC-1",{low},"affected":[{affected}]}}"#);
            let advisory = read(text.as_bytes(), Ecosystem::Cargo).expect("a record");
            let record = &advisory.packages[0].1;
            assert_eq!(record.vector.as_deref(), Some(CRITICAL));
            assert_eq!(record.kind, AdvisoryKind::Vulnerability);
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"id":""}"#,
            r#"{"id":"a b"}"#,
            r#"{"id":"A","summary":"one","summary":"two"}"#,
        ] {
            assert!(read(text.as_bytes(), Ecosystem::Npm).is_err(), "{text}");
        }
    }
}
