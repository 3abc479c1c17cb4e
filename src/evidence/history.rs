//! Gathers histories: those of the tree, then those of what its new releases depend on, then what archives show.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::{
    ArchivedHooks, Evidence, EvidencePlan, EvidenceSet, Histories, HistoryRequest, Interest,
    KnownHistory, PackageKey, SkipReason, StartUpFiles,
};
use crate::archive::hook::HookReport;
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::registry::history::Hook;
use crate::registry::{Release, ReleaseHistory};
use crate::signal::{new_dependencies, predecessor};

/// How many dependencies of one run are asked about beside those in the tree.
const NEIGHBOURS: usize = 500;

/// No histories at all: nothing is stored, and nobody is asked.
pub struct NoHistories;

impl Histories for NoHistories {
    fn gather(&mut self, requests: &[HistoryRequest]) -> Vec<Evidence<KnownHistory>> {
        let none = requests
            .iter()
            .map(|_| Evidence::NotGathered(SkipReason::NotStored));
        none.collect()
    }

    fn hooks(&mut self, _: &ReleaseHistory, _: &Release) -> Evidence<ArchivedHooks> {
        Evidence::NotGathered(SkipReason::UnreadArchive)
    }

    fn start_up_files(&mut self, _: &ReleaseHistory, _: &Release) -> Evidence<StartUpFiles> {
        Evidence::NotGathered(SkipReason::UnreadArchive)
    }
}

/// Gathers what the plan asks for, and what follows from it.
pub(super) fn gather(
    plan: &EvidencePlan,
    histories: &mut dyn Histories,
    now: Timestamp,
    set: &mut EvidenceSet,
) {
    ask(&plan.histories, histories, set);
    let judged = judged(plan, set, now);
    ask_closely(plan, &judged, histories, set);
    let neighbours = neighbours(plan, &judged, set, now);
    ask(&neighbours.asked, histories, set);
    for key in &neighbours.cut {
        mark(plan, key, SkipReason::OverBudget, set);
    }
    look_into_archives(plan, histories, now, set);
}

/// Lists what is judged: what a change brings, and of a tree what is young.
fn judged(plan: &EvidencePlan, set: &EvidenceSet, now: Timestamp) -> Vec<HistoryRequest> {
    let is_judged = |request: &&HistoryRequest| {
        let history = set.history_of(request.ecosystem, &request.name);
        let mut releases = history.into_iter().flat_map(|history| {
            let versions = request.versions.iter();
            versions.filter_map(|version| history.release(version))
        });
        request.interest == Interest::Judged || releases.any(|release| release.is_new(now))
    };
    plan.histories.iter().filter(is_judged).cloned().collect()
}

/// Asks again about what an audit found to be young, as about what a change brings; where that fails the list stays, and is not enough.
fn ask_closely(
    plan: &EvidencePlan,
    judged: &[HistoryRequest],
    histories: &mut dyn Histories,
    set: &mut EvidenceSet,
) {
    let again = judged
        .iter()
        .filter(|request| request.interest == Interest::Listed && lacks_detail(request, set));
    let again = again.map(|request| HistoryRequest {
        interest: Interest::Judged,
        ..request.clone()
    });
    let again: Vec<HistoryRequest> = again.collect();
    if again.is_empty() {
        return;
    }
    for (request, known) in again.iter().zip(histories.gather(&again)) {
        let key = key(request);
        match known {
            Evidence::Known(_) => set.insert_history(key, known),
            Evidence::Absent => {}
            Evidence::NotGathered(reason) => mark(plan, &key, reason, set),
        }
    }
}

/// Records that less is known of the releases of a package than should be.
fn mark(plan: &EvidencePlan, key: &PackageKey, reason: SkipReason, set: &mut EvidenceSet) {
    let releases = plan.releases.iter().filter(|(_, other, _)| other == key);
    releases.for_each(|(package, ..)| set.insert_undetailed(*package, reason));
}

fn key(request: &HistoryRequest) -> PackageKey {
    (request.ecosystem, request.name.clone())
}

fn ask(requests: &[HistoryRequest], histories: &mut dyn Histories, set: &mut EvidenceSet) {
    let answers = histories.gather(requests);
    for (request, known) in requests.iter().zip(answers) {
        set.insert_history(key(request), known);
    }
}

/// Says whether the registry of a package could tell more of what the tree holds than its list of releases does.
fn lacks_detail(request: &HistoryRequest, set: &EvidenceSet) -> bool {
    let history = set.history_of(request.ecosystem, &request.name);
    let releases = history.into_iter().flat_map(|history| {
        let versions = request.versions.iter();
        versions.filter_map(|version| history.release(version))
    });
    let lacks = |release: &Release| match request.ecosystem {
        // Its list is all there is.
        Ecosystem::Npm => false,
        // Who published stands in the API.
        Ecosystem::Cargo => release.trust.is_none(),
        // Where the archives lie is not kept; what they showed is.
        Ecosystem::Pypi => release.archives.is_empty() && release.install.start_up_files.is_none(),
    };
    releases.into_iter().any(lacks)
}

/// The packages that releases under judgement depend on by now.
#[derive(Default)]
struct Dependencies {
    /// Those to be asked about.
    asked: Vec<HistoryRequest>,
    /// Packages that depend on more than a run asks about.
    cut: Vec<PackageKey>,
}

/// Lists the packages that releases under judgement depend on and their predecessors did not, and that nobody asked about.
fn neighbours(
    plan: &EvidencePlan,
    judged: &[HistoryRequest],
    set: &EvidenceSet,
    now: Timestamp,
) -> Dependencies {
    let mut known: FxHashSet<PackageKey> = plan.histories.iter().map(key).collect();
    let mut neighbours = Dependencies::default();
    for request in judged {
        let Some(history) = set.history_of(request.ecosystem, &request.name) else {
            continue;
        };
        let versions = request.versions.iter();
        let releases = versions.filter_map(|version| history.release(version));
        for added in releases.flat_map(|release| new_dependencies(history, release, now)) {
            let added = (request.ecosystem, added);
            if known.contains(&added) || plan.is_own_name(&added) {
                continue;
            }
            if neighbours.asked.len() == NEIGHBOURS {
                neighbours.cut.push(key(request));
                break;
            }
            known.insert(added.clone());
            neighbours.asked.push(HistoryRequest {
                ecosystem: added.0,
                name: added.1,
                versions: Vec::new(),
                interest: Interest::Neighbour,
            });
        }
    }
    neighbours
}

/// Reads the archives of young releases: what Python runs at start-up, and what npm runs at installation.
fn look_into_archives(
    plan: &EvidencePlan,
    histories: &mut dyn Histories,
    now: Timestamp,
    set: &mut EvidenceSet,
) {
    let judged: FxHashSet<PackageId> = plan.judged.iter().map(|(id, ..)| *id).collect();
    for (package, key, version) in &plan.releases {
        let Some(known) = set.known_mut(key) else {
            continue;
        };
        let history = Arc::clone(&known.history);
        let release = history.release(version);
        let Some(release) = release.filter(|release| release.is_new(now)) else {
            continue;
        };
        let before = predecessor(&history, release, now);
        let hooks = &release.install.hooks;
        let has_new_hooks = !hooks.is_empty() && hooks_of(before) != hooks;
        let looked = match key.0 {
            Ecosystem::Pypi => look_at_wheels(known, release, before, histories).map(|()| None),
            // The archives of all that is young in a tree are not worth reading; those that a change brings are.
            Ecosystem::Npm if has_new_hooks || judged.contains(package) => {
                look_at_hooks(known, release, before, histories)
            }
            Ecosystem::Npm | Ecosystem::Cargo => continue,
        };
        match looked {
            Ok(None) => {}
            Ok(Some(reports)) => set.insert_hooks(*package, Evidence::Known(reports)),
            Err(reason) => {
                set.insert_undetailed(*package, reason);
                if has_new_hooks {
                    set.insert_hooks(*package, Evidence::NotGathered(reason));
                }
            }
        }
    }
}

/// Adds the start-up files of a release to its history, and those of the one before it where it has any.
///
/// # Errors
///
/// Fails with the reason if what was needed could not be read.
fn look_at_wheels(
    known: &mut KnownHistory,
    release: &Release,
    before: Option<&Release>,
    histories: &mut dyn Histories,
) -> Result<(), SkipReason> {
    let own = look_at_wheels_of(known, release, histories)?;
    let before = match (&own.files[..], before) {
        ([_, ..], Some(before)) => look_at_wheels_of(known, before, histories)?,
        _ => StartUpFiles::default(),
    };
    own.unread.or(before.unread).map_or(Ok(()), Err)
}

/// Adds the start-up files of a release to its history.
fn look_at_wheels_of(
    known: &mut KnownHistory,
    release: &Release,
    histories: &mut dyn Histories,
) -> Result<StartUpFiles, SkipReason> {
    let history = Arc::clone(&known.history);
    match histories.start_up_files(&history, release) {
        Evidence::Known(found) => {
            add_to_release(known, &release.version, |release| {
                release.install.start_up_files = Some(found.files.clone());
            });
            Ok(found)
        }
        Evidence::Absent => Ok(StartUpFiles::default()),
        Evidence::NotGathered(reason) => Err(reason),
    }
}

/// Adds the install scripts that an archive holds to those that the registry told of; returns what they do if the release before had others.
///
/// # Errors
///
/// Fails with the reason if the archive could not be read.
fn look_at_hooks(
    known: &mut KnownHistory,
    release: &Release,
    before: Option<&Release>,
    histories: &mut dyn Histories,
) -> Result<Option<Vec<HookReport>>, SkipReason> {
    let history = Arc::clone(&known.history);
    let archived = match histories.hooks(&history, release) {
        Evidence::Known(archived) => archived,
        Evidence::Absent => return Ok(None),
        Evidence::NotGathered(reason) => return Err(reason),
    };
    let set_hooks = |known: &mut KnownHistory, version: &str, hooks: &Vec<Hook>| {
        add_to_release(known, version, |release| {
            release.install.hooks.clone_from(hooks);
        });
    };
    set_hooks(known, &release.version, &archived.hooks);
    let mut former = hooks_of(before).to_vec();
    // What only the archive shows may have been in the one before it, too.
    if archived.hooks != release.install.hooks
        && let Some(before) = before
        && let Evidence::Known(archived) = histories.hooks(&history, before)
    {
        set_hooks(known, &before.version, &archived.hooks);
        former = archived.hooks;
    }
    let is_new = !archived.hooks.is_empty() && former != archived.hooks;
    Ok(is_new.then_some(archived.reports))
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
