use std::time::{Duration, Instant};

use super::*;
use crate::assessment::baseline::testing::{TODAY, entry};

/// A file with these lines behind its first one.
fn file(lines: &[&str]) -> SourceFile {
    let first = Baseline::default().write();
    SourceFile::new(FilePath::default(), format!("{first}{}", lines.join("\n")))
}

/// What is wrong with a file: `line:column message | label`.
fn messages(file: &SourceFile) -> Vec<String> {
    let errors = Baseline::read(file, TODAY).expect_err("a file with errors");
    let lines = errors.iter().map(|error| {
        let place = file.locate(error.span.start);
        let (message, label) = (error.message.as_str(), error.label.as_str());
        format!("{}:{} {message} | {label}", place.line, place.column)
    });
    lines.collect()
}

const GOOD: &str = "known-vulnerability pkg:npm/left web high prod CVE-1,GHSA-2 2026-10-01 @web 0123456789abcdef0123456789abcdef";

#[test]
fn what_was_written_is_read_back() {
    let baseline = Baseline {
        path: FilePath::default(),
        entries: vec![
            entry("pkg:npm/%40a/left", "", &["GHSA-1"]),
            entry("pkg:npm/left", "apps/my shop", &["CVE-1", "GHSA-2"]),
        ],
    };
    let source = SourceFile::new(FilePath::default(), baseline.write());
    let read = Baseline::read(&source, TODAY).expect("a valid file");
    assert_eq!(read, baseline);
    assert_eq!(read.entries[1].location.map(|place| place.line), Some(3));
}

/// Whoever merges by hand may leave an empty line, another order, or the line ends of Windows.
#[test]
fn order_empty_lines_and_line_ends_do_not_matter() {
    let other = GOOD.replace(" web ", " api ");
    let text = format!("\n{GOOD}\n\n{other}\n").replace('\n', "\r\n");
    let read = Baseline::read(&file(&[&text]), TODAY).expect("a valid file");
    assert_eq!(read.entries.len(), 2);
    assert_eq!(read.entries[0].matter.project.as_str(), "web");
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_place() {
    let lines = [
        "<<<<<<< HEAD",
        "# mine",
        "known-vulnerability pkg:npm/left",
        &GOOD.replace("known-vulnerability", "known-vulnerabilty"),
        &GOOD.replace("pkg:npm/left", "pkg:gem/left"),
        &GOOD.replace(" high ", " dire ").replace(" prod ", " live "),
        &GOOD.replace(" web ", " ../web "),
        &GOOD.replace(" web ", " web/ "),
        &GOOD.replace("2026-10-01", "2026-13-01"),
        &GOOD.replace("@web", "%zz"),
        &GOOD.replace("CVE-1,", "CVE-1,,"),
        &GOOD.replace("0123", "XYZ3"),
    ];
    let places = messages(&file(&lines));
    let wanted = [
        "2:1 a git conflict marker | ",
        "3:1 only the first line is a comment | ",
        "4:1 expected 9 fields, found 2 | ",
        "5:1 `known-vulnerabilty` is no rule | did you mean `known-vulnerability`?",
        "6:21 `pkg:gem/left` is no package URL: the ecosystem `gem` is not audited | ",
        "7:38 `dire` is no severity | ",
        "7:43 `live` is no scope | ",
        "8:34 `../web` is no plain path below the root | ",
        "9:34 `web/` is no plain path below the root | ",
        "10:61 `2026-13-01` is no day such as 2026-11-01 | ",
        "11:72 `%zz` is not as this file writes texts | ",
        "12:54 `` is not as this file writes texts | ",
    ];
    assert_eq!(places[..wanted.len()], wanted);
    assert!(places[wanted.len()].contains("is no fingerprint"));
    assert_eq!(places.len(), wanted.len() + 1);
}

#[test]
fn a_known_attack_is_never_in_a_baseline() {
    for rule in ["malicious-package", "hash-mismatch"] {
        let errors = messages(&file(&[&GOOD.replace("known-vulnerability", rule)]));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].contains("is never kept"), "{errors:?}");
    }
}

#[test]
fn a_matter_that_stands_twice_is_an_error() {
    let doubles = [
        GOOD,
        &GOOD.replace("CVE-1,", "").replace("@web", "@api"),
        &GOOD.replace("CVE-1,GHSA-2", "GHSA-3"),
        &GOOD.replace("CVE-1,GHSA-2", "-"),
        &GOOD.replace("CVE-1,GHSA-2", "-").replace("-01 @", "-02 @"),
    ];
    assert_eq!(
        messages(&file(&doubles)),
        [
            "3:1 this stands here twice | also in line 2",
            "6:1 this stands here twice | also in line 5",
        ]
    );
}

#[test]
fn another_file_or_another_version_is_told_by_its_first_line_alone() {
    for (text, message) in [
        ("", "1:1 this is no baseline"),
        (GOOD, "1:1 this is no baseline"),
        ("# linchpin.baseline 2, x\nwhatever\n", "1:21 version 2 of"),
        ("# linchpin.baseline 10, x\n", "1:21 version 10 of"),
    ] {
        let errors = messages(&SourceFile::new(FilePath::default(), text.to_owned()));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].starts_with(message), "{errors:?}");
    }
}

/// Two branches that both took a line up, joined by `merge=union`.
#[test]
fn a_line_that_is_repeated_counts_once() {
    let other = GOOD.replace(" web ", " api ");
    let read = Baseline::read(&file(&[GOOD, &other, GOOD]), TODAY).expect("a valid file");
    assert_eq!(read.entries.len(), 2);
    assert_eq!(read.write().lines().count(), 3);
}

#[test]
fn only_what_this_file_writes_is_read() {
    for (wrong, message) in [
        (
            GOOD.replace("npm/left", "npm/l%65ft"),
            "2:21 `pkg:npm/l%65ft` is not as this file writes package URLs | ",
        ),
        (
            GOOD.replace("npm/left", "pypi/Left_Pad"),
            "2:21 `pkg:pypi/Left_Pad` is not as this file writes package URLs | ",
        ),
        (
            GOOD.replace("2026-10-01", "2026-11-02"),
            "2:61 `2026-11-02` is after 2026-11-01, the day of this run | ",
        ),
        (
            GOOD.replace("@web", "@web%0A"),
            "2:72 `@web%0A` holds characters that cannot be seen | ",
        ),
        (
            GOOD.replace("CVE-1,GHSA-2", "GHSA-2,CVE-1"),
            "2:48 `GHSA-2,CVE-1` is not sorted, or names an id twice | ",
        ),
        (
            GOOD.replace("CVE-1,GHSA-2", "CVE-1,CVE-1"),
            "2:48 `CVE-1,CVE-1` is not sorted, or names an id twice | ",
        ),
    ] {
        assert_eq!(messages(&file(&[&wrong])), [message]);
    }
    let today = GOOD.replace("2026-10-01", "2026-11-01");
    assert!(Baseline::read(&file(&[&today]), TODAY).is_ok());
}

#[test]
fn many_errors_are_counted_and_a_huge_file_is_not_read() {
    let all = messages(&file(&["x"; 25]));
    assert_eq!(
        (all.len(), &*all[20]),
        (21, "1:1 5 more errors are not told | ")
    );
    assert_eq!(messages(&file(&["x"; 20])).len(), 20);
    let huge = file(&[&"x".repeat(MAX_BYTES)]);
    assert_eq!(messages(&huge), ["1:1 the file is larger than 16 MiB | "]);
}

/// Every line of one finding in one project, which a hand can write as well as we.
#[test]
fn many_lines_about_one_package_are_read_in_time() {
    let lines: Vec<String> = (0..30_000)
        .map(|number| GOOD.replace("CVE-1,GHSA-2", &format!("CVE-{number}")))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let begun = Instant::now();
    let read = Baseline::read(&file(&lines), TODAY).expect("a valid file");
    assert_eq!(read.entries.len(), lines.len());
    // Line by line this is done at once; each against all takes minutes.
    assert!(begun.elapsed() < Duration::from_secs(20));
}
