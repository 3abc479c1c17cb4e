//! Which manifests no lockfile covers, once the lockfiles were read.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::{Discovery, FoundManifest, SkippedBecause};
use crate::files::ListedKind;
use crate::lockfile::{Problem, ProblemSeverity, format_of_path, unread};
use crate::package::Ecosystem;
use crate::path::FilePath;

/// Manifests that stand open, and problems of those whose lockfile was not read.
#[derive(Default)]
pub struct Uncovered<'d> {
    /// Manifests that ask for packages which no lockfile pins.
    pub unlocked: Vec<&'d FoundManifest>,
    /// Manifests that are locked by a lockfile outside the PATHs.
    pub problems: Vec<Problem>,
}

impl Discovery {
    /// Sorts out the manifests that ask for packages and are not among those that the read lockfiles cover.
    ///
    /// A manifest beside or below a lockfile that was found but could not be read is that lockfile's problem.
    pub fn uncovered(
        &self,
        covered: &FxHashSet<FilePath>,
        failed: &[(FilePath, Ecosystem)],
    ) -> Uncovered<'_> {
        let unread = self.unread_folders(failed);
        let found: BTreeSet<&FilePath> = self
            .lockfiles
            .iter()
            .map(|found| found.file.path())
            .collect();
        let mut outside = OutsideLockfiles {
            discovery: self,
            found,
            listed: BTreeMap::new(),
        };
        let mut uncovered = Uncovered::default();
        let unreadable = self
            .manifests
            .iter()
            .filter(|manifest| manifest.asks_for_packages.is_none());
        uncovered
            .problems
            .extend(unreadable.map(|manifest| unreadable_manifest(&manifest.path)));
        let open = self.manifests.iter().filter(|manifest| {
            manifest.asks_for_packages == Some(true) && !covered.contains(&manifest.path)
        });
        for manifest in open {
            let ecosystem = manifest.manifest.ecosystem;
            if unread
                .iter()
                .any(|(folder, of)| *of == ecosystem && manifest.path.is_within(folder))
            {
                continue;
            }
            match outside.above(&manifest.path, ecosystem) {
                // That lockfile is told as excluded; so is what it locks.
                Some(lockfile) if self.is_excluded(&lockfile) => {}
                Some(lockfile) => uncovered
                    .problems
                    .push(locked_outside(&manifest.path, &lockfile)),
                None => uncovered.unlocked.push(manifest),
            }
        }
        uncovered
    }

    fn is_excluded(&self, path: &FilePath) -> bool {
        let mut skipped = self.skipped.iter();
        skipped.any(|skipped| skipped.reason == SkippedBecause::Excluded && skipped.path == *path)
    }

    /// The folders of lockfiles that were found and not read.
    fn unread_folders(&self, failed: &[(FilePath, Ecosystem)]) -> Vec<(FilePath, Ecosystem)> {
        let unknown = self.problems.iter().filter_map(|problem| {
            let read =
                format_of_path(&problem.path).map(crate::lockfile::LockfileFormat::ecosystem);
            let ecosystem =
                read.or_else(|| unread::of_path(&problem.path).map(|format| format.ecosystem))?;
            Some((problem.path.parent(), ecosystem))
        });
        unknown
            .chain(
                failed
                    .iter()
                    .map(|(path, ecosystem)| (path.parent(), *ecosystem)),
            )
            .collect()
    }
}

/// Lockfiles in folders above a manifest that the walk was not asked to look into.
struct OutsideLockfiles<'d> {
    discovery: &'d Discovery,
    found: BTreeSet<&'d FilePath>,
    listed: BTreeMap<FilePath, Vec<(FilePath, Ecosystem)>>,
}

impl OutsideLockfiles<'_> {
    fn above(&mut self, manifest: &FilePath, ecosystem: Ecosystem) -> Option<FilePath> {
        let mut folder = manifest.parent();
        loop {
            let lockfiles = self.lockfiles(&folder);
            let mut others = lockfiles
                .into_iter()
                .filter(|(path, of)| *of == ecosystem && !self.found.contains(path));
            if let Some((path, _)) = others.next() {
                return Some(path);
            }
            if folder.is_root() {
                return None;
            }
            folder = folder.parent();
        }
    }

    fn lockfiles(&mut self, folder: &FilePath) -> Vec<(FilePath, Ecosystem)> {
        if let Some(known) = self.listed.get(folder) {
            return known.clone();
        }
        let listed = self.discovery.files.list(folder).unwrap_or_default();
        let files = listed
            .into_iter()
            .filter(|listed| listed.kind == ListedKind::File);
        let lockfiles = files.filter_map(|listed| {
            Some((
                listed.path.clone(),
                format_of_path(&listed.path)?.ecosystem(),
            ))
        });
        let lockfiles: Vec<_> = lockfiles.collect();
        self.listed.insert(folder.clone(), lockfiles.clone());
        lockfiles
    }
}

/// What a manifest that cannot be read asks for is unknown, locked or not.
fn unreadable_manifest(manifest: &FilePath) -> Problem {
    let message = "this manifest cannot be read, so what it asks for is not known";
    Problem::new(manifest.clone(), ProblemSeverity::Error, message)
        .help("mend it, and lock it anew")
}

/// A lockfile that stands above a manifest and was passed over.
fn locked_outside(manifest: &FilePath, lockfile: &FilePath) -> Problem {
    let message = format!(
        "it may be locked by {}, which was not read: it is ignored by git or lies outside the given PATHs",
        lockfile.untrusted().as_str()
    );
    Problem::new(manifest.clone(), ProblemSeverity::Error, message)
        .help("name that lockfile itself as PATH")
}
