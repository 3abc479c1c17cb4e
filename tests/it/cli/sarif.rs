//! `--format sarif`: SARIF 2.1.0, held to what the specification asks for; section numbers are the specification's.

use std::collections::BTreeSet;
use std::fmt::Write;

use insta::assert_snapshot;
use linchpin::signal::SIGNALS;
use serde_json::Value;

use super::formats::hostile;
use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record, npm_record_at, npm_url, sri};
use crate::support::sandbox::Sandbox;

fn log(sandbox: &Sandbox) -> Value {
    let output = sandbox.audit(&["--format", "sarif"]);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

fn run(log: &Value) -> &Value {
    &log["runs"][0]
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is text"))
}

fn results(log: &Value) -> &[Value] {
    list(&run(log)["results"])
}

fn notifications(log: &Value) -> &[Value] {
    list(&run(log)["invocations"][0]["toolExecutionNotifications"])
}

fn unlocked() -> Sandbox {
    let manifest = r#"{"name":"web","version":"1.0.0","dependencies":{"left":"1"}}"#;
    Sandbox::with(&[("web/package.json", manifest)])
}

/// Checks a message: text that is there, without placeholders (§3.11.5) and without links (§3.11.6).
fn check_message(message: &Value) {
    let text = text(&message["text"]);
    assert!(!text.is_empty());
    assert!(!text.contains("]("), "{text}");
    for part in text.replace("{{", "").split('{').skip(1) {
        let index = part.split('}').next().unwrap_or_default();
        let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        assert!(!is_index, "{text}");
    }
}

/// Checks a location: a relative reference (RFC 3986 §4.2) below a base that the run declares, and a region from one.
fn check_location(location: &Value, bases: &Value) {
    let physical = &location["physicalLocation"];
    let uri = text(&physical["artifactLocation"]["uri"]);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
    assert!(!uri.is_empty() && uri.bytes().all(is_allowed), "{uri}");
    assert!(
        !uri.starts_with('/') && !uri.split('/').any(|part| part == ".."),
        "{uri}"
    );
    for encoded in uri.split('%').skip(1) {
        let digits = encoded.get(..2).unwrap_or_default();
        assert!(u8::from_str_radix(digits, 16).is_ok(), "{uri}");
    }
    let base = text(&physical["artifactLocation"]["uriBaseId"]);
    assert!(bases[base].is_object(), "{base}");
    check_region(&physical["region"]);
}

fn check_region(region: &Value) {
    let number = |name: &str| region[name].as_u64();
    for name in ["startLine", "startColumn", "endLine", "endColumn"] {
        assert!(
            region[name].is_null() || number(name) >= Some(1),
            "{region}"
        );
    }
    if let (Some(line), Some(end)) = (number("startLine"), number("endLine")) {
        assert!(
            (line, number("startColumn")) <= (end, number("endColumn")),
            "{region}"
        );
    }
}

/// Checks the parts of a log that consumers rely on.
fn check(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(list(&log["runs"]).len(), 1);
    let run = run(log);
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "linchpin");
    check_rules(list(&driver["rules"]));
    let bases = &run["originalUriBaseIds"];
    let mut fingerprints = BTreeSet::new();
    for result in results(log) {
        check_result(result, list(&driver["rules"]), bases);
        let fingerprint = text(&result["partialFingerprints"]["linchpin/v1"]);
        assert!(fingerprints.insert(fingerprint), "{fingerprint} twice");
    }
    assert!(run["invocations"][0]["executionSuccessful"].is_boolean());
    for notification in notifications(log) {
        check_message(&notification["message"]);
        check_level(&notification["level"]);
        let descriptor = &notification["descriptor"];
        let index = descriptor["index"].as_u64().expect("an index");
        let listed = &driver["notifications"][usize::try_from(index).expect("a small number")];
        assert_eq!(descriptor["id"], listed["id"]);
        let locations = list(&notification["locations"]).iter();
        locations.for_each(|location| check_location(location, bases));
    }
}

fn check_level(level: &Value) {
    assert!(
        ["error", "warning", "note"].contains(&text(level)),
        "{level}"
    );
}

fn check_rules(rules: &[Value]) {
    let ids: Vec<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
    let known: Vec<&str> = SIGNALS.iter().map(|signal| signal.rule().id.0).collect();
    assert_eq!(ids, known);
    for rule in rules {
        for message in ["shortDescription", "fullDescription", "help"] {
            check_message(&rule[message]);
        }
        assert!(text(&rule["help"]["markdown"]).starts_with("## What it compares\n\n"));
        check_level(&rule["defaultConfiguration"]["level"]);
        let grade: f64 = text(&rule["properties"]["security-severity"])
            .parse()
            .expect("a number");
        assert!((0.0..=10.0).contains(&grade), "{rule}");
        let tags = list(&rule["properties"]["tags"]);
        assert!(
            tags.contains(&"security".into()) && tags.len() <= 10,
            "{rule}"
        );
    }
}

fn check_result(result: &Value, rules: &[Value], bases: &Value) {
    let index = result["ruleIndex"].as_u64().expect("an index");
    let rule = &rules[usize::try_from(index).expect("a small number")];
    assert_eq!(result["ruleId"], rule["id"]);
    check_level(&result["level"]);
    check_message(&result["message"]);
    let locations = list(&result["locations"]);
    assert_eq!(locations.len(), 1);
    let line = &locations[0]["physicalLocation"]["region"]["startLine"];
    assert!(line.is_u64(), "{result}");
    let related = list(&result["relatedLocations"]);
    let ids: BTreeSet<Option<u64>> = related.iter().map(|place| place["id"].as_u64()).collect();
    assert_eq!(ids.len(), related.len(), "numbers are unique");
    let steps = list(&result["codeFlows"])
        .iter()
        .flat_map(|flow| list(&flow["threadFlows"]))
        .flat_map(|flow| list(&flow["locations"]))
        .map(|step| &step["location"]);
    for location in locations.iter().chain(related).chain(steps) {
        check_location(location, bases);
    }
}

#[test]
fn every_log_keeps_to_the_specification() {
    let broken = Sandbox::with(&[("Cargo.lock", "{"), ("a b/uv.lock", "[")]);
    for sandbox in [
        Sandbox::new(),
        Sandbox::demo(),
        unlocked(),
        hostile(),
        broken,
    ] {
        check(&log(&sandbox));
    }
}

#[test]
fn a_finding_about_a_whole_file_points_at_its_first_line() {
    let log = log(&unlocked());
    let results = serde_json::to_string_pretty(results(&log)).expect("JSON");
    assert_snapshot!(results, @r#"
    [
      {
        "level": "warning",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "web/package.json",
                "uriBaseId": "%SRCROOT%"
              },
              "region": {
                "startLine": 1
              }
            }
          }
        ],
        "message": {
          "text": "web/package.json asks for packages that no lockfile pins.\nits dependencies were not checked, and every install may bring others\nfix: npm install --package-lock-only (in web: lock it and commit the lockfile)"
        },
        "partialFingerprints": {
          "linchpin/v1": "f1f6704836861efcd14f76025d0572cf"
        },
        "properties": {
          "severity": "medium"
        },
        "ruleId": "unlocked-manifest",
        "ruleIndex": 24
      }
    ]
    "#);
    let invocation = &run(&log)["invocations"];
    let invocation = serde_json::to_string_pretty(invocation).expect("JSON");
    assert!(
        invocation.contains("there are manifests but no lockfile"),
        "{invocation}"
    );
}

#[test]
fn the_head_of_a_log_and_one_of_its_rules() {
    let mut log = log(&unlocked());
    log["runs"][0]["results"] = Value::Null;
    log["runs"][0]["invocations"] = Value::Null;
    let driver = &mut log["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array_mut().expect("rules");
    rules.retain(|rule| rule["id"] == "foreign-host");
    assert_snapshot!(serde_json::to_string_pretty(&log).expect("JSON"), @r###"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "runs": [
        {
          "columnKind": "unicodeCodePoints",
          "invocations": null,
          "originalUriBaseIds": {
            "%SRCROOT%": {
              "description": {
                "text": "The top of the audited tree."
              }
            }
          },
          "properties": {
            "asOf": "2026-11-01T00:00:00Z",
            "failOn": "high",
            "verdict": "incomplete"
          },
          "results": null,
          "tool": {
            "driver": {
              "name": "linchpin",
              "notifications": [
                {
                  "id": "input-problem",
                  "shortDescription": {
                    "text": "Something is wrong with an input."
                  }
                },
                {
                  "id": "incomplete",
                  "shortDescription": {
                    "text": "Something that is required was not checked."
                  }
                },
                {
                  "id": "coverage",
                  "shortDescription": {
                    "text": "How many packages a rule looked at."
                  }
                },
                {
                  "id": "run",
                  "shortDescription": {
                    "text": "How the run came about."
                  }
                },
                {
                  "id": "left-out",
                  "shortDescription": {
                    "text": "The report does not hold everything."
                  }
                }
              ],
              "rules": [
                {
                  "defaultConfiguration": {
                    "level": "warning"
                  },
                  "fullDescription": {
                    "text": "Looks at the host of every registry and archive address. The public registry's own hosts pass, and those that linchpin.toml lists under [registry], and the npm registry and Python index that your own clients are configured to ask; other configuration files in the audited tree vouch for nobody."
                  },
                  "help": {
                    "markdown": "## What it compares\n\nLooks at the host of every registry and archive address. The public registry's own hosts pass, and those that linchpin.toml lists under [registry], and the npm registry and Python index that your own clients are configured to ask; other configuration files in the audited tree vouch for nobody.\n\n## Why it matters\n\nWhoever serves the archive decides what is installed. A host that slips into a lockfile is the quietest way to replace a dependency.\n\n## A real case\n\nLockfile injection: one `resolved` line that points to the attacker's server, in a diff of ten thousand lines.\n\n## How to fix it\n\nIf the host is not yours, restore the registry's address. If it is a mirror of yours, list it in linchpin.toml: mirrors = [\"HOST\"] under [registry], or private = [\"HOST\"] for a registry of your own.\n\n## When to accept it\n\nFor a mirror or a second index that your organisation runs or trusts.",
                    "text": "What it compares: Looks at the host of every registry and archive address. The public registry's own hosts pass, and those that linchpin.toml lists under [registry], and the npm registry and Python index that your own clients are configured to ask; other configuration files in the audited tree vouch for nobody.\n\nWhy it matters: Whoever serves the archive decides what is installed. A host that slips into a lockfile is the quietest way to replace a dependency.\n\nA real case: Lockfile injection: one `resolved` line that points to the attacker's server, in a diff of ten thousand lines.\n\nHow to fix it: If the host is not yours, restore the registry's address. If it is a mirror of yours, list it in linchpin.toml: mirrors = [\"HOST\"] under [registry], or private = [\"HOST\"] for a registry of your own.\n\nWhen to accept it: For a mirror or a second index that your organisation runs or trusts."
                  },
                  "id": "foreign-host",
                  "properties": {
                    "security-severity": "5.5",
                    "tags": [
                      "security",
                      "supply-chain",
                      "integrity"
                    ]
                  },
                  "shortDescription": {
                    "text": "Packages come from a host that nobody has vouched for."
                  }
                }
              ],
              "semanticVersion": "[VERSION]",
              "version": "[VERSION]"
            }
          }
        }
      ],
      "version": "2.1.0"
    }
    "###);
}

#[test]
fn a_path_is_a_flow_through_the_lines_of_the_lockfile() {
    let log = log(&Sandbox::demo());
    let litellm = results(&log)
        .iter()
        .find(|result| text(&result["message"]["text"]).starts_with("litellm"));
    let litellm = litellm.expect("a finding in the demo");
    let steps = list(&litellm["codeFlows"][0]["threadFlows"][0]["locations"]);
    let steps: Vec<String> = steps
        .iter()
        .map(|step| {
            let location = &step["location"];
            let line = &location["physicalLocation"]["region"]["startLine"];
            format!("{line} {}", text(&location["message"]["text"]))
        })
        .collect();
    assert_eq!(
        steps,
        ["9 ai-gateway 0.4.0", "393 dspy 3.1.3", "905 litellm 1.82.8"]
    );
    assert_eq!(
        litellm["locations"][0]["physicalLocation"]["region"],
        serde_json::json!({"startLine": 905, "startColumn": 1, "endLine": 905, "endColumn": 17})
    );
}

#[test]
fn further_places_are_related_locations() {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let log = log(&Sandbox::with(&[
        ("a/package-lock.json", &lockfile),
        ("b/package-lock.json", &lockfile),
    ]));
    check(&log);
    let result = &results(&log)[0];
    let uri = |location: &Value| {
        text(&location["physicalLocation"]["artifactLocation"]["uri"]).to_owned()
    };
    assert_eq!(uri(&result["locations"][0]), "a/package-lock.json");
    assert_eq!(uri(&result["relatedLocations"][0]), "b/package-lock.json");
    assert_eq!(list(&result["codeFlows"]).len(), 2, "one for each project");
}

#[test]
fn a_run_was_successful_only_if_it_was_complete() {
    let successful = |sandbox: &Sandbox| {
        let log = log(sandbox);
        run(&log)["invocations"][0]["executionSuccessful"] == true
    };
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let complete = Sandbox::with(&[
        ("package-lock.json", &lockfile),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    assert!(successful(&complete), "findings are no failure of the tool");
    assert!(!successful(&Sandbox::demo()), "no advisory feed");
    assert!(!successful(&Sandbox::new()), "nothing to audit");
    complete.write("broken/Cargo.lock", "{");
    assert!(!successful(&complete), "a file that was not read");
    let log = log(&complete);
    let problem = &notifications(&log)[0];
    assert_eq!(problem["level"], "error");
    let place = &problem["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "broken/Cargo.lock");
    assert_eq!(place["region"]["startLine"], 1);
}

#[test]
fn the_fingerprint_does_not_depend_on_the_line() {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let place = |lockfile: &str| {
        let log = log(&Sandbox::with(&[("package-lock.json", lockfile)]));
        let result = results(&log)[0].clone();
        let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64();
        (line, result["partialFingerprints"].clone())
    };
    let (line, fingerprints) = place(&lockfile);
    let (moved, same) = place(&lockfile.replace("\"packages\"", "\n\n\"packages\""));
    assert_eq!(line.map(|line| line + 2), moved);
    assert_eq!(fingerprints, same);
}

/// Names the notifications that say how much was left out.
fn left_out(log: &Value) -> Vec<&str> {
    notifications(log)
        .iter()
        .filter(|notification| notification["descriptor"]["id"] == "left-out")
        .map(|notification| text(&notification["message"]["text"]))
        .collect()
}

/// A chain of packages, each needed by the one before, with a malicious one at its end.
fn chain(length: usize) -> String {
    let mut text =
        r#"{"name":"app","lockfileVersion":3,"packages":{"":{"dependencies":{"p0":"1"}}"#
            .to_owned();
    for index in 0..length {
        let next = if index + 1 == length {
            "axios".to_owned()
        } else {
            format!("p{}", index + 1)
        };
        let (name, url) = (format!("p{index}"), npm_url(&format!("p{index}"), "1.0.0"));
        let digest = sri(b"p");
        let _ = write!(
            text,
            ",\n\"node_modules/{name}\":{{\"version\":\"1.0.0\",\"resolved\":\"{url}\",\"integrity\":\"{digest}\",\"dependencies\":{{\"{next}\":\"1\"}}}}"
        );
    }
    let _ = write!(
        text,
        ",\n\"node_modules/axios\":{}",
        npm_record("axios", "1.14.1")
    );
    text + "}}"
}

#[test]
fn a_path_that_is_too_long_to_be_read_is_left_out_and_counted() {
    let of = |length| log(&Sandbox::with(&[("package-lock.json", &chain(length))]));
    let (fits, cut) = (of(9_998), of(9_999));
    let steps =
        |log: &Value| list(&results(log)[0]["codeFlows"][0]["threadFlows"][0]["locations"]).len();
    assert_eq!((steps(&fits), steps(&cut)), (10_000, 0));
    assert_eq!(left_out(&fits), Vec::<&str>::new());
    assert_eq!(
        left_out(&cut),
        [
            "1 dependency path left out, because the readers of this format take no more than 10,000; --format json has all"
        ]
    );
    let words = text(&results(&cut)[0]["message"]["text"]);
    assert!(
        words.contains("p4 1.0.0 -> (9989 more) -> p9994"),
        "{words}"
    );
}

#[test]
fn more_places_than_are_read_are_cut_and_counted() {
    let names: Vec<String> = (0..1_001).map(|index| format!("p{index}")).collect();
    let record = npm_record_at(
        "1.0.0",
        "https://mirror.example/p/-/p-1.0.0.tgz",
        &sri(b"p"),
    );
    let packages: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), record.clone()))
        .collect();
    let log = log(&Sandbox::with(&[(
        "package-lock.json",
        &npm_lock(&packages),
    )]));
    let foreign = results(&log)
        .iter()
        .find(|result| result["ruleId"] == "foreign-host");
    let related = &foreign.expect("a finding")["relatedLocations"];
    assert_eq!(list(related).len(), 999);
    assert_eq!(left_out(&log).len(), 1, "{:?}", left_out(&log));
}
