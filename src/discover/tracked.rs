//! The lockfiles that git tracks below the PATHs: read whatever ignore files and folder names say.
//!
//! Submodules that are checked out have an index of their own, which counts as well.

use super::Tree;
use super::files::{DirectoryFiles, child};
use super::found::{Found, Origin, as_word};
use super::git::{Checkout, GitError, GitErrorKind, Index, IndexEntry, IndexKind, WorkTree};
use super::names::is_lockfile_path;
use super::skipped::SkippedBecause;
use crate::files::Files;
use crate::lockfile::{Problem, ProblemSeverity, manifest};
use crate::path::FilePath;

/// What is said of a submodule without its files.
pub(super) const NOT_CHECKED_OUT: &str =
    "is a submodule that is not checked out, so it was not read";

/// How many submodules may lie in each other.
const MAX_NESTED: usize = 16;

/// Adds what git tracks below the PATHs.
pub(super) fn add(
    work_tree: &WorkTree,
    asked: &[FilePath],
    files: &DirectoryFiles,
    found: &mut Found,
) {
    Tracked {
        asked,
        files,
        found,
    }
    .index(work_tree, &FilePath::default(), 0);
}

/// Says whether a path is that of a lockfile or of a manifest.
fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    is_lockfile_path(path) || manifest::of_name(name).is_some()
}

/// Tells that git's own record could not be read.
pub(super) fn explain(folder: &FilePath, error: &GitError) -> Problem {
    let severity = match error.kind {
        // An export of a work tree, without its repository: as if there were no git at all.
        GitErrorKind::Missing => ProblemSeverity::Warning,
        _ => ProblemSeverity::Error,
    };
    let path = child(folder, ".git").unwrap_or_default();
    let kind = &error.kind;
    let message = format!(
        "which lockfiles git tracks could not be told, so ignored ones may be missing: {kind}"
    );
    Problem::new(path, severity, message).help(kind.help())
}

struct Tracked<'a> {
    asked: &'a [FilePath],
    files: &'a DirectoryFiles,
    found: &'a mut Found,
}

impl Tracked<'_> {
    /// Takes up the index of the work tree in a folder.
    fn index(&mut self, work_tree: &WorkTree, folder: &FilePath, nested: usize) {
        match work_tree.index(&is_wanted) {
            Ok(index) => self.entries(index, folder, nested),
            Err(error) => self.found.problems.push(explain(folder, &error)),
        }
    }

    fn entries(&mut self, index: Index, folder: &FilePath, nested: usize) {
        for entry in index.entries {
            if let Some(path) = folder.join(entry.path.as_str()) {
                self.entry(path, &entry, nested);
            }
        }
        for unnamed in &index.unnamed {
            self.unnamed(folder, unnamed.as_str());
        }
    }

    fn entry(&mut self, path: FilePath, entry: &IndexEntry, nested: usize) {
        let is_asked = self.asked.iter().any(|asked| path.is_within(asked));
        match (entry.kind, entry.checkout) {
            (IndexKind::Submodule, _) if is_asked || self.holds_asked(&path) => {
                self.submodule(path, nested);
            }
            _ if !is_asked => {}
            (IndexKind::Submodule, _) => {}
            _ if !is_lockfile_path(path.as_str()) => self.manifest(path, entry.kind),
            (IndexKind::Link, _) => drop(self.found.links.insert(path)),
            (IndexKind::File, Checkout::Full) => self.found.candidate(path, Origin::Tracked),
            (IndexKind::File, Checkout::Skipped) => self.found.candidate(path, Origin::LeftOut),
        }
    }

    /// Takes up a manifest, whatever ignore files say; those of installed packages are nobody's projects.
    fn manifest(&mut self, path: FilePath, kind: IndexKind) {
        let is_installed = path.parts().any(|part| part == "node_modules");
        let is_there = kind == IndexKind::File && self.files.has(&path);
        if let Some(manifest) =
            manifest::of_name(path.file_name()).filter(|_| is_there && !is_installed)
        {
            self.found.manifests.insert(path, manifest);
        }
    }

    fn holds_asked(&self, folder: &FilePath) -> bool {
        self.asked.iter().any(|asked| asked.is_within(folder))
    }

    fn submodule(&mut self, folder: FilePath, nested: usize) {
        match self.files.list(&folder) {
            Ok(names) if names.is_empty() => self.not_checked_out(folder),
            Err(error) => {
                let message =
                    format!("is a submodule of git, but no folder that can be listed: {error}");
                self.found.fail(
                    folder,
                    message,
                    "see what git says about it: git submodule status",
                );
            }
            Ok(_) if nested >= MAX_NESTED => {
                self.found.fail(
                    folder,
                    "lies in too many submodules",
                    "audit it in a run of its own",
                );
            }
            Ok(_) => self.nested(&folder, nested),
        }
    }

    fn not_checked_out(&mut self, folder: FilePath) {
        let place = as_word(&folder).unwrap_or("--recursive");
        let help = format!("check it out: git submodule update --init {place}");
        self.found.fail(folder.clone(), NOT_CHECKED_OUT, help);
        self.found.skip(folder, SkippedBecause::Submodule);
    }

    fn nested(&mut self, folder: &FilePath, nested: usize) {
        let place = folder
            .parts()
            .fold(self.files.root().to_owned(), |place, part| place.join(part));
        match WorkTree::at(&place) {
            Ok(Some(work_tree)) => self.index(&work_tree, folder, nested + 1),
            // Its files are there without git; the walk sees them.
            Ok(None) => {}
            Err(error) => self.found.problems.push(explain(folder, &error)),
        }
    }

    /// Tells of a tracked lockfile below a name that paths cannot spell.
    fn unnamed(&mut self, folder: &FilePath, path: &str) {
        let mut above = folder.clone();
        for part in path.split('/') {
            let plain = Some(part).filter(|part| !part.contains(char::REPLACEMENT_CHARACTER));
            match plain.and_then(|part| child(&above, part)) {
                Some(next) => above = next,
                None if self.asked.iter().any(|asked| above.is_within(asked)) => {
                    return self.found.unnamed(above, part);
                }
                None => return,
            }
        }
    }
}

#[cfg(test)]
#[path = "tracked_tests.rs"]
mod tests;
