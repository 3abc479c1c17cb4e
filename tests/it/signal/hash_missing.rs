use super::{cargo, npm, places, title};
use crate::support::locks::{CRATES_IO, npm_lock, npm_record, npm_url};

fn without_digest(name: &str) -> String {
    let url = npm_url(name, "1.0.0");
    format!(r#"{{"version":"1.0.0","resolved":"{url}"}}"#)
}

#[test]
fn entries_without_a_digest_are_one_finding_with_a_count() {
    let report = npm(&npm_lock(&[
        ("a", without_digest("a")),
        ("b", without_digest("b")),
        ("c", npm_record("c", "1.0.0")),
    ]));
    assert_eq!(report.rules(), ["hash-missing"]);
    let finding = report.only("hash-missing");
    assert_eq!(title(finding), "2 of 3 registry entries have no digest");
    assert_eq!(finding["severity"], "low");
    assert_eq!(places(finding), 2);
}

#[test]
fn an_integrity_that_cannot_be_read_counts_as_missing() {
    let record = npm_record("a", "1.0.0").replace("sha512-", "sha999-");
    let report = npm(&npm_lock(&[("a", record)]));
    assert_eq!(report.rules(), ["hash-missing"]);
    assert!(
        report.output.stderr.contains("package-lock.json"),
        "{}",
        report.output
    );
}

#[test]
fn a_crate_without_a_checksum_is_found() {
    let report = cargo(&format!(
        "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"{CRATES_IO}\"\n"
    ));
    assert_eq!(report.rules(), ["hash-missing"]);
}

#[test]
fn git_folders_and_bundled_packages_are_not_meant() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let report = npm(&npm_lock(&[
        ("a", npm_record("a", "1.0.0")),
        (
            "a/node_modules/b",
            r#"{"version":"1.0.0","inBundle":true}"#.to_owned(),
        ),
        (
            "c",
            format!(
                r#"{{"version":"1.0.0","resolved":"git+ssh://git@example.org/c.git#{commit}"}}"#
            ),
        ),
    ]));
    assert!(
        !report.rules().contains(&"hash-missing"),
        "{}",
        report.output
    );
}
