//! What Linchpin keeps on disk between runs: the advisory index of each ecosystem, when its feed was asked, a
//! download that was stopped, and what is known of exploitation.
//!
//! Files are replaced as a whole (written beside, flushed, renamed), so that a reader sees the old bytes or the
//! new ones, whatever interrupts the writer. Readers take no lock; writers take one for the folder. Files that
//! somebody else owns or may write are refused: whoever writes the index decides what is known.

mod access;
mod checked;
pub mod compiled;
mod download;
mod exploitation;
pub mod histories;
mod loss;
pub mod records;
pub mod transfer;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

pub use checked::{Checked, FeedKind};
pub use download::Download;
pub use loss::Loss;

use crate::advisory::exploitation::{Exploitation, Exploitations};
use crate::advisory::index::{Index, IndexError, ReadAt};
use crate::advisory::model::{AdvisoryId, Record};
use crate::advisory::{AdvisorySource, AdvisorySourceError};
use crate::package::{Algorithm, Digest, Ecosystem};

/// The length of the name of a feed's own folder.
const FOLDER_NAME: usize = 16;

/// The name of the file that writers lock.
const LOCK: &str = "lock";

/// Why the store cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing says where the user keeps data.
    #[error("there is no folder for data: neither LINCHPIN_DB nor a home directory is set")]
    Nowhere,
    /// Nothing says where the user keeps what may be lost.
    #[error(
        "there is no folder for caches: neither LINCHPIN_CACHE_DIR nor a home directory is set"
    )]
    NoCache,
    /// The system said no.
    #[error("{path}: {error}")]
    System {
        /// The file or folder.
        path: Utf8PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// Others may have written it.
    #[error("{path} {why}, so that others decide what it says; it was not read")]
    NotOurs {
        /// The file or folder.
        path: Utf8PathBuf,
        /// Who has which right.
        why: &'static str,
    },
    /// Another process is writing.
    #[error("{path} is being written by another process")]
    Locked {
        /// The folder.
        path: Utf8PathBuf,
    },
    /// The index is none that can be read.
    #[error("{path}: {error}")]
    Index {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        error: IndexError,
    },
}

/// The folder with the indexes.
#[derive(Clone, Debug)]
pub struct Store {
    folder: Utf8PathBuf,
}

/// An index on disk.
#[derive(Debug)]
pub struct StoredIndex {
    /// The index.
    pub index: Index<IndexFile>,
    /// Its file.
    pub path: Utf8PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
}

impl StoredIndex {
    /// Computes the SHA-256 of the file that is open, in hexadecimal. O(bytes).
    pub fn digest(&self) -> Result<String, StoreError> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut at = 0;
        while at < self.bytes {
            let length = buffer
                .len()
                .min(usize::try_from(self.bytes - at).unwrap_or(usize::MAX));
            let piece = &mut buffer[..length];
            let read = self.file().read_exact_at(piece, at);
            read.map_err(|error| failed(&self.path, error))?;
            hasher.update(&*piece);
            at += length as u64;
        }
        Ok(hexadecimal(&hasher.finalize()))
    }

    fn file(&self) -> &IndexFile {
        self.index.reader()
    }
}

/// A file that is read at any place.
#[derive(Debug)]
pub struct IndexFile(File);

impl Store {
    /// Takes a folder, which need not exist yet.
    pub const fn at(folder: Utf8PathBuf) -> Self {
        Self { folder }
    }

    /// Finds the user's folder: `LINCHPIN_DB`, else `linchpin/advisories` where the system keeps data.
    pub fn of_user(environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, StoreError> {
        if let Some(folder) = environment("LINCHPIN_DB") {
            return Ok(Self::at(folder.into()));
        }
        let below = |name: &str, path: &str| Some(Utf8PathBuf::from(environment(name)?).join(path));
        let data = if cfg!(windows) {
            below("LOCALAPPDATA", "")
        } else {
            below("XDG_DATA_HOME", "").or_else(|| below("HOME", ".local/share"))
        };
        let data = data.ok_or(StoreError::Nowhere)?;
        Ok(Self::at(data.join("linchpin").join("advisories")))
    }

    /// Returns the store of feeds that lie at another place, below this one.
    #[must_use]
    pub fn of_feed(&self, base: &str) -> Self {
        let mut name = hexadecimal(&Sha256::digest(base));
        name.truncate(FOLDER_NAME);
        Self::at(self.folder.join(name))
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// Returns where the index of an ecosystem lies, or would.
    pub fn path(&self, ecosystem: Ecosystem) -> Utf8PathBuf {
        self.folder.join(file_name(ecosystem))
    }

    /// Opens the index of an ecosystem; none if there is none.
    pub fn open(&self, ecosystem: Ecosystem) -> Result<Option<StoredIndex>, StoreError> {
        let path = self.path(ecosystem);
        let file = match access::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::System { path, error }),
        };
        access::check(&self.folder)?;
        access::check_file(&path, &file)?;
        let failed = |error| StoreError::Index {
            path: path.clone(),
            error,
        };
        let file = IndexFile(file);
        let bytes = file.size().map_err(|error| failed(error.into()))?;
        let index = Index::open(file, ecosystem).map_err(failed)?;
        Ok(Some(StoredIndex { index, path, bytes }))
    }

    /// Takes the right to write, which ends when the lock is dropped. The folder is made if it is not there.
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        access::create(&self.folder).map_err(|error| failed(&self.folder, error))?;
        access::check(&self.folder)?;
        let path = self.folder.join(LOCK);
        let file = access::create_or_open(&path).map_err(|error| failed(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(StoreLock {
                store: self.clone(),
                _held: file,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::Locked {
                path: self.folder.clone(),
            }),
            Err(fs::TryLockError::Error(error)) => Err(failed(&path, error)),
        }
    }
}

fn hexadecimal(sha256: &[u8]) -> String {
    let digest = Digest::new(Algorithm::Sha256, sha256);
    digest.map_or_else(String::new, |digest| digest.hex())
}

fn failed(path: &Utf8Path, error: io::Error) -> StoreError {
    StoreError::System {
        path: path.to_owned(),
        error,
    }
}

/// The right to write to a store.
#[derive(Debug)]
pub struct StoreLock {
    store: Store,
    _held: File,
}

impl StoreLock {
    /// Returns the store that may be written.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Replaces the index of an ecosystem. If anything fails, the old one stays.
    pub fn replace(
        &self,
        ecosystem: Ecosystem,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        self.replace_file(&self.store.path(ecosystem), write)
    }

    fn replace_file(
        &self,
        path: &Utf8Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let name = path.file_name().unwrap_or_default();
        let beside = self.store.folder.join(format!(".{name}.new"));
        let replaced = write_beside(&beside, write).and_then(|()| {
            fs::rename(&beside, path)?;
            access::flush_folder(&self.store.folder)
        });
        replaced.map_err(|error| {
            drop(fs::remove_file(&beside));
            failed(path, error)
        })
    }
}

fn write_beside(
    beside: &Utf8Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    // A writer that was killed may have left one; the lock says that nobody is writing it now.
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut out = BufWriter::new(access::create_new(beside)?);
    write(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

const fn file_name(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Cargo => "crates.io.advisories",
        Ecosystem::Npm => "npm.advisories",
        Ecosystem::Pypi => "pypi.advisories",
    }
}

impl ReadAt for IndexFile {
    #[cfg(unix)]
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let at = offset + filled as u64;
            match std::os::windows::fs::FileExt::seek_read(&self.0, &mut buffer[filled..], at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => filled += read,
            }
        }
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

/// The indexes that a run asks, each opened once.
#[derive(Debug, Default)]
pub struct OpenIndexes {
    indexes: Vec<StoredIndex>,
    exploitation: Option<Exploitations<IndexFile>>,
}

impl OpenIndexes {
    /// Adds an index.
    pub fn push(&mut self, index: StoredIndex) {
        self.indexes.push(index);
    }

    /// Lets what is known of exploitation be asked too.
    pub fn set_exploitation(&mut self, known: Exploitations<IndexFile>) {
        self.exploitation = Some(known);
    }

    /// Returns the index of an ecosystem.
    pub fn of(&self, ecosystem: Ecosystem) -> Option<&StoredIndex> {
        let is_of = |stored: &&StoredIndex| stored.index.header().ecosystem == ecosystem;
        self.indexes.iter().find(is_of)
    }
}

impl AdvisorySource for OpenIndexes {
    fn records(
        &self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<Vec<Record>, AdvisorySourceError> {
        let stored = self.of(ecosystem).ok_or(AdvisorySourceError::Missing)?;
        stored.index.look_up(name).map_err(|error| {
            tracing::warn!(path = %stored.path, name, %error, "advisories of a package could not be read");
            AdvisorySourceError::Unreadable
        })
    }

    fn exploitation(&self, ids: &[AdvisoryId]) -> Option<Exploitation> {
        let known = self.exploitation.as_ref()?.look_up(ids);
        let told = |error: &IndexError| {
            tracing::warn!(%error, "what is known of exploitation could not be read");
        };
        known.inspect_err(told).ok()
    }
}
