//! Files beside lockfiles that steer installers: they say where packages come from, change what was fetched, or run
//! while packages are installed. Pure: bytes before and after a change → what the change does to an installation.
//!
//! No lockfile shows what these files do, so that a change of them is shown by itself. One file per kind, each one line
//! in `INSTALL_FILES`. What some of them say of registries, change or not, is read by [`registries`].

mod bun;
mod cargo;
mod installed;
mod links;
mod npmrc;
mod package_json;
mod patches;
mod pip;
mod pnpm;
mod pyproject;
mod python;
pub mod registries;
mod requirements;
mod settings;
mod vendored;
mod yarn;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::files::Files;
use crate::path::FilePath;

/// A kind of file that steers an installer.
pub(crate) struct InstallFile {
    /// What it is, in words.
    pub(crate) name: &'static str,
    /// Says whether a path is one.
    recognises: fn(&FilePath) -> bool,
    /// Says what a change of one does, as a phrase; none if nothing that matters here.
    compare: fn(&Edit<'_>) -> Option<String>,
}

/// Every kind.
static INSTALL_FILES: &[InstallFile] = &[
    installed::PACKAGES,
    installed::NATIVE,
    npmrc::NPMRC,
    yarn::CLASSIC_SETTINGS,
    yarn::SETTINGS,
    yarn::PROGRAMS,
    yarn::UNPACKED,
    yarn::CACHE,
    pnpm::HOOKS,
    pnpm::SETTINGS,
    pnpm::FORCED,
    bun::SETTINGS,
    patches::PATCHES,
    cargo::SETTINGS,
    cargo::PATCHED,
    vendored::CHECKSUMS,
    pip::SETTINGS,
    pyproject::UV_SETTINGS,
    pyproject::SOURCES,
    pyproject::FORCED,
    python::SETTINGS,
    requirements::OPTIONS,
    package_json::SCRIPTS,
    package_json::OVERRIDES,
    links::LINKS,
];

/// One file before and after a change.
pub(crate) struct Edit<'e> {
    /// Its path.
    pub(crate) path: &'e FilePath,
    /// Its bytes before; none if it was not there.
    pub(crate) before: Option<&'e [u8]>,
    /// Its bytes after; none if it is gone.
    pub(crate) after: Option<&'e [u8]>,
    /// What lay beside it before.
    pub(crate) beside_before: &'e dyn Files,
    /// What lies beside it after.
    pub(crate) beside_after: &'e dyn Files,
}

/// A change of the way in which packages are installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redirect {
    /// The file, or the folder of many.
    pub path: FilePath,
    /// What the file is.
    pub name: &'static str,
    /// What the change does, as a phrase.
    pub what: String,
    /// How many files.
    pub files: usize,
    /// What tells this state of the files from others.
    pub digest: String,
}

impl Redirect {
    /// Tells of a file that nobody can read; `mark` tells this state of it from others.
    pub(crate) fn unread(path: &FilePath, why: &str, mark: &str) -> Self {
        Self {
            path: path.clone(),
            name: "a file that steers an installer",
            what: format!("cannot be read, so what it does is not known: {why}"),
            files: 1,
            digest: digest(mark.as_bytes()),
        }
    }
}

/// Says whether a path is that of a file that steers an installer.
pub(crate) fn is_recognised(path: &FilePath) -> bool {
    INSTALL_FILES.iter().any(|file| (file.recognises)(path))
}

/// Says what the change of a file does to an installation; none if nothing.
pub(crate) fn compare(edit: &Edit<'_>) -> Option<Redirect> {
    // What goes with its whole folder steers nobody any more.
    let listed = edit.beside_after.list(&edit.path.parent());
    if edit.after.is_none() && listed.is_ok_and(|listed| listed.is_empty()) {
        return None;
    }
    let mut kinds = INSTALL_FILES
        .iter()
        .filter(|file| (file.recognises)(edit.path));
    kinds.find_map(|file| {
        Some(Redirect {
            path: folder_of_many(edit.path).unwrap_or_else(|| edit.path.clone()),
            name: file.name,
            what: (file.compare)(edit)?,
            files: 1,
            digest: digest(edit.after.unwrap_or_default()),
        })
    })
}

/// Makes one of those in one folder that do the same.
pub(crate) fn fold(redirects: impl IntoIterator<Item = Redirect>) -> Vec<Redirect> {
    let mut folded: BTreeMap<(FilePath, &'static str, String), Redirect> = BTreeMap::new();
    for redirect in redirects {
        let key = (redirect.path.clone(), redirect.name, redirect.what.clone());
        match folded.get_mut(&key) {
            None => drop(folded.insert(key, redirect)),
            Some(known) => {
                known.files += redirect.files;
                let both = [known.digest.as_str(), &redirect.digest].concat();
                known.digest = digest(both.as_bytes());
            }
        }
    }
    folded.into_values().collect()
}

/// Returns what tells the bytes of a file from others: `sha256:` and 64 hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

/// Returns the folder in which a change may touch hundreds of files at once.
fn folder_of_many(path: &FilePath) -> Option<FilePath> {
    let parts: Vec<&str> = path.parts().collect();
    let installed = parts.iter().position(|part| *part == "node_modules");
    if let Some(place) = installed {
        return FilePath::new(&parts[..=place].join("/"));
    }
    let folder = path.parent();
    matches!(folder.file_name(), "cache" | "patches").then_some(folder)
}

/// Says whether the last parts of a path are these.
fn ends_with(path: &FilePath, parts: &[&str]) -> bool {
    // Some systems do not tell capitals from small letters.
    let mut own = path.parts().rev();
    let is_same = |part: &&str| own.next().is_some_and(|own| own.eq_ignore_ascii_case(part));
    parts.iter().rev().all(is_same)
}

/// Iterates over the folders that hold a path, the nearest first, the root last.
fn above(path: &FilePath) -> impl Iterator<Item = FilePath> {
    std::iter::successors(Some(path.parent()), |folder| {
        (!folder.is_root()).then(|| folder.parent())
    })
}

/// Lockfiles in which a forced version shows, once they are written anew.
const LOCKFILES_OF_NPM: [&str; 6] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "deno.lock",
];

/// Says whether no lockfile beside or above a file changes with it.
fn lockfiles_stay(edit: &Edit<'_>, names: &[&str]) -> bool {
    let mut lockfiles =
        above(edit.path).flat_map(|folder| names.iter().filter_map(move |name| folder.join(name)));
    lockfiles
        .all(|lockfile| edit.beside_before.read(&lockfile) == edit.beside_after.read(&lockfile))
}

/// Says whether the name of a path has one of these endings, in capitals or small letters.
fn has_ending(path: &FilePath, endings: &[&str]) -> bool {
    let ending = path.file_name().rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|own| {
        endings
            .iter()
            .any(|ending| own.eq_ignore_ascii_case(ending))
    })
}

/// Says what becomes of a file that runs or is applied as it is: one that is gone does nothing any more.
fn added_or_edited(edit: &Edit<'_>, does: &str) -> Option<String> {
    match (edit.before, edit.after) {
        (_, None) => None,
        (None, Some(_)) => Some(format!("is new and {does}")),
        (Some(_), Some(_)) => Some(format!("is edited and {does}")),
    }
}

#[cfg(test)]
mod tests;
