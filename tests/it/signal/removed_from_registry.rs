use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use super::histories::{
    SETTLED, audit, change, change_text, change_with, coverage, crate_line, message, of, wheel_file,
};
use super::title;
use crate::support::registry::{Packument, Registries};
use crate::support::sandbox::Report;

/// Judges left 1.1.0 in a change and in an audit.
fn judged(registries: &Registries, ecosystem: Ecosystem) -> [Report; 2] {
    let (before, after) = ([("left", "1.0.0")], [("left", "1.1.0")]);
    [
        change(&registries.sandbox(), ecosystem, &before, &after),
        audit(&registries.sandbox(), ecosystem, &after, &[]),
    ]
}

/// A package of npm that had 1.1.0 and has it no more.
fn without_a_version() -> Registries {
    let registries = Registries::start();
    let mut package = Packument::new("left").routine(1, &json!({}));
    package.json["time"]["1.1.0"] = json!(SETTLED);
    registries.npm(&package);
    registries
}

#[test]
fn a_version_that_is_no_longer_listed_is_high_with_the_time_of_its_publication() {
    for report in judged(&without_a_version(), Ecosystem::Npm) {
        let finding = report.only("removed-from-registry");
        assert_eq!(finding["severity"], "high");
        assert_eq!(title(finding), "left 1.1.0 is not listed by npm");
        let expected = "it was published at 2026-10-18T00:00:00Z and has been removed since";
        assert_eq!(message(finding), expected);
        assert_eq!(finding["fix"]["action"], "replace");
        assert_eq!(report.rules(), ["removed-from-registry"]);
        assert_eq!(report.code(), 1);
    }
}

#[test]
fn a_version_that_is_no_longer_listed_as_it_is_shown() {
    let registries = without_a_version();
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        let (before, after) = ([("left", "1.0.0")], [("left", "1.1.0")]);
        change_text(&sandbox, Ecosystem::Npm, &before, &after, more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: Value = serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

#[test]
fn a_version_that_is_listed_nowhere_is_told_in_every_ecosystem() {
    let registries = Registries::start();
    let line = crate_line("left", "1.0.0", SETTLED, &json!({}));
    registries.crates_io("left", &[line], &[]);
    registries.pypi("left", &[wheel_file("left", "1.0.0", SETTLED, &json!({}))]);
    registries.npm(&Packument::new("left").routine(1, &json!({})));
    for (ecosystem, name) in [
        (Ecosystem::Npm, "npm"),
        (Ecosystem::Cargo, "crates.io"),
        (Ecosystem::Pypi, "PyPI"),
    ] {
        for report in judged(&registries, ecosystem) {
            let finding = report.only("removed-from-registry");
            assert_eq!(
                title(finding),
                format!("left 1.1.0 is not listed by {name}")
            );
            assert_eq!(message(finding), "the registry lists 1 other version");
        }
    }
}

#[test]
fn a_package_that_the_registry_does_not_know_is_high() {
    let registries = Registries::start();
    for ecosystem in Ecosystem::ALL {
        for report in judged(&registries, ecosystem) {
            let finding = report.only("removed-from-registry");
            assert_eq!(finding["severity"], "high");
            let expected = "the registry does not know a package of that name";
            assert_eq!(message(finding), expected);
            assert_eq!(coverage(&report, "removed-from-registry"), (1, vec![]));
        }
    }
}

#[test]
fn a_package_whose_owners_took_it_back_is_told() {
    let registries = Registries::start();
    let gone = |times: Value| Packument {
        json: json!({ "name": "left", "time": times }),
    };
    registries.npm(&gone(json!({ "unpublished": { "time": SETTLED } })));
    for report in judged(&registries, Ecosystem::Npm) {
        let finding = report.only("removed-from-registry");
        let expected = "its owners took the whole package back";
        assert_eq!(message(finding), expected);
    }
    registries.npm(&gone(json!({ "1.1.0": SETTLED, "unpublished": {} })));
    for report in judged(&registries, Ecosystem::Npm) {
        let finding = report.only("removed-from-registry");
        assert!(message(finding).starts_with("it was published at 2026-10-18"));
    }
}

#[test]
fn another_spelling_of_a_version_is_the_version() {
    let registries = Registries::start();
    registries.pypi("left", &[wheel_file("left", "1.1", SETTLED, &json!({}))]);
    for report in judged(&registries, Ecosystem::Pypi) {
        assert_eq!(of(&report, "removed-from-registry").len(), 0);
    }
}

/// Whoever travels back in time finds versions that do not exist yet.
#[test]
fn a_version_that_is_yet_to_come_is_not_removed() {
    let registries = Registries::start();
    let package = Packument::new("left").routine(1, &json!({}));
    let mut both = package.release("1.1.0", SETTLED, &json!({}));
    both.json["time"]["1.2.0"] = json!(SETTLED);
    registries.npm(&both);
    for version in ["1.1.0", "1.2.0"] {
        let report = change_with(
            &registries.sandbox(),
            Ecosystem::Npm,
            &[("left", "1.0.0")],
            &[("left", version)],
            &["--as-of", "2026-10-17T00:00:00Z"],
        );
        assert_eq!(report.rules(), [""; 0], "{version}");
    }
}

/// What was listed once may be there all the same.
#[test]
fn what_is_stored_never_says_that_something_is_gone() {
    let registries = Registries::start();
    registries.npm(&Packument::new("left").routine(1, &json!({})));
    let sandbox = registries.sandbox();
    audit(&sandbox, Ecosystem::Npm, &[("left", "1.0.0")], &[]);
    let (before, after) = ([("left", "1.0.0")], [("left", "1.1.0")]);
    let offline = ["--offline"];
    for report in [
        audit(&sandbox, Ecosystem::Npm, &after, &offline),
        change_with(&sandbox, Ecosystem::Npm, &before, &after, &offline),
    ] {
        assert_eq!(report.rules(), [""; 0]);
        let unknown = vec![("not-stored".to_owned(), 1)];
        assert_eq!(coverage(&report, "removed-from-registry"), (0, unknown));
    }
}

/// A server that is gone says nothing of its packages.
#[test]
fn a_registry_that_gives_no_answer_removes_nothing() {
    let registries = Registries::start();
    for status in [403, 429, 500, 503] {
        let answer = crate::support::server::Answer::Status(status, Vec::new());
        registries.server.answer("/npm/left", answer);
        for report in judged(&registries, Ecosystem::Npm) {
            assert_eq!(report.rules(), [""; 0], "{status}");
            assert_eq!(report.code(), 3, "{status}");
        }
    }
}
