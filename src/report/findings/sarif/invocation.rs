//! The run itself: whether it was complete, and everything that is no finding (SARIF 2.1.0 §3.20, §3.58).

use serde::Serialize;

use super::driver::{Level, Notice};
use super::place::Location;
use super::result::LeftOut;
use super::{Message, no_items};
use crate::assessment::{CheckCoverage, UnusedAccept, Verdict};
use crate::lockfile::{Problem, ProblemSeverity};
use crate::report::Report;
use crate::report::outline::left_out;
use crate::report::words::covered;

/// An invocation (§3.20).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

/// A notification (§3.58).
#[derive(Serialize)]
struct Notification {
    descriptor: DescriptorReference,
    level: Level,
    message: Message,
    #[serde(skip_serializing_if = "no_items")]
    locations: Vec<Location>,
}

/// A reference to a descriptor (§3.52).
#[derive(Serialize)]
struct DescriptorReference {
    id: &'static str,
    index: usize,
}

impl Invocation {
    /// Tells how a run went; one that is not complete was not successful.
    pub(super) fn new(report: &Report<'_>, left_out: &LeftOut) -> Self {
        let assessment = report.assessment;
        let is_empty = assessment.verdict == Verdict::Empty;
        Self {
            execution_successful: assessment.is_complete() && !is_empty,
            tool_execution_notifications: notifications(report, left_out),
        }
    }
}

/// What stops a reader from trusting the results comes first.
fn notifications(report: &Report<'_>, left_out: &LeftOut) -> Vec<Notification> {
    let assessment = report.assessment;
    let nothing = (assessment.verdict == Verdict::Empty).then(Notification::of_nothing);
    let gaps = assessment.gaps().iter().map(Message::new);
    let packages = assessment.coverage.packages;
    let checks = assessment.coverage.checks.iter();
    let notes = report
        .notes
        .iter()
        .map(|note| Message::new(&note.as_str().into()));
    nothing
        .into_iter()
        .chain(gaps.map(|gap| Notification::new(Notice::Incomplete, Level::Error, gap)))
        .chain(assessment.denied().iter().map(Notification::of_denied))
        .chain(assessment.all_problems().map(Notification::of_problem))
        .chain(left_out_notifications(left_out))
        .chain(checks.map(|check| Notification::of_check(check, packages)))
        .chain(notes.map(|note| Notification::new(Notice::Run, Level::Note, note)))
        .collect()
}

fn left_out_notifications(cut: &LeftOut) -> impl Iterator<Item = Notification> {
    let counts = [
        (
            cut.results,
            "finding of the least severity",
            cut.limits.results,
        ),
        (cut.paths, "dependency path", cut.limits.flow_locations),
        (cut.places, "further place", cut.limits.locations),
    ];
    let told = counts.into_iter().filter(|(number, _, _)| *number > 0);
    told.map(|(number, thing, room)| {
        let message = Message::own(left_out(number, thing, room));
        Notification::new(Notice::LeftOut, Level::Warning, message)
    })
}

impl Notification {
    fn new(notice: Notice, level: Level, message: Message) -> Self {
        Self {
            descriptor: DescriptorReference {
                id: notice.id(),
                index: notice.index(),
            },
            level,
            message,
            locations: Vec::new(),
        }
    }

    fn of_nothing() -> Self {
        let words = Message::own("nothing to audit: no lockfile and no manifest");
        Self::new(Notice::Incomplete, Level::Error, words)
    }

    fn of_problem(problem: &Problem) -> Self {
        let level = match problem.severity {
            ProblemSeverity::Error => Level::Error,
            ProblemSeverity::Warning => Level::Warning,
            ProblemSeverity::Note => Level::Note,
        };
        let place = match problem.location {
            None => Location::of_file(&problem.path),
            location => Location::of_line(&problem.path, location),
        };
        let words = std::iter::once(&problem.message).chain(&problem.help);
        let mut notification = Self::new(Notice::Input, level, Message::lines(words));
        notification.locations.push(place);
        notification
    }

    /// An entry of the configuration that fails the run because it accepts nothing.
    fn of_denied(unused: &UnusedAccept) -> Self {
        Self {
            level: Level::Error,
            ..Self::of_problem(&unused.problem())
        }
    }

    fn of_check(check: &CheckCoverage, packages: usize) -> Self {
        let words = format!("{} {}", check.check.0, covered(check, packages));
        Self::new(Notice::Coverage, Level::Note, Message::own(words))
    }
}
