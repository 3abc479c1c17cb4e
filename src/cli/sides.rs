//! Two scans of one tree, before and after a change: what it did not touch is excused, what it hides or leaves behind is told.

use rustc_hash::FxHashSet;

use super::lost_lockfiles::is_hidden;
use super::revisions::Kinship;
use super::scan::Scan;
use crate::discover::holds_the_same;
use crate::lockfile::{Problem, ProblemSeverity};
use crate::path::FilePath;
use crate::text::Untrusted;

/// Makes warnings of the errors about files that a change did not touch, and that were the same before it.
pub(super) fn excuse_what_was_there(before: &Scan<'_>, after: &mut Scan<'_>) {
    let known: FxHashSet<_> = before.all_problems().map(identity).collect();
    let files = &after.discovery.files;
    let of_inputs = after
        .inputs
        .iter_mut()
        .flat_map(|input| &mut input.problems);
    let errors = of_inputs.chain(&mut after.problems);
    for problem in errors.filter(|problem| problem.severity == ProblemSeverity::Error) {
        let is_untouched = known.contains(&identity(problem))
            && holds_the_same(&problem.path, &**files, &*before.discovery.files);
        if is_untouched {
            problem.severity = ProblemSeverity::Warning;
        }
    }
}

/// Makes errors of the warnings that a lockfile is behind its manifest, where the change brings them.
///
/// Where they were before, somebody lives with them; a change that brings one has packages installed that it does not show.
pub(super) fn redden_what_fell_behind(before: &Scan<'_>, after: &mut Scan<'_>) {
    let known: FxHashSet<_> = before.all_problems().map(identity).collect();
    let of_inputs = after
        .inputs
        .iter_mut()
        .flat_map(|input| &mut input.problems);
    let new = of_inputs
        .chain(&mut after.problems)
        .filter(|problem| problem.is_of_stale_lockfile() && !known.contains(&identity(problem)));
    new.for_each(|problem| problem.severity = ProblemSeverity::Error);
}

/// Says what was not read before a change and is not the same after it, and which lockfiles are out of sight by then.
pub(super) fn gaps(
    before: &Scan<'_>,
    after: &Scan<'_>,
    kinship: Kinship,
) -> Vec<Untrusted<'static>> {
    let known: FxHashSet<_> = after.all_problems().map(identity).collect();
    let errors = before
        .all_problems()
        .filter(|problem| problem.severity == ProblemSeverity::Error);
    let touched = errors.filter(|problem| {
        let (one, other) = (&*before.discovery.files, &*after.discovery.files);
        !known.contains(&identity(problem)) || !holds_the_same(&problem.path, one, other)
    });
    let unread = touched.map(|problem| {
        let (path, message) = (problem.path.untrusted(), problem.message.as_str());
        format!("before the change: {}: {message}", path.as_str()).into()
    });
    // In one tree the other side is another folder, so that every path is another.
    let is_one_tree = kinship == Kinship::OneTree;
    let lockfiles = before.discovery.lockfiles.iter().filter(|_| !is_one_tree);
    let hidden = lockfiles.filter(|found| is_hidden(found, after)).map(|found| {
        let path = found.file.path().untrusted();
        format!("{}: it was judged before the change, and is hidden after it: take it out of the ignore rules, and let it be a regular file", path.as_str()).into()
    });
    unread.chain(hidden).collect()
}

/// What tells a problem from others.
fn identity(problem: &Problem) -> (&FilePath, &Untrusted<'static>) {
    (&problem.path, &problem.message)
}
