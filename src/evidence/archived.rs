//! What the archives of young releases show, added to their histories.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::{
    Evidence, EvidencePlan, EvidenceSet, KnownHistory, ReleaseArchives, SkipReason, StartUpFiles,
};
use crate::archive::hook::HookReport;
use crate::cores;
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::registry::history::Hook;
use crate::registry::{Release, ReleaseHistory};
use crate::signal::predecessor;

/// How many releases have their archives read at once: each may hold one of 20 MB, and what it unpacks to.
const ARCHIVES_AT_ONCE: usize = 4;

/// A release whose archive is worth reading.
struct Young {
    package: PackageId,
    history: Arc<ReleaseHistory>,
    /// Its place in the history.
    release: usize,
    /// The place of the one before it.
    before: Option<usize>,
}

/// What the archives of a release, and of the one before it, show.
#[derive(Default)]
struct Shown {
    /// The install scripts of releases, by their places in the history.
    hooks: Vec<(usize, Vec<Hook>)>,
    /// Their start-up files.
    start_up_files: Vec<(usize, Vec<String>)>,
    /// What the scripts were seen to do, if the release before had others.
    reports: Option<Vec<HookReport>>,
}

/// What came of reading archives.
struct Looked {
    /// What was shown, before something could not be read if so.
    shown: Shown,
    /// What that was.
    read: Result<(), SkipReason>,
}

/// Reads the archives of young releases: what Python runs at start-up, and what npm runs at installation.
pub(super) fn look_into_archives(
    plan: &EvidencePlan,
    archives: &dyn ReleaseArchives,
    now: Timestamp,
    set: &mut EvidenceSet,
) {
    let young = young(plan, set, now);
    let looked = cores::map_waiting(&young, ARCHIVES_AT_ONCE, |young| young.look(archives));
    for (young, Looked { shown, read }) in young.iter().zip(looked) {
        young.add(shown, set);
        if let Err(reason) = read {
            set.insert_undetailed(young.package, reason);
            if young.has_new_hooks() {
                set.insert_hooks(young.package, Evidence::NotGathered(reason));
            }
        }
    }
}

/// Lists the releases whose archives are worth reading: those of all that is young in a tree are not, but those that a change brings.
fn young(plan: &EvidencePlan, set: &EvidenceSet, now: Timestamp) -> Vec<Young> {
    let judged: FxHashSet<PackageId> = plan.judged.iter().map(|(id, ..)| *id).collect();
    let releases = plan.releases.iter().filter_map(|(package, key, version)| {
        let history = Arc::clone(set.history_of(key.0, &key.1)?);
        let release = history.release(version).filter(|one| one.is_new(now))?;
        let place = |of: &Release| {
            let mut releases = history.releases.iter();
            releases.position(|other| std::ptr::eq(other, of))
        };
        let young = Young {
            package: *package,
            release: place(release)?,
            before: predecessor(&history, release, now).and_then(place),
            history: Arc::clone(&history),
        };
        let is_worth = match key.0 {
            Ecosystem::Pypi => true,
            Ecosystem::Npm => young.has_new_hooks() || judged.contains(package),
            Ecosystem::Cargo => false,
        };
        is_worth.then_some(young)
    });
    releases.collect()
}

impl Young {
    fn own(&self) -> &Release {
        &self.history.releases[self.release]
    }

    fn former(&self) -> Option<&Release> {
        Some(&self.history.releases[self.before?])
    }

    /// Says whether the registry shows install scripts that the release before did not have.
    fn has_new_hooks(&self) -> bool {
        let hooks = &self.own().install.hooks;
        !hooks.is_empty() && hooks_of(self.former()) != hooks
    }

    fn look(&self, archives: &dyn ReleaseArchives) -> Looked {
        let mut shown = Shown::default();
        let read = match self.history.ecosystem {
            Ecosystem::Pypi => self.look_at_wheels(archives, &mut shown),
            Ecosystem::Npm => self.look_at_hooks(archives, &mut shown),
            Ecosystem::Cargo => Ok(()),
        };
        Looked { shown, read }
    }

    /// Finds the start-up files of the release, and those of the one before it where it has any.
    fn look_at_wheels(
        &self,
        archives: &dyn ReleaseArchives,
        shown: &mut Shown,
    ) -> Result<(), SkipReason> {
        let own = self.look_at_wheels_of(self.release, archives, shown)?;
        let before = match (&own.files[..], self.before) {
            ([_, ..], Some(before)) => self.look_at_wheels_of(before, archives, shown)?,
            _ => StartUpFiles::default(),
        };
        own.unread.or(before.unread).map_or(Ok(()), Err)
    }

    fn look_at_wheels_of(
        &self,
        place: usize,
        archives: &dyn ReleaseArchives,
        shown: &mut Shown,
    ) -> Result<StartUpFiles, SkipReason> {
        match archives.start_up_files(&self.history, &self.history.releases[place]) {
            Evidence::Known(found) => {
                shown.start_up_files.push((place, found.files.clone()));
                Ok(found)
            }
            Evidence::Absent => Ok(StartUpFiles::default()),
            Evidence::NotGathered(reason) => Err(reason),
        }
    }

    /// Finds the install scripts that the archive holds, besides those that the registry told of.
    fn look_at_hooks(
        &self,
        archives: &dyn ReleaseArchives,
        shown: &mut Shown,
    ) -> Result<(), SkipReason> {
        let own = match archives.hooks(&self.history, self.own()) {
            Evidence::Known(own) => own,
            Evidence::Absent => return Ok(()),
            Evidence::NotGathered(reason) => return Err(reason),
        };
        let mut former = hooks_of(self.former()).to_vec();
        // What only the archive shows may have been in the one before it, too.
        if own.hooks != self.own().install.hooks
            && let (Some(place), Some(before)) = (self.before, self.former())
            && let Evidence::Known(before) = archives.hooks(&self.history, before)
        {
            shown.hooks.push((place, before.hooks.clone()));
            former = before.hooks;
        }
        if !own.hooks.is_empty() && former != own.hooks {
            shown.reports = Some(own.reports);
        }
        shown.hooks.push((self.release, own.hooks));
        Ok(())
    }

    /// Adds what archives showed to what is known.
    fn add(&self, shown: Shown, set: &mut EvidenceSet) {
        let key = (self.history.ecosystem, self.history.name.clone());
        if let Some(known) = set.known_mut(&key) {
            for (place, hooks) in shown.hooks {
                let version = &self.history.releases[place].version;
                add_to_release(known, version, |release| {
                    release.install.hooks.clone_from(&hooks);
                });
            }
            for (place, files) in shown.start_up_files {
                let version = &self.history.releases[place].version;
                add_to_release(known, version, |release| {
                    release.install.start_up_files = Some(files.clone());
                });
            }
        }
        if let Some(reports) = shown.reports {
            set.insert_hooks(self.package, Evidence::Known(reports));
        }
    }
}

fn hooks_of(release: Option<&Release>) -> &[Hook] {
    release.map_or(&[], |release| &release.install.hooks)
}

/// Changes a release, in what the registry says and in what is remembered.
fn add_to_release(known: &mut KnownHistory, version: &str, change: impl Fn(&mut Release)) {
    for history in [Some(&mut known.history), known.remembered.as_mut()]
        .into_iter()
        .flatten()
    {
        let mut releases = Arc::make_mut(history).releases.iter_mut();
        if let Some(release) = releases.find(|release| release.version == version) {
            change(release);
        }
    }
}
