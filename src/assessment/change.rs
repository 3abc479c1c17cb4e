//! A change under judgement: what it does to the packages, and which findings were there before it. Pure.
//!
//! What was found before the change stands for lines, as a baseline's do: a finding that they cover is kept, one
//! that they are about and do not cover is worse, any other is new. Projects that have another folder by now are
//! the same project.

use std::collections::BTreeMap;

use super::baseline::{Lines, Matter, matters};
use super::{Assessment, Finding, Fingerprint, Severity, State};
use crate::config::Rules;
use crate::graph::comparison::{
    Alteration, Altered, ChangeKind, Comparison, PackageChange, ProjectChange,
};
use crate::graph::{DependencyGraph, PackageId, ProjectId};
use crate::package::{Purl, Source, Version};
use crate::path::FilePath;
use crate::signal::rule::{Rule, RuleId};
use crate::signal::{AlteredPackage, View};
use crate::text::Untrusted;

/// What a change does to the packages of a tree, in words that need no graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What is compared with, in words.
    pub before: Untrusted<'static>,
    /// The commits that are compared; none for folders.
    pub revisions: Option<Revisions>,
    /// One for each project that differs, by folder.
    pub projects: Vec<ProjectDifference>,
}

/// Commits by their full names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// What was typed to be compared with.
    pub base: Untrusted<'static>,
    /// What that stands for: whose settings, accepts and baseline are in force.
    pub policy: Untrusted<'static>,
    /// What the packages are compared with.
    pub before: Untrusted<'static>,
    /// What is judged; none for files that are not committed.
    pub after: Option<Untrusted<'static>>,
}

/// What differs in one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectDifference {
    /// Its folder after the change; none if it is gone.
    pub folder: Option<FilePath>,
    /// Its folder before the change; none if it is new.
    pub former: Option<FilePath>,
    /// The packages whose releases differ, by ecosystem and name.
    pub packages: Vec<PackageDifference>,
    /// Releases that stayed in name and version only.
    pub altered: Vec<AlteredRelease>,
    /// New dependencies between packages that were there before: who asks, and for which.
    pub links: Vec<(Release, Release)>,
}

/// The releases of one name that left, and those that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageDifference {
    /// How they differ.
    pub kind: ChangeKind,
    /// The name of the package.
    pub name: Untrusted<'static>,
    /// Those that left.
    pub before: Vec<Release>,
    /// Those that came.
    pub after: Vec<Release>,
    /// Whether the project asks for one of them itself; none where no lockfile tells.
    pub is_direct: Option<bool>,
    /// Whether one that came runs code when it is installed, and none that left did, as far as lockfiles say.
    pub brings_script: bool,
}

/// A release that is no longer what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredRelease {
    /// The release, after the change.
    pub release: Release,
    /// What became of it.
    pub what: Altered,
}

/// A release, by its URL and in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The package URL.
    pub purl: Purl,
    /// The name.
    pub name: Untrusted<'static>,
    /// The version; empty where there is none.
    pub version: Untrusted<'static>,
}

/// A finding that was there before the change and is no more.
#[derive(Clone, Debug)]
pub struct Gone {
    /// Its identity over time.
    pub fingerprint: Fingerprint,
    /// The rule.
    pub rule: &'static Rule,
    /// The severity that it had.
    pub severity: Severity,
    /// The package; none for conditions of a file.
    pub purl: Option<Purl>,
    /// One line: who and what.
    pub title: Untrusted<'static>,
}

/// What was there before the change.
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// What the change does to the packages.
    pub change: Change,
    findings: Vec<(Finding, Vec<Matter>)>,
    /// Sorted by package.
    altered: Vec<AlteredPackage>,
    /// How many lockfiles and problems there were.
    inputs: usize,
}

/// Rules whose findings are high at least where a change brings them, unless the settings say otherwise.
const RAISED: [RuleId; 2] = [RuleId("foreign-host"), RuleId("unlocked-manifest")];

impl Before {
    /// Words what differs between two graphs, and takes up what was found in the first.
    ///
    /// `found` is the assessment of that graph without a baseline and without accepted findings, with the rules'
    /// severities of the second.
    pub fn new(
        label: Untrusted<'static>,
        found: &Assessment,
        comparison: &Comparison,
        (before, after): (&DependencyGraph<'_>, &DependencyGraph<'_>),
        rules: &Rules,
    ) -> Self {
        let graphs = Graphs { before, after };
        let differing = comparison.projects.iter().filter(|change| change.differs());
        let change = Change {
            before: label,
            revisions: None,
            projects: differing.map(|change| graphs.project(change)).collect(),
        };
        let (inputs, found_problems) = (found.inputs.len(), found.problems.len());
        let folders = graphs.folders(&comparison.projects);
        let found = found.findings.iter().map(|finding| {
            let mut finding = finding.clone();
            for occurrence in &mut finding.occurrences {
                if let Some(folder) = folders.get(&occurrence.folder) {
                    occurrence.folder = folder.clone();
                }
            }
            let matters = matters(&finding, before, rules);
            (finding, matters)
        });
        Self {
            change,
            findings: found.collect(),
            altered: graphs.altered_packages(&comparison.projects),
            inputs: inputs + found_problems,
        }
    }

    /// Says whether there was nothing at all.
    pub const fn is_empty(&self) -> bool {
        self.inputs == 0
    }

    /// Returns what the change altered at the same version, sorted by package.
    pub fn altered(&self) -> &[AlteredPackage] {
        &self.altered
    }

    /// Says of every finding whether the change brings it.
    pub(super) fn settle(&self, view: &View<'_>, findings: &mut [Finding]) {
        let lines = Lines::new(self.findings.iter().flat_map(|(_, matters)| matters));
        for finding in findings {
            let judged = lines.judge(&matters(finding, view.graph, &view.config.rules));
            finding.state = match &judged {
                None => State::New,
                Some(judged) if judged.worse_because.is_empty() => State::Kept,
                Some(_) => State::Worse,
            };
            finding.worse_because = judged.map_or_else(Vec::new, |judged| judged.worse_because);
            let is_raised = RAISED.contains(&finding.rule.id)
                && finding.state != State::Kept
                && view.config.rules.severity(finding.rule).is_none();
            if is_raised {
                finding.severity = finding.severity.min(Severity::High);
            }
        }
    }

    /// Lists the findings of which nothing is left.
    pub(super) fn gone<'f>(
        &self,
        view: &View<'_>,
        findings: impl Iterator<Item = &'f Finding>,
    ) -> Vec<Gone> {
        let matters: Vec<Matter> = findings
            .flat_map(|finding| matters(finding, view.graph, &view.config.rules))
            .collect();
        let lines = Lines::new(&matters);
        let gone = self.findings.iter();
        let gone = gone.filter(|(_, matters)| lines.judge(matters).is_none());
        gone.map(|(finding, _)| Gone {
            fingerprint: finding.fingerprint.clone(),
            rule: finding.rule,
            severity: finding.severity,
            purl: finding.purl.clone(),
            title: finding.title.clone(),
        })
        .collect()
    }
}

impl Change {
    /// Counts the packages that differ in a way.
    pub fn count(&self, kind: ChangeKind) -> usize {
        let packages = self.projects.iter().flat_map(|project| &project.packages);
        packages.filter(|package| package.kind == kind).count()
    }

    /// Counts the new dependencies between packages that were there before.
    pub fn links(&self) -> usize {
        self.projects
            .iter()
            .map(|project| project.links.len())
            .sum()
    }

    /// Counts the packages that run code when they are installed and did not before, as far as lockfiles say.
    pub fn scripts(&self) -> usize {
        let packages = self.projects.iter().flat_map(|project| &project.packages);
        packages.filter(|package| package.brings_script).count()
    }

    /// Counts the releases that stayed in name and version only.
    pub fn altered(&self) -> usize {
        self.projects
            .iter()
            .map(|project| project.altered.len())
            .sum()
    }
}

/// The graphs on both sides of a change.
struct Graphs<'g> {
    before: &'g DependencyGraph<'g>,
    after: &'g DependencyGraph<'g>,
}

impl Graphs<'_> {
    fn project(&self, change: &ProjectChange) -> ProjectDifference {
        let folder = |graph: &DependencyGraph<'_>, id| graph.project(id).folder.clone();
        ProjectDifference {
            folder: change.after.map(|id| folder(self.after, id)),
            former: change.before.map(|id| folder(self.before, id)),
            packages: change
                .packages
                .iter()
                .map(|one| self.package(change, one))
                .collect(),
            altered: change.altered.iter().map(|one| self.altered(one)).collect(),
            links: change
                .links
                .iter()
                .map(|(from, to)| (Release::of(self.after, *from), Release::of(self.after, *to)))
                .collect(),
        }
    }

    fn package(&self, project: &ProjectChange, change: &PackageChange) -> PackageDifference {
        let releases = |graph, ids: &[PackageId]| -> Vec<Release> {
            ids.iter().map(|id| Release::of(graph, *id)).collect()
        };
        let before = releases(self.before, &change.before);
        let after = releases(self.after, &change.after);
        let one = after.first().or(before.first());
        let brings_script = change.moved_from.is_none()
            && has_script(self.after, &change.after)
            && !has_script(self.before, &change.before);
        PackageDifference {
            kind: change.kind(),
            name: one.map(|one| one.name.clone()).unwrap_or_default(),
            is_direct: match project.after {
                Some(own) if !after.is_empty() => is_direct(self.after, own, &change.after),
                _ => project
                    .before
                    .and_then(|own| is_direct(self.before, own, &change.before)),
            },
            before,
            after,
            brings_script,
        }
    }

    fn altered(&self, alteration: &Alteration) -> AlteredRelease {
        AlteredRelease {
            release: Release::of(self.after, alteration.after),
            what: alteration.what,
        }
    }

    fn altered_packages(&self, projects: &[ProjectChange]) -> Vec<AlteredPackage> {
        let altered = projects.iter().flat_map(|project| &project.altered);
        let mut altered: Vec<AlteredPackage> = altered
            .map(|altered| AlteredPackage {
                package: altered.after,
                what: altered.what,
                former: origin(&self.before.package(altered.before).source),
            })
            .collect();
        altered.sort_by_key(|altered| (altered.package, altered.what));
        altered.dedup();
        altered
    }

    /// Returns the folders that projects have by now, by those that they had, where these differ.
    fn folders(&self, projects: &[ProjectChange]) -> BTreeMap<FilePath, FilePath> {
        let pairs = projects
            .iter()
            .filter_map(|change| change.before.zip(change.after));
        let folders = pairs.map(|(before, after)| {
            let before = self.before.project(before).folder.clone();
            (before, self.after.project(after).folder.clone())
        });
        folders.filter(|(before, after)| before != after).collect()
    }
}

/// Says whether a lockfile says that one of these packages runs code when it is installed.
fn has_script(graph: &DependencyGraph<'_>, packages: &[PackageId]) -> bool {
    let mut entries = packages.iter().flat_map(|id| &graph.package(*id).entries);
    entries.any(|node| graph.entry(*node).record.install_script.is_some())
}

/// Says in words where a package comes from.
fn origin(source: &Source<'_>) -> Untrusted<'static> {
    match source.address() {
        None => "the public registry".into(),
        Some(address) => address.clone().into_owned(),
    }
}

/// Says whether a project asks for any of these packages itself; none where no lockfile tells.
fn is_direct(
    graph: &DependencyGraph<'_>,
    project: ProjectId,
    packages: &[PackageId],
) -> Option<bool> {
    let entries = packages.iter().flat_map(|id| &graph.package(*id).entries);
    let entries = entries.filter(|node| graph.project_of(**node) == project);
    let told: Vec<bool> = entries.filter_map(|node| graph.directness(*node)).collect();
    (!told.is_empty()).then(|| told.contains(&true))
}

impl Release {
    fn of(graph: &DependencyGraph<'_>, id: PackageId) -> Self {
        let package = graph.package(id);
        let version = package.version.as_ref().map(Version::untrusted);
        Self {
            purl: graph.purl(id),
            name: package.name.untrusted().clone().into_owned(),
            version: version
                .map_or_else(Untrusted::default, |version| version.clone().into_owned()),
        }
    }
}
