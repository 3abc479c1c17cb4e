use jiff::Timestamp;
use proptest::prelude::*;

use super::compile::Compiler;
use super::*;
use crate::advisory::osv;

fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

fn advisory(id: &str, modified: &str, packages: &[&str]) -> osv::OsvAdvisory {
    let affected = packages.iter().map(|name| {
        format!(r#"{{"package":{{"ecosystem":"npm","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}],"versions":["1.0.0"]}}"#)
    });
    let text = format!(
        r#"{{"id":"{id}","modified":"{modified}","summary":"of {modified}","affected":[{}]}}"#,
        affected.collect::<Vec<_>>().join(",")
    );
    osv::read(text.as_bytes(), Ecosystem::Npm).expect("a record")
}

fn compile(advisories: &[osv::OsvAdvisory]) -> Vec<u8> {
    let mut compiler = Compiler::new(Ecosystem::Npm, now());
    for advisory in advisories {
        compiler.add(advisory);
    }
    write(&compiler)
}

fn write(compiler: &Compiler) -> Vec<u8> {
    let mut bytes = Vec::new();
    compiler.write(&mut bytes).expect("memory takes all");
    bytes
}

fn open(bytes: &[u8]) -> Result<Index<&[u8]>, IndexError> {
    Index::open(bytes, Ecosystem::Npm)
}

fn ids(index: &Index<&[u8]>, name: &str) -> Vec<String> {
    let records = index.look_up(name).expect("a sound index");
    records
        .iter()
        .map(|record| record.id.as_str().to_owned())
        .collect()
}

fn sample() -> Vec<u8> {
    compile(&[
        advisory("GHSA-2", "2026-01-02T00:00:00Z", &["left", "right"]),
        advisory("GHSA-1", "2026-01-01T00:00:00Z", &["left"]),
        advisory("GHSA-3", "2030-01-01T00:00:00Z", &["far"]),
    ])
}

#[test]
fn packages_are_found_with_all_their_records_and_no_others() {
    let bytes = sample();
    let index = open(&bytes).expect("a sound index");
    assert_eq!(ids(&index, "left"), ["GHSA-1", "GHSA-2"]);
    assert_eq!(ids(&index, "right"), ["GHSA-2"]);
    assert_eq!(ids(&index, "lef"), [""; 0]);
    assert_eq!((index.header().records, index.header().packages), (4, 3));
}

#[test]
fn a_record_from_the_future_says_nothing_about_the_age() {
    let bytes = sample();
    let newest = open(&bytes).expect("a sound index").header().newest;
    assert_eq!(
        Timestamp::from_second(newest).expect("a time").to_string(),
        "2026-01-02T00:00:00Z"
    );
}

#[test]
fn crates_are_found_with_either_dash() {
    let text = br#"{"id":"RUSTSEC-1","affected":[{"package":{"ecosystem":"crates.io","name":"faster-log"},"versions":["1.0.0"]}]}"#;
    let mut compiler = Compiler::new(Ecosystem::Cargo, now());
    compiler.add(&osv::read(text, Ecosystem::Cargo).expect("a record"));
    let bytes = write(&compiler);
    let index = Index::open(&bytes[..], Ecosystem::Cargo).expect("a sound index");
    assert_eq!(index.look_up("faster_log").expect("a sound index").len(), 1);
    assert_eq!(index.look_up("faster-log").expect("a sound index").len(), 1);
    assert_eq!(index.look_up("fasterlog").expect("a sound index").len(), 0);
}

#[test]
fn the_order_of_records_does_not_matter_and_the_last_word_counts() {
    let old = || advisory("GHSA-1", "2026-01-01T00:00:00Z", &["left", "gone"]);
    let new = || advisory("GHSA-1", "2026-02-01T00:00:00Z", &["left"]);
    let other = || advisory("GHSA-2", "2026-01-05T00:00:00Z", &["left"]);
    let bytes = compile(&[old(), new(), other()]);
    assert_eq!(bytes, compile(&[other(), new(), old()]));
    let index = open(&bytes).expect("a sound index");
    assert_eq!(ids(&index, "gone"), [""; 0]);
    assert_eq!(
        index.look_up("left").expect("a sound index")[0].summary,
        "of 2026-02-01T00:00:00Z"
    );
}

#[test]
fn an_index_after_a_delta_is_one_compiled_afresh() {
    let old = [
        advisory("GHSA-1", "2026-01-01T00:00:00Z", &["left", "gone"]),
        advisory("GHSA-2", "2026-01-02T00:00:00Z", &["right"]),
    ];
    let changed = || advisory("GHSA-1", "2026-02-01T00:00:00Z", &["left", "new"]);
    let bytes = compile(&old);
    let index = open(&bytes).expect("a sound index");
    let ids = [changed().id].into_iter().collect();
    let mut compiler = Compiler::with(&index, &ids, now()).expect("a sound index");
    compiler.add(&changed());
    let [_, second] = old;
    assert_eq!(write(&compiler), compile(&[second, changed()]));
}

#[test]
fn every_flipped_byte_is_noticed_by_whoever_reads_it() {
    let bytes = sample();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let Ok(index) = open(&damaged) else { continue };
        let read = ["left", "right", "far"].map(|name| index.look_up(name));
        assert!(
            read.iter().any(Result::is_err),
            "byte {at} of {}",
            bytes.len()
        );
    }
}

#[test]
fn every_index_that_is_cut_short_is_refused() {
    let bytes = sample();
    for length in 0..bytes.len() {
        assert!(open(&bytes[..length]).is_err(), "{length} bytes");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(open(&longer).is_err());
}

#[test]
fn what_is_no_index_of_this_kind_says_so() {
    let bytes = sample();
    assert!(matches!(
        Index::open(&bytes[..], Ecosystem::Pypi),
        Err(IndexError::Ecosystem)
    ));
    assert!(matches!(open(b"PK\x03\x04"), Err(IndexError::NotAnIndex)));
    assert!(matches!(open(&[b'x'; 100]), Err(IndexError::NotAnIndex)));
    let mut newer = bytes;
    newer[8] = 2;
    assert!(matches!(open(&newer), Err(IndexError::Format(2))));
}

/// An index in which one package's hash is another's, or which claims another number of records; its checksums hold.
fn forged(forge: impl FnOnce(&mut Header, &mut Vec<u8>)) -> Vec<u8> {
    let bytes = sample();
    let mut header = *open(&bytes).expect("a sound index").header();
    let at = usize::try_from(header.directory_at).expect("a short index");
    let (blocks, directory) = bytes[HEADER..].split_at(at - HEADER);
    let mut directory = directory.to_vec();
    forge(&mut header, &mut directory);
    header.directory_check = directory_check(&directory);
    [&header.encode()[..], blocks, &directory].concat()
}

#[test]
fn a_directory_that_does_not_lead_to_its_packages_is_noticed() {
    open(&sample())
        .expect("a sound index")
        .verify()
        .expect("a sound index");
    for bytes in [
        forged(|_, directory| directory[..CHECK].reverse()),
        forged(|_, directory| directory.rotate_left(LINE)),
        forged(|header, _| header.records += 1),
    ] {
        let index = open(&bytes).expect("checksums that hold");
        assert!(matches!(index.verify(), Err(IndexError::Damaged(_))));
    }
}

#[test]
fn an_empty_index_is_one() {
    let bytes = compile(&[]);
    assert_eq!(open(&bytes).expect("a sound index").header().records, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a damaged block holds, reading it ends with an answer.
    #[test]
    fn arbitrary_bytes_are_never_trusted(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode_block(&bytes);
        prop_assert!(open(&bytes).is_err());
    }
}

proptest! {
    /// The directory is written before the blocks, from their sizes alone.
    #[test]
    fn sizes_are_those_of_what_is_written(count in any::<u32>()) {
        let mut bytes = Vec::new();
        codec::put_count(&mut bytes, count as usize);
        prop_assert_eq!(bytes.len(), codec::count_size(count as usize));
    }
}
