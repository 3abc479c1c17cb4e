//! Throw-away trees and git indexes for the tests of this module.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use camino::Utf8PathBuf;
use tempfile::TempDir;

use super::git::index::{Checkout, IndexKind};
use crate::path::FilePath;

/// A Cargo.lock with one package.
pub(super) const CARGO_LOCK: &str =
    "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n";

/// A package-lock.json with no package.
pub(super) const PACKAGE_LOCK: &str = "{\"lockfileVersion\": 3, \"packages\": {}}\n";

/// Makes a path inside the root.
pub(super) fn path(text: &str) -> FilePath {
    FilePath::new(text).expect("a path inside the root")
}

/// A folder that is removed at the end of the test.
pub(super) struct Tree {
    folder: TempDir,
}

impl Tree {
    /// Makes a folder with files.
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self {
            folder: TempDir::new().expect("a temporary folder"),
        };
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// Returns the folder, free of links.
    pub(super) fn root(&self) -> Utf8PathBuf {
        let root = self
            .folder
            .path()
            .canonicalize()
            .expect("the folder exists");
        Utf8PathBuf::from_path_buf(root).expect("temporary folders are text")
    }

    /// Returns where a file lies.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        let mut place = self.root().into_std_path_buf();
        place.extend(path.split('/').filter(|part| !part.is_empty()));
        place
    }

    /// Returns where a file lies, as text.
    pub(super) fn text_place(&self, path: &str) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.place(path)).expect("temporary folders are text")
    }

    /// Writes a file and the folders above it.
    pub(super) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let place = self.place(path);
        fs::create_dir_all(place.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(place, contents).expect("a file");
    }

    /// Makes an empty folder.
    pub(super) fn folder(&self, path: &str) {
        fs::create_dir_all(self.place(path)).expect("a folder");
    }

    /// Makes the tree a git work tree whose index names files.
    pub(super) fn track(&self, paths: &[&str]) {
        let mut paths: Vec<_> = paths
            .iter()
            .map(|path| (*path, 0o100_644, Checkout::Full))
            .collect();
        paths.sort_unstable_by_key(|(path, ..)| *path);
        self.track_entries(&paths);
    }

    /// Makes the tree a git work tree whose index holds entries.
    pub(super) fn track_entries(&self, entries: &[(&str, u32, Checkout)]) {
        self.write(".git/HEAD", "ref: refs/heads/main\n");
        self.write(".git/index", IndexBytes::new(3).entries(entries).finish());
    }

    /// Makes a link.
    #[cfg(unix)]
    pub(super) fn link(&self, target: &Path, path: &str) {
        let place = self.place(path);
        fs::create_dir_all(place.parent().expect("a link lies in a folder")).expect("a folder");
        std::os::unix::fs::symlink(target, place).expect("a link");
    }

    /// Makes a named pipe; false, and a line that says so, where the system has no `mkfifo`.
    #[cfg(unix)]
    pub(super) fn pipe(&self, path: &str) -> bool {
        let made = Command::new("mkfifo").arg(self.place(path)).status();
        let made = made.is_ok_and(|status| status.success());
        if !made {
            skip("mkfifo");
        }
        made
    }

    /// Runs git in the tree, apart from the user's own settings; false where there is no git.
    pub(super) fn git(&self, arguments: &[&str]) -> bool {
        git_in(&self.place(""), arguments)
    }
}

/// Runs git in a folder, apart from the user's own settings; false where there is no git.
fn git_in(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output();
    let Ok(output) = output else {
        skip("git");
        return false;
    };
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
    true
}

#[expect(clippy::print_stderr, reason = "A test that skips itself says so.")]
pub(super) fn skip(tool: &str) {
    eprintln!("skipped: there is no {tool} here");
}

/// Builds the bytes of a git index.
pub(super) struct IndexBytes {
    version: u32,
    hash: usize,
    bytes: Vec<u8>,
    previous: Vec<u8>,
}

impl IndexBytes {
    /// Begins an index of a version, with SHA-1 names.
    pub(super) fn new(version: u32) -> Self {
        Self {
            version,
            hash: 20,
            bytes: Vec::new(),
            previous: Vec::new(),
        }
    }

    /// Uses SHA-256 names.
    pub(super) fn sha256(mut self) -> Self {
        self.hash = 32;
        self
    }

    /// Writes the header and the entries: path, mode, checkout.
    pub(super) fn entries(mut self, entries: &[(&str, u32, Checkout)]) -> Self {
        self.bytes.extend(b"DIRC");
        self.bytes.extend(self.version.to_be_bytes());
        self.bytes.extend(
            u32::try_from(entries.len())
                .expect("few entries")
                .to_be_bytes(),
        );
        for (path, mode, checkout) in entries {
            self.entry(path.as_bytes(), *mode, *checkout);
        }
        self
    }

    /// Writes an entry.
    pub(super) fn entry(&mut self, path: &[u8], mode: u32, checkout: Checkout) {
        let start = self.bytes.len();
        self.bytes.extend([0; 24]);
        self.bytes.extend(mode.to_be_bytes());
        self.bytes.extend([0; 12]);
        self.bytes.extend(vec![7; self.hash]);
        let length = u16::try_from(path.len()).expect("a short path").min(0xfff);
        let extended: u16 = if checkout == Checkout::Skipped {
            0x4000
        } else {
            0
        };
        self.bytes.extend((length | extended).to_be_bytes());
        if extended != 0 {
            self.bytes.extend(0x4000_u16.to_be_bytes());
        }
        if self.version == 4 {
            self.compressed(path);
        } else {
            self.bytes.extend(path);
            let padding = 8 - (self.bytes.len() - start) % 8;
            self.bytes.extend(vec![0; padding]);
        }
    }

    fn compressed(&mut self, path: &[u8]) {
        let kept = self
            .previous
            .iter()
            .zip(path)
            .take_while(|(old, new)| old == new)
            .count();
        let removed = self.previous.len() - kept;
        // The paths of the tests are short enough for two digits at most.
        if removed >= 128 {
            self.bytes
                .push(0x80 | u8::try_from((removed - 128) >> 7).expect("a short path"));
        }
        self.bytes
            .push(u8::try_from(removed & 0x7f).expect("seven bits"));
        self.bytes.extend(&path[kept..]);
        self.bytes.push(0);
        self.previous = path.to_vec();
    }

    /// Writes an extension.
    pub(super) fn extension(mut self, name: &[u8], data: &[u8]) -> Self {
        self.bytes.extend(name);
        self.bytes.extend(
            u32::try_from(data.len())
                .expect("little data")
                .to_be_bytes(),
        );
        self.bytes.extend(data);
        self
    }

    /// Ends the index; the checksum is none, as git writes it with `index.skipHash`.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend(vec![0; self.hash]);
        self.bytes
    }
}

/// The mode that git records for a kind.
pub(super) const fn mode(kind: IndexKind) -> u32 {
    match kind {
        IndexKind::File => 0o100_644,
        IndexKind::Link => 0o120_000,
        IndexKind::Submodule => 0o160_000,
    }
}
