//! `linchpin baseline`, and what a baseline does to an audit.

mod file;
mod renewal;

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
    let because = serde_json::json!(["CVE-GHSA-2 is new in project web"]);
    assert_eq!(finding["baseline"]["worse_because"], because);
    let shown = sandbox.audit(&[]).stdout;
    assert!(
        shown.contains("= known  since 2026-11-01 (@web), and worse by now: CVE-GHSA-2 is new in"),
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
        (1, &"project api is new".into())
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
    let because = serde_json::json!(["pkg:npm/ccc@1.0.0 is new"]);
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
        because.starts_with("pkg:npm/ccc@1.0.0") && because.ends_with(" is new"),
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
