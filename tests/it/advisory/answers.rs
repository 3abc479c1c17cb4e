//! Every Cargo.lock of the corpus, against the recorded answers of cargo-audit on the same advisories.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::support::sandbox::Sandbox;
use crate::support::shared;

/// Kind, package, version, id.
type Answer = (String, String, String, String);

#[derive(Deserialize)]
struct Answers {
    files: BTreeMap<String, BTreeSet<Answer>>,
}

/// Withdrawn long ago and in the Markdown source no more; the export still holds it, as a copy of RUSTSEC-2025-0065.
const ONLY_IN_THE_EXPORT: &str = "RUSTSEC-2025-0000";

fn kind(rule: &str) -> Option<&'static str> {
    match rule {
        "known-vulnerability" => Some("vulnerability"),
        "unsound" => Some("unsound"),
        "unmaintained" => Some("unmaintained"),
        _ => None,
    }
}

/// Takes the answers out of a report: every `RustSec` id of every finding.
fn answers(report: &Value) -> BTreeSet<Answer> {
    let mut found = BTreeSet::new();
    for finding in report["findings"].as_array().expect("findings") {
        let Some(kind) = finding["rule"].as_str().and_then(kind) else {
            continue;
        };
        let purl = finding["package"].as_str().expect("a package");
        let release = purl.strip_prefix("pkg:cargo/").expect("a crate");
        let (name, version) = release.split_once('@').expect("a version");
        for advisory in finding["advisories"].as_array().expect("advisories") {
            let aliases = advisory["aliases"].as_array().expect("aliases");
            let ids = std::iter::once(&advisory["id"]).chain(aliases);
            let ids = ids.filter_map(Value::as_str);
            for id in ids.filter(|id| id.starts_with("RUSTSEC-") && *id != ONLY_IN_THE_EXPORT) {
                let version = version.replace("%2B", "+");
                found.insert((kind.to_owned(), name.to_owned(), version, id.to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_lockfile_of_the_corpus_is_judged_as_cargo_audit_judges_it() {
    let (Some(advisories), Some(corpus)) = (shared::folder("advisories"), shared::folder("corpus"))
    else {
        return;
    };
    let text =
        std::fs::read_to_string(advisories.join("cargo-audit-answers.json")).expect("answers");
    let expected: Answers = serde_json::from_str(&text).expect("answers");
    let sandbox = Sandbox::new();
    let imported = sandbox.run(&[
        "db",
        "import",
        advisories.join("crates.io").to_str().expect("text"),
    ]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    for (file, expected) in expected.files {
        let lockfile = std::fs::read_to_string(corpus.join(&file)).expect("a lockfile");
        sandbox.write("Cargo.lock", &lockfile);
        let run = sandbox.run(&["audit", "--offline", "--format", "json", "Cargo.lock"]);
        let report: Value = serde_json::from_str(&run.stdout).expect("a report");
        assert_eq!(answers(&report), expected, "{file}");
    }
}
