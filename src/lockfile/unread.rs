//! Lockfiles and package lists that exist but that this version does not read, so that no run calls them clean.

use std::sync::LazyLock;

use super::LOCKFILE_FORMATS;
use super::names::FileNamePattern;
use crate::package::Ecosystem;
use crate::path::FilePath;

/// A format that is told from others by its file names alone.
pub struct UnreadFormat {
    /// The file names.
    pub names: &'static [FileNamePattern],
    /// The ecosystem of the packages in it.
    pub ecosystem: Ecosystem,
    /// What checks such a file today.
    pub help: &'static str,
}

impl UnreadFormat {
    fn matches(&self, folder: &str, name: &str) -> bool {
        self.names
            .iter()
            .any(|pattern| pattern.matches(folder, name))
    }
}

/// Every format that is known but not read.
pub static UNREAD_FORMATS: &[UnreadFormat] = &[UnreadFormat {
    // Binary, and Bun itself has given it up; its text form is read.
    names: &[FileNamePattern::Exact("bun.lockb")],
    ecosystem: Ecosystem::Npm,
    help: "write it as text, which is read: bun install --save-text-lockfile --frozen-lockfile --lockfile-only",
}];

/// Finds the unread format that a file belongs to.
#[must_use]
pub fn of_path(path: &FilePath) -> Option<&'static UnreadFormat> {
    let folder = path.parent();
    of_names(folder.file_name(), path.file_name())
}

/// Finds the unread format of a name in a folder of a name.
pub(crate) fn of_names(folder: &str, name: &str) -> Option<&'static UnreadFormat> {
    UNREAD_FORMATS
        .iter()
        .find(|format| format.matches(folder, name))
}

/// Returns the names of the lockfiles that are read, for messages.
#[must_use]
pub fn names_read() -> &'static str {
    static NAMES: LazyLock<String> = LazyLock::new(|| {
        let patterns = LOCKFILE_FORMATS
            .iter()
            .flat_map(|format| format.file_names());
        // A name that begins with a dot is no project's lockfile; it is read only when named.
        let mut names: Vec<String> = patterns
            .map(FileNamePattern::to_string)
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.dedup();
        names.join(", ")
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecosystem(path: &str) -> Option<Ecosystem> {
        let path = FilePath::new(path).expect("a path inside the root");
        of_path(&path).map(|format| format.ecosystem)
    }

    #[test]
    fn lockfiles_that_are_not_read_are_known() {
        for path in ["bun.lockb", "a/BUN.LOCKB"] {
            assert_eq!(ecosystem(path), Some(Ecosystem::Npm), "{path}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for path in [
            "Cargo.lock",
            "package-lock.json",
            "bun.lock",
            "pnpm-lock.yaml",
            "yarn.lock",
            "uv.lock",
            "requirements.txt",
            "notes.txt",
            "",
        ] {
            assert_eq!(ecosystem(path), None, "{path}");
        }
    }

    #[test]
    fn no_format_is_both_read_and_unread() {
        for pattern in LOCKFILE_FORMATS
            .iter()
            .flat_map(|format| format.file_names())
        {
            let name = pattern.to_string().replace('*', "x");
            assert_eq!(ecosystem(&name), None, "{name}");
        }
    }

    #[test]
    fn the_names_that_are_read_come_from_the_formats() {
        assert!(
            names_read().contains("Cargo.lock") && !names_read().contains(".package-lock.json")
        );
    }
}
