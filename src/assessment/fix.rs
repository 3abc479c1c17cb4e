//! The one change that takes a finding out.
//!
//! A command is printed only when the lockfile proves that it works: the culprit is direct and the recorded
//! range admits the version, or the package manager has an override that does not ask. Its words are our own
//! or match the registry's grammar, so that no lockfile can write a shell command.

use serde::Serialize;

use crate::graph::{DependencyGraph, NodeId, Package, PackageId, ProjectId};
use crate::lockfile::EntryKind;
use crate::package::{Ecosystem, version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixAction {
    /// Lock another version.
    Update,
    /// Force another version against what dependents ask for.
    Override,
    /// Do without the package.
    Remove,
    /// Write the lockfile anew.
    Relock,
    /// Delete a local copy, so that it is fetched again.
    Refetch,
    /// Lock what is not locked.
    Lock,
    /// Change the source that a manifest names.
    Replace,
}

impl FixAction {
    /// Every kind of change.
    pub const ALL: [Self; 7] = [
        Self::Update,
        Self::Override,
        Self::Remove,
        Self::Relock,
        Self::Refetch,
        Self::Lock,
        Self::Replace,
    ];
}

/// A change, and the command that makes it where one is proven to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What kind of change it is.
    pub action: FixAction,
    /// The command, word by word; empty if none is proven.
    pub argv: Vec<String>,
    /// The folder in which the command runs.
    pub folder: FilePath,
    /// The change in words.
    pub advice: Untrusted<'static>,
    /// How many of the shown project's paths it clears.
    pub clears_paths: Option<u64>,
}

impl Fix {
    /// Makes a fix that is words only.
    pub fn advice(action: FixAction, advice: impl Into<Untrusted<'static>>) -> Self {
        Self {
            action,
            argv: Vec::new(),
            folder: FilePath::default(),
            advice: advice.into(),
            clears_paths: None,
        }
    }

    /// Adds a command and the folder to run it in.
    #[must_use]
    pub fn command(mut self, argv: &[&str], folder: FilePath) -> Self {
        self.argv = argv.iter().map(|word| (*word).to_owned()).collect();
        self.folder = folder;
        self
    }

    /// Returns the command as one would type it.
    pub fn command_line(&self) -> Option<String> {
        let quote = |word: &String| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./@=:+,".contains(&byte);
            if word.bytes().all(is_plain) {
                word.clone()
            } else {
                format!("'{word}'")
            }
        };
        (!self.argv.is_empty()).then(|| self.argv.iter().map(quote).collect::<Vec<_>>().join(" "))
    }
}

/// Returns the change that brings a package from a malicious release to its last good one.
pub fn back_to(graph: &DependencyGraph, culprit: PackageId, good: &'static str) -> Fix {
    let package = graph.package(culprit);
    let Some(project) = graph.projects_of(culprit).first().copied() else {
        return Fix::advice(
            FixAction::Update,
            format!("the last good release is {good}"),
        );
    };
    let folder = graph.project(project).folder.clone();
    let name = package.name.as_str();
    let clear = package.name.check(package.ecosystem).is_ok();
    let fix = match (package.ecosystem, asking(graph, culprit, project)) {
        (_, _) if !clear => None,
        (Ecosystem::Npm, Asking::RootOnly) => Some(npm_install(name, good, folder)),
        (Ecosystem::Npm, _) => Some(npm_override(name, good)),
        (Ecosystem::Pypi, Asking::RootOnly | Asking::Members)
            if ranges_admit(graph, culprit, project, good) =>
        {
            Some(uv_upgrade(name, good, folder))
        }
        (Ecosystem::Pypi, _) => Some(uv_override(name, good)),
        (Ecosystem::Cargo, Asking::RootOnly | Asking::Members)
            if ranges_admit(graph, culprit, project, good) =>
        {
            Some(cargo_update(name, package, good, folder))
        }
        (Ecosystem::Cargo, _) => None,
    };
    fix.unwrap_or_else(|| Fix::advice(FixAction::Update, format!("the last good release is {good}; no proven update, because the lockfile does not record every range on the path")))
}

/// Who asks for a package in a project.
enum Asking {
    /// Only the package at the project's root.
    RootOnly,
    /// Only packages of the project.
    Members,
    /// Packages from elsewhere too.
    Others,
}

fn asking(graph: &DependencyGraph, culprit: PackageId, project: ProjectId) -> Asking {
    let mut dependents =
        asking_nodes(graph, culprit, project).map(|(from, _)| graph.entry(from).kind);
    if dependents.clone().any(|kind| kind == EntryKind::Package) {
        Asking::Others
    } else if dependents.all(|kind| kind == EntryKind::Root) {
        Asking::RootOnly
    } else {
        Asking::Members
    }
}

fn asking_nodes(
    graph: &DependencyGraph,
    culprit: PackageId,
    project: ProjectId,
) -> impl Iterator<Item = (NodeId, NodeId)> + Clone {
    let edges: Vec<(NodeId, NodeId)> = graph
        .entries_in(culprit, project)
        .flat_map(|node| graph.dependents(node).map(move |(from, _)| (from, node)))
        .collect();
    edges.into_iter()
}

/// Says whether every range on record admits a version; an edge without one does not.
fn ranges_admit(
    graph: &DependencyGraph,
    culprit: PackageId,
    project: ProjectId,
    good: &str,
) -> bool {
    let ecosystem = graph.package(culprit).ecosystem;
    asking_nodes(graph, culprit, project).all(|(from, to)| {
        let range = graph
            .edge_between(from, to)
            .and_then(|edge| graph.requirement(edge));
        range.is_some_and(|range| version::admits(ecosystem, range.as_str(), good) == Some(true))
    })
}

fn npm_install(name: &str, good: &str, folder: FilePath) -> Fix {
    let release = format!("{name}@{good}");
    Fix::advice(
        FixAction::Update,
        format!("back to {good}, the last good release"),
    )
    .command(&["npm", "install", "--save-exact", &release], folder)
}

fn npm_override(name: &str, good: &str) -> Fix {
    let advice = format!(
        "in package.json: \"overrides\": {{ \"{name}\": \"{good}\" }}, then npm install ({good} is the last good release)"
    );
    Fix::advice(FixAction::Override, advice)
}

fn uv_upgrade(name: &str, good: &str, folder: FilePath) -> Fix {
    let release = format!("{name}=={good}");
    Fix::advice(
        FixAction::Update,
        format!("back to {good}, the last good release, inside your range"),
    )
    .command(&["uv", "lock", "--upgrade-package", &release], folder)
}

fn uv_override(name: &str, good: &str) -> Fix {
    let advice = format!(
        "in pyproject.toml: [tool.uv] override-dependencies = [\"{name}=={good}\"], then uv lock ({good} is the last good release)"
    );
    Fix::advice(FixAction::Override, advice)
}

fn cargo_update(name: &str, package: &Package, good: &str, folder: FilePath) -> Fix {
    let current = package
        .version
        .as_ref()
        .map_or("", |version| version.as_str());
    let is_plain = semver::Version::parse(current).is_ok();
    let specifier = if is_plain {
        format!("{name}@{current}")
    } else {
        name.to_owned()
    };
    Fix::advice(
        FixAction::Update,
        format!("back to {good}, the last good release, inside your range"),
    )
    .command(&["cargo", "update", &specifier, "--precise", good], folder)
}
