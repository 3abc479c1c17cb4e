//! Gathers histories: those of the tree, then those of what its new releases depend on, then what archives show.

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::{
    Evidence, EvidencePlan, EvidenceSet, Histories, HistoryRequest, Interest, KnownHistory,
    PackageKey, SkipReason,
};
use crate::archive::hook::HookReport;
use crate::package::Ecosystem;
use crate::registry::{Release, ReleaseHistory};
use crate::signal::histories::WINDOW;
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

    fn hooks(&mut self, _: &ReleaseHistory, _: &Release) -> Evidence<Vec<HookReport>> {
        Evidence::NotGathered(SkipReason::NotStored)
    }

    fn start_up_files(&mut self, _: &ReleaseHistory, _: &Release) -> Evidence<Vec<String>> {
        Evidence::NotGathered(SkipReason::NotStored)
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
    ask_closely(&judged, histories, set);
    let neighbours = neighbours(plan, &judged, set, now);
    ask(&neighbours, histories, set);
    look_into_archives(plan, histories, now, set);
    add_hooks(plan, histories, now, set);
}

/// Lists what is judged: what a change brings, and of a tree what is young.
fn judged(plan: &EvidencePlan, set: &EvidenceSet, now: Timestamp) -> Vec<HistoryRequest> {
    let is_judged = |request: &&HistoryRequest| {
        let history = set.history_of(request.ecosystem, &request.name);
        let mut releases = history.into_iter().flat_map(|history| {
            let versions = request.versions.iter();
            versions.filter_map(|version| history.release(version))
        });
        request.interest == Interest::Judged || releases.any(|release| is_young(release, now))
    };
    plan.histories.iter().filter(is_judged).cloned().collect()
}

/// Asks again about what an audit found to be young, as about what a change brings; what is known stays where that fails.
fn ask_closely(judged: &[HistoryRequest], histories: &mut dyn Histories, set: &mut EvidenceSet) {
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
        if matches!(known, Evidence::Known(_)) {
            set.insert_history(key(request), known);
        }
    }
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

/// Lists the packages that releases under judgement depend on and their predecessors did not, and that nobody asked about.
fn neighbours(
    plan: &EvidencePlan,
    judged: &[HistoryRequest],
    set: &EvidenceSet,
    now: Timestamp,
) -> Vec<HistoryRequest> {
    let mut asked: FxHashSet<PackageKey> = plan.histories.iter().map(key).collect();
    let mut neighbours = Vec::new();
    for request in judged {
        let Some(history) = set.history_of(request.ecosystem, &request.name) else {
            continue;
        };
        let versions = request.versions.iter();
        let releases = versions.filter_map(|version| history.release(version));
        for added in releases.flat_map(|release| new_dependencies(history, release, now)) {
            let key = (request.ecosystem, added);
            let is_own = plan.is_own_name(&key);
            if neighbours.len() < NEIGHBOURS && !is_own && asked.insert(key.clone()) {
                neighbours.push(HistoryRequest {
                    ecosystem: key.0,
                    name: key.1,
                    versions: Vec::new(),
                    interest: Interest::Neighbour,
                });
            }
        }
    }
    neighbours
}

fn is_young(release: &Release, now: Timestamp) -> bool {
    let published = release.published;
    published.is_some_and(|published| now.duration_since(published) < WINDOW)
}

/// Reads the file lists of young wheels, and that of the release before one that runs files at start-up.
fn look_into_archives(
    plan: &EvidencePlan,
    histories: &mut dyn Histories,
    now: Timestamp,
    set: &mut EvidenceSet,
) {
    let wheels = plan
        .releases
        .iter()
        .filter(|(_, key, _)| key.0 == Ecosystem::Pypi);
    for (package, key, version) in wheels {
        let Some(known) = set.known_mut(key) else {
            continue;
        };
        let history = Arc::clone(&known.history);
        let Some(release) = history
            .release(version)
            .filter(|release| is_young(release, now))
        else {
            continue;
        };
        if look_at_wheel(known, release, histories, now).is_none() {
            set.insert_unread_archive(*package);
        }
    }
}

/// Adds the start-up files of a release to its history; none if what was needed could not be read.
fn look_at_wheel(
    known: &mut KnownHistory,
    release: &Release,
    histories: &mut dyn Histories,
    now: Timestamp,
) -> Option<()> {
    let history = Arc::clone(&known.history);
    let own = histories.start_up_files(&history, release);
    let files = match &own {
        Evidence::Known(files) => files.clone(),
        Evidence::Absent => return Some(()),
        Evidence::NotGathered(_) => return None,
    };
    add_start_up_files(known, &release.version, own);
    let before = predecessor(&history, release, now).filter(|_| !files.is_empty());
    let Some(before) = before else {
        return Some(());
    };
    let before_it = histories.start_up_files(&history, before);
    let is_read = !matches!(before_it, Evidence::NotGathered(_));
    add_start_up_files(known, &before.version, before_it);
    is_read.then_some(())
}

fn add_start_up_files(known: &mut KnownHistory, version: &str, files: Evidence<Vec<String>>) {
    let Evidence::Known(files) = files else {
        return;
    };
    for history in [Some(&mut known.history), known.remembered.as_mut()]
        .into_iter()
        .flatten()
    {
        let mut releases = Arc::make_mut(history).releases.iter_mut();
        if let Some(release) = releases.find(|release| release.version == version) {
            release.install.start_up_files = Some(files.clone());
        }
    }
}

/// Looks at install scripts of releases under judgement that are young, where they are not those of the release before.
fn add_hooks(
    plan: &EvidencePlan,
    histories: &mut dyn Histories,
    now: Timestamp,
    set: &mut EvidenceSet,
) {
    for (package, key, version) in &plan.releases {
        let Some(history) = set.history_of(key.0, &key.1).cloned() else {
            continue;
        };
        let Some(release) = history
            .release(version)
            .filter(|release| is_young(release, now))
        else {
            continue;
        };
        let before = predecessor(&history, release, now);
        let is_new = before.is_none_or(|before| before.install.hooks != release.install.hooks);
        if is_new && !release.install.hooks.is_empty() {
            set.insert_hooks(*package, histories.hooks(&history, release));
        }
    }
}
