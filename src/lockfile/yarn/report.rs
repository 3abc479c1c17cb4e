//! What is said of a lockfile that does not hold what it should: each once, the first by name, the rest by number.

use crate::lockfile::check::excerpt;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::{SourceFile, Span};
use crate::text::Untrusted;

/// How many problems of one kind are told one by one.
pub(in crate::lockfile) const TOLD: usize = 20;

/// A dependency without an answer.
pub(super) struct Unmet {
    /// The one that asks.
    pub(super) asking: String,
    /// What it asks for, as `name@range`.
    pub(super) asked: String,
    /// Where the asking record stands.
    pub(super) span: Span,
    /// An error where the project itself asks.
    pub(super) severity: ProblemSeverity,
    /// Whether packages of that name are there, but more than one.
    pub(super) candidates: Candidates,
}

/// What there is under the name of a dependency without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Candidates {
    /// Nothing.
    None,
    /// One, which is taken.
    Taken,
    /// Several.
    Several,
}

/// The dependencies without an answer; those beyond [`TOLD`] of each severity are counted.
#[derive(Default)]
pub(super) struct AllUnmet {
    told: Vec<Unmet>,
    more: [usize; 2],
}

impl AllUnmet {
    /// Says whether one more of a severity would be told, and counts it if not.
    pub(super) fn admits(&mut self, severity: ProblemSeverity) -> bool {
        let same = self.told.iter().filter(|unmet| unmet.severity == severity);
        let has_room = same.count() < TOLD;
        if !has_room {
            self.more[usize::from(severity != ProblemSeverity::Error)] += 1;
        }
        has_room
    }

    /// Adds one that is told.
    pub(super) fn push(&mut self, unmet: Unmet) {
        self.told.push(unmet);
    }

    /// Words them all, errors first.
    pub(super) fn problems(mut self, file: &SourceFile, relock: &'static str) -> Vec<Problem> {
        self.told.sort_by_key(|unmet| unmet.severity);
        let mut problems: Vec<Problem> = self
            .told
            .iter()
            .map(|unmet| unmet.problem(file, relock))
            .collect();
        let severities = [ProblemSeverity::Error, ProblemSeverity::Warning];
        let more = severities.into_iter().zip(self.more);
        problems.extend(more.filter(|(_, more)| *more > 0).map(|(severity, more)| {
            let message = format!("{more} more dependencies are not held by this lockfile");
            Problem::new(file.path().clone(), severity, message)
        }));
        problems
    }
}

impl Unmet {
    fn problem(&self, file: &SourceFile, relock: &'static str) -> Problem {
        let why = match self.candidates {
            Candidates::None => "which this lockfile does not hold",
            Candidates::Taken => {
                "which this lockfile does not hold; the only package of that name was taken"
            }
            Candidates::Several => "which could be any of several packages in this lockfile",
        };
        let message = format!(
            "`{}` depends on `{}`, {why}",
            short(&self.asking),
            short(&self.asked)
        );
        let help = if self.asked.contains("@catalog:") {
            "the catalogs are in .yarnrc.yml; let linchpin read it".to_owned()
        } else {
            format!("the lockfile is behind its manifest: {relock}")
        };
        Problem::new(file.path().clone(), self.severity, message)
            .at(file.locate(self.span.start))
            .help(help)
    }
}

fn short(text: &str) -> String {
    excerpt(&Untrusted::borrowed(text))
}

/// Words the problem of a descriptor that two records answer.
pub(in crate::lockfile) fn repeated(file: &SourceFile, span: Span, descriptor: &str) -> Problem {
    let message = format!("`{}` stands twice in this lockfile", short(descriptor));
    Problem::new(file.path().clone(), ProblemSeverity::Error, message)
        .at(file.locate(span.start))
        .help("readers differ in which of the two they take; write the lockfile anew: yarn install")
}
