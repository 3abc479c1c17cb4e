//! pnpm-lock.yaml, versions 5 to 9.
//!
//! A file holds one document or several: pnpm 11 and above write what the package manager itself needs before
//! the project. Each document names its packages by keys of its own, and an edge names a key (`key`), so that
//! resolving is looking up; ranges are never tested. Since 9.0 `packages` says where a package comes from and
//! `snapshots` what it depends on, once for each set of peers that it was installed with: each is an entry.
//! The root and the members of the workspace are `importers`.

mod edges;
mod entries;
mod key;
mod members;
mod source;
mod stale;
mod told;
mod wire;
mod workspace;

use self::entries::Reader;
use self::key::Dialect;
use self::members::Members;
use self::wire::{Document, Importer, Mapping};
use self::workspace::Workspace;
use super::limits::Limits;
use super::model::{FormatId, LockedEntry, Lockfile, LockfileError, Problem, ProblemSeverity};
use super::span::SourceFile;
use super::{FileNamePattern, LockfileFormat, check, yaml};
use crate::files::Files;
use crate::package::Ecosystem;
use crate::text::Untrusted;

/// The command that writes the lockfile anew.
const RELOCK: &str = "pnpm install --lockfile-only";

/// What to do about a file that is none, or too old a one.
const WRITE_ANEW: &str = "write it anew: pnpm install --lockfile-only";

/// The newest version of the format that this reader knows.
const NEWEST: &str = "9.0";

/// The versions of the format that pnpm has written, by the number before the dot.
const KNOWN: [u32; 3] = [5, 6, 9];

pub(super) struct PnpmLock;

impl LockfileFormat for PnpmLock {
    fn id(&self) -> FormatId {
        FormatId("pnpm-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "pnpm-lock.yaml, versions 5 to 9"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[
            FileNamePattern::Exact("pnpm-lock.yaml"),
            // pnpm's `gitBranchLockfile` writes one for each branch.
            FileNamePattern::Between("pnpm-lock.", ".yaml"),
        ]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "pnpm"
    }

    fn relock(&self) -> &'static str {
        RELOCK
    }

    fn recognises(&self, head: &str) -> bool {
        head.lines()
            .any(|line| line.starts_with("lockfileVersion:"))
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let documents: Vec<Document<'a>> = yaml::documents(file, limits)?;
        let mut lockfile = empty(file);
        let documents = with_importers(documents, file, &mut lockfile.problems)?;
        limits.check_entries(documents.iter().map(Part::records).sum())?;
        let workspace = Workspace::read(&lockfile.project(), files, limits, &mut lockfile.problems);
        let mut members = Members::default();
        let mut reader = Reader::new(lockfile, file, &workspace);
        for part in &documents {
            members.add(part, &mut reader);
        }
        members.connect_to_root(&mut reader);
        for part in &documents {
            let nodes = reader.add_packages(part);
            edges::connect(&mut reader, &mut members, part, &nodes, limits)?;
        }
        reader.report(&documents);
        let mut lockfile = reader.finish();
        if let Some(project) = documents.last() {
            stale::report(&mut lockfile, project, &members, &workspace, files, limits);
        }
        Ok(lockfile)
    }
}

/// A document with what it needs to be read.
struct Part<'a> {
    document: Document<'a>,
    importers: Vec<(Untrusted<'a>, Mapping<Importer<'a>>)>,
    dialect: Dialect,
}

impl Part<'_> {
    /// Returns how many records there are at most.
    fn records(&self) -> usize {
        let packages = self
            .document
            .packages
            .len()
            .max(self.document.snapshots.len());
        packages + self.importers.len()
    }
}

/// Starts with a root that is called like its folder.
fn empty(file: &SourceFile) -> Lockfile<'_> {
    let folder = Untrusted::from(file.path().parent().file_name().to_owned());
    Lockfile::new(
        file.path().clone(),
        PnpmLock.id(),
        LockedEntry::root(Ecosystem::Npm, folder),
        Ecosystem::Npm,
    )
}

fn with_importers<'a>(
    documents: Vec<Document<'a>>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Part<'a>>, LockfileError> {
    if documents.is_empty() {
        return Err(LockfileError::Empty { help: RELOCK });
    }
    documents
        .into_iter()
        .map(|mut document| {
            let dialect = dialect(&document, file, problems)?;
            Ok(Part {
                importers: document.take_importers(),
                document,
                dialect,
            })
        })
        .collect()
}

/// Tells the version of a document; one from the future is read, with a warning.
fn dialect(
    document: &Document<'_>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) -> Result<Dialect, LockfileError> {
    let Some(version) = &document.lockfile_version else {
        return Err(unreadable(
            "the file has no `lockfileVersion`, so it is no lockfile of pnpm that can be read"
                .to_owned(),
        ));
    };
    let shown = check::excerpt(version);
    let number = version.as_str().split(['.', '-']).next();
    let Some(major) = number.and_then(|number| number.parse::<u32>().ok()) else {
        return Err(unreadable(format!(
            "lockfileVersion `{shown}` is no version"
        )));
    };
    if major < KNOWN[0] {
        return Err(unreadable(format!(
            "lockfileVersion {shown} is older than this linchpin can read"
        )));
    }
    if !KNOWN.contains(&major) {
        let message = format!(
            "lockfileVersion {shown} is not known to this linchpin; it was read as version {NEWEST}"
        );
        let path = file.path().clone();
        problems.push(Problem::new(path, ProblemSeverity::Warning, message));
    }
    Ok(match major {
        5 => Dialect::Five,
        6 => Dialect::Six,
        _ => Dialect::Nine,
    })
}

const fn unreadable(message: String) -> LockfileError {
    LockfileError::Unreadable {
        message,
        help: WRITE_ANEW,
    }
}

#[cfg(test)]
mod stale_tests;
#[cfg(test)]
mod tests;
