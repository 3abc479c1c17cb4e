//! What a registry knows of a package over time: who published what, when, with which trust.
//!
//! Every fact may be missing, and then says so: unknown is never read as safe. A registry's reader fills a
//! [`ReleaseHistory`]; signals, the store and `linchpin history` read it.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

pub use super::install_code::{ArchiveKinds, BuildCode, Hook, HookEvent, InstallCode};
use crate::package::version::{VersionOrder, is_same_release};
use crate::package::{Digest, Ecosystem};

/// How long a release is new: whoever would have found something in it needs a week.
pub const NEW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is known of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseHistory {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name, as the registry compares it.
    pub name: String,
    /// The releases, by time of publication; those without a time first, equal times by version.
    pub releases: Vec<Release>,
    /// Versions that were published and are gone.
    pub pulled_back: Vec<PulledBack>,
    /// What the registry says of the package as a whole.
    pub standing: ProjectStanding,
    /// Who may publish it now; none where nobody told.
    pub owners: Option<Arc<[Account]>>,
    /// Versions that do not exist yet at the clock of the run.
    pub later: Vec<String>,
}

/// One version of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// The version, as the registry spells it.
    pub version: String,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Who published it.
    pub publisher: Option<Publisher>,
    /// Who could publish the package at that time.
    pub maintainers: Option<Arc<[Account]>>,
    /// How its origin is vouched for.
    pub trust: Option<Trust>,
    /// Whether the registry signed it; none where registries sign nothing, or did not yet.
    pub signature: Option<Signature>,
    /// Whether it names the commit that it claims to be built from; none where the registry cannot tell.
    pub revision: Option<Revision>,
    /// What of it runs when it is installed.
    pub install: InstallCode,
    /// What it depends on.
    pub dependencies: Arc<[ReleaseDependency]>,
    /// Its size in bytes: unpacked for npm, else that of the largest archive.
    pub size: Option<u64>,
    /// The first bytes of a digest over its archive's digest, and in the last byte the algorithm of the latter; none
    /// where a release has several archives.
    pub digest: Option<u64>,
    /// What its owners say of it by now.
    pub standing: ReleaseStanding,
    /// Files that came later than the release, by time: the last 64. `PyPI` takes such for ever.
    pub late_files: Vec<LateFile>,
    /// Where its archives lie; not kept.
    pub archives: Vec<ArchiveAddress>,
}

/// A version that was published and is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledBack {
    /// The version.
    pub version: String,
    /// When it was published.
    pub published: Option<Timestamp>,
}

/// What a registry says of a package as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProjectStanding {
    /// Nothing.
    #[default]
    Active,
    /// Its owners work on it no more.
    Archived,
    /// Its owners ask people not to use it.
    Deprecated,
    /// The registry suspects it and offers it no more; the reason, if it gives one.
    Quarantined(Option<String>),
    /// The registry replaced it by an empty package of its own.
    SecurityHolding,
    /// Its owners took all of it back.
    Unpublished,
}

/// Something that a registry said of a release, and no longer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// The version.
    pub version: String,
    /// What it is about.
    pub about: ContradictionAbout,
    /// The same in words.
    pub words: String,
}

/// What a registry contradicts itself about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContradictionAbout {
    /// The bytes of an archive, which no registry may change.
    Archive,
    /// How its origin is vouched for.
    Trust,
    /// That it exists.
    Listing,
}

/// Somebody with an account at a registry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The name of the account.
    pub name: String,
    /// The number of the account, where the registry tells: names may change hands.
    pub id: Option<u64>,
    /// The address of that day, where the registry tells.
    pub email: Option<String>,
}

impl Account {
    /// Makes an account of which the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: None,
            email: None,
        }
    }

    /// Says whether two are one account: by their numbers where both are known, else by name.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.id, other.id) {
            (Some(one), Some(other)) => one == other,
            _ => self.name == other.name,
        }
    }

    /// Returns the domain of the e-mail address, in lower case.
    pub fn domain(&self) -> Option<String> {
        let (_, domain) = self.email.as_ref()?.rsplit_once('@')?;
        Some(domain.to_ascii_lowercase())
    }
}

/// Who published a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// The account; that of the registry's own where a machine published.
    pub account: Account,
    /// The pipeline that published, if it was a trusted one.
    pub pipeline: Option<Pipeline>,
}

impl Publisher {
    /// Says whether a machine published: a trusted pipeline, or the identity that all of them share.
    pub fn is_machine(&self) -> bool {
        self.pipeline.is_some()
    }
}

/// A build pipeline that a registry trusts to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// Whose it is: `github`, `gitlab` …
    pub provider: String,
    /// The repository.
    pub repository: Option<String>,
    /// The workflow in it.
    pub workflow: Option<String>,
    /// The registry's id of the trust that was set up.
    pub configuration: Option<String>,
}

/// How the origin of a release is vouched for, the least first (pnpm's ranks).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// By nothing but an account.
    Nothing,
    /// By a statement of the build that made it.
    Provenance,
    /// By a pipeline that the registry trusts.
    TrustedPublishing,
    /// By a pipeline, and by a person who approved it.
    StagedApproval,
}

impl Trust {
    /// Every kind, the least first.
    pub const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Provenance,
        Self::TrustedPublishing,
        Self::StagedApproval,
    ];

    /// Says whether anything but an account vouches for a release.
    pub fn is_attested(self) -> bool {
        self > Self::Nothing
    }

    /// Returns it in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "no provenance",
            Self::Provenance => "provenance",
            Self::TrustedPublishing => "trusted publishing",
            Self::StagedApproval => "trusted publishing, approved by a person",
        }
    }
}

/// Whether a release names a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// This one; nothing proves it.
    Named(String),
    /// It names none.
    Missing,
}

/// Whether a registry signed a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It did.
    Present,
    /// It did not.
    Missing,
}

/// Who could publish from some observation on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnersSince {
    /// The first observation of them.
    pub since: Timestamp,
    /// The last one.
    pub until: Timestamp,
    /// The accounts.
    pub owners: Arc<[Account]>,
}

/// A dependency that a release declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseDependency {
    /// The name of the package.
    pub name: String,
    /// What is required of it, in the grammar of the ecosystem.
    pub requirement: String,
    /// What it is to the release.
    pub role: DependencyRole,
}

/// What a dependency is to a release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DependencyRole {
    /// The release uses it.
    #[default]
    Own,
    /// Whoever uses the release has to have it; npm installs it, too (peer dependencies, since npm 7).
    Peer,
}

/// What the owners of a release say of it by now. It carries no dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReleaseStanding {
    /// It was yanked; the reason, empty where none is given.
    pub yanked: Option<String>,
    /// It was deprecated; the notice.
    pub deprecated: Option<String>,
}

/// Where an archive of a release lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveAddress {
    /// The file's name.
    pub file: String,
    /// Its address, as the registry wrote it; empty where it follows from the name.
    pub url: String,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Whether the registry holds a provenance for it.
    pub trust: Option<Trust>,
    /// When it was uploaded.
    pub uploaded: Option<Timestamp>,
    /// The SHA-256 of its bytes.
    pub digest: Option<Digest>,
}

/// A file that came to a release more than an hour after its first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateFile {
    /// When it was uploaded.
    pub uploaded: Timestamp,
    /// The SHA-256 of its bytes, where the registry tells it.
    pub digest: Option<Digest>,
}

/// How long the upload of one release may take.
const ONE_UPLOAD: SignedDuration = SignedDuration::from_hours(1);

/// How many late files of a release are told apart.
const LATE_FILES: usize = 64;

impl Release {
    /// Says whether two descriptions are of other bytes; those whose digests are not of one algorithm prove nothing.
    pub fn is_another_archive(&self, other: &Self) -> bool {
        match (self.digest, other.digest) {
            (Some(one), Some(other)) => one & 0xff == other & 0xff && one != other,
            _ => false,
        }
    }

    /// Says whether it, or a file that came to it late, is younger than a week at a moment; what has no time is not.
    pub fn is_new(&self, now: Timestamp) -> bool {
        let late = self.late_files.last().map(|late| late.uploaded);
        let youngest = late.max(self.published);
        youngest.is_some_and(|youngest| now.duration_since(youngest) < NEW)
    }

    /// Finds the files that came late among its archives.
    pub(super) fn find_late_files(&mut self) {
        let Some(published) = self.published else {
            return;
        };
        let archives = self.archives.iter();
        let late = archives.filter_map(|archive| {
            let uploaded = archive.uploaded?;
            let digest = archive.digest.clone();
            let is_late = uploaded.duration_since(published) > ONE_UPLOAD;
            is_late.then_some(LateFile { uploaded, digest })
        });
        self.late_files = late.collect();
        self.late_files.sort_by_key(|late| late.uploaded);
        let surplus = self.late_files.len().saturating_sub(LATE_FILES);
        self.late_files.drain(..surplus);
    }

    /// Hides files that came after a moment.
    fn hide_files(&mut self, is_later: impl Fn(Option<Timestamp>) -> bool) {
        self.archives.retain(|archive| !is_later(archive.uploaded));
        self.late_files
            .retain(|late| !is_later(Some(late.uploaded)));
    }
}

impl ReleaseHistory {
    /// Starts a history of which nothing is known yet.
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            releases: Vec::new(),
            pulled_back: Vec::new(),
            standing: ProjectStanding::Active,
            owners: None,
            later: Vec::new(),
        }
    }

    /// Brings the releases into their order. O(releases · log releases).
    pub fn sort(&mut self) {
        let ecosystem = self.ecosystem;
        self.releases.sort_by(|one, other| {
            let by_time = one.published.cmp(&other.published);
            by_time.then_with(|| by_version(ecosystem, &one.version, &other.version))
        });
    }

    /// Finds a release, by any spelling of its version. Latest first: that is what lockfiles hold.
    pub fn release(&self, version: &str) -> Option<&Release> {
        let mut releases = self.releases.iter().rev();
        let exact = releases.find(|release| release.version == version);
        exact.or_else(|| {
            let mut releases = self.releases.iter();
            releases.find(|release| is_same_release(self.ecosystem, &release.version, version))
        })
    }

    /// Hides what was published after a moment, as if it were that moment; the clock's own second is not after it.
    #[must_use]
    pub fn until(mut self, now: Timestamp) -> Self {
        let is_later = |time: Option<Timestamp>| {
            time.is_some_and(|time| time.duration_since(now) >= SignedDuration::from_secs(1))
        };
        for release in &mut self.releases {
            release.hide_files(is_later);
        }
        let mut times = self.releases.iter().map(|release| release.published);
        let mut pulled = self.pulled_back.iter().map(|pulled| pulled.published);
        if !times.any(is_later) && !pulled.any(is_later) {
            return self;
        }
        let (later, known): (Vec<Release>, Vec<Release>) =
            (self.releases.into_iter()).partition(|release| is_later(release.published));
        self.releases = known;
        self.later = later.into_iter().map(|release| release.version).collect();
        let (later, known): (Vec<PulledBack>, Vec<PulledBack>) =
            (self.pulled_back.into_iter()).partition(|pulled| is_later(pulled.published));
        self.pulled_back = known;
        self.later
            .extend(later.into_iter().map(|pulled| pulled.version));
        self
    }

    /// Returns when the package first appeared.
    pub fn first_published(&self) -> Option<Timestamp> {
        let releases = self.releases.iter().map(|release| release.published);
        let pulled = self.pulled_back.iter().map(|pulled| pulled.published);
        releases.chain(pulled).flatten().min()
    }
}

fn by_version(ecosystem: Ecosystem, one: &str, other: &str) -> Ordering {
    let order = |text| VersionOrder::parse(ecosystem, text);
    order(one).cmp(&order(other)).then_with(|| one.cmp(other))
}
