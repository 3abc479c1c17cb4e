//! `hash-weakened`.

use insta::assert_snapshot;

use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record_at, npm_url, sri};
use crate::support::sandbox::{NOW, Output, Sandbox};

const WEAK: &str = "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn lock(integrity: &str) -> String {
    let record = npm_record_at("1.0.0", &npm_url("left", "1.0.0"), integrity);
    npm_lock(&[("left", record)])
}

/// Judges a change of the digest of `left`.
fn diff(before: &str, after: &str) -> Output {
    let sandbox = Sandbox::with(&[
        ("before/linchpin.toml", NO_FEED_NEEDED),
        ("before/package-lock.json", &lock(before)),
        ("after/package-lock.json", &lock(after)),
    ]);
    let sides = ["--before", "before", "--after", "after"];
    sandbox.run(&[&["diff", "--as-of", NOW][..], &sides].concat())
}

#[test]
fn a_digest_that_is_dropped_is_critical() {
    let output = diff(&sri(b"left"), "");
    assert_eq!(output.code, Some(1));
    assert_snapshot!(output.stdout, @r#"
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 1 package, 1 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today
    compared with before: 1 altered at the same version
      altered  left 1.0.0: its hash was dropped  in .

    critical[hash-weakened]: left 1.0.0 has lost its digest
        ┌─ package-lock.json:5:1
       5│"node_modules/left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/left/-/left-1.0.
        │^^^^^^^^^^^^^^^^^^^ pinned before the change
        = path   app 1.0.0 ─▶ left 1.0.0
        = why    its version is the one before the change, and there is none left
        = reach  1 of 1 project · prod · direct
        = fix    restore the lockfile from before the change, or write it anew

    low[hash-missing]: 1 of 1 registry entries have no digest
        ┌─ package-lock.json:5:1
       5│"node_modules/left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/left/-/left-1.0.
        │^^^^^^^^^^^^^^^^^^^ no digest
        = why    nothing tells whether the registry serves the bytes that were locked
        = reach  prod
        = fix    write the lockfile anew with a current version of its tool

    checked 1 package:
      all          source-mismatch, hash-missing, weak-hash, foreign-host, insecure-url,
                   unpinned-source, malicious-package, deprecated
      0 of 1       hash-mismatch (not: 1 without a digest in the lockfile)
      0 of 1       known-vulnerability, unsound, unmaintained (not: 1 without an advisory feed)
      0 of 1       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 1 untouched by the change)
      0 of 1       dependency-confusion (not: 1 without names of your own to compare with)
    2 findings: 1 critical, 1 low.
    exit 1: 1 finding at or above fail-on = "high"
    "#);
}

#[test]
fn a_broken_digest_for_a_sound_one_is_critical_and_the_reverse_is_not() {
    let output = diff(&sri(b"left"), WEAK);
    assert_eq!(output.code, Some(1));
    let title = "critical[hash-weakened]: left 1.0.0 has lost its sound digest\n";
    assert!(output.stdout.contains(title), "{output}");
    let mended = diff(WEAK, &sri(b"left"));
    assert_eq!(mended.code, Some(0), "{mended}");
    assert!(!mended.stdout.contains("hash-weakened"), "{mended}");
}

/// There is nothing to compare with, and no coverage is claimed.
#[test]
fn an_audit_says_nothing_of_it() {
    let sandbox = Sandbox::with(&[
        ("linchpin.toml", NO_FEED_NEEDED),
        ("package-lock.json", &lock("")),
    ]);
    let report = sandbox.audit(&[]);
    assert!(!report.stdout.contains("hash-weakened"), "{report}");
}
