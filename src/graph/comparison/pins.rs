//! What became of the digests of a release that stayed.

use std::collections::BTreeMap;

use crate::graph::{DependencyGraph, PackageId, ProjectId};
use crate::package::Integrity;

/// How the digests of one release differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PinChange {
    /// A file has another digest of the same algorithm: other bytes.
    Replaced,
    /// There is no digest any more.
    Dropped,
    /// Only broken algorithms pin it, and a sound one did.
    Weakened,
}

/// The digests of one release in one project, by the name of the file that they pin.
pub(super) struct Pins<'g> {
    files: BTreeMap<&'g str, Vec<&'g Integrity>>,
}

impl<'g> Pins<'g> {
    pub(super) fn of(
        graph: &'g DependencyGraph<'_>,
        project: ProjectId,
        package: PackageId,
    ) -> Self {
        let entries = graph.package(package).entries.iter();
        let own = entries.filter(|node| graph.project_of(**node) == project);
        let artifacts = own.flat_map(|node| &graph.entry(*node).record.artifacts);
        let mut files: BTreeMap<&str, Vec<&Integrity>> = BTreeMap::new();
        for artifact in artifacts {
            let url = artifact.url.as_ref().map_or("", |url| url.as_str());
            let pins = files.entry(file_name(url)).or_default();
            pins.push(&artifact.integrity);
        }
        Self { files }
    }

    /// Says what became of these digests; none if nothing that matters.
    ///
    /// Files that came or went say nothing: registries take further files for a release.
    pub(super) fn change(&self, after: &Self) -> Option<PinChange> {
        if self.all().all(Integrity::is_empty) || after.files.is_empty() {
            return None;
        }
        if after.all().all(Integrity::is_empty) {
            return Some(PinChange::Dropped);
        }
        if self.is_sound() && !after.is_sound() {
            return Some(PinChange::Weakened);
        }
        self.is_replaced_by(after).then_some(PinChange::Replaced)
    }

    fn is_replaced_by(&self, after: &Self) -> bool {
        let mut shared = self.files.iter().filter_map(|(name, pins)| {
            let other = after.files.get(name)?;
            Some(
                pins.iter()
                    .all(|pin| other.iter().any(|other| pin.contradicts(other))),
            )
        });
        match shared.next() {
            Some(first) => first || shared.any(|is_replaced| is_replaced),
            // No file has the name of another, so all digests are those of the release.
            None => union(self).contradicts(&union(after)),
        }
    }

    /// Says whether a sound algorithm pins any file; what a tool hashes in its own form is sound.
    fn is_sound(&self) -> bool {
        self.all().any(|pin| !pin.is_empty() && !pin.is_weak())
    }

    fn all(&self) -> impl Iterator<Item = &'g Integrity> {
        self.files.values().flatten().copied()
    }
}

fn union(pins: &Pins<'_>) -> Integrity {
    let digests = pins.all().flat_map(Integrity::digests);
    digests.cloned().collect()
}

/// Takes the name of the file off an address.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
