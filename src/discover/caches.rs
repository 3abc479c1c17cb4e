//! [`LocalCaches`]: the archives that cargo and npm keep, read and never written.
//!
//! Names and versions come from lockfiles, so they are checked before they become part of a path: no
//! lockfile can make linchpin hash a file outside the caches.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Sha256, Sha384, Sha512};

use crate::evidence::{ArchiveError, ArchiveRequest, Archives, LocalArchive};
use crate::package::endpoints::CRATES_IO_CACHE_FOLDERS;
use crate::package::{Algorithm, Digest, Ecosystem};

/// How much of an archive is held in memory while it is hashed.
const BUFFER_BYTES: usize = 128 << 10;

/// The host on which both the git index of crates.io and other registries live.
const SHARED_HOST: &str = "github.com";

/// The folder of the git index of crates.io; every other folder of that host is another registry's.
const CRATES_IO_GIT_FOLDER: &str = "github.com-1ecc6299db9ec823";

/// Where package managers keep the archives that they fetched; a cache that is not there holds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalCaches {
    /// Cargo's home folder.
    pub cargo_home: Option<Utf8PathBuf>,
    /// npm's cache folder.
    pub npm_cache: Option<Utf8PathBuf>,
    /// The folders of registries in cargo's cache, listed when the first archive is looked for.
    registry_folders: OnceLock<Vec<String>>,
}

impl LocalCaches {
    /// Finds the caches of the user whose environment this is, as cargo and npm do by default.
    pub fn of_user(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let folder = |name: &str| {
            environment(name)
                .filter(|value| !value.is_empty())
                .map(Utf8PathBuf::from)
        };
        let home = folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let default_npm = if cfg!(windows) {
            folder("LOCALAPPDATA").map(|folder| folder.join("npm-cache"))
        } else {
            home.as_ref().map(|home| home.join(".npm"))
        };
        Self {
            cargo_home: folder("CARGO_HOME").or_else(|| home.map(|home| home.join(".cargo"))),
            // npm reads its settings from the environment in either case.
            npm_cache: folder("npm_config_cache")
                .or_else(|| folder("NPM_CONFIG_CACHE"))
                .or(default_npm),
            registry_folders: OnceLock::new(),
        }
    }

    fn crates(&self, request: &ArchiveRequest) -> Vec<LocalArchive> {
        let Some(home) = &self.cargo_home else {
            return Vec::new();
        };
        if !is_plain(&request.name, b"-_") || !is_plain(&request.version, b"-+.") {
            return Vec::new();
        }
        let file = format!("{}-{}.crate", request.name, request.version);
        let cache = home.join("registry").join("cache");
        let host = request.registry_host.as_deref();
        let folders = self.registry_folders.get_or_init(|| folder_names(&cache));
        let folders = folders.iter().filter(|folder| is_folder_of(folder, host));
        folders
            .filter_map(|folder| archive_at(&cache.join(folder).join(&file)))
            .collect()
    }

    /// npm files an archive under its digest, whichever registry it came from.
    fn npm_contents(&self, request: &ArchiveRequest) -> Vec<LocalArchive> {
        let Some(cache) = &self.npm_cache else {
            return Vec::new();
        };
        let hex = request.digest.hex();
        let (Some(first), Some(second), Some(rest)) = (hex.get(..2), hex.get(2..4), hex.get(4..))
        else {
            return Vec::new();
        };
        let contents = cache.join("_cacache").join("content-v2");
        let path = contents
            .join(request.digest.algorithm().id())
            .join(first)
            .join(second)
            .join(rest);
        archive_at(&path).into_iter().collect()
    }
}

impl Archives for LocalCaches {
    fn find(&self, request: &ArchiveRequest) -> Vec<LocalArchive> {
        match request.ecosystem {
            Ecosystem::Cargo => self.crates(request),
            Ecosystem::Npm => self.npm_contents(request),
            Ecosystem::Pypi => Vec::new(),
        }
    }

    fn digest(&self, archive: &LocalArchive, algorithm: Algorithm) -> Result<Digest, ArchiveError> {
        match algorithm {
            Algorithm::Md5 | Algorithm::Sha1 => Err(ArchiveError::Weak(algorithm)),
            Algorithm::Sha256 => hash::<Sha256>(open(archive)?, algorithm),
            Algorithm::Sha384 => hash::<Sha384>(open(archive)?, algorithm),
            Algorithm::Sha512 => hash::<Sha512>(open(archive)?, algorithm),
        }
    }
}

/// Says whether a text is one plain part of a file name: letters, digits and `others`, never only dots.
fn is_plain(text: &str, others: &[u8]) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
        && !text.is_empty()
        && !text.contains("..")
}

/// Says whether a folder of cargo's cache is that of a registry host; of the public registry for none.
fn is_folder_of(folder: &str, host: Option<&str>) -> bool {
    let Some((folder_host, _hash)) = folder.rsplit_once('-') else {
        return false;
    };
    let is_public = CRATES_IO_CACHE_FOLDERS.contains(&folder_host)
        && (folder_host != SHARED_HOST || folder == CRATES_IO_GIT_FOLDER);
    match host {
        None => is_public,
        Some(host) => !is_public && folder_host.eq_ignore_ascii_case(host),
    }
}

/// Lists the names in a folder, sorted; a folder that is not there holds none.
fn folder_names(folder: &Utf8Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}

/// Returns what lies at a path, whatever it is; what is no regular file is refused when it is to be hashed.
fn archive_at(path: &Utf8Path) -> Option<LocalArchive> {
    fs::symlink_metadata(path).ok()?;
    Some(LocalArchive {
        path: path.as_str().to_owned().into(),
    })
}

fn open(archive: &LocalArchive) -> Result<File, ArchiveError> {
    let path = archive.path.as_str();
    if !fs::symlink_metadata(path)
        .map_err(|error| system(&error))?
        .is_file()
    {
        return Err(ArchiveError::NotRegular);
    }
    let file = File::open(path).map_err(|error| system(&error))?;
    // The file may have been replaced since it was looked at.
    let is_file = file.metadata().map_err(|error| system(&error))?.is_file();
    if is_file {
        Ok(file)
    } else {
        Err(ArchiveError::NotRegular)
    }
}

fn hash<H: sha2::Digest>(mut file: File, algorithm: Algorithm) -> Result<Digest, ArchiveError> {
    let mut hasher = H::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(system(&error)),
        }
    }
    Ok(Digest::new(algorithm, &hasher.finalize())
        .expect("a hash function yields as many bytes as its name says"))
}

fn system(error: &std::io::Error) -> ArchiveError {
    ArchiveError::System(error.to_string())
}

#[cfg(test)]
#[path = "caches_tests.rs"]
mod tests;
