//! What became of the digests of a release.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::{DependencyGraph, NodeId, Package};
use crate::lockfile::{Delivery, FormatId};
use crate::package::{Digest, Ecosystem, Integrity};

/// How the digests of one release differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PinChange {
    /// A file may have other bytes: it has a sound digest that it had not.
    Replaced,
    /// A file has no digest any more.
    Dropped,
    /// A broken algorithm pins a file that a sound one pinned.
    Weakened,
}

/// The digests of one release in one project, by the name of the file that they pin.
pub(super) struct Pins<'g> {
    files: BTreeMap<&'g str, Vec<&'g Integrity>>,
    listing: Listing,
    /// The formats of the lockfiles that pin it.
    formats: BTreeSet<FormatId>,
}

/// Whether one tool wrote the lockfile before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    /// At least one of its lockfiles is there on both sides.
    Same,
    /// Another tool locks it.
    Other,
}

/// How a lockfile lists the files of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listing {
    /// One archive, whatever its address is.
    OneArchive,
    /// Several files, told by their names.
    NamedFiles,
    /// Several files without names, to which a registry may add.
    UnnamedFiles,
}

impl<'g> Pins<'g> {
    /// Collects the pins of a package at some of its entries.
    pub(super) fn of(
        graph: &'g DependencyGraph<'_>,
        package: &Package<'_>,
        nodes: &[NodeId],
    ) -> Self {
        let ecosystem = package.ecosystem;
        let mut files: BTreeMap<&str, Vec<&Integrity>> = BTreeMap::new();
        // What is bundled comes inside another archive, and never has a digest of its own.
        let is_own = |node: &&NodeId| graph.entry(**node).record.delivery == Delivery::Own;
        for node in nodes.iter().filter(is_own) {
            let artifacts = &graph.entry(*node).record.artifacts;
            if artifacts.is_empty() {
                files.entry("").or_default().push(&NONE);
            }
            for artifact in artifacts {
                let url = artifact.url.as_ref().map_or("", |url| url.as_str());
                let name = match ecosystem {
                    Ecosystem::Pypi => file_name(url),
                    Ecosystem::Cargo | Ecosystem::Npm => "",
                };
                files.entry(name).or_default().push(&artifact.integrity);
            }
        }
        let listing = match ecosystem {
            Ecosystem::Cargo | Ecosystem::Npm => Listing::OneArchive,
            Ecosystem::Pypi if files.keys().all(|name| name.is_empty()) => Listing::UnnamedFiles,
            Ecosystem::Pypi => Listing::NamedFiles,
        };
        let formats = nodes.iter().map(|node| {
            let lockfile = graph.entry(*node).lockfile;
            graph.lockfile(lockfile).format
        });
        Self {
            files,
            listing,
            formats: formats.collect(),
        }
    }

    /// Says what became of these digests; none if nothing that matters.
    ///
    /// Files that came or went say nothing: registries take further files for a release. Pins in a tool's own form
    /// cannot be compared with any other, and where another tool writes the lockfile, it may know no digest.
    pub(super) fn change(&self, after: &Self) -> Option<PinChange> {
        let tool = if self.formats.is_disjoint(&after.formats) {
            Tool::Other
        } else {
            Tool::Same
        };
        let change = self.change_of_files(after, tool);
        change.filter(|change| *change == PinChange::Replaced || tool == Tool::Same)
    }

    fn change_of_files(&self, after: &Self, tool: Tool) -> Option<PinChange> {
        if self.all().all(Integrity::is_empty) {
            return None;
        }
        // Nor is there one where the change says of every copy that it is bundled: its word lowers no suspicion.
        if after.all().all(Integrity::is_empty) {
            return Some(PinChange::Dropped);
        }
        let listing = match (self.listing, after.listing) {
            (Listing::UnnamedFiles, _) | (_, Listing::UnnamedFiles) => Listing::UnnamedFiles,
            (listing, _) => listing,
        };
        let shares_names = self.files.keys().any(|name| after.files.contains_key(name));
        match listing {
            Listing::UnnamedFiles => unnamed_change(self, after),
            // One tool does not change which files of a release it lists, so these took the place of others.
            Listing::NamedFiles if !shares_names && tool == Tool::Same => {
                unnamed_change(self, after)
            }
            Listing::OneArchive | Listing::NamedFiles => {
                let shared = self.files.iter().filter_map(|(name, before)| {
                    let after = after.files.get(name)?;
                    file_change(before, after)
                });
                shared.min()
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &'g Integrity> {
        self.files.values().flatten().copied()
    }
}

/// What pins nothing.
static NONE: std::sync::LazyLock<Integrity> = std::sync::LazyLock::new(Integrity::default);

/// Compares the pins of one file.
fn file_change(before: &[&Integrity], after: &[&Integrity]) -> Option<PinChange> {
    let mut known = before.iter().filter(|pin| !pin.is_empty()).peekable();
    known.peek()?;
    let was_sound = known.clone().any(|pin| !pin.is_weak());
    let is_known = |digest: &Digest| before.iter().any(|pin| pin.digests().contains(digest));
    let is_comparable = before.iter().any(|pin| !pin.digests().is_empty());
    let is_other = |pin: &&Integrity| {
        let mut sound = pin
            .digests()
            .iter()
            .filter(|digest| !digest.algorithm().is_weak());
        was_sound && is_comparable && sound.any(|digest| !is_known(digest))
    };
    // npm leaves digests out of some copies of a release; what was without one before lost none.
    let has_more = |is_poor: fn(&Integrity) -> bool| {
        let number = |pins: &[&Integrity]| pins.iter().filter(|pin| is_poor(pin)).count();
        number(after) > number(before)
    };
    if after.iter().any(is_other) {
        Some(PinChange::Replaced)
    } else if has_more(Integrity::is_empty) {
        Some(PinChange::Dropped)
    } else if was_sound && has_more(Integrity::is_weak) {
        Some(PinChange::Weakened)
    } else {
        weak_change(before, after)
    }
}

/// Compares pins of broken algorithms: another digest is told, though the old one proved little.
fn weak_change(before: &[&Integrity], after: &[&Integrity]) -> Option<PinChange> {
    let mut pairs = before
        .iter()
        .flat_map(|old| after.iter().map(move |new| (old, new)));
    pairs
        .any(|(old, new)| old.contradicts(new))
        .then_some(PinChange::Replaced)
}

/// Compares the pins of a release whose files have no names: some of them have to stay.
fn unnamed_change(before: &Pins<'_>, after: &Pins<'_>) -> Option<PinChange> {
    let union = |pins: &Pins<'_>| -> Integrity {
        let digests = pins.all().flat_map(Integrity::digests);
        digests.cloned().collect()
    };
    let (old, new) = (union(before), union(after));
    let is_sound = |pins: &Integrity| !pins.is_empty() && !pins.is_weak();
    if is_sound(&old) && !is_sound(&new) {
        return Some(PinChange::Weakened);
    }
    old.contradicts(&new).then_some(PinChange::Replaced)
}

/// Takes the name of the file off an address.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
