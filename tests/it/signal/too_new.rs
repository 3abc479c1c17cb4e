use linchpin::package::Ecosystem;
use serde_json::json;

use super::histories::{
    LATELY, SETTLED, audit, change, change_text, change_with, crate_line, message, of, wheel_file,
};
use super::title;
use crate::fetch::histories::{diff_of, report_of};
use crate::support::locks::sha256;
use crate::support::registry::{Packument, Registries, trusted};
use crate::support::sandbox::{Report, Sandbox};

/// Registries of npm that know these packages with a release 1.3.0 of this time.
fn with_releases(names: &[&str], time: &str) -> (Registries, Sandbox) {
    let registries = Registries::start();
    for name in names {
        let known = Packument::new(name).routine(3, &json!({}));
        registries.npm(&known.release("1.3.0", time, &json!({})));
    }
    let sandbox = registries.sandbox();
    (registries, sandbox)
}

fn bump(sandbox: &Sandbox, name: &str) -> Report {
    change(
        sandbox,
        Ecosystem::Npm,
        &[(name, "1.2.0")],
        &[(name, "1.3.0")],
    )
}

#[test]
fn a_young_release_of_an_ai_stack_waits() {
    let (_registries, sandbox) = with_releases(&["openai"], LATELY);
    let packages = [("openai", "1.3.0")];
    for report in [
        bump(&sandbox, "openai"),
        audit(&sandbox, Ecosystem::Npm, &packages, &[]),
    ] {
        let finding = report.only("too-new");
        assert_eq!(finding["severity"], "high");
        assert_eq!(title(finding), "openai 1.3.0 is 60 minutes old");
        assert_eq!(
            message(finding),
            "it is a client of AI providers, which holds keys of providers; it was published at 2026-10-31T23:00:00Z"
        );
        assert_eq!(finding["package"], "pkg:npm/openai@1.3.0");
        assert_eq!(finding["fix"]["action"], "wait");
        assert_eq!(finding["fix"]["until"], "2026-11-01T23:00:00Z");
        assert_eq!(finding["fix"]["command"], json!(null));
        assert_eq!(report.code(), 1);
    }
}

#[test]
fn a_young_release_of_an_ai_stack_as_it_is_shown() {
    let (_registries, sandbox) = with_releases(&["openai"], LATELY);
    let text = |more: &[&str]| {
        let (before, after) = ([("openai", "1.2.0")], [("openai", "1.3.0")]);
        change_text(&sandbox, Ecosystem::Npm, &before, &after, more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: serde_json::Value =
        serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

/// Nobody reads a hundred findings of one kind.
#[test]
fn all_others_of_a_lockfile_are_one_low_line_with_a_count() {
    let names = ["left", "right", "up", "down"];
    let (_registries, sandbox) = with_releases(&names, LATELY);
    let [before, after] = ["1.2.0", "1.3.0"].map(|version| names.map(|name| (name, version)));
    let report = change(&sandbox, Ecosystem::Npm, &before, &after);
    let finding = report.only("too-new");
    assert_eq!(finding["severity"], "low");
    assert_eq!(title(finding), "4 releases are younger than a day");
    assert!(message(finding).ends_with(" and 1 more"), "{finding}");
    assert_eq!(finding["package"], json!(null));
    assert_eq!(finding["fix"]["action"], "wait");
    assert_eq!(finding["fix"]["until"], "2026-11-01T23:00:00Z");
    assert_eq!(super::places(finding), 4);
    assert_eq!(report.rules(), ["too-new"]);
    assert_eq!(report.code(), 0);
}

#[test]
fn each_lockfile_has_a_line_of_its_own() {
    let (registries, sandbox) = with_releases(&["left"], LATELY);
    let line = crate_line("right", "1.0.0", LATELY, &json!({}));
    registries.crates_io("right", &[line], &[]);
    audit(&sandbox, Ecosystem::Npm, &[("left", "1.3.0")], &[]);
    let both = audit(
        &sandbox,
        Ecosystem::Cargo,
        &[("right", "1.0.0")],
        &["package-lock.json"],
    );
    let mut titles: Vec<&str> = of(&both, "too-new").into_iter().map(title).collect();
    titles.sort_unstable();
    let young = [
        "left 1.3.0 is younger than a day",
        "right 1.0.0 is younger than a day",
    ];
    assert_eq!(titles, young);
}

#[test]
fn a_release_is_young_until_the_second_at_which_it_is_a_day_old() {
    for (time, rules) in [
        ("2026-10-31T00:00:01.000Z", vec!["too-new"]),
        ("2026-10-31T00:00:00.001Z", vec!["too-new"]),
        ("2026-10-31T00:00:00.000Z", vec![]),
        ("2026-10-30T23:59:59.000Z", vec![]),
    ] {
        let (_registries, sandbox) = with_releases(&["left"], time);
        assert_eq!(bump(&sandbox, "left").rules(), rules, "{time}");
    }
}

#[test]
fn nobody_is_told_to_wait_for_less_than_it_takes() {
    let (_registries, sandbox) = with_releases(&["left"], "2026-10-31T00:00:00.001Z");
    let report = bump(&sandbox, "left");
    let until = &report.only("too-new")["fix"]["until"];
    assert_eq!(until, "2026-11-01T00:00:01Z");
}

#[test]
fn it_clears_by_itself() {
    for name in ["left", "openai"] {
        let (_registries, sandbox) = with_releases(&[name], LATELY);
        assert_eq!(bump(&sandbox, name).rules(), ["too-new"]);
        let then = |clock: &str| {
            let (before, after) = ([(name, "1.2.0")], [(name, "1.3.0")]);
            let report = change_with(
                &sandbox,
                Ecosystem::Npm,
                &before,
                &after,
                &["--as-of", clock],
            );
            report.rules().len()
        };
        assert_eq!(
            (then("2026-11-01T22:59:59Z"), then("2026-11-01T23:00:00Z")),
            (1, 0)
        );
    }
}

/// A record of an advisory that 1.3.0 fixes.
fn fixed_by(sandbox: &Sandbox, name: &str) {
    let record = json!({
        "id": "GHSA-1", "modified": "2026-10-30T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": "broken",
        "affected": [{ "package": { "ecosystem": "npm", "name": name }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.3.0" }] }] }],
    });
    sandbox.write("npm/1.json", record.to_string());
    let imported = sandbox.run(&["db", "import", "npm"]);
    assert_eq!(imported.code, Some(0), "{imported}");
}

#[test]
fn whoever_fixes_something_known_need_not_wait() {
    for name in ["left", "openai"] {
        let (_registries, sandbox) = with_releases(&[name], LATELY);
        fixed_by(&sandbox, name);
        assert_eq!(bump(&sandbox, name).rules(), [""; 0], "{name}");
    }
}

#[test]
fn a_version_that_only_follows_the_fixed_one_waits() {
    let (registries, sandbox) = with_releases(&["left"], LATELY);
    fixed_by(&sandbox, "left");
    let later = Packument::new("left").routine(3, &json!({}));
    registries.npm(&later.release("1.3.1", LATELY, &json!({})));
    let report = change(
        &sandbox,
        Ecosystem::Npm,
        &[("left", "1.2.0")],
        &[("left", "1.3.1")],
    );
    assert_eq!(report.rules(), ["too-new"]);
}

/// Publishes a release without the trust that all before had.
fn hijacked() -> (Registries, Sandbox) {
    let registries = Registries::start();
    let known = Packument::new("left").routine(10, &trusted());
    let stolen = json!({ "scripts": { "postinstall": "node x.js" } });
    registries.npm(&known.release("1.10.0", LATELY, &stolen));
    let sandbox = registries.sandbox();
    (registries, sandbox)
}

#[test]
fn a_young_release_that_is_suspicious_waits_even_where_it_fixes_something() {
    let (_registries, sandbox) = hijacked();
    let record = json!({
        "id": "GHSA-1", "modified": "2026-10-30T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": "broken",
        "affected": [{ "package": { "ecosystem": "npm", "name": "left" }, "ranges": [{ "type": "SEMVER", "events": [{ "introduced": "0" }, { "fixed": "1.10.0" }] }] }],
    });
    sandbox.write("npm/1.json", record.to_string());
    for is_imported in [false, true] {
        if is_imported {
            sandbox.run(&["db", "import", "npm"]);
        }
        let report = change(
            &sandbox,
            Ecosystem::Npm,
            &[("left", "1.9.0")],
            &[("left", "1.10.0")],
        );
        let finding = report.only("too-new");
        assert_eq!(finding["severity"], "high");
        assert_eq!(finding["fix"]["until"], "2026-11-01T23:00:00Z");
        assert!(message(finding).starts_with("it does not look like"));
    }
}

/// An old release of an AI stack on `PyPI`, with a wheel that came to it at a later time.
fn with_late_wheel(time: &str) -> (Registries, Sandbox, String) {
    let registries = Registries::start();
    let digest = sha256(b"late");
    let first = json!({ "hashes": { "sha256": sha256(b"openai") } });
    let late = json!({
        "filename": "openai-1.3.0-cp312-cp312-win_amd64.whl",
        "hashes": { "sha256": digest },
    });
    registries.pypi(
        "openai",
        &[
            wheel_file("openai", "1.2.0", "2026-05-01T00:00:00Z", &json!({})),
            wheel_file("openai", "1.3.0", SETTLED, &first),
            wheel_file("openai", "1.3.0", time, &late),
        ],
    );
    let sandbox = registries.sandbox();
    (registries, sandbox, digest)
}

/// Judges the update of openai by requirements with these digests.
fn require(sandbox: &Sandbox, digests: &[&str], more: &[&str]) -> Report {
    let hashes = digests
        .iter()
        .map(|digest| format!(" --hash=sha256:{digest}"));
    let after = format!("openai==1.3.0{}\n", hashes.collect::<String>());
    let sides = [
        (&[("requirements.txt", "openai==1.2.0\n")][..]),
        &[("requirements.txt", &after)],
    ];
    let more = [&["--format", "json"], more].concat();
    report_of(diff_of(sandbox, sides[0], sides[1], &more))
}

/// `PyPI` takes further files for a release of any age, and pip may prefer them.
#[test]
fn a_file_that_came_late_makes_an_old_release_young_where_it_may_be_installed() {
    let (_registries, sandbox, late) = with_late_wheel(LATELY);
    let first = sha256(b"openai");
    for digests in [&[][..], &[late.as_str()], &[first.as_str(), late.as_str()]] {
        let report = require(&sandbox, digests, &[]);
        let finding = report.only("too-new");
        assert_eq!(finding["severity"], "high", "{digests:?}");
        assert_eq!(title(finding), "a file of openai 1.3.0 is 60 minutes old");
        assert_eq!(
            message(finding),
            "it is a client of AI providers, which holds keys of providers; the release is older, and got another file at 2026-10-31T23:00:00Z"
        );
        assert_eq!(finding["fix"]["until"], "2026-11-01T23:00:00Z");
    }
    let report = require(&sandbox, &[&first], &[]);
    assert_eq!(of(&report, "too-new"), Vec::<&serde_json::Value>::new());
}

#[test]
fn files_that_came_with_the_release_or_long_ago_or_after_the_clock_make_nothing_young() {
    // The upload of one release takes a while; the settled one is of a quarter before.
    for time in [SETTLED, "2026-10-30T23:59:59Z", "2026-11-01T00:00:01Z"] {
        let (_registries, sandbox, _) = with_late_wheel(time);
        let report = require(&sandbox, &[], &[]);
        assert_eq!(
            of(&report, "too-new"),
            Vec::<&serde_json::Value>::new(),
            "{time}"
        );
    }
}

/// What is stored knows of late files, too.
#[test]
fn without_a_network_late_files_are_remembered() {
    let (_registries, sandbox, _) = with_late_wheel(LATELY);
    require(&sandbox, &[], &[]);
    let report = require(&sandbox, &[], &["--offline"]);
    let told = title(report.only("too-new"));
    assert_eq!(told, "a file of openai 1.3.0 is 60 minutes old");
}
