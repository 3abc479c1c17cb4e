//! [`Tree`]s of git's: a commit, the index, and a work tree with what a sparse checkout left out of it.

use std::sync::Arc;

use super::listing::{Entry, Listing};
use super::objects::Objects;
use crate::discover::files::child;
use crate::discover::git::{Checkout, IndexKind};
use crate::discover::{DirectoryFiles, Tree};
use crate::files::{Files, FilesError, Listed, ListedKind, decode};
use crate::lockfile::Limits;
use crate::path::FilePath;

/// The files of a commit or of the index, and of the submodules whose commits are at hand.
#[derive(Debug)]
pub(super) struct ObjectFiles {
    /// What there is.
    pub(super) listing: Listing,
    /// Where the objects are, by the entries' repository.
    pub(super) repositories: Vec<Arc<Objects>>,
    /// How large a file may be.
    pub(super) limits: Limits,
}

impl ObjectFiles {
    fn object(&self, entry: &Entry, limit: u64) -> Result<Vec<u8>, FilesError> {
        let repository = self.repositories.get(entry.repository);
        let repository = repository.ok_or(FilesError::NotRegular)?;
        repository.read(&entry.object, limit)
    }
}

impl Tree for ObjectFiles {
    fn bytes(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        match self.listing.find(path) {
            Some(entry) if entry.kind == IndexKind::File => {
                self.object(entry, self.limits.file_bytes).map(Some)
            }
            Some(_) => Err(FilesError::NotRegular),
            None if self.listing.below(path).next().is_some() => Err(FilesError::NotRegular),
            None => Ok(None),
        }
    }

    fn has(&self, path: &FilePath) -> bool {
        self.listing.find(path).is_some() || self.listing.below(path).next().is_some()
    }

    fn paths(&self) -> Vec<FilePath> {
        let entries = self.listing.entries.iter();
        let files = entries.filter(|entry| entry.kind != IndexKind::Submodule);
        files.map(|entry| entry.path.clone()).collect()
    }

    fn object(&self, path: &FilePath) -> Option<String> {
        let entry = self.listing.find(path)?;
        Some(entry.object.as_str().to_owned())
    }

    fn link(&self, path: &FilePath) -> Option<String> {
        let entry = self.listing.find(path)?;
        let is_link = entry.kind == IndexKind::Link;
        let target = is_link.then(|| self.object(entry, self.limits.file_bytes))?;
        String::from_utf8(target.ok()?).ok()
    }

    fn submodule(&self, path: &FilePath) -> Option<String> {
        let entry = self.listing.find(path)?;
        let is_submodule = entry.kind == IndexKind::Submodule;
        is_submodule.then(|| entry.object.as_str().to_owned())
    }
}

impl Files for ObjectFiles {
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
        self.bytes(path)?.map(decode).transpose()
    }

    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
        if self.listing.find(folder).is_some() {
            return Err(FilesError::NotRegular);
        }
        let depth = folder.parts().count();
        let mut listed: Vec<Listed> = Vec::new();
        for entry in self.listing.below(folder) {
            let mut parts = entry.path.parts().skip(depth);
            let name = parts.next().and_then(|name| child(folder, name));
            let kind = match (parts.next(), entry.kind) {
                (Some(_), _) => ListedKind::Folder,
                (None, IndexKind::File) => ListedKind::File,
                (None, IndexKind::Link | IndexKind::Submodule) => continue,
            };
            let is_known = listed.last().map(|last| &last.path) == name.as_ref();
            listed.extend(name.filter(|_| !is_known).map(|path| Listed { path, kind }));
        }
        listed.sort_unstable();
        Ok(listed)
    }
}

/// The files of a work tree; where a sparse checkout left some out, the index tells what they hold.
#[derive(Debug)]
pub(super) struct WorkTreeFiles {
    /// What is checked out.
    pub(super) directory: DirectoryFiles,
    /// What git tracks.
    pub(super) index: ObjectFiles,
    /// What git neither tracks nor ignores.
    pub(super) others: Vec<FilePath>,
}

impl WorkTreeFiles {
    /// Says whether the index speaks for a path, because a sparse checkout left it out.
    fn is_left_out(&self, path: &FilePath) -> bool {
        let entry = self.index.listing.find(path);
        let is_skipped = entry.is_some_and(|entry| entry.checkout == Checkout::Skipped);
        is_skipped && !self.directory.has(path)
    }
}

impl Tree for WorkTreeFiles {
    fn bytes(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        if self.is_left_out(path) {
            self.index.bytes(path)
        } else {
            self.directory.bytes(path)
        }
    }

    fn has(&self, path: &FilePath) -> bool {
        self.directory.has(path) || self.is_left_out(path)
    }

    fn paths(&self) -> Vec<FilePath> {
        let tracked = self.index.paths().into_iter();
        let tracked = tracked.filter(|path| self.has(path));
        let mut paths: Vec<FilePath> = tracked.chain(self.others.iter().cloned()).collect();
        let entries = self.index.listing.entries.iter();
        let submodules = entries.filter(|entry| entry.kind == IndexKind::Submodule);
        paths.extend(submodules.flat_map(|submodule| self.directory.paths_in(&submodule.path)));
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    fn link(&self, path: &FilePath) -> Option<String> {
        if self.is_left_out(path) {
            self.index.link(path)
        } else {
            self.directory.link(path)
        }
    }

    fn submodule(&self, path: &FilePath) -> Option<String> {
        self.index.submodule(path)
    }
}

impl Files for WorkTreeFiles {
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
        self.bytes(path)?.map(decode).transpose()
    }

    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
        let mut listed = self.directory.list(folder)?;
        let left_out = self.index.list(folder).unwrap_or_default().into_iter();
        listed.extend(left_out.filter(|listed| match listed.kind {
            ListedKind::File => self.is_left_out(&listed.path),
            ListedKind::Folder => !self.directory.has(&listed.path),
        }));
        listed.sort_unstable();
        listed.dedup();
        Ok(listed)
    }
}
