//! Release histories on disk: one small file for each package, replaced as a whole.
//!
//! Each holds what the registry said last, when that was, and what earlier runs saw of it and it no longer says:
//! owners and roles carry no dates at registries, so that the times of observation are the only ones there are.
//! A file that cannot be read is as good as none; nothing that is stored ever makes a release look better.

mod codec;
mod merge;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{StoreError, access, failed, hexadecimal};
use crate::package::Ecosystem;
use crate::registry::ReleaseHistory;
use crate::registry::history::{OwnersSince, Release};

pub use merge::{Merged, contradictions, merge, recall};

/// The most bytes of all files together.
const MOST_BYTES: u64 = 256 << 20;

/// The largest file that is read.
const LARGEST: u64 = 32 << 20;

/// How many folders the files are spread over: by the first byte of the hash of the name.
const SPREAD: usize = 2;

/// How long a writer waits for others.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How often it looks.
const GLANCE: Duration = Duration::from_millis(20);

/// How often room is made, at the most, unless much was written.
const ROOM_EVERY: Duration = Duration::from_hours(24);

/// How many files one run writes before it makes room in any case.
const MUCH: usize = 500;

/// What is stored of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRecord {
    /// What the registry said last.
    pub history: ReleaseHistory,
    /// When that was.
    pub observed: Timestamp,
    /// The entity tag of its answer.
    pub tag: Option<String>,
    /// Releases as earlier runs saw them, where the registry says something else by now.
    pub memory: Vec<Remembered>,
    /// Who could publish, since when as far as runs saw, the oldest first.
    pub owners: Vec<OwnersSince>,
}

/// A release as an earlier run saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The release.
    pub release: Release,
    /// When it was last seen so.
    pub seen: Timestamp,
}

/// The folder with the histories that one set of registries told.
#[derive(Clone, Debug)]
pub struct HistoryStore {
    folder: Utf8PathBuf,
}

impl HistoryStore {
    /// Takes a folder, which need not exist yet.
    pub const fn at(folder: Utf8PathBuf) -> Self {
        Self { folder }
    }

    /// Finds the folder below which histories lie: the one that was typed, else `LINCHPIN_CACHE_DIR`, else `linchpin` where the system keeps caches.
    pub fn of_user(
        typed: Option<&Utf8Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, StoreError> {
        let below = |name: &str, path: &str| Some(Utf8PathBuf::from(environment(name)?).join(path));
        let named = || environment("LINCHPIN_CACHE_DIR").map(Utf8PathBuf::from);
        let of_system = || {
            let caches = if cfg!(windows) {
                below("LOCALAPPDATA", "")
            } else {
                below("XDG_CACHE_HOME", "").or_else(|| below("HOME", ".cache"))
            };
            Some(caches?.join("linchpin"))
        };
        let folder = typed.map(Utf8Path::to_owned).or_else(named);
        let folder = folder.or_else(of_system).ok_or(StoreError::NoCache)?;
        Ok(Self::at(folder.join("histories")))
    }

    /// Returns the store of what other registries tell, below this one: they must not speak for the public ones.
    #[must_use]
    pub fn of_registry(&self, address: &str) -> Self {
        let mut name = hexadecimal(&Sha256::digest(address));
        name.truncate(super::FOLDER_NAME);
        Self::at(self.folder.join(format!("of-{name}")))
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    fn path(&self, ecosystem: Ecosystem, name: &str) -> Utf8PathBuf {
        let hash = hexadecimal(&Sha256::digest(name));
        let (start, rest) = hash.split_at(SPREAD);
        let rest = &rest[..super::FOLDER_NAME * 2];
        self.folder.join(ecosystem.id()).join(start).join(rest)
    }

    /// Says whether what is stored may be believed: it is the user's own, or nothing is there yet.
    pub fn check(&self) -> Result<(), StoreError> {
        match fs::symlink_metadata(&self.folder) {
            Ok(_) => access::check(&self.folder),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(failed(&self.folder, error)),
        }
    }

    /// Reads what is stored of a package; none where nothing is that can be read.
    pub fn read(&self, ecosystem: Ecosystem, name: &str) -> Option<HistoryRecord> {
        let path = self.path(ecosystem, name);
        let file = access::open(&path).ok()?;
        let length = file.metadata().ok()?.len();
        if length > LARGEST || access::check_file(&path, &file).is_err() {
            tracing::warn!(%path, "a stored history was passed over: it is too large, or others may write it");
            return None;
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).ok()?);
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        let record = codec::decode(&bytes);
        if record.is_none() {
            tracing::debug!(%path, "a stored history cannot be read");
        }
        record.filter(|record| record.history.ecosystem == ecosystem && record.history.name == name)
    }

    /// Adds what was learned to what is stored, and makes room where there is too much. Runs that write at once wait for each other.
    pub fn write(&self, learned: &[Learned<'_>]) -> Result<(), StoreError> {
        if learned.is_empty() {
            return Ok(());
        }
        let lock = self.lock()?;
        for one in learned {
            let name = &one.history.name;
            // Another run may have added to it since it was read.
            let stored = self.read(one.history.ecosystem, name);
            let merged = merge(stored, one.history, one.observed, one.tag.clone());
            self.replace(&merged.record)?;
        }
        self.make_room(learned.len(), MOST_BYTES)?;
        drop(lock);
        Ok(())
    }

    /// Changes what is stored of a package, if anything is.
    pub fn amend(
        &self,
        ecosystem: Ecosystem,
        name: &str,
        change: impl FnOnce(&mut HistoryRecord),
    ) -> Result<(), StoreError> {
        let _lock = self.lock()?;
        match self.read(ecosystem, name) {
            Some(mut record) => {
                change(&mut record);
                self.replace(&record)
            }
            None => Ok(()),
        }
    }

    fn lock(&self) -> Result<File, StoreError> {
        access::create(&self.folder).map_err(|error| failed(&self.folder, error))?;
        access::check(&self.folder)?;
        let path = self.folder.join(super::LOCK);
        let file = access::create_or_open(&path).map_err(|error| failed(&path, error))?;
        let until = Instant::now() + LONGEST_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(GLANCE);
                }
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked {
                        path: self.folder.clone(),
                    });
                }
                Err(fs::TryLockError::Error(error)) => return Err(failed(&path, error)),
            }
        }
    }

    /// Replaces a file. It is not flushed: a loss of power may lose it, and a checksum tells.
    fn replace(&self, record: &HistoryRecord) -> Result<(), StoreError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let bytes = codec::encode(record);
        let path = self.path(record.history.ecosystem, &record.history.name);
        if bytes.len() as u64 > LARGEST {
            tracing::debug!(%path, "a history is too large to be kept");
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = folder.join(format!(".new-{}-{number}", std::process::id()));
        let write = || {
            let mut file = match access::create_new(&beside) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    access::create(folder)?;
                    access::create_new(&beside)?
                }
                file => file?,
            };
            file.write_all(&bytes)?;
            fs::rename(&beside, &path)
        };
        write().map_err(|error| {
            drop(fs::remove_file(&beside));
            failed(&path, error)
        })
    }

    /// Deletes what was written the longest ago, what killed runs left too, once there is more than there may be, and a quarter beyond.
    fn make_room(&self, written: usize, most: u64) -> Result<(), StoreError> {
        let stamp = self.folder.join("room");
        let age = fs::metadata(&stamp).and_then(|metadata| metadata.modified());
        let is_recent = age.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < ROOM_EVERY));
        if is_recent && written < MUCH {
            return Ok(());
        }
        fs::write(&stamp, b"").map_err(|error| failed(&stamp, error))?;
        let mut files = self.files();
        let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
        if bytes <= most {
            return Ok(());
        }
        files.sort();
        for (_, length, path) in files {
            if bytes <= most / 4 * 3 {
                break;
            }
            if fs::remove_file(&path).is_ok() {
                bytes -= length;
            }
        }
        Ok(())
    }

    /// Lists all files with their lengths, and when they were last written.
    fn files(&self) -> Vec<(SystemTime, u64, Utf8PathBuf)> {
        let list = |folder: &Utf8Path| -> Vec<Utf8PathBuf> {
            let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
            entries.map(|entry| entry.path().to_owned()).collect()
        };
        let ecosystems = Ecosystem::ALL.map(|ecosystem| self.folder.join(ecosystem.id()));
        let files = ecosystems.iter().flat_map(|folder| list(folder));
        let files = files.flat_map(|folder| list(&folder));
        let described = files.filter_map(|path| {
            let metadata = fs::symlink_metadata(&path).ok()?;
            Some((metadata.modified().ok()?, metadata.len(), path))
        });
        described.collect()
    }
}

/// What a run learned of a package.
#[derive(Clone, Debug)]
pub struct Learned<'l> {
    /// What the registry says.
    pub history: &'l ReleaseHistory,
    /// When it said so.
    pub observed: Timestamp,
    /// The entity tag of its answer.
    pub tag: Option<String>,
}
