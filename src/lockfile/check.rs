//! Checks that hold for every format: what no registry would accept is a problem of the file.
//!
//! An entry whose name, version or address no package manager writes was edited by hand, and may be read
//! otherwise by the package manager than by us. It stays in the graph and is judged, but the run is not complete.

use super::LockfileFormat;
use super::model::{EntryKind, LockedEntry, Lockfile, Problem, ProblemSeverity};
use super::span::SourceFile;
use crate::package::address::host_name;
use crate::package::{Ecosystem, Source};
use crate::text::Untrusted;

/// At most this many problems of one severity are kept of a lockfile.
const MOST: usize = 200;

/// At most this many odd entries are told one by one.
const TOLD: usize = 20;

/// The longest part of a hostile name that a message repeats, in characters.
const EXCERPT: usize = 60;

/// Reports the entries that no registry would accept: the first by name, the others by number.
pub(super) fn entries(format: &dyn LockfileFormat, file: &SourceFile, lockfile: &mut Lockfile<'_>) {
    let ecosystem = lockfile.ecosystem;
    let packages = lockfile
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::Package);
    let is_range = |entry: &&LockedEntry<'_>| {
        entry.version.is_none() && entry.source.is_registry() && format.admits_ranges()
    };
    let mut odd = packages.filter_map(|entry| {
        let oddity = match odd_name(entry, ecosystem) {
            None if is_range(&entry) => None,
            None => oddity(entry, ecosystem),
            odd => odd,
        };
        Some((entry, oddity?))
    });
    let told = odd.by_ref().take(TOLD);
    let mut problems: Vec<Problem> = told
        .map(|(entry, oddity)| problem(file, oddity).at(file.locate(entry.span.start)))
        .collect();
    let more = match odd.count() {
        0 => None,
        1 => Some("1 more entry that no registry would accept".to_owned()),
        more => Some(format!("{more} more entries that no registry would accept")),
    };
    problems.extend(more.map(|message| problem(file, message)));
    lockfile.problems.extend(problems);
}

/// Keeps so many problems of each severity that a person can read them, and counts the others.
pub(super) fn cap_problems(lockfile: &mut Lockfile<'_>) {
    let severities = [
        ProblemSeverity::Error,
        ProblemSeverity::Warning,
        ProblemSeverity::Note,
    ];
    for severity in severities {
        let mut seen = 0;
        lockfile.problems.retain(|problem| {
            seen += usize::from(problem.severity == severity);
            problem.severity != severity || seen <= MOST
        });
        if seen > MOST {
            let message = format!("{} more problems of this file are not told", seen - MOST);
            let problem = Problem::new(lockfile.path.clone(), severity, message);
            lockfile
                .problems
                .push(problem.help("mend those that are told"));
        }
    }
}

/// Says why no registry would accept an entry's name.
fn odd_name(entry: &LockedEntry<'_>, ecosystem: Ecosystem) -> Option<String> {
    let error = entry.name.check(ecosystem).err()?;
    Some(format!(
        "`{}` cannot be a package of {}: {error}",
        excerpt(entry.name.untrusted()),
        ecosystem.registry_name()
    ))
}

/// Says what else no package manager writes about an entry.
fn oddity(entry: &LockedEntry<'_>, ecosystem: Ecosystem) -> Option<String> {
    let name = || excerpt(entry.name.untrusted());
    let registry = ecosystem.registry_name();
    if ecosystem == Ecosystem::Npm && is_climbing(entry.key.as_str()) {
        return Some(format!(
            "`{}` lies at a location that leaves its folder",
            name()
        ));
    }
    if !entry.source.is_registry() {
        return None;
    }
    match &entry.version {
        None => return Some(format!("`{}` has no version", name())),
        Some(version) if !version.is_well_formed(ecosystem) => {
            let version = excerpt(version.untrusted());
            return Some(format!(
                "`{}` has the version `{version}`, which is none of {registry}",
                name()
            ));
        }
        Some(_) => {}
    }
    let address = odd_address(entry, ecosystem)?;
    Some(format!(
        "`{}` comes from `{}`, which is no address",
        name(),
        excerpt(address)
    ))
}

/// Says whether the location of an installed package leaves its folder; keys of other kinds may hold paths.
fn is_climbing(key: &str) -> bool {
    key.contains("node_modules/") && key.split('/').any(|part| part == "..")
}

/// npm takes a specifier where an address belongs, and installs what that names.
fn odd_address<'e>(entry: &'e LockedEntry<'_>, ecosystem: Ecosystem) -> Option<&'e Untrusted<'e>> {
    if ecosystem != Ecosystem::Npm || !matches!(entry.source, Source::Registry(_)) {
        return None;
    }
    let addresses = entry
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.url.as_ref());
    let mut odd = addresses.filter(|address| !address.as_str().is_empty());
    odd.find(|address| host_name(address.as_str()).is_none())
}

fn problem(file: &SourceFile, message: String) -> Problem {
    Problem::new(file.path().clone(), ProblemSeverity::Error, message)
        .help("no package manager writes such an entry; find out who edited the lockfile")
}

/// Shortens a text for a message.
pub(crate) fn excerpt(text: &Untrusted<'_>) -> String {
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
    use crate::lockfile::FormatId;
    use crate::package::PackageName;
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
            edges: super::super::EdgeStatement::Stated,
            unjudged: Vec::new(),
        };
        let format = crate::lockfile::LOCKFILE_FORMATS[0];
        entries(format, &file, &mut lockfile);
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
    fn problems_beyond_those_that_a_person_can_read_are_counted() {
        let problem = |severity| Problem::new(FilePath::default(), severity, "odd");
        let root = LockedEntry::root(Ecosystem::Npm, Untrusted::default());
        let mut lockfile = Lockfile::new(FilePath::default(), FormatId("x"), root, Ecosystem::Npm);
        lockfile.problems = vec![problem(ProblemSeverity::Error); MOST + 7];
        let warnings = vec![problem(ProblemSeverity::Warning); MOST];
        lockfile.problems.extend(warnings);
        cap_problems(&mut lockfile);
        assert_eq!(lockfile.problems.len(), 2 * MOST + 1);
        let last = lockfile.problems.last().expect("problems");
        assert_eq!(last.severity, ProblemSeverity::Error);
        assert!(last.message.as_str().starts_with("7 more problems "));
    }

    #[test]
    fn odd_entries_beyond_those_that_are_told_are_counted() {
        assert_eq!(messages(0).len(), 0);
        assert_eq!(messages(TOLD).len(), TOLD);
        let one_more = messages(TOLD + 1);
        assert_eq!(one_more.len(), TOLD + 1);
        assert!(one_more[TOLD].starts_with("1 more entry that "));
        let many = messages(TOLD + 300);
        assert_eq!(many.len(), TOLD + 1);
        assert!(many[TOLD].starts_with("300 more entries that "));
    }
}
