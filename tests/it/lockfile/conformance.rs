//! Other projects' own test cases: the packages and edges that their tests state.
//!
//! The rules of comparison are those of the data's README: roots and members count with and without, `PyPI`
//! names are normalised, expectations marked as quirks are not followed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, NodeId, unify};
use linchpin::lockfile::{DependencyKind, EntryKind, Lockfile, ProblemSeverity};
use linchpin::package::Ecosystem;
use linchpin::package::name::normalise;
use serde::Deserialize;

use crate::support::{files_below, read, read_as, shared, source};

/// Cases that this reader does not follow, and why.
const HELD_TO_BE_WRONG: &[(&str, &str)] = &[
    (
        "deno-lock/syft-deno",
        "it lists packages of JSR and modules from web addresses as packages of npm; here they are counted beside them",
    ),
    (
        "npm-lock/scalibr-both-package-lock",
        "the case is about which of two files is read; the walk decides that, and its tests show it",
    ),
    (
        "npm-lock/arborist-install-types",
        "its list of edges leaves out the root's dependency on a linked folder, which npm's own tree in the same case has",
    ),
    (
        "pnpm-lock/scalibr-empty",
        "a file that holds nothing but comments locks nothing; it is told as empty, as every other format does",
    ),
    (
        "poetry-lock/trivy-poetry-flask",
        "its list leaves out six dependencies of pytest that the lockfile states and holds; trivy's case for version 2 of the same project has them",
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
        (Ok(lockfile), true) if !is_incomplete(case, &lockfile) => {
            Err("read, although it should not be".to_owned())
        }
        (Ok(lockfile), _) => {
            let lockfiles = [lockfile];
            let graph = unify(&lockfiles);
            check_packages(&graph, case)?;
            check_edges(&graph, case)
        }
    }
}

/// An error that leaves the rest of the file in place is one too.
fn is_incomplete(case: &Case, lockfile: &Lockfile<'_>) -> bool {
    let has_rest = case
        .caveats
        .iter()
        .any(|caveat| caveat == "partial-on-error");
    let mut problems = lockfile.problems.iter();
    has_rest && problems.any(|problem| problem.severity == ProblemSeverity::Error)
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
        .filter(|node| graph.entry(**node).kind != EntryKind::Root && !is_importer(graph, **node))
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
    if is_unnamed(graph, node, case) {
        return "@".to_owned();
    }
    let package = graph.package(graph.entry(node).package);
    if case.caveats.iter().any(|caveat| caveat == "names-only") {
        return format!("{}@", package.name.as_str());
    }
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
    let has_caveat = |name: &str| case.caveats.iter().any(|caveat| caveat == name);
    let ends = if has_caveat("edge-ids-with-peers") {
        Ends::Keys
    } else {
        Ends::Packages
    };
    let expected: BTreeSet<String> = edges
        .iter()
        .filter_map(|edge| expected_edge(graph, edge, case, ends))
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
            (has_root || *from != root.root)
                && edge.kind != DependencyKind::Unattached
                && !is_omitted(graph, *from, case)
        })
        .map(|(from, to, edge)| {
            let from = if is_marked && from == root.root {
                "<root>".to_owned()
            } else {
                end(graph, from, case, ends)
            };
            let kind = if has_kinds {
                kind(graph, to, edge.kind)
            } else {
                ""
            };
            format!("{from} -> {} {kind}", end(graph, to, case, ends))
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

/// How a case names the ends of its edges.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// By name and version.
    Packages,
    /// By the keys of the lockfile, peers included.
    Keys,
}

/// Says whether a case leaves out the edges of a package: one for development, or a member that its lockfile only names.
fn is_omitted(graph: &DependencyGraph<'_>, node: NodeId, case: &Case) -> bool {
    let omits_dev = case.caveats.iter().any(|caveat| caveat == "dev-omitted");
    if omits_dev && graph.scope(node) == linchpin::lockfile::Scope::Dev {
        return true;
    }
    is_importer(graph, node)
}

/// Says whether a node is a member that a pnpm lockfile only names; none of these cases lists them.
fn is_importer(graph: &DependencyGraph<'_>, node: NodeId) -> bool {
    let entry = graph.entry(node);
    graph.lockfiles()[0].format.0 == "pnpm-lock"
        && entry.kind == EntryKind::Workspace
        && !entry.record.key.as_str().contains("file:")
}

fn end(graph: &DependencyGraph<'_>, node: NodeId, case: &Case, ends: Ends) -> String {
    match ends {
        Ends::Packages => plain_name(graph, node, case),
        Ends::Keys => graph.entry(node).record.key.as_str().to_owned(),
    }
}

fn expected_edge(
    graph: &DependencyGraph<'_>,
    edge: &ExpectedEdge,
    case: &Case,
    ends: Ends,
) -> Option<String> {
    let end = |id: &str| match id.rsplit_once('@') {
        _ if ends == Ends::Keys => id.to_owned(),
        _ if let Some(package) = package_of_id(case, id) => expected_name(graph, package),
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

/// Returns the package that an edge means by an id that is not its name and version.
fn package_of_id<'c>(case: &'c Case, id: &str) -> Option<&'c ExpectedPackage> {
    let mut packages = case.packages.iter().flatten();
    packages.find(|package| package.commit.is_none() && package.id.as_deref() == Some(id))
}

/// Says whether the case has no name for a package of the project, where the lockfile makes one up.
fn is_unnamed(graph: &DependencyGraph<'_>, node: NodeId, case: &Case) -> bool {
    let entry = graph.entry(node);
    let own = graph.package(entry.package).name.as_str();
    let mut expected = case.packages.iter().flatten();
    case.caveats.iter().any(|caveat| caveat == "unnamed-root")
        && entry.kind != EntryKind::Package
        && expected.all(|package| package.name != own)
}

fn plain_name(graph: &DependencyGraph<'_>, node: NodeId, case: &Case) -> String {
    if is_unnamed(graph, node, case) {
        return "@".to_owned();
    }
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
fn bun_locks_agree() {
    check("bun-lock");
}

#[test]
fn cargo_locks_agree() {
    check("cargo-lock");
}

#[test]
fn deno_locks_agree() {
    check("deno-lock");
}

#[test]
fn package_locks_agree() {
    check("npm-lock");
}

#[test]
fn pnpm_locks_agree() {
    check("pnpm-lock");
}

#[test]
fn uv_locks_agree() {
    check("uv-lock");
}

#[test]
fn yarn_locks_of_version_1_agree() {
    check("yarn-v1");
}

#[test]
fn yarn_locks_of_version_2_and_later_agree() {
    check("yarn-berry");
}

#[test]
fn poetry_locks_agree() {
    check("poetry-lock");
}

#[test]
fn pdm_locks_agree() {
    check("pdm-lock");
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
