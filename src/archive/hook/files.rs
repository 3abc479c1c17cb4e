//! The files of a tarball as a hook finds them, by Node's rules of resolving a path (`CommonJS`, `LOAD_AS_FILE` and
//! `LOAD_INDEX`).

use std::collections::BTreeSet;

use super::super::path;
use super::super::tarball::Tarball;

/// The manifest of a package.
pub(super) const MANIFEST: &str = "package.json";

/// What Node tries behind a path, in its order.
const ENDINGS: [&str; 4] = ["", ".js", ".json", ".node"];

/// What an archive brings beside the package itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bundled {
    /// No other packages.
    Nothing,
    /// Packages, one of which may pass for a known tool or module.
    Packages,
}

/// The files of a package in a tarball; paths are those below its folder.
pub(super) struct Files<'t> {
    tarball: &'t Tarball,
    /// The folder, with a slash behind it; empty for the root.
    folder: String,
    paths: BTreeSet<&'t str>,
    /// Paths, in lower case, that more than one entry has.
    twofold: BTreeSet<String>,
}

impl<'t> Files<'t> {
    /// Indexes what lies in a folder of a tarball, the root by no name. O(files log files).
    pub(super) fn of(tarball: &'t Tarball, folder: &str) -> Self {
        let folder = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let files = tarball.files.iter();
        let files = files.filter_map(|file| file.path.strip_prefix(&*folder));
        let mut seen = BTreeSet::new();
        let lower = files.clone().map(str::to_lowercase);
        let twofold = lower.filter(|path| !seen.insert(path.clone())).collect();
        let paths = files.collect();
        Self {
            tarball,
            folder,
            paths,
            twofold,
        }
    }

    /// Returns the whole text of a file; none if it is cut, no text, no regular file, or there twice.
    pub(super) fn text(&self, path: &str) -> Option<&'t str> {
        let place = [&self.folder, path].concat();
        if self.tarball.cut.contains(&place) || self.twofold.contains(&path.to_lowercase()) {
            return None;
        }
        std::str::from_utf8(self.tarball.kept.get(&place)?).ok()
    }

    /// Finds the file that a relative path means to Node, seen from a folder.
    pub(super) fn resolve(&self, folder: &str, relative: &str) -> Option<String> {
        let path = exact(folder, relative)?;
        let is_there = |path: &String| self.paths.contains(path.as_str());
        let with_endings = |path: &str| {
            let mut tried = ENDINGS.iter().map(|ending| format!("{path}{ending}"));
            tried.find(is_there)
        };
        if !relative.ends_with('/')
            && let Some(found) = with_endings(&path)
        {
            return Some(found);
        }
        // A manifest in a folder may name another file than its index.
        if is_there(&format!("{path}/{MANIFEST}")) {
            return None;
        }
        with_endings(&format!("{path}/index"))
    }

    /// Says whether the archive brings packages of its own.
    pub(super) fn bundled(&self) -> Bundled {
        // Some systems do not tell capitals from small letters.
        let is_modules = |part: &str| part.eq_ignore_ascii_case("node_modules");
        let is_bundled = |path: &&str| path.split('/').any(is_modules);
        if self.paths.iter().any(is_bundled) {
            Bundled::Packages
        } else {
            Bundled::Nothing
        }
    }

    /// Returns the paths of all files for gyp.
    pub(super) fn gyp(&self) -> impl Iterator<Item = &'t str> {
        let is_gyp = |path: &&str| matches!(path::ending(path), Some("gyp" | "gypi"));
        self.paths.iter().copied().filter(is_gyp)
    }

    /// Says whether package.json names an address of its own for prebuilt binaries; unknown counts as yes.
    pub(super) fn names_binary_host(&self) -> bool {
        let manifest = self.text(MANIFEST);
        let manifest =
            manifest.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        manifest.is_none_or(|manifest| {
            manifest
                .get("binary")
                .is_some_and(|binary| binary.get("host").is_some())
        })
    }
}

/// Returns the path that is named, whether there is such a file or not; none outside of the archive.
pub(super) fn exact(folder: &str, relative: &str) -> Option<String> {
    let path = path::join(folder, relative).filter(|_| !relative.starts_with('/'))?;
    Some(path).filter(|path| !path.is_empty())
}
