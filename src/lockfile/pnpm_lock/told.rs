//! Problems of one kind, of which a hostile file could make a million: the first are told, the rest counted.

use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::path::FilePath;

/// How many problems of one kind are told one by one.
const TOLD: usize = 20;

/// Collects problems of one kind.
#[derive(Debug)]
pub(super) struct Told {
    severity: ProblemSeverity,
    /// What is counted, as a plural: `links lead to folders that this lockfile does not describe`.
    more: &'static str,
    problems: Vec<Problem>,
    untold: usize,
}

impl Told {
    /// Starts with none.
    pub(super) const fn new(severity: ProblemSeverity, more: &'static str) -> Self {
        Self {
            severity,
            more,
            problems: Vec::new(),
            untold: 0,
        }
    }

    /// Adds a problem; its words are not made once enough are told.
    pub(super) fn push(&mut self, problem: impl FnOnce(ProblemSeverity) -> Problem) {
        if self.problems.len() < TOLD {
            self.problems.push(problem(self.severity));
        } else {
            self.untold += 1;
        }
    }

    /// Hands the problems over, and the number of those that were not told.
    pub(super) fn finish(self, path: &FilePath, problems: &mut Vec<Problem>) {
        problems.extend(self.problems);
        if self.untold > 0 {
            let message = format!("{} more {}", self.untold, self.more);
            problems.push(Problem::new(path.clone(), self.severity, message));
        }
    }
}
