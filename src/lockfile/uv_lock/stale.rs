//! Manifests that have moved on since the lockfile was written.
//!
//! uv records what each first-party package asked for, markers that exclude it included, so a name that the
//! manifest has and the lockfile has nowhere was added later: nobody knows what will be installed.

use rustc_hash::FxHashSet;

use super::script;
use super::wire::{Document, Edge, Package, Requirement};
use crate::files::Files;
use crate::lockfile::manifest::pyproject_toml;
use crate::lockfile::model::{Lockfile, Problem, ProblemSeverity};
use crate::lockfile::pypi::requirement;
use crate::package::name::normalise;

/// Compares the manifest of the project and of every package in a folder with the lockfile.
pub(super) fn report(lockfile: &mut Lockfile<'_>, files: &dyn Files, document: &Document<'_>) {
    let project = lockfile.project();
    let own = document
        .package
        .iter()
        .filter_map(|package| Some((package.source.own_folder()?, package)));
    for (folder, package) in own {
        let Some(path) = project
            .join(folder)
            .and_then(|folder| folder.join("pyproject.toml"))
        else {
            continue;
        };
        // One that cannot be read is told where manifests are looked for.
        let Ok(Some(text)) = files.read(&path) else {
            continue;
        };
        let Some(asked) = pyproject_toml::asked_names(&text) else {
            continue;
        };
        let known = known(document, package);
        for name in asked.into_iter().filter(|name| !known.contains(name)) {
            let message = format!("it asks for `{name}`, which this lockfile does not hold for it");
            let problem = Problem::new(path.clone(), ProblemSeverity::Error, message);
            lockfile
                .problems
                .push(problem.help("the lockfile is behind its manifest: uv lock"));
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
