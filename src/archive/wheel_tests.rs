use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

/// Packs files of a few bytes each.
fn packed(names: &[&str], comment: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a file begins");
        writer.write_all(b"x = 1\n").expect("memory takes all");
    }
    writer
        .set_comment(comment)
        .expect("a comment of some bytes");
    writer.finish().expect("an archive").into_inner()
}

/// Returns the length of a field as it stands in a record.
fn short(field: &[u8]) -> [u8; 2] {
    u16::try_from(field.len()).expect("small").to_le_bytes()
}

/// Writes the directory entry of a file.
fn entry_of(name: &[u8], extra: &[u8]) -> Vec<u8> {
    let mut entry = ENTRY.to_vec();
    entry.resize(ENTRY_BYTES, 0);
    entry[28..30].copy_from_slice(&short(name));
    entry[30..32].copy_from_slice(&short(extra));
    entry.extend_from_slice(name);
    entry.extend_from_slice(extra);
    entry
}

fn end_of(count: u16, size: u32, offset: u32) -> Vec<u8> {
    let mut end = END.to_vec();
    end.extend([0; 4]);
    end.extend(count.to_le_bytes());
    end.extend(count.to_le_bytes());
    end.extend(size.to_le_bytes());
    end.extend(offset.to_le_bytes());
    end.extend([0; 2]);
    end
}

/// An archive of a directory and its end, with as many entries as `count` says.
fn bare(directory: &[u8], count: u16) -> Vec<u8> {
    [
        directory,
        &end_of(count, u32::try_from(directory.len()).expect("small"), 0),
    ]
    .concat()
}

/// An archive with zip64 records whose plain end record says nothing.
fn bare64(directory: &[u8], count: u64) -> Vec<u8> {
    let mut bytes = directory.to_vec();
    bytes.extend(END64);
    bytes.extend(44u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0]);
    bytes.extend([0; 8]);
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend((directory.len() as u64).to_le_bytes());
    bytes.extend(0u64.to_le_bytes());
    bytes.extend(LOCATOR);
    bytes.extend(0u32.to_le_bytes());
    bytes.extend((directory.len() as u64).to_le_bytes());
    bytes.extend(1u32.to_le_bytes());
    bytes.extend(end_of(u16::MAX, u32::MAX, u32::MAX));
    bytes
}

fn whole(bytes: &[u8]) -> Result<Directory, ArchiveError> {
    read_directory(bytes.len() as u64, 0, bytes)
}

fn names_of(names: &[&str]) -> Directory {
    Directory::Names(names.iter().map(|name| (*name).to_owned()).collect())
}

/// Reads as a client would that fetches `first` bytes of the end, and counts its rounds.
fn fetched(bytes: &[u8], first: u64) -> (Directory, usize) {
    let total = bytes.len() as u64;
    let mut start = total.saturating_sub(first);
    for round in 1..=3 {
        let held = &bytes[usize::try_from(start).expect("small")..];
        match read_directory(total, start, held).expect("a good archive") {
            Directory::Read(range) => {
                assert_eq!(range.end, total);
                assert!(range.start < start, "it asks for more than it has");
                start = range.start;
            }
            names @ Directory::Names(_) => return (names, round),
        }
    }
    panic!("three rounds suffice");
}

#[test]
fn names_are_read_in_order_from_the_whole_file() {
    let bytes = packed(&["b/z.py", "a.py", "ü.txt"], "");
    assert_eq!(whole(&bytes), Ok(names_of(&["b/z.py", "a.py", "ü.txt"])));
    assert_eq!(whole(&packed(&[], "")), Ok(names_of(&[])));
}

#[test]
fn a_short_end_asks_for_the_directory_from_its_start() {
    let names: Vec<String> = (0..3000)
        .map(|number| format!("p/{number:060}.py"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let bytes = packed(&names, "");
    let total = bytes.len() as u64;
    let start = total - 200;
    let held = &bytes[bytes.len() - 200..];
    let Ok(Directory::Read(range)) = read_directory(total, start, held) else {
        panic!("the directory is not at hand");
    };
    let from = usize::try_from(range.start).expect("small");
    assert_eq!(&bytes[from..from + 4], ENTRY);
    assert_eq!(fetched(&bytes, TAIL_BYTES), (names_of(&names), 2));
}

#[test]
fn any_first_read_leads_to_the_names() {
    let comment = "c".repeat(60_000);
    for bytes in [
        packed(&["a.py", "b.py"], ""),
        packed(&["a.py", "b.py"], &comment),
        bare64(
            &[entry_of(b"a.py", b""), entry_of(b"b.py", b"")].concat(),
            2,
        ),
    ] {
        for first in [0, 1, 22, 50, 98, 150, 70_000] {
            let (names, _) = fetched(&bytes, first);
            assert_eq!(names, names_of(&["a.py", "b.py"]), "{first}");
        }
    }
}

#[test]
fn a_comment_of_the_greatest_length_is_passed_over() {
    let bytes = packed(&["a.py"], &"c".repeat(LONGEST_COMMENT));
    assert_eq!(fetched(&bytes, TAIL_BYTES).0, names_of(&["a.py"]));
}

#[test]
fn zip64_records_take_the_word() {
    let directory = [entry_of(b"a.py", b""), entry_of(b"b.py", b"")].concat();
    assert_eq!(
        whole(&bare64(&directory, 2)),
        Ok(names_of(&["a.py", "b.py"]))
    );
    let mut differing = bare64(&directory, 2);
    let count = differing.len() - 12;
    differing[count - 2..count + 2].copy_from_slice(&[1, 0, 1, 0]);
    assert_eq!(
        whole(&differing),
        Err(ArchiveError::Ambiguous("its two end records do not agree"))
    );
    let mut astray = bare64(&directory, 2);
    let locator = astray.len() - END_BYTES - LOCATOR_BYTES;
    astray[locator + 8] ^= 1;
    assert_eq!(
        whole(&astray),
        Err(ArchiveError::Ambiguous(
            "its zip64 end record is not where its locator says"
        ))
    );
}

#[test]
fn what_is_no_archive_or_goes_on_behind_it_is_refused() {
    assert_eq!(whole(b""), Err(ArchiveError::NoDirectory));
    assert_eq!(
        whole(b"no archive at all, only text"),
        Err(ArchiveError::NoDirectory)
    );
    let mut bytes = packed(&["a.py"], "");
    bytes.push(0);
    assert_eq!(whole(&bytes), Err(ArchiveError::NoDirectory));
}

#[test]
fn an_end_record_in_a_comment_is_refused() {
    let inner = bare(&entry_of(b"evil.pth", b""), 1);
    let mut bytes = bare(&entry_of(b"a.py", b""), 1);
    let comment = bytes.len() - 2;
    bytes[comment..].copy_from_slice(&short(&inner));
    bytes.extend(inner);
    assert_eq!(
        whole(&bytes),
        Err(ArchiveError::Ambiguous("it has two end records"))
    );
}

#[test]
fn bytes_in_front_of_the_archive_are_refused() {
    let bytes = [b"#!/bin/sh\n".as_slice(), &packed(&["a.py"], "")].concat();
    assert_eq!(
        whole(&bytes),
        Err(ArchiveError::Ambiguous(
            "its directory is not where its end record says"
        ))
    );
}

#[test]
fn the_count_must_be_that_of_the_entries() {
    let directory = [entry_of(b"a.py", b""), entry_of(b"b.py", b"")].concat();
    assert_eq!(
        whole(&bare(&directory, 1)),
        Err(ArchiveError::Damaged("more files than its end record says"))
    );
    assert_eq!(
        whole(&bare(&directory, 3)),
        Err(ArchiveError::Damaged(
            "fewer files than its end record says"
        ))
    );
    assert_eq!(
        whole(&bare(&directory[..directory.len() - 1], 2)),
        Err(ArchiveError::Truncated("its directory"))
    );
}

#[test]
fn limits_hold() {
    let name = vec![b'a'; LONGEST_NAME + 1];
    let is_too_large = |bytes: &[u8], what: &str| match whole(bytes) {
        Err(ArchiveError::TooLarge { what: found, .. }) => found == what,
        _ => false,
    };
    assert!(is_too_large(
        &bare(&entry_of(&name, b""), 1),
        "bytes of name"
    ));
    assert!(whole(&bare(&entry_of(&name[1..], b""), 1)).is_ok());
    assert!(is_too_large(&bare64(b"", MOST_NAMES + 1), "files"));
    let large = vec![0; usize::try_from(LARGEST_DIRECTORY + 1).expect("small")];
    assert!(is_too_large(&bare(&large, 1), "bytes of directory"));
}

#[test]
fn names_that_readers_take_differently_are_refused() {
    let second = [&[0x75, 0x70, 13, 0, 1, 0, 0, 0, 0][..], b"evil.pth"].concat();
    assert_eq!(
        whole(&bare(&entry_of(b"a.py", &second), 1)),
        Err(ArchiveError::Ambiguous("a file has two names"))
    );
    assert!(whole(&bare(&entry_of(b"evil.pth", &second), 1)).is_ok());
    assert_eq!(
        whole(&bare(&entry_of(b"evil.pth\0.txt", b""), 1)),
        Err(ArchiveError::Ambiguous("a name holds a NUL"))
    );
}

#[test]
fn names_that_are_no_text_are_read_lossily() {
    assert_eq!(
        whole(&bare(&entry_of(b"a\xff.py", b""), 1)),
        Ok(names_of(&["a\u{fffd}.py"]))
    );
}

#[test]
fn bytes_that_are_not_the_end_are_refused() {
    let bytes = packed(&["a.py"], "");
    let total = bytes.len() as u64;
    assert_eq!(
        read_directory(total, 1, &bytes),
        Err(ArchiveError::NotTheEnd)
    );
    assert_eq!(
        read_directory(total, u64::MAX, &bytes),
        Err(ArchiveError::NotTheEnd)
    );
}

#[test]
fn files_that_python_runs_at_start_are_picked() {
    for name in [
        "evil.pth",
        "EVIL.PTH",
        "./evil.pth",
        "pkg/../evil.pth",
        "sitecustomize.py",
        "SiteCustomize.py",
        "usercustomize.cpython-312-x86_64-linux-gnu.so",
        "sitecustomize/__init__.py",
        "a-1.0.data/purelib/evil.pth",
        "a-1.0.data\\platlib\\evil.pth",
        "a-1.0.data/platlib/usercustomize.py",
        "a-1.0.data/purelib/sitecustomize/__init__.py",
        "a-1.0.data/data/evil.pth",
        "a-1.0.data/data/Lib/site-packages/evil.pth",
        "a-1.0.data/data/lib/python3.12/sitecustomize.py",
    ] {
        assert_eq!(start_up_files([name].into_iter()), [name]);
    }
}

#[test]
fn other_files_are_not_picked() {
    for name in [
        "",
        "pkg/weights.pth",
        "pkg/sitecustomize.py",
        "pkg/sitecustomize/__init__.py",
        "evil.pth/",
        "evil.pth.txt",
        "sitecustomize.txt",
        "my_sitecustomize.py",
        "sitecustomize/other.py",
        "__init__.py",
        "a-1.0.data/scripts/evil.pth",
        "a-1.0.data/purelib/pkg/weights.pth",
        "a-1.0.data/data/share/weights.pth",
        "../evil.pth",
    ] {
        assert!(start_up_files([name].into_iter()).is_empty(), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0u64..10) {
        let _ = read_directory(start + bytes.len() as u64, start, &bytes);
    }

    #[test]
    fn a_changed_byte_never_panics_and_never_asks_for_what_is_at_hand(
        at in any::<prop::sample::Index>(), value in any::<u8>(), first in 0u64..400,
    ) {
        for good in [packed(&["a.py", "b.py"], "hello"), bare64(&entry_of(b"a.py", b""), 1)] {
            let mut bytes = good;
            let at = at.index(bytes.len());
            bytes[at] = value;
            let total = bytes.len() as u64;
            let start = total.saturating_sub(first);
            let held = &bytes[usize::try_from(start).expect("small")..];
            if let Ok(Directory::Read(range)) = read_directory(total, start, held) {
                prop_assert!(range.start < start && range.end == total);
            }
        }
    }
}
