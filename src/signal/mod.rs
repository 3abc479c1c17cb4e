//! Rules: one file each, each one line in [`SIGNALS`]. Pure and synchronous.
//!
//! A [`Signal`] is asked once per package, lockfile and run, sees everything through a [`View`], and puts
//! what it finds into [`Findings`]. It also says which packages it covers: what a rule did not look at is
//! never reported as clean.

mod advisories;
pub mod changes;
mod dependency_confusion;
mod deprecated;
mod foreign_host;
mod hash_mismatch;
mod hash_missing;
mod hash_weakened;
pub mod histories;
mod hosts;
mod insecure_url;
mod install_redirect;
mod known_vulnerability;
mod lockfile_removed;
mod maintainer_change;
mod malicious_package;
mod policy_loosened;
pub mod private;
mod quarantined;
mod removed_from_registry;
pub mod rule;
mod source_mismatch;
mod suspicious_release;
mod too_new;
mod typosquat;
mod unlocked_manifest;
mod unmaintained;
mod unpinned_source;
mod unsound;
mod weak_hash;
mod yanked;

use jiff::Timestamp;

pub use changes::FileChanges;
pub use histories::ChangedReleases;
pub use private::PrivateNames;
pub use rule::{Axis, Rule, RuleId};
pub(crate) use source_mismatch::claims;
pub(crate) use suspicious_release::{new_dependencies, predecessor};

use crate::assessment::Draft;
use crate::config::{Config, Development};
use crate::cores;
use crate::evidence::{EvidenceKinds, EvidenceSet, SkipReason};
use crate::graph::comparison::Altered;
use crate::graph::{DependencyGraph, LockfileId, NodeId, Package, PackageId};
use crate::lockfile::manifest::Manifest;
use crate::lockfile::{Delivery, EntryKind, Scope};
use crate::package::Source;
use crate::path::FilePath;
use crate::text::Untrusted;

/// A rule. To add one, write its file and add it to [`SIGNALS`].
pub trait Signal: Sync {
    /// Returns the rule that this signal evaluates.
    fn rule(&self) -> &'static Rule;

    /// Says which evidence is gathered for it.
    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::NONE
    }

    /// Says what the rule is about, so that coverage counts only packages that it could look at.
    fn scope(&self) -> RuleScope {
        RuleScope::Packages
    }

    /// Says whether the rule looks at a package, or why it does not.
    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason>;

    /// Looks at a subject.
    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings);
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleScope {
    /// Packages; coverage says how many it looked at.
    Packages,
    /// Files that are in no graph.
    Files,
    /// What a change did; an audit of one tree has none.
    Changes,
}

/// Every rule, in the order of the axes.
pub static SIGNALS: &[&dyn Signal] = &[
    &hash_mismatch::HashMismatch,
    &source_mismatch::SourceMismatch,
    &hash_weakened::HashWeakened,
    &install_redirect::InstallRedirect,
    &hash_missing::HashMissing,
    &weak_hash::WeakHash,
    &foreign_host::ForeignHost,
    &insecure_url::InsecureUrl,
    &unpinned_source::UnpinnedSource,
    &malicious_package::MaliciousPackage,
    &known_vulnerability::KnownVulnerability,
    &unsound::UNSOUND,
    &unmaintained::UNMAINTAINED,
    &yanked::Yanked,
    &deprecated::Deprecated,
    &quarantined::Quarantined,
    &suspicious_release::SuspiciousRelease,
    &too_new::TooNew,
    &removed_from_registry::RemovedFromRegistry,
    &maintainer_change::MaintainerChange,
    &typosquat::Typosquat,
    &dependency_confusion::DependencyConfusion,
    &policy_loosened::PolicyLoosened,
    &lockfile_removed::LockfileRemoved,
    &unlocked_manifest::UnlockedManifest,
];

/// What a rule is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One package, with all its entries.
    Package(PackageId),
    /// One lockfile as a whole.
    Lockfile(LockfileId),
    /// The run as a whole.
    Run,
}

/// Everything that a rule may see.
pub struct View<'v> {
    /// The graph.
    pub graph: &'v DependencyGraph<'v>,
    /// What was gathered.
    pub evidence: &'v EvidenceSet,
    /// Manifests that no lockfile covers.
    pub unlocked: &'v [Unlocked],
    /// What the private registries of the project serve in the tree.
    pub private: &'v PrivateNames<'v>,
    /// What the change that is judged altered at the same version, sorted by package; nothing in an audit.
    pub altered: &'v [AlteredPackage],
    /// What it does to files that are in no graph.
    pub files: &'v FileChanges,
    /// The releases that it brings; none in an audit, which judges whatever is young.
    pub changed: Option<&'v ChangedReleases>,
    /// The settings in force.
    pub config: &'v Config,
    /// The clock.
    pub now: Timestamp,
}

impl<'v> View<'v> {
    /// Lists what the change altered about a package. O(log alterations).
    fn altered_in(&self, id: PackageId) -> impl Iterator<Item = &'v AlteredPackage> {
        let start = self.altered.partition_point(|altered| altered.package < id);
        let rest = self.altered[start..].iter();
        rest.take_while(move |altered| altered.package == id)
    }
}

/// A package that a change altered and whose version stayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredPackage {
    /// The package after the change.
    pub package: PackageId,
    /// What became of it.
    pub what: Altered,
    /// Where it came from before the change, in words.
    pub former: Untrusted<'static>,
}

/// A manifest whose dependencies no lockfile pins.
#[derive(Clone)]
pub struct Unlocked {
    /// Its path.
    pub path: FilePath,
    /// What kind of manifest it is.
    pub manifest: &'static Manifest,
}

/// What the rules found, before it is placed in the graph.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Draft>);

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, draft: Draft) {
        self.0.push(draft);
    }
}

/// How many subjects are worth a second thread.
const MANY: usize = 2048;

/// How many packages one thread takes at a time; few, because some have a hundred times the entries of others.
const SHARE: usize = 64;

/// Asks every rule about every subject, on all cores where there are many; the order is that of the subjects.
pub fn evaluate(view: &View<'_>, signals: &[&dyn Signal]) -> Findings {
    let packages = view
        .graph
        .packages()
        .map(|(package, _)| Subject::Package(package));
    let lockfiles = view.graph.lockfile_ids().map(Subject::Lockfile);
    let subjects: Vec<Subject> = packages.chain(lockfiles).chain([Subject::Run]).collect();
    let shares: Vec<&[Subject]> = if subjects.len() <= MANY {
        vec![&subjects]
    } else {
        // A lockfile is as much work as all the packages that it holds.
        let (packages, others) = subjects.split_at(view.graph.packages().len());
        packages.chunks(SHARE).chain(others.chunks(1)).collect()
    };
    let found = cores::map(&shares, |share| evaluate_share(share, view, signals));
    Findings(found.into_iter().flat_map(|found| found.0).collect())
}

fn evaluate_share(subjects: &[Subject], view: &View<'_>, signals: &[&dyn Signal]) -> Findings {
    let mut found = Findings::default();
    let rules = &view.config.rules;
    let asked = signals.iter().filter(|signal| !rules.is_off(signal.rule()));
    let asked: Vec<_> = asked.collect();
    for subject in subjects {
        let asked = asked
            .iter()
            .filter(|signal| !is_spared(signal.rule(), *subject, view));
        asked.for_each(|signal| signal.evaluate(*subject, view, &mut found));
    }
    for draft in &mut found.0 {
        draft.severity = rules.severity(draft.rule).unwrap_or(draft.severity);
    }
    found
}

/// Says whether vulnerabilities of a package are not looked for, because only development needs it.
fn is_spared(rule: &Rule, subject: Subject, view: &View<'_>) -> bool {
    let Subject::Package(package) = subject else {
        return false;
    };
    let mut nodes = view.graph.package(package).entries.iter();
    view.config.inputs.dev == Development::Skip
        && rule.axis == Axis::Vulnerability
        && nodes.all(|node| view.graph.scope(*node) == Scope::Dev)
}

/// Says whether a rule looks at a package under the settings in force, or why it does not.
pub fn covers(signal: &dyn Signal, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
    if view.config.rules.is_off(signal.rule()) {
        Err(SkipReason::SwitchedOff)
    } else if is_spared(signal.rule(), Subject::Package(package), view) {
        Err(SkipReason::Development)
    } else {
        signal.covers(package, view)
    }
}

/// Says whether a release could be judged by its history, or why it could not.
pub fn judges(package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
    suspicious_release::SuspiciousRelease.covers(package, view)
}

/// Lists every rule, in the order of the axes.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    SIGNALS.iter().map(|signal| signal.rule())
}

/// Finds a rule by its id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.0 == id)
}

/// Says why a rule about archives from outside has nothing to do with a package.
fn is_shipped(package: &Package, view: &View<'_>) -> Result<(), SkipReason> {
    if package.kind != EntryKind::Package {
        return Err(SkipReason::FirstParty);
    }
    if package
        .entries
        .iter()
        .all(|node| view.graph.entry(*node).record.delivery == Delivery::Bundled)
    {
        return Err(SkipReason::Bundled);
    }
    match package.source {
        Source::Registry(_) | Source::Archive(_) => Ok(()),
        Source::Git { .. } => Err(SkipReason::GitSource),
        Source::Path(_) => Err(SkipReason::PathSource),
    }
}

/// Returns the entries of a lockfile that are packages from elsewhere.
fn packages_of(lockfile: LockfileId, view: &View<'_>) -> impl Iterator<Item = NodeId> {
    let first = view.graph.lockfile(lockfile).root.index();
    let nodes = (first..first + view.graph.lockfile(lockfile).nodes).map(NodeId::new);
    nodes.filter(|node| view.graph.entry(*node).kind == EntryKind::Package)
}

/// Returns a package's name and version for a sentence.
fn title(package: &Package) -> String {
    let version = package
        .version
        .as_ref()
        .map_or(String::new(), |version| format!(" {}", version.as_str()));
    format!("{}{version}", package.name.as_str())
}
