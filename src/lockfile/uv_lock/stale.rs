//! Manifests that have moved on since the lockfile was written.
//!
//! uv records what each first-party package asked for, markers that exclude it included, so a name that the
//! manifest has and the lockfile has nowhere was added later: nobody knows what will be installed. So was a range
//! that leaves out every release that is locked.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::script;
use super::wire::{Document, Edge, Package, Requirement};
use crate::files::Files;
use crate::lockfile::limits::Limits;
use crate::lockfile::model::{LockedEntry, Lockfile, Problem, ProblemSeverity};
use crate::lockfile::pypi::manifest::{self, Manifest, Stale, leaves_out};
use crate::lockfile::pypi::project::{Asked, Tool};
use crate::lockfile::pypi::requirement;
use crate::package::name::normalise;
use crate::path::FilePath;

/// How to write the lockfile anew.
const RELOCK: &str = "uv lock";

/// The most releases of one name that are compared with a range; a resolution rarely forks into more than a few.
const FORKS: usize = 32;

/// Compares the manifest of the project and of every package in a folder with the lockfile.
pub(super) fn report(
    lockfile: &mut Lockfile<'_>,
    files: &dyn Files,
    document: &Document<'_>,
    limits: &Limits,
) {
    let project = lockfile.project();
    let own = document
        .package
        .iter()
        .filter_map(|package| Some((project.join(package.source.own_folder()?)?, package)));
    let mut own: BTreeMap<FilePath, Option<&Package<'_>>> = own
        .map(|(folder, package)| (folder, Some(package)))
        .collect();
    // The root of a workspace may be no package; older versions of uv do not record what it asks for.
    let is_recorded = !document.manifest.dependency_groups.is_empty();
    if is_recorded {
        own.entry(project).or_insert(None);
    }
    let held = Held::new(lockfile, document);
    let mut problems = Vec::new();
    for (folder, package) in own.into_iter().take(limits.manifests) {
        // One that cannot be read is told where manifests are looked for.
        let Some(manifest) = manifest::in_folder(files, &folder, Tool::Uv) else {
            continue;
        };
        let mut stale = Stale::new(RELOCK);
        compare(&manifest, &known(document, package), &held, &mut stale);
        stale.finish(&manifest.path, &mut problems);
    }
    drop(held);
    lockfile.problems.extend(problems);
}

/// What the lockfile holds of each name.
struct Held<'h, 'a> {
    entries: FxHashMap<&'h str, SmallVec<[&'h LockedEntry<'a>; 1]>>,
    /// Names whose ranges are set aside, normalised.
    overridden: FxHashSet<String>,
}

impl<'h, 'a> Held<'h, 'a> {
    fn new(lockfile: &'h Lockfile<'a>, document: &Document<'_>) -> Self {
        let mut entries: FxHashMap<_, SmallVec<_>> = FxHashMap::default();
        for entry in lockfile.entries.iter().skip(1) {
            entries.entry(entry.name.as_str()).or_default().push(entry);
        }
        let overrides = document.manifest.overrides.iter();
        Self {
            entries,
            overridden: overrides
                .map(|requirement| normalise(&requirement.name).into_owned())
                .collect(),
        }
    }

    /// Says whether something that is always asked for is held in other releases only.
    fn leaves_out(&self, asked: &Asked) -> bool {
        let Some(range) = &asked.range else {
            return false;
        };
        let is_set_aside = asked.marker.is_some() || self.overridden.contains(&asked.name);
        let entries = self.entries.get(asked.name.as_str());
        let entries = entries.filter(|entries| entries.len() <= FORKS && !is_set_aside);
        entries.is_some_and(|entries| leaves_out(range, entries.iter().copied()))
    }
}

/// Each name is told once, though several parts of the project may ask for it.
fn compare(manifest: &Manifest, known: &FxHashSet<String>, held: &Held<'_, '_>, stale: &mut Stale) {
    let mut told = FxHashSet::default();
    for asked in &manifest.project.asked {
        let name = asked.name.as_str();
        if told.contains(name) {
            continue;
        }
        if !known.contains(name) {
            stale.add_missing(&manifest.path, name);
        } else if held.leaves_out(asked) {
            stale.add_range(&manifest.path, name);
        } else {
            continue;
        }
        told.insert(name);
    }
}

/// Compares the requirements in a script with those that its lockfile was made for.
pub(super) fn report_script(
    lockfile: &mut Lockfile<'_>,
    files: &dyn Files,
    document: &Document<'_>,
) {
    let Some(path) = script::locked_by(&lockfile.path) else {
        return;
    };
    let Ok(Some(text)) = files.read(&path) else {
        return;
    };
    let known = document.manifest.requirements.iter();
    let known: FxHashSet<String> = known
        .map(|requirement| normalise(&requirement.name).into_owned())
        .collect();
    for asked in script::requirements(&text).unwrap_or_default() {
        let requirement = requirement::Requirement::parse(&asked);
        let Some(name) = requirement.map(|asked| normalise(asked.name).into_owned()) else {
            continue;
        };
        if !known.contains(&name) {
            let message = format!("it asks for `{name}`, which its lockfile does not hold");
            let problem = Problem::new(path.clone(), ProblemSeverity::Error, message);
            let help = format!(
                "the lockfile is behind its script: uv lock --script {}",
                path.file_name()
            );
            lockfile.problems.push(problem.help(help));
        }
    }
}

/// Collects every name that the lockfile knows the root and a package of the project to ask for.
fn known(document: &Document<'_>, package: Option<&Package<'_>>) -> FxHashSet<String> {
    let manifest = &document.manifest;
    let of_root = manifest
        .requirements
        .iter()
        .chain(manifest.dependency_groups.values().flatten());
    let of_package = package.into_iter().flat_map(|package| {
        let metadata = &package.metadata;
        metadata
            .requires_dist
            .iter()
            .chain(metadata.requires_dev.values().flatten())
    });
    let edges = package.into_iter().flat_map(|package| {
        package
            .dependencies
            .iter()
            .chain(package.optional_dependencies.values().flatten())
            .chain(package.dev_dependencies.values().flatten())
    });
    let asked = of_root.chain(of_package);
    let asked = asked.map(|requirement: &Requirement<'_>| &requirement.name);
    let names = asked.chain(edges.map(|edge: &Edge<'_>| &edge.name));
    names.map(|name| normalise(name).into_owned()).collect()
}
