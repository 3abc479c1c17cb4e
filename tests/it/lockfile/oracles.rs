//! Edges against other implementations: recorded answers of npm and uv about real lockfiles, and the `cargo-lock` crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, NodeId, unify};
use linchpin::lockfile::DependencyKind;
use linchpin::package::Ecosystem;
use serde::Deserialize;

use crate::support::{files_below, read, shared, source};

/// An answer as `fixtures/oracles/README.md` describes it.
#[derive(Deserialize)]
struct Answer {
    lockfile: String,
    packages: Vec<String>,
    edges: BTreeMap<String, Vec<usize>>,
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
