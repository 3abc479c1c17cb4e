//! Edges against other implementations: recorded answers of npm and uv about real lockfiles, and the `cargo-lock` crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, NodeId, unify};
use linchpin::lockfile::{DependencyKind, EntryKind};
use linchpin::package::Ecosystem;
use serde::Deserialize;

use crate::support::{files_below, read, shared, source};

/// An answer as `fixtures/oracles/README.md` describes it.
#[derive(Deserialize)]
struct Answer {
    lockfile: String,
    packages: Vec<String>,
    edges: BTreeMap<String, Vec<usize>>,
    roots: Vec<usize>,
    #[serde(default)]
    kinds: BTreeMap<String, String>,
}

type Edges = BTreeSet<(String, String)>;

fn answers(tool: &str) -> Vec<Answer> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/oracles")
        .join(tool);
    files_below(&folder)
        .iter()
        .map(|(name, text)| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
        })
        .collect()
}

fn expected(answer: &Answer) -> Edges {
    let edges = answer.edges.iter().flat_map(|(from, targets)| {
        let from = &answer.packages[from.parse::<usize>().expect("an index")];
        targets
            .iter()
            .map(move |to| (from.clone(), answer.packages[*to].clone()))
    });
    edges.collect()
}

/// How an answer names the project's own packages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OwnNames {
    /// As all others.
    NameAndVersion,
    /// By their folder, the root as `<root>`.
    Folder,
    /// By their bare name.
    BareName,
}

/// Edges that a tool sees and the lockfile does not state, or the other way round, and why.
struct Differences {
    own_names: OwnNames,
    /// Beginnings of packages that the tool leaves out, or finds by settings that are no part of the lockfile.
    not_asked: &'static [&'static str],
}

const NONE: Differences = Differences {
    own_names: OwnNames::NameAndVersion,
    not_asked: &[],
};

fn name_as(graph: &DependencyGraph<'_>, node: NodeId, own_names: OwnNames) -> String {
    let entry = graph.entry(node);
    let package = graph.package(entry.package);
    match (own_names, entry.kind) {
        (OwnNames::Folder, EntryKind::Root) => "<root>".to_owned(),
        (OwnNames::Folder, _) if entry.record.key.as_str().contains("@file:") => {
            let key = entry.record.key.as_str();
            key.split('(').next().unwrap_or(key).to_owned()
        }
        (OwnNames::Folder, EntryKind::Workspace) => {
            let folder = package
                .source
                .address()
                .map(|address| address.as_str().to_owned());
            let project = &graph.project(graph.project_of(node)).folder;
            let folder = folder.unwrap_or_default();
            let inside = folder.strip_prefix(project.as_str()).unwrap_or(&folder);
            inside.trim_start_matches('/').to_owned()
        }
        (OwnNames::BareName, EntryKind::Root | EntryKind::Workspace) => {
            package.name.as_str().to_owned()
        }
        _ => name(graph, node),
    }
}

/// Checks every answer of a tool; edges from and to what the tool was not asked about are left out.
fn check_answers(tool: &str, differences: &Differences) {
    if shared::folder("corpus").is_none() {
        return;
    }
    let answers = answers(tool);
    assert!(!answers.is_empty(), "{tool} gave answers");
    let mut failures = Vec::new();
    for answer in answers {
        let file = answer
            .lockfile
            .strip_prefix("corpus/")
            .expect("a file of the corpus");
        shared::with_corpus_file(file, |lockfile| {
            let lockfiles = [lockfile];
            let graph = unify(&lockfiles);
            failures.extend(differ(&answer, &graph, differences));
        });
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn differ(
    answer: &Answer,
    graph: &DependencyGraph<'_>,
    differences: &Differences,
) -> Option<String> {
    let is_asked = |(from, to): &(String, String)| {
        let is_named = |end: &str| {
            let mut names = differences.not_asked.iter();
            names.any(|name| end.starts_with(name))
        };
        from != to && !is_named(from) && !is_named(to)
    };
    let own = differences.own_names;
    let bare = |name: String| match own {
        OwnNames::BareName if is_root(answer, &name) => name.split('@').next().map(str::to_owned),
        _ => Some(name),
    };
    let expected = expected(answer).into_iter().filter(is_asked);
    let expected: Edges = expected
        .filter_map(|(from, to)| Some((bare(from)?, bare(to)?)))
        .collect();
    let ends = |from, to| (name_as(graph, from, own), name_as(graph, to, own));
    // Members hang on the root of their lockfile, which not every tool says.
    let is_member = |from, to| from == graph.lockfiles()[0].root && graph.is_start(to);
    let edges = graph.edges();
    let found: Edges = edges
        .filter(|(_, _, edge)| edge.kind != DependencyKind::Unattached)
        .filter(|(from, to, _)| !is_member(*from, *to) || expected.contains(&ends(*from, *to)))
        .map(|(from, to, _)| ends(from, to))
        .filter(is_asked)
        .collect();
    assert!(expected.len() > 50, "{} has edges", answer.lockfile);
    let missing: Vec<_> = expected.difference(&found).collect();
    let unexpected: Vec<_> = found.difference(&expected).collect();
    let is_equal = missing.is_empty() && unexpected.is_empty();
    (!is_equal).then(|| {
        format!(
            "{}: {} of {} missing {:?}; {} unexpected {:?}",
            answer.lockfile,
            missing.len(),
            expected.len(),
            &missing[..missing.len().min(12)],
            unexpected.len(),
            &unexpected[..unexpected.len().min(12)]
        )
    })
}

fn is_root(answer: &Answer, name: &str) -> bool {
    let mut roots = answer.roots.iter();
    !name.starts_with('@') && roots.any(|root| answer.packages[*root] == name)
}

fn name(graph: &DependencyGraph<'_>, node: NodeId) -> String {
    let package = graph.package(graph.entry(node).package);
    match &package.version {
        Some(version) => format!("{}@{}", package.name.as_str(), version.as_str()),
        None => package.name.as_str().to_owned(),
    }
}

/// The edges of a graph by name and version; the root's under its own name or `<root>`.
fn found(graph: &DependencyGraph<'_>, answer: &Answer) -> Edges {
    let root = graph.lockfiles()[0].root;
    let is_synthetic = graph.lockfiles()[0].ecosystem != Ecosystem::Npm;
    let root_name = if answer.packages.contains(&name(graph, root)) && !is_synthetic {
        name(graph, root)
    } else {
        "<root>".to_owned()
    };
    let edges = graph
        .edges()
        .filter(|(_, _, edge)| edge.kind != DependencyKind::Unattached);
    edges
        .filter(|(from, to, _)| !(is_synthetic && *from == root && graph.is_start(*to)))
        .map(|(from, to, _)| {
            (
                if from == root {
                    root_name.clone()
                } else {
                    name(graph, from)
                },
                name(graph, to),
            )
        })
        .collect()
}

fn check(answer: &Answer, graph: &DependencyGraph<'_>) {
    let (expected, found) = (expected(answer), found(graph, answer));
    assert!(expected.len() > 50, "{} has edges", answer.lockfile);
    assert_eq!(
        (
            expected.difference(&found).collect::<Vec<_>>(),
            found.difference(&expected).collect::<Vec<_>>()
        ),
        (Vec::new(), Vec::new()),
        "{}: edges that are missing, and those that are too many",
        answer.lockfile
    );
}

fn check_against_corpus(tool: &str) {
    if shared::folder("corpus").is_none() {
        return;
    }
    for answer in answers(tool) {
        let file = answer
            .lockfile
            .strip_prefix("corpus/")
            .expect("a file of the corpus");
        shared::with_corpus_file(file, |lockfile| check(&answer, &unify(&[lockfile])));
    }
}

#[test]
fn package_locks_have_the_edges_that_npm_lists() {
    check_against_corpus("npm-ls");
}

#[test]
fn uv_locks_have_the_edges_that_uv_lists() {
    check_against_corpus("uv-tree");
}

#[test]
fn pnpm_locks_have_the_edges_that_pnpm_lists() {
    let differences = Differences {
        own_names: OwnNames::Folder,
        not_asked: &[
            // Nothing in langfuse's lockfile leads there.
            "@aws-sdk/client-kendra@3.1013.0",
            // A runtime, which is no package of npm.
            "node@26.7.0",
            // A folder in a member that the member publishes: here it is the member.
            "packages/api",
            // The first document locks pnpm itself.
            "pnpm@",
            "@pnpm/exe",
        ],
    };
    check_answers("pnpm-list", &differences);
}

#[test]
fn yarn_locks_of_version_1_have_the_edges_that_yarn_lists() {
    check_answers("yarn-list", &NONE);
}

#[test]
fn later_yarn_locks_have_the_edges_that_yarn_tells() {
    let differences = Differences {
        own_names: OwnNames::BareName,
        // Asked for by ranges that babel's .yarnrc.yml and its resolutions turn into others; neither is in the corpus.
        not_asked: &[
            "@jridgewell/trace-mapping@0.3.31",
            "@jridgewell/gen-mapping@0.4.0-beta.0",
            "@jridgewell/sourcemap-codec@1.6.0-beta.0",
            "terser@5.46.2",
            "terser@4.8.1",
        ],
    };
    check_answers("yarn-info", &differences);
}

#[test]
fn bun_locks_have_the_edges_that_bun_tells() {
    let differences = Differences {
        own_names: OwnNames::BareName,
        ..NONE
    };
    check_answers("bun-why", &differences);
}

#[test]
fn poetry_locks_have_the_edges_that_poetry_reads() {
    let differences = Differences {
        own_names: OwnNames::BareName,
        ..NONE
    };
    check_answers("poetry-locker", &differences);
}

#[test]
fn pdm_locks_have_the_edges_that_pdm_reads() {
    let differences = Differences {
        own_names: OwnNames::BareName,
        ..NONE
    };
    check_answers("pdm-repository", &differences);
}

/// `cargo metadata` also tells what each dependency is for, which here only the manifests say.
#[test]
fn a_cargo_lock_has_the_edges_and_kinds_of_cargo_metadata() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let texts = files_below(&demo);
    let files = MapFiles::new(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let text = &texts
        .iter()
        .find(|(name, _)| name == "checkout/Cargo.lock")
        .expect("the demonstration's lockfile")
        .1;
    let source = source("checkout/Cargo.lock", text);
    let lockfiles = [read(&source, &files).expect("a readable lockfile")];
    let graph = unify(&lockfiles);
    let answer = answers("cargo-metadata").pop().expect("one answer");
    check(&answer, &graph);
    let index = |name: &str| {
        answer
            .packages
            .iter()
            .position(|package| package == name)
            .expect("a package of the answer")
    };
    for (from, to, edge) in graph
        .edges()
        .filter(|(from, _, _)| graph.is_start(*from) && *from != graph.lockfiles()[0].root)
    {
        let key = format!(
            "{}>{}",
            index(&name(&graph, from)),
            index(&name(&graph, to))
        );
        let widest = answer.kinds[&key]
            .split('+')
            .next()
            .expect("a kind")
            .to_owned();
        assert_eq!(
            edge.kind.id(),
            widest,
            "{} -> {}",
            name(&graph, from),
            name(&graph, to)
        );
    }
}

#[test]
fn cargo_locks_have_the_edges_that_the_cargo_lock_crate_resolves() {
    let Some(folder) = shared::folder("corpus") else {
        return;
    };
    for file in [
        "denoland__deno",
        "apache__opendal/core",
        "lancedb__lancedb",
        "astral-sh__ruff",
        "chroma-core__chroma",
    ] {
        let text =
            std::fs::read_to_string(folder.join(file).join("Cargo.lock")).expect("a lockfile");
        let source = source("Cargo.lock", &text);
        let lockfiles = [read(&source, &MapFiles::default()).expect("a readable lockfile")];
        let graph = unify(&lockfiles);
        let found: Edges = graph
            .edges()
            .filter(|(from, _, _)| *from != graph.lockfiles()[0].root)
            .map(|(from, to, _)| (name(&graph, from), name(&graph, to)))
            .collect();
        let tree = text
            .parse::<cargo_lock::Lockfile>()
            .expect("a lockfile")
            .dependency_tree()
            .expect("a tree");
        let tree = tree.graph();
        let package = |index: cargo_lock::dependency::graph::NodeIndex| {
            format!("{}@{}", tree[index].name, tree[index].version)
        };
        let expected: Edges = tree
            .edge_indices()
            .filter_map(|edge| tree.edge_endpoints(edge))
            .map(|(from, to)| (package(from), package(to)))
            .collect();
        assert_eq!(found, expected, "{file}");
    }
}
