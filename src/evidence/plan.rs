//! The plan: which evidence the rules need for which packages. Pure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{AdvisoryRequest, ArchiveRequest, Evidence, EvidenceSet, Identity, SkipReason};
use crate::cores;
use crate::graph::{DependencyGraph, Package, PackageId};
use crate::lockfile::{Delivery, EntryKind};
use crate::package::address::host_name;
use crate::package::artifact::Claim;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Source};
use crate::signal::{Signal, View, claims};

/// A set of kinds of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvidenceKinds(u8);

impl EvidenceKinds {
    /// Nothing beyond the lockfiles.
    pub const NONE: Self = Self(0);
    /// The digests of archives in local caches.
    pub const ARCHIVES: Self = Self(1);
    /// What advisory feeds say.
    pub const ADVISORIES: Self = Self(2);

    /// Says whether one of these kinds is among those.
    pub const fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    const fn and(self, kinds: Self) -> Self {
        Self(self.0 | kinds.0)
    }
}

/// What is to be gathered, and what is known to be out of reach already.
#[derive(Debug, Default)]
pub struct EvidencePlan {
    /// Archives to look for and hash, one for each package.
    pub archives: Vec<ArchiveRequest>,
    /// Packages for whose archives nothing will be looked for, and why.
    pub excluded: Vec<(PackageId, SkipReason)>,
    /// Releases to ask the advisory feeds about: one for each package, and each that an archive's address claims to be.
    pub advisories: Vec<AdvisoryRequest>,
    /// Packages about which no feed will be asked, and why.
    pub unasked: Vec<(PackageId, SkipReason)>,
}

/// Plans what the given rules need. O(packages).
pub fn plan(view: &View<'_>, signals: &[&dyn Signal]) -> EvidencePlan {
    let mut plan = EvidencePlan::default();
    let needs = signals.iter().fold(EvidenceKinds::NONE, |needs, signal| {
        needs.and(signal.needs())
    });
    if needs.has(EvidenceKinds::ARCHIVES) {
        plan.ask_for_archives(view);
    }
    if needs.has(EvidenceKinds::ADVISORIES) {
        plan.ask_for_advisories(view);
    }
    plan
}

impl EvidencePlan {
    fn ask_for_archives(&mut self, view: &View<'_>) {
        for (id, package) in view.graph.packages() {
            match archive_request(view.graph, id, package) {
                _ if !view.config.verify.caches => {
                    self.excluded.push((id, SkipReason::SwitchedOff));
                }
                Ok(request) => self.archives.push(request),
                Err(reason) => self.excluded.push((id, reason)),
            }
        }
    }

    fn ask_for_advisories(&mut self, view: &View<'_>) {
        for (id, package) in view.graph.packages() {
            match advisory_request(id, package) {
                Ok(request) => self.advisories.push(request),
                Err(reason) => self.unasked.push((id, reason)),
            }
        }
        self.ask_about_claims(view);
    }

    /// An entry may download another release than it says, which has to be asked about too, once for all of them.
    fn ask_about_claims(&mut self, view: &View<'_>) {
        let packages: Vec<(PackageId, &Package<'_>)> = view.graph.packages().collect();
        // Every address is looked at, so that this is worth all cores.
        let claims = cores::map(&packages, |(id, package)| {
            let claims = claims(*id, view);
            let claims = claims.map(|claim| (package.ecosystem, claim));
            claims.collect::<Vec<_>>()
        });
        let distinct: BTreeSet<(Ecosystem, Claim)> = claims.into_iter().flatten().collect();
        let requests = distinct
            .into_iter()
            .map(|(ecosystem, claim)| AdvisoryRequest {
                identity: Identity::Claimed,
                ecosystem,
                name: claim.name,
                version: claim.version,
            });
        self.advisories.extend(requests);
    }

    /// Starts a set with what is known to be out of reach.
    pub(super) fn exclusions(&self) -> EvidenceSet {
        let mut set = EvidenceSet::default();
        for (package, reason) in &self.excluded {
            set.insert_archives(*package, Evidence::NotGathered(*reason));
        }
        for (package, reason) in &self.unasked {
            set.insert_advisories(*package, Evidence::NotGathered(*reason));
        }
        set
    }
}

/// Feeds are asked about every package from elsewhere: a rule decides what a name alone proves.
fn advisory_request(id: PackageId, package: &Package<'_>) -> Result<AdvisoryRequest, SkipReason> {
    if package.kind != EntryKind::Package {
        return Err(SkipReason::FirstParty);
    }
    let version = package.version.as_ref().ok_or(SkipReason::NoVersion)?;
    Ok(AdvisoryRequest {
        identity: Identity::Stated(id),
        ecosystem: package.ecosystem,
        name: package.name.as_str().to_owned(),
        version: version.as_str().to_owned(),
    })
}

fn archive_request(
    graph: &DependencyGraph<'_>,
    id: PackageId,
    package: &Package,
) -> Result<ArchiveRequest, SkipReason> {
    let registry_host = match &package.source {
        _ if package.kind != EntryKind::Package => return Err(SkipReason::FirstParty),
        Source::Registry(Registry::Public) => None,
        Source::Registry(Registry::Other(url)) => host_name(url.as_str()).map(Cow::into_owned),
        Source::Git { .. } => return Err(SkipReason::GitSource),
        Source::Path(_) => return Err(SkipReason::PathSource),
        Source::Archive(_) => return Err(SkipReason::ArchiveSource),
    };
    let version = package.version.as_ref().ok_or(SkipReason::NoVersion)?;
    if package.ecosystem == Ecosystem::Pypi {
        return Err(SkipReason::NoLocalCopy);
    }
    Ok(ArchiveRequest {
        package: id,
        ecosystem: package.ecosystem,
        name: package.name.as_str().to_owned(),
        version: version.as_str().to_owned(),
        registry_host,
        digest: pinned_digest(graph, package)?,
    })
}

/// Returns the strongest digest that any entry pins.
fn pinned_digest(graph: &DependencyGraph<'_>, package: &Package) -> Result<Digest, SkipReason> {
    let entries = package.entries.iter().map(|node| graph.entry(*node));
    let bundled = entries
        .clone()
        .all(|entry| entry.record.delivery == Delivery::Bundled);
    let digests = entries
        .flat_map(|entry| &entry.record.artifacts)
        .flat_map(|artifact| artifact.integrity.digests());
    let strongest = digests.filter(|digest| !digest.algorithm().is_weak()).max();
    strongest.cloned().ok_or(if bundled {
        SkipReason::Bundled
    } else {
        SkipReason::NoDigest
    })
}
