//! Two graphs of one tree, before and after a change: what the change brings, project by project. Pure.
//!
//! Compared are sets of packages, and of edges from package to package, never entries: hoisting moves these
//! without changing anything. `projects` says which folder of the one graph is which of the other, `pins` what
//! became of the digests of a release that stayed, `sources` whether it comes from elsewhere, `links` which dependencies are new between packages that did.

mod links;
mod pins;
mod projects;
mod sorted;
mod sources;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Serialize;
use smallvec::SmallVec;

pub use pins::PinChange;

use super::{DependencyGraph, NodeId, Package, PackageId, ProjectId};
use crate::lockfile::EntryKind;
use crate::package::version::is_same_release;
use crate::package::{Ecosystem, Source, Version};
use links::Links;
use pins::Pins;
use sorted::Sorted;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Release<'g> {
    version: Option<&'g str>,
    source: &'g Source<'g>,
}

/// A release in one project.
struct Held {
    package: PackageId,
    /// Its entries in the project.
    nodes: SmallVec<[NodeId; 1]>,
}

/// The releases of one name in one project.
type Releases<'g> = Sorted<Release<'g>, Held>;

/// The packages of one project, its own aside.
type Contents<'g> = Sorted<Name<'g>, Releases<'g>>;

/// The most pairs of releases of one name whose versions are compared as the registry does, not by their text alone.
const SPELLINGS: usize = 1_024;

/// The most releases of one version, from as many places, that a new one is compared with.
const TWINS: usize = 16;

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

    fn pins(&self, held: &Held) -> Pins<'g> {
        Pins::of(self.graph, self.graph.package(held.package), &held.nodes)
    }
}

fn contents<'g>(graph: &'g DependencyGraph<'g>, project: ProjectId) -> Contents<'g> {
    let held = nodes(graph, project).filter_map(|node| {
        let id = graph.entry(node).package;
        let package = graph.package(id);
        let is_held = package.kind == EntryKind::Package;
        is_held.then(|| (name(package), release(package), node, id))
    });
    let mut held: Vec<_> = held.collect();
    held.sort_unstable();
    let mut contents = Contents::new();
    for (name, release, node, id) in held {
        let releases = contents.last_or_insert(name, Releases::new);
        let make = || Held {
            package: id,
            nodes: SmallVec::new(),
        };
        let held = releases.and_then(|releases| releases.last_or_insert(release, make));
        if let Some(held) = held {
            held.nodes.push(node);
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
        let (no_contents, no_releases) = (Contents::new(), Releases::new());
        let old = self.before.contents(before).unwrap_or(&no_contents);
        let new = self.after.contents(after).unwrap_or(&no_contents);
        for (name, old, new) in old.beside(new) {
            let (old, new) = (old.unwrap_or(&no_releases), new.unwrap_or(&no_releases));
            change.altered.extend(self.alterations(name.0, old, new));
            change.packages.extend(package_change(old, new));
        }
        if let (Some(before), Some(after)) = (before, after) {
            let known = Links::new(self.before.graph, before);
            change.links = known.new_in(self.after.graph, after);
        }
        change
    }

    /// Compares each release with one of its version that was there before: with itself, else with one that comes from
    /// the same place, else with any.
    fn alterations(
        &self,
        ecosystem: Ecosystem,
        old: &Releases<'g>,
        new: &Releases<'g>,
    ) -> Vec<Alteration> {
        let is_small = old.len().saturating_mul(new.len()) <= SPELLINGS;
        let mut by_version: BTreeMap<Option<&str>, Vec<&Held>> = BTreeMap::new();
        for (release, held) in old.iter() {
            by_version.entry(release.version).or_default().push(held);
        }
        let mut altered = Vec::new();
        for (release, after) in new.iter() {
            if let Some(before) = old.get(release) {
                altered.extend(self.pin_change(before, after));
                continue;
            }
            let same = by_version.get(&release.version);
            let spelled = by_version.iter().filter(|(version, _)| {
                let pair = version.zip(release.version);
                is_small && pair.is_some_and(|(one, other)| is_same_release(ecosystem, one, other))
            });
            let twins = same.or_else(|| spelled.map(|(_, held)| held).next());
            let twins = twins.into_iter().flatten().take(TWINS);
            let mut alterations = twins.map(|before| self.alteration(before, after));
            let first = alterations.next();
            // One that comes from the same place says what became of it.
            let is_source = |altered: &Option<Alteration>| {
                altered.is_some_and(|altered| altered.what == Altered::Source)
            };
            let better = first
                .filter(is_source)
                .and_then(|_| alterations.find(|altered| !is_source(altered)));
            altered.extend(better.or(first).flatten());
        }
        altered
    }

    /// Compares two releases of one version.
    fn alteration(&self, before: &Held, after: &Held) -> Option<Alteration> {
        if sources::differ(&self.before, before, &self.after, after) {
            return Some(Alteration {
                before: before.package,
                after: after.package,
                what: Altered::Source,
            });
        }
        self.pin_change(before, after)
    }

    fn pin_change(&self, before: &Held, after: &Held) -> Option<Alteration> {
        let what = self.before.pins(before).change(&self.after.pins(after))?;
        Some(Alteration {
            before: before.package,
            after: after.package,
            what: Altered::Pin(what),
        })
    }

    /// Finds for what came to one project another that lost all of it, and compares what moved.
    fn find_moves(&self, projects: &mut [ProjectChange]) {
        let lost = self.lost(projects);
        for project in projects {
            let own = self.after.contents(project.after);
            for change in project
                .packages
                .iter_mut()
                .filter(|change| change.before.is_empty())
            {
                let moved: Option<Vec<(ProjectId, &Held, &Held)>> = change
                    .after
                    .iter()
                    .map(|id| {
                        let package = self.after.graph.package(*id);
                        let (name, release) = (name(package), release(package));
                        let (origin, before) = lost.get(&(name, release))?;
                        let after = own?.get(&name)?.get(&release)?;
                        Some((*origin, *before, after))
                    })
                    .collect();
                let moved = moved.unwrap_or_default();
                let first = moved.first().map(|(origin, ..)| *origin);
                let is_one = moved.iter().all(|(origin, ..)| Some(*origin) == first);
                change.moved_from = first.filter(|_| is_one);
                let altered = moved
                    .iter()
                    .filter_map(|(_, before, after)| self.pin_change(before, after));
                project.altered.extend(altered);
            }
        }
    }

    /// Collects what left each project.
    fn lost(
        &self,
        projects: &[ProjectChange],
    ) -> FxHashMap<(Name<'g>, Release<'g>), (ProjectId, &Held)> {
        let mut lost = FxHashMap::default();
        for project in projects {
            let (Some(before), Some(contents)) =
                (project.before, self.before.contents(project.before))
            else {
                continue;
            };
            for id in project.packages.iter().flat_map(|change| &change.before) {
                let package = self.before.graph.package(*id);
                let (name, release) = (name(package), release(package));
                let held = contents
                    .get(&name)
                    .and_then(|releases| releases.get(&release));
                if let Some(held) = held {
                    lost.entry((name, release)).or_insert((before, held));
                }
            }
        }
        lost
    }
}

/// Says which releases of a name left and came; none if all stayed.
fn package_change<'g>(old: &Releases<'g>, new: &Releases<'g>) -> Option<PackageChange> {
    let only = |own: &Releases<'g>, other: &Releases<'g>| -> Vec<PackageId> {
        let own = own
            .iter()
            .filter(|(release, _)| other.get(release).is_none());
        own.map(|(_, held)| held.package).collect()
    };
    let change = PackageChange {
        before: only(old, new),
        after: only(new, old),
        moved_from: None,
    };
    (!change.before.is_empty() || !change.after.is_empty()).then_some(change)
}

#[cfg(test)]
mod tests;
