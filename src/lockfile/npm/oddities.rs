//! Problems of single records: the first are told one by one, the others counted.

use super::super::model::{Lockfile, Problem, ProblemSeverity};
use super::super::span::{SourceFile, Span};

/// How many are told one by one.
const TOLD: usize = 20;

/// What was odd about the records of one lockfile.
pub(in crate::lockfile) struct Oddities<'f> {
    file: &'f SourceFile,
    /// How to come by a lockfile without them.
    help: &'static str,
    told: Vec<Problem>,
    more: usize,
    /// The worst of those that are not told.
    worst: ProblemSeverity,
}

impl<'f> Oddities<'f> {
    /// Begins without any.
    pub(in crate::lockfile) const fn new(file: &'f SourceFile, help: &'static str) -> Self {
        Self {
            file,
            help,
            told: Vec::new(),
            more: 0,
            worst: ProblemSeverity::Note,
        }
    }

    /// Adds one; its words are made only if it is told.
    pub(in crate::lockfile) fn add(
        &mut self,
        severity: ProblemSeverity,
        span: Span,
        message: impl FnOnce() -> String,
    ) {
        if self.told.len() < TOLD {
            let problem = Problem::new(self.file.path().clone(), severity, message());
            let problem = problem.at(self.file.locate(span.start)).help(self.help);
            self.told.push(problem);
        } else {
            self.more += 1;
            self.worst = self.worst.min(severity);
        }
    }

    /// Hands them over to a lockfile.
    pub(in crate::lockfile) fn report(self, lockfile: &mut Lockfile<'_>) {
        lockfile.problems.extend(self.told);
        if self.more > 0 {
            let message = format!("more records of this kind: {}", self.more);
            let problem = Problem::new(self.file.path().clone(), self.worst, message);
            lockfile.problems.push(problem.help(self.help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::model::{FormatId, LockedEntry};
    use crate::package::Ecosystem;
    use crate::path::FilePath;

    #[test]
    fn those_beyond_the_first_are_counted_as_bad_as_the_worst() {
        let file = SourceFile::new(FilePath::default(), "\nx".to_owned());
        let mut oddities = Oddities::new(&file, "write it anew");
        for _ in 0..TOLD {
            oddities.add(ProblemSeverity::Note, Span::new(1, 2), || "odd".to_owned());
        }
        oddities.add(ProblemSeverity::Error, Span::default(), || "odd".to_owned());
        oddities.add(ProblemSeverity::Warning, Span::default(), || {
            "odd".to_owned()
        });
        let root = LockedEntry::root(Ecosystem::Npm, "x".into());
        let mut lockfile = Lockfile::new(
            FilePath::default(),
            FormatId("bun-lock"),
            root,
            Ecosystem::Npm,
        );
        oddities.report(&mut lockfile);
        assert_eq!(lockfile.problems.len(), TOLD + 1);
        assert_eq!(
            lockfile.problems[0].location.map(|place| place.line),
            Some(2)
        );
        let last = &lockfile.problems[TOLD];
        assert_eq!(last.severity, ProblemSeverity::Error);
        assert_eq!(last.message.as_str(), "more records of this kind: 2");
    }
}
