//! Evidence: what is known about packages beyond their lockfiles, with the reason where it is not known.
//!
//! The plan ([`EvidencePlan`]) is pure: which archives would a rule look at. Gathering ([`gather::gather`]) is
//! the only stage that touches the world, through capabilities such as [`Archives`]; it never fails as a
//! whole. What comes out ([`EvidenceSet`]) is read by pure rules.

mod archived;
pub mod gather;
mod history;
pub mod plan;
mod reason;
mod set;

use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

pub use gather::gather;
pub use history::NoHistories;
pub use plan::{EvidenceKinds, EvidencePlan, plan};
pub use reason::SkipReason;
pub use set::EvidenceSet;

use crate::advisory::matching::Advisory;
use crate::archive::hook::HookReport;
use crate::graph::PackageId;
use crate::package::artifact::Claim;
use crate::package::version::is_same_release;
use crate::package::{Algorithm, Digest, Ecosystem};
use crate::registry::history::{Contradiction, Hook, OwnersSince};
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
    /// Who could publish, since which observation, up to the clock; the oldest first.
    pub owners: Vec<OwnersSince>,
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

/// The files of a release that Python runs whenever it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartUpFiles {
    /// Their paths, sorted.
    pub files: Vec<String>,
    /// Why there may be more of them, if so.
    pub unread: Option<SkipReason>,
}

/// Whatever tells histories of packages: a store, registries, or both.
pub trait Histories {
    /// Finds out what is asked for; each request is answered, in its order.
    fn gather(&mut self, requests: &[HistoryRequest]) -> Vec<Evidence<KnownHistory>>;

    /// Lends what reads the archives of releases.
    fn archives(&self) -> &dyn ReleaseArchives;
}

/// Whatever reads the archives of releases, several at once; nothing of them is run.
pub trait ReleaseArchives: Sync {
    /// Looks at what the install scripts of a release do.
    fn hooks(&self, history: &ReleaseHistory, release: &Release) -> Evidence<ArchivedHooks>;

    /// Reads from the file list of a release's archive which files Python runs whenever it starts.
    fn start_up_files(&self, history: &ReleaseHistory, release: &Release)
    -> Evidence<StartUpFiles>;
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
