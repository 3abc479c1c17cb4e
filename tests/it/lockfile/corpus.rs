//! Real lockfiles of well-known projects: their entries and packages, as counted by an independent program, and no problem that is not a true one.

use std::collections::BTreeSet;

use linchpin::files::MapFiles;
use linchpin::graph::unify;
use linchpin::lockfile::{EntryKind, ProblemSeverity};
use serde::Deserialize;

use crate::support::shared::{self, with_corpus_file};
use crate::support::{files_below, read, source};

/// The only true problems of these files, by file and a part of the message.
const TRUE_PROBLEMS: &[(&str, &str)] = &[
    // `npm ls` calls the same 17 packages extraneous.
    ("pypa__warehouse/package-lock.json", "nothing depends on"),
];

/// A file that is no lock: it is read on its own below, since the counts do not follow what it includes.
const NO_LOCK: &str = "celery__celery/requirements/test-ci-default.txt";

/// The formats whose files are counted.
const READ: &[&str] = &[
    "cargo-lock",
    "npm-lock",
    "uv-lock",
    "pipfile-lock",
    "pylock-toml",
    "requirements-txt",
];

#[derive(Deserialize)]
struct Counted {
    file: String,
    format: String,
    entries: usize,
    distinct_name_version: usize,
    first_party: usize,
}

fn counted() -> Vec<Counted> {
    let Some(folder) = shared::folder("corpus") else {
        return Vec::new();
    };
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("the list of files");
    let all: Vec<Counted> = serde_json::from_str(&text).expect("a list of the known form");
    all.into_iter()
        .filter(|counted| READ.contains(&counted.format.as_str()) && counted.file != NO_LOCK)
        .collect()
}

#[test]
fn entries_and_packages_are_as_counted() {
    for counted in counted() {
        let (entries, distinct, first_party) = with_corpus_file(&counted.file, |lockfile| {
            let lockfiles = [lockfile];
            let graph = unify(&lockfiles);
            let recorded = graph.nodes().skip(1).map(|node| graph.entry(node).package);
            let distinct: BTreeSet<(String, Option<String>)> = recorded
                .map(|package| graph.package(package))
                .map(|package| {
                    (
                        package.name.as_str().to_owned(),
                        package
                            .version
                            .as_ref()
                            .map(|version| version.as_str().to_owned()),
                    )
                })
                .collect();
            let own = graph
                .nodes()
                .skip(1)
                .filter(|node| graph.entry(*node).kind == EntryKind::Workspace)
                .count();
            (graph.lockfiles()[0].entries, distinct.len(), own)
        });
        // The README counts the npm root as first-party, but not as an entry.
        let root = usize::from(counted.format == "npm-lock" && counted.first_party > 0);
        assert_eq!(
            (entries, distinct, first_party + root),
            (
                counted.entries,
                counted.distinct_name_version,
                counted.first_party
            ),
            "{}",
            counted.file
        );
    }
}

#[test]
fn no_problem_is_reported_that_is_not_a_true_one() {
    for counted in counted() {
        let untrue = with_corpus_file(&counted.file, |lockfile| {
            let mut problems = lockfile.problems.clone();
            problems.extend(unify(&[lockfile]).problems().iter().cloned());
            problems.retain(|problem| problem.severity <= ProblemSeverity::Warning);
            problems.retain(|problem| {
                let is_known = |(file, part): &(&str, &str)| {
                    *file == counted.file && problem.message.as_str().contains(part)
                };
                !TRUE_PROBLEMS.iter().any(is_known)
            });
            problems
        });
        assert!(untrue.is_empty(), "{}: {untrue:#?}", counted.file);
    }
}

#[test]
fn ranges_and_includes_of_a_file_that_is_no_lock_are_all_there() {
    let Some(folder) = shared::folder("corpus") else {
        return;
    };
    let texts = files_below(&folder.join("celery__celery"));
    let pairs = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let files = MapFiles::new(pairs);
    let name = "requirements/test-ci-default.txt";
    let text = texts
        .iter()
        .find(|(file, _)| file == name)
        .map(|(_, text)| text.as_str());
    let file = source(name, text.expect("the file of the corpus"));
    let lockfile = read(&file, &files).expect("a readable file");
    let count = |is_meant: fn(&&linchpin::lockfile::LockedEntry<'_>) -> bool| {
        lockfile.entries[1..].iter().filter(is_meant).count()
    };
    assert_eq!(lockfile.problems, []);
    // As a script counts the lines of the file and of all that it includes, each file once.
    assert_eq!(
        (
            lockfile.recorded(),
            count(|entry| entry.version.is_some()),
            count(|entry| !entry.source.is_registry())
        ),
        (28, 9, 1)
    );
}
