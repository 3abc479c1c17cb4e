use crate::support::locks::clean_cargo_lock;
use crate::support::sandbox::{Report, Sandbox};

/// Audits left 1.0.0 with an advisory of this kind.
fn audit(informational: &str) -> Report {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.lock", clean_cargo_lock());
    let record = format!(
        r#"{{"id":"RUSTSEC-2026-1","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","summary":"so it is",
        "affected":[{{"package":{{"ecosystem":"crates.io","name":"left"}},"database_specific":{{"informational":"{informational}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}}]}}]}}]}}"#
    );
    sandbox.write("crates.io/1.json", record);
    sandbox.run(&["db", "import", "crates.io"]);
    sandbox.report(&["Cargo.lock"])
}

#[test]
fn the_advisory_is_told_and_does_not_gate() {
    let report = audit("unsound");
    assert_eq!(report.rules(), ["unsound"]);
    let finding = report.only("unsound");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(finding["title"], "left 1.0.0 is unsound");
    assert_eq!(finding["advisories"][0]["id"], "RUSTSEC-2026-1");
    assert_eq!(report.code(), 0);
}

#[test]
fn a_notice_is_none() {
    assert_eq!(audit("notice").rules(), [""; 0]);
}
