//! `linchpin diff`: what a change brings, and nothing else.

mod conversion;
mod disarming;
mod faults;
mod repository;

use std::path::Path;

use insta::assert_snapshot;

use crate::support::files_below;
use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::{NOW, Output, Report, Sandbox};

/// A lockfile of these records, each deprecated, which gates in these tests.
fn deprecated(names: &[(&str, &str)]) -> String {
    let record = |(name, version): &(&str, &str)| {
        npm_record(name, version).replace('{', "{\"deprecated\":\"old\",")
    };
    let packages: Vec<_> = names.iter().map(|one| (one.0, record(one))).collect();
    npm_lock(&packages)
}

/// A tree before and after a change; the settings before it fail on what is deprecated.
fn sides(before: &[(&str, &str)], after: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let gate = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    for (side, files) in [("before", before), ("after", after)] {
        sandbox.write(&format!("{side}/linchpin.toml"), &gate);
        for (path, text) in files {
            sandbox.write(&format!("{side}/{path}"), text);
        }
    }
    sandbox
}

/// The same with one package-lock.json on each side.
fn locks(before: &str, after: &str) -> Sandbox {
    sides(
        &[("package-lock.json", before)],
        &[("package-lock.json", after)],
    )
}

fn diff(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let sides = ["--before", "before", "--after", "after"];
    let all = [&["diff", "--as-of", NOW], &sides[..], arguments];
    sandbox.run(&all.concat())
}

fn report(sandbox: &Sandbox) -> Report {
    let output = diff(sandbox, &["--format", "json"]);
    let json = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    Report { json, output }
}

/// The rule, package, state and weight of each finding, and the exit code.
fn told(sandbox: &Sandbox) -> (Vec<String>, Option<i32>) {
    let report = report(sandbox);
    let findings = report.json["findings"].as_array().expect("findings");
    let lines = findings.iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-").to_owned();
        let gates = if finding["gates"] == true {
            " gates"
        } else {
            ""
        };
        format!(
            "{} {} {}{gates}",
            text("rule"),
            text("package"),
            text("state")
        )
    });
    (lines.collect(), report.output.code)
}

#[test]
fn what_the_change_brings_gates_and_what_was_there_does_not() {
    let sandbox = locks(
        &deprecated(&[("left", "1.0.0")]),
        &deprecated(&[("left", "1.0.0"), ("right", "1.0.0")]),
    );
    let output = diff(&sandbox, &[]);
    assert_eq!(output.code, Some(1));
    assert_snapshot!(output.stdout, @r#"
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 2 packages, 2 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today
    compared with before: 1 added
      added    right 1.0.0, direct  in .

    high[deprecated]: right 1.0.0 is deprecated
        ┌─ package-lock.json:6:1
       6│"node_modules/right":{"deprecated":"old","version":"1.0.0","resolved":"https://registry.npmjs.
        │^^^^^^^^^^^^^^^^^^^^ deprecated
        = path   app 1.0.0 ─▶ right 1.0.0
        = why    its maintainers say: old
        = reach  1 of 1 project · prod · direct

    checked 2 packages:
      all          source-mismatch, hash-missing, weak-hash, foreign-host, insecure-url,
                   unpinned-source, malicious-package, deprecated
      0 of 2       hash-mismatch (not: 2 without a local copy)
      0 of 2       known-vulnerability, unsound, unmaintained (not: 2 without an advisory feed)
      0 of 2       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 1 untouched by the change, 1 without a stored
                   history)
      0 of 2       dependency-confusion (not: 2 without names of your own to compare with)
    1 finding: 1 high. 1 was there before and does not count.
    exit 1: 1 finding at or above fail-on = "high"
    "#);
    let (findings, _) = told(&sandbox);
    assert_eq!(
        findings,
        [
            "deprecated pkg:npm/left@1.0.0 kept",
            "deprecated pkg:npm/right@1.0.0 new gates",
        ]
    );
}

#[test]
fn a_bump_that_stays_as_bad_is_kept_and_one_that_mends_is_gone() {
    let before = deprecated(&[("left", "1.0.0")]);
    let same = locks(&before, &deprecated(&[("left", "1.1.0")]));
    let kept = "deprecated pkg:npm/left@1.1.0 kept".to_owned();
    assert_eq!(told(&same), (vec![kept], Some(0)));
    let mended = npm_lock(&[("left", npm_record("left", "2.0.0"))]);
    let report = report(&locks(&before, &mended));
    assert_eq!(report.output.code, Some(0));
    assert_eq!(report.json["gone"][0]["package"], "pkg:npm/left@1.0.0");
    assert_eq!(report.json["change"]["changed"], 1);
}

#[test]
fn a_wider_scope_is_worse_and_says_why() {
    let after = deprecated(&[("left", "1.0.0")]);
    let before = after
        .replace("{\"deprecated\"", "{\"dev\":true,\"deprecated\"")
        .replace(
            "\"dependencies\":{\"left\"",
            "\"devDependencies\":{\"left\"",
        );
    let sandbox = locks(&before, &after);
    let worse = "deprecated pkg:npm/left@1.0.0 worse gates".to_owned();
    assert_eq!(told(&sandbox), (vec![worse], Some(1)));
    let because = report(&sandbox).json["findings"][0]["worse_because"].clone();
    assert_eq!(because[0], "it was in dev in project ., and is in prod");
}

#[test]
fn malware_that_was_there_stops_every_change() {
    let axios = |version: &str| npm_lock(&[("axios", npm_record("axios", version))]);
    let with_more = npm_lock(&[
        ("axios", npm_record("axios", "1.14.1")),
        ("left", npm_record("left", "1.0.0")),
    ]);
    let sandbox = locks(&axios("1.14.1"), &with_more);
    let output = diff(&sandbox, &[]);
    assert_eq!(output.code, Some(1));
    let stop = "STOP: before already holds axios 1.14.1; do not install\n";
    assert!(output.stdout.starts_with(stop), "{output}");
    assert_eq!(
        told(&sandbox).0,
        ["malicious-package pkg:npm/axios@1.14.1 kept gates"]
    );
    let brought = locks(&axios("1.14.0"), &axios("1.14.1"));
    let new = "malicious-package pkg:npm/axios@1.14.1 new gates".to_owned();
    assert_eq!(told(&brought), (vec![new], Some(1)));
}

/// The settings of a change are those that others are judged by, once it is in.
#[test]
fn a_change_cannot_disarm_its_judge() {
    let disarming = "schema = 1\n[gate]\nfail-on = \"critical\"\n[rules]\ndeprecated = \"off\"\n[inputs]\nexclude = [\"**\"]\n";
    let sandbox = sides(
        &[("package-lock.json", &npm_lock(&[]))],
        &[
            ("package-lock.json", &deprecated(&[("left", "1.0.0")])),
            ("linchpin.toml", disarming),
        ],
    );
    let new = [
        "deprecated pkg:npm/left@1.0.0 new gates",
        "policy-loosened - new gates",
    ];
    assert_eq!(told(&sandbox), (new.map(str::to_owned).to_vec(), Some(1)));
}

#[test]
fn what_was_unreadable_before_reddens_only_the_change_that_touches_it() {
    let good = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let beside = |broken: &'static str| {
        [
            ("package-lock.json", good.as_str()),
            ("broken/Cargo.lock", broken),
        ]
    };
    let untouched = sides(&beside("{"), &beside("{"));
    assert_eq!(told(&untouched), (vec![], Some(0)));
    let touched = sides(&beside("{"), &beside("{{"));
    assert_eq!(told(&touched), (vec![], Some(3)));
    let report = report(&locks("{", &good));
    assert_eq!(report.output.code, Some(3));
    let because = report.json["incomplete_because"][0].as_str();
    let start = "before the change: package-lock.json: ";
    assert!(
        because.is_some_and(|because| because.starts_with(start)),
        "{because:?}"
    );
}

/// The lockfile stays as it is; what it includes is another file.
#[test]
fn an_included_file_that_changes_is_touched() {
    let tree = |text: &'static str| [("requirements.txt", "-r sub.in\n"), ("sub.in", text)];
    let code = |before, after| told(&sides(&tree(before), &tree(after))).1;
    assert_eq!(code("foo @@ bad\n", "foo @@ bad\n"), Some(0));
    assert_eq!(code("foo @@ bad\n", "foo @@ bad\nevil==1.0\n"), Some(3));
}

#[test]
fn a_lockfile_that_is_out_of_sight_is_a_gap() {
    let manifest = r#"{"dependencies":{"left":"1"}}"#;
    let good = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let before = [
        ("Cargo.lock", "version = 4\n"),
        ("web/package.json", manifest),
        ("web/package-lock.json", &good),
    ];
    let because = |after: &[(&str, &str)]| {
        let report = report(&sides(&before, after));
        let reasons = report.json["incomplete_because"]
            .as_array()
            .expect("reasons");
        let reasons = reasons
            .iter()
            .map(|why| why.as_str().expect("a text").to_owned());
        (reasons.collect::<Vec<_>>(), report.output.code)
    };
    let cargo = before[0];
    let ignored = [cargo, (".gitignore", "web/\n"), before[1], before[2]];
    assert_eq!(
        because(&ignored),
        (
            vec![
                "web/package-lock.json: it was judged before the change, and is hidden after it: take it out of the ignore rules, and let it be a regular file"
                    .to_owned()
            ],
            Some(3)
        )
    );
    assert_eq!(
        because(&[cargo, before[1]]),
        (vec![], Some(1)),
        "it is gone"
    );
    assert_eq!(because(&[cargo]), (vec![], Some(0)), "the project is gone");
    let bun = r#"{"lockfileVersion":1,"workspaces":{"":{"dependencies":{"left":"1"}}},"packages":{"left":["left@1.0.0","",{},"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="]}}"#;
    let converted = [cargo, before[1], ("web/bun.lock", bun)];
    assert!(because(&converted).0.is_empty(), "another tool locks it");
}

#[test]
fn nothing_after_something_is_not_nothing_to_audit() {
    let good = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let empty = sides(&[("web/package-lock.json", &good)], &[]);
    assert_eq!(told(&empty), (vec![], Some(0)));
    let never = sides(&[], &[]);
    assert_eq!(told(&never), (vec![], Some(4)));
}

#[test]
fn two_folders_of_one_tree_need_settings_of_their_own() {
    let sandbox = Sandbox::new();
    sandbox.folder(".git/objects");
    sandbox.folder(".git/refs");
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    for side in ["before", "after"] {
        sandbox.write(&format!("{side}/package-lock.json"), npm_lock(&[]));
    }
    assert_eq!(diff(&sandbox, &[]).code, Some(0), "there are none yet");
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    let output = diff(&sandbox, &[]);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(
        output.stderr.contains("would choose its own settings"),
        "{output}"
    );
    let without = diff(&sandbox, &["--no-config"]);
    assert_ne!(without.code, Some(2), "{without}");
}

#[test]
fn files_are_compared_whatever_their_folders_are() {
    let sandbox = Sandbox::new();
    let lock = |version: &str| npm_lock(&[("left", npm_record("left", version))]);
    sandbox.write("one/package-lock.json", lock("1.0.0"));
    sandbox.write("two/package-lock.json", lock("2.0.0"));
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    let sides = [
        "--before",
        "one/package-lock.json",
        "--after",
        "two/package-lock.json",
    ];
    let settings = ["--config", "linchpin.toml", "--format", "json"];
    let output = sandbox.run(&[&["diff", "--as-of", NOW][..], &sides, &settings].concat());
    let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("a report");
    let change = &report["change"];
    assert_eq!(
        (&change["changed"], &change["added"]),
        (&1.into(), &0.into())
    );
    assert_eq!(output.code, Some(0));
}

#[test]
fn what_is_altered_at_the_same_version_is_critical() {
    let lock = |resolved: &str, integrity: &str| {
        let record = npm_record_at("1.0.0", resolved, integrity);
        npm_lock(&[("left", record)])
    };
    let (url, good) = (npm_url("left", "1.0.0"), sri(b"good"));
    let weak = "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let elsewhere = "https://user:secret@npm.corp.example/left/-/left-1.0.0.tgz";
    let before = lock(&url, &good);
    for (after, what, rule) in [
        (lock(&url, &sri(b"bad")), "hash-changed", "hash-mismatch"),
        (lock(&url, ""), "hash-dropped", "hash-weakened"),
        (lock(&url, weak), "hash-weakened", "hash-weakened"),
        (lock(elsewhere, &good), "source-changed", "source-mismatch"),
    ] {
        let sandbox = locks(&before, &after);
        let report = report(&sandbox);
        let altered = &report.json["change"]["projects"][0]["altered"][0];
        assert_eq!(altered["what"], what);
        let findings = report.json["findings"].as_array().expect("findings");
        let found = findings.iter().find(|finding| finding["rule"] == rule);
        let found = found.unwrap_or_else(|| panic!("no {rule}: {}", report.output));
        assert_eq!(
            (&found["severity"], &found["state"], &found["gates"]),
            (&"critical".into(), &"new".into(), &true.into()),
            "{what}"
        );
        assert_eq!(report.output.code, Some(1), "{what}");
        assert!(!report.output.stdout.contains("secret"), "{what}");
        // Once it is in, it is no news.
        assert_eq!(told(&locks(&after, &after)).1, Some(0), "{what}");
    }
}

/// A lockfile that says nothing of scripts proves nothing; one that says so is believed.
#[test]
fn an_install_script_that_is_new_is_told() {
    let with = |record: String| record.replace('{', "{\"hasInstallScript\":true,");
    let lock = |left: String, right: String| npm_lock(&[("left", left), ("right", right)]);
    let (left, right) = (npm_record("left", "1.0.0"), npm_record("right", "1.0.0"));
    let next = npm_record("right", "1.1.0");
    let scripts = |before: &str, after: &str| {
        let change = report(&locks(before, after)).json["change"].clone();
        (
            change["new_scripts"].clone(),
            change["projects"][0]["packages"][0]["new_script"].clone(),
        )
    };
    let before = lock(with(left.clone()), right);
    let after = lock(with(left.clone()), with(next.clone()));
    assert_eq!(scripts(&before, &after), (1.into(), true.into()));
    assert_eq!(
        scripts(&before, &lock(with(left), next)),
        (0.into(), false.into())
    );
    assert_eq!(scripts(&after, &after).0, 0);
    let text = diff(&locks(&before, &after), &[]).stdout;
    assert!(
        text.contains("right 1.0.0 ─▶ 1.1.0, direct, runs code when it is installed"),
        "{text}"
    );
}

/// The same project, locked by each of these tools with the same releases.
#[test]
fn another_tool_for_the_same_packages_is_no_alteration() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/same/npm-project");
    let tools = ["npm", "pnpm", "yarn-berry", "yarn-classic", "bun"];
    let sandbox = Sandbox::new();
    sandbox.write("gate.toml", NO_FEED_NEEDED);
    for tool in tools {
        for (path, text) in files_below(&fixtures.join(tool)) {
            sandbox.write(&format!("{tool}/{path}"), text);
        }
    }
    for (before, after) in tools
        .iter()
        .flat_map(|one| tools.map(|other| (*one, other)))
    {
        let sides = ["--before", before, "--after", after, "--format", "json"];
        let settings = ["diff", "--as-of", NOW, "--config", "gate.toml"];
        let output = sandbox.run(&[&settings[..], &sides].concat());
        let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("a report");
        let change = &report["change"];
        let numbers = ["added", "removed", "changed", "moved", "altered"].map(|key| &change[key]);
        assert!(
            numbers.iter().all(|number| **number == 0),
            "{before}, {after}: {change}"
        );
        assert_eq!(output.code, Some(0), "{before}, {after}: {output}");
    }
}
