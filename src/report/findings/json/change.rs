//! What `linchpin/report/1` says of a change.

use serde::Serialize;

use crate::assessment::change::{
    AlteredRelease, PackageDifference, ProjectDifference, Release, Revisions,
};
use crate::assessment::{Change, Fingerprint, Gone, Severity};
use crate::graph::comparison::ChangeKind;
use crate::path::FilePath;
use crate::signal::RuleId;
use crate::text::Untrusted;

/// What the change does to the packages.
#[derive(Serialize)]
pub(super) struct ChangeRecord<'r> {
    before: &'r Untrusted<'static>,
    revisions: Option<RevisionsRecord<'r>>,
    added: usize,
    removed: usize,
    changed: usize,
    moved: usize,
    altered: usize,
    new_edges: usize,
    new_scripts: usize,
    projects: Vec<ProjectRecord<'r>>,
}

#[derive(Serialize)]
struct RevisionsRecord<'r> {
    base: &'r Untrusted<'static>,
    policy: &'r Untrusted<'static>,
    before: &'r Untrusted<'static>,
    after: Option<&'r Untrusted<'static>>,
}

#[derive(Serialize)]
struct ProjectRecord<'r> {
    project: Option<&'r FilePath>,
    former: Option<&'r FilePath>,
    packages: Vec<PackageRecord<'r>>,
    altered: Vec<AlteredRecord<'r>>,
    new_edges: Vec<EdgeRecord<'r>>,
}

#[derive(Serialize)]
struct PackageRecord<'r> {
    change: ChangeKind,
    name: &'r Untrusted<'static>,
    before: Vec<&'r str>,
    after: Vec<&'r str>,
    direct: Option<bool>,
    new_script: bool,
}

#[derive(Serialize)]
struct AlteredRecord<'r> {
    package: &'r str,
    what: &'static str,
}

#[derive(Serialize)]
struct EdgeRecord<'r> {
    from: &'r str,
    to: &'r str,
}

/// A finding of which nothing is left.
#[derive(Serialize)]
pub(super) struct GoneRecord<'r> {
    fingerprint: &'r Fingerprint,
    rule: RuleId,
    severity: Severity,
    package: Option<&'r str>,
    title: &'r Untrusted<'static>,
}

impl<'r> ChangeRecord<'r> {
    pub(super) fn new(change: &'r Change) -> Self {
        Self {
            before: &change.before,
            revisions: change.revisions.as_ref().map(RevisionsRecord::new),
            added: change.count(ChangeKind::Added),
            removed: change.count(ChangeKind::Removed),
            changed: change.count(ChangeKind::Changed),
            moved: change.count(ChangeKind::Moved),
            altered: change.altered(),
            new_edges: change.links(),
            new_scripts: change.scripts(),
            projects: change.projects.iter().map(ProjectRecord::new).collect(),
        }
    }
}

impl<'r> RevisionsRecord<'r> {
    fn new(revisions: &'r Revisions) -> Self {
        Self {
            base: &revisions.base,
            policy: &revisions.policy,
            before: &revisions.before,
            after: revisions.after.as_ref(),
        }
    }
}

impl<'r> ProjectRecord<'r> {
    fn new(project: &'r ProjectDifference) -> Self {
        let edge = |(from, to): &'r (Release, Release)| EdgeRecord {
            from: from.purl.as_str(),
            to: to.purl.as_str(),
        };
        Self {
            project: project.folder.as_ref(),
            former: project.former.as_ref(),
            packages: project.packages.iter().map(PackageRecord::new).collect(),
            altered: project.altered.iter().map(AlteredRecord::new).collect(),
            new_edges: project.links.iter().map(edge).collect(),
        }
    }
}

impl<'r> PackageRecord<'r> {
    fn new(package: &'r PackageDifference) -> Self {
        let purls = |releases: &'r [Release]| {
            let purls = releases.iter().map(|release| release.purl.as_str());
            purls.collect()
        };
        Self {
            change: package.kind,
            name: &package.name,
            before: purls(&package.before),
            after: purls(&package.after),
            direct: package.is_direct,
            new_script: package.brings_script,
        }
    }
}

impl<'r> AlteredRecord<'r> {
    fn new(altered: &'r AlteredRelease) -> Self {
        Self {
            package: altered.release.purl.as_str(),
            what: altered.what.id(),
        }
    }
}

impl<'r> GoneRecord<'r> {
    pub(super) fn new(gone: &'r Gone) -> Self {
        Self {
            fingerprint: &gone.fingerprint,
            rule: gone.rule.id,
            severity: gone.severity,
            package: gone.purl.as_ref().map(crate::package::Purl::as_str),
            title: &gone.title,
        }
    }
}
