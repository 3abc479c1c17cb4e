//! Manifests that have moved on since the lockfile was written.
//!
//! pnpm refuses to install (`--frozen-lockfile`) from a lockfile whose importers ask for something else than
//! their manifests do, or that lacks a member of the workspace. What such a lockfile lacks was not checked.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::members::Members;
use super::source::text;
use super::told::Told;
use super::wire::{Importer, Mapping};
use super::workspace::Workspace;
use super::{Part, RELOCK, check};
use crate::files::Files;
use crate::lockfile::json::Field;
use crate::lockfile::limits::Limits;
use crate::lockfile::manifest::package_json::{self, PackageJson};
use crate::lockfile::model::{Lockfile, Problem, ProblemSeverity};
use crate::lockfile::npm::members::{ManifestFile, manifest_in, members as members_of};
use crate::lockfile::npm::specifier;
use crate::package::{Ecosystem, PackageName};
use crate::path::FilePath;
use crate::text::Untrusted;

/// Compares the manifests of importers with a lockfile, names their entries, and looks for members without importer.
pub(super) fn report<'a>(
    lockfile: &mut Lockfile<'a>,
    part: &Part<'a>,
    members: &Members,
    workspace: &Workspace,
    files: &dyn Files,
    limits: &Limits,
) {
    let project = lockfile.project();
    let globs = &workspace.globs;
    let found = members_of(&project, globs, files, limits, &mut lockfile.problems);
    let by_folder = |manifest: ManifestFile| (manifest.folder.clone(), manifest);
    let mut found: Found = found.into_iter().map(by_folder).collect();
    let mut comparison = Comparison::new(part);
    for (key, importer) in part.importers.iter().take(limits.manifests) {
        let Some(folder) = project.join(key.as_str()) else {
            continue;
        };
        lockfile.manifests.extend(folder.join("package.json"));
        let manifest = found
            .remove(&folder)
            .or_else(|| manifest_in(&folder, files, &mut lockfile.problems));
        if let (Some(manifest), Some(entry)) = (manifest, members.entry_of(key)) {
            comparison.adopt(lockfile, entry, importer.get(), &manifest);
        }
    }
    tell_uncompared(lockfile, part, limits);
    found.retain(|folder, manifest| {
        let is_known = members.holds(&project.relative_to(folder));
        !is_known && !is_locked_alone(manifest, workspace, files)
    });
    for manifest in found.into_values() {
        comparison.miss(&manifest);
        lockfile.manifests.push(manifest.path);
    }
    comparison.compare_catalogs(part, workspace);
    comparison.finish(lockfile);
}

/// The manifests of a workspace's members, by their folders.
type Found = BTreeMap<FilePath, ManifestFile>;

/// Tells of importers beyond the bound of manifests.
fn tell_uncompared(lockfile: &mut Lockfile<'_>, part: &Part<'_>, limits: &Limits) {
    let compared = limits.manifests;
    if part.importers.len() > compared {
        let message = format!(
            "only the manifests of the first {compared} importers were compared with this lockfile"
        );
        let path = lockfile.path.clone();
        let problem = Problem::new(path, ProblemSeverity::Warning, message);
        lockfile.problems.push(problem);
    }
}

/// Takes a package's name from its manifest.
fn rename(lockfile: &mut Lockfile<'_>, entry: u32, manifest: &PackageJson<'_>) {
    if let Some(name) = text(&manifest.name) {
        lockfile.entries[entry as usize].name =
            PackageName::new(Ecosystem::Npm, name.clone().into_owned());
    }
}

/// Says whether a member has a lockfile of its own, as `sharedWorkspaceLockfile: false` has it.
fn is_locked_alone(manifest: &ManifestFile, workspace: &Workspace, files: &dyn Files) -> bool {
    workspace.is_split
        || files.list(&manifest.folder).is_ok_and(|listed| {
            let mut names = listed.iter().map(|listed| listed.path.file_name());
            names.any(|name| name == "pnpm-lock.yaml")
        })
}

/// What differs between a lockfile and manifests.
struct Comparison<'d> {
    /// Names of which overrides say something, and whether it is to leave them out.
    overridden: FxHashMap<&'d str, Left>,
    ignored: FxHashSet<&'d str>,
    /// Whether a pattern leaves out optional dependencies of unknown names.
    ignores_patterns: bool,
    /// Whether a hook of the project may change what manifests say.
    is_hooked: bool,
    missing: Told,
    different: Told,
    catalogs: Told,
}

/// What an override does to a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    In,
    Out,
}

impl<'d> Comparison<'d> {
    fn new(part: &'d Part<'_>) -> Self {
        let document = &part.document;
        let ignored = document.ignored_optional_dependencies.0.iter();
        let ignored: FxHashSet<&str> = ignored.map(Untrusted::as_str).collect();
        let overrides = document.overrides.iter();
        Self {
            overridden: overrides
                .map(|(selector, range)| (name_of_override(selector.as_str()), left(range)))
                .collect(),
            ignores_patterns: ignored.iter().any(|name| name.contains('*')),
            ignored,
            is_hooked: document.pnpmfile_checksum.is_some(),
            missing: Told::new(
                ProblemSeverity::Error,
                "dependencies of manifests are not held by this lockfile",
            ),
            different: Told::new(
                ProblemSeverity::Warning,
                "ranges differ from those that the lockfile was made for",
            ),
            catalogs: Told::new(
                ProblemSeverity::Warning,
                "ranges of catalogs differ from those that the lockfile was made for",
            ),
        }
    }

    /// Compares a manifest, and names the entry of its package.
    fn adopt(
        &mut self,
        lockfile: &mut Lockfile<'_>,
        entry: u32,
        importer: Option<&Importer<'_>>,
        manifest: &ManifestFile,
    ) {
        // One that cannot be read at all is told where manifests are looked for.
        if let Ok(read) = package_json::read(&manifest.text) {
            rename(lockfile, entry, &read);
            self.compare(&manifest.path, importer, &read);
        }
    }

    fn compare(
        &mut self,
        path: &FilePath,
        importer: Option<&Importer<'_>>,
        manifest: &PackageJson<'_>,
    ) {
        let locked = locked(importer);
        let tables = [
            (&manifest.dependencies, Need::Required),
            (&manifest.dev_dependencies, Need::Required),
            (&manifest.optional_dependencies, Need::MayBeIgnored),
        ];
        let stated = || {
            tables
                .iter()
                .flat_map(|(table, need)| table.iter().map(move |pair| (pair, *need)))
        };
        // A name may stand in several tables; pnpm takes one of them.
        let agreed: FxHashSet<&str> = stated()
            .filter(|((name, range), _)| {
                locked
                    .get(name.as_str())
                    .is_some_and(|own| agree(*own, range))
            })
            .map(|((name, _), _)| name.as_str())
            .collect();
        let mut told = FxHashSet::default();
        for ((name, range), need) in stated() {
            if agreed.contains(name.as_str()) || !told.insert(name.as_str()) {
                continue;
            }
            if locked.contains_key(name.as_str()) {
                self.tell_different(path, name);
            } else if !self.is_left_out(name.as_str(), range, need) {
                self.tell_missing(path, name);
            }
        }
    }

    /// Says whether pnpm leaves a dependency out of its lockfile on purpose.
    fn is_left_out(&self, name: &str, range: &Field<'_>, need: Need) -> bool {
        // `excludeLinksFromLockfile` keeps links out; they lead to folders.
        let is_link = text(range).is_some_and(|range| range.as_str().starts_with("link:"));
        let is_ignored =
            need == Need::MayBeIgnored && (self.ignores_patterns || self.ignored.contains(name));
        is_link || is_ignored || self.overridden.get(name) == Some(&Left::Out)
    }

    fn tell_missing(&mut self, path: &FilePath, name: &Untrusted<'_>) {
        self.missing.push(|severity| {
            let message = format!(
                "it asks for `{}`, which this lockfile does not hold for it",
                check::excerpt(name)
            );
            behind(path, severity, message)
        });
    }

    fn tell_different(&mut self, path: &FilePath, name: &Untrusted<'_>) {
        if self.is_hooked || self.overridden.contains_key(name.as_str()) {
            return;
        }
        self.different.push(|severity| {
            let message = format!(
                "it asks for another range of `{}` than the lockfile was made for",
                check::excerpt(name)
            );
            behind(path, severity, message)
        });
    }

    /// Tells of a member of the workspace that the lockfile does not know.
    fn miss(&mut self, manifest: &ManifestFile) {
        if package_json::asks_for_packages(&manifest.text) != Some(true) {
            return;
        }
        self.missing.push(|severity| {
            let message = "it is a member of the workspace, but the lockfile knows nothing of it";
            behind(&manifest.path, severity, message.to_owned())
        });
    }

    fn compare_catalogs(&mut self, part: &Part<'_>, workspace: &Workspace) {
        let Some(path) = &workspace.path else {
            return;
        };
        for (catalog, ranges) in part.document.catalogs.iter() {
            let stated = workspace.catalogs.get(catalog.as_str());
            for (name, asked) in ranges.iter() {
                let stated = stated.and_then(|ranges| ranges.get(name.as_str()));
                let locked = text(&asked.specifier).map(Untrusted::as_str);
                if locked.is_some() && stated.map(String::as_str) != locked {
                    self.catalogs.push(|severity| {
                        let message = format!(
                            "its catalog `{}` asks for another range of `{}` than the lockfile was made for",
                            check::excerpt(catalog),
                            check::excerpt(name)
                        );
                        behind(path, severity, message)
                    });
                }
            }
        }
    }

    fn finish(self, lockfile: &mut Lockfile<'_>) {
        let path = lockfile.path.clone();
        for told in [self.missing, self.different, self.catalogs] {
            told.finish(&path, &mut lockfile.problems);
        }
    }
}

/// Whether `ignoredOptionalDependencies` can speak of a dependency.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    MayBeIgnored,
}

/// Returns the ranges that a lockfile was made for, by name; none where it does not say.
fn locked<'d>(importer: Option<&'d Importer<'_>>) -> FxHashMap<&'d str, Option<&'d str>> {
    let mut locked = FxHashMap::default();
    let Some(importer) = importer else {
        return locked;
    };
    for (name, asked) in importer.declared().into_iter().flat_map(Mapping::iter) {
        locked.insert(name.as_str(), text(&asked.specifier).map(Untrusted::as_str));
    }
    for (name, range) in importer.specifiers.iter() {
        if let Some(known) = locked.get_mut(name.as_str()) {
            *known = text(range).map(Untrusted::as_str);
        }
    }
    locked
}

/// Says whether a range is the one that a lockfile was made for, or either is not known.
fn agree(locked: Option<&str>, range: &Field<'_>) -> bool {
    match (locked, text(range)) {
        (Some(locked), Some(range)) => locked == range.as_str(),
        _ => true,
    }
}

/// Takes the name out of `parent>name@range`.
fn name_of_override(selector: &str) -> &str {
    let selector = match selector.rsplit_once('>') {
        Some((parent, name)) if !parent.is_empty() && !name.starts_with(['=', ' ']) => name,
        _ => selector,
    };
    specifier::split(selector).map_or(selector, |(name, _)| name)
}

fn left(range: &Field<'_>) -> Left {
    match text(range).map(Untrusted::as_str) {
        Some("-") => Left::Out,
        _ => Left::In,
    }
}

fn behind(path: &FilePath, severity: ProblemSeverity, message: String) -> Problem {
    Problem::new(path.clone(), severity, message)
        .help(format!("the lockfile is behind its manifest: {RELOCK}"))
}
