//! What is stored, and what a registry answered, as what is known; and what is learned, back to the store.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Sources;
use crate::cores;
use crate::evidence::{
    Evidence, HistoryOrigin, HistoryRequest, Interest, KnownHistory, SkipReason,
};
use crate::fetch::inquiry::Learned;
use crate::registry::history::OwnersSince;
use crate::registry::{Release, ReleaseHistory};
use crate::store::histories::{self as stored, HistoryRecord};

/// How long what a registry listed will do for an audit.
const HOLDS: SignedDuration = SignedDuration::from_hours(24);

impl Sources {
    /// Turns what is stored into what is known.
    pub(super) fn of_store(&self, record: HistoryRecord, origin: HistoryOrigin) -> KnownHistory {
        let remembered = stored::recall(&record.history, &record.memory);
        let contradictions = stored::contradictions(&record.history, &record.memory);
        KnownHistory {
            observed: record.observed,
            history: Arc::new(record.history.until(self.now)),
            origin,
            remembered: remembered.map(|history| Arc::new(history.until(self.now))),
            contradictions,
            owners: self.seen(record.owners),
        }
    }

    /// Leaves out what was observed after the clock.
    fn seen(&self, mut owners: Vec<OwnersSince>) -> Vec<OwnersSince> {
        owners.retain(|one| one.since <= self.now);
        for one in &mut owners {
            one.until = one.until.min(self.now);
        }
        owners
    }

    /// Turns what was learned into what is known, and merges it with what is stored.
    ///
    /// What is judged is judged by the answer alone; what is listed may know more from earlier answers.
    pub(super) fn of_answer(
        &self,
        history: &ReleaseHistory,
        interest: Interest,
        stored: Option<HistoryRecord>,
        at: Timestamp,
    ) -> KnownHistory {
        let merged = stored::merge(stored, history, at, None);
        let history = match interest {
            Interest::Judged => history.clone(),
            Interest::Listed | Interest::Neighbour => merged.record.history,
        };
        KnownHistory {
            history: Arc::new(history.until(self.now)),
            observed: at,
            origin: HistoryOrigin::Registry,
            remembered: merged
                .remembered
                .map(|history| Arc::new(history.until(self.now))),
            contradictions: merged.contradictions,
            owners: self.seen(merged.record.owners),
        }
    }

    /// Says what is known of a package after its registry was asked.
    pub(super) fn conclude(
        &mut self,
        request: &HistoryRequest,
        stored: Option<HistoryRecord>,
        learned: &Learned,
        at: Timestamp,
    ) -> Evidence<KnownHistory> {
        match learned {
            Learned::History(history, _) => {
                Evidence::Known(self.of_answer(history, request.interest, stored, at))
            }
            Learned::Unchanged => match stored {
                Some(record) => Evidence::Known(self.of_store(record, HistoryOrigin::Registry)),
                None => Evidence::NotGathered(SkipReason::NoAnswer),
            },
            Learned::Unknown => Evidence::Absent,
            Learned::Failed(failure) => match (stored, request.interest) {
                // What is judged, or compared with, is so by what the registry says now.
                (Some(record), Interest::Listed) => {
                    Evidence::Known(self.of_store(record, HistoryOrigin::Stored))
                }
                _ if failure.is_of_budget() => Evidence::NotGathered(SkipReason::OverBudget),
                _ => Evidence::NotGathered(SkipReason::NoAnswer),
            },
        }
    }

    /// Reads what is stored of packages, in the order of the requests.
    pub(super) fn read_store(&self, requests: &[HistoryRequest]) -> Vec<Option<HistoryRecord>> {
        let Some(store) = &self.store else {
            return requests.iter().map(|_| None).collect();
        };
        cores::map(requests, |request| {
            store.read(request.ecosystem, &request.name)
        })
    }

    /// Adds to what is stored what the archive of a release showed.
    pub(super) fn keep_start_up_files(
        &self,
        history: &ReleaseHistory,
        release: &Release,
        files: &[String],
    ) {
        let Some(store) = &self.store else {
            return;
        };
        let (ecosystem, name) = (history.ecosystem, &history.name);
        let amended = store.amend(ecosystem, name, |record| {
            let mut releases = record.history.releases.iter_mut();
            if let Some(stored) = releases.find(|stored| stored.version == release.version) {
                stored.install.start_up_files = Some(files.to_vec());
            }
        });
        if let Err(error) = amended {
            // The first one is told.
            let _ = self.unstored.set(error);
        }
    }

    /// Stores what was learned; a failure is told and changes no verdict.
    pub(super) fn keep(
        &mut self,
        learned: &[Learned],
        places: &[usize],
        records: &[Option<HistoryRecord>],
        at: Timestamp,
    ) {
        let Some(store) = &self.store else {
            return;
        };
        let new: Vec<(Cow<'_, ReleaseHistory>, Option<String>)> = learned
            .iter()
            .zip(places)
            .filter_map(|(learned, place)| match learned {
                Learned::History(history, tag) => Some((Cow::Borrowed(&**history), tag.clone())),
                Learned::Unchanged => {
                    let record = records[*place].as_ref()?;
                    let history = record.history.clone();
                    // Owners have an address of their own, which said nothing.
                    let silent = ReleaseHistory {
                        owners: None,
                        ..history
                    };
                    Some((Cow::Owned(silent), record.tag.clone()))
                }
                Learned::Unknown | Learned::Failed(_) => None,
            })
            .collect();
        let new: Vec<stored::Learned<'_>> = new
            .iter()
            .map(|(history, tag)| stored::Learned {
                history,
                observed: at,
                tag: tag.clone(),
            })
            .collect();
        if let Err(error) = store.write(&new) {
            self.store = None;
            let _ = self.unstored.set(error);
        }
    }
}

/// Says whether what is stored will do without asking again: for what is only listed, for a day.
///
/// A version that was not there at that time may have been published since, so that nothing is known of it.
pub(super) fn holds(
    record: Option<&HistoryRecord>,
    request: &HistoryRequest,
    now: Timestamp,
) -> bool {
    let Some(record) = record.filter(|_| request.interest == Interest::Listed) else {
        return false;
    };
    let mut versions = request.versions.iter();
    (SignedDuration::ZERO..=HOLDS).contains(&now.duration_since(record.observed))
        && versions.all(|version| record.history.release(version).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::wish;
    use super::*;
    use crate::package::Ecosystem;

    fn request(interest: Interest, version: &str) -> HistoryRequest {
        HistoryRequest {
            ecosystem: Ecosystem::Npm,
            name: "acme".to_owned(),
            versions: vec![version.to_owned()],
            interest,
        }
    }

    #[test]
    fn what_is_stored_holds_for_a_day_and_only_for_the_versions_that_it_lists() {
        let observed: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
        let mut history = ReleaseHistory::new(Ecosystem::Npm, "acme");
        history.releases.push(Release {
            version: "1.0.0".to_owned(),
            ..Release::default()
        });
        let record = stored::merge(None, &history, observed, Some("\"tag\"".to_owned())).record;
        let does = |interest: Interest, version: &str, hours: i64| {
            let now = observed + SignedDuration::from_hours(hours);
            holds(Some(&record), &request(interest, version), now)
        };
        assert!(does(Interest::Listed, "1.0.0", 24));
        assert!(!does(Interest::Listed, "1.0.0", 25));
        assert!(!does(Interest::Listed, "1.1.0", 1), "it may be new since");
        assert!(!does(Interest::Judged, "1.0.0", 0));
        assert!(!holds(None, &request(Interest::Listed, "1.0.0"), observed));
        // Only what is listed is asked for conditionally.
        let known = |interest| wish(&request(interest, "1.0.0"), Some(&record)).known;
        assert_eq!(known(Interest::Listed).as_deref(), Some("\"tag\""));
        assert_eq!(known(Interest::Judged), None);
        assert_eq!(known(Interest::Neighbour), None);
    }
}
