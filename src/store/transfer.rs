//! Indexes as one file, to be carried to a machine without a network.
//!
//! An archive of the index files as they are. Whoever imports it reads every block first, so that a file that
//! was damaged on the way never takes the place of a sound one.

use std::io::{Read, Seek, Write};

use thiserror::Error;
use zip::CompressionMethod;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use super::{Store, StoreError, StoredIndex, file_name};
use crate::advisory::index::{Header, Index, IndexError, ReadAt};
use crate::package::Ecosystem;

/// The largest index that is taken up, in bytes; real ones are a hundredth of it.
const LARGEST: u64 = 4 << 30;

/// What every archive begins with.
const SIGNATURE: &[u8; 2] = b"PK";

/// Why indexes could not be carried over.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransferError {
    /// There is nothing to write.
    #[error("there is no index in {0}")]
    Nothing(camino::Utf8PathBuf),
    /// An index of the store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive cannot be read or written.
    #[error("the archive: {0}")]
    Archive(#[from] ZipError),
    /// An index in the archive is none.
    #[error("the index of {ecosystem} in the archive: {error}")]
    Index {
        /// Whose it should be.
        ecosystem: &'static str,
        /// What is wrong.
        error: IndexError,
    },
}

/// An index out of an archive, sound in every block.
#[derive(Debug)]
pub struct CarriedIndex {
    /// Whose it is.
    pub ecosystem: Ecosystem,
    /// The file.
    pub bytes: Vec<u8>,
    /// What it says of itself.
    pub header: Header,
}

/// Writes all indexes of a store as one archive; returns how many they are.
pub fn export(store: &Store, out: impl Write + Seek) -> Result<usize, TransferError> {
    let mut archive = zip::ZipWriter::new(out);
    // The same indexes make the same bytes: no clock goes in.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .large_file(true);
    let mut exported = 0;
    for ecosystem in Ecosystem::ALL {
        let Some(stored) = store.open(ecosystem)? else {
            continue;
        };
        let bytes = whole(&stored, ecosystem)?;
        archive.start_file(file_name(ecosystem), options)?;
        archive.write_all(&bytes).map_err(ZipError::from)?;
        exported += 1;
    }
    if exported == 0 {
        return Err(TransferError::Nothing(store.folder().to_owned()));
    }
    archive.finish()?;
    Ok(exported)
}

/// Reads the file of an index and checks every block of it.
fn whole(stored: &StoredIndex, ecosystem: Ecosystem) -> Result<Vec<u8>, TransferError> {
    let failed = |error| TransferError::Index {
        ecosystem: ecosystem.registry_name(),
        error,
    };
    let length = usize::try_from(stored.bytes).map_err(|_| failed(IndexError::NotAnIndex))?;
    let mut bytes = vec![0; length];
    stored
        .file()
        .read_exact_at(&mut bytes, 0)
        .map_err(|error| failed(error.into()))?;
    verify(&bytes, ecosystem)?;
    Ok(bytes)
}

fn verify(bytes: &[u8], ecosystem: Ecosystem) -> Result<Header, TransferError> {
    let verified = Index::open(bytes, ecosystem).and_then(|index| {
        index.verify()?;
        Ok(*index.header())
    });
    verified.map_err(|error| TransferError::Index {
        ecosystem: ecosystem.registry_name(),
        error,
    })
}

/// Takes the indexes out of an archive; none if it holds none, or if the file is no archive at all.
pub fn carried(mut file: impl Read + Seek) -> Result<Vec<CarriedIndex>, TransferError> {
    let mut start = [0; SIGNATURE.len()];
    let is_archive = file.read_exact(&mut start).is_ok() && start == *SIGNATURE;
    if !is_archive {
        return Ok(Vec::new());
    }
    file.rewind().map_err(ZipError::from)?;
    let mut archive = zip::ZipArchive::new(file)?;
    let mut found = Vec::new();
    for ecosystem in Ecosystem::ALL {
        let entry = match archive.by_name(file_name(ecosystem)) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => continue,
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Vec::new();
        let read = entry.take(LARGEST).read_to_end(&mut bytes);
        read.map_err(ZipError::from)?;
        let header = verify(&bytes, ecosystem)?;
        found.push(CarriedIndex {
            ecosystem,
            bytes,
            header,
        });
    }
    Ok(found)
}
