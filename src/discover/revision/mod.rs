//! What git holds of a tree that is not checked out: commits and the index, through the git command line.
//!
//! Nothing is checked out, fetched or run. A commit and the index are [`Tree`]s like a folder, so that everything after
//! this module is the same for all of them. Unlike the index of `git`, which tells what belongs in a work tree, objects
//! are packed in ways of git's own, so git itself reads them.

mod command;
mod error;
mod files;
mod listing;
mod name;
mod objects;
mod snapshot;

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::{History, RevisionError};
pub use name::Range;
pub use snapshot::Snapshot;

use super::git::WorkTree;
use super::{DiscoverError, Discovery, Tree};
use crate::lockfile::Limits;
use crate::path::FilePath;
use command::Git;
use files::{ObjectFiles, WorkTreeFiles};
use listing::Listing;
use objects::Objects;

/// The name of one of git's objects: 40 or 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Box<str>);

impl ObjectId {
    /// Takes a full name; none if it is none.
    pub fn new(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_full = matches!(text.len(), 40 | 64) && text.bytes().all(is_digit);
        is_full.then(|| Self(text.into()))
    }

    /// Returns the name in full.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the beginning of the name, as people write it.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

/// A clone, with its work tree.
pub struct Repository {
    root: Utf8PathBuf,
    git: Git,
    objects: Arc<Objects>,
}

impl Repository {
    /// Finds the work tree that holds a folder.
    pub fn find(folder: &Utf8Path) -> Result<Self, RevisionError> {
        let work_tree = WorkTree::find(folder)?.ok_or(RevisionError::NoWorkTree)?;
        let git = Git::new(&work_tree.root);
        Ok(Self {
            objects: Arc::new(Objects::of(&git)),
            root: work_tree.root,
            git,
        })
    }

    /// Returns the commit that a name stands for. A name with two meanings is an error.
    pub fn resolve(&self, name: &str) -> Result<ObjectId, RevisionError> {
        name::resolve(&self.git, name)
    }

    /// Returns the default branch of `origin`, as a name to resolve.
    pub fn default_base(&self) -> Result<String, RevisionError> {
        let head = "refs/remotes/origin/HEAD";
        let target = self.git.line(&["symbolic-ref", "--quiet", head])?;
        target.ok_or(RevisionError::NoDefault)
    }

    /// Returns the last commit that two have in common, as git chooses it.
    pub fn merge_base(&self, base: &ObjectId, head: &ObjectId) -> Result<ObjectId, RevisionError> {
        let asked = [
            "merge-base",
            "--end-of-options",
            base.as_str(),
            head.as_str(),
        ];
        let found = self.git.line(&asked)?;
        let found = found.and_then(|line| ObjectId::new(&line));
        found.ok_or_else(|| RevisionError::NoMergeBase {
            base: base.clone(),
            head: head.clone(),
            history: self.git.history(),
        })
    }

    /// Lists what a commit holds.
    pub fn commit(&self, commit: &ObjectId, limits: &Limits) -> Result<Snapshot, RevisionError> {
        let listing = list_commit(&self.git, commit)?;
        Ok(self.snapshot(listing, limits))
    }

    /// Lists what the index holds: what a commit would, if it were made now.
    pub fn index(&self, limits: &Limits) -> Result<Snapshot, RevisionError> {
        let listing = list_index(&self.git)?;
        Ok(self.snapshot(listing, limits))
    }

    /// Finds and reads the lockfiles of the work tree, those that a sparse checkout leaves out included.
    pub fn discover_work_tree(&self, limits: &Limits) -> Result<Discovery, WorkTreeError> {
        let index = self.objects_of(list_index(&self.git)?, limits);
        let others = ["ls-files", "--others", "--exclude-standard", "-z"];
        let others = listing::of_names(&self.git.demand(&others)?);
        let over = |directory| {
            let files = WorkTreeFiles {
                directory,
                index,
                others,
            };
            Arc::new(files) as Arc<dyn Tree>
        };
        Ok(super::discover_over(
            std::slice::from_ref(&self.root),
            &self.root,
            limits,
            over,
        )?)
    }

    /// Lists the files that have another name in the second of two states: pairs of the old path and the new one.
    ///
    /// Git tells a renamed file by its bytes: half of them must be the same.
    pub fn renames(
        &self,
        before: &ObjectId,
        after: &Compared<'_>,
    ) -> Result<Vec<(FilePath, FilePath)>, RevisionError> {
        let command = match after {
            Compared::Commit(_) => ["diff-tree", "-r"],
            // To compare the files at hand git would run the filters that the repository names.
            Compared::Index => ["diff-index", "--cached"],
        };
        let mut asked = command.to_vec();
        asked.extend([
            "-M",
            "--diff-filter=R",
            "--name-status",
            "--no-ext-diff",
            "--no-textconv",
            "-z",
        ]);
        asked.extend(["--end-of-options", before.as_str()]);
        if let Compared::Commit(commit) = after {
            asked.push(commit.as_str());
        }
        Ok(listing::of_renames(&self.git.demand(&asked)?))
    }

    /// Lists what a commit holds, its submodules left out: for reading a few files that are known by name.
    pub fn files_of(
        &self,
        commit: &ObjectId,
        limits: &Limits,
    ) -> Result<Arc<dyn Tree>, RevisionError> {
        Ok(Arc::new(
            self.objects_of(list_commit(&self.git, commit)?, limits),
        ))
    }

    fn objects_of(&self, listing: Listing, limits: &Limits) -> ObjectFiles {
        ObjectFiles {
            listing,
            repositories: vec![Arc::clone(&self.objects)],
            limits: *limits,
        }
    }

    fn snapshot(&self, listing: Listing, limits: &Limits) -> Snapshot {
        Snapshot::new(self.root.clone(), self.objects_of(listing, limits))
    }
}

/// What a commit is compared with.
pub enum Compared<'c> {
    /// Another commit.
    Commit(&'c ObjectId),
    /// What git tracks.
    Index,
}

/// Why a work tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WorkTreeError {
    /// Git was of no help.
    #[error(transparent)]
    Revision(#[from] RevisionError),
    /// The folder was of none.
    #[error(transparent)]
    Discover(#[from] DiscoverError),
}

fn list_commit(git: &Git, commit: &ObjectId) -> Result<Listing, RevisionError> {
    let asked = [
        "ls-tree",
        "-r",
        "-z",
        "--full-tree",
        "--end-of-options",
        commit.as_str(),
    ];
    listing::of_tree(&git.demand(&asked)?)
}

fn list_index(git: &Git) -> Result<Listing, RevisionError> {
    listing::of_index(&git.demand(&["ls-files", "--stage", "-t", "-z"])?)
}

#[cfg(test)]
mod tests;
