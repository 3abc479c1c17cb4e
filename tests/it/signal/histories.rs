//! What tests of rules about histories share, and how these rules cover packages.

use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use crate::support::locks::{cargo_lock, cargo_record, sha256, uv_lock, uv_record};
use crate::support::registry::{Packument, Registries, npm_lock_of};
use crate::support::sandbox::{NOW, Output, Report, Sandbox};

/// An hour before the clock of every run.
pub(super) const LATELY: &str = "2026-10-31T23:00:00.000Z";

/// Two weeks before.
pub(super) const SETTLED: &str = "2026-10-18T00:00:00.000Z";

/// Names with versions.
pub(super) type Packages<'p> = [(&'p str, &'p str)];

/// The rules that need histories.
const RULES: [&str; 7] = [
    "quarantined",
    "removed-from-registry",
    "suspicious-release",
    "too-new",
    "maintainer-change",
    "typosquat",
    "yanked",
];

/// Returns a lockfile of an ecosystem, all of whose packages are direct.
fn lockfile(ecosystem: Ecosystem, packages: &Packages<'_>) -> (&'static str, String) {
    match ecosystem {
        Ecosystem::Npm => ("package-lock.json", npm_lock_of(packages)),
        Ecosystem::Cargo => {
            let records = packages.iter().map(|(name, version)| {
                let digest = sha256(format!("{name} {version}").as_bytes());
                (*name, cargo_record(name, version, &digest))
            });
            ("Cargo.lock", cargo_lock(&records.collect::<Vec<_>>()))
        }
        Ecosystem::Pypi => {
            let records = packages
                .iter()
                .map(|(name, version)| (*name, uv_record(name, version)));
            ("uv.lock", uv_lock(&records.collect::<Vec<_>>()))
        }
    }
}

fn parsed(output: Output) -> Report {
    let json = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    Report { json, output }
}

/// Judges a change from some packages to others, as a text.
pub(super) fn change_text(
    sandbox: &Sandbox,
    ecosystem: Ecosystem,
    before: &Packages<'_>,
    after: &Packages<'_>,
    more: &[&str],
) -> Output {
    for (folder, packages) in [("before", before), ("after", after)] {
        let (file, text) = lockfile(ecosystem, packages);
        sandbox.write(&format!("{folder}/{file}"), text);
    }
    needs_histories(sandbox);
    let fixed = ["diff", "--before", "before", "--after", "after"];
    let config = ["--config", "linchpin.toml"];
    let clock = if more.contains(&"--as-of") {
        &[][..]
    } else {
        &["--as-of", NOW]
    };
    sandbox.run(&[&fixed[..], &config, clock, more].concat())
}

/// Whoever wrote a configuration of their own keeps it.
fn needs_histories(sandbox: &Sandbox) {
    if !sandbox.place("linchpin.toml").exists() {
        sandbox.write("linchpin.toml", "[gate]\nrequire = [\"history\"]\n");
    }
}

/// Judges a change from some packages to others.
pub(super) fn change(
    sandbox: &Sandbox,
    ecosystem: Ecosystem,
    before: &Packages<'_>,
    after: &Packages<'_>,
) -> Report {
    change_with(sandbox, ecosystem, before, after, &[])
}

/// Judges a change with further options.
pub(super) fn change_with(
    sandbox: &Sandbox,
    ecosystem: Ecosystem,
    before: &Packages<'_>,
    after: &Packages<'_>,
    more: &[&str],
) -> Report {
    let more = [&["--format", "json"], more].concat();
    covered(parsed(change_text(
        sandbox, ecosystem, before, after, &more,
    )))
}

/// Audits some packages.
pub(super) fn audit(
    sandbox: &Sandbox,
    ecosystem: Ecosystem,
    packages: &Packages<'_>,
    more: &[&str],
) -> Report {
    let (file, text) = lockfile(ecosystem, packages);
    sandbox.write(file, text);
    needs_histories(sandbox);
    let fixed = [file, "--config", "linchpin.toml"];
    covered(sandbox.report(&[&fixed, more].concat()))
}

/// Every package is checked or skipped for a reason, whatever a test is about.
fn covered(report: Report) -> Report {
    let packages = report.json["coverage"]["packages"].as_u64();
    for rule in RULES {
        let (checked, skipped) = report.coverage(rule);
        let skipped: u64 = skipped.iter().map(|(_, packages)| packages).sum();
        assert_eq!(Some(checked + skipped), packages, "{rule}");
    }
    report
}

/// Returns the findings of a rule.
pub(super) fn of<'r>(report: &'r Report, rule: &str) -> Vec<&'r Value> {
    let findings = report.findings().iter();
    findings.filter(|finding| finding["rule"] == rule).collect()
}

/// Returns how a rule covered what comes from elsewhere.
pub(super) fn coverage(report: &Report, rule: &str) -> (u64, Vec<(String, u64)>) {
    let (checked, mut skipped) = report.coverage(rule);
    skipped.retain(|(reason, _)| reason != "first-party");
    (checked, skipped)
}

/// Returns what a finding says.
pub(super) fn message(finding: &Value) -> &str {
    finding["message"].as_str().expect("a message")
}

/// A line of the index of crates.io.
pub(super) fn crate_line(name: &str, version: &str, time: &str, other: &Value) -> Value {
    let mut line = json!({ "name": name, "vers": version, "deps": [], "cksum": sha256(version.as_bytes()), "features": {}, "yanked": false, "pubtime": time });
    put(&mut line, other);
    line
}

/// A version as the API of crates.io tells it, by ann.
pub(super) fn crate_version(version: &str, other: &Value) -> Value {
    let mut record =
        json!({ "num": version, "crate_size": 1000, "published_by": { "id": 1, "login": "ann" } });
    put(&mut record, other);
    record
}

/// A wheel as the index of `PyPI` lists it.
pub(super) fn wheel_file(name: &str, version: &str, time: &str, other: &Value) -> Value {
    let file = format!("{}-{version}-py3-none-any.whl", name.replace('-', "_"));
    let mut record = json!({ "filename": file, "url": format!("/files/{file}"), "upload-time": time, "size": 1000 });
    put(&mut record, other);
    record
}

fn put(record: &mut Value, other: &Value) {
    let fields = other.as_object().expect("fields").clone();
    record.as_object_mut().expect("a table").extend(fields);
}

fn skipped(reason: &str, packages: u64) -> (u64, Vec<(String, u64)>) {
    (0, vec![(reason.to_owned(), packages)])
}

#[test]
fn what_a_change_does_not_touch_is_not_looked_at_and_nobody_is_asked() {
    let registries = Registries::start();
    registries.npm(&Packument::new("acme").routine(3, &json!({})));
    let both = [("left", "1.0.0"), ("acme", "1.0.0")];
    let report = change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &both,
        &[("left", "1.0.0"), ("acme", "1.1.0")],
    );
    let expected = (1, vec![("unchanged".to_owned(), 1)]);
    for rule in RULES.iter().filter(|rule| **rule != "yanked") {
        assert_eq!(coverage(&report, rule), expected, "{rule}");
    }
    assert_eq!(report.code(), 0);
    assert_eq!(registries.server.paths(), ["/npm/acme"]);
}

#[test]
fn without_a_network_only_what_is_stored_is_judged_and_the_rest_is_named() {
    let registries = Registries::start();
    registries.npm(&Packument::new("acme").routine(3, &json!({})));
    let sandbox = registries.sandbox();
    assert_eq!(
        audit(&sandbox, Ecosystem::Npm, &[("acme", "1.0.0")], &[]).code(),
        0
    );
    let both = [("acme", "1.0.0"), ("left", "1.0.0")];
    let report = audit(&sandbox, Ecosystem::Npm, &both, &["--offline"]);
    let expected = (1, vec![("not-stored".to_owned(), 1)]);
    for rule in RULES.iter().filter(|rule| **rule != "yanked") {
        assert_eq!(coverage(&report, rule), expected, "{rule}");
    }
    assert_eq!(report.code(), 3, "the configuration wants histories");
    assert_eq!(registries.server.paths(), ["/npm/acme"], "only online");
}

#[test]
fn a_registry_that_gives_no_answer_is_named() {
    let registries = Registries::start();
    let gone = crate::support::server::Answer::Status(500, Vec::new());
    registries.server.answer("/index/le/ft/left", gone);
    let report = audit(
        &registries.sandbox(),
        Ecosystem::Cargo,
        &[("left", "1.0.0")],
        &[],
    );
    for rule in RULES {
        assert_eq!(coverage(&report, rule), skipped("no-answer", 1), "{rule}");
    }
    assert_eq!(report.code(), 3);
}

/// Whoever asks a public registry for a name tells it.
#[test]
fn names_of_ones_own_are_told_to_nobody() {
    let registries = Registries::start();
    let sandbox = registries.sandbox();
    let config = "[gate]\nrequire = [\"history\"]\n[registry]\ninternal = [\"@acme/*\"]\n";
    sandbox.write("linchpin.toml", config);
    let report = change(&sandbox, Ecosystem::Npm, &[], &[("@acme/ui", "1.0.0")]);
    for rule in RULES.iter().filter(|rule| **rule != "yanked") {
        assert_eq!(
            coverage(&report, rule),
            skipped("private-registry", 1),
            "{rule}"
        );
    }
    assert_eq!(registries.server.paths(), [""; 0]);
}

#[test]
fn a_release_whose_time_nobody_knows_is_neither_young_nor_judged() {
    let registries = Registries::start();
    let mut acme = Packument::new("acme").release("1.0.0", LATELY, &json!({}));
    acme.json["time"] = json!({});
    registries.npm(&acme);
    let report = change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &[],
        &[("acme", "1.0.0")],
    );
    for rule in ["too-new", "suspicious-release"] {
        assert_eq!(coverage(&report, rule), skipped("no-time", 1), "{rule}");
    }
    assert_eq!(report.rules(), [""; 0]);
}
