//! PATHs → the lockfiles and manifests below them. Besides `cli`, `fetch` and `store` the only module that
//! touches the world.
//!
//! `paths` finds the audited root, `tracked` what git tracks below the PATHs, `walk` what else lies
//! there; `read` reads the candidates. Everything that looked like a lockfile and was not read is a
//! [`Problem`], everything that was passed over is counted. Nothing of the tree is executed, no link is
//! followed, and configuration in the tree (`.npmrc`, pip's, cargo's) is not read.

pub mod caches;
mod exclude;
pub mod files;
#[cfg(test)]
mod fixture;
mod foreign;
mod found;
pub mod git;
mod ignore_rules;
mod names;
mod paths;
pub(crate) mod process;
mod read;
pub mod revision;
pub mod skipped;
mod tracked;
mod tree;
pub mod unlocked;
pub mod user_files;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use thiserror::Error;

pub use files::DirectoryFiles;
pub use skipped::{Skipped, SkippedBecause};
pub use tree::{Tree, holds_the_same};

use crate::cores;
use crate::lockfile::manifest::Manifest;
use crate::lockfile::{FormatId, Limits, LockfileFormat, Problem, ProblemSeverity, SourceFile};
use crate::package::Digest;
use crate::path::FilePath;
use crate::text::Untrusted;
use found::{Found, Origin};
use paths::{Asked, AskedKind, AskedPath};
use read::Outcome;

/// What lies below the PATHs.
pub struct Discovery {
    /// The audited root, free of links.
    pub root: Utf8PathBuf,
    /// The lockfiles, sorted by path.
    pub lockfiles: Vec<FoundLockfile>,
    /// The manifests, sorted by path.
    pub manifests: Vec<FoundManifest>,
    /// What was passed over, sorted by path.
    pub skipped: Vec<Skipped>,
    /// What was not read, sorted by path.
    pub problems: Vec<Problem>,
    /// The PATHs, inside the root.
    pub paths: Vec<FilePath>,
    /// PATHs below which there is no lockfile and no manifest, read or not, sorted.
    pub empty_paths: Vec<FilePath>,
    /// The files below the root, for the parsers.
    pub files: Arc<dyn Tree>,
}

/// A lockfile in memory.
pub struct FoundLockfile {
    /// The file.
    pub file: SourceFile,
    /// Its format.
    pub format: &'static dyn LockfileFormat,
    /// The digest of its bytes.
    pub sha256: Digest,
}

/// A manifest.
pub struct FoundManifest {
    /// Its path.
    pub path: FilePath,
    /// Its kind.
    pub manifest: &'static Manifest,
    /// Whether it asks for packages from elsewhere; none if it cannot be read.
    pub asks_for_packages: Option<bool>,
}

/// Why nothing could be looked for: what was typed does not make sense.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DiscoverError {
    /// No PATH was given.
    #[error("no PATH to audit")]
    NoPath,
    /// A PATH does not exist.
    #[error("`{}`: no such file or folder", shown(.0))]
    Missing(Utf8PathBuf),
    /// A PATH lies outside the root that the first PATH sets.
    #[error("`{}` lies outside the audited root `{}`; audit it in a run of its own", shown(.path), shown(.root))]
    Outside {
        /// The PATH.
        path: Utf8PathBuf,
        /// The root.
        root: Utf8PathBuf,
    },
    /// A PATH cannot be named in a report.
    #[error("`{}`: its name is not plain text (UTF-8 without `\\` and `:`); rename it", shown(.0))]
    NotText(Utf8PathBuf),
    /// The system said no.
    #[error("`{}`: {message}", shown(.path))]
    System {
        /// The PATH.
        path: Utf8PathBuf,
        /// What it said.
        message: String,
    },
}

/// Finds the audited root of PATHs, and looks for nothing in it.
pub fn root(
    paths: &[Utf8PathBuf],
    current: &Utf8Path,
    limits: &Limits,
) -> Result<DirectoryFiles, DiscoverError> {
    let asked = paths::resolve(paths, current)?;
    Ok(DirectoryFiles::new(asked.root, *limits))
}

/// Finds and reads the lockfiles below PATHs, which are relative to the current folder.
pub fn discover(
    paths: &[Utf8PathBuf],
    current: &Utf8Path,
    limits: &Limits,
) -> Result<Discovery, DiscoverError> {
    discover_over(paths, current, limits, |files| Arc::new(files))
}

/// Finds the lockfiles in a folder, and reads them as another tree has them that lies over it.
fn discover_over(
    paths: &[Utf8PathBuf],
    current: &Utf8Path,
    limits: &Limits,
    over: impl FnOnce(DirectoryFiles) -> Arc<dyn Tree>,
) -> Result<Discovery, DiscoverError> {
    let asked = paths::resolve(paths, current)?;
    let files = DirectoryFiles::new(asked.root.clone(), *limits);
    let found = look(&asked, &files, limits);
    let place = Place {
        root: asked.root,
        paths: asked.paths.into_iter().map(|asked| asked.path).collect(),
        files: over(files),
    };
    Ok(take_up(place, found))
}

/// Where was looked.
struct Place {
    root: Utf8PathBuf,
    /// The PATHs, inside the root.
    paths: Vec<FilePath>,
    files: Arc<dyn Tree>,
}

/// Reads what was found.
fn take_up(place: Place, mut found: Found) -> Discovery {
    let (mut lockfiles, problems) = read_all(&found.candidates, &*place.files);
    found.problems.extend(problems);
    shadow(&mut lockfiles, &mut found);
    let manifests = manifests(&found.manifests, &*place.files);
    conclude(place, found, lockfiles, manifests)
}

/// Collects the candidates.
fn look(asked: &Asked, files: &DirectoryFiles, limits: &Limits) -> Found {
    let mut found = Found::default();
    let git_error = asked
        .git_error
        .as_ref()
        .map(|error| tracked::explain(&FilePath::default(), error));
    found.problems.extend(git_error);
    let paths: Vec<FilePath> = asked.paths.iter().map(|asked| asked.path.clone()).collect();
    if let Some(work_tree) = &asked.work_tree {
        tracked::add(work_tree, &paths, files, &mut found);
    }
    for AskedPath { path, kind } in &asked.paths {
        match kind {
            AskedKind::Folder => walk::walk(files, limits, path, &mut found),
            AskedKind::File => found.candidate(path.clone(), Origin::Named),
            AskedKind::LinkOutside => drop(found.links.insert(path.clone())),
        }
    }
    found.settle_links();
    // A folder that one PATH passes over may be another PATH.
    found
        .skipped
        .retain(|skipped| !paths.contains(&skipped.path));
    found
}

fn read_all(
    candidates: &BTreeMap<FilePath, Origin>,
    files: &dyn Tree,
) -> (Vec<FoundLockfile>, Vec<Problem>) {
    let candidates: Vec<_> = candidates.iter().collect();
    let outcomes = cores::map(&candidates, |(path, origin)| {
        read::read(path, **origin, files)
    });
    let (mut lockfiles, mut problems) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Lockfile(lockfile) => lockfiles.push(lockfile),
            Outcome::Problem(problem) => problems.push(problem),
            Outcome::Nothing => {}
        }
    }
    (lockfiles, problems)
}

/// Drops the lockfiles that their tool does not read, because one that it prefers lies beside them.
fn shadow(lockfiles: &mut Vec<FoundLockfile>, found: &mut Found) {
    let mut first: BTreeMap<(FilePath, FormatId), usize> = BTreeMap::new();
    for lockfile in &*lockfiles {
        if let Some(rank) = rank(lockfile) {
            let first = first.entry(lockfile.tool_reads_one_of()).or_insert(rank);
            *first = rank.min(*first);
        }
    }
    lockfiles.retain(|lockfile| {
        let path = lockfile.file.path();
        let is_named = found.candidates.get(path) == Some(&Origin::Named);
        let is_read = is_named
            || rank(lockfile).is_none()
            || rank(lockfile) == first.get(&lockfile.tool_reads_one_of()).copied();
        if !is_read {
            found.skip(path.clone(), SkippedBecause::Shadowed);
        }
        is_read
    });
}

/// Returns the place of a lockfile's name among those of which its tool reads one.
fn rank(lockfile: &FoundLockfile) -> Option<usize> {
    let name = lockfile.file.path().file_name();
    lockfile
        .format
        .shadowing()
        .iter()
        .position(|candidate| candidate.eq_ignore_ascii_case(name))
}

impl FoundLockfile {
    fn tool_reads_one_of(&self) -> (FilePath, FormatId) {
        (self.file.path().parent(), self.format.id())
    }
}

fn manifests(
    manifests: &BTreeMap<FilePath, &'static Manifest>,
    files: &dyn Tree,
) -> Vec<FoundManifest> {
    let manifests: Vec<_> = manifests.iter().collect();
    let read = cores::map(&manifests, |(path, manifest)| {
        read_manifest(path, manifest, files)
    });
    read.into_iter().flatten().collect()
}

/// Reads a manifest; none if it is gone by now.
fn read_manifest(
    path: &FilePath,
    manifest: &'static Manifest,
    files: &dyn Tree,
) -> Option<FoundManifest> {
    let asks_for_packages = match files.read(path) {
        Ok(Some(text)) => (manifest.asks_for_packages)(&text),
        Ok(None) => return None,
        Err(_) => None,
    };
    Some(FoundManifest {
        path: path.clone(),
        manifest,
        asks_for_packages,
    })
}

fn conclude(
    place: Place,
    found: Found,
    lockfiles: Vec<FoundLockfile>,
    manifests: Vec<FoundManifest>,
) -> Discovery {
    let mut problems = found.problems;
    problems.sort_by(|left, right| order(left).cmp(&order(right)));
    problems.dedup();
    let skipped = found.skipped.into_iter().collect();
    let mut discovery = Discovery {
        root: place.root,
        lockfiles,
        manifests,
        skipped,
        problems,
        paths: place.paths,
        empty_paths: Vec::new(),
        files: place.files,
    };
    let paths = discovery.paths.iter();
    discovery.empty_paths = paths
        .filter(|path| !discovery.has_something_in(path))
        .cloned()
        .collect();
    discovery.empty_paths.sort_unstable();
    discovery.empty_paths.dedup();
    discovery
}

impl Discovery {
    /// Says whether a PATH holds a lockfile or a manifest, or something that stands in the way of one.
    fn has_something_in(&self, path: &FilePath) -> bool {
        let is_error = |problem: &&Problem| problem.severity == ProblemSeverity::Error;
        let lockfiles = self.lockfiles.iter().map(|lockfile| lockfile.file.path());
        let manifests = self.manifests.iter().map(|manifest| &manifest.path);
        let problems = self
            .problems
            .iter()
            .filter(is_error)
            .map(|problem| &problem.path);
        lockfiles
            .chain(manifests)
            .chain(problems)
            .any(|found| found.is_within(path))
    }
}

/// The order of problems in reports.
fn order(problem: &Problem) -> (&FilePath, ProblemSeverity, &Untrusted<'static>) {
    (&problem.path, problem.severity, &problem.message)
}

fn shown(path: &Utf8Path) -> String {
    Untrusted::borrowed(path.as_str()).terminal().to_string()
}

#[cfg(test)]
mod tests;
