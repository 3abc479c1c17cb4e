//! `linchpin baseline`, and what a baseline does to an audit.

use std::fs;

use insta::assert_snapshot;

use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::{NOW, Output, Sandbox};

const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// A record of a vulnerability of the package `left`.
fn advisory(id: &str, vector: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","aliases":["CVE-{id}"],"summary":"about {id}","severity":[{{"type":"CVSS_V3","score":"{vector}"}}],
        "affected":[{{"package":{{"ecosystem":"npm","name":"left"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"2.0.0"}}]}}]}}]}}"#
    )
}

fn import(sandbox: &Sandbox, records: &[String]) {
    for (number, record) in records.iter().enumerate() {
        sandbox.write(&format!("npm/{number}.json"), record);
    }
    let imported = sandbox.run(&["db", "import", "npm"]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
}

/// A work tree whose one project locks the vulnerable `left`.
fn vulnerable() -> Sandbox {
    let sandbox = work_tree();
    sandbox.write("web/package-lock.json", lock_of_left("1.0.0"));
    import(&sandbox, &[advisory("GHSA-1", HIGH)]);
    sandbox
}

/// What makes the top of the sandbox the root, whatever PATH is asked for.
fn work_tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.folder(".git/objects");
    sandbox.folder(".git/refs");
    sandbox.write(".git/HEAD", "ref: refs/heads/main\n");
    sandbox
}

fn lock_of_left(version: &str) -> String {
    npm_lock(&[("left", npm_record("left", version))])
}

/// A lockfile of deprecated packages.
fn deprecated(names: &[&str]) -> String {
    let record = |name: &&str| npm_record(name, "1.0.0").replace('{', "{\"deprecated\":\"old\",");
    let packages: Vec<_> = names.iter().map(|name| (*name, record(name))).collect();
    npm_lock(&packages)
}

/// A work tree without need of a feed, where what is deprecated gates.
fn tree(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = work_tree();
    sandbox.write(
        "linchpin.toml",
        format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n"),
    );
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox
}

fn baseline(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.run(&[&["baseline", "--as-of", NOW], arguments].concat())
}

/// Writes the baseline, which must work.
fn begin(sandbox: &Sandbox) {
    let run = baseline(sandbox, &["--owner", "@web"]);
    assert_eq!(run.code, Some(0), "{run}");
}

fn text(sandbox: &Sandbox) -> String {
    fs::read_to_string(sandbox.place("linchpin.baseline")).expect("the baseline")
}

fn count_of(value: &serde_json::Value) -> usize {
    value.as_array().expect("a list").len()
}

#[test]
fn what_was_there_is_kept_out_of_the_gate_and_stays_in_the_report() {
    let sandbox = vulnerable();
    assert_eq!(sandbox.report(&[]).code(), 1);
    let run = baseline(&sandbox, &["--owner", "web team, Jo"]);
    assert_snapshot!(run, @"
    exit 0
    --- stdout
    linchpin.baseline: 1 line, 1 added, 0 taken out
    ");
    assert_snapshot!(text(&sandbox), @"
    # linchpin.baseline 1, written by `linchpin baseline`: rule package-or-file project severity scope ids since owner fingerprint
    known-vulnerability pkg:npm/left web high prod CVE-GHSA-1,GHSA-1 2026-11-01 web%20team%2C%20Jo 04cf6e853a47ceb9afa8f2da79a0ea62
    ");
    let report = sandbox.report(&[]);
    let finding = report.only("known-vulnerability");
    assert_eq!(
        (report.code(), &finding["state"], &finding["gates"]),
        (0, &"kept".into(), &false.into())
    );
    let said = serde_json::json!({
        "since": "2026-11-01", "owners": ["web team, Jo"], "worse_because": [],
    });
    assert_eq!(finding["baseline"], said);
    let file = serde_json::json!({
        "path": "linchpin.baseline", "lines": 1, "unneeded": [], "loose": [],
    });
    assert_eq!(report.json["baseline"], file);
    assert_eq!(
        (&report.json["summary"]["high"], &report.json["kept"]),
        (&1.into(), &1.into())
    );
    let output = sandbox.audit(&[]);
    assert!(
        output.stdout.contains("no other risky paths among 1 package. 1 kept by linchpin.baseline.\nexit 0: nothing that counts at or above fail-on = \"high\"\n"),
        "{output}"
    );
    assert!(!output.stdout.contains("has a known vulnerability") && output.stderr.is_empty());
    let everything = sandbox.audit(&["-v"]).stdout;
    assert!(
        everything.contains("= known  kept since 2026-11-01 (web team, Jo)\n"),
        "{everything}"
    );
}

#[test]
fn somebody_answers_for_every_line_that_is_added() {
    let sandbox = vulnerable();
    for owner in [&[][..], &["--owner", " "]] {
        let run = baseline(&sandbox, owner);
        assert_eq!(run.code, Some(2), "{run}");
        assert!(run.stderr.contains("say who: --owner WHO"), "{run}");
        assert!(!sandbox.place("linchpin.baseline").exists());
    }
}

#[test]
fn another_version_of_a_vulnerable_package_is_still_kept() {
    let sandbox = vulnerable();
    begin(&sandbox);
    sandbox.write("web/package-lock.json", lock_of_left("1.5.0"));
    assert_eq!(sandbox.report(&[]).code(), 0);
    sandbox.write("web/package-lock.json", lock_of_left("2.0.0"));
    let report = sandbox.report(&[]);
    assert_eq!(count_of(&report.json["baseline"]["unneeded"]), 1);
}

#[test]
fn an_advisory_that_is_not_listed_gates_and_says_so() {
    let sandbox = vulnerable();
    begin(&sandbox);
    import(
        &sandbox,
        &[advisory("GHSA-1", HIGH), advisory("GHSA-2", HIGH)],
    );
    let report = sandbox.report(&[]);
    let finding = report.only("known-vulnerability");
    assert_eq!((report.code(), &finding["state"]), (1, &"worse".into()));
    let because = serde_json::json!(["CVE-GHSA-2 is not listed for project web"]);
    assert_eq!(finding["baseline"]["worse_because"], because);
    let shown = sandbox.audit(&[]).stdout;
    assert!(
        shown.contains(
            "= known  since 2026-11-01 (@web), and worse by now: CVE-GHSA-2 is not listed for"
        ),
        "{shown}"
    );
    // Accepting the new one is enough: the baseline covers the other.
    let accept = "[[accept]]\nrule = \"known-vulnerability\"\npackage = \"pkg:npm/left@1.0.0\"\nids = [\"GHSA-2\"]\nreason = \"soon\"\nowner = \"@web\"\nexpires = 2026-12-01\n";
    sandbox.write("linchpin.toml", accept);
    let report = sandbox.report(&[]);
    assert_eq!(report.only("known-vulnerability")["state"], "kept");
    assert_eq!(report.json["unused_accepts"], serde_json::json!([]));
    let grown = baseline(&sandbox, &["--grow"]);
    assert_eq!(grown.stdout, "linchpin.baseline: 1 line, unchanged\n");
}

#[test]
fn a_higher_severity_gates() {
    let sandbox = vulnerable();
    begin(&sandbox);
    let raised = advisory("GHSA-1", CRITICAL).replace("2026-10-30", "2026-10-31");
    import(&sandbox, &[raised]);
    let report = sandbox.report(&[]);
    assert_eq!(
        (
            report.code(),
            &report.only("known-vulnerability")["baseline"]["worse_because"][0]
        ),
        (
            1,
            &"CVE-GHSA-1 was high in project web, and is critical".into()
        )
    );
}

/// What only development needs is spared anyway; what ships is not.
#[test]
fn a_wider_scope_gates() {
    let sandbox = vulnerable();
    let shipped = lock_of_left("1.0.0");
    let dev = shipped
        .replace(
            "\"dependencies\":{\"left\"",
            "\"devDependencies\":{\"left\"",
        )
        .replace(
            "{\"version\":\"1.0.0\",\"resolved\"",
            "{\"dev\":true,\"version\":\"1.0.0\",\"resolved\"",
        );
    assert_ne!(dev, shipped);
    sandbox.write("web/package-lock.json", dev);
    begin(&sandbox);
    assert_eq!(sandbox.report(&[]).code(), 0);
    sandbox.write("web/package-lock.json", shipped);
    let report = sandbox.report(&[]);
    assert_eq!(
        (
            report.code(),
            &report.only("known-vulnerability")["baseline"]["worse_because"][0]
        ),
        (1, &"it was in dev in project web, and is in prod".into())
    );
}

#[test]
fn another_project_gates() {
    let sandbox = vulnerable();
    begin(&sandbox);
    sandbox.write("api/package-lock.json", lock_of_left("1.0.0"));
    let report = sandbox.report(&[]);
    assert_eq!(
        (
            report.code(),
            &report.only("known-vulnerability")["baseline"]["worse_because"][0]
        ),
        (1, &"project api is not listed".into())
    );
}

/// A line about one release never shelters the next where another release is another finding.
#[test]
fn integrity_is_kept_for_one_release_only() {
    let unpinned = |version: &str| {
        let record = format!(
            r#"{{"version":"{version}","resolved":"git+ssh://git@example.org/left.git#main"}}"#
        );
        npm_lock(&[("left", record)])
    };
    let sandbox = tree(&[("package-lock.json", &unpinned("1.0.0"))]);
    let config = format!("{NO_FEED_NEEDED}[rules]\nunpinned-source = \"high\"\n");
    sandbox.write("linchpin.toml", config);
    begin(&sandbox);
    assert_eq!(sandbox.report(&[]).code(), 0);
    sandbox.write("package-lock.json", unpinned("1.0.1"));
    let report = sandbox.report(&[]);
    assert_eq!(
        (report.code(), &report.only("unpinned-source")["state"]),
        (1, &"present".into())
    );
    assert_eq!(count_of(&report.json["baseline"]["unneeded"]), 1);
}

#[test]
fn a_known_attack_is_left_out_and_no_line_can_keep_it() {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let sandbox = tree(&[("package-lock.json", &lockfile)]);
    let run = baseline(&sandbox, &["--owner", "@web"]);
    assert_snapshot!(run, @"
    exit 0
    --- stdout
    linchpin.baseline: 0 lines, 0 added, 0 taken out
    --- stderr
    warning: linchpin.baseline: 1 finding reports a known attack and is left out
        = help   malicious packages and wrong hashes gate in every state; linchpin audit says what to do
    ");
    let report = sandbox.report(&[]);
    assert_eq!(
        (report.code(), &report.only("malicious-package")["state"]),
        (1, &"present".into())
    );
    let print = report.only("malicious-package")["fingerprint"].clone();
    let line = format!(
        "malicious-package pkg:npm/axios@1.14.1 . critical prod MAL-2026-2307 2026-11-01 @web {}\n",
        print.as_str().expect("a fingerprint")
    );
    sandbox.write("linchpin.baseline", text(&sandbox) + &line);
    let output = sandbox.audit(&[]);
    assert_eq!(output.stdout, "");
    assert_snapshot!(output, @"
    exit 2
    --- stderr
    error: `malicious-package` is never kept: it reports a known attack, which gates in every state
        ┌─ linchpin.baseline:2:1
       2│malicious-package pkg:npm/axios@1.14.1 . critical prod MAL-2026-2307 2026-11-01 @web 6a9786f34
        │^^^^^^^^^^^^^^^^^
        = help   take the line out; accept the one finding for up to 7 days, by its id, in an [[accept]] entry
        = help   nothing was scanned; mend the file, or let git restore it
    ");
}

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
fn the_baseline_lies_beside_the_configuration() {
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    let sandbox = work_tree();
    sandbox.write("package-lock.json", deprecated(&["a"]));
    sandbox.write(".config/linchpin.toml", &config);
    begin_at(&sandbox, &[], ".config/linchpin.baseline");
    assert_eq!(sandbox.report(&[]).code(), 0);
    // Without configuration there is none either, whatever the file says.
    sandbox.write(".config/linchpin.baseline", "nonsense");
    let ignored = sandbox.report(&["--no-config", "--fail-on", "low"]);
    assert_eq!(
        (ignored.code(), &ignored.json["baseline"]),
        (1, &serde_json::Value::Null)
    );
    assert_eq!(sandbox.audit(&[]).code, Some(2));
}

/// A configuration that many projects share says nothing of what was in one of them.
#[test]
fn a_typed_configuration_takes_the_baseline_of_the_root_and_no_other() {
    let sandbox = work_tree();
    sandbox.write("package-lock.json", deprecated(&["a"]));
    let config = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    let shared = sandbox.home("shared/gate.toml");
    fs::create_dir_all(shared.parent().expect("a folder")).expect("a folder");
    fs::write(&shared, config).expect("a file");
    let typed = ["--config", shared.to_str().expect("plain text")];
    begin_with(&sandbox, &typed);
    assert!(sandbox.place("linchpin.baseline").is_file());
    assert!(!sandbox.home("shared/linchpin.baseline").exists());
    assert_eq!(sandbox.report(&typed).code(), 0);
    fs::rename(
        sandbox.place("linchpin.baseline"),
        sandbox.home("shared/linchpin.baseline"),
    )
    .expect("a move");
    assert_eq!(sandbox.report(&typed).code(), 1);
}

#[test]
fn a_baseline_that_lies_elsewhere_than_the_configuration_is_told() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    assert_eq!(sandbox.audit(&[]).stderr, "");
    let config = fs::read_to_string(sandbox.place("linchpin.toml")).expect("the configuration");
    fs::remove_file(sandbox.place("linchpin.toml")).expect("a removal");
    sandbox.write(".config/linchpin.toml", config);
    let audit = sandbox.audit(&[]);
    assert_eq!(audit.code, Some(1));
    let warning =
        "warning: linchpin.baseline: it is not read; .config/linchpin.baseline is the baseline\n";
    assert!(audit.stderr.contains(warning), "{audit}");
    let run = baseline(&sandbox, &["--owner", "@web"]);
    assert!(run.code == Some(0) && run.stderr.contains(warning), "{run}");
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

/// A clock in the past knows no advisory, and would take every line for gone.
#[test]
fn a_clock_before_the_newest_line_changes_nothing() {
    let sandbox = vulnerable();
    begin(&sandbox);
    let before = text(&sandbox);
    let past = ["--as-of", "2026-09-01T00:00:00Z"];
    let run = sandbox.run(&[&["baseline"], &past[..]].concat());
    assert_eq!(run.code, Some(2), "{run}");
    assert!(
        run.stderr
            .contains("`2026-11-01` is after 2026-09-01, the day of this run"),
        "{run}"
    );
    assert_eq!(text(&sandbox), before);
    // An audit may look back, and does not take for gone what was not known yet.
    let audit = sandbox.run(&[&["audit"], &past[..]].concat());
    assert_eq!(
        (audit.code, audit.stderr.as_str()),
        (Some(0), ""),
        "{audit}"
    );
}

/// What pins the advisories of an audit pins those of its baseline.
#[test]
fn a_baseline_takes_the_settings_of_an_audit_and_says_so_in_order() {
    let sandbox = vulnerable();
    let other = "0".repeat(64);
    let run = baseline(&sandbox, &["--owner", "@web", "--db-sha256", &other]);
    assert_eq!(run.code, Some(3), "{run}");
    assert!(!sandbox.place("linchpin.baseline").exists());
    let help = sandbox.run(&["baseline", "--help"]).stdout;
    let heading = |text: &str| {
        help.find(text)
            .unwrap_or_else(|| panic!("{text} in {help}"))
    };
    assert!(heading("Lines:") < heading("--owner") && heading("--grow") < heading("Settings:"));
    assert!(!help.contains("--fail-on"), "{help}");
}

#[test]
fn an_owner_that_cannot_be_seen_is_refused() {
    let sandbox = vulnerable();
    let run = baseline(&sandbox, &["--owner", "@web\u{202e}"]);
    assert_eq!(run.code, Some(2), "{run}");
    assert!(
        run.stderr.contains("characters that cannot be seen"),
        "{run}"
    );
    assert!(!sandbox.place("linchpin.baseline").exists());
}

/// A lockfile of packages without digest.
fn undigested(names: &[&str]) -> String {
    let record = |name: &&str| {
        let url = npm_url(name, "1.0.0");
        format!(r#"{{"version":"1.0.0","resolved":"{url}"}}"#)
    };
    let packages: Vec<_> = names.iter().map(|name| (*name, record(name))).collect();
    npm_lock(&packages)
}

/// A finding about a lockfile is kept entry by entry.
#[test]
fn an_entry_that_is_not_listed_is_sheltered_by_none_that_is() {
    let sandbox = tree(&[("web/package-lock.json", &undigested(&["aaa", "bbb"]))]);
    let config = format!("{NO_FEED_NEEDED}[rules]\nhash-missing = \"high\"\n");
    sandbox.write("linchpin.toml", config);
    assert_eq!(sandbox.report(&[]).code(), 1);
    begin(&sandbox);
    assert_eq!(sandbox.report(&[]).code(), 0);
    sandbox.write("web/package-lock.json", undigested(&["aaa", "bbb", "ccc"]));
    let report = sandbox.report(&[]);
    let finding = report.only("hash-missing");
    assert_eq!((report.code(), &finding["state"]), (1, &"worse".into()));
    let because = serde_json::json!(["pkg:npm/ccc@1.0.0 is not listed"]);
    assert_eq!(finding["baseline"]["worse_because"], because);
    let refused = baseline(&sandbox, &[]);
    assert!(
        refused.stderr.contains("1 finding is not covered"),
        "{refused}"
    );
    // Fewer are covered, and what is gone is told.
    sandbox.write("web/package-lock.json", undigested(&["bbb"]));
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 0);
    assert_eq!(
        report.json["baseline"]["unneeded"][0]["package"],
        "pkg:npm/aaa@1.0.0"
    );
    let shrunk = baseline(&sandbox, &[]);
    assert_eq!(
        shrunk.stdout,
        "linchpin.baseline: 1 line, 0 added, 1 taken out\n"
    );
    assert_eq!(sandbox.report(&[]).code(), 0);
}

#[test]
fn another_package_from_a_host_that_is_kept_gates() {
    let from = |names: &[&str]| {
        let record = |name: &&str| {
            let url = npm_url(name, "1.0.0").replace("registry.npmjs.org", "mirror.example");
            npm_record_at("1.0.0", &url, &sri(name.as_bytes()))
        };
        let packages: Vec<_> = names.iter().map(|name| (*name, record(name))).collect();
        npm_lock(&packages)
    };
    let sandbox = tree(&[("package-lock.json", &from(&["aaa"]))]);
    let config = format!("{NO_FEED_NEEDED}[rules]\nforeign-host = \"high\"\n");
    sandbox.write("linchpin.toml", config);
    begin(&sandbox);
    assert_eq!(sandbox.report(&[]).code(), 0);
    sandbox.write("package-lock.json", from(&["aaa", "ccc"]));
    let report = sandbox.report(&[]);
    let finding = report.only("foreign-host");
    assert_eq!((report.code(), &finding["state"]), (1, &"worse".into()));
    let because = finding["baseline"]["worse_because"][0].as_str();
    let because = because.expect("a reason");
    assert!(
        because.starts_with("pkg:npm/ccc@1.0.0") && because.ends_with(" is not listed"),
        "{because}"
    );
}

#[test]
fn a_lockfile_under_another_name_is_the_same_to_its_project() {
    let sandbox = tree(&[("web/package-lock.json", &undigested(&["aaa", "bbb"]))]);
    let config = format!("{NO_FEED_NEEDED}[rules]\nhash-missing = \"high\"\n");
    sandbox.write("linchpin.toml", config);
    begin(&sandbox);
    fs::rename(
        sandbox.place("web/package-lock.json"),
        sandbox.place("web/npm-shrinkwrap.json"),
    )
    .expect("a move");
    let report = sandbox.report(&[]);
    assert_eq!(
        (report.code(), &report.only("hash-missing")["state"]),
        (0, &"kept".into())
    );
    assert_eq!(report.json["baseline"]["unneeded"], serde_json::json!([]));
    fs::create_dir(sandbox.place("api")).expect("a folder");
    fs::rename(
        sandbox.place("web/npm-shrinkwrap.json"),
        sandbox.place("api/package-lock.json"),
    )
    .expect("a move");
    assert_eq!(sandbox.report(&[]).code(), 1);
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

fn begin_with(sandbox: &Sandbox, arguments: &[&str]) {
    let run = baseline(sandbox, &[&["--owner", "@web"], arguments].concat());
    assert_eq!(run.code, Some(0), "{run}");
}

fn begin_at(sandbox: &Sandbox, arguments: &[&str], file: &str) {
    let run = baseline(sandbox, &[&["--owner", "@web"], arguments].concat());
    assert_eq!(run.code, Some(0), "{run}");
    assert!(sandbox.place(file).is_file(), "{file}");
    assert!(!sandbox.place("linchpin.baseline").exists());
}

#[test]
fn what_is_wrong_with_the_file_is_told_at_once_and_nothing_is_scanned() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    let good = text(&sandbox);
    let line = good.lines().nth(1).expect("a line");
    let broken = format!(
        "{good}<<<<<<< HEAD\n{}\n{}\n",
        line.replace(" high ", " dire "),
        line.replace("@web", "@api")
    );
    sandbox.write("linchpin.baseline", &broken);
    for run in [
        sandbox.audit(&[]),
        baseline(&sandbox, &["--grow", "--owner", "@web"]),
    ] {
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
        for (error, place) in [
            ("a git conflict marker", "linchpin.baseline:3:1"),
            ("`dire` is no severity", "linchpin.baseline:4:"),
            ("this stands here twice", "linchpin.baseline:5:1"),
        ] {
            assert!(
                run.stderr.contains(error) && run.stderr.contains(place),
                "{run}"
            );
        }
        assert_eq!(text(&sandbox), broken);
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    begin(&sandbox);
    fs::rename(
        sandbox.place("linchpin.baseline"),
        sandbox.home("elsewhere"),
    )
    .expect("a move");
    std::os::unix::fs::symlink(
        sandbox.home("elsewhere"),
        sandbox.place("linchpin.baseline"),
    )
    .expect("a link");
    for run in [sandbox.audit(&[]), baseline(&sandbox, &["--owner", "@web"])] {
        assert_eq!(run.code, Some(2), "{run}");
        assert!(
            run.stderr.contains("linchpin.baseline could not be read"),
            "{run}"
        );
    }
}

/// Names are written by strangers; a line of the file is not.
#[test]
fn strange_names_are_kept_like_others() {
    let strange = "we b,%/pkg:npm";
    let path = format!("{strange}/package-lock.json");
    let lockfile = deprecated(&["@x/b"]);
    let url = npm_url("left", "1.0.0").replace("registry.npmjs.org", "evil.example");
    let foreign = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
    let sandbox = tree(&[(&path, &lockfile), ("pkg:x/package-lock.json", &foreign)]);
    let findings = sandbox.report(&[]).rules().len();
    begin(&sandbox);
    let lines = text(&sandbox);
    assert!(
        lines
            .bytes()
            .all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)),
        "{lines}"
    );
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 0);
    let kept = report.json["findings"].as_array().expect("a list").iter();
    assert_eq!(
        kept.filter(|finding| finding["state"] == "kept").count(),
        findings
    );
    assert!(findings >= 2, "{findings}");
}

#[test]
fn every_format_tells_what_is_kept_and_fails_nothing_for_it() {
    let sandbox = tree(&[("package-lock.json", &deprecated(&["a"]))]);
    let sarif = |sandbox: &Sandbox| {
        let shown = sandbox.audit(&["--format", "sarif"]).stdout;
        let log: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        let told = |result: &serde_json::Value| {
            (
                result["level"].to_string(),
                result["baselineState"].to_string(),
            )
        };
        results.iter().map(told).collect::<Vec<_>>()
    };
    let pair = |level: &str, state: &str| (level.to_owned(), state.to_owned());
    assert_eq!(sarif(&sandbox), [pair("\"error\"", "null")]);
    begin(&sandbox);
    assert_eq!(sarif(&sandbox), [pair("\"note\"", "\"unchanged\"")]);
    let gitlab = sandbox.audit(&["--format", "gitlab"]).stdout;
    assert!(
        gitlab.contains("\"severity\": \"info\"")
            && gitlab.contains("baseline: kept since 2026-11-01 (@web)."),
        "{gitlab}"
    );
    let junit = sandbox.audit(&["--format", "junit"]).stdout;
    assert!(
        junit.contains("failures=\"0\"")
            && junit.contains("baseline: kept since 2026-11-01 (@web)"),
        "{junit}"
    );
    let raised = "[rules]\ndeprecated = \"critical\"\n";
    sandbox.write("linchpin.toml", format!("{NO_FEED_NEEDED}{raised}"));
    sandbox.write("web/package-lock.json", deprecated(&["b"]));
    assert_eq!(
        sarif(&sandbox),
        [
            pair("\"error\"", "\"updated\""),
            pair("\"error\"", "\"new\"")
        ]
    );
    let gitlab = sandbox.audit(&["--format", "gitlab"]).stdout;
    assert!(
        gitlab.contains("\"severity\": \"blocker\"") && gitlab.contains("worse by now"),
        "{gitlab}"
    );
    assert!(
        sandbox
            .audit(&["--format", "junit"])
            .stdout
            .contains("failures=\"2\"")
    );
}
