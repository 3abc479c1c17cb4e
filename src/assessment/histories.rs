//! What a run knows of release histories, as a whole.

use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::{EvidenceSet, HistoryOrigin, SkipReason};
use crate::package::Ecosystem;
use crate::report::words::count;
use crate::text::Untrusted;

/// How many packages are named one by one.
const NAMED: usize = 5;

/// What is known of the histories that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFacts {
    /// How many registries told in this run, or lately.
    pub told: usize,
    /// How many are known from earlier runs only.
    pub stored: usize,
    /// When the oldest of these was observed.
    pub oldest: Option<Timestamp>,
    /// Packages whose history could not be had, by name, with the reason.
    pub lacking: Vec<Lacking>,
}

/// A package whose history could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name.
    pub name: Untrusted<'static>,
    /// Why.
    pub reason: SkipReason,
}

impl HistoryFacts {
    /// Counts what was gathered.
    pub fn of(gathered: &EvidenceSet) -> Self {
        let mut facts = Self::default();
        for (_, known) in gathered.known_histories() {
            match known.origin {
                HistoryOrigin::Registry => facts.told += 1,
                HistoryOrigin::Stored => {
                    facts.stored += 1;
                    let oldest = facts.oldest.unwrap_or(known.observed);
                    facts.oldest = Some(oldest.min(known.observed));
                }
            }
        }
        let lacking = gathered.lacking_histories().into_iter();
        let lacking = lacking.filter(|(_, reason)| *reason != SkipReason::PrivateRegistry);
        facts.lacking = lacking
            .map(|((ecosystem, name), reason)| Lacking {
                ecosystem: *ecosystem,
                name: name.clone().into(),
                reason,
            })
            .collect();
        facts
    }

    /// Says for whose sake a run is not complete that needs all of them.
    pub fn gaps(&self) -> Vec<Untrusted<'static>> {
        if self.lacking.is_empty() {
            return Vec::new();
        }
        let names: Vec<&str> = self
            .lacking
            .iter()
            .take(NAMED)
            .map(|one| one.name.as_str())
            .collect();
        let more = self.lacking.len() - names.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let gap = format!(
            "the release history of {} could not be had, so that it was not judged: {}{more}",
            count(self.lacking.len(), "package"),
            names.join(", "),
        );
        vec![gap.into()]
    }
}
