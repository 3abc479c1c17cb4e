//! What is at hand is not asked for again, but never where a change is judged.

use super::{acme, bump};
use crate::support::registry::{Registries, npm_lock_of};
use crate::support::sandbox::{NOW, Output, Sandbox};

fn audit(sandbox: &Sandbox, version: &str, now: &str) -> Output {
    sandbox.write("package-lock.json", npm_lock_of(&[("acme", version)]));
    sandbox.write("linchpin.toml", "[gate]\nrequire = []\n");
    sandbox.run(&["audit", "--as-of", now, "--format", "json"])
}

/// Returns what was asked about acme: for each question, which version of the answer was at hand.
fn known(registries: &Registries) -> Vec<Option<String>> {
    let asked = registries.server.asked();
    let of_acme = asked.into_iter().filter(|asked| asked.path == "/npm/acme");
    of_acme.map(|asked| asked.known).collect()
}

#[test]
fn an_audit_asks_no_more_within_a_day_than_for_what_changed() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    let first = audit(&sandbox, "1.9.0", NOW);
    assert_eq!(first.code, Some(0), "{first}");
    assert_eq!(known(&registries), [None]);
    // Within a day nobody is asked.
    let second = audit(&sandbox, "1.9.0", NOW);
    assert_eq!(known(&registries), []);
    assert_eq!(second.stdout, first.stdout);
    // Of a version that was not there nobody knows without asking, and the registry may say that nothing changed.
    let third = audit(&sandbox, "1.77.0", NOW);
    let asked = known(&registries);
    assert!(
        matches!(&asked[..], [Some(tag)] if tag.starts_with('"')),
        "{asked:?}"
    );
    let report: serde_json::Value = serde_json::from_str(&third.stdout).expect("a report");
    assert_eq!(report["histories"]["told"], 1, "{third}");
    assert_eq!(third.stderr, "");
    // What did change is read.
    registries.npm(&acme().release("1.10.0", "2026-10-30T00:00:00Z", &serde_json::json!({})));
    audit(&sandbox, "1.10.0", NOW);
    assert_eq!(known(&registries).len(), 1);
}

/// Whatever clock a run is given, what is stored is as old as it is.
#[test]
fn a_clock_of_the_past_or_the_future_asks_no_more_and_no_less() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    audit(&sandbox, "1.9.0", NOW);
    registries.server.asked();
    for clock in ["2026-10-22T00:00:00Z", "2200-01-01T00:00:00Z"] {
        audit(&sandbox, "1.9.0", clock);
        assert_eq!(known(&registries), [], "{clock}");
    }
}

#[test]
fn a_version_that_was_not_there_yet_is_asked_for_and_not_taken_for_removed() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    audit(&sandbox, "1.9.0", NOW);
    let fresh = acme().release(
        "1.10.0",
        "2026-10-20T00:00:00.000Z",
        &crate::support::registry::trusted(),
    );
    registries.npm(&fresh);
    registries.server.asked();
    let output = audit(&sandbox, "1.10.0", NOW);
    assert_eq!(known(&registries).len(), 1);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("a report");
    assert_eq!(report["findings"], serde_json::json!([]), "{output}");
}

#[test]
fn a_change_is_judged_by_what_the_registry_says_now() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    for _ in 0..2 {
        assert_eq!(bump(&sandbox, &[]).code, Some(0));
        assert_eq!(known(&registries), [None]);
    }
}

#[test]
fn offline_nobody_is_asked() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    for stored in [false, true] {
        let output = bump(&sandbox, &["--offline"]);
        assert_eq!(output.code, Some(if stored { 0 } else { 3 }), "{output}");
        assert_eq!(registries.server.asked(), []);
        sandbox.write("package-lock.json", npm_lock_of(&[("acme", "1.9.0")]));
        sandbox.audit(&["--offline"]);
        assert_eq!(registries.server.asked(), []);
        bump(&sandbox, &[]);
        assert!(!registries.server.asked().is_empty());
    }
}
