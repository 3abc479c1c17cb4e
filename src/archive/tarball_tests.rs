use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

/// Writes the header of an entry.
fn header(path: &[u8], flag: u8, size: usize) -> Vec<u8> {
    let mut block = vec![0; BLOCK_BYTES];
    block[..path.len()].copy_from_slice(path);
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    signed(block)
}

fn signed(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
    bytes
}

fn entry(path: &str, flag: u8, content: &[u8]) -> Vec<u8> {
    let head = header(path.as_bytes(), flag, content.len());
    padded([head, content.to_vec()].concat())
}

fn record(key: &str, value: &str) -> String {
    let body = format!(" {key}={value}\n");
    let mut length = body.len() + 1;
    while length != body.len() + length.to_string().len() {
        length += 1;
    }
    format!("{length}{body}")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("a stream")
}

/// Packs entries with the end of an archive.
fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
    gzip(&[entries.concat(), vec![0; 2 * BLOCK_BYTES]].concat())
}

/// Packs files as npm does.
pub(in crate::archive) fn tarball(files: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<Vec<u8>> = files
        .iter()
        .map(|(path, text)| entry(&format!("package/{path}"), b'0', text.as_bytes()))
        .collect();
    packed(&entries)
}

fn read(gz: &[u8]) -> Result<Tarball, ArchiveError> {
    read_tarball(gz, &|_| true, &TarballLimits::default())
}

fn files(gz: &[u8]) -> Vec<(String, u64)> {
    let files = read(gz).expect("a good archive").files;
    files
        .into_iter()
        .map(|file| (file.path, file.size))
        .collect()
}

fn listed(files: &[(&str, u64)]) -> Vec<(String, u64)> {
    let files = files.iter();
    files
        .map(|(path, size)| ((*path).to_owned(), *size))
        .collect()
}

#[test]
fn files_are_listed_and_the_wanted_ones_kept() {
    let gz = tarball(&[
        ("package.json", "{}"),
        ("lib/a.js", "1;"),
        ("README.md", "hi"),
    ]);
    let read = read_tarball(&gz, &|path| path == "lib/a.js", &TarballLimits::default())
        .expect("a good archive");
    let paths: Vec<&str> = read.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["package.json", "lib/a.js", "README.md"]);
    assert_eq!(
        read.kept.into_iter().collect::<Vec<_>>(),
        [("lib/a.js".to_owned(), b"1;".to_vec())]
    );
    assert!(read.cut.is_empty());
}

#[test]
fn content_of_many_blocks_and_none_is_kept_whole() {
    let long = "x".repeat(100_001);
    let read = read(&tarball(&[("a", &long), ("empty", ""), ("b", "end")])).expect("good");
    assert_eq!(read.kept["a"], long.as_bytes());
    assert_eq!(read.kept["empty"], b"");
    assert_eq!(read.kept["b"], b"end");
}

#[test]
fn the_first_folder_goes_and_paths_are_normalised() {
    let gz = packed(&[
        entry("package", b'5', b""),
        entry("package/", b'0', b""),
        entry("package/./a//b.js", b'0', b"1"),
        entry("other-root/c.js", 0, b"22"),
        entry("/package/d.js", b'7', b"333"),
        entry("._beside.js", b'0', b"4444"),
    ]);
    assert_eq!(
        files(&gz),
        listed(&[("a/b.js", 1), ("c.js", 2), ("package/d.js", 3)])
    );
}

#[test]
fn long_names_of_every_sort_are_read() {
    let long = format!("package/{}/a.js", "d".repeat(200));
    let mut prefixed = header(b"a.js", b'0', 1);
    prefixed[345..355].copy_from_slice(b"package/pr");
    let gz = packed(&[
        entry("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        entry("package/short", b'0', b"1"),
        entry("././@LongLink", b'K', b"nowhere\0"),
        entry(
            "PaxHeader",
            b'x',
            record("path", "package/p\u{e4}x.js").as_bytes(),
        ),
        entry("package/short", b'0', b"22"),
        entry(
            "pax_global_header",
            b'g',
            record("comment", "abc").as_bytes(),
        ),
        padded([signed(prefixed), b"3".to_vec()].concat()),
        entry("package/plain", b'0', b""),
    ]);
    assert_eq!(
        files(&gz),
        listed(&[
            (&long["package/".len()..], 1),
            ("p\u{e4}x.js", 2),
            ("pr/a.js", 1),
            ("plain", 0)
        ])
    );
}

#[test]
fn sizes_in_extended_headers_and_in_binary_are_obeyed() {
    let mut binary = header(b"package/b", b'0', 0);
    binary[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    let gz = packed(&[
        entry("PaxHeader", b'x', record("size", "3").as_bytes()),
        padded([header(b"package/a", b'0', 0), b"abc".to_vec()].concat()),
        padded([signed(binary), b"de".to_vec()].concat()),
    ]);
    assert_eq!(files(&gz), listed(&[("a", 3), ("b", 2)]));
}

#[test]
fn links_are_listed_without_content() {
    let gz = packed(&[
        entry("package/link", b'2', b""),
        entry("package/hard", b'1', b""),
        entry("package/a", b'0', b"1"),
    ]);
    let read = read(&gz).expect("good");
    assert_eq!(files(&gz), listed(&[("link", 0), ("hard", 0), ("a", 1)]));
    assert_eq!(read.kept.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(
        self::read(&packed(&[entry("package/link", b'2', b"x")])),
        Err(ArchiveError::Ambiguous("a folder or a link has content"))
    );
}

#[test]
fn the_later_of_two_files_is_kept() {
    let limits = TarballLimits {
        kept_file: 2,
        ..TarballLimits::default()
    };
    let gz = tarball(&[("a", "first"), ("a", "2")]);
    let read = read_tarball(&gz, &|_| true, &limits).expect("good");
    assert_eq!(read.files.len(), 2);
    assert_eq!(read.kept["a"], b"2");
    assert!(read.cut.is_empty());
}

#[test]
fn larger_files_are_kept_cut_and_marked() {
    let limits = TarballLimits {
        kept_file: 4,
        kept_total: 6,
        ..TarballLimits::default()
    };
    let gz = tarball(&[("a", "12345"), ("b", "12"), ("c", "1"), ("d", "")]);
    let read = read_tarball(&gz, &|_| true, &limits).expect("good");
    assert_eq!(read.kept["a"], b"1234");
    assert_eq!(read.kept["b"], b"12");
    assert_eq!(read.kept["c"], b"");
    assert_eq!(read.cut.iter().collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn one_empty_block_does_not_end_an_archive_and_two_do() {
    let first = entry("package/a", b'0', b"1");
    let second = entry("package/b", b'0', b"2");
    let empty = vec![0; BLOCK_BYTES];
    let gz = gzip(&[first.clone(), empty.clone(), second.clone()].concat());
    assert_eq!(files(&gz), listed(&[("a", 1), ("b", 1)]));
    let gz = gzip(&[first, empty.clone(), empty, second].concat());
    assert_eq!(files(&gz), listed(&[("a", 1)]));
}

#[test]
fn several_gzip_members_are_one_archive() {
    let bytes = [
        entry("package/a", b'0', b"1"),
        entry("package/b", b'0', b"2"),
    ]
    .concat();
    let gz = [gzip(&bytes[..700]), gzip(&bytes[700..])].concat();
    assert_eq!(files(&gz), listed(&[("a", 1), ("b", 1)]));
}

#[test]
fn paths_that_climb_are_refused() {
    for path in ["package/../a", "../a", "package/a/.."] {
        assert_eq!(
            read(&packed(&[entry(path, b'0', b"")])),
            Err(ArchiveError::Climbing(Untrusted::borrowed(path))),
        );
    }
    let long = entry(
        "PaxHeader",
        b'x',
        record("path", "package/../../a").as_bytes(),
    );
    let climbing = read(&packed(&[long, entry("package/a", b'0', b"")]));
    assert!(matches!(climbing, Err(ArchiveError::Climbing(_))));
}

#[test]
fn what_readers_take_differently_is_refused() {
    let size = entry("PaxHeader", b'x', record("size", "512").as_bytes());
    let name = entry("././@LongLink", b'L', b"package/b");
    for (entries, why) in [
        (
            vec![entry("package/a\\b", b'0', b"")],
            "a path holds a backslash",
        ),
        (
            vec![entry("g", b'g', record("path", "package/b").as_bytes())],
            "a global header gives all files a path or a size",
        ),
        (
            vec![size, name, entry("package/a", b'0', b"")],
            "the size of a file stands in front of another header",
        ),
        (
            vec![
                entry("x", b'x', record("path", "package/a\0b").as_bytes()),
                entry("package/a", b'0', b""),
            ],
            "a path holds a NUL",
        ),
        // npm takes the first for names of the file behind them, and the content of the third for entries.
        (
            vec![
                entry("N", b'N', b"package/package.json\0"),
                entry("package/b", b'0', b""),
            ],
            "an entry is of a kind that packages do not have",
        ),
        (
            vec![entry("X", b'X', record("path", "package/b").as_bytes())],
            "an entry is of a kind that packages do not have",
        ),
        (
            vec![with_target(entry("package/a", b'0', b"package/b"))],
            "a file has the target of a link",
        ),
        (
            vec![entry(
                "x",
                b'x',
                record("comment", &format!("a\n{}", record("path", "package/b"))).as_bytes(),
            )],
            "a record of an extended header holds another",
        ),
        (vec![entry("", b'0', b"package/b")], "an entry has no name"),
        (
            vec![with_endless_checksum(entry("package/a", b'0', b""))],
            "a header's checksum has no end",
        ),
        // pnpm passes over the content of a folder, and puts what lies beside the package into it.
        (
            vec![entry("package/a/", b'5', b"package/b")],
            "a folder or a link has content",
        ),
        (
            vec![entry("package.json", b'0', b"{}")],
            "a file lies beside the package",
        ),
        (
            vec![
                entry("x", b'x', record("path", "package.json").as_bytes()),
                entry("package/a", b'0', b"{}"),
            ],
            "a file lies beside the package",
        ),
        (
            vec![without_magic(entry("package.json", b'0', b"{}"))],
            "a path has a part that its format has no place for",
        ),
    ] {
        assert_eq!(
            read(&packed(&entries)),
            Err(ArchiveError::Ambiguous(why)),
            "{why}"
        );
    }
}

/// Changes the header of an entry.
fn changed(mut entry: Vec<u8>, change: impl Fn(&mut [u8])) -> Vec<u8> {
    let content = entry.split_off(BLOCK_BYTES);
    change(&mut entry);
    [signed(entry), content].concat()
}

fn with_target(entry: Vec<u8>) -> Vec<u8> {
    changed(entry, |header| header[157] = b'x')
}

fn without_magic(entry: Vec<u8>) -> Vec<u8> {
    changed(entry, |header| {
        header[257..265].fill(0);
        header[345..352].copy_from_slice(b"package");
    })
}

fn with_endless_checksum(mut entry: Vec<u8>) -> Vec<u8> {
    let digits = entry[148..154].to_vec();
    entry[148..150].copy_from_slice(b"00");
    entry[150..156].copy_from_slice(&digits);
    entry
}

#[test]
fn an_extended_value_of_several_lines_that_are_no_records_is_read() {
    let text = "a\n12 b\n5=x\n";
    let entries = [
        entry("x", b'x', record("comment", text).as_bytes()),
        entry("package/a", b'0', b"1"),
    ];
    assert_eq!(files(&packed(&entries)), listed(&[("a", 1)]));
}

#[test]
fn manifests_are_kept_however_much_else_is() {
    let limits = TarballLimits {
        kept_total: 3,
        ..TarballLimits::default()
    };
    let gz = tarball(&[
        ("a.js", "long"),
        ("b.js", "x"),
        ("package.json", "{ }"),
        ("lib/package.json", "{ }"),
    ]);
    let read = read_tarball(&gz, &|_| true, &limits).expect("good");
    let cut: Vec<&str> = read.cut.iter().map(String::as_str).collect();
    assert_eq!(cut, ["a.js", "b.js", "lib/package.json"]);
}

#[test]
fn paths_take_a_bounded_amount_of_memory() {
    let limits = TarballLimits {
        path_bytes: 40,
        ..TarballLimits::default()
    };
    let gz = |count: usize| {
        let entry = entry("package/aa", b'0', b"");
        packed(&vec![entry; count])
    };
    assert!(read_tarball(&gz(4), &|_| true, &limits).is_ok());
    let error = read_tarball(&gz(5), &|_| true, &limits).expect_err("too much");
    assert_eq!(error, too_large("bytes of paths", 40));
}

#[test]
fn wrong_checksums_are_refused() {
    let mut bytes = entry("package/a", b'0', b"1");
    bytes[0] ^= 1;
    assert_eq!(
        read(&packed(&[bytes])),
        Err(ArchiveError::Damaged("a header's checksum is wrong"))
    );
    let mut gz = tarball(&[("a", "1")]);
    let trailer = gz.len() - 8;
    gz[trailer] ^= 1;
    assert_eq!(
        read(&gz),
        Err(ArchiveError::Damaged(
            "it is no gzip data, or its checksum is wrong"
        ))
    );
    assert!(matches!(
        read(b"text that is no gzip data"),
        Err(ArchiveError::Damaged(_))
    ));
}

#[test]
fn bad_extended_headers_are_refused() {
    for content in [
        "",
        "x",
        "5 a=b",
        "3 a",
        "999 path=a\n",
        "0 path=a\n",
        "9 size=-1\n",
        "6 path\n",
    ] {
        let entries = [
            entry("x", b'x', content.as_bytes()),
            entry("package/a", b'0', b""),
        ];
        let is_fine = content.is_empty();
        assert_eq!(read(&packed(&entries)).is_ok(), is_fine, "{content}");
    }
}

#[test]
fn truncated_archives_are_refused() {
    let gz = tarball(&[("a", &"0123456789".repeat(300)), ("b", "end")]);
    for length in 0..gz.len() {
        assert!(read(&gz[..length]).is_err(), "{length}");
    }
    let bytes = entry("package/a", b'0', &[1; 600]);
    for (length, what) in [(100, "a header"), (1000, "a file"), (1500, "a file")] {
        assert_eq!(
            read(&gzip(&bytes[..length])),
            Err(ArchiveError::Truncated(what))
        );
    }
    let alone = entry("x", b'x', record("path", "package/a").as_bytes());
    assert_eq!(
        read(&gzip(&alone)),
        Err(ArchiveError::Truncated("an extended header"))
    );
}

#[test]
fn limits_hold() {
    let gz = tarball(&[("a", "1"), ("b", "2")]);
    let with = |limits: TarballLimits| match read_tarball(&gz, &|_| true, &limits) {
        Err(ArchiveError::TooLarge { what, .. }) => what,
        _ => "nothing",
    };
    let limits = TarballLimits::default();
    assert_eq!(with(limits), "nothing");
    assert_eq!(
        with(TarballLimits {
            packed: 10,
            ..limits
        }),
        "bytes"
    );
    assert_eq!(
        with(TarballLimits {
            unpacked: 1000,
            ..limits
        }),
        "unpacked bytes"
    );
    assert_eq!(
        with(TarballLimits {
            entries: 1,
            ..limits
        }),
        "entries"
    );
    let huge = packed(&[header(b"package/a", b'0', 0o777_777_777)]);
    assert!(matches!(
        read(&huge),
        Err(ArchiveError::Truncated(_) | ArchiveError::TooLarge { .. })
    ));
    let described = header(b"x", b'x', 2 << 20);
    assert_eq!(
        read(&packed(&[described])),
        Err(too_large("bytes of a header", LARGEST_DESCRIPTION))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let _ = read(&bytes);
        let _ = read(&gzip(&bytes));
    }

    #[test]
    fn a_changed_byte_never_panics(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = [
            entry("x", b'x', record("path", "package/a").as_bytes()),
            entry("package/a", b'0', b"12345"),
            entry("././@LongLink", b'L', b"package/b\0"),
            entry("package/b", b'0', b"6"),
        ].concat();
        let mut gz = gzip(&bytes);
        let place = at.index(bytes.len());
        bytes[place] = value;
        let _ = read(&gzip(&bytes));
        let place = at.index(gz.len());
        gz[place] = value;
        let _ = read(&gz);
    }
}
