//! Two graphs of one tree, before and after a change: what the change brings, project by project. Pure.
//!
//! Compared are sets of packages, and of edges from package to package, never entries: hoisting moves these
//! without changing anything. `projects` says which folder of the one graph is which of the other, `pins` what
//! became of the digests of a release that stayed, `links` which dependencies are new between packages that did.

mod links;
mod pins;
mod projects;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde::Serialize;

pub use pins::PinChange;

use super::{DependencyGraph, NodeId, Package, PackageId, ProjectId};
use crate::lockfile::EntryKind;
use crate::package::{Ecosystem, Source, Version};
use links::Links;

/// What differs between two graphs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// One for each project of either graph, by the folder that it has after the change, else before it.
    pub projects: Vec<ProjectChange>,
}

/// What differs in one project. Ids are those of the graph before or after the change, as each field says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// The project before; none if it is new.
    pub before: Option<ProjectId>,
    /// The project after; none if it is gone.
    pub after: Option<ProjectId>,
    /// Names whose releases differ, sorted by ecosystem and name.
    pub packages: Vec<PackageChange>,
    /// Releases that stayed in name and version and come from elsewhere, or are pinned otherwise.
    pub altered: Vec<Alteration>,
    /// Dependencies, after the change, between packages that were there before: who asks, and for which.
    pub links: Vec<(PackageId, PackageId)>,
}

impl ProjectChange {
    /// Says whether anything differs.
    pub const fn differs(&self) -> bool {
        let is_the_same =
            self.packages.is_empty() && self.altered.is_empty() && self.links.is_empty();
        !is_the_same || self.before.is_some() != self.after.is_some()
    }
}

/// The releases of one name that left, and those that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageChange {
    /// Those that left, by id before the change.
    pub before: Vec<PackageId>,
    /// Those that came, by id after the change.
    pub after: Vec<PackageId>,
    /// Another project that lost the very releases that came, by id before the change.
    pub moved_from: Option<ProjectId>,
}

/// How the releases of one name differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// There was none, or fewer.
    Added,
    /// There is none any more, or fewer.
    Removed,
    /// Others took their place.
    Changed,
    /// They were in another project, which lost them.
    Moved,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Added, Self::Removed, Self::Changed, Self::Moved];
}

impl Altered {
    /// Everything that can become of one.
    pub const ALL: [Self; 4] = [
        Self::Source,
        Self::Pin(PinChange::Replaced),
        Self::Pin(PinChange::Dropped),
        Self::Pin(PinChange::Weakened),
    ];

    /// Returns the id that reports use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Source => "source-changed",
            Self::Pin(PinChange::Replaced) => "hash-changed",
            Self::Pin(PinChange::Dropped) => "hash-dropped",
            Self::Pin(PinChange::Weakened) => "hash-weakened",
        }
    }
}

impl PackageChange {
    /// Says how the releases differ.
    pub const fn kind(&self) -> ChangeKind {
        match (self.before.is_empty(), self.after.is_empty()) {
            _ if self.moved_from.is_some() => ChangeKind::Moved,
            (true, _) => ChangeKind::Added,
            (false, true) => ChangeKind::Removed,
            (false, false) => ChangeKind::Changed,
        }
    }
}

/// A release that is no longer what it was, though its name and version are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alteration {
    /// Before the change.
    pub before: PackageId,
    /// After the change.
    pub after: PackageId,
    /// What became of it.
    pub what: Altered,
}

/// What can become of a release at the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Altered {
    /// It comes from elsewhere.
    Source,
    /// Its digests differ.
    Pin(PinChange),
}

/// Compares two graphs. O(entries + dependencies) of both, sorting and hashing apart.
pub fn compare(before: &DependencyGraph<'_>, after: &DependencyGraph<'_>) -> Comparison {
    let sides = Sides {
        before: Side::new(before),
        after: Side::new(after),
    };
    let pairs = projects::pair(&sides.before, &sides.after);
    let mut projects: Vec<ProjectChange> = pairs
        .into_iter()
        .map(|(before, after)| sides.compare(before, after))
        .collect();
    sides.find_moves(&mut projects);
    Comparison { projects }
}

/// What names a package in both graphs.
type Name<'g> = (Ecosystem, &'g str);

/// What tells a release from others of its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Release<'g> {
    version: Option<&'g str>,
    source: &'g Source<'g>,
}

/// The packages of one project, its own aside.
type Contents<'g> = BTreeMap<Name<'g>, BTreeMap<Release<'g>, PackageId>>;

/// A graph, and what each of its projects holds.
struct Side<'g> {
    graph: &'g DependencyGraph<'g>,
    contents: Vec<Contents<'g>>,
}

struct Sides<'g> {
    before: Side<'g>,
    after: Side<'g>,
}

impl<'g> Side<'g> {
    fn new(graph: &'g DependencyGraph<'g>) -> Self {
        let contents = graph.projects().map(|(id, _)| contents(graph, id));
        Self {
            graph,
            contents: contents.collect(),
        }
    }

    fn contents(&self, project: Option<ProjectId>) -> Option<&Contents<'g>> {
        project.map(|project| &self.contents[project.0 as usize])
    }
}

fn contents<'g>(graph: &'g DependencyGraph<'g>, project: ProjectId) -> Contents<'g> {
    let mut contents = Contents::new();
    for node in nodes(graph, project) {
        let id = graph.entry(node).package;
        let package = graph.package(id);
        if package.kind == EntryKind::Package {
            let releases = contents.entry(name(package)).or_default();
            releases.insert(release(package), id);
        }
    }
    contents
}

/// Iterates over the entries of a project.
fn nodes<'g>(
    graph: &'g DependencyGraph<'_>,
    project: ProjectId,
) -> impl Iterator<Item = NodeId> + use<'g> {
    let lockfiles = graph.project(project).lockfiles.iter();
    lockfiles.flat_map(|id| {
        let lockfile = graph.lockfile(*id);
        (lockfile.root.index()..lockfile.root.index() + lockfile.nodes).map(NodeId::new)
    })
}

fn name<'g>(package: &'g Package<'_>) -> Name<'g> {
    (package.ecosystem, package.name.as_str())
}

fn release<'g>(package: &'g Package<'g>) -> Release<'g> {
    Release {
        version: package.version.as_ref().map(Version::as_str),
        source: &package.source,
    }
}

impl<'g> Sides<'g> {
    fn compare(&self, before: Option<ProjectId>, after: Option<ProjectId>) -> ProjectChange {
        let mut change = ProjectChange {
            before,
            after,
            ..ProjectChange::default()
        };
        let none = Contents::new();
        let old = self.before.contents(before).unwrap_or(&none);
        let new = self.after.contents(after).unwrap_or(&none);
        let names: BTreeSet<&Name<'g>> = old.keys().chain(new.keys()).collect();
        for name in names {
            let releases = Releases::of(old.get(name), new.get(name));
            self.add_alterations(&releases, &mut change);
            change.packages.extend(releases.change());
        }
        if let (Some(before), Some(after)) = (before, after) {
            let known = Links::new(self.before.graph, before);
            change.links = known.new_in(self.after.graph, after);
        }
        change
    }

    fn add_alterations(&self, releases: &Releases<'_, 'g>, change: &mut ProjectChange) {
        for (before, after) in releases.sources() {
            change.altered.push(Alteration {
                before,
                after,
                what: Altered::Source,
            });
        }
        for (before, after) in releases.stayed() {
            let pins = |graph, project: Option<ProjectId>, package| {
                project.map(|project| pins::Pins::of(graph, project, package))
            };
            let old = pins(self.before.graph, change.before, before);
            let new = pins(self.after.graph, change.after, after);
            let what = old.zip(new).and_then(|(old, new)| old.change(&new));
            change.altered.extend(what.map(|what| Alteration {
                before,
                after,
                what: Altered::Pin(what),
            }));
        }
    }

    /// Finds for what came to one project another that lost all of it.
    fn find_moves(&self, projects: &mut [ProjectChange]) {
        let mut lost: FxHashMap<(Name<'g>, Release<'g>), ProjectId> = FxHashMap::default();
        for project in &*projects {
            let Some(before) = project.before else {
                continue;
            };
            let left = project.packages.iter().flat_map(|change| &change.before);
            for id in left {
                let package = self.before.graph.package(*id);
                lost.entry((name(package), release(package)))
                    .or_insert(before);
            }
        }
        for project in projects {
            for change in &mut project.packages {
                if !change.before.is_empty() {
                    continue;
                }
                let mut origins = change.after.iter().map(|id| {
                    let package = self.after.graph.package(*id);
                    lost.get(&(name(package), release(package))).copied()
                });
                let first = origins.next().flatten();
                change.moved_from =
                    first.filter(|first| origins.all(|other| other == Some(*first)));
            }
        }
    }
}

/// The releases of one name before and after.
struct Releases<'r, 'g> {
    before: Option<&'r BTreeMap<Release<'g>, PackageId>>,
    after: Option<&'r BTreeMap<Release<'g>, PackageId>>,
}

impl<'r, 'g> Releases<'r, 'g> {
    const fn of(
        before: Option<&'r BTreeMap<Release<'g>, PackageId>>,
        after: Option<&'r BTreeMap<Release<'g>, PackageId>>,
    ) -> Self {
        Self { before, after }
    }

    /// Lists the releases of one side that the other lacks.
    fn only<'s>(
        own: Option<&'s BTreeMap<Release<'g>, PackageId>>,
        other: Option<&'s BTreeMap<Release<'g>, PackageId>>,
    ) -> impl Iterator<Item = (&'s Release<'g>, PackageId)> {
        let own = own.into_iter().flatten();
        own.filter(move |(release, _)| other.is_none_or(|other| !other.contains_key(release)))
            .map(|(release, id)| (release, *id))
    }

    fn change(&self) -> Option<PackageChange> {
        let ids = |(_, id)| id;
        let change = PackageChange {
            before: Self::only(self.before, self.after).map(ids).collect(),
            after: Self::only(self.after, self.before).map(ids).collect(),
            moved_from: None,
        };
        (!change.before.is_empty() || !change.after.is_empty()).then_some(change)
    }

    /// Pairs the releases that have the same version and come from elsewhere.
    fn sources(&self) -> Vec<(PackageId, PackageId)> {
        let left: BTreeMap<&str, PackageId> = Self::only(self.before, self.after)
            .filter_map(|(release, id)| Some((release.version?, id)))
            .collect();
        Self::only(self.after, self.before)
            .filter_map(|(release, id)| Some((*left.get(release.version?)?, id)))
            .collect()
    }

    /// Pairs the releases that stayed.
    fn stayed(&self) -> impl Iterator<Item = (PackageId, PackageId)> {
        let (before, after) = (self.before, self.after);
        let old = before.into_iter().flatten();
        old.filter_map(move |(release, id)| Some((*id, *after?.get(release)?)))
    }
}

#[cfg(test)]
mod tests;
