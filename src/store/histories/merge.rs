//! What a registry says by now, beside what it said before. Pure.
//!
//! What it did not tell this time is kept from before; what it contradicts is remembered. Memory may only add
//! suspicion: a release that had provenance had it, one that was there was there.

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::{HistoryRecord, Remembered};
use crate::registry::ReleaseHistory;
use crate::registry::history::{
    Account, Contradiction, ContradictionAbout, OwnersSince, Release, Trust,
};

/// How many releases are remembered of a package.
const REMEMBERED: usize = 200;

/// How many changes of owners are.
const OWNERS: usize = 100;

/// What comes of merging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What is to be stored.
    pub record: HistoryRecord,
    /// The history with what is remembered; none where that adds nothing.
    pub remembered: Option<ReleaseHistory>,
    /// What the registry said and no longer does.
    pub contradictions: Vec<Contradiction>,
}

/// Merges an answer into what is stored.
pub fn merge(
    stored: Option<HistoryRecord>,
    learned: &ReleaseHistory,
    observed: Timestamp,
    tag: Option<String>,
) -> Merged {
    let mut history = learned.clone();
    let (mut memory, mut owners) = (Vec::new(), Vec::new());
    if let Some(stored) = stored {
        (memory, owners) = (stored.memory, stored.owners);
        remember(&stored.history, &history, stored.observed, &mut memory);
        fill(&mut history, &stored.history);
    }
    note_owners(learned, observed, &mut owners);
    let remembered = recall(&history, &memory);
    let contradictions = contradictions(&history, &memory);
    Merged {
        record: HistoryRecord {
            history,
            observed,
            tag,
            memory,
            owners,
        },
        remembered,
        contradictions,
    }
}

/// Keeps the releases of an earlier answer that the new one leaves out or describes as less than they were.
fn remember(
    before: &ReleaseHistory,
    now: &ReleaseHistory,
    seen: Timestamp,
    memory: &mut Vec<Remembered>,
) {
    let listed = by_version(now);
    for release in &before.releases {
        let exact = listed.get(release.version.as_str()).copied();
        let is_kept = exact
            .or_else(|| now.release(&release.version))
            .is_some_and(|now| !is_less(now, release));
        if is_kept {
            continue;
        }
        let lost = Remembered {
            release: release.clone(),
            seen,
        };
        let is_same = |one: &Remembered| one.release.version == release.version;
        match memory.iter().position(is_same) {
            // What it had at its best is what it fell from.
            Some(place) if memory[place].release.trust < release.trust => memory[place] = lost,
            None if memory.len() < REMEMBERED => memory.push(lost),
            Some(_) | None => {}
        }
    }
}

/// Lists releases by their version as it is spelt.
fn by_version(history: &ReleaseHistory) -> FxHashMap<&str, &Release> {
    let releases = history.releases.iter();
    releases
        .map(|release| (release.version.as_str(), release))
        .collect()
}

/// Says whether a release is described as less trustworthy than it was, or as another.
fn is_less(now: &Release, before: &Release) -> bool {
    let loses_trust =
        matches!((now.trust, before.trust), (Some(now), Some(before)) if now < before);
    now.is_another_archive(before) || loses_trust
}

/// Takes what the new answer does not tell from the one before: an index knows less than an API.
fn fill(history: &mut ReleaseHistory, before: &ReleaseHistory) {
    history.owners = history.owners.take().or_else(|| before.owners.clone());
    let known = by_version(before);
    for release in &mut history.releases {
        let old = known.get(release.version.as_str());
        // What is known of another archive says nothing of this one.
        let Some(old) = old.filter(|old| !release.is_another_archive(old)) else {
            continue;
        };
        release.published = release.published.or(old.published);
        release.publisher = release.publisher.take().or_else(|| old.publisher.clone());
        release.maintainers = release
            .maintainers
            .take()
            .or_else(|| old.maintainers.clone());
        release.trust = release.trust.or(old.trust);
        release.size = release.size.or(old.size);
        let start_up_files = &mut release.install.start_up_files;
        if start_up_files.is_none() {
            start_up_files.clone_from(&old.install.start_up_files);
        }
    }
    history.sort();
}

/// Notes the owners that an answer tells; those that it is silent about were not observed.
fn note_owners(learned: &ReleaseHistory, observed: Timestamp, owners: &mut Vec<OwnersSince>) {
    let Some(now) = &learned.owners else {
        return;
    };
    let last = owners.last_mut();
    if let Some(last) = last.filter(|last| is_same_group(&last.owners, now)) {
        last.until = last.until.max(observed);
        return;
    }
    owners.push(OwnersSince {
        since: observed,
        until: observed,
        owners: now.clone(),
    });
    let surplus = owners.len().saturating_sub(OWNERS);
    owners.drain(..surplus);
}

/// Says whether two lists name the same accounts: registries promise no order.
fn is_same_group(one: &[Account], other: &[Account]) -> bool {
    let sorted = |accounts: &[Account]| {
        let mut accounts = accounts.to_vec();
        accounts.sort();
        accounts
    };
    one == other || sorted(one) == sorted(other)
}

/// Returns the history as it was with all that is remembered; none where that adds nothing.
pub fn recall(history: &ReleaseHistory, memory: &[Remembered]) -> Option<ReleaseHistory> {
    if memory.is_empty() {
        return None;
    }
    let mut recalled = history.clone();
    for one in memory {
        let mut releases = recalled.releases.iter_mut();
        match releases.find(|release| release.version == one.release.version) {
            Some(release) => release.trust = release.trust.max(one.release.trust),
            None => recalled.releases.push(one.release.clone()),
        }
    }
    recalled.sort();
    Some(recalled)
}

/// Words what a registry said and no longer does.
pub fn contradictions(history: &ReleaseHistory, memory: &[Remembered]) -> Vec<Contradiction> {
    let found = memory.iter().filter_map(|one| contradiction(history, one));
    found.collect()
}

/// Finds what a registry said of a release and no longer does.
fn contradiction(history: &ReleaseHistory, one: &Remembered) -> Option<Contradiction> {
    let (version, day) = (&one.release.version, one.seen.strftime("%Y-%m-%d"));
    let said = |about: ContradictionAbout, what: &str| {
        Some(Contradiction {
            version: version.clone(),
            about,
            words: format!("on {day} the registry said of {version} that {what}"),
        })
    };
    let replaced = || Contradiction {
        version: version.clone(),
        about: ContradictionAbout::Archive,
        words: format!("the registry serves another archive as {version} than on {day}"),
    };
    match history.release(version) {
        None => said(
            ContradictionAbout::Listing,
            "it exists, and no longer lists it",
        ),
        Some(now) if now.is_another_archive(&one.release) => Some(replaced()),
        Some(now) if is_less(now, &one.release) => {
            let trust = one.release.trust.unwrap_or(Trust::Nothing).words();
            let what = format!("it has {trust}, and no longer does");
            said(ContradictionAbout::Trust, &what)
        }
        Some(_) => None,
    }
}
