//! Real lockfiles of well-known projects: their entries and packages, as counted by an independent program, and no problem that is not a true one.

use std::collections::BTreeSet;

use linchpin::graph::unify;
use linchpin::lockfile::{EntryKind, LockedEntry, ProblemSeverity};
use serde::Deserialize;

use crate::support::shared::{self, with_corpus_file};

/// The only true problems of these files, by file and a part of the message.
const TRUE_PROBLEMS: &[(&str, &str)] = &[
    // `npm ls` calls the same 17 packages extraneous.
    ("pypa__warehouse/package-lock.json", "nothing depends on"),
    // An optional peer that pnpm forgot to take out: nothing asks for it, and most of what it asks for is gone.
    (
        "langfuse__langfuse/pnpm-lock.yaml",
        "`@aws-sdk/client-kendra",
    ),
    (
        "langfuse__langfuse/pnpm-lock.yaml",
        "more dependencies that this lockfile does not hold",
    ),
];

#[derive(Deserialize)]
struct Counted {
    file: String,
    format: String,
    lock_version: String,
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
        .filter(|counted| {
            ["cargo-lock", "npm-lock", "pnpm-lock", "uv-lock"].contains(&counted.format.as_str())
        })
        .collect()
}

#[test]
fn entries_and_packages_are_as_counted() {
    for counted in counted()
        .into_iter()
        .filter(|counted| counted.format != "pnpm-lock")
    {
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

/// The list counts the keys of `packages`; an entry is a snapshot, of which one package may have several.
///
/// So the entries are held to the number of snapshots that the list notes (before 9.0 the packages are the
/// snapshots), and the keys of `packages` to the distinct names and versions, which are as many in every file.
/// A language runtime is a key of both and no package of npm, so it is counted apart.
/// Importers are counted in all documents and with the root, which is one entry for all documents.
#[test]
fn snapshots_and_importers_of_pnpm_are_as_counted() {
    let number_before = |text: &str, word: &str| -> usize {
        let before = text.split(word).next().expect("a text before the word");
        let number = before.trim_end().rsplit([' ', '(']).next();
        number
            .and_then(|number| number.parse().ok())
            .expect("a number")
    };
    for counted in counted()
        .into_iter()
        .filter(|counted| counted.format == "pnpm-lock")
    {
        assert_eq!(counted.entries, counted.distinct_name_version);
        let documents = number_before(&counted.lock_version, "documents");
        let snapshots = match number_before(&counted.lock_version, "snapshots") {
            0 => counted.entries,
            snapshots => snapshots,
        };
        let found = with_corpus_file(&counted.file, |lockfile| {
            let is_importer = |entry: &LockedEntry<'_>| {
                entry.kind == EntryKind::Workspace && !entry.key.as_str().contains("@file:")
            };
            // What lies in a folder has no version, and its key says which folder.
            let folder = |entry: &LockedEntry<'_>| {
                entry
                    .source
                    .address()
                    .map(|address| address.as_str().to_owned())
            };
            let (importers, records): (Vec<_>, Vec<_>) = lockfile.entries[1..]
                .iter()
                .partition(|entry| is_importer(entry));
            let distinct: BTreeSet<_> = records
                .iter()
                .map(|entry| (entry.name.as_str(), entry.version.as_ref(), folder(entry)))
                .collect();
            let runtimes: usize = lockfile.unjudged.iter().map(|kind| kind.count).sum();
            (
                records.len() + runtimes,
                distinct.len() + runtimes,
                importers.len() + documents,
            )
        });
        let expected = (snapshots, counted.entries, counted.first_party);
        assert_eq!(found, expected, "{}", counted.file);
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
