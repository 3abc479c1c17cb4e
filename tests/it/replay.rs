//! Incidents and harmless releases as registries saw them, judged by the whole program; the data is shared, not the project's.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::shared::{folder, say_skipped};

const LINCHPIN: &str = env!("CARGO_BIN_EXE_linchpin");

/// Runs a script of the shared data, which ends with JSON; none, with a visible line, without the data or Python.
fn run(script: &str, arguments: &[&str], json: Option<&Path>) -> Option<Value> {
    let replay = folder("replay")?;
    let mut command = Command::new("python3");
    command
        .arg(replay.join(script))
        .args(["--binary", LINCHPIN, "--jobs", "2"])
        .args(arguments)
        .current_dir(&replay);
    let Ok(output) = command.output() else {
        say_skipped("there is no python3 here");
        return None;
    };
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{script} {arguments:?}: {told}");
    let text = match json {
        Some(path) => std::fs::read(path).expect("the result that was written"),
        None => output.stdout,
    };
    Some(serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{error}: {told}")))
}

fn count(value: &Value, keys: &[&str]) -> u64 {
    let found = keys.iter().fold(value, |value, key| &value[*key]);
    found
        .as_u64()
        .unwrap_or_else(|| panic!("{keys:?}: {found}"))
}

#[test]
fn incidents_are_stopped_at_the_minute_of_publication_and_ordinary_updates_are_not() {
    let Some(score) = run("score.py", &["--json", "cases"], None) else {
        return;
    };
    assert_eq!(score["errors"], serde_json::json!({}));
    let recall = |what| count(&score, &["recall", "compromise/all", what]);
    let of = recall("n");
    assert_eq!(of, 44);
    assert!(recall("blocked") >= 18, "{} of {of}", recall("blocked"));
    assert!(
        recall("warned_or_blocked") >= 28,
        "{} of {of}",
        recall("warned_or_blocked")
    );
    let wrong = |group, what| count(&score, &["false", group, what]);
    assert!(wrong("twins", "false_blocks") <= 3);
    assert_eq!(wrong("all but twins", "false_blocks"), 0);
    assert!(1000 * wrong("all but twins", "false_warns") <= wrong("all but twins", "packages"));
    let cases = score["per_case"].as_array().expect("cases");
    let verdict = |id: &str| {
        let case = cases.iter().find(|case| case["id"] == id);
        case.unwrap_or_else(|| panic!("{id}"))["verdict"].clone()
    };
    for id in ["axios-2026-03", "axios-2026-03-first-line"] {
        assert_eq!(verdict(id), "block", "{id}");
    }
    assert!(
        score["twins_flagged"]
            .get("twin-semver-backports")
            .is_none()
    );
}

/// Returns the rules that speak of a package in a case at some time after publication, with their severities.
fn told(case: &str, package: &str, delay: &str) -> Option<Vec<(String, String)>> {
    let kept = TempDir::new().expect("a throw-away folder");
    let path = kept.path().to_str().expect("plain text");
    run(
        "score.py",
        &[
            "--json", "--only", case, "--delay", delay, "--keep", path, "cases",
        ],
        None,
    )?;
    let report = std::fs::read(kept.path().join(format!("{case}.json"))).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("a report");
    let findings = report["findings"].as_array().expect("findings");
    let of_package = findings
        .iter()
        .filter(|finding| finding["package"] == package);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    Some(
        of_package
            .map(|one| (text(&one["rule"]), text(&one["severity"])))
            .collect(),
    )
}

#[test]
fn litellm_is_held_for_a_day_and_then_free_where_nothing_else_speaks() {
    for (case, package) in [
        ("litellm-2026-03-first-upload", "pkg:pypi/litellm@1.82.7"),
        ("litellm-2026-03", "pkg:pypi/litellm@1.82.8"),
    ] {
        let Some(at_once) = told(case, package, "0m") else {
            return;
        };
        let held = ("too-new".to_owned(), "high".to_owned());
        assert!(at_once.contains(&held), "{case}: {at_once:?}");
        let later = told(case, package, "25h").expect("the data is there");
        let known = later.iter().filter(|(rule, _)| rule != "malicious-package");
        let known: Vec<_> = known.collect();
        assert!(
            known.iter().all(|(_, severity)| severity == "low"),
            "{case}: {known:?}"
        );
    }
}

#[test]
fn harmless_releases_of_npm_are_left_alone() {
    let kept = TempDir::new().expect("a throw-away folder");
    let path = kept.path().join("result.json");
    let json = path.to_str().expect("plain text");
    let sampled = [
        "--sample",
        "2000",
        "--seed",
        "1",
        "--no-advisories",
        "--json",
        json,
    ];
    let Some(result) = run("benign.py", &sampled, Some(&path)) else {
        return;
    };
    assert_eq!(count(&result, &["pairs"]), 2000);
    // At the rates of the whole corpus, 1.2 and 2.6 are expected of 2,000.
    assert!(count(&result, &["block"]) <= 4, "{}", result["alarms"]);
    assert!(count(&result, &["warn"]) <= 7, "{}", result["alarms"]);
}

/// Blocks and warns of one package's whole history.
fn alarms_of(package: &str) -> Option<(u64, u64)> {
    let kept = TempDir::new().expect("a throw-away folder");
    let path = kept.path().join("result.json");
    let json = path.to_str().expect("plain text");
    let result = run(
        "benign.py",
        &["--package", package, "--no-advisories", "--json", json],
        Some(&path),
    )?;
    Some((count(&result, &["block"]), count(&result, &["warn"])))
}

/// Two releases by hand on a line that was always attested are told, and not stopped.
#[test]
fn a_downgrade_that_was_known_to_be_harmless_warns_and_does_not_block() {
    if let Some(alarms) = alarms_of("undici-types") {
        assert_eq!(alarms, (0, 2));
    }
}
