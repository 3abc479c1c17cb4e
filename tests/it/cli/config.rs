//! What `linchpin.toml` changes, and what it may not.

use insta::assert_snapshot;

use crate::support::locks::{npm_lock, npm_record_at, npm_url, sri};
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
