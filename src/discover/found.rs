//! What the index and the walk hand to the reader: candidates, manifests, links, what was skipped.

use std::collections::{BTreeMap, BTreeSet};

use super::skipped::{Skipped, SkippedBecause};
use crate::lockfile::manifest::Manifest;
use crate::lockfile::{Problem, ProblemSeverity};
use crate::path::FilePath;

/// How a candidate was found; of several ways the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The walk saw it.
    Walked,
    /// Git tracks it, but a sparse checkout leaves it out.
    LeftOut,
    /// Git tracks it.
    Tracked,
    /// The user named it.
    Named,
}

/// Everything found so far.
#[derive(Default)]
pub(super) struct Found {
    /// Files that may be lockfiles.
    pub(super) candidates: BTreeMap<FilePath, Origin>,
    /// Manifests.
    pub(super) manifests: BTreeMap<FilePath, &'static Manifest>,
    /// Links with the name of a lockfile.
    pub(super) links: BTreeSet<FilePath>,
    /// What was passed over.
    pub(super) skipped: BTreeSet<Skipped>,
    /// What a reader must know.
    pub(super) problems: Vec<Problem>,
}

impl Found {
    /// Adds a file to be read.
    pub(super) fn candidate(&mut self, path: FilePath, origin: Origin) {
        let known = self.candidates.entry(path).or_insert(origin);
        *known = origin.max(*known);
    }

    /// Counts something as passed over.
    pub(super) fn skip(&mut self, path: FilePath, reason: SkippedBecause) {
        self.skipped.insert(Skipped { path, reason });
    }

    /// Adds a problem that makes the run incomplete.
    pub(super) fn fail(
        &mut self,
        path: FilePath,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(failure(path, message, help));
    }

    /// Adds the problem of a name that cannot be written as a path, in the folder that holds it.
    pub(super) fn unnamed(&mut self, folder: FilePath, name: &str) {
        let message = format!(
            "holds `{name}`, which is or may hold a lockfile; its name is not plain text (UTF-8 without `\\` and `:`), so it was not read"
        );
        self.fail(folder, message, "rename it");
    }

    /// Turns links with the name of a lockfile into problems; they are never opened.
    pub(super) fn settle_links(&mut self) {
        for path in std::mem::take(&mut self.links) {
            self.candidates.remove(&path);
            let help =
                "name the file that it points to as PATH, in a run of its own if it lies elsewhere";
            self.fail(path, "is a link, so it was not opened", help);
        }
    }
}

/// Makes a problem that makes the run incomplete.
pub(super) fn failure(
    path: FilePath,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Problem {
    Problem::new(path, ProblemSeverity::Error, message.into()).help(help.into())
}

/// Returns a path if it can stand in a shell command as it is.
pub(super) fn as_word(path: &FilePath) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-@+".contains(&byte);
    let text = path.as_str();
    (!text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::path;

    #[test]
    fn only_plain_paths_stand_in_commands() {
        assert_eq!(as_word(&path("libs/a-b_c.1")), Some("libs/a-b_c.1"));
        for hostile in ["-x", "a b", "a;b", "$(a)", "a\nb", "", "ä"] {
            assert_eq!(as_word(&path(hostile)), None, "{hostile}");
        }
    }

    #[test]
    fn the_strongest_origin_counts() {
        let mut found = Found::default();
        found.candidate(path("a"), Origin::Named);
        found.candidate(path("a"), Origin::Walked);
        assert_eq!(found.candidates[&path("a")], Origin::Named);
    }
}
