use linchpin::package::Ecosystem;
use serde_json::json;

use super::histories::{
    Packages, SETTLED, audit, change, change_text, crate_line, message, of, wheel_file,
};
use super::title;
use crate::support::registry::{Packument, Registries};
use crate::support::sandbox::Report;

/// A package that first appeared at a time.
fn first_seen(name: &str, time: &str) -> Packument {
    Packument::new(name).release("1.0.0", time, &json!({}))
}

fn added(package: &Packument, before: &Packages<'_>, after: &Packages<'_>) -> Report {
    let registries = Registries::start();
    registries.npm(package);
    change(&registries.sandbox(), Ecosystem::Npm, before, after)
}

#[test]
fn a_young_name_one_letter_from_a_popular_one_is_medium() {
    let after = [("lodahs", "1.0.0")];
    let report = added(&first_seen("lodahs", SETTLED), &[], &after);
    let finding = report.only("typosquat");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(title(finding), "lodahs 1.0.0 has nearly the name of lodash");
    assert_eq!(
        message(finding),
        "its name is one letter from that of lodash, a popular package of npm; it first appeared on 2026-10-18"
    );
    assert_eq!(finding["fix"]["action"], "remove");
    assert_eq!(finding["fix"]["until"], json!(null));
    assert_eq!(report.code(), 0);
}

#[test]
fn a_name_that_is_nearly_another_as_it_is_shown() {
    let registries = Registries::start();
    registries.npm(&first_seen("lodahs", SETTLED));
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        change_text(&sandbox, Ecosystem::Npm, &[], &[("lodahs", "1.0.0")], more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: serde_json::Value =
        serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

#[test]
fn a_name_that_has_been_there_for_half_a_year_is_its_own() {
    for (time, count) in [
        ("2026-05-02T00:00:01.000Z", 1),
        ("2026-05-02T00:00:00.000Z", 0),
    ] {
        let after = [("lodahs", "1.0.0")];
        let report = added(&first_seen("lodahs", time), &[], &after);
        assert_eq!(of(&report, "typosquat").len(), count, "{time}");
    }
}

/// Versions that were taken back count too.
#[test]
fn a_name_is_as_old_as_the_first_that_was_published_under_it() {
    let mut old = first_seen("lodahs", SETTLED);
    old.json["time"]["0.1.0"] = json!("2020-01-01T00:00:00.000Z");
    let report = added(&old, &[], &[("lodahs", "1.0.0")]);
    assert_eq!(report.rules(), [""; 0]);
}

#[test]
fn a_popular_name_imitates_nobody() {
    for name in ["lodash", "preact", "lo", "quite-another"] {
        let report = added(&first_seen(name, SETTLED), &[], &[(name, "1.0.0")]);
        assert_eq!(report.rules(), [""; 0], "{name}");
    }
}

#[test]
fn a_new_version_of_a_name_that_was_there_says_nothing_new() {
    let package = first_seen("lodahs", SETTLED).release("1.0.1", SETTLED, &json!({}));
    let report = added(&package, &[("lodahs", "1.0.0")], &[("lodahs", "1.0.1")]);
    assert_eq!(report.rules(), [""; 0]);
}

#[test]
fn an_audit_tells_it_of_every_young_name() {
    let registries = Registries::start();
    registries.npm(&first_seen("lodahs", SETTLED));
    let sandbox = registries.sandbox();
    let report = audit(&sandbox, Ecosystem::Npm, &[("lodahs", "1.0.0")], &[]);
    assert_eq!(report.only("typosquat")["severity"], "medium");
}

#[test]
fn names_of_crates_and_of_python_are_compared_as_their_registries_do() {
    let registries = Registries::start();
    let line = |name| crate_line(name, "1.0.0", SETTLED, &json!({}));
    for name in ["proc-macro1", "proc_macro2"] {
        registries.crates_io(name, &[line(name)], &[]);
    }
    let file = wheel_file("requestss", "1.0.0", SETTLED, &json!({}));
    registries.pypi("requestss", &[file]);
    let sandbox = registries.sandbox();
    let crates = [("proc-macro1", "1.0.0"), ("proc_macro2", "1.0.0")];
    let report = change(&sandbox, Ecosystem::Cargo, &[], &crates);
    let expected = "proc-macro1 1.0.0 has nearly the name of proc-macro2";
    assert_eq!(title(report.only("typosquat")), expected);
    let sandbox = registries.sandbox();
    let report = change(&sandbox, Ecosystem::Pypi, &[], &[("requestss", "1.0.0")]);
    let expected = "requestss 1.0.0 has nearly the name of requests";
    assert_eq!(title(report.only("typosquat")), expected);
}
