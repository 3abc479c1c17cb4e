//! What a change does to files that are in no graph: lockfiles that are out of sight, settings, files that steer installers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::baseline;
use super::options::SettingArguments;
use super::revisions::{Kinship, Sides};
use super::scan::Scan;
use crate::assessment::Baseline;
use crate::assessment::baseline::BASELINE_NAME;
use crate::config::Config;
use crate::discover::{FoundLockfile, SkippedBecause, Tree, holds_the_same};
use crate::files::{Files, FilesError, Listed};
use crate::guard;
use crate::install::{self, Edit, Redirect};
use crate::lockfile::Limits;
use crate::path::FilePath;
use crate::signal::FileChanges;
use crate::signal::changes::{Fate, Loosened, RemovedLockfile};

/// Compares the files of both sides, as far as one path means the same on both.
pub(super) fn compare(
    sides: &Sides,
    before: &Scan<'_>,
    after: &Scan<'_>,
    settings: &SettingArguments,
    config: &Config,
) -> FileChanges {
    let mut changes = FileChanges::default();
    if sides.kinship == Kinship::OneTree {
        return changes;
    }
    let lockfiles = before.discovery.lockfiles.iter();
    let removed = lockfiles.filter_map(|found| removed(found, before, after, &sides.renames));
    changes.removed = removed.collect();
    if sides.kinship == Kinship::Apart {
        return changes;
    }
    let edits = Edits::of(sides, config);
    changes.redirects = install::fold(edits.redirects());
    changes.loosened = edits.workflows().collect();
    // Settings that were typed are in force whatever the tree says; its baseline is in force all the same.
    if settings.config.is_none() && !settings.no_config {
        changes.loosened.extend(loosened_settings(sides, settings));
    }
    if !settings.no_config {
        changes.loosened.extend(loosened_baseline(sides, settings));
    }
    changes
        .loosened
        .sort_by(|left, right| left.path.cmp(&right.path));
    changes
}

/// Says whether a lockfile lies where it lay before the change, and is not judged: ignored, or a link by now.
pub(super) fn is_hidden(found: &FoundLockfile, after: &Scan<'_>) -> bool {
    let path = found.file.path();
    let files = &after.discovery.files;
    !is_judged(path, after) && files.has(path) && fate_in_place(found, after).is_none()
}

fn is_judged(path: &FilePath, after: &Scan<'_>) -> bool {
    let mut lockfiles = after.discovery.lockfiles.iter();
    lockfiles.any(|found| found.file.path() == path)
}

/// Says what became of a lockfile that is judged no more though its project stays.
fn removed(
    found: &FoundLockfile,
    before: &Scan<'_>,
    after: &Scan<'_>,
    renames: &[(FilePath, FilePath)],
) -> Option<RemovedLockfile> {
    let path = found.file.path();
    if is_judged(path, after) {
        return None;
    }
    let fate = if after.discovery.files.has(path) {
        fate_in_place(found, after)
    } else {
        fate_of_absent(found, before, after, renames)
    };
    Some(RemovedLockfile {
        path: path.clone(),
        fate: fate?,
        relock: found.format.relock(),
    })
}

/// Says why a lockfile that lies where it lay is not judged; none if it is out of sight.
fn fate_in_place(found: &FoundLockfile, after: &Scan<'_>) -> Option<Fate> {
    let path = found.file.path();
    let mut skipped = after.discovery.skipped.iter();
    let shadowed = |reason| reason == SkippedBecause::Shadowed;
    if skipped.any(|skipped| skipped.path == *path && shadowed(skipped.reason)) {
        return Some(Fate::Shadowed);
    }
    let text = after.discovery.files.read(path).ok().flatten()?;
    (!found.format.bears_packages(&text)).then_some(Fate::Emptied)
}

fn fate_of_absent(
    found: &FoundLockfile,
    before: &Scan<'_>,
    after: &Scan<'_>,
    renames: &[(FilePath, FilePath)],
) -> Option<Fate> {
    let path = found.file.path();
    let renamed = renames
        .iter()
        .find(|(from, _)| from == path)
        .map(|(_, to)| to);
    if let Some(to) = renamed.filter(|to| !is_judged(to, after)) {
        return Some(Fate::Renamed(to.clone()));
    }
    let folder = path.parent();
    match found.format.manifest() {
        Some(name) => {
            let others = OTHER_MANIFESTS.iter().filter(|(usual, _)| *usual == name);
            let names = std::iter::once(name).chain(others.map(|(_, other)| *other));
            let mut manifests = names.filter_map(|name| folder.join(name));
            let stays = manifests.any(|manifest| stands_open(&manifest, after));
            stays.then_some(Fate::Unlocked)
        }
        None if renamed.is_some() || has_heir(found, before, after) => None,
        None => {
            let listed = after.discovery.files.list(&folder);
            let stays = listed.is_ok_and(|listed| !listed.is_empty());
            stays.then_some(Fate::Gone)
        }
    }
}

/// Names that some tools take a manifest by as well.
const OTHER_MANIFESTS: [(&str, &str); 2] = [
    ("package.json", "package.yaml"),
    ("package.json", "package.json5"),
];

/// Says whether a manifest is there and nothing locks it: also one that is out of sight, such as a link.
fn stands_open(manifest: &FilePath, after: &Scan<'_>) -> bool {
    let mut unlocked = after.unlocked.iter();
    let mut manifests = after.discovery.manifests.iter();
    let is_seen = manifests.any(|found| found.path == *manifest);
    let is_unlocked = unlocked.any(|unlocked| unlocked.path == *manifest);
    is_unlocked || (!is_seen && after.discovery.files.has(manifest))
}

/// Says whether the change adds a lockfile of the same ecosystem beside one that lists what it needs itself.
fn has_heir(found: &FoundLockfile, before: &Scan<'_>, after: &Scan<'_>) -> bool {
    let folder = found.file.path().parent();
    let mut lockfiles = after.discovery.lockfiles.iter();
    lockfiles.any(|other| {
        other.file.path().parent() == folder
            && other.format.ecosystem() == found.format.ecosystem()
            && !is_judged(other.file.path(), before)
    })
}

/// Files of both sides that are not the same.
struct Edits<'s> {
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
    fn of(sides: &'s Sides, config: &Config) -> Self {
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

    fn redirects(&self) -> impl Iterator<Item = Redirect> {
        let paths = self.paths.iter();
        let paths = paths.filter(|path| install::is_recognised(path) && !self.is_moved(path));
        paths.filter_map(|path| self.redirect(path))
    }

    /// Says whether a file is as it was, but for the folder: it left one place and came to another.
    fn is_moved(&self, path: &FilePath) -> bool {
        let read = |path: &FilePath| {
            (
                Content::of(path, self.before),
                Content::of(path, self.after),
            )
        };
        let Some(own) = one_sided(read(path)) else {
            return false;
        };
        let others = self.paths.iter().filter(|other| *other != path);
        let mut namesakes = others.filter(|other| other.file_name() == path.file_name());
        namesakes.any(|other| {
            let twin = one_sided(read(other));
            twin.is_some_and(|twin| twin.0 != own.0 && twin.1 == own.1)
        })
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
            let path = path.parent().join(name);
            let bytes = path.and_then(|path| self.before.bytes(&path).ok().flatten());
            bytes.is_some_and(|bytes| guard::runs_linchpin(&bytes))
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
    fn workflows(&self) -> impl Iterator<Item = Loosened> {
        let paths = self.paths.iter().filter(|path| guard::is_workflow(path));
        paths.filter_map(|path| {
            if let Some(hidden) = self.hidden_by(path) {
                return Some(hidden);
            }
            let before = Content::of(path, self.before);
            before.bytes().filter(|bytes| guard::runs_linchpin(bytes))?;
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
fn one_sided(contents: (Content, Content)) -> Option<(OnlySide, Vec<u8>)> {
    match contents {
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

/// Compares the settings before the change with those that it leaves.
fn loosened_settings(sides: &Sides, settings: &SettingArguments) -> Option<Loosened> {
    let limits = Limits::default();
    let of_tree = SettingArguments {
        as_of: settings.as_of,
        ..SettingArguments::default()
    };
    let path_in = |tree: &dyn Tree| of_tree.file(tree, &limits).ok().flatten();
    let (file, former) = (path_in(&*sides.after.files), path_in(&*sides.before.files));
    let path = file.as_ref().or(former.as_ref())?.path().clone();
    let digest = install::digest(
        file.map_or_else(String::new, |file| file.text().to_owned())
            .as_bytes(),
    );
    // Settings that nobody could read held nobody to anything.
    let before = of_tree.settings(&*sides.before.files, &limits);
    let before = before.unwrap_or_else(|_unreadable| Config::default());
    let what = match of_tree.settings(&*sides.after.files, &limits) {
        Ok(after) => guard::loosened(&before, &after),
        Err(_) => {
            vec!["it cannot be read after the change, so that no run will be judged".to_owned()]
        }
    };
    (!what.is_empty()).then_some(Loosened { path, what, digest })
}

fn loosened_baseline(sides: &Sides, settings: &SettingArguments) -> Option<Loosened> {
    let read = |tree: &dyn Tree| baseline::of_tree(settings, tree);
    let before = read(&*sides.before.files).ok().flatten();
    let place = |baseline: &Baseline| baseline.path.clone();
    let (path, what, digest) = match read(&*sides.after.files) {
        Ok(after) => {
            let path = after.as_ref().or(before.as_ref()).map(place)?;
            let text = after.as_ref().map_or_else(String::new, Baseline::write);
            let what = guard::loosened_baseline(before.as_ref(), after.as_ref())?;
            (path, what, install::digest(text.as_bytes()))
        }
        Err(error) => {
            let usual = || FilePath::new(BASELINE_NAME).unwrap_or_default();
            let path = before.as_ref().map_or_else(usual, place);
            let what = format!("the baseline cannot be read after the change: {error}");
            (path, what, String::new())
        }
    };
    Some(Loosened {
        path,
        what: vec![what],
        digest,
    })
}
