//! The plan: which evidence the rules need for which packages. Pure.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    AdvisoryRequest, ArchiveRequest, Evidence, EvidenceSet, HistoryRequest, Identity, Interest,
    PackageKey, SkipReason,
};
use rustc_hash::FxHashSet;

use crate::config::InternalNames;
use crate::cores;
use crate::graph::{DependencyGraph, Package, PackageId};
use crate::lockfile::{Delivery, EntryKind};
use crate::package::address::host_name;
use crate::package::artifact::Claim;
use crate::package::source::{Host, Registry};
use crate::package::{Digest, Ecosystem, PackageName, Source};
use crate::signal::histories::is_public;
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
    /// What registries say of releases.
    pub const HISTORY: Self = Self(4);

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
    /// Packages whose histories are asked for, each once.
    pub histories: Vec<HistoryRequest>,
    /// Whose history each package has, or why none is asked for.
    pub keys: Vec<(PackageId, Result<PackageKey, SkipReason>)>,
    /// The releases under judgement: those that a change brings.
    pub judged: Vec<(PackageId, PackageKey, String)>,
    /// All releases whose histories are asked for.
    pub releases: Vec<(PackageId, PackageKey, String)>,
    /// Public packages to be judged about which nobody can be asked, and why.
    pub unaskable: Vec<(PackageKey, SkipReason)>,
    /// Patterns of names that are the project's own.
    internal: InternalNames,
    /// Names of packages that come from elsewhere than the public registries.
    private: FxHashSet<PackageKey>,
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
    if needs.has(EvidenceKinds::HISTORY) {
        plan.ask_for_histories(view);
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

    /// A change is judged by the releases that it brings, an audit by all.
    fn ask_for_histories(&mut self, view: &View<'_>) {
        let mut requests: BTreeMap<PackageKey, Vec<String>> = BTreeMap::new();
        for (id, package) in view.graph.packages() {
            let key = history_key(id, package, view);
            if let (Ok(key), Some(version)) = (&key, &package.version) {
                let versions = requests.entry(key.clone()).or_default();
                versions.push(version.as_str().to_owned());
                let release = (id, key.clone(), version.as_str().to_owned());
                if view.changed.is_some() {
                    self.judged.push(release.clone());
                }
                self.releases.push(release);
            } else if is_public(package).is_err() || view.private.named_elsewhere(id).is_some() {
                let name = package.name.as_str().to_owned();
                self.private.insert((package.ecosystem, name));
            }
            if let Some(reason) = unaskable(id, package, &key, view) {
                let name = package.name.as_str().to_owned();
                self.unaskable.push(((package.ecosystem, name), reason));
            }
            self.keys.push((id, key));
        }
        let requests = requests
            .into_iter()
            .map(|((ecosystem, name), versions)| HistoryRequest {
                ecosystem,
                name,
                versions,
                interest: match view.changed {
                    Some(_) => Interest::Judged,
                    None => Interest::Listed,
                },
            });
        self.histories = requests.collect();
        self.internal = view.config.internal.clone();
    }

    /// Says whether a name must not be told to a public registry.
    pub(super) fn is_own_name(&self, key: &PackageKey) -> bool {
        let name = PackageName::new(key.0, key.1.as_str().into());
        self.private.contains(key)
            || self.internal.pattern_of(key.0, &name).is_some()
            || name.check(key.0).is_err()
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
        for (package, key) in &self.keys {
            set.insert_key(*package, key.clone());
        }
        set
    }
}

/// Says why nobody can be asked about a public package that a change brings, where nobody but the tree says that it is the project's own.
fn unaskable(
    id: PackageId,
    package: &Package<'_>,
    key: &Result<PackageKey, SkipReason>,
    view: &View<'_>,
) -> Option<SkipReason> {
    let is_new = view
        .changed
        .is_some_and(|changed| changed.get(id).is_some());
    let internal = &view.config.internal;
    let is_listed = internal
        .pattern_of(package.ecosystem, &package.name)
        .is_some();
    let is_own = is_listed || view.private.named_elsewhere(id) == Some(Host::Private);
    let reason = key.as_ref().err()?;
    (is_new && !is_own && is_public(package).is_ok()).then_some(*reason)
}

/// Names of the project's own are never asked about: whoever asks tells them.
fn history_key(
    id: PackageId,
    package: &Package<'_>,
    view: &View<'_>,
) -> Result<PackageKey, SkipReason> {
    is_public(package)?;
    let internal = &view.config.internal;
    let is_own = internal
        .pattern_of(package.ecosystem, &package.name)
        .is_some()
        || view.private.namesakes(package).next().is_some();
    if is_own {
        return Err(SkipReason::PrivateRegistry);
    }
    match view.private.named_elsewhere(id) {
        Some(Host::Private) => return Err(SkipReason::PrivateRegistry),
        // Nobody but the tree says so: a change that brings the package is not complete.
        Some(_) => return Err(SkipReason::NamedRegistry),
        None => {}
    }
    if package.name.check(package.ecosystem).is_err() {
        return Err(SkipReason::InvalidName);
    }
    if view
        .changed
        .is_some_and(|changed| changed.get(id).is_none())
    {
        return Err(SkipReason::Unchanged);
    }
    Ok((package.ecosystem, package.name.as_str().to_owned()))
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
