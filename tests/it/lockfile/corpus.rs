//! Real lockfiles of well-known projects: their entries and packages, as counted by an independent program, and no problem that is not a true one.

use std::collections::BTreeSet;

use linchpin::graph::unify;
use linchpin::lockfile::{EntryKind, ProblemSeverity};
use serde::Deserialize;

use crate::support::shared::{self, with_corpus_file};

/// The only true problems of these files, by file and a part of the message.
const TRUE_PROBLEMS: &[(&str, &str)] = &[
    // `npm ls` calls the same 17 packages extraneous.
    ("pypa__warehouse/package-lock.json", "nothing depends on"),
];

/// Files whose packages the list counts wrongly, and how many there are.
const COUNTED_WRONGLY: &[(&str, usize)] = &[
    // It cuts peers off at the first `_`, so that `@types/babel__core` and its three sisters became one.
    ("denoland__fresh/deno.lock", 856),
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
        .filter(|counted| {
            ["bun-lock", "cargo-lock", "deno-lock", "npm-lock", "uv-lock"]
                .contains(&counted.format.as_str())
        })
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
            // The README counts packages of JSR among those of npm, and no members of Deno's workspaces.
            let jsr = lockfiles[0].unjudged.iter().map(|unjudged| unjudged.count);
            let (others, members): (usize, usize) = match counted.format.as_str() {
                "deno-lock" => (jsr.sum(), own),
                _ => (0, 0),
            };
            let entries = graph.lockfiles()[0].entries + others - members;
            (entries, distinct.len() + others - members, own - members)
        });
        // The README counts the roots of npm and bun as first-party, but not as entries.
        let has_root = ["bun-lock", "npm-lock"].contains(&counted.format.as_str());
        let right = COUNTED_WRONGLY
            .iter()
            .find(|(file, _)| *file == counted.file);
        let packages = right.map_or(counted.distinct_name_version, |(_, packages)| *packages);
        let root = usize::from(has_root && counted.first_party > 0);
        assert_eq!(
            (entries, distinct, first_party + root),
            (counted.entries, packages, counted.first_party),
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
