//! What a change does to files that are in no graph: lockfiles that are out of sight, settings, files that steer installers.

use super::baseline;
use super::options::SettingArguments;
use super::revisions::{Kinship, Sides};
use super::scan::Scan;
use crate::assessment::Baseline;
use crate::config::Config;
use crate::discover::{FoundLockfile, SkippedBecause, Tree, holds_the_same};
use crate::files::{Files, FilesError};
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
) -> FileChanges {
    let mut changes = FileChanges::default();
    if sides.kinship == Kinship::OneTree {
        return changes;
    }
    let lockfiles = before.discovery.lockfiles.iter();
    let removed = lockfiles.filter_map(|found| removed(found, after, &sides.renames));
    changes.removed = removed.collect();
    if sides.kinship == Kinship::Apart {
        return changes;
    }
    let edits = Edits::of(sides);
    changes.redirects = install::fold(edits.redirects());
    changes.loosened = edits.workflows().collect();
    // What was typed is in force whatever the tree says.
    if settings.config.is_none() && !settings.no_config {
        changes.loosened.extend(loosened_settings(sides, settings));
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
        fate_of_absent(found, after, renames)
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
    let mut lockfiles = after.discovery.lockfiles.iter();
    let has_heir = lockfiles.any(|other| {
        other.file.path().parent() == folder && other.format.ecosystem() == found.format.ecosystem()
    });
    if has_heir || renamed.is_some() {
        return None;
    }
    let Some(manifest) = found.format.manifest() else {
        let listed = after.discovery.files.list(&folder);
        return listed
            .is_ok_and(|listed| !listed.is_empty())
            .then_some(Fate::Gone);
    };
    let manifest = folder.join(manifest);
    let mut unlocked = after.unlocked.iter();
    let stays = unlocked.any(|unlocked| Some(&unlocked.path) == manifest.as_ref());
    stays.then_some(Fate::Unlocked)
}

/// Files of both sides that are not the same.
struct Edits<'s> {
    before: &'s dyn Tree,
    after: &'s dyn Tree,
    paths: Vec<FilePath>,
}

/// What lies at a path.
enum Content {
    Absent,
    Bytes(Vec<u8>),
    /// It is there and cannot be read.
    Unread,
}

impl Content {
    /// Follows a link inside the tree, as those who read the file do.
    fn of(path: &FilePath, tree: &dyn Tree) -> Self {
        let target = tree.link(path).map(|target| path.parent().join(&target));
        let read = match target {
            None => tree.bytes(path),
            Some(Some(target)) => tree.bytes(&target),
            Some(None) => Err(FilesError::NotRegular),
        };
        match read {
            Ok(Some(bytes)) => Self::Bytes(bytes),
            Ok(None) if !tree.has(path) => Self::Absent,
            Ok(None) | Err(_) => Self::Unread,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Absent | Self::Unread => None,
        }
    }
}

impl<'s> Edits<'s> {
    fn of(sides: &'s Sides) -> Self {
        let (before, after) = (&*sides.before.files, &*sides.after.files);
        let is_asked =
            |path: &FilePath| sides.after.paths.iter().any(|asked| path.is_within(asked));
        let matters = |path: &FilePath| install::is_recognised(path) || guard::is_workflow(path);
        let mut paths: Vec<FilePath> = before.paths();
        paths.extend(after.paths());
        paths.sort_unstable();
        paths.dedup();
        paths
            .retain(|path| matters(path) && is_asked(path) && !holds_the_same(path, before, after));
        Self {
            before,
            after,
            paths,
        }
    }

    fn redirects(&self) -> impl Iterator<Item = Redirect> {
        let paths = self
            .paths
            .iter()
            .filter(|path| install::is_recognised(path));
        paths.filter_map(|path| self.redirect(path))
    }

    fn redirect(&self, path: &FilePath) -> Option<Redirect> {
        let before = Content::of(path, self.before);
        let after = Content::of(path, self.after);
        if matches!(after, Content::Unread) {
            return Some(Redirect::unread(path));
        }
        let (before, after) = (before.bytes(), after.bytes());
        let edit = Edit {
            path,
            before,
            after,
            beside_before: self.before as &dyn Files,
            beside_after: self.after as &dyn Files,
        };
        install::compare(&edit)
    }

    /// Finds the edited files that run linchpin.
    fn workflows(&self) -> impl Iterator<Item = Loosened> {
        let paths = self.paths.iter().filter(|path| guard::is_workflow(path));
        paths.filter_map(|path| {
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
            let path = before.as_ref().map(place).unwrap_or_default();
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
