//! `suspicious-release` through the whole program: a registry on this machine, a change, the report.

use serde_json::{Value, json};

use crate::support::registry::{Packument, Registries, npm_lock_of, trusted};
use crate::support::sandbox::{NOW, Output, Report, Sandbox};

/// An hour before the clock of every run.
const LATELY: &str = "2026-10-31T23:00:00.000Z";

/// Judges a change from some packages to others.
pub(super) fn diff(
    sandbox: &Sandbox,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
    more: &[&str],
) -> Output {
    sandbox.write("before/package-lock.json", npm_lock_of(before));
    sandbox.write("after/package-lock.json", npm_lock_of(after));
    sandbox.write("linchpin.toml", "[gate]\nrequire = [\"history\"]\n");
    let fixed = [
        "diff",
        "--before",
        "before",
        "--after",
        "after",
        "--as-of",
        NOW,
        "--config",
        "linchpin.toml",
    ];
    sandbox.run(&[&fixed[..], more].concat())
}

/// The same as a report.
pub(super) fn report(sandbox: &Sandbox, before: &[(&str, &str)], after: &[(&str, &str)]) -> Report {
    let output = diff(sandbox, before, after, &["--format", "json"]);
    let json = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    Report { json, output }
}

/// A package that a trusted pipeline published for long.
fn attested() -> Packument {
    Packument::new("acme").routine(10, &trusted())
}

fn signals(finding: &Value) -> Vec<&str> {
    let evidence = finding["evidence"].as_array().expect("evidence");
    evidence
        .iter()
        .map(|one| one["signal"].as_str().expect("a signal"))
        .collect()
}

#[test]
fn a_hijack_is_blocked_at_the_minute_of_publication_with_its_reasons_and_the_way_back() {
    let registries = Registries::start();
    let stolen = json!({ "gitHead": null, "dependencies": { "plain-acme": "^1.0.0" } });
    registries.npm(&attested().release("1.10.0", LATELY, &stolen));
    let staged =
        json!({ "_npmUser": { "name": "mallory" }, "scripts": { "postinstall": "node setup.js" } });
    registries.npm(&Packument::new("plain-acme").release(
        "1.0.0",
        "2026-10-31T05:00:00.000Z",
        &staged,
    ));
    let sandbox = registries.sandbox();
    let (before, after) = (
        [("acme", "1.9.0")],
        [("acme", "1.10.0"), ("plain-acme", "1.0.0")],
    );
    insta::assert_snapshot!(diff(&sandbox, &before, &after, &["-v"]).stdout);
    let report = report(&sandbox, &before, &after);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    assert_eq!(
        signals(finding),
        [
            "identity/trust-downgrade",
            "surface/exec-dependency",
            "age/under-1-day"
        ]
    );
    assert_eq!(finding["evidence"][0]["malicious"], json!([5, 44]));
    assert_eq!(
        finding["fix"]["command"],
        "npm install --save-exact acme@1.9.0"
    );
    assert_eq!(finding["fix"]["until"], "2026-11-07T23:00:00Z");
}

#[test]
fn an_ordinary_update_says_nothing() {
    let registries = Registries::start();
    registries.npm(&attested().release("1.10.0", LATELY, &trusted()));
    let report = report(
        &registries.sandbox(),
        &[("acme", "1.9.0")],
        &[("acme", "1.10.0")],
    );
    assert_eq!(report.rules(), ["too-new"]);
    assert_eq!(report.code(), 0);
}

#[test]
fn a_back_port_to_a_line_that_was_never_attested_is_no_downgrade() {
    let registries = Registries::start();
    let old = Packument::new("acme")
        .release("0.9.0", "2025-01-01T00:00:00.000Z", &json!({}))
        .routine(10, &trusted())
        .release("0.9.1", LATELY, &json!({}));
    registries.npm(&old);
    let report = report(
        &registries.sandbox(),
        &[("acme", "0.9.0")],
        &[("acme", "0.9.1")],
    );
    assert_eq!(report.rules(), ["too-new"]);
}

#[test]
fn a_history_that_cannot_be_had_is_incomplete_and_never_clean() {
    let registries = Registries::start();
    let sandbox = registries
        .sandbox()
        .variable("LINCHPIN_REGISTRY_NPM", "http://127.0.0.1:9/");
    let report = report(&sandbox, &[("acme", "1.9.0")], &[("acme", "1.10.0")]);
    assert_eq!(
        (report.code(), &report.json["verdict"]),
        (3, &json!("incomplete"))
    );
    let why = report.json["incomplete_because"][0]
        .as_str()
        .expect("a reason");
    assert!(why.contains("acme"), "{why}");
}
