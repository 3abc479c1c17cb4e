//! Evidence: what is known about packages beyond their lockfiles, with the reason where it is not known.
//!
//! The plan ([`EvidencePlan`]) is pure: which archives would a rule look at. Gathering ([`gather::gather`]) is
//! the only stage that touches the world, through capabilities such as [`Archives`]; it never fails as a
//! whole. What comes out ([`EvidenceSet`]) is read by pure rules.

pub mod gather;
mod history;
pub mod plan;

use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;
use serde::Serialize;
use thiserror::Error;

pub use gather::gather;
pub use history::NoHistories;
pub use plan::{EvidenceKinds, EvidencePlan, plan};

use crate::advisory::matching::Advisory;
use crate::archive::hook::HookReport;
use crate::graph::PackageId;
use crate::package::artifact::Claim;
use crate::package::version::is_same_release;
use crate::package::{Algorithm, Digest, Ecosystem};
use crate::registry::history::Contradiction;
use crate::registry::history::Hook;
use crate::registry::{Release, ReleaseHistory};
use crate::text::Untrusted;

/// A fact that may be missing, and then says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence<T> {
    /// It is known.
    Known(T),
    /// It was looked for and does not exist.
    Absent,
    /// It was not looked for.
    NotGathered(SkipReason),
}

/// Why a check did not cover a package: the closed list of `linchpin/report/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The project's own package.
    FirstParty,
    /// It comes from version control.
    GitSource,
    /// It comes from a folder.
    PathSource,
    /// It is an archive from outside any registry.
    ArchiveSource,
    /// It is shipped inside another package's archive.
    Bundled,
    /// The lockfile pins no digest that could be compared.
    NoDigest,
    /// No local cache holds its archive.
    NoLocalCopy,
    /// The archive is there but could not be read.
    Unreadable,
    /// The check is switched off in the configuration.
    SwitchedOff,
    /// Only development needs it, and the configuration skips that.
    Development,
    /// The lockfile states no version.
    NoVersion,
    /// The lockfile's format has no place for the fact.
    NotInFormat,
    /// There is no advisory feed of its ecosystem.
    NoFeed,
    /// The advisory feed of its ecosystem cannot be read.
    UnreadableFeed,
    /// It comes from a registry with names of its own.
    PrivateRegistry,
    /// No name is known to be the project's own, so that there is nothing to compare with.
    NoOwnNames,
    /// The change does not touch it.
    Unchanged,
    /// Its registry says nothing of the kind.
    NotInRegistry,
    /// Nobody knows when it was published.
    NoTime,
    /// Nobody knows who published it.
    NoPublisher,
    /// No connection is made, and nothing of it is stored.
    NotStored,
    /// Its registry did not answer, or not with what was asked.
    NoAnswer,
    /// The run had used up its time or its bytes before.
    OverBudget,
    /// What its archive holds could not be read.
    UnreadArchive,
    /// The registry that the user's own package manager asks cannot be asked.
    UnusableRegistry,
    /// No registry takes such a name.
    InvalidName,
    /// It is published after the clock of the run.
    NotYet,
    /// Its archive is none that could be read.
    StrangeArchive,
}

impl SkipReason {
    /// Every reason, in the order of reports.
    pub const ALL: [Self; 28] = [
        Self::FirstParty,
        Self::GitSource,
        Self::PathSource,
        Self::ArchiveSource,
        Self::Bundled,
        Self::NoDigest,
        Self::NoLocalCopy,
        Self::Unreadable,
        Self::SwitchedOff,
        Self::Development,
        Self::NoVersion,
        Self::NotInFormat,
        Self::NoFeed,
        Self::UnreadableFeed,
        Self::PrivateRegistry,
        Self::NoOwnNames,
        Self::Unchanged,
        Self::NotInRegistry,
        Self::NoTime,
        Self::NoPublisher,
        Self::NotStored,
        Self::NoAnswer,
        Self::OverBudget,
        Self::UnreadArchive,
        Self::UnusableRegistry,
        Self::InvalidName,
        Self::NotYet,
        Self::StrangeArchive,
    ];

    /// Returns the reason in words that follow a count of packages.
    pub const fn words(self) -> &'static str {
        match self {
            Self::FirstParty => "first-party",
            Self::GitSource => "from git",
            Self::PathSource => "from a folder",
            Self::ArchiveSource => "from a single archive",
            Self::Bundled => "bundled in another package",
            Self::NoDigest => "without a digest in the lockfile",
            Self::NoLocalCopy => "without a local copy",
            Self::Unreadable => "with a local copy that cannot be read",
            Self::SwitchedOff => "switched off in the configuration",
            Self::Development => "for development only, skipped by the configuration",
            Self::NoVersion => "without a version",
            Self::NotInFormat => "in a lockfile that cannot say",
            Self::NoFeed => "without an advisory feed",
            Self::PrivateRegistry => "from a private registry",
            Self::NoOwnNames => "without names of your own to compare with",
            Self::UnreadableFeed => "with an advisory feed that cannot be read",
            Self::Unchanged => "untouched by the change",
            Self::NotInRegistry => "from a registry that cannot say",
            Self::NoTime => "without a time of publication",
            Self::NoPublisher => "without a known publisher",
            Self::NotStored => "without a stored history",
            Self::NoAnswer => "whose registry gave no answer",
            Self::OverBudget => "beyond the budget of the run",
            Self::UnreadArchive => "with an archive that could not be read",
            Self::UnusableRegistry => "whose configured registry cannot be asked",
            Self::InvalidName => "with a name that no registry takes",
            Self::NotYet => "published after the clock of the run",
            Self::StrangeArchive => "with an archive that is none",
        }
    }
}

/// A wish for the local copies of one package's archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveRequest {
    /// The package.
    pub package: PackageId,
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its name, as the registry spells it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The host of its registry; none for the public one.
    pub registry_host: Option<String>,
    /// The digest that the lockfile pins, of the strongest algorithm that it uses.
    pub digest: Digest,
}

/// Whose release feeds are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A package's, as its entries state it.
    Stated(PackageId),
    /// The one that an archive's address claims to be, whichever package downloads it.
    Claimed,
}

/// A wish for what feeds say of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdvisoryRequest {
    /// Whose release it is.
    pub identity: Identity,
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its name, as the registry compares it.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl AdvisoryRequest {
    /// Returns the release as an archive's address would name it.
    fn claim(&self) -> Claim {
        Claim {
            name: self.name.clone(),
            version: self.version.clone(),
        }
    }
}

/// What feeds say of one release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownAdvisories {
    /// What holds for it, sorted by id.
    pub found: Vec<Advisory>,
    /// The least fixed version above it for which nothing holds.
    pub clear_in: Option<String>,
    /// Ids of what it is the fixed version of, sorted.
    pub fixes: Vec<String>,
}

/// A wish for a package's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRequest {
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Its name, as the registry compares it.
    pub name: String,
    /// The versions that the tree holds; none for a package that is only compared with.
    pub versions: Vec<String>,
    /// Why it is asked for.
    pub interest: Interest,
}

/// Why a history is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// The tree holds it: what the registry listed lately will do.
    Listed,
    /// The change brings it: the registry is asked, and also who published.
    Judged,
    /// A release under judgement depends on it by now.
    Neighbour,
}

/// What is known of a package's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownHistory {
    /// What the registry says, or said when it was last asked.
    pub history: Arc<ReleaseHistory>,
    /// When that was.
    pub observed: Timestamp,
    /// Who says so.
    pub origin: HistoryOrigin,
    /// The same with what earlier runs saw and the registry no longer says; only where that differs.
    pub remembered: Option<Arc<ReleaseHistory>>,
    /// What earlier runs saw and the registry no longer says.
    pub contradictions: Vec<Contradiction>,
}

impl KnownHistory {
    /// Says whether what is not in it is not there.
    pub fn is_authoritative(&self) -> bool {
        self.origin == HistoryOrigin::Registry
    }

    /// Says whether it tells of a version, be it that it does not exist.
    pub fn knows(&self, version: &str) -> bool {
        let history = &self.history;
        let is_same = |other: &String| is_same_release(history.ecosystem, other, version);
        self.is_authoritative()
            || history.release(version).is_some()
            || history.later.iter().any(is_same)
    }
}

/// Who says what a history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryOrigin {
    /// The registry, within this run or so shortly before that it would say the same.
    Registry,
    /// An earlier run.
    Stored,
}

/// A package by which histories are told apart: ecosystem, and name as the registry compares it.
pub type PackageKey = (Ecosystem, String);

/// The install scripts of a release: those that the registry tells of, and those that its archive holds besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchivedHooks {
    /// The scripts.
    pub hooks: Vec<Hook>,
    /// What each was seen to do.
    pub reports: Vec<HookReport>,
}

/// Whatever tells histories of packages: a store, registries, or both.
pub trait Histories {
    /// Finds out what is asked for; each request is answered, in its order.
    fn gather(&mut self, requests: &[HistoryRequest]) -> Vec<Evidence<KnownHistory>>;

    /// Looks at what the install scripts of a release do: its archive is read, nothing of it is run.
    fn hooks(&mut self, history: &ReleaseHistory, release: &Release) -> Evidence<ArchivedHooks>;

    /// Reads from the file list of a release's archive which files Python runs whenever it starts.
    fn start_up_files(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Evidence<Vec<String>>;
}

/// An archive in a local cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalArchive {
    /// Where it lies, as text for reports and for opening it again.
    pub path: Untrusted<'static>,
}

/// What hashing a local archive showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveObservation {
    /// The file.
    pub archive: LocalArchive,
    /// The digest that the lockfile pins.
    pub pinned: Digest,
    /// The digest of the bytes on disk.
    pub found: Digest,
}

/// Read-only access to the archives in the caches of package managers.
pub trait Archives: Sync {
    /// Finds the local copies of an archive, sorted by path; none is normal.
    fn find(&self, request: &ArchiveRequest) -> Vec<LocalArchive>;

    /// Hashes a file as it is on disk.
    fn digest(&self, archive: &LocalArchive, algorithm: Algorithm) -> Result<Digest, ArchiveError>;
}

/// Why a local archive could not be hashed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The system said no.
    #[error("{0}")]
    System(String),
    /// Linchpin does not compute this algorithm, because it is broken.
    #[error("{} proves nothing", .0.id())]
    Weak(Algorithm),
    /// It is a link, a device or a pipe.
    #[error("not a regular file")]
    NotRegular,
}

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
    fn known_mut(&mut self, key: &PackageKey) -> Option<&mut KnownHistory> {
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

    /// Records that less is known of a release than should be, and why.
    pub fn insert_undetailed(&mut self, package: PackageId, reason: SkipReason) {
        self.undetailed.insert(package, reason);
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
