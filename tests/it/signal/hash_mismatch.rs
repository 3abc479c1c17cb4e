use super::title;
use crate::support::locks::{npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::Sandbox;

#[test]
fn two_lockfiles_that_pin_different_digests_contradict_each_other() {
    let honest = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let record = npm_record_at("1.0.0", &npm_url("left", "1.0.0"), &sri(b"replaced"));
    let edited = npm_lock(&[("left", record)]);
    let sandbox = Sandbox::with(&[
        ("a/package-lock.json", &honest),
        ("b/package-lock.json", &edited),
    ]);
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), ["hash-mismatch"]);
    assert_eq!(report.code(), 1);
    let finding = report.only("hash-mismatch");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["package"], "pkg:npm/left@1.0.0");
    assert_eq!(
        title(finding),
        "two pins of left 1.0.0 contradict each other"
    );
    let files: Vec<&str> = finding["occurrences"]
        .as_array()
        .expect("occurrences")
        .iter()
        .filter_map(|occurrence| occurrence["lockfile"].as_str())
        .collect();
    assert_eq!(files, ["a/package-lock.json", "b/package-lock.json"]);
}

#[test]
fn the_same_digest_in_two_lockfiles_is_no_contradiction() {
    let lockfile = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let sandbox = Sandbox::with(&[
        ("a/package-lock.json", &lockfile),
        ("b/package-lock.json", &lockfile),
    ]);
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
}

#[test]
fn digests_of_different_algorithms_are_no_contradiction() {
    let honest = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let sha256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let record = npm_record_at("1.0.0", &npm_url("left", "1.0.0"), sha256);
    let sandbox = Sandbox::with(&[
        ("a/package-lock.json", &honest),
        ("b/package-lock.json", &npm_lock(&[("left", record)])),
    ]);
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
}
