//! OSV records (<https://ossf.github.io/osv-schema/>, 1.7): JSON → [`Record`]s, one for each package that we audit.
//!
//! Everything that matching needs is read, whatever stands in the rest. A field of a wrong type loses itself
//! and not the record, but what says which versions are affected must be readable, else the range counts as
//! unreadable and the record matches as unknown rather than not at all.

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use super::model::{AdvisoryId, AdvisoryKind, Record, one_line};
use super::range::{AffectedRange, Event, RangeOrder};
use super::severity;
use crate::package::Ecosystem;
use crate::package::name::normalise;

/// The longest version that an event may name, in bytes.
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

/// A record as written.
#[derive(Deserialize)]
struct Wire {
    id: String,
    #[serde(default)]
    modified: Value,
    #[serde(default)]
    published: Value,
    #[serde(default)]
    withdrawn: Value,
    #[serde(default)]
    aliases: Value,
    #[serde(default)]
    summary: Value,
    #[serde(default)]
    severity: Value,
    #[serde(default)]
    affected: Option<Vec<WireAffected>>,
}

/// An entry of `affected`.
#[derive(Deserialize)]
struct WireAffected {
    #[serde(default)]
    package: Option<WirePackage>,
    #[serde(default)]
    severity: Value,
    #[serde(default)]
    ranges: Option<Vec<WireRange>>,
    #[serde(default)]
    versions: Value,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct WirePackage {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct WireRange {
    #[serde(default, rename = "type")]
    order: Value,
    #[serde(default)]
    events: Value,
}

/// Reads a record for one ecosystem. An advisory that names no package of it has no packages.
pub fn read(text: &[u8], ecosystem: Ecosystem) -> Result<OsvAdvisory, OsvError> {
    let wire: Wire = serde_json::from_slice(text)?;
    let id = AdvisoryId::new(&wire.id).ok_or(OsvError::Id)?;
    let mut packages: Vec<(String, Record)> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for affected in wire.affected.iter().flatten() {
        let Some(name) = affected.name_in(ecosystem) else {
            continue;
        };
        let position = *known.entry(name.clone()).or_insert(packages.len());
        if position == packages.len() {
            packages.push((name, wire.record(&id, affected)));
        }
        affected.add_to(&mut packages[position].1);
    }
    Ok(OsvAdvisory {
        modified: timestamp(&wire.modified),
        id,
        packages,
    })
}

impl Wire {
    /// Starts the record of a package with what the advisory says of all of them.
    fn record(&self, id: &AdvisoryId, affected: &WireAffected) -> Record {
        let vectors = vectors(&affected.severity).chain(vectors(&self.severity));
        Record {
            id: id.clone(),
            aliases: self.aliases(),
            kind: kind(id, affected),
            published: timestamp(&self.published),
            withdrawn: timestamp(&self.withdrawn),
            summary: one_line(self.summary.as_str().unwrap_or_default()),
            vector: severity::pick(vectors).map(str::to_owned),
            ranges: Vec::new(),
            versions: Vec::new(),
        }
    }

    fn aliases(&self) -> Vec<AdvisoryId> {
        let aliases = self.aliases.as_array().into_iter().flatten();
        let mut aliases: Vec<AdvisoryId> = aliases
            .filter_map(|alias| AdvisoryId::new(alias.as_str()?))
            .filter(|alias| alias.as_str() != self.id)
            .collect();
        aliases.sort_unstable();
        aliases.dedup();
        aliases
    }
}

impl WireAffected {
    /// Returns the package's name in the form that its registry compares, if it is of the ecosystem.
    fn name_in(&self, ecosystem: Ecosystem) -> Option<String> {
        let package = self.package.as_ref()?;
        // OSV names ecosystems as their registries are named; behind a colon stands a distribution.
        let named = package.ecosystem.split(':').next()?;
        (named == ecosystem.registry_name()).then(|| match ecosystem {
            Ecosystem::Pypi => normalise(&package.name).into_owned(),
            Ecosystem::Cargo | Ecosystem::Npm => package.name.clone(),
        })
    }

    fn add_to(&self, record: &mut Record) {
        let ranges = self.ranges.iter().flatten().map(WireRange::read);
        record.ranges.extend(ranges);
        let versions = self.versions.as_array().into_iter().flatten();
        record
            .versions
            .extend(versions.filter_map(|version| version.as_str().map(str::to_owned)));
    }
}

impl WireRange {
    fn read(&self) -> AffectedRange {
        let order = match self.order.as_str() {
            Some("SEMVER" | "ECOSYSTEM") => RangeOrder::Versions,
            Some("GIT") => RangeOrder::Commits,
            _ => RangeOrder::Unreadable,
        };
        match self.read_events() {
            Some(events) => AffectedRange { order, events },
            None => AffectedRange {
                order: RangeOrder::Unreadable,
                events: Vec::new(),
            },
        }
    }

    /// Reads the events; none if one of them is not of one kind.
    fn read_events(&self) -> Option<Vec<Event>> {
        self.events.as_array()?.iter().map(event).collect()
    }
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

fn kind(id: &AdvisoryId, affected: &WireAffected) -> AdvisoryKind {
    if id.as_str().starts_with("MAL-") {
        return AdvisoryKind::Malware;
    }
    match affected.database_specific["informational"].as_str() {
        Some("unsound") => AdvisoryKind::Unsound,
        Some("unmaintained") => AdvisoryKind::Unmaintained,
        Some("notice") => AdvisoryKind::Notice,
        _ => AdvisoryKind::Vulnerability,
    }
}

fn vectors(severity: &Value) -> impl Iterator<Item = &str> {
    let stated = severity.as_array().into_iter().flatten();
    stated.filter_map(|stated| stated["score"].as_str())
}

/// Reads a time, to the second.
fn timestamp(value: &Value) -> Option<Timestamp> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
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

    #[test]
    fn odd_fields_lose_themselves_and_not_the_record() {
        let text = r#"{"id":"A-1","aliases":7,"affected":[{"package":{"ecosystem":"npm","name":"x"},"versions":[null,"1.0.0",{}],
            "ranges":[{"events":[{"introduced":"0"}]}]},{"package":null},{}]}"#;
        let advisory = read(text.as_bytes(), Ecosystem::Npm).expect("a record");
        let record = &advisory.packages[0].1;
        assert_eq!(record.versions, ["1.0.0"]);
        assert_eq!(record.ranges[0].order, RangeOrder::Unreadable);
    }

    #[test]
    fn what_is_no_record_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"id":""}"#,
            r#"{"id":"a b"}"#,
            r#"{"id":"A","affected":7}"#,
        ] {
            assert!(read(text.as_bytes(), Ecosystem::Npm).is_err(), "{text}");
        }
    }
}
