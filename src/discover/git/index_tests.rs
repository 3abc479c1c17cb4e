use super::*;
use crate::discover::fixture::{IndexBytes, mode};

const FILE: u32 = mode(IndexKind::File);

const ENTRIES: [(&str, u32, Checkout); 5] = [
    ("a/Cargo.lock", FILE, Checkout::Full),
    ("a/link", mode(IndexKind::Link), Checkout::Full),
    ("apps/web/package-lock.json", FILE, Checkout::Skipped),
    ("apps/web/package.json", FILE, Checkout::Full),
    ("libs/submodule", mode(IndexKind::Submodule), Checkout::Full),
];

fn everything(_: &str) -> bool {
    true
}

fn read(bytes: &[u8]) -> Result<Index, IndexError> {
    parse(bytes, ObjectFormat::Sha1, &everything)
}

fn summary(index: &Index) -> Vec<(&str, u32, Checkout)> {
    let entries = index.entries.iter();
    entries
        .map(|entry| (entry.path.as_str(), mode(entry.kind), entry.checkout))
        .collect()
}

#[test]
fn versions_3_and_4_are_read() {
    for version in [3, 4] {
        let bytes = IndexBytes::new(version)
            .entries(&ENTRIES)
            .extension(b"TREE", b"xyz")
            .finish();
        assert_eq!(
            summary(&read(&bytes).expect("an index")),
            ENTRIES,
            "version {version}"
        );
        let bytes = IndexBytes::new(version).sha256().entries(&ENTRIES).finish();
        let index = parse(&bytes, ObjectFormat::Sha256, &everything).expect("an index");
        assert_eq!(summary(&index), ENTRIES, "version {version}");
    }
}

#[test]
fn version_2_has_no_extended_flags() {
    let plain = IndexBytes::new(2).entries(&ENTRIES[..2]).finish();
    assert_eq!(summary(&read(&plain).expect("an index")), ENTRIES[..2]);
    let extended = IndexBytes::new(2).entries(&ENTRIES).finish();
    assert!(matches!(read(&extended), Err(IndexError::Damaged(_))));
}

#[test]
fn only_wanted_paths_and_submodules_are_kept() {
    let bytes = IndexBytes::new(4).entries(&ENTRIES).finish();
    let index = parse(&bytes, ObjectFormat::Sha1, &|path| {
        path.ends_with("Cargo.lock")
    });
    let index = index.expect("an index");
    assert_eq!(summary(&index), [ENTRIES[0], ENTRIES[4]]);
}

#[test]
fn long_paths_are_read() {
    let long = format!("{}/Cargo.lock", "folder/".repeat(700).trim_end_matches('/'));
    assert!(long.len() > MAX_PATH_BYTES);
    let medium = format!("{}/Cargo.lock", "f".repeat(4084));
    assert_eq!(medium.len(), 0xfff);
    for version in [3, 4] {
        let entries = [
            (medium.as_str(), FILE, Checkout::Full),
            ("z", FILE, Checkout::Full),
        ];
        let bytes = IndexBytes::new(version).entries(&entries).finish();
        assert_eq!(summary(&read(&bytes).expect("an index")), entries);
        let bytes = IndexBytes::new(version)
            .entries(&[(&long, FILE, Checkout::Full)])
            .finish();
        assert!(matches!(read(&bytes), Err(IndexError::Damaged(_))));
    }
}

#[test]
fn paths_that_cannot_be_named_are_kept_apart() {
    let mut bytes = IndexBytes::new(3).entries(&[]);
    for path in [
        &b"a\\b/Cargo.lock"[..],
        b"b/../Cargo.lock",
        b"c\xff/Cargo.lock",
    ] {
        bytes.entry(path, FILE, Checkout::Full);
    }
    let mut bytes = bytes.finish();
    bytes[11] = 3;
    let index = read(&bytes).expect("an index");
    assert_eq!((index.entries.len(), index.unnamed.len()), (0, 3));
}

#[test]
fn an_unfinished_merge_names_a_path_once() {
    let entry = ("Cargo.lock", FILE, Checkout::Full);
    let bytes = IndexBytes::new(4).entries(&[entry, entry, entry]).finish();
    assert_eq!(summary(&read(&bytes).expect("an index")), [entry]);
}

#[test]
fn extensions_that_change_the_meaning_are_errors() {
    let with = |name| {
        IndexBytes::new(2)
            .entries(&[])
            .extension(name, b"data")
            .finish()
    };
    assert_eq!(read(&with(b"link")), Err(IndexError::Split));
    assert_eq!(read(&with(b"sdir")), Err(IndexError::Sparse));
    assert!(matches!(
        read(&with(b"newx")),
        Err(IndexError::Extension(_))
    ));
    assert_eq!(read(&with(b"FSMN")), Ok(Index::default()));
    let folder = IndexBytes::new(3)
        .entries(&[("a/", 0o040_000, Checkout::Skipped)])
        .finish();
    assert_eq!(read(&folder), Err(IndexError::Sparse));
}

#[test]
fn an_unknown_version_is_an_error() {
    assert_eq!(
        read(&IndexBytes::new(5).entries(&[]).finish()),
        Err(IndexError::Version(5))
    );
}

#[test]
fn paths_out_of_order_are_an_error() {
    let (a, b) = (("a", FILE, Checkout::Full), ("b", FILE, Checkout::Full));
    let bytes = IndexBytes::new(3).entries(&[b, a]).finish();
    assert!(matches!(read(&bytes), Err(IndexError::Damaged(_))));
}

#[test]
fn a_cut_index_is_an_error_wherever_it_is_cut() {
    for version in [3, 4] {
        let bytes = IndexBytes::new(version)
            .entries(&ENTRIES)
            .extension(b"TREE", &[9; 40])
            .finish();
        let body = bytes.len() - ObjectFormat::Sha1.bytes();
        for length in 0..bytes.len() {
            // A cut right before an extension leaves a shorter index, which nothing but the checksum tells.
            let is_whole = length + 48 == bytes.len();
            assert!(
                read(&bytes[..length]).is_err() || is_whole,
                "{length} of {body}"
            );
        }
    }
}

#[test]
fn no_flipped_byte_makes_the_reader_panic_or_grow() {
    for version in [3, 4] {
        let bytes = IndexBytes::new(version)
            .entries(&ENTRIES)
            .extension(b"TREE", &[9; 40])
            .finish();
        for position in 0..bytes.len() {
            for flip in [0x01, 0x40, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[position] ^= flip;
                if let Ok(index) = read(&damaged) {
                    assert!(index.entries.len() + index.unnamed.len() <= ENTRIES.len());
                }
            }
        }
    }
}
