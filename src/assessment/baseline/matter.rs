//! What a finding stands for, matter by matter and project by project.

use std::collections::BTreeSet;

use crate::assessment::{AdvisoryMention, Finding, Fingerprint, Occurrence};
use crate::config::Rules;
use crate::graph::{DependencyGraph, NodeId, PackageId};
use crate::lockfile::Scope;
use crate::package::Purl;
use crate::path::FilePath;
use crate::severity::Severity;
use crate::signal::rule::{Axis, Rule};

/// One matter of a finding in one project.
#[derive(Clone, Debug)]
pub struct Matter {
    /// The rule.
    pub rule: &'static Rule,
    /// What the finding is about.
    pub subject: Subject,
    /// The folder of the project.
    pub project: FilePath,
    /// How bad it is there.
    pub severity: Severity,
    /// The widest scope that it has there; none where scopes mean nothing.
    pub scope: Option<Scope>,
    /// The ids of the matter; none where the finding as such is meant.
    pub ids: BTreeSet<String>,
    /// The identity of the finding.
    pub fingerprint: Fingerprint,
}

/// What a finding is about, as a line names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A package, by its URL: without a version where another version is the same finding.
    Package(String),
    /// A file as a whole.
    File(FilePath),
}

/// What tells the finding of a matter, and its project.
pub(super) type Key<'m> = (&'m Fingerprint, &'static str, &'m Subject, &'m FilePath);

impl PartialEq for Matter {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
            && (self.severity, self.scope, &self.ids) == (other.severity, other.scope, &other.ids)
    }
}

impl Eq for Matter {}

impl Matter {
    /// What two matters share if they are of one finding in one project. All of it counts, because people read the names and not the fingerprint.
    pub(super) fn key(&self) -> Key<'_> {
        let rule = self.rule.id.0;
        (&self.fingerprint, rule, &self.subject, &self.project)
    }

    /// Says whether both are of one finding, in whatever project.
    pub(super) fn is_of_finding(&self, other: &Self) -> bool {
        (&self.fingerprint, self.rule.id, &self.subject)
            == (&other.fingerprint, other.rule.id, &other.subject)
    }

    /// Says whether both are of one finding in one project.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// Says whether both are one matter: any shared id is enough.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let neither_has_ids = || self.ids.is_empty() && other.ids.is_empty();
        self.is_beside(other) && (neither_has_ids() || !self.ids.is_disjoint(&other.ids))
    }

    /// Says whether this is worse than what was known: more severe, or in a wider scope.
    pub(super) fn exceeds(&self, known: &Self) -> bool {
        self.severity < known.severity || self.is_wider_than(known)
    }

    /// Says whether this takes part in more than what was known.
    pub(super) fn is_wider_than(&self, known: &Self) -> bool {
        match (self.scope, known.scope) {
            (Some(today), Some(known)) => today < known,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Takes what another sighting of the same matter adds.
    fn absorb(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.severity = self.severity.min(other.severity);
        self.scope = [self.scope, other.scope].into_iter().flatten().min();
    }
}

/// Lists what a finding stands for in every project.
pub(in crate::assessment) fn matters(
    finding: &Finding,
    graph: &DependencyGraph<'_>,
    rules: &Rules,
) -> Vec<Matter> {
    let groups = groups(finding, rules.severity(finding.rule));
    let of = |occurrence: &Occurrence| {
        let fingerprint = identity(finding, occurrence);
        let matter = |sighting: &Sighting, (ids, severity): &(BTreeSet<String>, Severity)| Matter {
            rule: finding.rule,
            subject: sighting.subject.clone(),
            project: occurrence.folder.clone(),
            severity: *severity,
            scope: sighting.scope,
            ids: ids.clone(),
            fingerprint: fingerprint.clone(),
        };
        let sightings = sightings(finding, occurrence, graph);
        let of_groups = |sighting: &Sighting| {
            let matters = groups.iter().map(|group| matter(sighting, group));
            matters.collect::<Vec<_>>()
        };
        sightings.iter().flat_map(of_groups).collect::<Vec<_>>()
    };
    finding.occurrences.iter().flat_map(of).collect()
}

/// What a finding is about in one project, and in which scope.
struct Sighting {
    subject: Subject,
    scope: Option<Scope>,
}

/// Lists what a finding is about in a project. A finding about a lockfile is about each of the entries that it
/// points at, because a line about the whole would shelter every entry that comes later.
fn sightings(
    finding: &Finding,
    occurrence: &Occurrence,
    graph: &DependencyGraph<'_>,
) -> Vec<Sighting> {
    let scope = occurrence.scope;
    if let Some(id) = finding.package {
        let subject = named(id, finding.rule.axis, graph);
        return vec![Sighting { subject, scope }];
    }
    if occurrence.entries.is_empty() {
        let subject = Subject::File(occurrence.file.clone());
        return vec![Sighting { subject, scope }];
    }
    let entries = occurrence.entries.iter();
    let sighting = |node: &NodeId| Sighting {
        subject: release(graph.entry(*node).package, graph),
        scope: Some(graph.scope(*node)),
    };
    entries.map(sighting).collect()
}

/// Returns the identity of a finding for lines: one about the entries of a lockfile is the same when that file is
/// renamed in its project.
fn identity(finding: &Finding, occurrence: &Occurrence) -> Fingerprint {
    if occurrence.entries.is_empty() {
        return finding.fingerprint.clone();
    }
    let (rule, folder) = (finding.rule.id.0, occurrence.folder.as_str());
    let mut parts = vec![rule.to_owned(), folder.to_owned()];
    parts.extend(finding.identity.iter().cloned());
    Fingerprint::of(&parts)
}

fn release(id: PackageId, graph: &DependencyGraph<'_>) -> Subject {
    Subject::Package(graph.purl(id).as_str().to_owned())
}

/// Lists the matters of findings, those that are the same as one: two vulnerable versions of a package are one finding to its fingerprint.
pub(super) fn unite(matters: impl IntoIterator<Item = Matter>) -> Vec<Matter> {
    let mut united: Vec<Matter> = Vec::new();
    let mut all: Vec<Matter> = matters.into_iter().collect();
    all.sort_by(|one, other| one.key().cmp(&other.key()));
    for mut matter in all {
        // Only the matters of one finding in one project stand at the end of the list.
        let beside = united.iter().rposition(|other| !other.is_beside(&matter));
        let first = beside.map_or(0, |last| last + 1);
        let same: Vec<Matter> = united
            .extract_if(first.., |other| other.is_same(&matter))
            .collect();
        for other in same {
            matter.absorb(other);
        }
        united.push(matter);
    }
    united
}

/// Names a package as the lines about a rule do.
pub(super) fn named(id: PackageId, axis: Axis, graph: &DependencyGraph<'_>) -> Subject {
    let package = graph.package(id);
    let version = package.version.as_ref();
    let version = version.filter(|_| axis.is_bound_to_release());
    let purl = Purl::new(package.ecosystem, &package.name, version, &package.source);
    Subject::Package(purl.as_str().to_owned())
}

/// Lists the ids of each matter, and how bad it is by itself.
fn groups(finding: &Finding, set: Option<Severity>) -> Vec<(BTreeSet<String>, Severity)> {
    let advisories = finding.advisories.iter().map(|advisory| {
        // A rule that no score weighs has its own severity, whatever its advisories say.
        let own = set.unwrap_or(advisory.severity.max(finding.severity));
        (ids(advisory), own)
    });
    let others = finding
        .identity
        .iter()
        .map(|part| ([part.clone()].into(), finding.severity));
    let mut groups: Vec<_> = advisories.chain(others).collect();
    if groups.is_empty() {
        groups.push((BTreeSet::new(), finding.severity));
    }
    groups
}

fn ids(advisory: &AdvisoryMention) -> BTreeSet<String> {
    let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
    ids.cloned().collect()
}
