//! Advisory records from files: OSV's export layout, archives of records, folders of records.
//!
//! Records stream past one at a time. An archive is untrusted: nothing is unpacked to disk, and no record
//! grows beyond [`LARGEST`] in memory.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

use crate::package::Ecosystem;

/// The largest record that is read, in bytes; the largest real ones are a tenth of it.
pub const LARGEST: u64 = 16 << 20;

/// The most files that are looked at in one archive or folder.
const MOST: usize = 4_000_000;

/// The name of an ecosystem's archive in the export layout.
const ARCHIVE: &str = "all.zip";

/// A file or folder with the records of one ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSource {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// An archive, or a folder of JSON files.
    pub path: Utf8PathBuf,
}

/// Why records could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The system said no.
    #[error("{path}: {error}")]
    System {
        /// The file or folder.
        path: Utf8PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// It is no archive, or a damaged one.
    #[error("{path} is no archive that can be read: {error}")]
    Archive {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong.
        error: zip::result::ZipError,
    },
    /// Nothing says whose records they are.
    #[error("{0}: nothing says of which ecosystem these records are")]
    WhichEcosystem(Utf8PathBuf),
    /// It leads elsewhere.
    #[error("{0} is a link; records are read from regular files")]
    Link(Utf8PathBuf),
    /// It holds more than anybody publishes.
    #[error("{0} holds more than {MOST} files")]
    TooMany(Utf8PathBuf),
}

/// Finds the sources that a path means: the export layout, or one archive or folder.
///
/// Whose records they are says `ecosystem`, else the name of the folder that they lie in.
pub fn sources(
    path: &Utf8Path,
    ecosystem: Option<Ecosystem>,
) -> Result<Vec<RecordSource>, RecordsError> {
    let metadata = fs::metadata(path).map_err(|error| failed(path, error))?;
    if metadata.is_dir() && ecosystem.is_none() {
        let exported: Vec<RecordSource> = Ecosystem::ALL
            .into_iter()
            .filter_map(|ecosystem| exported(path, ecosystem))
            .collect();
        if !exported.is_empty() {
            return Ok(exported);
        }
    }
    let folder = if metadata.is_dir() {
        Some(path)
    } else {
        path.parent()
    };
    let named = || {
        let name = folder?.file_name()?;
        Ecosystem::ALL
            .into_iter()
            .find(|ecosystem| ecosystem.registry_name() == name)
    };
    let ecosystem = ecosystem
        .or_else(named)
        .ok_or_else(|| RecordsError::WhichEcosystem(path.to_owned()))?;
    let archive = path.join(ARCHIVE);
    let path = if archive.is_file() {
        archive
    } else {
        path.to_owned()
    };
    Ok(vec![RecordSource { ecosystem, path }])
}

fn exported(root: &Utf8Path, ecosystem: Ecosystem) -> Option<RecordSource> {
    let path = root.join(ecosystem.registry_name()).join(ARCHIVE);
    path.is_file().then_some(RecordSource { ecosystem, path })
}

/// Hands every record of a source to `take`, with the name of its file, those in folders below included; files that are no JSON are passed over.
pub fn for_each(
    source: &RecordSource,
    take: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), RecordsError> {
    if source.path.is_dir() {
        for_each_in_folder(&source.path, take)
    } else {
        for_each_in_archive(&source.path, take)
    }
}

fn for_each_in_archive(
    path: &Utf8Path,
    take: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), RecordsError> {
    let broken = |error| RecordsError::Archive {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(|error| failed(path, error))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(broken)?;
    if archive.len() > MOST {
        return Err(RecordsError::TooMany(path.to_owned()));
    }
    let mut bytes = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(broken)?;
        let name = entry.name().map_err(broken)?.into_owned();
        if !is_record(&name) {
            continue;
        }
        bytes.clear();
        let read = entry.by_ref().take(LARGEST + 1).read_to_end(&mut bytes);
        read.map_err(|error| broken(error.into()))?;
        take(&name, capped(&bytes));
    }
    Ok(())
}

fn for_each_in_folder(
    path: &Utf8Path,
    take: &mut dyn FnMut(&str, &[u8]),
) -> Result<(), RecordsError> {
    let mut bytes = Vec::new();
    for file in record_files(path)? {
        let name = file.strip_prefix(path).unwrap_or(&file);
        bytes.clear();
        let read =
            File::open(&file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
        read.map_err(|error| failed(&file, error))?;
        take(name.as_str(), capped(&bytes));
    }
    Ok(())
}

/// Lists the records in a folder and in those below it, sorted; a link could lead anywhere and is refused.
fn record_files(root: &Utf8Path) -> Result<Vec<Utf8PathBuf>, RecordsError> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in folder
            .read_dir_utf8()
            .map_err(|error| failed(&folder, error))?
        {
            let entry = entry.map_err(|error| failed(&folder, error))?;
            let kind = entry.file_type();
            let kind = kind.map_err(|error| failed(entry.path(), error))?;
            if kind.is_dir() {
                open.push(entry.path().to_owned());
            } else if is_record(entry.file_name()) && kind.is_symlink() {
                return Err(RecordsError::Link(entry.path().to_owned()));
            } else if is_record(entry.file_name()) && kind.is_file() {
                found.push(entry.path().to_owned());
            }
            if found.len() + open.len() > MOST {
                return Err(RecordsError::TooMany(root.to_owned()));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A record that is too large is none.
fn capped(bytes: &[u8]) -> &[u8] {
    if bytes.len() as u64 > LARGEST {
        &[]
    } else {
        bytes
    }
}

fn is_record(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn failed(path: &Utf8Path, error: io::Error) -> RecordsError {
    RecordsError::System {
        path: path.to_owned(),
        error,
    }
}
