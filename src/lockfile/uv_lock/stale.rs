//! Manifests that have moved on since the lockfile was written.
//!
//! uv records what each first-party package asked for, markers that exclude it included, so a name that the
//! manifest has and the lockfile has nowhere was added later: nobody knows what will be installed. So was a range
//! that leaves out every release that is locked.

use rustc_hash::{FxHashMap, FxHashSet};

use super::script;
use super::wire::{Document, Edge, Package, Requirement};
use crate::files::Files;
use crate::lockfile::model::{LockedEntry, Lockfile, Problem, ProblemSeverity};
use crate::lockfile::pypi::manifest::{self, Manifest, Stale, leaves_out};
use crate::lockfile::pypi::project::Tool;
use crate::lockfile::pypi::requirement;
use crate::package::name::normalise;

/// How to write the lockfile anew.
const RELOCK: &str = "uv lock";

/// Compares the manifest of the project and of every package in a folder with the lockfile.
pub(super) fn report(lockfile: &mut Lockfile<'_>, files: &dyn Files, document: &Document<'_>) {
    let own = document
        .package
        .iter()
        .filter_map(|package| Some((package.source.own_folder()?, package)));
    let project = lockfile.project();
    let manifests: Vec<(Manifest, &Package<'_>)> = own
        .filter_map(|(folder, package)| {
            let folder = project.join(folder)?;
            Some((manifest::in_folder(files, &folder, Tool::Uv)?, package))
        })
        .collect();
    let mut problems = Vec::new();
    let held = held(lockfile, &manifests);
    for (manifest, package) in &manifests {
        let mut stale = Stale::new(RELOCK);
        compare(manifest, &known(document, package), &held, &mut stale);
        stale.finish(&manifest.path, &mut problems);
    }
    lockfile.problems.extend(problems);
}

/// What the lockfile holds of each name that a manifest asks for.
type Held<'h, 'a> = FxHashMap<&'h str, Vec<&'h LockedEntry<'a>>>;

fn held<'h, 'a>(
    lockfile: &'h Lockfile<'a>,
    manifests: &'h [(Manifest, &Package<'_>)],
) -> Held<'h, 'a> {
    let asked = manifests
        .iter()
        .flat_map(|(manifest, _)| &manifest.project.asked);
    let mut held: Held<'h, 'a> = asked
        .map(|asked| (asked.name.as_str(), Vec::new()))
        .collect();
    for entry in lockfile.entries.iter().skip(1) {
        if let Some(entries) = held.get_mut(entry.name.as_str()) {
            entries.push(entry);
        }
    }
    held
}

/// Each name is told once, though several parts of the project may ask for it.
fn compare(manifest: &Manifest, known: &FxHashSet<String>, held: &Held<'_, '_>, stale: &mut Stale) {
    let mut told = FxHashSet::default();
    for asked in &manifest.project.asked {
        let name = asked.name.as_str();
        let is_missing = !known.contains(name);
        let is_overridden = manifest.project.overridden.contains(name);
        let is_left_out = |range: &String| {
            let entries = held.get(name).into_iter().flatten().copied();
            !is_overridden && leaves_out(range, entries)
        };
        let is_other = !is_missing && asked.range.as_ref().is_some_and(is_left_out);
        if !(is_missing || is_other) || !told.insert(name) {
            continue;
        }
        if is_missing {
            stale.add_missing(&manifest.path, name);
        } else {
            stale.add_range(&manifest.path, name);
        }
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

/// Collects every name that the lockfile knows a package to ask for.
fn known(document: &Document<'_>, package: &Package<'_>) -> FxHashSet<String> {
    let metadata = &package.metadata;
    let manifest = &document.manifest;
    let asked = metadata
        .requires_dist
        .iter()
        .chain(metadata.requires_dev.values().flatten());
    let asked = asked
        .chain(&manifest.requirements)
        .chain(manifest.dependency_groups.values().flatten());
    let edges = package
        .dependencies
        .iter()
        .chain(package.optional_dependencies.values().flatten());
    let edges = edges.chain(package.dev_dependencies.values().flatten());
    let asked = asked.map(|requirement: &Requirement<'_>| &requirement.name);
    let names = asked.chain(edges.map(|edge: &Edge<'_>| &edge.name));
    names.map(|name| normalise(name).into_owned()).collect()
}
