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

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::{History, RevisionError};
pub use name::Range;

use super::files::child;
use super::found::{Found, Origin, as_word};
use super::git::{IndexKind, WorkTree};
use super::names::{is_lockfile_name, is_lockfile_path};
use super::{
    DirectoryFiles, DiscoverError, Discovery, Place, SkippedBecause, Tree, foreign, take_up,
};
use crate::lockfile::{Limits, manifest};
use crate::path::FilePath;
use command::Git;
use files::{ObjectFiles, WorkTreeFiles};
use listing::{Entry, Listing};
use objects::Objects;

/// How many submodules may lie in each other.
const MAX_NESTED: usize = 16;

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
            objects: Arc::new(Objects::open(&git)?),
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
        let index = ObjectFiles {
            listing: list_index(&self.git)?,
            repositories: vec![Arc::clone(&self.objects)],
            limits: *limits,
        };
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
            Compared::Index => ["diff-index", "--cached"],
            Compared::WorkTree => ["diff-index", "--ignore-submodules"],
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

    fn snapshot(&self, listing: Listing, limits: &Limits) -> Snapshot {
        let mut snapshot = Snapshot {
            root: self.root.clone(),
            found: Found::default(),
            files: ObjectFiles {
                listing,
                repositories: vec![Arc::clone(&self.objects)],
                limits: *limits,
            },
        };
        snapshot.take_in_submodules();
        snapshot
    }
}

/// What a commit is compared with.
pub enum Compared<'c> {
    /// Another commit.
    Commit(&'c ObjectId),
    /// What is staged.
    Index,
    /// The files at hand.
    WorkTree,
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

/// What a commit or the index holds.
pub struct Snapshot {
    root: Utf8PathBuf,
    found: Found,
    files: ObjectFiles,
}

impl Snapshot {
    /// Finds and reads its lockfiles, whatever ignore files say: git tracks them all.
    pub fn discover(mut self) -> Discovery {
        for entry in &self.files.listing.entries {
            look_at(entry, &self.files, &mut self.found);
        }
        for unnamed in &self.files.listing.unnamed {
            if is_lockfile_path(unnamed.as_str()) {
                self.found.unnamed(FilePath::default(), unnamed.as_str());
            }
        }
        self.found.settle_links();
        let place = Place {
            root: self.root,
            paths: vec![FilePath::default()],
            files: Arc::new(self.files),
        };
        take_up(place, self.found)
    }

    /// Returns the files, and looks for no lockfile in them.
    pub fn into_files(self) -> Arc<dyn Tree> {
        Arc::new(self.files)
    }

    /// Adds what the commits of submodules hold, as far as their clones lie in the work tree.
    fn take_in_submodules(&mut self) {
        let mut open: Vec<(Entry, usize)> = submodules(&self.files.listing.entries, 0);
        while let Some((submodule, nested)) = open.pop() {
            match self.submodule(&submodule, nested) {
                Ok(entries) => {
                    open.extend(submodules(&entries, nested + 1));
                    self.files.listing.entries.extend(entries);
                }
                Err((message, help)) => {
                    self.found.fail(submodule.path.clone(), message, help);
                    self.found.skip(submodule.path, SkippedBecause::Submodule);
                }
            }
        }
        let listing = &mut self.files.listing;
        listing
            .entries
            .sort_by(|left, right| left.path.cmp(&right.path));
    }

    /// Lists the commit of a submodule; else says why not, and what to do.
    fn submodule(
        &mut self,
        submodule: &Entry,
        nested: usize,
    ) -> Result<Vec<Entry>, (String, String)> {
        let folder = &submodule.path;
        let word = as_word(folder);
        let not_checked_out = || {
            let place = word.unwrap_or("--recursive");
            let help = format!("check it out: git submodule update --init {place}");
            (super::tracked::NOT_CHECKED_OUT.to_owned(), help)
        };
        if nested >= MAX_NESTED {
            let message = "lies in too many submodules".to_owned();
            return Err((message, "audit it in a run of its own".to_owned()));
        }
        let git = self.clone_of(folder).ok_or_else(not_checked_out)?;
        let listing = list_commit(&git, &submodule.object);
        let objects = Objects::open(&git);
        let (Ok(listing), Ok(objects)) = (listing, objects) else {
            let commit = submodule.object.short();
            let message = format!(
                "is a submodule at commit {commit}, which its clone does not hold, so it was not read"
            );
            let place = word.unwrap_or("FOLDER");
            return Err((
                message,
                format!(
                    "fetch it: git -C {place} fetch origin {}",
                    submodule.object.as_str()
                ),
            ));
        };
        self.files.repositories.push(Arc::new(objects));
        let repository = self.files.repositories.len() - 1;
        for unnamed in &listing.unnamed {
            if is_lockfile_path(unnamed.as_str()) {
                self.found.unnamed(folder.clone(), unnamed.as_str());
            }
        }
        let entries = listing.entries.into_iter();
        let entries = entries.filter_map(|entry| {
            let path = folder.join(entry.path.as_str())?;
            Some(Entry {
                path,
                repository,
                ..entry
            })
        });
        Ok(entries.collect())
    }

    /// Finds the clone of a submodule in the work tree, without following a link.
    fn clone_of(&self, folder: &FilePath) -> Option<Git> {
        let directory = DirectoryFiles::new(self.root.clone(), self.files.limits);
        let is_folder = directory.metadata(folder).ok()??.is_dir();
        let place = folder
            .parts()
            .fold(self.root.clone(), |place, part| place.join(part));
        let work_tree = is_folder.then(|| WorkTree::at(&place).ok().flatten())??;
        Some(Git::new(&work_tree.root))
    }
}

fn submodules(entries: &[Entry], nested: usize) -> Vec<(Entry, usize)> {
    let submodules = entries
        .iter()
        .filter(|entry| entry.kind == IndexKind::Submodule);
    submodules.map(|entry| (entry.clone(), nested)).collect()
}

/// Takes up a path that git tracks, if it bears packages.
fn look_at(entry: &Entry, files: &ObjectFiles, found: &mut Found) {
    let path = &entry.path;
    let name = path.file_name();
    if entry.kind == IndexKind::Submodule {
        return;
    }
    if is_lockfile_name(path.parent().file_name(), name) {
        match entry.kind {
            IndexKind::Link => drop(found.links.insert(path.clone())),
            _ => found.candidate(path.clone(), Origin::Tracked),
        }
    } else if foreign::ecosystem_of(name).is_some() {
        found.skip(path.clone(), SkippedBecause::OtherEcosystem);
    } else if let Some(manifest) = manifest::of_name(name)
        && entry.kind == IndexKind::File
    {
        match installed(path, files) {
            Some((folder, reason)) => found.skip(folder, reason),
            None => drop(found.manifests.insert(path.clone(), manifest)),
        }
    }
}

/// Finds the folder of installed or built packages that holds a path, by the rules of the walk.
fn installed(path: &FilePath, files: &ObjectFiles) -> Option<(FilePath, SkippedBecause)> {
    let mut folder = FilePath::default();
    for part in path.parent().parts() {
        let parent = folder;
        folder = child(&parent, part)?;
        let holds =
            |folder: &FilePath, name| child(folder, name).is_some_and(|path| files.has(&path));
        let reason = match part {
            "node_modules" => Some(SkippedBecause::NodeModules),
            "target" if holds(&parent, "Cargo.toml") || holds(&folder, "CACHEDIR.TAG") => {
                Some(SkippedBecause::BuildOutput)
            }
            _ if holds(&folder, "pyvenv.cfg") => Some(SkippedBecause::VirtualEnvironment),
            _ => None,
        };
        if let Some(reason) = reason {
            return Some((folder, reason));
        }
    }
    None
}

#[cfg(test)]
mod tests;
