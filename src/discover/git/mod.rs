//! Git as far as discovery needs it: which work tree holds a folder, and which paths it tracks.
//!
//! Git itself is never run: a tree's configuration could make it run other programs. Linchpin reads the
//! index as it stands, and says so where it cannot ([`GitError`]).

pub mod index;

use std::fs::{self, File};
use std::io::Read;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

pub use index::{Checkout, Index, IndexEntry, IndexError, IndexKind};

use crate::text::Untrusted;
use index::ObjectFormat;

/// The largest index; that of a million files in deep folders is about half as large.
const MAX_INDEX_BYTES: u64 = 256 << 20;

/// The largest file of git's that holds a line or a few.
const MAX_SMALL_BYTES: u64 = 1 << 20;

/// A git work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTree {
    /// The topmost folder that git tracks.
    pub root: Utf8PathBuf,
    git: Utf8PathBuf,
}

/// Why git's own record could not be read: the file and the reason.
#[derive(Debug, Error)]
#[error("{}: {kind}", Untrusted::borrowed(.path.as_str()).terminal())]
pub struct GitError {
    /// The file or folder of git's.
    pub path: Utf8PathBuf,
    /// What is wrong with it.
    pub kind: GitErrorKind,
}

/// What is wrong with a file of git's.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GitErrorKind {
    /// A `.git` file says nothing that git would understand.
    #[error("the `.git` file does not name a git folder")]
    Pointer,
    /// The folder that a `.git` file names is not there.
    #[error("the git folder of this work tree is not there")]
    Missing,
    /// The repository names its objects in a way that linchpin does not know.
    #[error("object format `{}` is unknown to linchpin", .0.terminal())]
    ObjectFormat(Untrusted<'static>),
    /// The index is no index that linchpin reads.
    #[error("git's index is {0}")]
    Index(IndexError),
    /// A file of git's is too large.
    #[error("a file of git's is larger than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: u64,
    },
    /// The system said no.
    #[error("{0}")]
    System(String),
}

impl GitErrorKind {
    /// Returns what the user can do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Pointer | Self::Missing => {
                "audit it where the repository is, or take the `.git` file away"
            }
            Self::Index(error) => error.help(),
            Self::ObjectFormat(_) | Self::TooLarge { .. } | Self::System(_) => {
                "see what git says about it: git status"
            }
        }
    }

    fn of(self, path: &Utf8Path) -> GitError {
        GitError {
            path: path.to_owned(),
            kind: self,
        }
    }
}

impl WorkTree {
    /// Finds the work tree that holds a folder: the nearest one, as git does.
    pub fn find(folder: &Utf8Path) -> Result<Option<Self>, GitError> {
        for root in folder.ancestors() {
            if let Some(found) = Self::at(root)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Returns the work tree whose topmost folder this is.
    pub fn at(root: &Utf8Path) -> Result<Option<Self>, GitError> {
        let entry = root.join(".git");
        let git = match fs::metadata(&entry) {
            Ok(metadata) if metadata.is_dir() => Some(entry).filter(|git| is_repository(git)),
            Ok(metadata) if metadata.is_file() => Some(pointed_at(root, &entry)?),
            _ => None,
        };
        Ok(git.map(|git| Self {
            root: root.to_owned(),
            git,
        }))
    }

    /// Reads which paths git tracks; keeps submodules, and files and links whose path `is_wanted`.
    pub fn index(&self, is_wanted: &dyn Fn(&str) -> bool) -> Result<Index, GitError> {
        if !self.git.is_dir() {
            return Err(GitErrorKind::Missing.of(&self.git));
        }
        let path = self.git.join("index");
        let Some(bytes) = read(&path, MAX_INDEX_BYTES)? else {
            return Ok(Index::default());
        };
        index::parse(&bytes, self.object_format()?, is_wanted)
            .map_err(|error| GitErrorKind::Index(error).of(&path))
    }

    fn object_format(&self) -> Result<ObjectFormat, GitError> {
        let path = self.common()?.join("config");
        let Some(bytes) = read(&path, MAX_SMALL_BYTES)? else {
            return Ok(ObjectFormat::Sha1);
        };
        match configured_object_format(&String::from_utf8_lossy(&bytes)) {
            None => Ok(ObjectFormat::Sha1),
            Some(format) if format.eq_ignore_ascii_case("sha1") => Ok(ObjectFormat::Sha1),
            Some(format) if format.eq_ignore_ascii_case("sha256") => Ok(ObjectFormat::Sha256),
            Some(format) => Err(GitErrorKind::ObjectFormat(format.into()).of(&path)),
        }
    }

    /// Returns the folder that linked work trees of one repository share.
    fn common(&self) -> Result<Utf8PathBuf, GitError> {
        let Some(bytes) = read(&self.git.join("commondir"), MAX_SMALL_BYTES)? else {
            return Ok(self.git.clone());
        };
        Ok(self.git.join(String::from_utf8_lossy(&bytes).trim()))
    }
}

/// Says whether a `.git` folder is a repository; an empty one is not.
fn is_repository(git: &Utf8Path) -> bool {
    // In old repositories this is a link, which may lead nowhere before the first commit.
    fs::symlink_metadata(git.join("HEAD")).is_ok()
}

/// Follows the `.git` file of a linked work tree or a submodule.
fn pointed_at(root: &Utf8Path, file: &Utf8Path) -> Result<Utf8PathBuf, GitError> {
    let bytes = read(file, MAX_SMALL_BYTES)?.unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    match text.strip_prefix("gitdir:").map(str::trim) {
        Some(git) if !git.is_empty() => Ok(root.join(git)),
        _ => Err(GitErrorKind::Pointer.of(file)),
    }
}

/// Reads `extensions.objectFormat`; the last one counts, as in git.
fn configured_object_format(config: &str) -> Option<String> {
    let mut is_in_extensions = false;
    let mut format = None;
    for line in config.lines().map(str::trim) {
        let mut setting = line;
        if let Some((section, rest)) = line.strip_prefix('[').and_then(|line| line.split_once(']'))
        {
            is_in_extensions = section.trim().eq_ignore_ascii_case("extensions");
            setting = rest;
        }
        if is_in_extensions {
            format = object_format_setting(setting).or(format);
        }
    }
    format
}

fn object_format_setting(setting: &str) -> Option<String> {
    let (key, value) = setting.split_once('=')?;
    let value = value.split(['#', ';']).next().unwrap_or_default();
    let is_it = key.trim().eq_ignore_ascii_case("objectformat");
    is_it.then(|| value.trim().trim_matches('"').to_owned())
}

/// Reads a file of git's; none if there is none.
fn read(path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
    let system = |error: std::io::Error| GitErrorKind::System(error.to_string()).of(path);
    let too_large = || GitErrorKind::TooLarge { limit }.of(path);
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(system(error)),
        // A pipe would make the reader wait for ever.
        Ok(metadata) if !metadata.is_file() => {
            return Err(system(std::io::Error::other("not a regular file")));
        }
        Ok(metadata) if metadata.len() > limit => return Err(too_large()),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(system)?;
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(system)?;
    if bytes.len() as u64 > limit {
        Err(too_large())
    } else {
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests;
