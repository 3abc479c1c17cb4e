//! Walks folders for what git does not track: sorted, without following links, by the rules of `.gitignore`.
//!
//! The folder that the user named is always entered. What is passed over is counted; what cannot be looked
//! into is a problem. Each folder is listed once; O(names · rules).

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, FileType};
use std::io::{self, ErrorKind};
use std::path::Path;

use super::files::{DirectoryFiles, child, is_part};
use super::foreign;
use super::found::{Found, Origin};
use super::ignore_rules::{IgnoreRules, PathKind};
use super::names::is_lockfile_name;
use super::skipped::SkippedBecause;
use crate::lockfile::{Limits, manifest};
use crate::path::FilePath;

/// Walks a folder and everything below it.
pub(super) fn walk(files: &DirectoryFiles, limits: &Limits, folder: &FilePath, found: &mut Found) {
    let rules = IgnoreRules::above(files, folder);
    let mut walker = Walker {
        files,
        depth: limits.depth,
        rules,
        found,
    };
    if let Some(names) = walker.list(folder) {
        walker.enter(folder, &names, 0);
    }
}

struct Walker<'a> {
    files: &'a DirectoryFiles,
    depth: usize,
    rules: IgnoreRules,
    found: &'a mut Found,
}

/// The names in one folder, sorted.
#[derive(Default)]
struct Names {
    /// Those that paths can spell.
    plain: Vec<(String, FileType)>,
    /// Those that they cannot.
    other: Vec<(OsString, FileType)>,
}

impl Names {
    fn holds_file(&self, wanted: &str) -> bool {
        self.plain
            .iter()
            .any(|(name, kind)| name == wanted && kind.is_file())
    }

    fn add(&mut self, name: OsString, kind: FileType) {
        match name.into_string() {
            Ok(name) if is_part(&name) => self.plain.push((name, kind)),
            Ok(name) => self.other.push((name.into(), kind)),
            Err(name) => self.other.push((name, kind)),
        }
    }

    fn sort(&mut self) {
        self.plain
            .sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        self.other
            .sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    }
}

impl Walker<'_> {
    /// Lists a folder; none if it is gone, or cannot be listed, which is a problem.
    fn list(&mut self, folder: &FilePath) -> Option<Names> {
        let names = list(&self.files.place(folder));
        match names {
            Ok(names) => Some(names),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let message =
                    format!("could not be listed, so lockfiles in it may be missing: {error}");
                let help = "let the user that runs linchpin read the folder, or have git ignore it";
                self.found.fail(folder.clone(), message, help);
                None
            }
        }
    }

    fn enter(&mut self, folder: &FilePath, names: &Names, depth: usize) {
        let mark = self.rules.mark();
        if names.holds_file(".gitignore") {
            self.rules.push(self.files, folder);
        }
        for (name, kind) in &names.plain {
            self.visit(folder, name, *kind, names, depth);
        }
        for (name, kind) in &names.other {
            self.visit_unnamed(folder, name, *kind, depth);
        }
        self.rules.pop_to(mark);
    }

    fn visit(
        &mut self,
        folder: &FilePath,
        name: &str,
        kind: FileType,
        beside: &Names,
        depth: usize,
    ) {
        if kind.is_dir() {
            if name != ".git" {
                self.visit_folder(folder, name, beside, depth);
            }
        } else if kind.is_symlink() {
            self.visit_link(folder, name);
        } else {
            self.visit_file(folder, name);
        }
    }

    fn visit_folder(&mut self, parent: &FilePath, name: &str, beside: &Names, depth: usize) {
        let Some(folder) = child(parent, name) else {
            return;
        };
        if let Some(reason) = skipped_by_name(name, beside) {
            self.found.skip(folder, reason);
        } else if self.rules.ignores(&folder, PathKind::Folder) {
            self.found.skip(folder, SkippedBecause::Ignored);
        } else if depth >= self.depth {
            self.too_deep(folder);
        } else if let Some(names) = self.list(&folder) {
            match skipped_by_contents(name, &names) {
                Some(reason) => self.found.skip(folder, reason),
                None => self.enter(&folder, &names, depth + 1),
            }
        }
    }

    fn too_deep(&mut self, folder: FilePath) {
        let message = format!("lies {} folders deep, so it was not searched", self.depth);
        self.found
            .fail(folder.clone(), message, "audit it in a run of its own");
        self.found.skip(folder, SkippedBecause::TooDeep);
    }

    fn visit_link(&mut self, folder: &FilePath, name: &str) {
        let Some(path) = child(folder, name) else {
            return;
        };
        if self.rules.ignores(&path, PathKind::File) {
            self.found.skip(path, SkippedBecause::Ignored);
        } else if is_lockfile_name(folder.file_name(), name) {
            self.found.links.insert(path);
        } else {
            self.found.skip(path, SkippedBecause::Link);
        }
    }

    /// Takes up a file, or a pipe or device with the name of one, which the reader will refuse.
    fn visit_file(&mut self, folder: &FilePath, name: &str) {
        let is_lockfile = is_lockfile_name(folder.file_name(), name);
        let manifest = manifest::of_name(name);
        let is_foreign = foreign::ecosystem_of(name).is_some();
        if !is_lockfile && manifest.is_none() && !is_foreign {
            return;
        }
        let Some(path) = child(folder, name) else {
            return;
        };
        if self.rules.ignores(&path, PathKind::File) {
            self.found.skip(path, SkippedBecause::Ignored);
        } else if is_foreign {
            self.found.skip(path, SkippedBecause::OtherEcosystem);
        } else if let Some(manifest) = manifest {
            self.found.manifests.insert(path, manifest);
        } else {
            self.found.candidate(path, Origin::Walked);
        }
    }

    fn visit_unnamed(&mut self, folder: &FilePath, name: &OsStr, kind: FileType, depth: usize) {
        let place = self.files.place(folder).join(name);
        let text = name.to_string_lossy();
        let levels = self.depth.saturating_sub(depth);
        let bears = if kind.is_dir() {
            holds_lockfile(&place, levels)
        } else {
            is_lockfile_name(folder.file_name(), &text)
        };
        if bears {
            self.found.unnamed(folder.clone(), &text);
        }
    }
}

fn skipped_by_name(name: &str, beside: &Names) -> Option<SkippedBecause> {
    match name {
        "node_modules" => Some(SkippedBecause::NodeModules),
        "target" if beside.holds_file("Cargo.toml") => Some(SkippedBecause::BuildOutput),
        _ => None,
    }
}

fn skipped_by_contents(name: &str, names: &Names) -> Option<SkippedBecause> {
    if names.holds_file("pyvenv.cfg") {
        Some(SkippedBecause::VirtualEnvironment)
    } else if name == "target" && names.holds_file("CACHEDIR.TAG") {
        Some(SkippedBecause::BuildOutput)
    } else {
        None
    }
}

fn list(place: &Path) -> io::Result<Names> {
    let mut names = Names::default();
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        if let Some(kind) = kind(&entry)? {
            names.add(entry.file_name(), kind);
        }
    }
    names.sort();
    Ok(names)
}

/// Returns what a name stands for; none if it is gone by now.
fn kind(entry: &DirEntry) -> io::Result<Option<FileType>> {
    match entry.file_type() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        kind => kind.map(Some),
    }
}

/// Says whether a folder that paths cannot name holds a lockfile, or may hold one.
fn holds_lockfile(place: &Path, levels: usize) -> bool {
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        Err(error) => return error.kind() != ErrorKind::NotFound,
    };
    let folder = place.file_name().unwrap_or_default().to_string_lossy();
    entries
        .into_iter()
        .any(|entry| entry.is_ok_and(|entry| bears_lockfile(&entry, &folder, levels)))
}

fn bears_lockfile(entry: &DirEntry, folder: &str, levels: usize) -> bool {
    let name = entry.file_name();
    let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
    match name.to_string_lossy().as_ref() {
        ".git" | "node_modules" => false,
        _ if is_folder => levels == 0 || holds_lockfile(&entry.path(), levels - 1),
        name => is_lockfile_name(folder, name),
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
