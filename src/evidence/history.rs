//! Gathers histories: those of the tree, then those of what its new releases depend on; what archives show comes last.

use jiff::Timestamp;
use rustc_hash::FxHashSet;

use super::{
    ArchivedHooks, Evidence, EvidencePlan, EvidenceSet, Histories, HistoryRequest, Interest,
    KnownHistory, PackageKey, ReleaseArchives, SkipReason, StartUpFiles, archived,
};
use crate::package::Ecosystem;
use crate::registry::{Release, ReleaseHistory};
use crate::signal::new_dependencies;

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

    fn archives(&self) -> &dyn ReleaseArchives {
        self
    }
}

impl ReleaseArchives for NoHistories {
    fn hooks(&self, _: &ReleaseHistory, _: &Release) -> Evidence<ArchivedHooks> {
        Evidence::NotGathered(SkipReason::UnreadArchive)
    }

    fn start_up_files(&self, _: &ReleaseHistory, _: &Release) -> Evidence<StartUpFiles> {
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
    archived::look_into_archives(plan, histories.archives(), now, set);
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
