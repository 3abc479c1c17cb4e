//! What `linchpin.toml` changes, and what it may not.

use insta::assert_snapshot;

use crate::support::locks::{npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::{Report, Sandbox};

/// A project with one finding of `insecure-url` (medium), under a configuration.
fn insecure(config: &str) -> Sandbox {
    let url = npm_url("left", "1.0.0").replace("https:", "http:");
    let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
    let config = format!("schema = 1\n[gate]\nrequire = []\n{config}");
    Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", &config)])
}

fn report(config: &str) -> Report {
    insecure(config).report(&[])
}

#[test]
fn every_error_of_the_file_is_told_in_one_go() {
    let sandbox =
        insecure("fail-on = \"hihg\"\n[rules]\nweak-hahs = \"off\"\nmalicious-package = \"low\"\n");
    assert_snapshot!(sandbox.audit(&[]), @r#"
    exit 2
    --- stderr
    error: `hihg` is no valid value here
        ┌─ linchpin.toml:4:11
       4│fail-on = "hihg"
        │          ^^^^^^
        = help   valid here: critical, high, medium, low, none
    error: `weak-hahs` is no rule
        ┌─ linchpin.toml:6:1
       6│weak-hahs = "off"
        │^^^^^^^^^ did you mean `weak-hash`?
        = help   linchpin explain lists the rules
    error: `malicious-package` can be neither lowered nor switched off: whoever can edit this file could let a known attack in
        ┌─ linchpin.toml:7:21
       7│malicious-package = "low"
        │                    ^^^^^
        = help   accept the one finding for up to 7 days, by its id, in an [[accept]] entry
        = help   nothing was scanned; mend the file, or use --no-config
    "#);
}

#[test]
fn a_rule_may_weigh_more_or_less() {
    assert_eq!(report("").code(), 0);
    let raised = report("[rules]\ninsecure-url = \"critical\"\n");
    assert_eq!(raised.only("insecure-url")["severity"], "critical");
    assert_eq!(raised.code(), 1);
    let lowered = report("fail-on = \"medium\"\n[rules]\ninsecure-url = { severity = \"low\" }\n");
    assert_eq!(lowered.only("insecure-url")["severity"], "low");
    assert_eq!(lowered.code(), 0);
}

#[test]
fn a_rule_that_is_switched_off_is_not_asked_and_that_is_said() {
    let config =
        "fail-on = \"none\"\n[rules]\ninsecure-url = \"off\"\nunlocked-manifest = \"off\"\n";
    let report = report(config);
    assert_eq!((report.rules(), report.code()), (vec![], 0));
    let skipped = vec![("switched-off".to_owned(), 1)];
    assert_eq!(report.coverage("insecure-url"), (0, skipped));
    let off = serde_json::json!(["insecure-url", "unlocked-manifest"]);
    assert_eq!(report.json["coverage"]["switched_off"], off);
    let text = insecure(config).audit(&[]).stdout;
    assert!(
        text.contains("switched off in the configuration: insecure-url, unlocked-manifest"),
        "{text}"
    );
}

#[test]
fn a_known_attack_gates_whatever_the_file_says() {
    let sandbox = Sandbox::demo();
    for setting in [
        "malicious-package = \"off\"",
        "malicious-package = \"medium\"",
    ] {
        sandbox.write("linchpin.toml", format!("[rules]\n{setting}\n"));
        assert_eq!(sandbox.audit(&[]).code, Some(2), "{setting}");
    }
}

/// A project with a deprecated development dependency and a deprecated dependency, each `high` here.
fn deprecated(config: &str) -> Report {
    let record = |name: &str, rest: &str| {
        npm_record(name, "1.0.0").replace('{', &format!("{{\"deprecated\":\"old\",{rest}"))
    };
    let lockfile = npm_lock(&[("tool", record("tool", "\"dev\":true,"))]).replace(
        "\"dependencies\":{\"tool\"",
        "\"devDependencies\":{\"tool\"",
    );
    let config = format!("[gate]\nrequire = []\n[rules]\ndeprecated = \"high\"\n{config}");
    Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", &config)]).report(&[])
}

#[test]
fn vulnerabilities_of_development_are_shown_and_do_not_gate() {
    let report = deprecated("");
    let finding = report.only("deprecated");
    assert_eq!(
        finding["occurrences"][0]["scope"], "dev",
        "{}",
        report.output
    );
    assert_eq!(
        (&finding["severity"], &finding["gates"]),
        (&"high".into(), &false.into())
    );
    assert_eq!(report.code(), 0);
}

#[test]
fn vulnerabilities_of_development_gate_or_are_not_looked_for_if_the_file_says_so() {
    let gating = deprecated("[inputs]\ndev = \"gate\"\n");
    assert_eq!(
        (gating.only("deprecated")["gates"].as_bool(), gating.code()),
        (Some(true), 1)
    );
    let skipping = deprecated("[inputs]\ndev = \"skip\"\n");
    assert_eq!((skipping.rules(), skipping.code()), (vec![], 0));
    assert_eq!(
        skipping.coverage("deprecated"),
        (0, vec![("development".to_owned(), 1)])
    );
    assert_eq!(skipping.coverage("malicious-package").0, 1);
}

#[test]
fn malware_of_development_gates() {
    let record = npm_record("axios", "1.14.1").replace('{', "{\"dev\":true,");
    let lockfile = npm_lock(&[("axios", record)]).replace(
        "\"dependencies\":{\"axios\"",
        "\"devDependencies\":{\"axios\"",
    );
    for dev in ["report", "skip"] {
        let config = format!("[inputs]\ndev = \"{dev}\"\n");
        let sandbox =
            Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", &config)]);
        assert_eq!(sandbox.report(&[]).code(), 1, "{dev}");
    }
}

/// A clean project beside an example that cannot be read and one with malware.
fn with_examples(config: &str) -> Sandbox {
    let clean = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let bad = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    Sandbox::with(&[
        ("package-lock.json", clean.as_str()),
        ("examples/bad/package-lock.json", &bad),
        ("examples/broken/package-lock.json", "<<<<<<< HEAD"),
        (
            "examples/open/package.json",
            "{\"dependencies\":{\"left\":\"1\"}}",
        ),
        ("linchpin.toml", &format!("[gate]\nrequire = []\n{config}")),
    ])
}

#[test]
fn what_is_excluded_is_counted_and_said_and_not_judged() {
    assert_eq!(with_examples("").report(&[]).code(), 1);
    let sandbox = with_examples("[inputs]\nexclude = [\"examples/**\"]\n");
    let report = sandbox.report(&[]);
    assert_eq!(
        (report.rules(), report.code()),
        (vec![], 0),
        "{}",
        report.output
    );
    let skipped = report.json["skipped"].as_array().expect("a list");
    let expected = [
        "bad/package-lock.json",
        "broken/package-lock.json",
        "open/package.json",
    ];
    let expected = expected.map(
        |path| serde_json::json!({ "path": format!("examples/{path}"), "reason": "excluded" }),
    );
    assert_eq!(skipped[..], expected);
    assert_eq!(report.json["problems"], serde_json::json!([]));
    let text = sandbox.audit(&[]).stdout;
    assert!(
        text.contains("skipped 3 folders and files: excluded by the configuration"),
        "{text}"
    );
}

#[test]
fn what_is_named_on_the_command_line_is_read_although_excluded() {
    let sandbox = with_examples("[inputs]\nexclude = [\"examples\"]\n");
    if sandbox.git_init() {
        for named in ["examples/bad", "examples/bad/package-lock.json"] {
            assert_eq!(sandbox.audit(&[named]).code, Some(1), "{named}");
        }
    }
}

#[test]
fn an_excluded_lockfile_takes_its_manifest_with_it() {
    let lockfile = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let sandbox = Sandbox::with(&[
        ("web/package-lock.json", &lockfile),
        ("web/package.json", "{\"dependencies\":{\"left\":\"1\"}}"),
        (
            "linchpin.toml",
            "[inputs]\nexclude = [\"**/package-lock.json\"]\n",
        ),
    ]);
    let report = sandbox.report(&[]);
    assert_eq!(
        (report.rules(), report.code()),
        (vec![], 3),
        "{}",
        report.output
    );
    assert_eq!(report.json["skipped"][0]["reason"], "excluded");
}

/// A malicious release that comes from a host.
fn axios_from(host: &str, config: &str) -> Report {
    let url = npm_url("axios", "1.14.1").replace("registry.npmjs.org", host);
    let lockfile = npm_lock(&[("axios", npm_record_at("1.14.1", &url, &sri(b"axios")))]);
    Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", config)]).report(&[])
}

#[test]
fn a_mirror_is_the_public_registry() {
    let report = axios_from(
        "mirror.example",
        "[registry]\nmirrors = [\"mirror.example\"]\n",
    );
    assert_eq!(report.rules(), ["malicious-package"]);
    let finding = report.only("malicious-package");
    assert_eq!(finding["package"], "pkg:npm/axios@1.14.1");
    assert_eq!(finding["severity"], "critical");
    let direct = axios_from("registry.npmjs.org", "");
    assert_eq!(finding["fix"], direct.only("malicious-package")["fix"]);
}

#[test]
fn a_private_registry_is_not_foreign_and_its_packages_are_judged_by_more_than_their_name() {
    let report = axios_from("own.example", "[registry]\nprivate = [\"own.example\"]\n");
    assert_eq!(report.rules(), ["malicious-package"]);
    let finding = report.only("malicious-package");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        finding["package"],
        "pkg:npm/axios@1.14.1?repository_url=https:%2F%2Fown.example%2F"
    );
    assert_eq!(
        report.json["complete"], true,
        "private packages need no public feed"
    );
    assert_eq!(report.code(), 0);
    assert_eq!(
        axios_from("own.example", "").rules(),
        ["malicious-package", "foreign-host"]
    );
}

const SETTINGS: &str =
    "[gate]\nrequire = []\n[rules]\nweak-hash = \"off\"\n[inputs]\nexclude = [\"a/**\"]\n";

#[test]
fn every_setting_is_shown_with_where_it_came_from() {
    let sandbox = Sandbox::with(&[("linchpin.toml", SETTINGS)]);
    assert_snapshot!(sandbox.run(&["config", "show", "--origin", "--fail-on", "low"]), @r#"
    exit 0
    --- stdout
    schema = 1

    [inputs]
    exclude = ["a/**"]                       # linchpin.toml:6
    dev = "report"                           # default

    [gate]
    fail-on = "low"                          # --fail-on
    unknown-severity = "high"                # default
    require = []                             # linchpin.toml:2

    [db]
    max-age = "7d"                           # default
    refresh = "auto"                         # default

    [rules]
    weak-hash = "off"                        # linchpin.toml:4

    [registry]
    osv = "https://storage.googleapis.com/osv-vulnerabilities/" # default
    npm = "https://registry.npmjs.org/"      # default
    pypi = "https://pypi.org/"               # default
    crates-index = "https://index.crates.io/" # default
    crates-io = "https://crates.io/"         # default
    mirrors = []                             # default
    private = []                             # default
    internal = []                            # default

    [verify]
    caches = true                            # default
    "#);
}

#[test]
fn what_is_shown_is_a_file_with_the_same_settings() {
    let entry = "[[accept]]\nrule = \"deprecated\"\npackage = \"pkg:npm/left\"\nreason = \"a \\\"b\\\"\"\nowner = \"@web\"\nexpires = 2026-12-01\n";
    let sandbox = Sandbox::with(&[("linchpin.toml", &format!("{SETTINGS}{entry}"))]);
    let arguments = ["config", "show", "--as-of", "2026-11-01T00:00:00Z"];
    let shown = sandbox.run(&arguments);
    assert!(shown.stdout.contains("reason = \"a \\\"b\\\"\""), "{shown}");
    sandbox.write("linchpin.toml", &shown.stdout);
    assert_eq!(sandbox.run(&arguments), shown);
    sandbox.write("linchpin.toml", "gates = 1\n");
    assert_eq!(sandbox.run(&arguments).code, Some(2));
}
