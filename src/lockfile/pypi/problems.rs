//! What is told of a lockfile of Python's tools: each kind one by one as far as a person reads, then by number.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use crate::lockfile::check;
use crate::lockfile::model::{EntryKind, LockedEntry, Lockfile, Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::package::address::host_name;
use crate::package::{Ecosystem, Source, Version};
use crate::path::FilePath;

/// How many problems of one kind are told one by one.
const TOLD: usize = 20;

/// Problems of one kind; those beyond the first are only counted, so that no file makes a million messages.
#[derive(Debug)]
pub(in crate::lockfile) struct Capped {
    told: Vec<Problem>,
    more: usize,
    severity: ProblemSeverity,
}

impl Capped {
    /// Starts a kind of problems of a severity.
    pub(in crate::lockfile) const fn new(severity: ProblemSeverity) -> Self {
        Self {
            told: Vec::new(),
            more: 0,
            severity,
        }
    }

    /// Adds a problem, which is made only if it is told.
    pub(in crate::lockfile) fn add(&mut self, problem: impl FnOnce(ProblemSeverity) -> Problem) {
        if self.told.len() < TOLD {
            self.told.push(problem(self.severity));
        } else {
            self.more += 1;
        }
    }

    /// Hands the problems over, with the number of those that were not told; `more` names them as a plural.
    pub(in crate::lockfile) fn finish(
        mut self,
        path: &FilePath,
        more: &str,
        problems: &mut Vec<Problem>,
    ) {
        problems.append(&mut self.told);
        if self.more > 0 {
            let message = format!("{} more {more}", self.more);
            problems.push(Problem::new(path.clone(), self.severity, message));
        }
    }
}

/// Dependencies of entries that the lockfile does not hold.
#[derive(Debug)]
pub(in crate::lockfile) struct Missing {
    /// Those of the project's own packages: something was not checked.
    own: Capped,
    others: Capped,
}

impl Missing {
    /// Starts with none.
    pub(in crate::lockfile) const fn new() -> Self {
        Self {
            own: Capped::new(ProblemSeverity::Error),
            others: Capped::new(ProblemSeverity::Warning),
        }
    }

    /// Adds one; `relock` is the remedy.
    pub(in crate::lockfile) fn add(
        &mut self,
        file: &SourceFile,
        asking: &LockedEntry<'_>,
        wanted: &str,
        relock: &str,
    ) {
        let kind = if asking.kind == EntryKind::Package {
            &mut self.others
        } else {
            &mut self.own
        };
        kind.add(|severity| {
            let message = format!(
                "`{}` depends on `{}`, which this lockfile does not hold",
                check::excerpt(asking.name.untrusted()),
                check::excerpt(&wanted.into())
            );
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(asking.span.start))
                .help(format!("write the lockfile anew: {relock}"))
        });
    }

    /// Hands them over.
    pub(in crate::lockfile) fn finish(self, path: &FilePath, problems: &mut Vec<Problem>) {
        const MORE: &str = "dependencies are not held by this lockfile";
        self.own.finish(path, MORE, problems);
        self.others.finish(path, MORE, problems);
    }
}

/// Reports entries that stand twice: a tool takes one of them, and nobody knows which.
pub(in crate::lockfile) fn report_twins(file: &SourceFile, lockfile: &mut Lockfile<'_>) {
    let mut seen = FxHashSet::default();
    seen.reserve(lockfile.entries.len());
    let mut twins = Capped::new(ProblemSeverity::Error);
    for entry in lockfile.entries.iter().skip(1) {
        if !seen.insert(identity(entry)) {
            twins.add(|severity| {
                let message = format!("`{}` stands twice", check::excerpt(&entry.key));
                Problem::new(file.path().clone(), severity, message)
                    .at(file.locate(entry.span.start))
                    .help("no tool writes an entry twice; find out who edited the lockfile")
            });
        }
    }
    twins.finish(file.path(), "entries stand twice", &mut lockfile.problems);
}

/// Reports folders that lie on a host: no tool has them there, and nothing of them is the project's own.
pub(in crate::lockfile) fn report_remote_folders(file: &SourceFile, lockfile: &mut Lockfile<'_>) {
    let mut remote = Capped::new(ProblemSeverity::Error);
    for entry in lockfile.entries.iter_mut().skip(1) {
        let Source::Path(address) = &entry.source else {
            continue;
        };
        if host_name(address.as_str()).is_none() {
            continue;
        }
        entry.source = Source::archive(Ecosystem::Pypi, address.clone());
        entry.kind = EntryKind::Package;
        remote.add(|severity| {
            let name = check::excerpt(entry.name.untrusted());
            let message = format!("`{name}` is said to be a folder, but lies on a host");
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(entry.span.start))
                .help("no tool writes such a source; find out who edited the lockfile")
        });
    }
    remote.finish(file.path(), "folders lie on a host", &mut lockfile.problems);
}

/// What tells an entry from its namesakes; the key holds the extras, and not the normalised name.
fn identity<'e>(
    entry: &'e LockedEntry<'_>,
) -> (&'e str, Option<&'e str>, &'e Source<'e>, Option<&'e str>) {
    let extras = entry.key.as_str().split_once('[').map(|(_, rest)| rest);
    let version = entry.version.as_ref().map(Version::as_str);
    (entry.name.as_str(), version, &entry.source, extras)
}

/// Reports hashes that cannot be read; they count as missing.
pub(in crate::lockfile) fn unreadable_hash(
    file: &SourceFile,
    entry: &LockedEntry<'_>,
    severity: ProblemSeverity,
    relock: &str,
) -> Problem {
    let name = check::excerpt(entry.name.untrusted());
    let message = format!("a hash of `{name}` cannot be read");
    Problem::new(file.path().clone(), severity, message)
        .at(file.locate(entry.span.start))
        .help(format!(
            "it counts as missing; write the lockfile anew: {relock}"
        ))
}

/// Joins the extra or group that an edge belongs to with its environment marker, in PEP 508's words.
pub(in crate::lockfile) fn join_marker<'a>(
    part: Option<(&str, &str)>,
    marker: Option<Cow<'a, str>>,
) -> Option<Cow<'a, str>> {
    let Some((kind, name)) = part else {
        return marker;
    };
    Some(Cow::Owned(match marker {
        Some(marker) => format!("{kind} == '{name}' and ({marker})"),
        None => format!("{kind} == '{name}'"),
    }))
}
