//! All records of the test data: the index against a naive scan of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use linchpin::advisory::index::Index;
use linchpin::advisory::index::compile::Compiler;
use linchpin::advisory::matching::advisories;
use linchpin::advisory::model::Record;
use linchpin::advisory::osv;
use linchpin::package::Ecosystem;
use linchpin::store::records::{self, sources};

use crate::support::shared;

fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

/// Reads every record of an ecosystem, in the order of the archive.
fn read_all(ecosystem: Ecosystem) -> Option<Vec<osv::OsvAdvisory>> {
    let folder = shared::folder("advisories")?.join(ecosystem.registry_name());
    let folder = camino::Utf8PathBuf::from_path_buf(folder).expect("a path that is text");
    let [source] = &sources(&folder, None).expect("the export layout")[..] else {
        panic!("one archive");
    };
    let mut all = Vec::new();
    let mut take = |name: &str, bytes: &[u8]| {
        let advisory = osv::read(bytes, ecosystem);
        all.push(advisory.unwrap_or_else(|error| panic!("{name}: {error}")));
    };
    records::for_each(source, &mut take).expect("a sound archive");
    Some(all)
}

fn compile<'a>(ecosystem: Ecosystem, all: impl Iterator<Item = &'a osv::OsvAdvisory>) -> Vec<u8> {
    let mut compiler = Compiler::new(ecosystem, now());
    all.for_each(|advisory| compiler.add(advisory));
    let mut bytes = Vec::new();
    compiler.write(&mut bytes).expect("memory takes all");
    bytes
}

/// The records of each package, by id.
type Lists = BTreeMap<String, BTreeMap<String, Record>>;

/// Collects the records by package as a person would: one list after the other.
fn by_package(all: &[osv::OsvAdvisory]) -> Lists {
    let mut found = Lists::new();
    for (name, record) in all.iter().flat_map(|advisory| &advisory.packages) {
        let records = found.entry(name.clone()).or_default();
        records.insert(record.id.as_str().to_owned(), record.clone());
    }
    found
}

/// All records, as an index and as lists, for each ecosystem.
pub(super) struct AllRecords(Vec<(Ecosystem, Vec<u8>, Lists)>);

/// Hands all records over; none without the test data.
pub(super) fn with_all_records(then: impl FnOnce(&AllRecords)) -> Option<()> {
    let mut all = Vec::new();
    for ecosystem in Ecosystem::ALL {
        let records = read_all(ecosystem)?;
        all.push((
            ecosystem,
            compile(ecosystem, records.iter()),
            by_package(&records),
        ));
    }
    then(&AllRecords(all));
    Some(())
}

/// Judges a release by the index and by a scan, which must be of one mind; says whether anything holds for it.
pub(super) fn judge(all: &AllRecords, ecosystem: Ecosystem, name: &str, version: &str) -> bool {
    let is_of = |(of, ..): &&(Ecosystem, Vec<u8>, _)| *of == ecosystem;
    let (_, bytes, lists) = all.0.iter().find(is_of).expect("every ecosystem");
    let index = Index::open(&bytes[..], ecosystem).expect("a sound index");
    let found = index.look_up(name).expect("a sound index");
    let fold = |name: &str| match ecosystem {
        Ecosystem::Cargo => name.replace('-', "_"),
        Ecosystem::Npm | Ecosystem::Pypi => name.to_owned(),
    };
    let namesakes = lists.iter().filter(|(key, _)| fold(key) == fold(name));
    let scanned = namesakes.flat_map(|(_, records)| records.values());
    let scanned: Vec<Record> = scanned.cloned().collect();
    let judged = |records: &[Record]| advisories(records, ecosystem, version, now());
    let by_index = judged(&found);
    assert_eq!(by_index, judged(&scanned), "{ecosystem} {name} {version}");
    !by_index.is_empty()
}

#[test]
fn the_index_answers_as_a_scan_of_all_records_does() {
    for ecosystem in Ecosystem::ALL {
        let Some(all) = read_all(ecosystem) else {
            return;
        };
        let bytes = compile(ecosystem, all.iter());
        let index = Index::open(&bytes[..], ecosystem).expect("a sound index");
        for (name, expected) in by_package(&all) {
            let expected: Vec<Record> = expected.into_values().collect();
            let found = index.look_up(&name).expect("a sound index");
            assert_eq!(found, expected, "{ecosystem} {name}");
            // Every version that a record speaks of is judged alike.
            let versions: BTreeSet<&String> = expected
                .iter()
                .flat_map(|record| record.versions.iter().take(3))
                .collect();
            for version in versions {
                let judged = |records: &[Record]| advisories(records, ecosystem, version, now());
                assert_eq!(judged(&found), judged(&expected));
            }
            let stranger = format!("{name}-that-nobody-published");
            assert_eq!(index.look_up(&stranger).expect("a sound index"), []);
        }
    }
}

#[test]
fn two_compilations_and_one_after_a_delta_are_the_same_bytes() {
    let Some(all) = read_all(Ecosystem::Cargo) else {
        return;
    };
    let afresh = compile(Ecosystem::Cargo, all.iter());
    assert!(afresh == compile(Ecosystem::Cargo, all.iter().rev()));
    let (old, new) = all.split_at(all.len() / 2);
    let half = compile(Ecosystem::Cargo, old.iter());
    let index = Index::open(&half[..], Ecosystem::Cargo).expect("a sound index");
    // Half of the delta is known already.
    let delta = old[old.len() / 2..].iter().chain(new);
    let ids = delta.clone().map(|advisory| advisory.id.clone()).collect();
    let mut compiler = Compiler::with(&index, &ids, now()).expect("a sound index");
    delta.for_each(|advisory| compiler.add(advisory));
    let mut bytes = Vec::new();
    compiler.write(&mut bytes).expect("memory takes all");
    assert!(
        bytes == afresh,
        "an index after a delta is one compiled afresh"
    );
}
