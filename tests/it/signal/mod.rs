//! What each rule finds through the real program, and what it leaves alone.

mod archives;
mod change;
mod dependency_confusion;
mod deprecated;
mod foreign_host;
mod hash_mismatch;
mod hash_missing;
mod hash_weakened;
mod histories;
mod insecure_url;
mod install_redirect;
mod known_vulnerability;
mod lockfile_removed;
mod maintainer_change;
mod malicious_package;
mod policy_loosened;
mod quarantined;
mod removed_from_registry;
mod source_mismatch;
mod suspicious_release;
mod too_new;
mod typosquat;
mod unlocked_manifest;
mod unmaintained;
mod unpinned_source;
mod unsound;
mod weak_hash;
mod yanked;

use crate::support::locks::{clean_cargo_lock, clean_npm_lock, clean_uv_lock};
use crate::support::sandbox::{Report, Sandbox};

/// Audits the crate left 1.0.0 with an advisory of `RustSec` of this kind.
fn informed(kind: &str) -> Report {
    let sandbox = Sandbox::with(&[("Cargo.lock", &clean_cargo_lock())]);
    let record = format!(
        r#"{{"id":"RUSTSEC-2026-1","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","summary":"so it is",
        "affected":[{{"package":{{"ecosystem":"crates.io","name":"left"}},"database_specific":{{"informational":"{kind}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}}]}}]}}]}}"#
    );
    sandbox.write("crates.io/1.json", record);
    sandbox.run(&["db", "import", "crates.io"]);
    sandbox.report(&["Cargo.lock"])
}

/// It informs, and asks nobody to act.
#[test]
fn a_notice_is_no_finding() {
    assert_eq!(informed("notice").rules(), [""; 0]);
}

/// Audits one package-lock.json in a folder of its own.
fn npm(lockfile: &str) -> Report {
    Sandbox::with(&[("package-lock.json", lockfile)]).report(&[])
}

/// Audits one Cargo.lock in a folder of its own.
fn cargo(lockfile: &str) -> Report {
    Sandbox::with(&[("Cargo.lock", lockfile)]).report(&[])
}

/// Audits one uv.lock in a folder of its own.
fn uv(lockfile: &str) -> Report {
    Sandbox::with(&[("uv.lock", lockfile)]).report(&[])
}

/// Returns a title of a finding.
fn title(finding: &serde_json::Value) -> &str {
    finding["title"].as_str().expect("a title")
}

/// Counts the places that a finding names in its only occurrence.
fn places(finding: &serde_json::Value) -> usize {
    let occurrences = finding["occurrences"].as_array().expect("occurrences");
    assert_eq!(occurrences.len(), 1, "{finding}");
    occurrences[0]["locations"]
        .as_array()
        .expect("places")
        .len()
}

#[test]
fn lockfiles_as_their_tools_write_them_yield_nothing() {
    for report in [
        npm(&clean_npm_lock()),
        cargo(&clean_cargo_lock()),
        uv(&clean_uv_lock()),
    ] {
        assert_eq!(report.rules(), [""; 0]);
        assert_eq!(report.code(), 3, "there is no advisory feed");
        assert_eq!(report.output.stderr, "");
    }
}
