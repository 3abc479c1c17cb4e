//! Who may read and write the store's files, and opening them without waiting for anything that is none.

use std::fs::{self, File, OpenOptions};
use std::io;

use camino::Utf8Path;

use super::StoreError;

/// Makes a folder that only its owner may write, and those above it.
#[cfg(unix)]
pub(super) fn create(folder: &Utf8Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
}

/// Makes a folder, and those above it.
#[cfg(not(unix))]
pub(super) fn create(folder: &Utf8Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Opens a file to be read; to open a pipe would wait for ever.
pub(super) fn open(path: &Utf8Path) -> io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

/// Makes a file that is not there yet and that only its owner may write.
pub(super) fn create_new(path: &Utf8Path) -> io::Result<File> {
    private().write(true).create_new(true).open(path)
}

/// Opens a file to be locked or gone on with, and makes it if it is not there; links and the like are refused.
pub(super) fn create_or_open(path: &Utf8Path) -> io::Result<File> {
    if path
        .symlink_metadata()
        .is_ok_and(|metadata| !metadata.is_file())
    {
        return Err(io::Error::other("it is not a regular file"));
    }
    private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o644);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

/// Makes a rename last, where folders can be flushed.
pub(super) fn flush_folder(folder: &Utf8Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Refuses a folder that others own or may write; one that is not there is nobody's.
pub(super) fn check(folder: &Utf8Path) -> Result<(), StoreError> {
    match fs::metadata(folder) {
        Ok(metadata) => check_metadata(folder, &metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::System {
            path: folder.to_owned(),
            error,
        }),
    }
}

/// Refuses an open file that others own or may write.
pub(super) fn check_file(path: &Utf8Path, file: &File) -> Result<(), StoreError> {
    let metadata = file.metadata().map_err(|error| StoreError::System {
        path: path.to_owned(),
        error,
    })?;
    check_metadata(path, &metadata)
}

#[cfg(unix)]
fn check_metadata(path: &Utf8Path, metadata: &fs::Metadata) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    let why = if metadata.uid() != rustix::process::geteuid().as_raw() {
        "belongs to another user"
    } else if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
        "may be written by its group or by everybody"
    } else {
        return Ok(());
    };
    Err(StoreError::NotOurs {
        path: path.to_owned(),
        why,
    })
}

#[cfg(not(unix))]
fn check_metadata(_path: &Utf8Path, _metadata: &fs::Metadata) -> Result<(), StoreError> {
    // Access lists have no such bits; the user's own folder is what protects the files there.
    Ok(())
}
