use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use super::histories::{SETTLED, audit, change, change_text, message, of, wheel_file};
use super::title;
use crate::support::registry::{Packument, Registries};
use crate::support::sandbox::Report;

/// A project of `PyPI` that has this status.
fn with_status(status: &Value, files: &[Value]) -> Registries {
    let registries = Registries::start();
    let index = json!({ "meta": { "api-version": "1.4" }, "name": "left", "files": files, "versions": ["1.0.0"], "project-status": status });
    registries.pypi_index("left", &index);
    registries
}

fn judged(registries: &Registries) -> [Report; 2] {
    let packages = [("left", "1.0.0")];
    [
        change(&registries.sandbox(), Ecosystem::Pypi, &[], &packages),
        audit(&registries.sandbox(), Ecosystem::Pypi, &packages, &[]),
    ]
}

#[test]
fn a_project_in_quarantine_is_high_with_the_reason() {
    let status = json!({ "status": "quarantined", "reason": "malware reported" });
    for report in judged(&with_status(&status, &[])) {
        let finding = report.only("quarantined");
        assert_eq!(finding["severity"], "high");
        assert_eq!(title(finding), "left 1.0.0 is quarantined by its registry");
        assert_eq!(message(finding), "the registry says: malware reported");
        assert_eq!(finding["fix"]["action"], "remove");
        assert_eq!(report.rules(), ["quarantined"], "and is not called removed");
        assert_eq!(report.code(), 1);
    }
}

#[test]
fn a_project_in_quarantine_as_it_is_shown() {
    let registries = with_status(&json!({ "status": "quarantined" }), &[]);
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        change_text(&sandbox, Ecosystem::Pypi, &[], &[("left", "1.0.0")], more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: Value = serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

/// The registry of Python lists no file of such a project, nor any version.
#[test]
fn a_project_in_quarantine_of_which_nothing_is_listed_is_told_once() {
    let registries = Registries::start();
    let index = json!({ "meta": { "api-version": "1.4" }, "name": "left", "files": [], "versions": [], "project-status": { "status": "quarantined" } });
    registries.pypi_index("left", &index);
    for report in judged(&registries) {
        assert_eq!(report.rules(), ["quarantined"]);
    }
}

#[test]
fn other_states_of_a_project_are_no_quarantine() {
    for status in ["active", "archived", "deprecated"] {
        let file = wheel_file("left", "1.0.0", SETTLED, &json!({}));
        let registries = with_status(&json!({ "status": status, "reason": "x" }), &[file]);
        for report in judged(&registries) {
            assert_eq!(report.rules(), [""; 0], "{status}");
        }
    }
}

#[test]
fn a_package_that_npm_replaced_by_an_empty_one_is_high() {
    let registries = Registries::start();
    let mut held = Packument::new("left").release("0.0.1-security", SETTLED, &json!({}));
    held.json["time"]["1.0.0"] = json!("2026-10-01T00:00:00.000Z");
    registries.npm(&held);
    let sandbox = registries.sandbox();
    let packages = [("left", "1.0.0")];
    for report in [
        change(&sandbox, Ecosystem::Npm, &[], &packages),
        audit(&registries.sandbox(), Ecosystem::Npm, &packages, &[]),
    ] {
        let finding = report.only("quarantined");
        assert_eq!(finding["severity"], "high");
        assert_eq!(
            message(finding),
            "the registry put an empty package of its own in its place, as it does with malware"
        );
        assert_eq!(of(&report, "removed-from-registry").len(), 1);
        assert_eq!(report.code(), 1);
    }
}
