//! What rules about release histories share: which releases they are about, and what is known of them.
//!
//! Only what is new is judged: in a change the releases that it brings, in an audit those that are younger than a
//! week. What lies longer than that has been looked at by the world.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::View;
use crate::evidence::{Evidence, KnownHistory, SkipReason};
use crate::graph::{Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::source::Registry;
use crate::package::{Algorithm, Source};
use crate::registry::history::LateFile;
use crate::registry::{Release, ReleaseHistory};

/// The releases that a change brings, by their place in the graph after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedReleases(FxHashMap<PackageId, Newness>);

/// How new a release is to a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Newness {
    /// The tree had no package of that name.
    Name,
    /// It had these versions of it.
    Version(Vec<String>),
}

impl ChangedReleases {
    /// Compares two graphs: a release is new if no package before has its name, version and source.
    pub fn of(
        before: &crate::graph::DependencyGraph<'_>,
        after: &crate::graph::DependencyGraph<'_>,
    ) -> Self {
        let mut known: FxHashMap<_, Vec<&Package<'_>>> = FxHashMap::default();
        for (_, package) in before.packages() {
            let key = (package.ecosystem, package.name.as_str());
            known.entry(key).or_default().push(package);
        }
        let newness = |package: &Package<'_>| {
            let Some(former) = known.get(&(package.ecosystem, package.name.as_str())) else {
                return Some(Newness::Name);
            };
            let is_same =
                |one: &&Package<'_>| one.source == package.source && is_same_version(one, package);
            let versions = former.iter().filter_map(|one| one.version.as_ref());
            (!former.iter().any(is_same)).then(|| {
                Newness::Version(
                    versions
                        .map(|version| version.as_str().to_owned())
                        .collect(),
                )
            })
        };
        let packages = after.packages();
        let changed = packages.filter_map(|(id, package)| Some((id, newness(package)?)));
        Self(changed.collect())
    }

    /// Says how new a release is; none if it was there before.
    pub fn get(&self, package: PackageId) -> Option<&Newness> {
        self.0.get(&package)
    }
}

fn is_same_version(one: &Package<'_>, other: &Package<'_>) -> bool {
    match (&one.version, &other.version) {
        (Some(one_version), Some(other)) => {
            one_version.is_same_release(one.ecosystem, other.as_str())
        }
        (one, other) => one == other,
    }
}

/// Says whether a package has a history in public, or why it has none.
pub fn is_public(package: &Package<'_>) -> Result<(), SkipReason> {
    if package.kind != EntryKind::Package {
        return Err(SkipReason::FirstParty);
    }
    match &package.source {
        Source::Registry(Registry::Public) => {}
        Source::Registry(Registry::Other(_)) => return Err(SkipReason::PrivateRegistry),
        Source::Git { .. } => return Err(SkipReason::GitSource),
        Source::Path(_) => return Err(SkipReason::PathSource),
        Source::Archive(_) => return Err(SkipReason::ArchiveSource),
    }
    if package.version.is_none() {
        return Err(SkipReason::NoVersion);
    }
    Ok(())
}

/// Says whether rules about histories could look at a package, or why not.
pub(super) fn covers(id: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
    is_public(view.graph.package(id))?;
    if view
        .changed
        .is_some_and(|changed| changed.get(id).is_none())
    {
        return Err(SkipReason::Unchanged);
    }
    match view.evidence.history(id) {
        Evidence::Known(_) | Evidence::Absent => Ok(()),
        Evidence::NotGathered(reason) => Err(*reason),
    }
}

/// Says whether rules about a release could look at it: what was stored before it was published knows nothing of it.
pub(super) fn covers_release(id: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
    covers(id, view)?;
    let (Some(known), Some(version)) = (known(id, view), &view.graph.package(id).version) else {
        return Ok(());
    };
    let is_same = |later: &String| version.is_same_release(known.history.ecosystem, later);
    if known.history.later.iter().any(is_same) {
        return Err(SkipReason::NotYet);
    }
    if known.knows(version.as_str()) {
        Ok(())
    } else {
        Err(SkipReason::NotStored)
    }
}

/// Returns what is known of a package's history; none where [`covers`] says why.
pub(super) fn known<'v>(id: PackageId, view: &'v View<'_>) -> Option<&'v KnownHistory> {
    covers(id, view).ok()?;
    match view.evidence.history(id) {
        Evidence::Known(known) => Some(known),
        Evidence::Absent | Evidence::NotGathered(_) => None,
    }
}

/// A release in the tree, with the history that it stands in.
pub(super) struct Locked<'v> {
    pub(super) history: &'v Arc<ReleaseHistory>,
    pub(super) known: &'v KnownHistory,
    pub(super) release: &'v Release,
}

/// When the bytes of a release were published that a tree may install.
#[derive(Clone, Copy)]
pub(super) struct Youth {
    /// The time of the youngest of them.
    pub(super) since: Timestamp,
    /// Whether the release itself is as young, or a file that came to it later.
    pub(super) of: Youngest,
}

/// What of a release is the youngest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Youngest {
    /// All of it.
    Release,
    /// A file that came later.
    LateFile,
}

/// Finds the youngest of what a tree may install of the locked release; none where nobody knows when it was published.
pub(super) fn youth(id: PackageId, view: &View<'_>) -> Option<Youth> {
    let release = locked(id, view)?.release;
    let published = release.published?;
    let late = release.late_files.iter().rev();
    let mut late = late.filter(|late| may_install(id, late, view));
    Some(late.next().map_or(
        Youth {
            since: published,
            of: Youngest::Release,
        },
        |late| Youth {
            since: late.uploaded,
            of: Youngest::LateFile,
        },
    ))
}

/// Says whether an entry takes a file: it pins its digest, or none at all.
fn may_install(id: PackageId, late: &LateFile, view: &View<'_>) -> bool {
    let Some(digest) = &late.digest else {
        return true;
    };
    let entries = view.graph.package(id).entries.iter();
    let mut entries = entries.map(|node| view.graph.entry(*node).record);
    entries.any(|entry| {
        let artifacts = entry.artifacts.iter();
        let pinned = artifacts.flat_map(|one| one.integrity.of(Algorithm::Sha256));
        let mut pinned = pinned.peekable();
        pinned.peek().is_none() || pinned.any(|pinned| pinned == digest)
    })
}

/// Finds the locked release in its history.
pub(super) fn locked<'v>(id: PackageId, view: &'v View<'_>) -> Option<Locked<'v>> {
    let known = known(id, view)?;
    let version = view.graph.package(id).version.as_ref()?;
    Some(Locked {
        history: &known.history,
        known,
        release: known.history.release(version.as_str())?,
    })
}

/// Finds the locked release if it is one to be judged: the change brings it, or it is younger than the window.
pub(super) fn judged<'v>(id: PackageId, view: &'v View<'_>) -> Option<Locked<'v>> {
    let locked = locked(id, view)?;
    let is_new = match view.changed {
        Some(changed) => changed.get(id).is_some(),
        None => locked.release.is_new(view.now),
    };
    is_new.then_some(locked)
}
