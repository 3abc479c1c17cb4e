//! Other projects' own test cases: the packages and edges that their tests state.
//!
//! The rules of comparison are those of the data's README: roots and members count with and without, `PyPI`
//! names are normalised, expectations marked as quirks are not followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, NodeId, unify};
use linchpin::lockfile::{DependencyKind, EntryKind};
use linchpin::package::Ecosystem;
use linchpin::package::name::normalise;
use serde::Deserialize;

use crate::support::{files_below, read, read_as, shared, source};

/// Cases that this reader does not follow, and why.
const HELD_TO_BE_WRONG: &[(&str, &str)] = &[
    (
        "npm-lock/scalibr-both-package-lock",
        "the case is about which of two files is read; the walk decides that, and its tests show it",
    ),
    (
        "npm-lock/arborist-install-types",
        "its list of edges leaves out the root's dependency on a linked folder, which npm's own tree in the same case has",
    ),
    (
        "requirements-txt/trivy-requirements-utf16le",
        "UTF-16 is refused by its name, before a format sees the file",
    ),
    (
        "pylock-toml/trivy-pylock",
        "the lockfile has ham 3.0.0 twice, for two platforms, each with another spam; the list of edges has one of them",
    ),
];

#[derive(Deserialize)]
struct Case {
    id: String,
    format: String,
    lockfile: String,
    agreement: String,
    #[serde(default)]
    caveats: Vec<String>,
    expect_error: bool,
    packages: Option<Vec<ExpectedPackage>>,
    package_count: Option<usize>,
    edges: Option<Vec<ExpectedEdge>>,
}

#[derive(Deserialize)]
struct ExpectedPackage {
    name: String,
    version: Option<String>,
    commit: Option<String>,
    id: Option<String>,
    relationship: Option<String>,
}

#[derive(Deserialize)]
struct ExpectedEdge {
    from: String,
    to: Option<String>,
    kind: Option<String>,
}

fn cases(format: &str) -> Vec<(PathBuf, Case)> {
    let Some(folder) = shared::folder("conformance") else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder.join(format))
        .expect("a format's cases")
        .map(|entry| entry.expect("a case").path())
        .collect();
    folders.sort();
    folders
        .into_iter()
        .map(|folder| {
            let text =
                std::fs::read_to_string(folder.join("expected.json")).expect("an expectation");
            (
                folder,
                serde_json::from_str(&text).expect("an expectation of the known form"),
            )
        })
        .collect()
}

fn check(format: &str) {
    let mut failures = Vec::new();
    for (folder, case) in cases(format) {
        if case.agreement == "quirk" || HELD_TO_BE_WRONG.iter().any(|(id, _)| *id == case.id) {
            continue;
        }
        if let Err(difference) = check_case(&folder, &case) {
            failures.push(format!("{}: {difference}", case.id));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check_case(folder: &Path, case: &Case) -> Result<(), String> {
    let texts = files_below(folder);
    let files = MapFiles::new(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let text = &texts
        .iter()
        .find(|(name, _)| *name == case.lockfile)
        .ok_or("no lockfile")?
        .1;
    let file = source(&case.lockfile, text);
    // Requirements files keep their names, because includes refer to them.
    let read = match case.format.as_str() {
        "requirements-txt" => read_as(&case.format, &file, &files),
        _ => read(&file, &files),
    };
    match (read, case.expect_error) {
        (Err(_), true) => Ok(()),
        (Err(problem), false) => Err(format!("not read: {}", problem.message.as_str())),
        (Ok(_), true) => Err("read, although it should not be".to_owned()),
        (Ok(lockfile), false) => {
            let lockfiles = [lockfile];
            let graph = unify(&lockfiles);
            check_packages(&graph, case)?;
            check_edges(&graph, case)
        }
    }
}

fn check_packages(graph: &DependencyGraph<'_>, case: &Case) -> Result<(), String> {
    if let Some(expected) = case.package_count {
        let found = graph
            .packages()
            .filter(|(_, package)| package.kind == EntryKind::Package)
            .count();
        let all = graph.packages().count();
        return if expected == found || expected == all || expected == all - 1 {
            Ok(())
        } else {
            Err(format!("{found} or {all} packages, not {expected}"))
        };
    }
    let Some(expected) = &case.packages else {
        return Ok(());
    };
    let dev_omitted = case.caveats.iter().any(|caveat| caveat == "dev-omitted");
    let expected: BTreeSet<String> = expected
        .iter()
        .map(|package| expected_name(graph, package))
        .collect();
    let unpinned_omitted = case
        .caveats
        .iter()
        .any(|caveat| caveat == "unpinned-omitted");
    let is_shown = |node: &NodeId| {
        let is_pinned = graph.package(graph.entry(*node).package).version.is_some();
        (!dev_omitted || graph.scope(*node) != linchpin::lockfile::Scope::Dev)
            && (!unpinned_omitted || is_pinned)
    };
    let nodes: Vec<NodeId> = graph.nodes().filter(is_shown).collect();
    let without_first_party: BTreeSet<String> = nodes
        .iter()
        .filter(|node| graph.entry(**node).kind == EntryKind::Package)
        .map(|node| name(graph, *node, case))
        .collect();
    let without_root: BTreeSet<String> = nodes
        .iter()
        .filter(|node| graph.entry(**node).kind != EntryKind::Root)
        .map(|node| name(graph, *node, case))
        .collect();
    let with_root: BTreeSet<String> = nodes.iter().map(|node| name(graph, *node, case)).collect();
    if [&without_first_party, &without_root, &with_root].contains(&&expected) {
        return Ok(());
    }
    Err(format!(
        "packages: missing {:?}, unexpected {:?}",
        expected.difference(&with_root).collect::<Vec<_>>(),
        without_root.difference(&expected).collect::<Vec<_>>()
    ))
}

fn expected_name(graph: &DependencyGraph<'_>, package: &ExpectedPackage) -> String {
    let _ = package.id.as_ref();
    let name = normalised(graph, &package.name);
    match &package.commit {
        Some(commit) if !commit.is_empty() => format!(
            "{name}@{}#{commit}",
            package.version.as_deref().unwrap_or_default()
        ),
        _ => format!("{name}@{}", package.version.as_deref().unwrap_or_default()),
    }
}

fn normalised(graph: &DependencyGraph<'_>, name: &str) -> String {
    match graph.lockfiles()[0].ecosystem {
        Ecosystem::Pypi => normalise(name).into_owned(),
        _ => name.to_owned(),
    }
}

fn name(graph: &DependencyGraph<'_>, node: NodeId, case: &Case) -> String {
    let package = graph.package(graph.entry(node).package);
    let version = package
        .version
        .as_ref()
        .map_or("", |version| version.as_str());
    let has_commits = case.packages.iter().flatten().any(|package| {
        package
            .commit
            .as_ref()
            .is_some_and(|commit| !commit.is_empty())
    });
    if let linchpin::package::Source::Git {
        commit: Some(commit),
        ..
    } = &package.source
        && has_commits
    {
        let version = if case
            .caveats
            .iter()
            .any(|caveat| caveat == "unversioned-vcs")
        {
            ""
        } else {
            version
        };
        return format!("{}@{version}#{}", package.name.as_str(), commit.as_str());
    }
    format!("{}@{version}", package.name.as_str())
}

fn check_edges(graph: &DependencyGraph<'_>, case: &Case) -> Result<(), String> {
    let Some(edges) = &case.edges else {
        return Ok(());
    };
    let expected: BTreeSet<String> = edges
        .iter()
        .filter_map(|edge| expected_edge(graph, edge))
        .collect();
    let has_kinds = edges.iter().any(|edge| edge.kind.is_some());
    let root = &graph.lockfiles()[0];
    let is_marked = edges.iter().any(|edge| edge.from == "<root>");
    // A root without a version is nobody else than the lockfile's own.
    let lists_root = case.packages.iter().flatten().any(|package| {
        let has_version = package
            .version
            .as_ref()
            .is_some_and(|text| !text.is_empty());
        package.relationship.as_deref() == Some("root") && !has_version
    });
    let has_root =
        is_marked || lists_root || case.caveats.iter().any(|caveat| caveat == "root-included");
    let found: BTreeSet<String> = graph
        .edges()
        .filter(|(from, _, edge)| {
            (has_root || *from != root.root) && edge.kind != DependencyKind::Unattached
        })
        .map(|(from, to, edge)| {
            let from = if is_marked && from == root.root {
                "<root>".to_owned()
            } else {
                plain_name(graph, from)
            };
            let kind = if has_kinds {
                kind(graph, to, edge.kind)
            } else {
                ""
            };
            format!("{from} -> {} {kind}", plain_name(graph, to))
        })
        .collect();
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "edges: missing {:?}, unexpected {:?}",
        expected.difference(&found).collect::<Vec<_>>(),
        found.difference(&expected).collect::<Vec<_>>()
    ))
}

fn expected_edge(graph: &DependencyGraph<'_>, edge: &ExpectedEdge) -> Option<String> {
    let end = |id: &str| match id.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => {
            format!("{}@{version}", normalised(graph, name))
        }
        _ if id.starts_with('<') => id.to_owned(),
        _ => format!("{id}@"),
    };
    let kind = match edge.kind.as_deref() {
        Some("workspace") => "normal",
        Some("peer-optional" | "peerOptional") => "peer",
        Some(kind) => kind,
        None => "",
    };
    Some(format!(
        "{} -> {} {kind}",
        end(&edge.from),
        end(edge.to.as_ref()?)
    ))
}

fn plain_name(graph: &DependencyGraph<'_>, node: NodeId) -> String {
    let package = graph.package(graph.entry(node).package);
    format!(
        "{}@{}",
        package.name.as_str(),
        package
            .version
            .as_ref()
            .map_or("", |version| version.as_str())
    )
}

fn kind(_graph: &DependencyGraph<'_>, _to: NodeId, kind: DependencyKind) -> &'static str {
    kind.id()
}

#[test]
fn cargo_locks_agree() {
    check("cargo-lock");
}

#[test]
fn package_locks_agree() {
    check("npm-lock");
}

#[test]
fn uv_locks_agree() {
    check("uv-lock");
}

#[test]
fn pipfile_locks_agree() {
    check("pipfile-lock");
}

#[test]
fn pylocks_agree() {
    check("pylock-toml");
}

#[test]
fn requirements_agree() {
    check("requirements-txt");
}
