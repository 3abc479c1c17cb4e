//! Matters by what they are about and by their ids, so that many lines are compared with many matters in one pass.

use rustc_hash::FxHashMap;

use super::Matter;
use super::matter::Key;

/// What a matter answers to: its finding in one project, and one of its ids, or that it has none.
pub(super) type Name<'m> = (Key<'m>, Option<&'m str>);

/// Matters by what they answer to; of two that share a name the first counts.
#[derive(Default)]
pub(super) struct Index<'m>(FxHashMap<Name<'m>, &'m Matter>);

impl<'m> Index<'m> {
    /// Makes the index. O(ids).
    pub(super) fn new(matters: impl IntoIterator<Item = &'m Matter>) -> Self {
        let mut index = Self::default();
        for matter in matters {
            index.add(matter);
        }
        index
    }

    /// Adds a matter.
    pub(super) fn add(&mut self, matter: &'m Matter) {
        for name in names(matter) {
            self.0.entry(name).or_insert(matter);
        }
    }

    /// Lists the matters that are the same as this one; one that shares several ids stands there several times.
    pub(super) fn same<'s>(&'s self, matter: &'s Matter) -> impl Iterator<Item = &'s Matter> {
        names(matter).filter_map(|name| self.0.get(&name).copied())
    }
}

/// Lists what a matter answers to.
pub(super) fn names(matter: &Matter) -> impl Iterator<Item = Name<'_>> {
    let key = matter.key();
    let ids = matter.ids.iter().map(|id| Some(id.as_str()));
    let none = matter.ids.is_empty().then_some(None);
    ids.chain(none).map(move |id| (key, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::baseline::testing::matter;

    #[test]
    fn it_finds_what_is_same_and_nothing_else() {
        let mut all = vec![
            matter("pkg:npm/left", "", &["A", "B"]),
            matter("pkg:npm/left", "", &[]),
            matter("pkg:npm/left", "web", &["A"]),
            matter("pkg:npm/right", "", &["A"]),
        ];
        all[3].fingerprint = all[0].fingerprint.clone();
        let index = Index::new(&all);
        let wanted = [
            matter("pkg:npm/left", "", &["B", "C"]),
            matter("pkg:npm/left", "", &["C"]),
            matter("pkg:npm/left", "", &[]),
            matter("pkg:npm/left", "web", &["A", "B"]),
            matter("pkg:npm/left", "api", &["A"]),
        ];
        for wanted in &wanted {
            let same: Vec<&Matter> = index.same(wanted).collect();
            let by_hand: Vec<&Matter> = all.iter().filter(|one| one.is_same(wanted)).collect();
            assert_eq!(same, by_hand, "{wanted:?}");
        }
    }
}
