//! Entries by their names: one for nearly every name, several where versions or sources differ by platform.

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::lockfile::model::LockedEntry;
use crate::lockfile::span::to_u32;

/// The end of a chain; the root has no namesakes to be found.
const END: u32 = 0;

/// An index of entries by name.
#[derive(Debug)]
pub(in crate::lockfile) struct Namesakes<'e> {
    by_name: FxHashMap<&'e str, Chain>,
    /// The next entry of the same name, by index of the entry.
    next: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Chain {
    first: u32,
    length: u32,
}

impl<'e> Namesakes<'e> {
    /// Indexes the entries of a lockfile, its root aside.
    pub(in crate::lockfile) fn new(entries: &'e [LockedEntry<'_>]) -> Self {
        let mut by_name: FxHashMap<&str, Chain> =
            FxHashMap::with_capacity_and_hasher(entries.len(), FxBuildHasher);
        let mut next = vec![END; entries.len()];
        // From behind, so that every chain runs in the order of the file.
        for (index, entry) in entries.iter().enumerate().skip(1).rev() {
            let chain = by_name.entry(entry.name.as_str()).or_insert(Chain {
                first: END,
                length: 0,
            });
            next[index] = chain.first;
            chain.first = to_u32(index);
            chain.length += 1;
        }
        Self { by_name, next }
    }

    /// Returns the length of the longest chain.
    pub(in crate::lockfile) fn most(&self) -> usize {
        let lengths = self.by_name.values().map(|chain| chain.length as usize);
        lengths.max().unwrap_or_default()
    }

    /// Returns how many entries have a normalised name.
    pub(in crate::lockfile) fn count(&self, name: &str) -> usize {
        self.by_name
            .get(name)
            .map_or(0, |chain| chain.length as usize)
    }

    /// Lists the entries of a normalised name, in the order of the file.
    pub(in crate::lockfile) fn of(&self, name: &str) -> impl Iterator<Item = u32> {
        let first = self.by_name.get(name).map(|chain| chain.first);
        std::iter::successors(first, |index| {
            Some(self.next[*index as usize]).filter(|next| *next != END)
        })
    }
}
