//! The evidence of a run, for rules to read. Pure.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{ArchiveObservation, Evidence, KnownAdvisories, KnownHistory, PackageKey, SkipReason};
use crate::archive::hook::HookReport;
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::package::artifact::Claim;
use crate::registry::ReleaseHistory;

/// No feed was asked about a release.
const UNASKED: &Evidence<KnownAdvisories> = &Evidence::NotGathered(SkipReason::NoFeed);

/// Everything that was gathered.
#[derive(Debug, Default)]
pub struct EvidenceSet {
    archives: FxHashMap<PackageId, Evidence<Vec<ArchiveObservation>>>,
    advisories: FxHashMap<PackageId, Evidence<KnownAdvisories>>,
    claims: FxHashMap<(Ecosystem, Claim), Evidence<KnownAdvisories>>,
    histories: FxHashMap<PackageKey, Evidence<KnownHistory>>,
    /// The key of each package that was asked about, or why it was not.
    keys: FxHashMap<PackageId, Result<PackageKey, Evidence<KnownHistory>>>,
    hooks: FxHashMap<PackageId, Evidence<Vec<HookReport>>>,
    /// Releases of which less is known than should be.
    undetailed: FxHashMap<PackageId, SkipReason>,
}

/// No history was asked for.
const NO_HISTORY: &Evidence<KnownHistory> = &Evidence::NotGathered(SkipReason::SwitchedOff);

impl EvidenceSet {
    /// Returns what the local caches hold of a package.
    pub fn archives(&self, package: PackageId) -> &Evidence<Vec<ArchiveObservation>> {
        const NOTHING: &Evidence<Vec<ArchiveObservation>> =
            &Evidence::NotGathered(SkipReason::NoDigest);
        self.archives.get(&package).unwrap_or(NOTHING)
    }

    /// Returns what feeds say of a package's release, as its entries state it.
    pub fn advisories(&self, package: PackageId) -> &Evidence<KnownAdvisories> {
        self.advisories.get(&package).unwrap_or(UNASKED)
    }

    /// Returns what feeds say of the release that an archive's address claims to be.
    pub fn claimed_advisories(
        &self,
        ecosystem: Ecosystem,
        claim: &Claim,
    ) -> &Evidence<KnownAdvisories> {
        let claimed = (ecosystem, claim.clone());
        self.claims.get(&claimed).unwrap_or(UNASKED)
    }

    /// Says whether a feed that is there could not answer for some release.
    pub fn lacks_advisories_of_a_feed(&self) -> bool {
        let unread = Evidence::NotGathered(SkipReason::UnreadableFeed);
        let mut answers = self.advisories.values().chain(self.claims.values());
        answers.any(|known| *known == unread)
    }

    /// Returns what is known of a package's history.
    pub fn history(&self, package: PackageId) -> &Evidence<KnownHistory> {
        match self.keys.get(&package) {
            Some(Ok(key)) => self.histories.get(key).unwrap_or(NO_HISTORY),
            Some(Err(not_gathered)) => not_gathered,
            None => NO_HISTORY,
        }
    }

    /// Returns the history of a package by its name.
    pub fn history_of(&self, ecosystem: Ecosystem, name: &str) -> Option<&Arc<ReleaseHistory>> {
        match self.histories.get(&(ecosystem, name.to_owned()))? {
            Evidence::Known(known) => Some(&known.history),
            Evidence::Absent | Evidence::NotGathered(_) => None,
        }
    }

    /// Returns a history to add to it.
    pub(super) fn known_mut(&mut self, key: &PackageKey) -> Option<&mut KnownHistory> {
        match self.histories.get_mut(key)? {
            Evidence::Known(known) => Some(known),
            Evidence::Absent | Evidence::NotGathered(_) => None,
        }
    }

    /// Returns what the install scripts of a package do, as far as its archive showed.
    pub fn hooks(&self, package: PackageId) -> &Evidence<Vec<HookReport>> {
        const UNREAD: &Evidence<Vec<HookReport>> = &Evidence::NotGathered(SkipReason::SwitchedOff);
        self.hooks.get(&package).unwrap_or(UNREAD)
    }

    /// Lists the packages whose history was wanted and could not be had, by name, with the reason.
    pub fn lacking_histories(&self) -> Vec<(&PackageKey, SkipReason)> {
        let lacking = self
            .histories
            .iter()
            .filter_map(|(key, known)| match known {
                Evidence::NotGathered(reason) => Some((key, *reason)),
                Evidence::Known(_) | Evidence::Absent => None,
            });
        let mut lacking: Vec<_> = lacking.collect();
        lacking.sort();
        lacking
    }

    /// Lists every history that is known, by name.
    pub fn known_histories(&self) -> impl Iterator<Item = (&PackageKey, &KnownHistory)> {
        self.histories
            .iter()
            .filter_map(|(key, known)| match known {
                Evidence::Known(known) => Some((key, known)),
                Evidence::Absent | Evidence::NotGathered(_) => None,
            })
    }

    /// Records whose history a package has.
    pub fn insert_key(&mut self, package: PackageId, key: Result<PackageKey, SkipReason>) {
        self.keys
            .insert(package, key.map_err(Evidence::NotGathered));
    }

    /// Records a history.
    pub fn insert_history(&mut self, key: PackageKey, known: Evidence<KnownHistory>) {
        self.histories.insert(key, known);
    }

    /// Records that less is known of a release than should be, and why; the first reason stays, as histories weigh more than archives.
    pub fn insert_undetailed(&mut self, package: PackageId, reason: SkipReason) {
        self.undetailed.entry(package).or_insert(reason);
    }

    /// Says why less is known of a release than should be, if so.
    pub fn lacks_detail(&self, package: PackageId) -> Option<SkipReason> {
        self.undetailed.get(&package).copied()
    }

    /// Records what install scripts do.
    pub fn insert_hooks(&mut self, package: PackageId, reports: Evidence<Vec<HookReport>>) {
        self.hooks.insert(package, reports);
    }

    /// Records what feeds say of a package's release.
    pub fn insert_advisories(&mut self, package: PackageId, known: Evidence<KnownAdvisories>) {
        self.advisories.insert(package, known);
    }

    /// Records what feeds say of the release that an archive's address claims to be.
    pub fn insert_claimed_advisories(
        &mut self,
        ecosystem: Ecosystem,
        claim: Claim,
        known: Evidence<KnownAdvisories>,
    ) {
        self.claims.insert((ecosystem, claim), known);
    }

    /// Records what the local caches hold of a package.
    pub fn insert_archives(
        &mut self,
        package: PackageId,
        archives: Evidence<Vec<ArchiveObservation>>,
    ) {
        self.archives.insert(package, archives);
    }
}
