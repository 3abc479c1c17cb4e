//! What a change does to files that are in no graph: lockfiles that are out of sight, settings, files that steer installers.

use super::baseline;
use super::edits::Edits;
use super::lost_lockfiles::removed;
use super::options::SettingArguments;
use super::revisions::{Kinship, Sides};
use super::scan::Scan;
use crate::assessment::Baseline;
use crate::assessment::baseline::BASELINE_NAME;
use crate::config::Config;
use crate::discover::Tree;
use crate::lockfile::Limits;
use crate::path::FilePath;
use crate::signal::FileChanges;
use crate::signal::changes::Loosened;
use crate::{guard, install};

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
