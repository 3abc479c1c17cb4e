//! Checks that hold for every format: names that no registry would accept are a problem of the file.

use super::model::{EntryKind, Lockfile, Problem, ProblemSeverity};
use super::span::SourceFile;
use crate::text::Untrusted;

/// At most this many bad names are told one by one.
const TOLD: usize = 20;

/// The longest part of a hostile name that a message repeats, in characters.
const EXCERPT: usize = 60;

/// Reports every entry whose name its ecosystem's registry would refuse; the entry stays in the graph.
pub(super) fn names(file: &SourceFile, lockfile: &mut Lockfile<'_>) {
    let ecosystem = lockfile.ecosystem;
    let bad =
        lockfile
            .entries
            .iter()
            .filter(|entry| entry.kind == EntryKind::Package)
            .filter_map(|entry| {
                let error = entry.name.check(ecosystem).err()?;
                let name = excerpt(entry.name.untrusted());
                let message = format!(
                    "`{name}` cannot be a package of {}: {error}",
                    ecosystem.registry_name()
                );
                Some(
            Problem::new(lockfile.path.clone(), ProblemSeverity::Error, message)
                .at(file.locate(entry.span.start))
                .help("no package manager writes such a name; find out who edited the lockfile"),
        )
            });
    let bad: Vec<Problem> = bad.take(TOLD).collect();
    lockfile.problems.extend(bad);
}

/// Shortens a text for a message.
pub(super) fn excerpt(text: &Untrusted<'_>) -> String {
    let mut characters = text.as_str().chars();
    let start: String = characters.by_ref().take(EXCERPT).collect();
    if characters.next().is_some() {
        format!("{start}…")
    } else {
        start
    }
}
