//! Packages as components.

use std::collections::BTreeSet;

use serde::Serialize;

use super::artifact::{Artifacts, ExternalReference, Hash};
use super::bom_ref::BomRefs;
use super::{Property, no_items};
use crate::graph::{DependencyGraph, Package, PackageId};
use crate::lockfile::{EntryKind, Scope};
use crate::package::{Purl, Source};
use crate::path::FilePath;
use crate::report::Purls;
use crate::text::Untrusted;

/// The longest version that the format takes, in characters.
const LONGEST_VERSION: usize = 1_024;

/// A component.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Component<'r> {
    #[serde(rename = "type")]
    kind: ComponentKind,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Untrusted<'r>>,
    name: Untrusted<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Untrusted<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<ComponentScope>,
    #[serde(skip_serializing_if = "no_items")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'r Purl>,
    #[serde(skip_serializing_if = "no_items")]
    external_references: Vec<ExternalReference>,
    #[serde(skip_serializing_if = "no_items")]
    properties: Vec<Property<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ComponentKind {
    /// What the project itself is, or a part of it.
    Application,
    /// What it takes from elsewhere.
    Library,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ComponentScope {
    Required,
    Optional,
    Excluded,
}

impl From<Scope> for ComponentScope {
    /// What only builds is required too: without it there is nothing to run.
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Prod | Scope::Build => Self::Required,
            Scope::Optional => Self::Optional,
            Scope::Dev => Self::Excluded,
        }
    }
}

/// The component that the bill of materials describes.
pub(super) enum Root {
    /// The root of the one lockfile.
    Lockfile(PackageId),
    /// One of our own above the roots of several lockfiles, named after the folder that holds them.
    MadeUp(FilePath),
}

/// The name by which the bill of materials refers to a root of our own; package URLs begin otherwise.
const MADE_UP: &str = "linchpin:root";

impl Root {
    /// Finds the root of a graph.
    pub(super) fn new(graph: &DependencyGraph<'_>) -> Self {
        match graph.lockfiles() {
            [only] => Self::Lockfile(graph.entry(only.root).package),
            _ => Self::MadeUp(shared_folder(graph)),
        }
    }

    /// Says whether a package is the root.
    pub(super) fn is(&self, id: PackageId) -> bool {
        matches!(self, Self::Lockfile(root) if *root == id)
    }

    /// Returns the name of a root of our own.
    pub(super) fn made_up(&self) -> Option<&'static str> {
        matches!(self, Self::MadeUp(_)).then_some(MADE_UP)
    }

    /// Returns the name of the root.
    pub(super) fn bom_ref<'r>(&self, refs: &'r BomRefs) -> &'r str {
        match self {
            Self::Lockfile(id) => refs.of(*id),
            Self::MadeUp(_) => MADE_UP,
        }
    }

    /// Writes the root.
    pub(super) fn component<'r>(
        &self,
        graph: &'r DependencyGraph<'r>,
        purls: &'r Purls<'r>,
        refs: &'r BomRefs,
    ) -> Component<'r> {
        match self {
            Self::Lockfile(id) => Component::of(graph, purls, refs, *id),
            Self::MadeUp(folder) => Component {
                bom_ref: Some(MADE_UP),
                ..Component::application(folder.untrusted().into_owned())
            },
        }
    }
}

/// Returns the folder that holds all lockfiles.
fn shared_folder(graph: &DependencyGraph<'_>) -> FilePath {
    let mut folders = graph.projects().map(|(_, project)| &project.folder);
    let mut shared = folders.next().cloned().unwrap_or_default();
    for folder in folders {
        while !folder.is_within(&shared) {
            shared = shared.parent();
        }
    }
    shared
}

/// Lists every package but the root, sorted by the names by which they are referred to.
pub(super) fn components<'r>(
    graph: &'r DependencyGraph<'r>,
    purls: &'r Purls<'r>,
    refs: &'r BomRefs,
    root: &Root,
) -> Vec<Component<'r>> {
    let listed = graph.packages().filter(|(id, _)| !root.is(*id));
    let mut components: Vec<Component<'r>> = listed
        .map(|(id, _)| Component::of(graph, purls, refs, id))
        .collect();
    components.sort_unstable_by_key(|component| component.bom_ref);
    components
}

impl<'r> Component<'r> {
    /// Writes this program.
    pub(super) fn tool() -> Self {
        Self {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            ..Self::application(env!("CARGO_PKG_NAME").into())
        }
    }

    const fn application(name: Untrusted<'r>) -> Self {
        Self {
            kind: ComponentKind::Application,
            bom_ref: None,
            group: None,
            name,
            version: None,
            scope: None,
            hashes: Vec::new(),
            purl: None,
            external_references: Vec::new(),
            properties: Vec::new(),
        }
    }

    fn of(
        graph: &'r DependencyGraph<'r>,
        purls: &'r Purls<'r>,
        refs: &'r BomRefs,
        id: PackageId,
    ) -> Self {
        let package = graph.package(id);
        let artifacts = Artifacts::of(graph, package);
        let (group, name) = group_and_name(package);
        let (version, too_long) = version(package);
        let scope = scope(graph, package);
        let unplaced = artifacts.unplaced.into_iter();
        let unplaced = unplaced.map(|digest| Property::new("linchpin:digest", digest.to_string()));
        let too_long = too_long.map(|version| Property::new("linchpin:version", version));
        Self {
            kind: match package.kind {
                EntryKind::Root | EntryKind::Workspace => ComponentKind::Application,
                EntryKind::Package => ComponentKind::Library,
            },
            bom_ref: Some(refs.of(id)),
            group,
            version,
            scope: scope.map(ComponentScope::from),
            hashes: artifacts.hashes,
            // A lockfile's root stands for the file; a URL would make it the package of that name.
            purl: (package.kind != EntryKind::Root).then(|| purls.of(id)),
            external_references: artifacts.references,
            properties: properties(graph, package)
                .chain(too_long)
                .chain(unplaced)
                .collect(),
            ..Self::application(name)
        }
    }
}

/// Splits the scope off a name of npm; a project without a name is `.`, as elsewhere.
fn group_and_name<'r>(package: &'r Package<'r>) -> (Option<Untrusted<'r>>, Untrusted<'r>) {
    let whole = package.name.untrusted();
    let parts = package
        .name
        .scope()
        .and_then(|_| whole.as_str().split_once('/'));
    match parts {
        Some((group, name)) => (Some(group.into()), name.into()),
        None if whole.as_str().is_empty() => (None, ".".into()),
        None => (None, whole.reborrow()),
    }
}

/// Returns the version, in the second place if it is longer than the format takes.
fn version<'r>(package: &'r Package<'r>) -> (Option<Untrusted<'r>>, Option<Untrusted<'r>>) {
    let Some(version) = &package.version else {
        return (None, None);
    };
    let is_short = version.as_str().chars().count() <= LONGEST_VERSION;
    let version = version.untrusted().reborrow();
    if is_short {
        (Some(version), None)
    } else {
        (None, Some(version))
    }
}

/// Returns the widest scope of the entries; none for a lockfile's root, which everything is in.
fn scope(graph: &DependencyGraph<'_>, package: &Package<'_>) -> Option<Scope> {
    let scopes = package.entries.iter().map(|node| graph.scope(*node));
    scopes.min().filter(|_| package.kind != EntryKind::Root)
}

/// What the format has no field for.
fn properties<'r>(
    graph: &'r DependencyGraph<'r>,
    package: &'r Package<'r>,
) -> impl Iterator<Item = Property<'r>> {
    let scope = scope(graph, package);
    let scope = scope.map(|scope| Property::new("linchpin:scope", scope.id()));
    let source = Property::new("linchpin:source", package.source.kind());
    let commit = match &package.source {
        Source::Git { commit, .. } => commit.as_ref(),
        _ => None,
    };
    let commit = commit.map(|commit| Property::new("linchpin:commit", commit.reborrow()));
    let entries = package.entries.iter().map(|node| graph.entry(*node));
    let lockfiles: BTreeSet<_> = entries.map(|entry| entry.lockfile).collect();
    let lockfiles = lockfiles.into_iter().map(|id| graph.lockfile(id));
    let lockfiles: Vec<_> = lockfiles.collect();
    let formats = lockfiles.iter().map(|lockfile| lockfile.format.0);
    let formats: BTreeSet<&str> = formats.collect();
    let lockfiles = lockfiles.into_iter();
    let lockfiles =
        lockfiles.map(|lockfile| Property::new("linchpin:lockfile", lockfile.path.untrusted()));
    let formats = formats.into_iter();
    scope
        .into_iter()
        .chain([source])
        .chain(commit)
        .chain(lockfiles)
        .chain(formats.map(|format| Property::new("linchpin:format", format)))
}
