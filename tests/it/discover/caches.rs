//! The caches of cargo and npm: hashed where they are, named where they differ, never touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::support::locks::{
    cargo_lock, cargo_record, npm_lock, npm_record_at, npm_url, sha256, sha512, sri, uv_lock,
    uv_record,
};
use crate::support::sandbox::Sandbox;

const CRATES: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const CRATES_CACHE: &str = ".cargo/registry/cache/index.crates.io-1949cf8c6b5b557f";

fn archive(name: &str) -> Vec<u8> {
    format!("the archive of {name}, ")
        .repeat(9_000)
        .into_bytes()
}

fn crate_file(name: &str) -> String {
    format!("{CRATES_CACHE}/{name}-1.0.0.crate")
}

/// A project of four crates, whose archives lie in cargo's cache.
fn crates() -> Sandbox {
    let records = CRATES.map(|name| (name, cargo_record(name, "1.0.0", &sha256(&archive(name)))));
    let sandbox = Sandbox::with(&[("Cargo.lock", &cargo_lock(&records))]);
    for name in CRATES {
        sandbox.write_home(&crate_file(name), archive(name));
    }
    // A version that the lockfile does not name is nobody's business.
    sandbox.write_home(&format!("{CRATES_CACHE}/alpha-0.9.0.crate"), b"old");
    sandbox
}

fn content_file(bytes: &[u8]) -> String {
    let hex = sha512(bytes);
    format!(
        ".npm/_cacache/content-v2/sha512/{}/{}/{}",
        &hex[..2],
        &hex[2..4],
        &hex[4..]
    )
}

/// A project of two npm packages, whose archives lie in npm's cache.
fn npm() -> Sandbox {
    let records = ["left", "right"].map(|name| {
        let url = npm_url(name, "1.0.0");
        (name, npm_record_at("1.0.0", &url, &sri(&archive(name))))
    });
    let sandbox = Sandbox::with(&[("package-lock.json", &npm_lock(&records))]);
    for name in ["left", "right"] {
        let bytes = archive(name);
        sandbox.write_home(&content_file(&bytes), &bytes);
    }
    sandbox
}

fn flip_a_byte(path: &Path) {
    let mut bytes = fs::read(path).expect("an archive");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("a changed archive");
}

#[test]
fn archives_that_match_are_counted_as_checked() {
    let sandbox = crates();
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), [""; 0]);
    assert_eq!(report.code(), 3, "there is no advisory feed");
    let first_party = ("first-party".to_owned(), 1);
    assert_eq!(report.coverage("hash-mismatch"), (4, vec![first_party]));
}

#[test]
fn one_changed_byte_names_that_crate_and_no_other() {
    for name in CRATES {
        let sandbox = crates();
        flip_a_byte(&sandbox.home(&crate_file(name)));
        let report = sandbox.report(&[]);
        assert_eq!(report.rules(), ["hash-mismatch"], "{name}");
        assert_eq!(report.code(), 1, "{name}");
        let finding = report.only("hash-mismatch");
        assert_eq!(finding["package"], format!("pkg:cargo/{name}@1.0.0"));
        assert_eq!(finding["severity"], "critical");
        let message = finding["message"].as_str().expect("a message");
        assert!(
            message.contains(&format!("{name}-1.0.0.crate hashes to ")),
            "{message}"
        );
        let text = sandbox.audit(&[]).stdout;
        assert!(
            text.contains(&format!(
                "the local copy of {name} 1.0.0 is not what the lockfile pins"
            )),
            "{text}"
        );
    }
}

#[test]
fn a_truncated_and_an_empty_archive_differ_too() {
    for bytes in [&archive("beta")[..1_000], b""] {
        let sandbox = crates();
        sandbox.write_home(&crate_file("beta"), bytes);
        let report = sandbox.report(&[]);
        assert_eq!(report.rules(), ["hash-mismatch"]);
        assert_eq!(
            report.only("hash-mismatch")["package"],
            "pkg:cargo/beta@1.0.0"
        );
    }
}

#[test]
fn every_copy_of_an_archive_is_hashed() {
    let sandbox = crates();
    let other = ".cargo/registry/cache/github.com-1ecc6299db9ec823/gamma-1.0.0.crate";
    sandbox.write_home(other, archive("gamma"));
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
    flip_a_byte(&sandbox.home(other));
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), ["hash-mismatch"]);
    let message = report.only("hash-mismatch")["message"].to_string();
    assert!(message.contains("github.com-1ecc6299db9ec823"), "{message}");
}

#[test]
fn an_archive_of_another_registry_is_not_that_of_crates_io() {
    let sandbox = crates();
    sandbox.write_home(
        ".cargo/registry/cache/registry.example-0123456789abcdef/alpha-1.0.0.crate",
        b"a crate of the same name",
    );
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
}

#[test]
fn without_a_cache_nothing_is_wrong_and_nothing_is_checked() {
    let sandbox = crates();
    fs::remove_dir_all(sandbox.home(".cargo")).expect("a cache to remove");
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), [""; 0]);
    assert_eq!(report.output.stderr, "");
    let skipped = vec![
        ("first-party".to_owned(), 1),
        ("no-local-copy".to_owned(), 4),
    ];
    assert_eq!(report.coverage("hash-mismatch"), (0, skipped));
}

#[test]
fn switched_off_caches_are_not_looked_at() {
    let sandbox = crates();
    flip_a_byte(&sandbox.home(&crate_file("alpha")));
    sandbox.write("linchpin.toml", "[verify]\ncaches = false\n");
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), [""; 0]);
    let (checked, skipped) = report.coverage("hash-mismatch");
    assert_eq!(checked, 0);
    let switched_off = skipped
        .iter()
        .find(|(reason, _)| reason == "switched-off")
        .expect("the reason is told");
    assert!(switched_off.1 >= 4, "{skipped:?}");
}

#[test]
fn contents_of_the_npm_cache_are_hashed_likewise() {
    let sandbox = npm();
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), [""; 0]);
    assert_eq!(report.coverage("hash-mismatch"), (2, Vec::new()));
    flip_a_byte(&sandbox.home(&content_file(&archive("right"))));
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), ["hash-mismatch"]);
    assert_eq!(report.code(), 1);
    assert_eq!(
        report.only("hash-mismatch")["package"],
        "pkg:npm/right@1.0.0"
    );
}

#[test]
fn the_strongest_of_several_digests_counts() {
    let bytes = archive("left");
    let weak = format!("sha1-{}", BASE64_STANDARD.encode([7; 20]));
    let integrity = format!("{weak} {}", sri(&bytes));
    let record = npm_record_at("1.0.0", &npm_url("left", "1.0.0"), &integrity);
    let sandbox = Sandbox::with(&[("package-lock.json", &npm_lock(&[("left", record)]))]);
    sandbox.write_home(&content_file(&bytes), &bytes);
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), [""; 0]);
    assert_eq!(report.coverage("hash-mismatch"), (1, Vec::new()));
}

#[test]
fn python_packages_have_no_cache_that_is_read() {
    let lockfile = uv_lock(&[("left", uv_record("left", "1.0.0"))]);
    let report = Sandbox::with(&[("uv.lock", &lockfile)]).report(&[]);
    let skipped = vec![
        ("first-party".to_owned(), 1),
        ("no-local-copy".to_owned(), 1),
    ];
    assert_eq!(report.coverage("hash-mismatch"), (0, skipped));
}

#[test]
fn hostile_names_and_versions_lead_to_no_other_file() {
    let secret = b"the user's secret";
    for (name, version) in [("../../../secret", "1.0.0"), ("secret", "/../../../../x")] {
        let record = cargo_record(name, version, &sha256(b"another"));
        let sandbox = Sandbox::with(&[("Cargo.lock", &cargo_lock(&[(name, record)]))]);
        sandbox.write_home(&format!("{CRATES_CACHE}/keep"), b"");
        for place in ["secret-1.0.0.crate", ".cargo/secret-1.0.0.crate", "x.crate"] {
            sandbox.write_home(place, secret);
        }
        let report = sandbox.report(&[]);
        assert!(
            !report.rules().contains(&"hash-mismatch"),
            "{}",
            report.output
        );
    }
}

/// Every file below a folder: its bytes and when it was last written.
fn state(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("a name").path();
            let metadata = fs::metadata(&path).expect("what was just listed");
            let written = metadata.modified().expect("a time");
            if metadata.is_dir() {
                found.insert(path.clone(), (Vec::new(), written));
                open.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                found.insert(path, (bytes, written));
            }
        }
    }
    found
}

#[test]
fn neither_caches_nor_the_audited_tree_change() {
    for sandbox in [crates(), npm()] {
        let before = (state(&sandbox.home("")), state(&sandbox.place("")));
        for arguments in [&["audit", "--offline"][..], &["graph"], &["why", "left"]] {
            sandbox.run(arguments);
        }
        let after = (state(&sandbox.home("")), state(&sandbox.place("")));
        assert!(before == after, "a file or folder was written");
    }
}

#[cfg(unix)]
mod not_files {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_in_place_of_an_archive_is_not_followed() {
        let sandbox = crates();
        let place = sandbox.home(&crate_file("alpha"));
        fs::remove_file(&place).expect("an archive to remove");
        symlink("/dev/zero", &place).expect("a link");
        let report = sandbox.report(&[]);
        assert_eq!(report.rules(), [""; 0]);
        let skipped = vec![("first-party".to_owned(), 1), ("unreadable".to_owned(), 1)];
        assert_eq!(report.coverage("hash-mismatch"), (3, skipped));
    }

    #[test]
    fn a_folder_in_place_of_an_archive_is_unreadable() {
        let sandbox = crates();
        let place = sandbox.home(&crate_file("alpha"));
        fs::remove_file(&place).expect("an archive to remove");
        fs::create_dir(&place).expect("a folder");
        let skipped = vec![("first-party".to_owned(), 1), ("unreadable".to_owned(), 1)];
        assert_eq!(sandbox.report(&[]).coverage("hash-mismatch"), (3, skipped));
    }
}
