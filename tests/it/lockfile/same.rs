//! One project locked by every tool at one moment (`fixtures/same`): the same packages, the same risky paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, PackageId, unify};
use linchpin::lockfile::EntryKind;

use crate::support::{files_below, read, source};

fn folder(project: &str, tool: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/same")
        .join(project)
        .join(tool)
}

/// What a reader is told about a project.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    /// Every package, as `name@version`.
    packages: BTreeSet<String>,
    /// The shown path to each culprit, without the project's own name.
    paths: BTreeMap<String, Vec<String>>,
    /// The widest scope of each culprit.
    scopes: BTreeMap<String, &'static str>,
}

fn told(project: &str, tool: &str, lockfiles: &[&str], culprits: &[&str]) -> Told {
    let texts = files_below(&folder(project, tool));
    let pairs = texts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    let files = MapFiles::new(pairs);
    let text = |name: &str| {
        let found = texts.iter().find(|(found, _)| found == name);
        &found.unwrap_or_else(|| panic!("{tool} has a {name}")).1
    };
    let sources: Vec<_> = lockfiles
        .iter()
        .map(|name| source(name, text(name)))
        .collect();
    let lockfiles: Vec<_> = sources
        .iter()
        .map(|source| read(source, &files).expect("a readable lockfile"))
        .collect();
    for lockfile in &lockfiles {
        let problems = &lockfile.problems;
        assert!(
            problems
                .iter()
                .all(|problem| problem.severity > linchpin::lockfile::ProblemSeverity::Warning),
            "{tool}: {problems:#?}"
        );
    }
    tell(&unify(&lockfiles), culprits)
}

fn tell(graph: &DependencyGraph<'_>, culprits: &[&str]) -> Told {
    let mut told = Told::default();
    for (id, package) in graph
        .packages()
        .filter(|(_, package)| package.kind == EntryKind::Package)
    {
        let name = name(graph, id);
        assert!(
            package.source.is_public(),
            "{name} is of the public registry"
        );
        if culprits.contains(&name.as_str()) {
            let project = graph.projects_of(id)[0];
            let path = graph.shortest_path(id, project);
            let path = path
                .iter()
                .skip(1)
                .map(|node| self::name(graph, graph.entry(*node).package));
            told.paths.insert(name.clone(), path.collect());
            let scope = graph
                .scope_in(id, project)
                .expect("a package of the project");
            told.scopes.insert(name.clone(), scope.id());
        }
        told.packages.insert(name);
    }
    told
}

fn name(graph: &DependencyGraph<'_>, id: PackageId) -> String {
    let package = graph.package(id);
    let version = package
        .version
        .as_ref()
        .map_or("", |version| version.as_str());
    format!("{}@{version}", package.name.as_str())
}

/// Direct and transitive, optional and for development, behind an alias and in two versions.
const NPM_CULPRITS: [&str; 8] = [
    "minimist@0.0.8",
    "axios@0.21.1",
    "follow-redirects@1.16.3",
    "ws@7.4.5",
    "string-width@4.2.3",
    "ms@2.0.0",
    "cross-spawn@7.0.6",
    "js-tokens@4.0.0",
];

#[test]
fn an_npm_project_is_the_same_whichever_tool_locked_it() {
    let of = |tool, lockfile| told("npm-project", tool, &[lockfile], &NPM_CULPRITS);
    let expected = of("npm", "package-lock.json");
    assert_eq!(expected.packages.len(), 141);
    assert_eq!(
        expected.paths.len(),
        NPM_CULPRITS.len(),
        "{:?}",
        expected.paths
    );
    for (tool, lockfile) in [
        ("pnpm", "pnpm-lock.yaml"),
        ("yarn-classic", "yarn.lock"),
        ("yarn-berry", "yarn.lock"),
        ("bun", "bun.lock"),
    ] {
        assert_eq!(of(tool, lockfile), expected, "{tool}");
    }
}

/// Direct and transitive, of an extra, of a group, behind the extra of a requirement.
const PYTHON_CULPRITS: [&str; 6] = [
    "jinja2@2.11.2",
    "urllib3@1.26.4",
    "pyyaml@5.3",
    "redis@4.5.1",
    "pysocks@1.7.1",
    "pluggy@1.7.0",
];

#[test]
fn a_python_project_is_the_same_whichever_tool_locked_it() {
    let of = |tool, lockfiles: &[&str]| told("python-project", tool, lockfiles, &PYTHON_CULPRITS);
    let expected = of("uv", &["uv.lock"]);
    assert_eq!(expected.packages.len(), 34);
    assert_eq!(
        expected.paths.len(),
        PYTHON_CULPRITS.len(),
        "{:?}",
        expected.paths
    );
    for (tool, lockfile) in [("poetry", "poetry.lock"), ("pdm", "pdm.lock")] {
        assert_eq!(of(tool, &[lockfile]), expected, "{tool}");
    }
    // Lockfiles that know no groups, or no edges, have the same packages.
    for (tool, lockfile) in [
        ("uv-pip-compile", "requirements.txt"),
        ("pylock", "pylock.toml"),
        ("pipenv", "Pipfile.lock"),
    ] {
        assert_eq!(of(tool, &[lockfile]).packages, expected.packages, "{tool}");
    }
    let mut one_platform = expected.packages.clone();
    assert!(
        one_platform.remove("colorama@0.4.6"),
        "a package for Windows only"
    );
    let compiled = of("pip-compile", &["requirements.txt", "requirements-dev.txt"]);
    assert_eq!(compiled.packages, one_platform);
    for culprit in ["jinja2@2.11.2", "urllib3@1.26.4", "pysocks@1.7.1"] {
        assert_eq!(
            compiled.paths[culprit], expected.paths[culprit],
            "{culprit}"
        );
    }
}
