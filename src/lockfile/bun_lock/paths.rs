//! Install paths: which package lies where, and what a name means when asked from there.
//!
//! `a/@s/b` is `@s/b` in the folder of `a`. A name means the nearest package of that name: in the own folder,
//! then in every folder around it, in the end in the root's. Folders are numbered, so that a look-up costs the
//! length of the name and not that of the path.

use rustc_hash::FxHashMap;

use crate::lockfile::limits::{LimitExceeded, Limits};

/// The number of the root's folder.
const ROOT: u32 = 0;

/// The packages of one lockfile, by the folder and the name that they are installed under.
#[derive(Default)]
pub(super) struct Paths<'p> {
    packages: FxHashMap<(u32, &'p str), u32>,
    /// The paths of packages with others in their own folder, which most have not.
    folders: FxHashMap<&'p str, u32>,
}

impl<'p> Paths<'p> {
    /// Makes room for a number of packages.
    pub(super) fn with_capacity(packages: usize) -> Self {
        let mut paths = Self::default();
        paths.packages.reserve(packages);
        paths
    }

    /// Puts an entry at a path; returns the one that lay there before.
    pub(super) fn insert(&mut self, path: &'p str, entry: u32) -> Option<u32> {
        let (folder, name) = split(path);
        let folder = match folder {
            None => ROOT,
            Some(folder) => {
                let next = super::to_u32(self.folders.len() + 1);
                *self.folders.entry(folder).or_insert(next)
            }
        };
        self.packages.insert((folder, name), entry)
    }

    /// Returns what lies in the root's folder under a name.
    pub(super) fn in_root(&self, name: &str) -> Option<u32> {
        self.packages.get(&(ROOT, name)).copied()
    }

    /// Lists where the package at a path finds others: its own folder first, the root's last, empty ones left out.
    ///
    /// O(length of the path × its packages).
    pub(super) fn folders(&self, path: &str) -> Vec<u32> {
        let around = std::iter::successors(Some(path), |path| split(path).0);
        around
            .filter_map(|path| self.folders.get(path).copied())
            .chain([ROOT])
            .collect()
    }

    /// Finds what a name means for a package that looks in `folders`. O(folders).
    pub(super) fn find(&self, folders: &[u32], name: &str) -> Option<u32> {
        let mut found = folders
            .iter()
            .filter_map(|folder| self.packages.get(&(*folder, name)));
        found.next().copied()
    }
}

/// Splits a path into that of the package in whose folder it lies, if any, and the name there.
pub(super) fn split(path: &str) -> (Option<&str>, &str) {
    let Some(slash) = path.rfind('/') else {
        return (None, path);
    };
    let before = path[..slash].rfind('/').map_or(0, |before| before + 1);
    match (path[before..].starts_with('@'), before) {
        (true, 0) => (None, path),
        (true, _) => (Some(&path[..before - 1]), &path[before..]),
        (false, _) => (Some(&path[..slash]), &path[slash + 1..]),
    }
}

/// Counts how deep a path nests; most are too short to be worth it.
pub(super) fn check_nesting(path: &str, limits: &Limits) -> Result<(), LimitExceeded> {
    if path.len() <= limits.nesting {
        return Ok(());
    }
    // Scopes count as well, so that what is refused has at least half as many packages.
    limits.check_nesting(path.matches('/').count() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_in_a_name_that_keeps_its_scope() {
        assert_eq!(split("a"), (None, "a"));
        assert_eq!(split("@s/a"), (None, "@s/a"));
        assert_eq!(split("a/b"), (Some("a"), "b"));
        assert_eq!(split("a/@s/b"), (Some("a"), "@s/b"));
        assert_eq!(split("@s/a/@t/b/c"), (Some("@s/a/@t/b"), "c"));
        assert_eq!(split("@s/a/@t/b"), (Some("@s/a"), "@t/b"));
        assert_eq!(split(""), (None, ""));
    }

    #[test]
    fn names_mean_the_nearest_package() {
        let mut paths = Paths::with_capacity(4);
        for (entry, path) in (1..).zip(["a", "@s/b", "@s/b/a", "@s/b/a/c"]) {
            assert_eq!(paths.insert(path, entry), None);
        }
        let find = |from: &str, name: &str| paths.find(&paths.folders(from), name);
        assert_eq!(find("@s/b", "a"), Some(3));
        assert_eq!(find("@s/b/a/c", "a"), Some(3));
        assert_eq!(find("@s/b/a/c", "c"), Some(4));
        assert_eq!(find("@s/b", "c"), None);
        assert_eq!(find("a", "a"), Some(1));
        assert_eq!(find("nowhere", "@s/b"), Some(2));
        assert_eq!(paths.insert("@s/b/a", 9), Some(3));
    }

    #[test]
    fn deep_paths_are_refused() {
        let limits = Limits::default();
        assert_eq!(check_nesting(&"@s/a/".repeat(100), &limits), Ok(()));
        assert!(check_nesting(&"a/".repeat(1_000), &limits).is_err());
    }
}
