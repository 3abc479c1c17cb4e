//! `linchpin audit`: what it prints and how it exits.

use insta::assert_snapshot;

use crate::support::locks::{
    NO_FEED_NEEDED, bad_cargo_lock, clean_npm_lock, npm_lock, npm_record, npm_record_at, sri,
};
use crate::support::sandbox::Sandbox;

fn clean() -> Sandbox {
    Sandbox::with(&[("package-lock.json", &clean_npm_lock())])
}

fn clean_without_a_feed() -> Sandbox {
    let sandbox = clean();
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    sandbox
}

/// A project with one medium finding.
fn medium() -> Sandbox {
    let url = "https://mirror.example/left/-/left-1.0.0.tgz";
    let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", url, &sri(b"left")))]);
    Sandbox::with(&[
        ("package-lock.json", &lockfile),
        ("linchpin.toml", NO_FEED_NEEDED),
    ])
}

/// A project with one low finding.
fn low() -> Sandbox {
    let lockfile = npm_lock(&[("left", r#"{"version":"1.0.0"}"#.to_owned())]);
    Sandbox::with(&[
        ("package-lock.json", &lockfile),
        ("linchpin.toml", NO_FEED_NEEDED),
    ])
}

#[test]
fn without_an_advisory_feed_a_clean_project_is_incomplete() {
    assert_snapshot!(clean().audit(&[]), @"
    exit 3
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 2 packages, 2 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    checked 2 packages:
      all          source-mismatch, hash-missing, weak-hash, foreign-host, insecure-url,
                   unpinned-source, malicious-package, deprecated
      0 of 2       hash-mismatch (not: 2 without a local copy)
      0 of 2       known-vulnerability, unsound, unmaintained (not: 2 without an advisory feed)
      0 of 2       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 without a stored history)
      0 of 2       dependency-confusion (not: 2 without names of your own to compare with)
    not complete: no advisory feed for npm: only the built-in list was checked (linchpin db update
                  fetches one; `require = []` under [gate] does without)
    no risky paths among 2 packages.
    exit 3: could not complete; what was not checked is not reported as clean
    linchpin db update
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of a whole document")]
fn the_json_of_a_clean_project_without_a_feed() {
    assert_snapshot!(clean().audit(&["--format", "json"]), @r#"
    exit 3
    --- stdout
    {
      "schema": "linchpin/report/1",
      "tool": {
        "name": "linchpin",
        "version": "[VERSION]"
      },
      "as_of": "2026-11-01T00:00:00Z",
      "inputs": [
        {
          "path": "package-lock.json",
          "format": "npm-lock",
          "ecosystem": "npm",
          "entries": 2,
          "packages": 2,
          "sha256": "e55c448c55759a7b2916f7c62d1f15cd6bab9129d3f5d3ade87af78fa7cdbe69",
          "unjudged": [],
          "problems": []
        }
      ],
      "problems": [],
      "skipped": [],
      "advisories": [
        {
          "feed": "built-in",
          "ecosystem": "cargo",
          "records": 11,
          "known_until": "2026-08-20",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "built-in",
          "ecosystem": "npm",
          "records": 81,
          "known_until": "2026-05-14",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "built-in",
          "ecosystem": "pypi",
          "records": 18,
          "known_until": "2026-05-19",
          "source": null,
          "checked": "2026-11-01T00:00:00Z",
          "state": "fresh"
        },
        {
          "feed": "osv",
          "ecosystem": "npm",
          "records": 0,
          "known_until": null,
          "source": "http://127.0.0.1:9/",
          "checked": null,
          "state": "missing"
        }
      ],
      "histories": {
        "told": 0,
        "stored": 0,
        "oldest": null,
        "lacking": [
          {
            "ecosystem": "npm",
            "name": "@scope/right",
            "reason": "not-stored"
          },
          {
            "ecosystem": "npm",
            "name": "left",
            "reason": "not-stored"
          }
        ]
      },
      "coverage": {
        "packages": 2,
        "checks": [
          {
            "check": "hash-mismatch",
            "checked": 0,
            "skipped": [
              {
                "reason": "no-local-copy",
                "packages": 2
              }
            ]
          },
          {
            "check": "source-mismatch",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "hash-missing",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "weak-hash",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "foreign-host",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "insecure-url",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "unpinned-source",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "malicious-package",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "known-vulnerability",
            "checked": 0,
            "skipped": [
              {
                "reason": "no-feed",
                "packages": 2
              }
            ]
          },
          {
            "check": "unsound",
            "checked": 0,
            "skipped": [
              {
                "reason": "no-feed",
                "packages": 2
              }
            ]
          },
          {
            "check": "unmaintained",
            "checked": 0,
            "skipped": [
              {
                "reason": "no-feed",
                "packages": 2
              }
            ]
          },
          {
            "check": "yanked",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "deprecated",
            "checked": 2,
            "skipped": []
          },
          {
            "check": "quarantined",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "suspicious-release",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "too-new",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "removed-from-registry",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "maintainer-change",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "typosquat",
            "checked": 0,
            "skipped": [
              {
                "reason": "not-stored",
                "packages": 2
              }
            ]
          },
          {
            "check": "dependency-confusion",
            "checked": 0,
            "skipped": [
              {
                "reason": "no-own-names",
                "packages": 2
              }
            ]
          }
        ],
        "switched_off": []
      },
      "complete": false,
      "incomplete_because": [
        "no advisory feed for npm: only the built-in list was checked (linchpin db update fetches one; `require = []` under [gate] does without)"
      ],
      "findings": [],
      "change": null,
      "gone": [],
      "accepted": [],
      "unused_accepts": [],
      "baseline": null,
      "summary": {
        "critical": 0,
        "high": 0,
        "medium": 0,
        "low": 0,
        "none": 0
      },
      "kept": 0,
      "verdict": "incomplete",
      "exit_code": 3
    }
    "#);
}

#[test]
fn a_clean_project_that_needs_no_feed_passes() {
    assert_snapshot!(clean_without_a_feed().audit(&[]), @r#"
    exit 0
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 2 packages, 2 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    checked 2 packages:
      all          source-mismatch, hash-missing, weak-hash, foreign-host, insecure-url,
                   unpinned-source, malicious-package, deprecated
      0 of 2       hash-mismatch (not: 2 without a local copy)
      0 of 2       known-vulnerability, unsound, unmaintained (not: 2 without an advisory feed)
      0 of 2       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 without a stored history)
      0 of 2       dependency-confusion (not: 2 without names of your own to compare with)
    no risky paths among 2 packages.
    exit 0: nothing at or above fail-on = "high"
    "#);
}

#[test]
fn the_json_of_a_pass_says_so() {
    let report = clean_without_a_feed().report(&[]);
    assert_eq!(report.code(), 0);
    assert_eq!(report.json["verdict"], "pass");
    assert_eq!(report.json["complete"], true);
    assert_eq!(report.json["incomplete_because"], serde_json::json!([]));
}

#[test]
fn an_empty_folder_is_nothing_to_audit() {
    assert_snapshot!(Sandbox::new().audit(&[]), @"
    exit 4
    --- stdout
    linchpin [VERSION]  built-in list of 110 malicious releases
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    exit 4: nothing to audit: no lockfile and no manifest
    ");
    let report = Sandbox::new().report(&[]);
    assert_eq!(report.code(), 4);
    assert_eq!(report.json["verdict"], "incomplete");
}

#[test]
fn a_path_that_does_not_exist_is_a_usage_error() {
    let sandbox = clean();
    assert_snapshot!(sandbox.audit(&["gone"]), @"
    exit 2
    --- stderr
    error: `gone`: no such file or folder
        = help   nothing was scanned; linchpin audit [PATH]...
    ");
    assert_eq!(
        sandbox.audit(&["gone", "--format", "json"]),
        sandbox.audit(&["gone"]),
        "there is no report of nothing"
    );
}

#[test]
fn an_unknown_key_of_the_configuration_is_an_error_with_its_place() {
    let sandbox = clean();
    sandbox.write("linchpin.toml", "[gate]\nfail_on = \"low\"\n");
    assert_snapshot!(sandbox.audit(&[]), @r#"
    exit 2
    --- stderr
    error: unknown key `fail_on` in [gate]
        ┌─ linchpin.toml:2:1
       2│fail_on = "low"
        │^^^^^^^ did you mean `fail-on`?
        = help   valid here: fail-on, unknown-severity, require
        = help   nothing was scanned; mend the file, or use --no-config
    "#);
    assert_eq!(sandbox.audit(&["--no-config"]).code, Some(3));
    sandbox.write("other.toml", NO_FEED_NEEDED);
    assert_eq!(sandbox.audit(&["--config", "other.toml"]).code, Some(0));
}

#[test]
fn unusable_configuration_scans_nothing() {
    for text in [
        "[gate]\nfail-on = \"dire\"\n",
        "[gate\n",
        "fail-on = \"low\"\n",
        "[gates]\n",
        "[gate]\nrequire = [\"histories\"]\n",
        "[verify]\ncaches = 1\n",
    ] {
        let sandbox = clean();
        sandbox.write("linchpin.toml", text);
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(2), "{text}{output}");
        assert_eq!(output.stdout, "", "{text}");
        assert!(output.stderr.contains("linchpin.toml:"), "{text}{output}");
    }
    assert_eq!(clean().audit(&["--config", "gone.toml"]).code, Some(2));
}

#[test]
fn unusable_command_lines_scan_nothing() {
    for arguments in [
        &["audit", "--fail-on", "dire"][..],
        &["audit", "--format", "xml"],
        &["audit", "--output", "json"],
        &["audit", "--output", "xml=a"],
        &["audit", "--as-of", "yesterday"],
        &["audit", "--no-config", "--config", "a"],
        &["audit", "-q", "-v"],
        &["audti"],
        &[],
    ] {
        let output = clean().run(arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}\n{output}");
        assert_eq!(output.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_manifest_without_a_lockfile_is_a_finding_and_incomplete() {
    let manifest = r#"{"name":"web","version":"1.0.0","dependencies":{"left":"1"}}"#;
    let sandbox = Sandbox::with(&[("web/package.json", manifest)]);
    assert_snapshot!(sandbox.audit(&[]), @"
    exit 3
    --- stdout
    linchpin [VERSION]  built-in list of 110 malicious releases
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    medium[unlocked-manifest]: web/package.json asks for packages that no lockfile pins
        ┌─ web/package.json
        = why    its dependencies were not checked, and every install may bring others
        = fix    npm install --package-lock-only
        =        in web: lock it and commit the lockfile

    not complete: there are manifests but no lockfile: no package was checked
    1 finding: 1 medium.
    exit 3: could not complete; what was not checked is not reported as clean
    ");
    let findings = sandbox.report(&[]).json["findings"].clone();
    let findings = serde_json::to_string_pretty(&findings).expect("JSON");
    assert_snapshot!(findings, @r#"
    [
      {
        "acceptance": null,
        "advisories": [],
        "axis": "policy",
        "baseline": null,
        "evidence": [],
        "fingerprint": "f1f6704836861efcd14f76025d0572cf",
        "fix": {
          "action": "lock",
          "advice": "lock it and commit the lockfile",
          "argv": [
            "npm",
            "install",
            "--package-lock-only"
          ],
          "clears_paths": null,
          "command": "npm install --package-lock-only",
          "directory": "web",
          "until": null
        },
        "gates": false,
        "message": "its dependencies were not checked, and every install may bring others",
        "occurrences": [
          {
            "blast_radius": null,
            "choke_point": null,
            "locations": [
              {
                "column": null,
                "line": null,
                "path": "web/package.json"
              }
            ],
            "lockfile": null,
            "path": null,
            "paths": null,
            "project": "web",
            "scope": null
          }
        ],
        "package": null,
        "rule": "unlocked-manifest",
        "score": null,
        "severity": "medium",
        "state": "present",
        "title": "web/package.json asks for packages that no lockfile pins",
        "worse_because": []
      }
    ]
    "#);
}

#[test]
fn the_threshold_decides_which_findings_fail() {
    let (medium, low) = (medium(), low());
    for (fail_on, of_medium, of_low) in [
        ("critical", 0, 0),
        ("high", 0, 0),
        ("medium", 1, 0),
        ("low", 1, 1),
        ("none", 1, 1),
    ] {
        let code = |sandbox: &Sandbox| sandbox.audit(&["--fail-on", fail_on]).code;
        assert_eq!(code(&medium), Some(of_medium), "{fail_on}");
        assert_eq!(code(&low), Some(of_low), "{fail_on}");
    }
    assert_snapshot!(medium.audit(&["--fail-on", "medium"]), @r#"
    exit 1
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 1 package, 1 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    medium[foreign-host]: 1 of 1 entries (left 1.0.0) comes from mirror.example, not from npm
        ┌─ package-lock.json:5:1
       5│"node_modules/left":{"version":"1.0.0","resolved":"https://mirror.example/left/-/left-1.0.0.tg
        │^^^^^^^^^^^^^^^^^^^ from mirror.example
        = why    mirror.example decides which bytes are installed; nothing on this machine vouches for
        =        it
        = reach  prod
        = fix    if the host is not yours, restore the registry's address and find out who changed it

    checked 1 package:
      all          source-mismatch, hash-missing, weak-hash, foreign-host, insecure-url,
                   unpinned-source, malicious-package, deprecated
      0 of 1       hash-mismatch (not: 1 without a local copy)
      0 of 1       known-vulnerability, unsound, unmaintained (not: 1 without an advisory feed)
      0 of 1       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 1 from a private registry)
      0 of 1       dependency-confusion (not: 1 without names of your own to compare with)
    1 finding: 1 medium.
    exit 1: 1 finding at or above fail-on = "medium"
    "#);
    assert_snapshot!(low.audit(&[]), @r#"
    exit 0
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 1 lockfile: npm 1 package, 1 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    low[hash-missing]: 1 of 1 registry entries have no digest
        ┌─ package-lock.json:5:1
       5│"node_modules/left":{"version":"1.0.0"}
        │^^^^^^^^^^^^^^^^^^^ no digest
        = why    nothing tells whether the registry serves the bytes that were locked
        = reach  prod
        = fix    write the lockfile anew with a current version of its tool

    checked 1 package:
      all          hash-missing, weak-hash, unpinned-source, malicious-package, deprecated
      0 of 1       hash-mismatch (not: 1 without a digest in the lockfile)
      0 of 1       source-mismatch, foreign-host, insecure-url (not: 1 in a lockfile that cannot say)
      0 of 1       known-vulnerability, unsound, unmaintained (not: 1 without an advisory feed)
      0 of 1       yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 1 without a stored history)
      0 of 1       dependency-confusion (not: 1 without names of your own to compare with)
    1 finding: 1 low.
    exit 0: nothing at or above fail-on = "high"
    "#);
}

#[test]
fn the_command_line_wins_over_the_file() {
    let sandbox = medium();
    sandbox.write(
        "linchpin.toml",
        "[gate]\nfail-on = \"medium\"\nrequire = []\n",
    );
    assert_eq!(sandbox.audit(&[]).code, Some(1));
    assert_eq!(sandbox.audit(&["--fail-on", "high"]).code, Some(0));
}

#[test]
fn the_configuration_may_lie_in_a_folder_of_its_own() {
    let sandbox = clean();
    sandbox.write(".config/linchpin.toml", NO_FEED_NEEDED);
    assert_eq!(sandbox.audit(&[]).code, Some(0));
    sandbox.write("linchpin.toml", "");
    assert_eq!(sandbox.audit(&[]).code, Some(3), "the nearer one counts");
}

#[test]
fn exit_zero_changes_the_code_and_nothing_else() {
    let sandbox = Sandbox::demo();
    let (plain, zero) = (
        sandbox.audit(&["demo"]),
        sandbox.audit(&["demo", "--exit-zero"]),
    );
    assert_eq!((plain.code, zero.code), (Some(1), Some(0)));
    assert_eq!(plain.stdout, zero.stdout);
    assert_eq!(clean().audit(&["--exit-zero"]).code, Some(0));
    assert_eq!(
        Sandbox::new().audit(&["--exit-zero", "gone"]).code,
        Some(2),
        "a usage error stays one"
    );
}

#[test]
fn quiet_is_the_verdict_alone() {
    assert_snapshot!(Sandbox::demo().audit(&["demo", "-q"]), @r#"
    exit 1
    --- stdout
    3 findings: 3 critical. 1 update clears 1.
    exit 1: 3 findings at or above fail-on = "high", and the run is not complete
    "#);
    assert_snapshot!(clean_without_a_feed().audit(&["-q"]), @r#"
    exit 0
    --- stdout
    no risky paths among 2 packages.
    exit 0: nothing at or above fail-on = "high"
    "#);
}

#[test]
fn quiet_still_tells_what_was_not_read() {
    let sandbox = clean();
    sandbox.write("bad/Cargo.lock", "{");
    assert_snapshot!(sandbox.audit(&["-q"]), @"
    exit 3
    --- stdout
    no risky paths among 2 packages.
    exit 3: could not complete; what was not checked is not reported as clean
    linchpin db update
    --- stderr
    error: bad/Cargo.lock: not valid TOML: invalid key-value pair, expected key
        ┌─ bad/Cargo.lock:1:1
        = help   write it anew: cargo generate-lockfile
    ");
}

/// Twenty projects with a malicious package each, of different names.
fn many() -> Sandbox {
    let sandbox = Sandbox::new();
    for index in 0..20 {
        let url = format!("https://h{index}.example/left/-/left-1.0.0.tgz");
        let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
        sandbox.write(&format!("p{index}/package-lock.json"), lockfile);
    }
    sandbox
}

#[test]
fn ten_findings_are_told_unless_everything_is_asked_for() {
    let sandbox = many();
    let count = |output: &str| output.matches("medium[foreign-host]").count();
    let short = sandbox.audit(&[]).stdout;
    assert_eq!(count(&short), 10);
    assert!(
        short.contains("10 more findings: -v shows them, --format json has all"),
        "{short}"
    );
    let long = sandbox.audit(&["-v"]).stdout;
    assert_eq!(count(&long), 20);
    for index in 0..20 {
        assert!(long.contains(&format!("h{index}.example")), "h{index}");
    }
    assert_eq!(sandbox.report(&[]).findings().len(), 20);
}

#[test]
fn colour_is_written_when_asked_for_and_never_by_itself() {
    let sandbox = Sandbox::demo();
    let plain = sandbox.audit(&["demo"]);
    assert!(!plain.stdout.contains('\u{1b}'), "{plain}");
    let colour = sandbox.audit(&["demo", "--color", "always"]);
    assert!(colour.stdout.contains('\u{1b}'), "{colour}");
    assert_eq!(without_colour(&colour.stdout), plain.stdout);
    assert_eq!(sandbox.audit(&["demo", "--color", "never"]), plain);
}

/// Removes the SGR sequences, the only ones that are ever written.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (codes, rest) = part.split_once('m').expect("an SGR sequence ends in m");
        assert!(
            codes
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';'),
            "{codes}"
        );
        plain.push_str(rest);
    }
    plain
}

#[test]
fn the_environment_decides_about_colour_where_nothing_was_typed() {
    let colour = |variables: &[(&str, &str)], arguments: &[&str]| {
        let sandbox = variables
            .iter()
            .fold(Sandbox::demo(), |sandbox, (name, value)| {
                sandbox.variable(name, value)
            });
        let output = sandbox.audit(&[&["demo"], arguments].concat());
        output.stdout.contains('\u{1b}')
    };
    assert!(colour(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(colour(&[("FORCE_COLOR", "1")], &[]));
    assert!(!colour(&[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!colour(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(colour(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!colour(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
}

#[test]
fn the_log_has_no_colour_either_where_none_is_wanted() {
    let output = Sandbox::demo().audit(&["demo", "-v"]);
    assert!(output.stderr.contains("walked the tree"), "{output}");
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
    let never = Sandbox::demo().audit(&["demo", "-v", "--color", "never"]);
    assert!(!never.stderr.contains('\u{1b}'), "{never}");
}

#[test]
fn a_locale_without_unicode_gets_ascii() {
    let sandbox = Sandbox::demo().variable("LC_ALL", "de_DE.ISO-8859-1");
    let output = sandbox.audit(&["demo"]);
    assert!(output.stdout.is_ascii(), "{output}");
    assert!(output.stdout.contains("-->"), "{output}");
}

#[test]
fn several_paths_are_one_run() {
    let sandbox = Sandbox::with(&[
        ("a/package-lock.json", &clean_npm_lock()),
        ("b/Cargo.lock", &bad_cargo_lock()),
        ("c/package-lock.json", "{"),
    ]);
    let report = sandbox.report(&["a", "b/Cargo.lock"]);
    assert_eq!(report.code(), 1);
    let inputs: Vec<_> = report.json["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .map(|input| input["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(inputs, ["a/package-lock.json", "b/Cargo.lock"]);
}

#[test]
fn a_path_without_anything_is_told_beside_one_with() {
    let sandbox = clean();
    sandbox.folder("empty");
    let output = sandbox.audit(&["package-lock.json", "empty"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output
            .stderr
            .contains("error: empty: holds no lockfile and no manifest"),
        "{output}"
    );
}

#[test]
fn help_and_version_are_answers() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["audit", "--help"],
        &["why", "-h"],
    ] {
        let output = Sandbox::new().run(arguments);
        assert_eq!(output.code, Some(0), "{arguments:?}");
        assert_eq!(output.stderr, "", "{arguments:?}");
        assert!(output.stdout.contains("linchpin"), "{arguments:?}");
    }
}

#[test]
fn a_malicious_package_in_several_projects_is_one_finding() {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let sandbox = Sandbox::with(&[
        ("a/package-lock.json", &lockfile),
        ("b/package-lock.json", &lockfile),
    ]);
    let report = sandbox.report(&[]);
    let finding = report.only("malicious-package");
    let projects: Vec<_> = finding["occurrences"]
        .as_array()
        .expect("occurrences")
        .iter()
        .map(|occurrence| occurrence["project"].as_str().expect("a project"))
        .collect();
    assert_eq!(projects, ["a", "b"]);
}

/// A program that reads the report finds the same checks whether or not there was a package.
#[test]
fn the_checks_that_are_listed_do_not_depend_on_the_packages() {
    let checks = |sandbox: &Sandbox| -> Vec<String> {
        let report = sandbox.report(&[]);
        let checks = report.json["coverage"]["checks"].as_array().cloned();
        let checks = checks.expect("checks").into_iter();
        checks.map(|check| check["check"].to_string()).collect()
    };
    assert_eq!(checks(&Sandbox::new()), checks(&clean()));
}

#[test]
fn no_line_ends_in_a_space() {
    let sandbox = clean();
    sandbox.write("linchpin.toml", "[gate]\nfail_on = \"low\"\n");
    for output in [
        sandbox.audit(&[]),
        Sandbox::demo().audit(&["demo"]),
        low().audit(&[]),
    ] {
        let text = output.to_string();
        let line = text.lines().find(|line| line.ends_with(' '));
        assert_eq!(line, None, "{text}");
    }
}
