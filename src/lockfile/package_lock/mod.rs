//! package-lock.json and npm-shrinkwrap.json, versions 1 to 3.
//!
//! Versions 2 and 3 map locations in `node_modules` to packages; version 1 nests them, and `legacy` turns it
//! into the same map. Edges resolve as Node does (`resolve`; npm's own `Node.resolve` in arborist): from a
//! location upwards through every `node_modules` until the name is found. Ranges are never tested, because
//! overrides break them on purpose. npm takes the root's dependencies from package.json where there is one.

mod edges;
mod halves;
mod keys;
mod legacy;
mod resolve;
mod source;
mod stale;

use std::borrow::Cow;

use serde::Deserialize;

use self::keys::Keys;
use self::resolve::Places;
use super::json::{Field, Flag, Object, Pairs, syntax_error};
use super::limits::{LimitExceeded, Limits};
use super::manifest::package_json::{self, PackageJson};
use super::model::{
    Artifact, Delivery, EdgeStatement, EntryKind, FormatId, InstallScript, LockedEntry, Lockfile,
    LockfileError, Problem, ProblemSeverity,
};
use super::npm::address;
use super::npm::declared::Tables;
use super::span::{SourceFile, Span};
use super::{FileNamePattern, LockfileFormat, check};
use crate::files::Files;
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// The newest version of the format that this reader knows.
const NEWEST: u64 = 3;

pub(super) struct PackageLock;

impl LockfileFormat for PackageLock {
    fn id(&self) -> FormatId {
        FormatId("npm-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "package-lock.json and npm-shrinkwrap.json, versions 1 to 3"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[
            FileNamePattern::Exact("npm-shrinkwrap.json"),
            FileNamePattern::Exact("package-lock.json"),
            FileNamePattern::Exact(".package-lock.json"),
        ]
    }

    fn shadowing(&self) -> &'static [&'static str] {
        &["npm-shrinkwrap.json", "package-lock.json"]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "npm"
    }

    fn relock(&self) -> &'static str {
        "npm install --package-lock-only"
    }

    fn recognises(&self, head: &str) -> bool {
        head.trim_start().starts_with('{') && head.contains("\"lockfileVersion\"")
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let Object(mut document) = serde_json::from_str::<Object<Document<'a>>>(file.text())
            .map_err(|error| syntax_error(&error))?;
        let mut problems = Vec::new();
        document.check_version(file, &mut problems)?;
        let layout = document.layout();
        let other_half = match layout {
            Layout::Nested => None,
            Layout::Flat => document.dependencies.take(),
        };
        let (root, places) = split(document, layout, limits)?;
        let index = Places::new(&places);
        let old = legacy::flatten(other_half.unwrap_or_default(), limits)?;
        if !old.is_empty() {
            halves::compare(&old, &places, &index, file, &mut problems);
        }
        let mut reader = Reader::new(file, root, &places, problems);
        reader.add_entries(&places, &index);
        reader.read_manifest(files);
        let asked = stale::members_ask(&mut reader, &places, &index, files, limits);
        edges::connect(&mut reader, &places, index, layout, &asked);
        Ok(reader.lockfile)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    #[serde(default, borrow)]
    name: Field<'a>,
    #[serde(default, borrow)]
    version: Field<'a>,
    lockfile_version: Option<u64>,
    #[serde(default, borrow)]
    packages: Option<Pairs<'a, Object<Box<Record<'a>>>>>,
    #[serde(default, borrow)]
    dependencies: Option<Pairs<'a, Object<legacy::Record<'a>>>>,
}

/// How a lockfile keeps its packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// `dependencies`, nested in each other: version 1.
    Nested,
    /// `packages`, by location: versions 2 and 3.
    Flat,
}

/// A value of `packages`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(default, borrow)]
    name: Field<'a>,
    #[serde(default, borrow)]
    version: Field<'a>,
    #[serde(default, borrow)]
    resolved: Field<'a>,
    #[serde(default, borrow)]
    integrity: Field<'a>,
    #[serde(default)]
    link: Flag,
    #[serde(default)]
    in_bundle: Flag,
    #[serde(default)]
    optional: Flag,
    #[serde(default)]
    dev: Flag,
    #[serde(default)]
    has_install_script: Flag,
    #[serde(default, borrow)]
    deprecated: Field<'a>,
    #[serde(default, borrow)]
    dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    dev_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    optional_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    peer_dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    peer_dependencies_meta: Pairs<'a, package_json::PeerMeta>,
    #[serde(default, borrow)]
    workspaces: package_json::Workspaces<'a>,
    /// Whether version 1 states an address in the place of a version: the version is then taken off a file name.
    #[serde(skip)]
    has_address: Flag,
}

/// A record and its location in the tree.
#[derive(Debug)]
struct Place<'a> {
    location: Cow<'a, str>,
    /// Records are large and are handed on a few times.
    record: Box<Record<'a>>,
    /// The key as it stands in the file: the location, in version 1 the name.
    key: Untrusted<'a>,
}

impl Document<'_> {
    /// `packages` wins over `dependencies`, as npm has it, unless it says nothing at all.
    fn layout(&self) -> Layout {
        match (&self.packages, &self.dependencies) {
            (Some(packages), Some(nested)) if packages.0.is_empty() && !nested.0.is_empty() => {
                Layout::Nested
            }
            (Some(_), _) => Layout::Flat,
            (None, _) => Layout::Nested,
        }
    }

    /// Refuses what is no lockfile of npm; a version from the future is read, with a warning.
    fn check_version(
        &self,
        file: &SourceFile,
        problems: &mut Vec<Problem>,
    ) -> Result<(), LockfileError> {
        let holds_nothing = self.packages.is_none() && self.dependencies.is_none();
        if holds_nothing && self.lockfile_version != Some(1) {
            return Err(LockfileError::Unreadable {
                message: "the file has no `packages` and no `dependencies`, so it is no lockfile of npm that can be read".to_owned(),
                help: "write it anew: npm install --package-lock-only",
            });
        }
        if let Some(version) = self.lockfile_version.filter(|version| *version > NEWEST) {
            let message = format!(
                "lockfileVersion {version} is newer than this linchpin knows; it was read as version {NEWEST}"
            );
            problems.push(Problem::new(
                file.path().clone(),
                ProblemSeverity::Warning,
                message,
            ));
        }
        Ok(())
    }
}

/// Separates the root's record from the places below it.
fn split<'a>(
    document: Document<'a>,
    layout: Layout,
    limits: &Limits,
) -> Result<(Record<'a>, Vec<Place<'a>>), LockfileError> {
    let mut root = Record::default();
    let places = match layout {
        Layout::Flat => {
            let packages = document.packages.unwrap_or_default();
            limits.check_entries(packages.0.len())?;
            let mut places = Vec::with_capacity(packages.0.len());
            for (location, Object(record)) in packages.0 {
                check_nesting(location.as_str(), limits)?;
                if location.as_str().is_empty() {
                    root = *record;
                } else {
                    places.push(Place::new(location, record));
                }
            }
            places
        }
        Layout::Nested => legacy::flatten(document.dependencies.unwrap_or_default(), limits)?,
    };
    if root.name.text().is_none() {
        root.name = document.name;
    }
    if root.version.text().is_none() {
        root.version = document.version;
    }
    Ok((root, places))
}

/// Counts how deep a location nests; most are too short to be worth it.
fn check_nesting(location: &str, limits: &Limits) -> Result<(), LimitExceeded> {
    const FOLDER: &str = "node_modules/";
    if location.len() <= limits.nesting * FOLDER.len() {
        return Ok(());
    }
    limits.check_nesting(location.matches(FOLDER).count())
}

impl<'a> Place<'a> {
    fn new(key: Untrusted<'a>, record: Box<Record<'a>>) -> Self {
        let location = match key.as_borrowed() {
            Some(borrowed) => Cow::Borrowed(borrowed),
            None => Cow::Owned(key.as_str().to_owned()),
        };
        Self {
            location,
            record,
            key,
        }
    }

    /// Says whether the place is in a `node_modules` folder, so that it is no package of the project's own.
    fn is_installed(&self) -> bool {
        self.location.starts_with(&resolve::INSIDE[1..])
            || resolve::last_inside(&self.location).is_some()
    }

    fn is_link(&self) -> bool {
        self.record.link.0
    }
}

struct Reader<'a> {
    lockfile: Lockfile<'a>,
    file: &'a SourceFile,
    root: Record<'a>,
    /// The index in `lockfile.entries` of each place that is no link.
    entry_of_place: Vec<Option<u32>>,
    /// Where the key of each place stands.
    spans: Vec<Span>,
    /// Whether package.json replaced the root's dependencies.
    has_manifest: bool,
}

impl<'a> Reader<'a> {
    fn new(
        file: &'a SourceFile,
        root: Record<'a>,
        places: &[Place<'a>],
        problems: Vec<Problem>,
    ) -> Self {
        let folder = || Untrusted::from(file.path().parent().file_name().to_owned());
        let name = root.name.text().cloned().unwrap_or_else(folder);
        let mut entries = Vec::with_capacity(places.len() + 1);
        let version = root.version.text().cloned().map(Version::new);
        entries.push(LockedEntry {
            version,
            ..LockedEntry::root(Ecosystem::Npm, name)
        });
        let lockfile = Lockfile {
            path: file.path().clone(),
            format: PackageLock.id(),
            ecosystem: Ecosystem::Npm,
            entries,
            dependencies: Vec::with_capacity(places.len() * 3),
            manifests: Vec::new(),
            problems,
            edges: EdgeStatement::Stated,
            unjudged: Vec::new(),
        };
        Self {
            lockfile,
            file,
            root,
            entry_of_place: Vec::with_capacity(places.len()),
            spans: Vec::with_capacity(places.len()),
            has_manifest: false,
        }
    }

    fn add_entries(&mut self, places: &[Place<'a>], places_index: &Places<'_>) {
        let names = resolve::names_of_links(places);
        let mut keys = Keys::new(self.file);
        for place in places {
            let span = keys.next(place);
            self.spans.push(span);
            let index =
                (!place.is_link()).then(|| super::span::to_u32(self.lockfile.entries.len()));
            self.entry_of_place.push(index);
            if index.is_some() {
                let mut entry = self.entry(place, &names, span);
                if is_bundled(place, places_index) {
                    entry.delivery = Delivery::Bundled;
                }
                self.lockfile.entries.push(entry);
            }
        }
        if !places_index.are_distinct(places) {
            self.report_repeated_locations(places, places_index);
        }
    }

    fn entry(
        &mut self,
        place: &Place<'a>,
        names: &resolve::LinkNames<'a>,
        span: Span,
    ) -> LockedEntry<'a> {
        let record = &place.record;
        let version = record
            .version
            .text()
            .filter(|version| !version.as_str().is_empty())
            .cloned();
        let is_own = !place.is_installed();
        let mut entry = LockedEntry {
            kind: if is_own {
                EntryKind::Workspace
            } else {
                EntryKind::Package
            },
            name: PackageName::new(Ecosystem::Npm, resolve::package_name(place, names)),
            version: version.map(Version::new),
            source: Source::Path(place.location.clone().into()),
            key: place.location.clone().into(),
            artifacts: Vec::new(),
            deprecated: record
                .deprecated
                .text()
                .filter(|reason| !reason.as_str().is_empty())
                .cloned(),
            delivery: Delivery::Own,
            install_script: record.has_install_script.0.then_some(InstallScript::Stated),
            span,
        };
        if is_own {
            let folder = self.lockfile.project().join(&place.location);
            self.lockfile
                .manifests
                .extend(folder.and_then(|folder| folder.join("package.json")));
        } else {
            entry.source = source::of(record, &entry.name);
            entry.artifacts = vec![self.artifact(record, &entry)];
            entry.version = entry.version.take().or_else(|| version_of_archive(&entry));
        }
        entry
    }

    fn artifact(&mut self, record: &Record<'a>, entry: &LockedEntry<'a>) -> Artifact<'a> {
        let url = record.resolved.text().cloned();
        let Some(text) = record.integrity.text() else {
            return Artifact {
                url,
                integrity: Integrity::default(),
            };
        };
        let (integrity, unreadable) = Integrity::from_sri(text.as_str());
        if unreadable > 0 && integrity.is_empty() {
            let name = check::excerpt(entry.name.untrusted());
            let message = format!("the integrity of `{name}` holds no digest that can be read");
            self.lockfile.problems.push(
                Problem::new(self.file.path().clone(), ProblemSeverity::Warning, message)
                    .at(self.file.locate(entry.span.start))
                    .help("it counts as missing; write the lockfile anew: npm install --package-lock-only"),
            );
        }
        Artifact { url, integrity }
    }

    /// A location that stands twice is read by some tools in its first, by others in its last form.
    fn report_repeated_locations(&mut self, places: &[Place<'a>], index: &Places<'_>) {
        for (position, place) in places.iter().enumerate() {
            if index
                .position(&place.location)
                .is_some_and(|last| last != position)
            {
                let message = format!(
                    "the location `{}` stands twice in this lockfile",
                    check::excerpt(&place.location.as_ref().into())
                );
                self.lockfile.problems.push(
                    Problem::new(self.file.path().clone(), ProblemSeverity::Error, message)
                        .at(self.file.locate(self.spans[position].start))
                        .help("npm takes the last one, other readers the first; write it anew: npm install --package-lock-only"),
                );
            }
        }
    }

    /// Replaces the root's dependencies by those of package.json, as npm does.
    fn read_manifest(&mut self, files: &dyn Files) {
        let Some(path) = self.lockfile.project().join("package.json") else {
            return;
        };
        self.lockfile.manifests.push(path.clone());
        let text = match files.read(&path) {
            Ok(None) => return,
            Ok(Some(text)) => text,
            Err(error) => return self.warn_of_manifest(path, &error.to_string()),
        };
        match package_json::read(&text) {
            Ok(manifest) => self.adopt(&path, &manifest),
            Err(error) => self.warn_of_manifest(path, &error.to_string()),
        }
    }

    fn warn_of_manifest(&mut self, path: FilePath, message: &str) {
        let problem = Problem::new(path, ProblemSeverity::Error, message.to_owned());
        self.lockfile.problems.push(
            problem.help("the lockfile's own copy of the root's dependencies was taken instead"),
        );
    }

    fn adopt(&mut self, path: &FilePath, manifest: &PackageJson<'_>) {
        let locked = std::mem::replace(&mut self.root, Record::of_manifest(manifest));
        stale::compare(self, path, &locked, manifest);
        if let Some(name) = manifest.name.text() {
            self.lockfile.entries[0].name =
                PackageName::new(Ecosystem::Npm, name.clone().into_owned());
        }
        self.has_manifest = true;
    }
}

impl<'a> Record<'a> {
    /// Returns the tables that declare dependencies.
    const fn tables(&self) -> [&Pairs<'a, Field<'a>>; 4] {
        [
            &self.dependencies,
            &self.dev_dependencies,
            &self.optional_dependencies,
            &self.peer_dependencies,
        ]
    }

    /// Returns the same tables as those of a manifest.
    const fn declared(&self) -> Tables<'_, 'a> {
        Tables {
            normal: &self.dependencies,
            dev: &self.dev_dependencies,
            optional: &self.optional_dependencies,
            peer: &self.peer_dependencies,
            peer_meta: &self.peer_dependencies_meta,
        }
    }

    /// Takes what a manifest declares, detached from its text.
    fn of_manifest(manifest: &PackageJson<'_>) -> Record<'static> {
        let own = |pairs: &Pairs<'_, Field<'_>>| {
            let own = |field: &Field<'_>| {
                field
                    .text()
                    .map_or(Field::Other, |text| Field::Text(text.clone().into_owned()))
            };
            Pairs(
                pairs
                    .iter()
                    .map(|(name, field)| (name.clone().into_owned(), own(field)))
                    .collect(),
            )
        };
        let meta = manifest.peer_dependencies_meta.iter().map(|(name, meta)| {
            let optional = meta.optional;
            (
                name.clone().into_owned(),
                package_json::PeerMeta { optional },
            )
        });
        let globs = manifest
            .workspaces
            .0
            .iter()
            .map(|glob| glob.clone().into_owned());
        Record {
            dependencies: own(&manifest.dependencies),
            dev_dependencies: own(&manifest.dev_dependencies),
            optional_dependencies: own(&manifest.optional_dependencies),
            peer_dependencies: own(&manifest.peer_dependencies),
            peer_dependencies_meta: Pairs(meta.collect()),
            workspaces: package_json::Workspaces(globs.collect()),
            ..Record::default()
        }
    }
}

/// Says whether a package comes inside another: it must lie in that one's folder and have no address of its own,
/// because whatever else claims to be bundled is an archive to be judged.
fn is_bundled(place: &Place<'_>, index: &Places<'_>) -> bool {
    let address = place.record.resolved.text();
    if !place.record.in_bundle.0 || address.is_some_and(|address| !address.as_str().is_empty()) {
        return false;
    }
    let holder = resolve::last_inside(&place.location).map(|at| &place.location[..at]);
    holder.is_some_and(|holder| {
        let is_installed =
            holder.starts_with(&resolve::INSIDE[1..]) || resolve::last_inside(holder).is_some();
        is_installed && index.position(holder).is_some()
    })
}

/// Takes the version of a record without one from its archive's file name, as npm does.
fn version_of_archive<'a>(entry: &LockedEntry<'a>) -> Option<Version<'a>> {
    let address = entry
        .artifacts
        .first()?
        .url
        .as_ref()
        .filter(|_| entry.source.is_registry())?;
    address::version_of_archive(address.as_str(), entry.name.as_str())
}

#[cfg(test)]
mod tests;
