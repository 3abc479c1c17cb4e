//! What a run looked at: a finding that was not looked for is not gone.

use rustc_hash::FxHashMap;

use super::matter::named;
use super::{Matter, Subject};
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::path::FilePath;
use crate::signal::{self, Axis, SIGNALS, Signal, View};

/// The part of the tree that a run looked at.
#[derive(Clone, Debug, Default)]
pub struct Extent {
    /// Folders that were searched for projects.
    pub searched: Vec<FilePath>,
    /// What was passed over in them.
    pub passed_over: Vec<FilePath>,
    /// Folders in which a file that bears packages was passed over.
    pub unread_in: Vec<FilePath>,
    /// Folders with a manifest that no lockfile covers, and whose packages it asks for.
    pub unlocked_in: Vec<(FilePath, Ecosystem)>,
}

impl Extent {
    /// Says whether all of a project was looked at.
    fn holds(&self, project: &FilePath) -> bool {
        let mut searched = self.searched.iter();
        let mut passed_over = self.passed_over.iter();
        searched.any(|folder| project.is_within(folder))
            && !passed_over.any(|path| project.is_within(path))
            && !self.unread_in.contains(project)
    }

    /// Prepares to say of many matters whether they were looked for. O(packages).
    pub(super) fn sight<'v>(&'v self, view: &'v View<'v>) -> Sight<'v> {
        let mut packages: FxHashMap<Subject, Vec<PackageId>> = FxHashMap::default();
        for (id, _) in view.graph.packages() {
            // One axis of each kind: those that tell releases apart, and those that do not.
            for axis in [Axis::Integrity, Axis::Vulnerability] {
                let subject = named(id, axis, view.graph);
                packages.entry(subject).or_default().push(id);
            }
        }
        let extent = self;
        Sight {
            extent,
            view,
            packages,
        }
    }
}

/// What a run looked at, package by package.
pub(super) struct Sight<'v> {
    extent: &'v Extent,
    view: &'v View<'v>,
    packages: FxHashMap<Subject, Vec<PackageId>>,
}

impl Sight<'_> {
    /// Says whether the rule looked where a matter would be.
    pub(super) fn holds(&self, matter: &Matter) -> bool {
        let mut signals = SIGNALS.iter();
        let signal = signals.find(|signal| signal.rule().id == matter.rule.id);
        self.extent.holds(&matter.project)
            && !self.is_unlocked(matter)
            && signal.is_some_and(|signal| self.asked(*signal, matter))
    }

    /// Says whether the packages of a matter's project are decided anew at every install: then nobody knows which
    /// they are. Those of a workspace are, once its lockfile is gone, by the manifests of its members.
    fn is_unlocked(&self, matter: &Matter) -> bool {
        let Subject::Package(purl) = &matter.subject else {
            return false;
        };
        let mut unlocked = self.extent.unlocked_in.iter();
        unlocked.any(|(folder, ecosystem)| {
            purl.starts_with(&format!("pkg:{ecosystem}/"))
                && folder.is_within(&matter.project)
                && (*folder == matter.project || !self.is_locked(&matter.project, *ecosystem))
        })
    }

    fn is_locked(&self, project: &FilePath, ecosystem: Ecosystem) -> bool {
        let graph = self.view.graph;
        let mut lockfiles = graph.lockfiles().iter();
        lockfiles.any(|lockfile| {
            lockfile.ecosystem == ecosystem && graph.project(lockfile.project).folder == *project
        })
    }

    /// Says whether the rule was asked about everything of the subject that is still there.
    fn asked(&self, signal: &dyn Signal, matter: &Matter) -> bool {
        if self.view.config.rules.is_off(signal.rule()) {
            return false;
        }
        let packages = self.packages.get(&matter.subject).into_iter().flatten();
        let mut there = packages.filter(|package| self.is_in(**package, &matter.project));
        there.all(|package| signal::covers(signal, *package, self.view).is_ok())
    }

    fn is_in(&self, package: PackageId, project: &FilePath) -> bool {
        let graph = self.view.graph;
        let mut projects = graph.projects_of(package).into_iter();
        projects.any(|id| graph.project(id).folder == *project)
    }
}
