//! Checks that hold for every format: names that no registry would accept are a problem of the file.

use super::model::{EntryKind, Lockfile, Problem, ProblemSeverity};
use super::span::SourceFile;
use crate::text::Untrusted;

/// At most this many bad names are told one by one.
const TOLD: usize = 20;

/// The longest part of a hostile name that a message repeats, in characters.
const EXCERPT: usize = 60;

/// Reports the entries whose names their ecosystem's registry would refuse: the first by name, the others by
/// number. They stay in the graph.
pub(super) fn names(file: &SourceFile, lockfile: &mut Lockfile<'_>) {
    let ecosystem = lockfile.ecosystem;
    let mut bad = lockfile
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Package)
        .filter_map(|entry| Some((entry, entry.name.check(ecosystem).err()?)));
    let registry = ecosystem.registry_name();
    let mut problems: Vec<Problem> = bad
        .by_ref()
        .take(TOLD)
        .map(|(entry, error)| {
            let name = excerpt(entry.name.untrusted());
            let message = format!("`{name}` cannot be a package of {registry}: {error}");
            problem(file, message).at(file.locate(entry.span.start))
        })
        .collect();
    let more = match bad.count() {
        0 => None,
        1 => Some(format!("1 more name cannot be a package of {registry}")),
        more => Some(format!(
            "{more} more names cannot be packages of {registry}"
        )),
    };
    problems.extend(more.map(|message| problem(file, message)));
    lockfile.problems.extend(problems);
}

fn problem(file: &SourceFile, message: String) -> Problem {
    Problem::new(file.path().clone(), ProblemSeverity::Error, message)
        .help("no package manager writes such a name; find out who edited the lockfile")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::{FormatId, LockedEntry};
    use crate::package::{Ecosystem, PackageName};
    use crate::path::FilePath;

    /// The messages about a lockfile with this many bad names.
    fn messages(bad: usize) -> Vec<String> {
        let file = SourceFile::new(FilePath::default(), String::new());
        let entry = LockedEntry {
            kind: EntryKind::Package,
            name: PackageName::new(Ecosystem::Npm, "../evil".into()),
            ..LockedEntry::root(Ecosystem::Npm, Untrusted::default())
        };
        let mut lockfile = Lockfile {
            path: FilePath::default(),
            format: FormatId("npm-lock"),
            ecosystem: Ecosystem::Npm,
            entries: vec![entry; bad],
            dependencies: Vec::new(),
            manifests: Vec::new(),
            problems: Vec::new(),
        };
        names(&file, &mut lockfile);
        assert!(
            lockfile
                .problems
                .iter()
                .all(|problem| problem.severity == ProblemSeverity::Error)
        );
        let texts = lockfile
            .problems
            .iter()
            .map(|problem| problem.message.as_str().to_owned());
        texts.collect()
    }

    #[test]
    fn bad_names_beyond_those_that_are_told_are_counted() {
        assert_eq!(messages(0).len(), 0);
        assert_eq!(messages(TOLD).len(), TOLD);
        let one_more = messages(TOLD + 1);
        assert_eq!(one_more.len(), TOLD + 1);
        assert!(one_more[TOLD].starts_with("1 more name cannot be a package of "));
        let many = messages(TOLD + 300);
        assert_eq!(many.len(), TOLD + 1);
        assert!(many[TOLD].starts_with("300 more names cannot be packages of "));
    }
}
