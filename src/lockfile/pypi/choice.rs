//! Which of several entries of one name a dependency means: those that it admits and that it can meet.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::markers::{Condition, can_hold_together};
use crate::lockfile::limits::{LimitExceeded, Limits};

/// About as many bytes as an edge takes itself.
pub(in crate::lockfile) const EDGE_BYTES: usize = 64;

/// The entries that a dependency leads to.
pub(in crate::lockfile) type Chosen = SmallVec<[u32; 2]>;

/// Where an entry is installed, as conditions that all hold.
pub(in crate::lockfile) type Place<'d> = Vec<Condition<'d>>;

/// Chooses among namesakes, and bounds the work of it as if all that was looked at were dependencies.
#[derive(Debug)]
pub(in crate::lockfile) struct Choice<'d, 'l> {
    places: FxHashMap<u32, Place<'d>>,
    looked_at: usize,
    limits: &'l Limits,
}

impl<'d, 'l> Choice<'d, 'l> {
    /// Starts within the limits.
    pub(in crate::lockfile) fn new(limits: &'l Limits) -> Self {
        Self {
            places: FxHashMap::default(),
            looked_at: 0,
            limits,
        }
    }

    /// Counts work that is done, in the time that it takes to look at one entry.
    pub(in crate::lockfile) fn charge(&mut self, work: usize) -> Result<(), LimitExceeded> {
        self.looked_at = self.looked_at.saturating_add(work);
        self.limits.check_dependencies(self.looked_at)
    }

    /// Leaves those that can be installed where the dependency holds; all if none can, since that is not for us to say.
    ///
    /// `place` says where an entry is installed, and is asked once for each.
    pub(in crate::lockfile) fn meeting(
        &mut self,
        candidates: Chosen,
        from: u32,
        marker: Option<&Condition<'_>>,
        place: impl Fn(u32) -> Place<'d>,
    ) -> Result<Chosen, LimitExceeded> {
        if candidates.len() < 2 {
            return Ok(candidates);
        }
        let mut meeting = Chosen::new();
        for candidate in &candidates {
            for index in [from, *candidate] {
                self.places.entry(index).or_insert_with(|| place(index));
            }
            let places = [&self.places[&from], &self.places[candidate]];
            let conditions: Vec<&Condition<'_>> =
                places.into_iter().flatten().chain(marker).collect();
            let work = conditions.iter().map(|condition| condition.len()).sum();
            if can_hold_together(&conditions) {
                meeting.push(*candidate);
            }
            drop(conditions);
            self.charge(work)?;
        }
        Ok(if meeting.is_empty() {
            candidates
        } else {
            meeting
        })
    }
}
