//! `[[accept]]`: what is accepted, what is not, and what is said about it.

use insta::assert_snapshot;

use crate::support::locks::{npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::{NOW, Report, Sandbox};

/// A deprecated package, `high` here, under entries.
fn deprecated(entries: &str) -> Sandbox {
    let record = npm_record("left", "1.0.0").replace('{', "{\"deprecated\":\"use right\",");
    let config = format!("[gate]\nrequire = []\n[rules]\ndeprecated = \"high\"\n{entries}");
    project(&npm_lock(&[("left", record)]), &config)
}

/// Malware under entries.
fn malware(entries: &str) -> Report {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    project(&lockfile, &format!("[gate]\nrequire = []\n{entries}")).report(&[])
}

/// A package from a strange host, `high` here, under entries.
fn foreign(entries: &str) -> Report {
    let url = npm_url("left", "1.0.0").replace("registry.npmjs.org", "evil.example");
    let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
    let config = format!("[gate]\nrequire = []\n[rules]\nforeign-host = \"high\"\n{entries}");
    project(&lockfile, &config).report(&[])
}

fn project(lockfile: &str, config: &str) -> Sandbox {
    Sandbox::with(&[("package-lock.json", lockfile), ("linchpin.toml", config)])
}

fn entry(rule: &str, target: &str, ids: &str, expires: &str) -> String {
    format!(
        "[[accept]]\nrule = \"{rule}\"\n{target}\nids = [{ids}]\nreason = \"soon replaced\"\nowner = \"@web\"\nexpires = {expires}\n"
    )
}

fn of_left(version: &str, expires: &str) -> String {
    let package = format!("package = \"pkg:npm/left@{version}\"");
    entry("deprecated", &package, "", expires)
}

fn of_axios(ids: &str) -> String {
    entry(
        "malicious-package",
        "package = \"pkg:npm/axios@1.14.1\"",
        ids,
        "2026-11-05",
    )
}

/// The ids of the advisory about axios: the first is shown, the others are aliases.
fn axios_ids() -> Vec<String> {
    let report = malware("");
    let advisory = &report.only("malicious-package")["advisories"][0];
    let aliases = advisory["aliases"].as_array().expect("a list");
    let ids = std::iter::once(&advisory["id"]).chain(aliases);
    ids.map(|id| id.as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn an_accepted_finding_is_told_apart_and_does_not_gate() {
    assert_eq!(deprecated("").report(&[]).code(), 1);
    let sandbox = deprecated(&of_left("1.0.0", "2026-12-01"));
    let report = sandbox.report(&[]);
    assert_eq!((report.rules(), report.code()), (vec![], 0));
    let accepted = &report.json["accepted"][0];
    assert_eq!(accepted["rule"], "deprecated");
    assert_eq!(
        (&accepted["state"], &accepted["gates"]),
        (&"accepted".into(), &false.into())
    );
    let said = serde_json::json!({
        "reason": "soon replaced", "owner": "@web", "expires": "2026-12-01", "expired": false,
    });
    assert_eq!(accepted["acceptance"], said);
    assert_eq!(report.json["unused_accepts"], serde_json::json!([]));
    assert_eq!(report.json["summary"]["high"], 0);
    let text = sandbox.audit(&[]);
    assert!(
        text.stdout.contains("no other risky paths among 1 package. 1 accepted, the next until 2026-12-01 (@web).\nexit 0"),
        "{text}"
    );
    assert_eq!(text.stderr, "");
}

#[test]
fn an_acceptance_that_has_ended_comes_back_with_its_reason() {
    let sandbox = deprecated(&of_left("1.0.0", "2026-10-31"));
    let report = sandbox.report(&[]);
    assert_eq!((report.rules(), report.code()), (vec!["deprecated"], 1));
    assert_eq!(report.only("deprecated")["acceptance"]["expired"], true);
    assert_eq!(report.json["unused_accepts"], serde_json::json!([]));
    let text = sandbox.audit(&[]).stdout;
    assert!(
        text.contains("= was    accepted by @web until 2026-10-31: soon replaced"),
        "{text}"
    );
}

#[test]
fn an_entry_that_accepts_nothing_is_told_with_its_place() {
    let sandbox = deprecated(&of_left("1.0.1", "2026-12-01"));
    let report = sandbox.report(&[]);
    assert_eq!((report.rules(), report.code()), (vec!["deprecated"], 1));
    let unused = &report.json["unused_accepts"][0];
    assert_eq!(unused["package"], "pkg:npm/left@1.0.1");
    assert_eq!(unused["because"], "this run has no such finding");
    assert_eq!(sandbox.audit(&["-q"]).stderr, "");
    assert_snapshot!(sandbox.audit(&[]).stderr, @"
    warning: linchpin.toml: [[accept]] of deprecated for pkg:npm/left@1.0.1 is unused: this run has no such finding
        ┌─ linchpin.toml:5:1
        = help   mend the entry, or take it out
    ");
}

#[test]
fn an_unused_entry_fails_the_run_only_if_that_is_asked_for() {
    let sandbox = deprecated(&of_left("1.0.1", "2026-12-01"));
    let critical = ["--fail-on", "critical"];
    assert_eq!(sandbox.audit(&critical).code, Some(0));
    let denied = ["--fail-on", "critical", "--deny", "unused-accept"];
    assert_eq!(sandbox.report(&denied).code(), 1);
    let text = sandbox.audit(&denied).stdout;
    assert!(
        text.ends_with("exit 1: 1 unused [[accept]] entry, which --deny unused-accept forbids\n"),
        "{text}"
    );
    // Whatever is read instead of the exit code shows it too.
    let entry = "[[accept]] of deprecated for pkg:npm/left@1.0.1 is unused";
    for (format, sign) in [
        ("junit", "failures=\"1\""),
        ("gitlab", "\"check_name\": \"unused-accept\""),
        ("sarif", "\"level\": \"error\""),
    ] {
        let with = ["--fail-on", "critical", "--format", format];
        let shown = sandbox
            .audit(&[&with[..], &["--deny", "unused-accept"]].concat())
            .stdout;
        assert!(
            shown.contains(sign) && shown.contains(entry),
            "{format}: {shown}"
        );
        assert!(!sandbox.audit(&with).stdout.contains(entry), "{format}");
    }
    let used = deprecated(&of_left("1.0.0", "2026-12-01"));
    assert_eq!(used.audit(&["--deny", "unused-accept"]).code, Some(0));
    assert_eq!(used.audit(&["--deny", "everything"]).code, Some(2));
}

#[test]
fn any_id_of_an_advisory_accepts_it_and_no_other_does() {
    for id in axios_ids() {
        let report = malware(&of_axios(&format!("\"{id}\"")));
        assert_eq!((report.rules(), report.code()), (vec![], 0), "{id}");
    }
    let report = malware(&of_axios("\"GHSA-0000-0000-0000\""));
    assert_eq!(
        (report.rules(), report.code()),
        (vec!["malicious-package"], 1)
    );
    let because = format!(
        "the finding stands for ids that are not listed: {}",
        axios_ids()[0]
    );
    assert_eq!(report.json["unused_accepts"][0]["because"], because);
}

#[test]
fn a_fingerprint_accepts_a_finding_that_no_advisory_is_behind() {
    let fingerprint = foreign("").only("foreign-host")["fingerprint"].to_string();
    let file = "file = \"package-lock.json\"";
    let report = foreign(&entry("foreign-host", file, &fingerprint, "2026-12-01"));
    assert_eq!((report.rules(), report.code()), (vec![], 0));
    let fingerprint = malware("").only("malicious-package")["fingerprint"].to_string();
    let report = malware(&of_axios(&fingerprint));
    assert_eq!(
        (report.rules(), report.code()),
        (vec!["malicious-package"], 1)
    );
}

#[test]
fn a_host_that_is_not_listed_still_gates() {
    let file = "file = \"package-lock.json\"";
    let of = |ids: &str| foreign(&entry("foreign-host", file, ids, "2026-12-01"));
    assert_eq!(of("\"evil.example\"").code(), 0);
    for ids in ["", "\"other.example\""] {
        let report = of(ids);
        assert_eq!(
            (report.rules(), report.code()),
            (vec!["foreign-host"], 1),
            "{ids}"
        );
        assert_eq!(
            report.json["unused_accepts"][0]["because"],
            "the finding stands for ids that are not listed: evil.example"
        );
    }
}

#[test]
fn an_entry_of_another_rule_or_package_accepts_nothing() {
    let package = "package = \"pkg:npm/left@1.0.0\"";
    for text in [
        entry("weak-hash", package, "", "2026-12-01"),
        entry(
            "deprecated",
            "package = \"pkg:pypi/left@1.0.0\"",
            "",
            "2026-12-01",
        ),
        entry(
            "deprecated",
            "file = \"package-lock.json\"",
            "",
            "2026-12-01",
        ),
        entry("deprecated", package, "\"GHSA-1\"", "2026-12-01"),
    ] {
        let report = deprecated(&text).report(&[]);
        assert_eq!(report.code(), 1, "{text}");
        assert_eq!(
            report.json["unused_accepts"].as_array().map(Vec::len),
            Some(1),
            "{text}"
        );
    }
}

#[test]
fn hostile_words_in_the_file_are_escaped() {
    let text = of_left("1.0.0", "2026-10-31").replace("soon replaced", "a\\u001b[2Jb");
    let output = deprecated(&text).audit(&[]).to_string();
    assert!(
        !output.contains('\u{1b}') && output.contains("\\u{1b}"),
        "{output}"
    );
}

/// What is accepted at one host says nothing of the same file at another.
#[test]
fn entries_cover_what_each_lists_and_no_more() {
    let at = |name: &str, host: &str| {
        let url = npm_url(name, "1.0.0").replace("registry.npmjs.org", host);
        npm_record_at("1.0.0", &url, &sri(name.as_bytes()))
    };
    let packages = [
        ("left", at("left", "evil.example")),
        ("right", at("right", "other.example")),
    ];
    let file = "file = \"package-lock.json\"";
    let one = entry("foreign-host", file, "\"evil.example\"", "2026-12-01");
    let ended = entry("foreign-host", file, "\"other.example\"", "2026-10-01");
    let rules = "[gate]\nrequire = []\n[rules]\nforeign-host = \"high\"\n";
    let sandbox = project(&npm_lock(&packages), &format!("{rules}{one}{ended}"));
    let report = sandbox.report(&[]);
    assert_eq!((report.rules(), report.code()), (vec!["foreign-host"], 1));
    let finding = report.only("foreign-host");
    assert_eq!(finding["acceptance"]["expires"], "2026-10-01", "{finding}");
    assert_eq!(report.json["accepted"].as_array().map(Vec::len), Some(1));
    assert_eq!(report.json["unused_accepts"], serde_json::json!([]));
}

/// An attack cannot be accepted by leaving the version out, nor for longer than a week.
#[test]
fn nothing_runs_on_an_entry_that_accepts_too_much() {
    for text in [
        of_axios("\"MAL-2026-2307\"").replace("@1.14.1", ""),
        of_axios("\"MAL-2026-2307\"").replace("2026-11-05", "2026-11-09"),
        of_axios(""),
    ] {
        let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
        let output = project(&lockfile, &text).audit(&[]);
        assert_eq!(
            (output.code, output.stdout.as_str()),
            (Some(2), ""),
            "{text}{output}"
        );
    }
}

/// What `linchpin accept` is called with for the deprecated package.
const ACCEPT: [&str; 11] = [
    "accept",
    "deprecated",
    "pkg:npm/left@1.0.0",
    "--reason",
    "replaced \"soon\"",
    "--owner",
    "@web",
    "--days",
    "30",
    "--as-of",
    "2026-11-01T00:00:00Z",
];

#[test]
fn the_command_writes_an_entry_that_holds_and_keeps_what_stood_there() {
    let sandbox = deprecated("# a comment that stays\n");
    assert_eq!(sandbox.report(&[]).code(), 1);
    let run = sandbox.run(&ACCEPT);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("accepts deprecated of pkg:npm/left@1.0.0 for 30 days"),
        "{}",
        run.stdout
    );
    let written = std::fs::read_to_string(sandbox.place("linchpin.toml")).expect("the file");
    assert!(written.contains("# a comment that stays\n"), "{written}");
    assert!(written.contains("expires = 2026-12-01\n"), "{written}");
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 0);
    assert_eq!(report.json["accepted"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_command_makes_the_file_where_there_is_none() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&ACCEPT).code, Some(0));
    let written = std::fs::read_to_string(sandbox.place("linchpin.toml")).expect("the file");
    assert!(
        written.starts_with("schema = 1\n\n[[accept]]\nrule = \"deprecated\"\n"),
        "{written}"
    );
}

#[test]
fn the_command_refuses_what_the_file_could_not_say_and_writes_nothing() {
    for (at, odd) in [(1, "deprecatd"), (2, "left"), (1, "malicious-package")] {
        let sandbox = deprecated("");
        let before = std::fs::read_to_string(sandbox.place("linchpin.toml")).expect("the file");
        let mut arguments = ACCEPT;
        arguments[at] = odd;
        let run = sandbox.run(&arguments);
        assert_eq!(run.code, Some(2), "{odd}: {}", run.stderr);
        assert!(
            run.stderr.contains("linchpin.toml") && run.stderr.contains("nothing was accepted"),
            "{odd}: {}",
            run.stderr
        );
        let after = std::fs::read_to_string(sandbox.place("linchpin.toml")).expect("the file");
        assert_eq!(after, before, "{odd}");
    }
}

/// A project with `left`, deprecated, which `kit` asks for, and, where `is_direct`, the root as well.
fn two_routes(root_asks: &str) -> String {
    let left = npm_record("left", "1.0.0").replace('{', "{\"deprecated\":\"use right\",");
    let kit = npm_record("kit", "1.0.0").replace('{', "{\"dependencies\":{\"left\":\"*\"},");
    let lock = npm_lock(&[("kit", kit), ("left", left)]);
    lock.replace("\"dependencies\":{\"kit\":\"*\",\"left\":\"*\"}", root_asks)
}

const THROUGH_KIT: &str = "\"dependencies\":{\"kit\":\"*\"}";
const DIRECTLY_TOO: &str = "\"dependencies\":{\"kit\":\"*\",\"left\":\"^1.0.0\"}";

fn with_bound(lines: &str, files: &[(&str, &str)]) -> Report {
    let entry = of_left("1.0.0", "2026-12-01").replace("ids = []", &format!("ids = []\n{lines}"));
    let config = format!("[gate]\nrequire = []\n[rules]\ndeprecated = \"high\"\n{entry}");
    let files = [files, &[("linchpin.toml", config.as_str())]].concat();
    Sandbox::with(&files).report(&[])
}

#[test]
fn an_entry_for_one_route_holds_while_there_is_no_other() {
    let through = |lines: &str, asks: &str| {
        with_bound(lines, &[("package-lock.json", &two_routes(asks))]).code()
    };
    for via in [
        "via = \"kit\"",
        "via = \"pkg:npm/kit\"",
        "via = \"pkg:npm/kit@1.0.0\"",
    ] {
        assert_eq!(through(via, THROUGH_KIT), 0, "{via}");
        assert_eq!(
            through(via, DIRECTLY_TOO),
            1,
            "{via}: there is another way in"
        );
    }
    assert_eq!(through("via = \"pkg:npm/kit@2.0.0\"", THROUGH_KIT), 1);
    assert_eq!(through("via = \"other\"", THROUGH_KIT), 1);
    let report = with_bound(
        "via = \"other\"",
        &[("package-lock.json", &two_routes(THROUGH_KIT))],
    );
    let unused = &report.json["unused_accepts"][0];
    assert_eq!(unused["via"], "other");
    assert_eq!(
        unused["because"],
        "the finding is in another project, or comes in past that package as well"
    );
}

#[test]
fn an_entry_for_one_project_leaves_the_others() {
    let lock = two_routes(THROUGH_KIT);
    let (web, api) = (
        ("web/package-lock.json", lock.as_str()),
        ("api/package-lock.json", lock.as_str()),
    );
    assert_eq!(with_bound("project = \"web\"", &[web]).code(), 0);
    assert_eq!(with_bound("project = \"web\"", &[web, api]).code(), 1);
    assert_eq!(with_bound("project = \"api\"", &[web]).code(), 1);
    assert_eq!(
        with_bound("project = \"web\"\nvia = \"kit\"", &[web]).code(),
        0
    );
}

#[test]
fn bounds_and_files_are_written_as_they_are_typed() {
    let sandbox = deprecated("");
    let said = [
        "--reason", "soon", "--owner", "@web", "--days", "9", "--as-of", NOW,
    ];
    let bound = ["--project", "web", "--via", "kit"];
    let command = [
        &["accept", "deprecated", "pkg:npm/left@1.0.0"][..],
        &bound,
        &said,
    ]
    .concat();
    assert_eq!(sandbox.run(&command).code, Some(0));
    let of_file = [
        "accept",
        "policy-loosened",
        "linchpin.toml",
        "--id",
        "sha256:00",
    ];
    assert_eq!(sandbox.run(&[&of_file[..], &said].concat()).code, Some(0));
    let text = std::fs::read_to_string(sandbox.place("linchpin.toml")).expect("a file");
    assert!(
        text.contains("package = \"pkg:npm/left@1.0.0\"\nproject = \"web\"\nvia = \"kit\"\n"),
        "{text}"
    );
    assert!(
        text.contains("file = \"linchpin.toml\"\nids = [\"sha256:00\"]\n"),
        "{text}"
    );
}
