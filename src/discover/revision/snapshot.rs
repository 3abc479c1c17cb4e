//! A commit or the index as a whole: its lockfiles and manifests, and those of the submodules whose clones are at hand.

use std::sync::Arc;

use camino::Utf8PathBuf;

use super::command::Git;
use super::files::ObjectFiles;
use super::listing::Entry;
use super::objects::Objects;
use super::{RevisionError, list_commit};
use crate::discover::found::{Found, Origin, as_word};
use crate::discover::git::{IndexKind, WorkTree};
use crate::discover::names::{is_lockfile_name, is_lockfile_path};
use crate::discover::tracked::NOT_CHECKED_OUT;
use crate::discover::{DirectoryFiles, Discovery, Place, SkippedBecause, foreign, take_up};
use crate::install;
use crate::lockfile::manifest;
use crate::path::FilePath;

/// How many submodules may lie in each other.
const MAX_NESTED: usize = 16;

/// What a commit or the index holds.
pub struct Snapshot {
    root: Utf8PathBuf,
    found: Found,
    files: ObjectFiles,
}

impl Snapshot {
    /// Takes what git listed, and what its submodules hold.
    pub(super) fn new(root: Utf8PathBuf, files: ObjectFiles) -> Self {
        let found = Found::default();
        let mut snapshot = Self { root, found, files };
        snapshot.take_in_submodules();
        snapshot
    }

    /// Finds and reads its lockfiles, whatever ignore files say: git tracks them all.
    pub fn discover(mut self) -> Discovery {
        for entry in &self.files.listing.entries {
            look_at(entry, &mut self.found);
        }
        for unnamed in &self.files.listing.unnamed {
            if bears(unnamed.as_str()) {
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

    /// Adds what the commits of submodules hold, as far as their clones lie in the work tree.
    fn take_in_submodules(&mut self) {
        let mut open: Vec<(Entry, usize)> = submodules(&self.files.listing.entries, 0);
        while let Some((submodule, nested)) = open.pop() {
            match self.submodule(&submodule, nested) {
                Ok(entries) => {
                    open.extend(submodules(&entries, nested + 1));
                    self.files.listing.entries.extend(entries);
                }
                Err(unread) => {
                    let (message, help) = unread.words(&submodule);
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

    /// Lists the commit of a submodule.
    fn submodule(&mut self, submodule: &Entry, nested: usize) -> Result<Vec<Entry>, Unread> {
        if nested >= MAX_NESTED {
            return Err(Unread::Nested);
        }
        let folder = &submodule.path;
        let git = self.clone_of(folder).ok_or(Unread::NotCheckedOut)?;
        let listing = list_commit(&git, &submodule.object)?;
        self.files.repositories.push(Arc::new(Objects::of(&git)));
        let repository = self.files.repositories.len() - 1;
        for unnamed in listing
            .unnamed
            .iter()
            .filter(|unnamed| bears(unnamed.as_str()))
        {
            self.found.unnamed(folder.clone(), unnamed.as_str());
        }
        let entries = listing.entries.into_iter().filter_map(|entry| {
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
fn look_at(entry: &Entry, found: &mut Found) {
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
    } else if let Some(manifest) = manifest::of_name(name) {
        // One that is a link cannot be read, which is told. What git tracks is the project's own, whatever lies beside it.
        match installed(path) {
            Some(folder) => found.skip(folder, SkippedBecause::NodeModules),
            None => drop(found.manifests.insert(path.clone(), manifest)),
        }
    }
}

/// Finds the folder of installed packages that holds a path.
fn installed(path: &FilePath) -> Option<FilePath> {
    let parts: Vec<&str> = path.parts().collect();
    let place = parts.iter().position(|part| *part == "node_modules")?;
    FilePath::new(&parts[..=place].join("/"))
}

/// Says whether a path that cannot be written as one has the name of a file that bears packages or steers an installer.
fn bears(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_steering = || FilePath::new(name).is_some_and(|path| install::is_recognised(&path));
    is_lockfile_path(path) || manifest::of_name(name).is_some() || is_steering()
}

/// Why a submodule was not read.
#[derive(Debug)]
enum Unread {
    /// Its files are not there.
    NotCheckedOut,
    /// It lies in too many others.
    Nested,
    /// Git does not list its commit.
    Revision(RevisionError),
}

impl From<RevisionError> for Unread {
    fn from(error: RevisionError) -> Self {
        Self::Revision(error)
    }
}

impl Unread {
    /// Says what is wrong with a submodule, and what to do.
    fn words(&self, submodule: &Entry) -> (String, String) {
        let word = as_word(&submodule.path);
        match self {
            Self::NotCheckedOut => {
                let place = word.unwrap_or("--recursive");
                let help = format!("check it out: git submodule update --init {place}");
                (NOT_CHECKED_OUT.to_owned(), help)
            }
            Self::Nested => {
                let message = "lies in too many submodules".to_owned();
                (message, "audit it in a run of its own".to_owned())
            }
            Self::Revision(RevisionError::Refused { .. }) => {
                let commit = submodule.object.short();
                let message = format!(
                    "is a submodule at commit {commit}, which its clone does not hold, so it was not read"
                );
                let place = word.unwrap_or("FOLDER");
                let commit = submodule.object.as_str();
                (
                    message,
                    format!("fetch it: git -C {place} fetch origin {commit}"),
                )
            }
            Self::Revision(error) => {
                let message = format!("is a submodule that was not read: {error}");
                (message, error.help().to_owned())
            }
        }
    }
}
