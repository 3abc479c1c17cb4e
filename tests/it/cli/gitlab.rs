//! `--format gitlab`: the list of issues that a merge request of GitLab shows.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::Value;

use super::formats::hostile;
use crate::support::locks::{NO_FEED_NEEDED, clean_npm_lock};
use crate::support::sandbox::Sandbox;

fn issues(sandbox: &Sandbox) -> Vec<Value> {
    let output = sandbox.audit(&["--format", "gitlab"]);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

#[test]
fn a_manifest_without_a_lockfile_and_what_was_not_checked_are_issues() {
    let manifest = r#"{"name":"web","version":"1.0.0","dependencies":{"left":"1"}}"#;
    let sandbox = Sandbox::with(&[("web/package.json", manifest)]);
    assert_snapshot!(sandbox.audit(&["--format", "gitlab"]), @r#"
    exit 3
    --- stdout
    [
      {
        "description": "web/package.json asks for packages that no lockfile pins. its dependencies were not checked, and every install may bring others. fix: npm install --package-lock-only (in web: lock it and commit the lockfile).",
        "check_name": "unlocked-manifest",
        "fingerprint": "f1f6704836861efcd14f76025d0572cf",
        "severity": "major",
        "location": {
          "path": "web/package.json",
          "lines": {
            "begin": 1
          }
        }
      },
      {
        "description": "Not complete: there are manifests but no lockfile: no package was checked",
        "check_name": "incomplete",
        "fingerprint": "7305608ddcb0c25e45b234b31591fb1a",
        "severity": "major",
        "location": {
          "path": "web/package.json",
          "lines": {
            "begin": 1
          }
        }
      }
    ]
    "#);
}

#[test]
fn every_issue_has_what_gitlab_asks_for() {
    for sandbox in [Sandbox::demo(), Sandbox::new(), hostile()] {
        let issues = issues(&sandbox);
        assert!(!issues.is_empty());
        let mut fingerprints = BTreeSet::new();
        for issue in &issues {
            for field in ["description", "check_name"] {
                let text = issue[field].as_str().expect("text");
                assert!(!text.is_empty() && !text.contains('\n'), "{issue}");
            }
            let severity = issue["severity"].as_str().expect("text");
            assert!(
                ["info", "minor", "major", "critical", "blocker"].contains(&severity),
                "{issue}"
            );
            assert!(issue["location"]["path"].is_string(), "{issue}");
            assert!(
                issue["location"]["lines"]["begin"].as_u64() >= Some(1),
                "{issue}"
            );
            let fingerprint = issue["fingerprint"].as_str().expect("text").to_owned();
            assert!(fingerprints.insert(fingerprint), "{issue}");
        }
    }
}

#[test]
fn a_clean_and_complete_run_has_no_issues() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    assert_eq!(issues(&sandbox), Vec::<Value>::new());
}

#[test]
fn severities_are_those_of_gitlab_and_lines_those_of_the_lockfile() {
    let issues = issues(&Sandbox::demo());
    let axios = &issues[0];
    assert_eq!(axios["severity"], "blocker");
    assert_eq!(axios["location"]["path"], "demo/web/package-lock.json");
    assert_eq!(axios["location"]["lines"]["begin"], 616);
    let gap = issues.last().expect("a run without a feed");
    assert_eq!(
        (gap["check_name"].as_str(), gap["severity"].as_str()),
        (Some("incomplete"), Some("major"))
    );
}

#[test]
fn a_file_that_was_not_read_is_an_issue_of_that_file() {
    let issues = issues(&Sandbox::with(&[("a/Cargo.lock", "version = 4\n{")]));
    assert_eq!(issues.len(), 1, "{issues:?}");
    assert_eq!(issues[0]["location"]["path"], "a/Cargo.lock");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 2);
}

#[test]
fn hostile_text_is_shown_as_on_a_terminal() {
    let issues = issues(&hostile());
    let description = issues[0]["description"].as_str().expect("text");
    assert!(description.contains(r"\u{1b}[2J\u{202e}"), "{description}");
}
