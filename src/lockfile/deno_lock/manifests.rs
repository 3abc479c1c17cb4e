//! package.json files beside the lockfile: what is for development only, and what they ask for by now.
//!
//! Deno copies the dependencies of a package.json without saying what they are for. It does not copy those that
//! lie in folders or repositories.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::config::{self, Config};
use super::roots::{self, Requests};
use super::wire::Document;
use crate::files::Files;
use crate::lockfile::check::excerpt;
use crate::lockfile::limits::Limits;
use crate::lockfile::manifest::package_json::{self, PackageJson};
use crate::lockfile::model::{DependencyKind, Lockfile, Problem, ProblemSeverity};
use crate::lockfile::npm::{members, specifier};
use crate::path::FilePath;
use crate::text::Untrusted;

/// How many names of one manifest are told one by one.
const TOLD: usize = 20;

/// What one package.json says.
pub(super) struct Kinds {
    /// The name of its package.
    pub(super) name: Option<Untrusted<'static>>,
    path: FilePath,
    /// How packages are declared, by their own names.
    by_name: FxHashMap<String, DependencyKind>,
}

impl Kinds {
    fn new(path: FilePath, manifest: &PackageJson<'_>) -> Self {
        // The widest comes last and stays.
        let tables = [
            (&manifest.dev_dependencies, DependencyKind::Dev),
            (&manifest.optional_dependencies, DependencyKind::Optional),
            (&manifest.dependencies, DependencyKind::Normal),
        ];
        let mut by_name = FxHashMap::default();
        for (table, kind) in tables {
            let names = table
                .iter()
                .filter_map(|(name, range)| package_of(name.as_str(), range.text()?.as_str()));
            by_name.extend(names.map(|name| (name.to_owned(), kind)));
        }
        let name = manifest.name.text().cloned().map(Untrusted::into_owned);
        Self {
            name,
            path,
            by_name,
        }
    }

    /// Says how a package is declared.
    pub(super) fn of(&self, name: &str) -> DependencyKind {
        let kind = self.by_name.get(name).copied();
        kind.unwrap_or(DependencyKind::Normal)
    }
}

/// Returns the name of the package of npm that is asked for; none for what comes from elsewhere.
fn package_of<'t>(name: &'t str, range: &'t str) -> Option<&'t str> {
    match specifier::alias(range) {
        Some((real, _)) => Some(real),
        None if range.contains([':', '/']) => None,
        None => Some(name),
    }
}

/// What all manifests of a project say.
pub(super) struct Manifests {
    /// Its package.json files, by the folder as the lockfile names it: the project's own is empty.
    pub(super) kinds: FxHashMap<String, Kinds>,
    configs: Vec<Config>,
}

/// Reads the manifests of the project and of its members; lists them as covered.
pub(super) fn read(
    lockfile: &mut Lockfile<'_>,
    document: &Document<'_>,
    files: &dyn Files,
    limits: &Limits,
) -> Manifests {
    let project = lockfile.project();
    let listed = roots::members(document);
    let listed = listed.filter_map(|(folder, _)| Some((project.join(folder.as_str())?, folder)));
    let own = (project.clone(), "");
    let listed: FxHashMap<FilePath, &str> = listed
        .map(|(path, folder)| (path, folder.as_str()))
        .chain([own])
        .collect();
    let members = listed.keys().cloned();
    let folders = config::read_all(&project, members, files, limits, &mut lockfile.problems);
    let mut kinds = FxHashMap::default();
    let all = std::iter::once(&project).chain(&folders.members);
    for inside in all.take(limits.manifests) {
        lockfile.manifests.extend(inside.join("package.json"));
        let Some(found) = members::manifest_in(inside, files, &mut lockfile.problems) else {
            continue;
        };
        // One that is no JSON is told where manifests are looked for.
        if let Ok(manifest) = package_json::read(&found.text) {
            let relative = || project.relative_to(inside);
            let folder = listed
                .get(inside)
                .map_or_else(relative, |own| (*own).to_owned());
            kinds.insert(folder, Kinds::new(found.path, &manifest));
        }
    }
    Manifests {
        kinds,
        configs: folders.configs,
    }
}

impl Manifests {
    /// Lists what each manifest asks for, by path.
    fn asked(&self) -> BTreeMap<&FilePath, BTreeSet<&str>> {
        let configs = self.configs.iter().map(|config| {
            let names = config.names.iter().map(String::as_str);
            (&config.path, names.collect())
        });
        let kinds = self.kinds.values().map(|kinds| {
            let names = kinds.by_name.keys().map(String::as_str);
            (&kinds.path, names.collect())
        });
        configs.chain(kinds).collect()
    }

    /// Reports the packages that manifests ask for and that the lockfile knows nothing of.
    ///
    /// A lockfile without a workspace was made for code alone, and says nothing about manifests.
    pub(super) fn report_stale(
        &self,
        lockfile: &mut Lockfile<'_>,
        document: &Document<'_>,
        requests: &Requests<'_, '_>,
    ) {
        if document.workspace.is_none() {
            return;
        }
        let own = self.kinds.values();
        let own: FxHashSet<&str> = own
            .filter_map(|kinds| Some(kinds.name.as_ref()?.as_str()))
            .collect();
        let stated = roots::stated(document);
        for (path, names) in self.asked() {
            let is_known =
                |name: &str| requests.has(name) || own.contains(name) || stated.contains(name);
            let new = names.into_iter().filter(|name| !is_known(name));
            tell(lockfile, path, new);
        }
    }
}

fn tell<'n>(lockfile: &mut Lockfile<'_>, path: &FilePath, mut new: impl Iterator<Item = &'n str>) {
    let told: Vec<&str> = new.by_ref().take(TOLD).collect();
    let more = new.count();
    let messages = told.into_iter().map(|name| {
        let name = excerpt(&name.into());
        format!("it asks for `{name}`, which this lockfile does not hold")
    });
    let rest = (more > 0).then(|| format!("{more} more names are not held by this lockfile"));
    for message in messages.chain(rest) {
        let problem = Problem::new(path.clone(), ProblemSeverity::Error, message);
        lockfile.problems.push(problem.help(super::BEHIND));
    }
}
