//! Manifests that have moved on since the lockfile was written.
//!
//! Bun copies what the project and its members ask for. What a manifest asks for beyond that was not resolved,
//! so nobody knows what will be installed.

use rustc_hash::{FxHashMap, FxHashSet};

use super::wire::{Document, Record};
use crate::files::Files;
use crate::lockfile::check::excerpt;
use crate::lockfile::json::{Field, Object, Pairs};
use crate::lockfile::limits::Limits;
use crate::lockfile::manifest::package_json::{self, PackageJson};
use crate::lockfile::model::{Lockfile, Problem, ProblemSeverity};
use crate::lockfile::npm::declared::Tables;
use crate::lockfile::npm::members;
use crate::path::FilePath;
use crate::text::Untrusted;

/// How many differences of one manifest are told one by one.
const TOLD: usize = 20;

/// Compares the manifests of the project and of its members with the lockfile, and lists them as covered.
pub(super) fn report(
    lockfile: &mut Lockfile<'_>,
    files: &dyn Files,
    document: &Document<'_>,
    limits: &Limits,
) {
    let project = lockfile.project();
    let listed = document.workspaces.iter().flat_map(Pairs::iter);
    let listed: FxHashMap<FilePath, &Record<'_>> = listed
        .filter_map(|(folder, Object(record))| Some((project.join(folder.as_str())?, record)))
        .collect();
    let members = members_of_version_0(document);
    let mut folders: Vec<&FilePath> = listed.keys().collect();
    folders.sort_unstable();
    for folder in folders.into_iter().take(limits.manifests) {
        lockfile.manifests.extend(folder.join("package.json"));
        let found = members::manifest_in(folder, files, &mut lockfile.problems);
        // One that is no JSON is told where manifests are looked for.
        let Some((path, Ok(manifest))) = found
            .as_ref()
            .map(|found| (&found.path, package_json::read(&found.text)))
        else {
            continue;
        };
        compare(lockfile, path, listed[folder], &members, &manifest);
        if *folder == project {
            report_new_members(lockfile, files, &manifest, &listed, limits);
        }
    }
}

/// Reports the members that the manifest means and the lockfile does not list.
fn report_new_members(
    lockfile: &mut Lockfile<'_>,
    files: &dyn Files,
    manifest: &PackageJson<'_>,
    listed: &FxHashMap<FilePath, &Record<'_>>,
    limits: &Limits,
) {
    let globs: Vec<&str> = manifest
        .workspaces
        .0
        .iter()
        .map(Untrusted::as_str)
        .collect();
    if globs.is_empty() {
        return;
    }
    let project = lockfile.project();
    let found = members::members(&project, &globs, files, limits, &mut lockfile.problems);
    let new = found.into_iter().filter(|member| {
        !listed.contains_key(&member.folder)
            && package_json::asks_for_packages(&member.text) == Some(true)
    });
    let messages = new.map(|member| {
        let message = "this member of the workspace is not in the lockfile".to_owned();
        (member.path, ProblemSeverity::Error, message)
    });
    tell(lockfile, messages.collect());
}

fn compare(
    lockfile: &mut Lockfile<'_>,
    path: &FilePath,
    record: &Record<'_>,
    members: &Members<'_>,
    manifest: &PackageJson<'_>,
) {
    let mut locked: FxHashMap<&str, Vec<Option<&str>>> = FxHashMap::default();
    for (name, range) in tables(record.declared()).into_iter().flat_map(Pairs::iter) {
        let ranges = locked.entry(name.as_str()).or_default();
        ranges.push(range.text().map(Untrusted::as_str));
    }
    let stated = tables(Tables::of(manifest))
        .into_iter()
        .flat_map(Pairs::iter);
    let messages = stated.filter_map(|(name, range)| {
        let (severity, message) = difference(name, range, locked.get(name.as_str()), members)?;
        Some((path.clone(), severity, message))
    });
    tell(lockfile, messages.collect());
}

const fn tables<'t, 'a>(tables: Tables<'t, 'a>) -> [&'t Pairs<'a, Field<'a>>; 4] {
    [tables.normal, tables.dev, tables.optional, tables.peer]
}

/// The members by name and folder.
type Members<'d> = FxHashSet<(&'d str, &'d str)>;

/// Version 0 has the folder of a member where its manifest asks for `workspace:…`; later versions have no such members.
fn members_of_version_0<'d>(document: &'d Document<'_>) -> Members<'d> {
    let workspaces = document.workspaces.iter().flat_map(Pairs::iter);
    let workspaces = workspaces.filter(|_| document.lockfile_version == Some(0));
    let named = workspaces.filter_map(|(folder, Object(record))| {
        Some((record.name.text()?.as_str(), folder.as_str()))
    });
    named.collect()
}

/// Says what the lockfile does not have as the manifest does.
fn difference(
    name: &Untrusted<'_>,
    range: &Field<'_>,
    locked: Option<&Vec<Option<&str>>>,
    members: &Members<'_>,
) -> Option<(ProblemSeverity, String)> {
    let Some(locked) = locked else {
        let message = format!(
            "it asks for `{}`, which this lockfile does not hold for it",
            excerpt(name)
        );
        return Some((ProblemSeverity::Error, message));
    };
    let range = range.text()?;
    let is_member = |own: &str| {
        range.as_str().starts_with("workspace:") && members.contains(&(name.as_str(), own))
    };
    let differs =
        |own: Option<&str>| own.is_some_and(|own| own != range.as_str() && !is_member(own));
    locked.iter().copied().all(differs).then(|| {
        let message = format!(
            "it asks for another range of `{}` than the lockfile was made for",
            excerpt(name)
        );
        (ProblemSeverity::Warning, message)
    })
}

/// Tells the worst differences first, and counts what is too much.
fn tell(lockfile: &mut Lockfile<'_>, mut messages: Vec<(FilePath, ProblemSeverity, String)>) {
    messages.sort_by_key(|(_, severity, _)| *severity);
    let more = messages.split_off(TOLD.min(messages.len()));
    let rest = more.first().map(|(path, severity, _)| {
        let message = format!("{} more differences from the lockfile", more.len());
        (path.clone(), *severity, message)
    });
    for (path, severity, message) in messages.into_iter().chain(rest) {
        let problem = Problem::new(path, severity, message);
        lockfile.problems.push(problem.help(super::BEHIND));
    }
}
