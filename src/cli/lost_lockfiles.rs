//! Lockfiles that are judged no more though their project stays: gone, renamed, emptied, out of sight.

use super::scan::Scan;
use crate::discover::{FoundLockfile, SkippedBecause};
use crate::path::FilePath;
use crate::signal::changes::{Fate, RemovedLockfile};

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
pub(super) fn removed(
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
