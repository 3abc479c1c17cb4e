//! Real lockfiles of well-known projects: their entries and packages, as counted by an independent program, and no problem that is not a true one.

use std::collections::BTreeSet;

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, NodeId, unify};
use linchpin::lockfile::{EntryKind, LockedEntry, ProblemSeverity};
use serde::Deserialize;

use crate::support::shared::{self, with_corpus_file};
use crate::support::{files_below, read, source};

const GAUDI: &str = "huggingface__text-generation-inference/backends/gaudi/server/poetry.lock";

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
    // The catalogs are in .yarnrc.yml, which is not part of the corpus.
    ("babel__babel/yarn.lock", "@catalog:"),
    (
        "babel__babel/yarn.lock",
        "nothing depends on the entry `@jridgewell/gen-mapping@npm:0.4.0-beta.0`",
    ),
    // Its manifest asks for `accelerate ^1.7.0` where it has 0.33.0, and no longer for the four that nothing asks
    // for; packages in it ask for torch, of which it has no entry.
    (
        GAUDI,
        "depends on `torch`, which this lockfile does not hold",
    ),
    (GAUDI, "it asks for another range of `accelerate`"),
    (GAUDI, "it asks for another range of `transformers`"),
    (
        GAUDI,
        "nothing depends on 4 entries, `networkx 3.2.1` among them",
    ),
];

/// The formats that are read, by the names that the corpus has for them.
const READ: &[&str] = &[
    "bun-lock",
    "cargo-lock",
    "deno-lock",
    "npm-lock",
    "pdm-lock",
    "pipfile-lock",
    "pnpm-lock",
    "poetry-lock",
    "pylock-toml",
    "requirements-txt",
    "uv-lock",
    "yarn-berry",
    "yarn-v1",
];

/// Files whose packages the list counts wrongly, and how many there are.
const COUNTED_WRONGLY: &[(&str, usize)] = &[
    // It cuts peers off at the first `_`, so that `@types/babel__core` and its three sisters became one.
    ("denoland__fresh/deno.lock", 856),
];

/// A file that is no lock: it is read on its own below, since the counts do not follow what it includes.
const NO_LOCK: &str = "celery__celery/requirements/test-ci-default.txt";

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
        .filter(|counted| READ.contains(&counted.format.as_str()) && counted.file != NO_LOCK)
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
            let recorded = graph.nodes().skip(1);
            let distinct: BTreeSet<(String, Option<String>)> = recorded
                .map(|node| {
                    let package = graph.package(graph.entry(node).package);
                    let version = package.version.as_ref();
                    let version = version.map(|version| version.as_str().to_owned());
                    (counted_name(&graph, node, &counted.format), version)
                })
                .collect();
            let own = graph
                .nodes()
                .skip(1)
                .filter(|node| is_first_party(&graph, *node))
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
        // The README counts the roots of npm and bun as first-party, but not as entries; that of Yarn is a record like others.
        let has_root = ["bun-lock", "npm-lock"].contains(&counted.format.as_str());
        let right = COUNTED_WRONGLY
            .iter()
            .find(|(file, _)| *file == counted.file);
        let packages = right.map_or(counted.distinct_name_version, |(_, packages)| *packages);
        let root = usize::from(has_root && counted.first_party > 0);
        let record = usize::from(counted.format == "yarn-berry");
        assert_eq!(
            (
                entries + record,
                distinct + record,
                first_party + root + record
            ),
            (counted.entries, packages, counted.first_party),
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

/// The README has an alias of Yarn 1 for another package than the one that it stands for.
fn counted_name(graph: &DependencyGraph<'_>, node: NodeId, format: &str) -> String {
    let entry = graph.entry(node);
    let key = entry.record.key.as_str();
    let alias = key.rsplit_once("@npm:").filter(|_| format == "yarn-v1");
    let name = alias.map(|(alias, _)| alias);
    let own = || graph.package(entry.package).name.as_str();
    name.unwrap_or_else(own).to_owned()
}

/// The README counts members of a workspace, and not the folders that Yarn links to.
fn is_first_party(graph: &DependencyGraph<'_>, node: NodeId) -> bool {
    let entry = graph.entry(node);
    let links = ["@link:", "@portal:", "@file:"];
    let key = entry.record.key.as_str();
    entry.kind == EntryKind::Workspace && !links.iter().any(|link| key.contains(link))
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
    let count = |is_meant: fn(&&LockedEntry<'_>) -> bool| {
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
