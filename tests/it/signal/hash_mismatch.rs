use super::title;
use crate::support::locks::{
    clean_pipfile_lock, npm_lock, npm_record, npm_record_at, npm_url, sha256, sri,
};
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

/// Tools that list digests without file names may each list those of other files of one release.
#[test]
fn lists_of_digests_without_files_contradict_nothing() {
    let one = clean_pipfile_lock();
    let other = one.replace(&sha256(b"left"), &sha256(b"another file of the release"));
    let sandbox = Sandbox::with(&[("a/Pipfile.lock", &one), ("b/Pipfile.lock", &other)]);
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
}
