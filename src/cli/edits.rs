//! Files that differ between the sides of a change, and are in no graph: what they do to installations and to the gate.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::revisions::Sides;
use crate::config::Config;
use crate::discover::{Tree, holds_the_same};
use crate::files::{Files, FilesError, Listed};
use crate::guard;
use crate::install::{self, Edit, Redirect};
use crate::path::FilePath;
use crate::signal::changes::Loosened;

/// Files of both sides that are not the same.
pub(super) struct Edits<'s> {
    before: &'s dyn Tree,
    after: &'s dyn Tree,
    paths: Vec<FilePath>,
    /// What lies beside them, before and after.
    beside: [Remembered<'s>; 2],
}

/// Files of a tree, each read once however often it is asked for.
struct Remembered<'t> {
    tree: &'t dyn Tree,
    read: Mutex<BTreeMap<FilePath, Result<Option<String>, FilesError>>>,
}

impl<'t> Remembered<'t> {
    fn of(tree: &'t dyn Tree) -> Self {
        let read = Mutex::default();
        Self { tree, read }
    }
}

impl Files for Remembered<'_> {
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = read
            .entry(path.clone())
            .or_insert_with(|| self.tree.read(path));
        known.clone()
    }

    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
        self.tree.list(folder)
    }
}

/// What lies at a path.
#[derive(PartialEq, Eq)]
enum Content {
    Absent,
    Bytes(Vec<u8>),
    /// It is there and cannot be read: why, and what tells this state from others.
    Unread(String, String),
}

impl Content {
    /// Follows a link inside the tree, as those who read the file do.
    fn of(path: &FilePath, tree: &dyn Tree) -> Self {
        let link = tree.link(path);
        let target = link.as_ref().map(|target| path.parent().join(target));
        let read = match &target {
            None => tree.bytes(path),
            Some(Some(target)) => tree.bytes(target),
            Some(None) => Err(FilesError::NotRegular),
        };
        let mark = || {
            link.clone()
                .or_else(|| tree.object(path))
                .unwrap_or_default()
        };
        match read {
            Ok(Some(bytes)) => Self::Bytes(bytes),
            Ok(None) if !tree.has(path) => Self::Absent,
            Ok(None) => Self::Unread("a link that leads nowhere".to_owned(), mark()),
            Err(_) if link.is_some() => Self::Unread(
                "a link to something else than a file of the tree".to_owned(),
                mark(),
            ),
            Err(error) => Self::Unread(error.to_string(), mark()),
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Absent | Self::Unread(..) => None,
        }
    }
}

impl<'s> Edits<'s> {
    /// Finds those that steer an installer or run programs, and that the settings do not exclude.
    pub(super) fn of(sides: &'s Sides, config: &Config) -> Self {
        let (before, after) = (&*sides.before.files, &*sides.after.files);
        let patterns = &config.inputs.exclude;
        let asked = &sides.after.paths;
        let is_asked = |path: &FilePath| {
            let mut holding = asked.iter().filter(|asked| path.is_within(asked));
            holding.any(|asked| !patterns.iter().any(|pattern| pattern.excludes(path, asked)))
        };
        let matters = |path: &FilePath| install::is_recognised(path) || guard::is_workflow(path);
        let mut paths: Vec<FilePath> = before.paths();
        paths.extend(after.paths());
        paths.sort_unstable();
        paths.dedup();
        let links = links_to_folders(&paths, before, after);
        paths.retain(|path| {
            matters(path)
                && is_asked(path)
                && !links.contains(path)
                && !holds_the_same(path, before, after)
        });
        Self {
            before,
            after,
            paths,
            beside: [before, after].map(Remembered::of),
        }
    }

    /// Says what they do to installations.
    pub(super) fn redirects(&self) -> impl Iterator<Item = Redirect> {
        let moved = self.moved();
        let paths = self.paths.iter();
        let paths = paths.filter(move |path| install::is_recognised(path) && !moved.contains(path));
        paths.filter_map(|path| self.redirect(path))
    }

    /// Finds the files that are as they were, but for the folder: they left one place and came to another.
    ///
    /// Reads each file once: a change may bring thousands of one name.
    fn moved(&self) -> FxHashSet<&FilePath> {
        let mut twins: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for path in &self.paths {
            let before = Content::of(path, self.before);
            let after = Content::of(path, self.after);
            if let Some((side, bytes)) = one_sided(before, after) {
                let of_content = (path.file_name(), install::digest(&bytes));
                twins.entry(of_content).or_default().push((side, path));
            }
        }
        let groups = twins.into_values();
        let moved = groups.filter(|group| group.iter().any(|(side, _)| *side != group[0].0));
        moved.flatten().map(|(_, path)| path).collect()
    }

    fn redirect(&self, path: &FilePath) -> Option<Redirect> {
        let before = Content::of(path, self.before);
        let after = Content::of(path, self.after);
        if let Content::Unread(why, mark) = &after {
            return Some(Redirect::unread(path, why, mark));
        }
        let edit = Edit {
            path,
            before: before.bytes(),
            after: after.bytes(),
            beside_before: &self.beside[0],
            beside_after: &self.beside[1],
        };
        install::compare(&edit)
    }

    /// Says which file of make's that runs linchpin is read no more, because a new one stands before it.
    fn hidden_by(&self, path: &FilePath) -> Option<Loosened> {
        let place = MAKE_FILES
            .iter()
            .position(|name| *name == path.file_name())?;
        if self.before.has(path) || !self.after.has(path) {
            return None;
        }
        let hidden = MAKE_FILES[place + 1..].iter().find(|name| {
            let Some(path) = path.parent().join(name) else {
                return false;
            };
            let bytes = self.before.bytes(&path).ok().flatten();
            bytes.is_some_and(|bytes| guard::runs_linchpin(&path, &bytes))
        })?;
        Some(Loosened {
            path: path.clone(),
            what: vec![format!(
                "make reads it in place of {hidden}, which runs linchpin"
            )],
            digest: install::digest(&self.after.bytes(path).ok().flatten().unwrap_or_default()),
        })
    }

    /// Finds the edited files that run linchpin.
    pub(super) fn workflows(&self) -> impl Iterator<Item = Loosened> {
        let paths = self.paths.iter().filter(|path| guard::is_workflow(path));
        paths.filter_map(|path| {
            if let Some(hidden) = self.hidden_by(path) {
                return Some(hidden);
            }
            let before = Content::of(path, self.before);
            before
                .bytes()
                .filter(|bytes| guard::runs_linchpin(path, bytes))?;
            let after = Content::of(path, self.after);
            let what = match after.bytes() {
                Some(_) => "it runs linchpin, and the change edits it",
                None => "it ran linchpin, and the change takes it away",
            };
            Some(Loosened {
                path: path.clone(),
                what: vec![what.to_owned()],
                digest: install::digest(after.bytes().unwrap_or_default()),
            })
        })
    }
}

/// The names of make's files, in the order in which it looks for them.
const MAKE_FILES: [&str; 3] = ["GNUmakefile", "makefile", "Makefile"];

/// Which side has a file that the other lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnlySide {
    Before,
    After,
}

/// Returns the side that has a file, and its bytes; none if both have it, or neither.
fn one_sided(before: Content, after: Content) -> Option<(OnlySide, Vec<u8>)> {
    match (before, after) {
        (Content::Bytes(bytes), Content::Absent) => Some((OnlySide::Before, bytes)),
        (Content::Absent, Content::Bytes(bytes)) => Some((OnlySide::After, bytes)),
        _ => None,
    }
}

/// Finds the links to folders that lead where they led, to what was there: nothing about them changes.
fn links_to_folders(paths: &[FilePath], before: &dyn Tree, after: &dyn Tree) -> Vec<FilePath> {
    let recognised = paths.iter().filter(|path| install::is_recognised(path));
    let same = recognised.filter(|path| {
        let target = before
            .link(path)
            .filter(|target| Some(target) == after.link(path).as_ref());
        let folder = target.and_then(|target| path.parent().join(&target));
        folder.is_some_and(|folder| {
            let mut held = paths
                .iter()
                .filter(|held| held.is_within(&folder))
                .peekable();
            held.peek().is_some() && held.all(|held| holds_the_same(held, before, after))
        })
    });
    same.cloned().collect()
}
