//! Real lockfiles audited with all records of the test data.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use linchpin::graph::unify;
use linchpin::lockfile::EntryKind;
use serde_json::Value;

use super::records::{judge, with_all_records};
use crate::support::sandbox::{Report, Sandbox};
use crate::support::shared::{self, with_corpus_file};

/// The clock of these audits: the day after the newest record.
const NOW: &str = "2026-09-11T00:00:00Z";

/// The newest records of `PyPI` are seven weeks older.
const SETTINGS: &str = "[db]\nmax-age = \"60d\"\n";

/// A sandbox whose store holds all records; none without the test data.
fn sandbox() -> Option<Sandbox> {
    let advisories = shared::folder("advisories")?;
    let sandbox = Sandbox::new();
    let folder = advisories.to_str().expect("a path that is text");
    let imported = sandbox.run(&["db", "import", folder]);
    assert_eq!(imported.code, Some(0), "{imported}");
    sandbox.write("linchpin.toml", SETTINGS);
    Some(sandbox)
}

fn report(sandbox: &Sandbox) -> Report {
    let output = sandbox.run(&["audit", "--offline", "--as-of", NOW, "--format", "json"]);
    let json = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    Report { json, output }
}

/// Lists the lockfiles of the corpus that can be read so far.
fn lockfiles() -> Vec<PathBuf> {
    let corpus = shared::folder("corpus").expect("the corpus");
    let text = std::fs::read_to_string(corpus.join("manifest.json")).expect("the list of files");
    let all: Vec<Value> = serde_json::from_str(&text).expect("a list");
    let is_read = |file: &&Value| {
        ["cargo-lock", "npm-lock", "uv-lock"].contains(&file["format"].as_str().expect("a format"))
    };
    let files = all.iter().filter(is_read);
    files
        .map(|file| corpus.join(file["file"].as_str().expect("a path")))
        .collect()
}

#[test]
fn every_lockfile_is_audited_without_a_problem_of_the_feeds() {
    let Some(sandbox) = sandbox() else { return };
    let mut audited = 0;
    for file in lockfiles() {
        let name = file.file_name().expect("a name").to_str().expect("text");
        let folder = format!("{audited}");
        sandbox.write(
            &format!("{folder}/{name}"),
            std::fs::read(&file).expect("a lockfile"),
        );
        audited += 1;
    }
    let report = report(&sandbox);
    assert_eq!(report.code(), 1);
    let reasons = report.json["incomplete_because"]
        .as_array()
        .expect("reasons");
    assert!(reasons.is_empty(), "{reasons:?}");
    let inputs = report.json["inputs"].as_array().expect("inputs");
    assert_eq!(inputs.len(), audited);
    for feed in report.json["advisories"].as_array().expect("feeds") {
        assert_eq!(feed["state"], "fresh", "{feed}");
    }
    let known = report.findings().iter();
    let known = known.filter(|finding| finding["rule"] == "known-vulnerability");
    assert!(known.count() > 100);
}

#[test]
fn the_two_incidents_are_found_once_each_with_the_ids_of_both_record_families() {
    let Some(sandbox) = sandbox() else { return };
    let demo = Sandbox::demo();
    for lockfile in ["web/package-lock.json", "gateway/uv.lock"] {
        let text = std::fs::read(demo.place("demo").join(lockfile)).expect("a lockfile");
        sandbox.write(lockfile, text);
    }
    let report = report(&sandbox);
    for (package, ids) in [
        (
            "pkg:npm/axios@1.14.1",
            &["MAL-2026-2307", "GHSA-fw8c-xr5c-95f9"][..],
        ),
        (
            "pkg:pypi/litellm@1.82.8",
            &["MAL-2026-2144", "PYSEC-2026-2"],
        ),
    ] {
        let found = report.findings().iter();
        let found: Vec<&Value> = found
            .filter(|finding| {
                finding["rule"] == "malicious-package" && finding["package"] == package
            })
            .collect();
        assert_eq!(found.len(), 1, "{package}");
        let all = found[0]["advisories"].to_string();
        for id in ids {
            assert!(
                all.contains(&format!("\"{id}\"")),
                "{package}: {id} in {all}"
            );
        }
    }
}

/// What a finding is, whatever host its package comes from.
fn identity(finding: &Value) -> (String, String, String) {
    let advisories = finding["advisories"].as_array().expect("advisories");
    let ids: BTreeSet<String> = advisories
        .iter()
        .map(|advisory| advisory["id"].to_string())
        .collect();
    (
        finding["rule"].to_string(),
        finding["package"].to_string(),
        format!("{ids:?}"),
    )
}

#[test]
fn a_lockfile_of_a_mirror_gives_the_same_findings_and_one_of_a_stranger_says_so() {
    let Some(sandbox) = sandbox() else { return };
    let file = shared::folder("corpus")
        .expect("the corpus")
        .join("pypa__warehouse/package-lock.json");
    let text = std::fs::read_to_string(file).expect("a lockfile");
    sandbox.write("package-lock.json", &text);
    let of = |report: &Report| {
        let found = report.findings().iter().map(identity);
        found.collect::<BTreeSet<_>>()
    };
    let public = of(&report(&sandbox));
    assert!(public.len() > 20);
    let rewritten = text.replace("//registry.npmjs.org/", "//npm.mirror.example/");
    sandbox.write("package-lock.json", &rewritten);
    let mirrors = "[registry]\nmirrors = [\"npm.mirror.example\"]\n";
    sandbox.write("linchpin.toml", format!("{SETTINGS}{mirrors}"));
    assert_eq!(of(&report(&sandbox)), public);
    sandbox.write("linchpin.toml", SETTINGS);
    let stranger = report(&sandbox);
    let foreign = stranger.only("foreign-host");
    let title = foreign["title"].as_str().expect("a title");
    let entries = rewritten.matches("//npm.mirror.example/").count();
    assert!(
        title.replace(',', "").contains(&entries.to_string()),
        "{title}: {entries} entries"
    );
    let release = |purl: &str| {
        purl.split('?')
            .next()
            .map(|purl| purl.trim_matches('"').to_owned())
    };
    let before: BTreeSet<_> = public
        .iter()
        .filter(|(rule, ..)| rule == "\"known-vulnerability\"")
        .map(|(_, purl, _)| release(purl))
        .collect();
    let found = stranger.findings().iter();
    let found: Vec<&Value> = found
        .filter(|finding| finding["rule"] == "known-vulnerability")
        .collect();
    let purl = |finding: &Value| finding["package"].as_str().expect("a package").to_owned();
    let after: BTreeSet<_> = found
        .iter()
        .map(|finding| release(&purl(finding)))
        .collect();
    assert_eq!(after, before);
    // What is bundled has no address, and stays what it was.
    let strange = found
        .iter()
        .filter(|finding| purl(finding).contains("npm.mirror.example"));
    let mut strangers = 0;
    for finding in strange {
        let message = finding["message"].as_str().expect("a message");
        assert!(message.contains("unknown host"), "{message}");
        strangers += 1;
    }
    assert!(strangers > 60, "{strangers}");
}

#[test]
fn every_package_of_the_corpus_is_judged_as_by_a_scan_of_all_records() {
    let mut judged = BTreeMap::new();
    let all = with_all_records(|records| {
        for file in lockfiles() {
            let corpus = shared::folder("corpus").expect("the corpus");
            let file = file.strip_prefix(&corpus).expect("below the corpus");
            let file = file.to_str().expect("text").replace('\\', "/");
            with_corpus_file(&file, |lockfile| {
                let lockfiles = [lockfile];
                let graph = unify(&lockfiles);
                for (_, package) in graph.packages() {
                    let (EntryKind::Package, Some(version)) = (package.kind, &package.version)
                    else {
                        continue;
                    };
                    let (name, version) = (package.name.as_str(), version.as_str());
                    let found = judge(records, package.ecosystem, name, version);
                    *judged.entry(found).or_insert(0) += 1;
                }
            });
        }
    });
    if all.is_some() {
        let (found, nothing) = (judged.get(&true), judged.get(&false));
        assert!(found > Some(&100) && nothing > Some(&5_000), "{judged:?}");
    }
}
