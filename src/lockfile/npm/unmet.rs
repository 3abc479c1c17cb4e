//! Dependencies that a lockfile does not hold: the first are told one by one, the others counted.

use super::super::check;
use super::super::model::{DependencyKind, EntryKind, Lockfile, Problem, ProblemSeverity};
use super::super::span::SourceFile;
use super::declared::Need;
use crate::text::Untrusted;

/// How many unmet dependencies are told one by one.
const TOLD: usize = 20;

/// The unmet dependencies of one lockfile.
#[derive(Debug, Default)]
pub(in crate::lockfile) struct Unmet<'a> {
    required: Vec<(u32, Untrusted<'a>)>,
    peers: usize,
}

impl<'a> Unmet<'a> {
    /// Notes a dependency of an entry that was not found; what may be missing is not noted.
    pub(in crate::lockfile) fn note(
        &mut self,
        from: u32,
        name: &Untrusted<'a>,
        kind: DependencyKind,
        need: Need,
    ) {
        match (need, kind) {
            (Need::MayBeMissing, _) => {}
            (Need::Required, DependencyKind::Peer) => self.peers += 1,
            (Need::Required, _) => self.required.push((from, name.clone())),
        }
    }

    /// Reports them: what the project itself misses was not checked, what a package misses does not fit.
    pub(in crate::lockfile) fn report(
        mut self,
        lockfile: &mut Lockfile<'_>,
        file: &SourceFile,
        help: &'static str,
    ) {
        let severity = |from: u32| match lockfile.entries[from as usize].kind {
            EntryKind::Package => ProblemSeverity::Warning,
            EntryKind::Root | EntryKind::Workspace => ProblemSeverity::Error,
        };
        self.required.sort_by(|(from, name), (other, other_name)| {
            let key = (severity(*from), *from, name);
            key.cmp(&(severity(*other), *other, other_name))
        });
        self.required.dedup();
        let mut problems = Vec::new();
        for (from, name) in self.required.iter().take(TOLD) {
            let asking = &lockfile.entries[*from as usize];
            let message = format!(
                "`{}` depends on `{}`, which this lockfile does not hold",
                check::excerpt(asking.name.untrusted()),
                check::excerpt(name)
            );
            let problem = Problem::new(file.path().clone(), severity(*from), message);
            problems.push(problem.at(file.locate(asking.span.start)).help(help));
        }
        if let Some((from, _)) = self.required.get(TOLD) {
            let more = self.required.len() - TOLD;
            let message = format!("{more} more dependencies are not held by this lockfile");
            problems.push(Problem::new(file.path().clone(), severity(*from), message).help(help));
        }
        if self.peers > 0 {
            let message = format!("peer dependencies that nothing provides: {}", self.peers);
            let path = file.path().clone();
            problems.push(Problem::new(path, ProblemSeverity::Note, message));
        }
        lockfile.problems.extend(problems);
    }
}
