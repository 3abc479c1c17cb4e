//! Maps that are made once: pairs sorted by their keys, without a tree.

use std::cmp::Ordering;

use smallvec::SmallVec;

/// A map of few or many pairs, sorted; one pair needs no memory of its own.
pub(super) struct Sorted<K, V>(SmallVec<[(K, V); 1]>);

impl<K: Ord, V> Sorted<K, V> {
    /// Holds nothing yet.
    pub(super) fn new() -> Self {
        Self(SmallVec::new())
    }

    /// Adds a pair whose key is not less than all others; returns the value of the key, made if it is new.
    pub(super) fn last_or_insert(&mut self, key: K, make: impl FnOnce() -> V) -> Option<&mut V> {
        if self.0.last().is_none_or(|(last, _)| *last != key) {
            self.0.push((key, make()));
        }
        self.0.last_mut().map(|(_, value)| value)
    }

    /// Finds a value. O(log n).
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let place = self.0.binary_search_by(|(own, _)| own.cmp(key)).ok()?;
        Some(&self.0[place].1)
    }

    /// Iterates over the pairs, sorted.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Returns how many pairs there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Pairs the values of two maps by their keys, sorted. O(n + m).
    pub(super) fn beside<'m>(
        &'m self,
        other: &'m Self,
    ) -> impl Iterator<Item = (&'m K, Option<&'m V>, Option<&'m V>)> {
        let (mut own, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        std::iter::from_fn(move || {
            let order = match (own.peek(), others.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((one, _)), Some((two, _))) => one.cmp(two),
            };
            let one = own.next_if(|_| order != Ordering::Greater);
            let two = others.next_if(|_| order != Ordering::Less);
            let (key, _) = one.or(two)?;
            Some((
                key,
                one.map(|(_, value)| value),
                two.map(|(_, value)| value),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[u8]) -> Sorted<u8, usize> {
        let mut map = Sorted::new();
        for key in keys {
            if let Some(count) = map.last_or_insert(*key, || 0) {
                *count += 1;
            }
        }
        map
    }

    #[test]
    fn values_of_one_key_are_found_together() {
        let map = sorted(&[1, 1, 4]);
        assert_eq!(
            (map.get(&1), map.get(&4), map.get(&2)),
            (Some(&2), Some(&1), None)
        );
        assert_eq!(map.len(), 2);
        assert_eq!(sorted(&[]).len(), 0);
    }

    #[test]
    fn two_maps_are_walked_side_by_side() {
        let (one, other) = (sorted(&[1, 2, 4]), sorted(&[2, 3, 4, 5]));
        let pairs: Vec<_> = one
            .beside(&other)
            .map(|(key, one, two)| (*key, one.is_some(), two.is_some()))
            .collect();
        let expected = [
            (1, true, false),
            (2, true, true),
            (3, false, true),
            (4, true, true),
            (5, false, true),
        ];
        assert_eq!(pairs, expected);
        assert_eq!(sorted(&[]).beside(&sorted(&[])).count(), 0);
    }
}
