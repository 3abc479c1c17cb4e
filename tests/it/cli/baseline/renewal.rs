//! `linchpin baseline` over a baseline that is there: what is taken out, what stays, and what may come in.

use super::*;

#[test]
fn it_only_shrinks_unless_it_may_grow() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a", "b"]))]);
    begin(&sandbox);
    sandbox.write("package-lock.json", deprecated(&["b", "c"]));
    let later = ["--as-of", "2026-11-09T00:00:00Z"];
    let run = |more: &[&str]| sandbox.run(&[&["baseline"], &later[..], more].concat());
    let shrunk = run(&[]);
    assert_snapshot!(shrunk, @"
    exit 0
    --- stdout
    linchpin.baseline: 1 line, 0 added, 1 taken out
    --- stderr
    warning: linchpin.baseline: 1 finding is not covered, because a baseline only shrinks
        = help   --grow --owner WHO adds what is new
    ");
    let lines = text(&sandbox);
    assert!(
        lines.contains("pkg:npm/b . high prod - 2026-11-01 @web"),
        "{lines}"
    );
    assert!(
        !lines.contains("pkg:npm/a") && !lines.contains("pkg:npm/c"),
        "{lines}"
    );
    assert_eq!(sandbox.report(&[]).code(), 1);
    assert_eq!(run(&["--grow"]).code, Some(2));
    assert_eq!(text(&sandbox), lines);
    let grown = run(&["--grow", "--owner", "@api"]);
    assert_eq!(
        grown.stdout,
        "linchpin.baseline: 2 lines, 1 added, 0 taken out\n"
    );
    let lines = text(&sandbox);
    assert!(
        lines.contains("pkg:npm/b . high prod - 2026-11-01 @web"),
        "{lines}"
    );
    assert!(
        lines.contains("pkg:npm/c . high prod - 2026-11-09 @api"),
        "{lines}"
    );
    let audit = sandbox.run(&[&["audit"], &later[..]].concat());
    assert_eq!(audit.code, Some(0), "{audit}");
    assert_eq!(run(&[]).stdout, "linchpin.baseline: 2 lines, unchanged\n");
}

#[test]
fn a_run_that_is_not_complete_changes_nothing() {
    let sandbox = work_tree();
    sandbox.write("package-lock.json", deprecated(&["a"]));
    let first = baseline(&sandbox, &["--owner", "@web"]);
    assert_eq!((first.code, first.stdout.as_str()), (Some(3), ""));
    assert!(
        first
            .stderr
            .contains("linchpin.baseline was not written, because the run is not complete"),
        "{first}"
    );
    assert!(!sandbox.place("linchpin.baseline").exists());
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    begin(&sandbox);
    let before = text(&sandbox);
    sandbox.write("package-lock.json", deprecated(&[]));
    sandbox.write("web/package-lock.json", "{");
    let broken = baseline(&sandbox, &["--grow", "--owner", "@web"]);
    assert_eq!((broken.code, broken.stdout.as_str()), (Some(3), ""));
    assert_eq!(text(&sandbox), before);
    // Nor is anything said to be gone.
    let report = sandbox.report(&[]);
    assert_eq!(report.json["baseline"]["unneeded"], serde_json::json!([]));
}

#[test]
fn where_there_is_nothing_to_audit_there_is_nothing_to_keep() {
    let run = baseline(&work_tree(), &["--owner", "@web"]);
    assert_eq!(run.code, Some(4), "{run}");
}

/// Whoever looks at one project knows nothing of the others.
#[test]
fn lines_of_projects_that_were_not_looked_at_are_neither_unneeded_nor_taken_out() {
    let sandbox = tree(&[
        ("web/package-lock.json", &deprecated(&["a"])),
        ("api/package-lock.json", &deprecated(&["b", "c"])),
    ]);
    begin(&sandbox);
    let before = text(&sandbox);
    sandbox.write("api/package-lock.json", deprecated(&["c"]));
    for elsewhere in ["web", "web/package-lock.json", "api/package-lock.json"] {
        let report = sandbox.report(&[elsewhere]);
        assert_eq!(
            report.json["baseline"]["unneeded"],
            serde_json::json!([]),
            "{elsewhere}"
        );
        assert_eq!(sandbox.audit(&[elsewhere]).stderr, "", "{elsewhere}");
        assert_eq!(
            baseline(&sandbox, &[elsewhere]).code,
            Some(0),
            "{elsewhere}"
        );
        assert_eq!(text(&sandbox), before, "{elsewhere}");
    }
    let report = sandbox.report(&["api"]);
    assert_eq!(count_of(&report.json["baseline"]["unneeded"]), 1);
    assert_eq!(
        baseline(&sandbox, &["api"]).stdout,
        "linchpin.baseline: 2 lines, 0 added, 1 taken out\n"
    );
}

#[test]
fn lines_that_nothing_needs_are_told_in_one_warning() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a", "b", "c"]))]);
    begin(&sandbox);
    sandbox.write("package-lock.json", deprecated(&["c"]));
    assert_snapshot!(sandbox.audit(&[]).stderr, @"
    warning: linchpin.baseline: 2 lines are no longer needed
        = help   linchpin baseline takes out what is gone
    ");
    assert_eq!(sandbox.audit(&["-q"]).stderr, "");
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 0);
    let unneeded = &report.json["baseline"]["unneeded"][0];
    assert_eq!(
        *unneeded,
        serde_json::json!({
            "rule": "deprecated", "package": "pkg:npm/a", "file": null, "project": ".", "ids": [],
            "since": "2026-11-01", "owner": "@web", "line": 2,
        })
    );
}

/// A rule that was not asked and a lockfile that was not read say nothing of what is gone.
#[test]
fn what_was_not_looked_for_is_not_gone() {
    let sandbox = tree(&[("web/package-lock.json", &deprecated(&["a"]))]);
    sandbox.write("package-lock.json", deprecated(&["b"]));
    begin(&sandbox);
    let before = text(&sandbox);
    for config in [
        "[rules]\ndeprecated = \"off\"\n",
        "[inputs]\nexclude = [\"web/**\"]\n",
    ] {
        sandbox.write("linchpin.toml", format!("{NO_FEED_NEEDED}{config}"));
        let report = sandbox.report(&[]);
        assert_eq!(
            report.json["baseline"]["unneeded"],
            serde_json::json!([]),
            "{config}"
        );
        baseline(&sandbox, &[]);
        let after = text(&sandbox);
        assert_eq!(
            after.lines().count(),
            before.lines().count(),
            "{config}{after}"
        );
    }
    let sandbox = vulnerable();
    begin(&sandbox);
    let before = text(&sandbox);
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    let elsewhere = sandbox.place("no-such-db");
    let db = ["--db", elsewhere.to_str().expect("plain text")];
    assert_eq!(
        sandbox.report(&db).json["baseline"]["unneeded"],
        serde_json::json!([])
    );
    let run = baseline(&sandbox, &db);
    assert_eq!((run.code, text(&sandbox)), (Some(0), before), "{run}");
}

#[test]
fn without_configuration_no_baseline_is_renewed() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    let before = text(&sandbox);
    let run = baseline(&sandbox, &["--no-config", "--grow", "--owner", "@web"]);
    assert_eq!((run.code, text(&sandbox)), (Some(2), before), "{run}");
    assert!(
        run.stderr.contains("--no-config goes by no baseline"),
        "{run}"
    );
}

/// What its manifest asks for is decided anew at every install, so nothing of it is gone.
#[test]
fn lines_of_a_project_whose_lockfile_was_deleted_stay() {
    let sandbox = tree(&[
        ("web/package-lock.json", &deprecated(&["a"])),
        ("package-lock.json", &deprecated(&["b"])),
    ]);
    let manifest = r#"{"name":"web","dependencies":{"a":"^1.0.0"}}"#;
    begin(&sandbox);
    let before = text(&sandbox);
    fs::remove_file(sandbox.place("web/package-lock.json")).expect("a removal");
    sandbox.write("web/package.json", manifest);
    let report = sandbox.report(&[]);
    assert_eq!(report.only("unlocked-manifest")["severity"], "medium");
    assert_eq!(report.json["baseline"]["unneeded"], serde_json::json!([]));
    assert_eq!(baseline(&sandbox, &[]).code, Some(0));
    assert_eq!(text(&sandbox), before);
    // Without the manifest the project is gone, and so are its lines.
    fs::remove_file(sandbox.place("web/package.json")).expect("a removal");
    let report = sandbox.report(&[]);
    assert_eq!(count_of(&report.json["baseline"]["unneeded"]), 1);
}

/// The manifest of a workspace need not ask for anything itself.
#[test]
fn lines_of_a_workspace_whose_lockfile_was_deleted_stay() {
    let sandbox = tree(&[
        ("shop/package-lock.json", &deprecated(&["a"])),
        ("package-lock.json", &deprecated(&["b"])),
    ]);
    begin(&sandbox);
    let manifest = r#"{"name":"web","dependencies":{"a":"^1.0.0"}}"#;
    sandbox.write("shop/examples/web/package.json", manifest);
    // While the project is locked, a folder that never was says nothing of it.
    sandbox.write("shop/package-lock.json", deprecated(&["c"]));
    let report = sandbox.report(&[]);
    assert_eq!(count_of(&report.json["baseline"]["unneeded"]), 1);
    fs::remove_file(sandbox.place("shop/package-lock.json")).expect("a removal");
    let report = sandbox.report(&[]);
    assert_eq!(report.json["baseline"]["unneeded"], serde_json::json!([]));
}

/// A line that a hand made wider than what was found would let in what comes next.
#[test]
fn lines_that_allow_more_than_was_found_are_told_and_narrowed() {
    let sandbox = vulnerable();
    begin(&sandbox);
    let before = text(&sandbox);
    for (wide, what) in [
        (before.replace(" high ", " critical "), "a severity"),
        (before.replace(",GHSA-1", ",CVE-NEXT,GHSA-1"), "an id"),
    ] {
        assert_ne!(wide, before);
        sandbox.write("linchpin.baseline", &wide);
        let audit = sandbox.audit(&[]);
        assert_eq!(audit.code, Some(0), "{what}: {audit}");
        assert_eq!(
            audit.stderr,
            "warning: linchpin.baseline: 1 line allows more than was found\n    = help   linchpin baseline narrows what is too wide\n",
            "{what}"
        );
        let json = sandbox.report(&[]).json;
        assert_eq!(json["baseline"]["loose"][0]["line"], 2, "{what}");
        assert_eq!(json["baseline"]["unneeded"], serde_json::json!([]));
        // Whoever looked at a part knows nothing of the rest.
        let part = sandbox.report(&["web/package-lock.json"]);
        assert_eq!(part.json["baseline"]["loose"], serde_json::json!([]));
        baseline(&sandbox, &["web/package-lock.json"]);
        assert_eq!(text(&sandbox), wide);
        assert_eq!(baseline(&sandbox, &[]).code, Some(0));
        assert_eq!(text(&sandbox), before, "{what}");
        assert_eq!(sandbox.audit(&[]).stderr, "");
    }
}
