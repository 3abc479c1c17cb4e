//! What the project asks for: its workspace, its code, and the packages of JSR that it uses.
//!
//! Every request has a specifier, and `specifiers` says which package answers. Those that neither the workspace
//! nor a package of JSR states were found by Deno in the project's own code.

use rustc_hash::{FxHashMap, FxHashSet};

use super::manifests::Kinds;
use super::packages::{Ids, key_span};
use super::wire::{Document, Jsr, Member, PackageJson, Specified, Specifiers};
use crate::lockfile::json::{Expected, Field, Object, Pairs};
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::npm::address::slice;
use crate::lockfile::npm::declared::Need;
use crate::lockfile::npm::specifier;
use crate::lockfile::npm::unmet::Unmet;
use crate::lockfile::span::{SourceFile, to_u32};
use crate::package::{Ecosystem, Source};
use crate::text::Untrusted;

/// The requests for packages of npm, and which packages answer.
pub(super) struct Requests<'d, 'a> {
    all: Vec<Request<'d, 'a>>,
    /// By the whole specifier, without `npm:`.
    by_text: FxHashMap<&'d str, usize>,
    /// By the name alone; none where several ask for it.
    by_name: FxHashMap<&'d str, Option<usize>>,
}

/// One request.
struct Request<'d, 'a> {
    specifier: &'d Untrusted<'a>,
    entry: Option<u32>,
    /// Whether the workspace states it.
    is_stated: bool,
    /// The package of JSR that states it.
    stated_by: Option<&'d Untrusted<'a>>,
}

impl<'d, 'a> Requests<'d, 'a> {
    /// Collects the specifiers of all versions of the format.
    pub(super) fn new(document: &'d Document<'a>, ids: &Ids<'_>) -> Self {
        let mut requests = Self {
            all: Vec::new(),
            by_text: FxHashMap::default(),
            by_name: FxHashMap::default(),
        };
        // Version 2 knows no other registry than npm's, and does not name it.
        let npm = document.npm.iter().flat_map(|npm| npm.specifiers.iter());
        let npm = npm.map(|(specifier, answer)| (specifier, specifier.as_str(), answer));
        let named = specifiers(document).flat_map(Specifiers::iter);
        let named = named.filter_map(|(specifier, answer)| {
            Some((specifier, specifier.as_str().strip_prefix("npm:")?, answer))
        });
        for (specifier, text, answer) in npm.chain(named) {
            requests.add(specifier, text, answer, ids);
        }
        requests
    }

    fn add(
        &mut self,
        specifier: &'d Untrusted<'a>,
        text: &'d str,
        answer: &Field<'a>,
        ids: &Ids<'_>,
    ) {
        let (name, _) = specifier::split(text).unwrap_or((text, ""));
        let entry = answer.text().and_then(|answer| {
            let answer = answer.as_str();
            let answer = answer.strip_prefix("npm:").unwrap_or(answer);
            let version = answer.strip_prefix(name);
            let version = version.and_then(|rest| rest.strip_prefix('@'));
            ids.by_id(name, version.unwrap_or(answer))
        });
        let index = self.all.len();
        self.all.push(Request {
            specifier,
            entry,
            is_stated: false,
            stated_by: None,
        });
        self.by_text.insert(text, index);
        self.by_name
            .entry(name)
            .and_modify(|only| *only = None)
            .or_insert(Some(index));
    }

    /// Finds the request that a specifier without `npm:` stands for; a name alone where one request has it.
    fn find(&self, text: &str) -> Option<usize> {
        let exact = self.by_text.get(text).copied();
        exact.or_else(|| self.by_name.get(text).copied().flatten())
    }

    /// Says whether any request asks for a package of a name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Notes what packages of JSR ask for.
    fn note_jsr(&mut self, document: &'d Document<'a>) {
        for (package, record) in jsr(document).flat_map(Jsr::iter) {
            let asked = record.object().map(|record| &record.dependencies.0);
            let asked = asked.into_iter().flatten().filter_map(Field::text);
            for text in asked.filter_map(|text| text.as_str().strip_prefix("npm:")) {
                if let Some(index) = self.find(text) {
                    self.all[index].stated_by.get_or_insert(package);
                }
            }
        }
    }
}

/// Iterates over the tables of specifiers that name their registry.
fn specifiers<'d, 'a>(document: &'d Document<'a>) -> impl Iterator<Item = &'d Specifiers<'a>> {
    let inside = document.packages.iter();
    std::iter::once(&document.specifiers).chain(inside.map(|Object(packages)| &packages.specifiers))
}

/// Iterates over the tables of packages of JSR.
pub(super) fn jsr<'d, 'a>(document: &'d Document<'a>) -> impl Iterator<Item = &'d Jsr<'a>> {
    let inside = document.packages.iter();
    std::iter::once(&document.jsr).chain(inside.map(|Object(packages)| &packages.jsr))
}

/// Lists the members that are objects, by folder.
pub(super) fn members<'d, 'a>(
    document: &'d Document<'a>,
) -> impl Iterator<Item = (&'d Untrusted<'a>, &'d Member<'a>)> {
    let workspace = document.workspace.iter();
    let members = workspace.filter_map(|Object(workspace)| workspace.members.object());
    let members = members.flat_map(Pairs::iter);
    members.filter_map(|(folder, member)| Some((folder, member.object()?)))
}

/// Hangs everything that is asked for on the project and its members.
pub(super) fn connect<'d, 'a>(
    lockfile: &mut Lockfile<'a>,
    document: &'d Document<'a>,
    file: &SourceFile,
    requests: &mut Requests<'d, 'a>,
    kinds: &FxHashMap<String, Kinds>,
    unmet: &mut Unmet<'a>,
) {
    let mut roots = Roots {
        lockfile,
        requests,
        unmet,
        unused: 0,
    };
    if let Some(Object(workspace)) = &document.workspace {
        roots.connect(0, &workspace.dependencies, None);
        roots.connect_manifest(0, &workspace.package_json, kinds.get(""));
    }
    for (folder, member) in members(document) {
        let kinds = kinds.get(folder.as_str());
        let entry = roots.add_member(folder, file, kinds);
        roots.connect(entry, &member.dependencies, None);
        roots.connect_manifest(entry, &member.package_json, kinds);
    }
    roots.requests.note_jsr(document);
    roots.connect_rest();
    roots.note_unused();
}

/// Lists the names of packages of npm that the workspace and its members state.
pub(super) fn stated<'d>(document: &'d Document<'_>) -> FxHashSet<&'d str> {
    let workspace = document.workspace.iter();
    let own = workspace.map(|Object(workspace)| (&workspace.dependencies, &workspace.package_json));
    let members = members(document).map(|(_, member)| (&member.dependencies, &member.package_json));
    let lists = own.chain(members).flat_map(|(imports, manifest)| {
        let manifest = manifest.object().map(|manifest| &manifest.dependencies);
        std::iter::once(imports).chain(manifest)
    });
    let texts = lists.flat_map(|list| list.0.iter().filter_map(Field::text));
    let names = texts.filter_map(|text| {
        let text = text.as_str().strip_prefix("npm:")?;
        Some(specifier::split(text).map_or(text, |(name, _)| name))
    });
    names.collect()
}

struct Roots<'r, 'd, 'a> {
    lockfile: &'r mut Lockfile<'a>,
    requests: &'r mut Requests<'d, 'a>,
    unmet: &'r mut Unmet<'a>,
    /// Imports that nothing answers yet, because no code has used them.
    unused: usize,
}

impl<'a> Roots<'_, '_, 'a> {
    /// Adds the entry of a member, named as its package.json does, else as its folder.
    fn add_member(
        &mut self,
        folder: &Untrusted<'a>,
        file: &SourceFile,
        kinds: Option<&Kinds>,
    ) -> u32 {
        let start = folder.as_str().rfind('/').map_or(0, |slash| slash + 1);
        let own = kinds.and_then(|kinds| kinds.name.clone());
        let name = own.unwrap_or_else(|| slice(folder, start, folder.as_str().len()));
        let index = to_u32(self.lockfile.entries.len());
        self.lockfile.entries.push(LockedEntry {
            kind: EntryKind::Workspace,
            source: Source::Path(folder.clone()),
            key: folder.clone(),
            span: key_span(folder, file),
            ..LockedEntry::root(Ecosystem::Npm, name)
        });
        let edge = LockedDependency::new(0, index, DependencyKind::Normal);
        self.lockfile.dependencies.push(edge);
        index
    }

    fn connect_manifest(
        &mut self,
        from: u32,
        manifest: &Expected<'a, PackageJson<'a>>,
        kinds: Option<&Kinds>,
    ) {
        if let Some(manifest) = manifest.object() {
            self.connect(from, &manifest.dependencies, kinds);
        }
    }

    /// Connects what one part of the project states; what is no package of npm is not looked for.
    fn connect(&mut self, from: u32, specified: &Specified<'a>, kinds: Option<&Kinds>) {
        for specifier in specified.0.iter().filter_map(Field::text) {
            let Some(text) = specifier.as_str().strip_prefix("npm:") else {
                continue;
            };
            let (name, _) = specifier::split(text).unwrap_or((text, ""));
            let kind = kinds.map_or(DependencyKind::Normal, |kinds| kinds.of(name));
            let found = self.requests.find(text);
            if let Some(index) = found {
                self.requests.all[index].is_stated = true;
            }
            match found.and_then(|index| self.requests.all[index].entry) {
                Some(to) => self.push(from, to, kind, specifier),
                // Without a package.json it is an import, which Deno resolves when code first uses it.
                None if kinds.is_none() => self.unused += 1,
                None => self.unmet.note(from, specifier, kind, need(kind)),
            }
        }
    }

    fn push(&mut self, from: u32, to: u32, kind: DependencyKind, specifier: &Untrusted<'a>) {
        let mut edge = LockedDependency::new(from, to, kind);
        edge.requirement = requirement(specifier);
        self.lockfile.dependencies.push(edge);
    }

    /// What only packages of JSR ask for hangs on the root, because they are no entries; the rest is asked for by code.
    fn connect_rest(&mut self) {
        let direct = self.direct();
        for index in 0..self.requests.all.len() {
            let Request {
                specifier,
                entry,
                is_stated,
                stated_by,
            } = self.requests.all[index];
            match (entry, stated_by) {
                _ if is_stated => {}
                (Some(to), None) => self.push(0, to, DependencyKind::Normal, specifier),
                (Some(to), Some(_)) if direct.contains(&to) => {}
                (Some(to), Some(package)) => self.push_for(package, to, specifier),
                (None, _) => {
                    let kind = DependencyKind::Normal;
                    self.unmet.note(0, specifier, kind, Need::Required);
                }
            }
        }
    }

    fn note_unused(&mut self) {
        if self.unused > 0 {
            let message = format!(
                "imports that this lockfile does not hold, because no code used them when it was written: {}",
                self.unused
            );
            let path = self.lockfile.path.clone();
            let problem = Problem::new(path, ProblemSeverity::Note, message);
            self.lockfile.problems.push(problem);
        }
    }

    /// Collects what the workspace asks for itself, and not for development only.
    fn direct(&self) -> FxHashSet<u32> {
        let entries = &self.lockfile.entries;
        let is_own = |from: u32| entries[from as usize].kind != EntryKind::Package;
        let edges = self.lockfile.dependencies.iter();
        edges
            .filter(|edge| is_own(edge.from) && edge.kind == DependencyKind::Normal)
            .map(|edge| edge.to)
            .collect()
    }

    /// Hangs on the root what a package of JSR asks for.
    fn push_for(&mut self, package: &Untrusted<'a>, to: u32, specifier: &Untrusted<'a>) {
        let mut edge = LockedDependency::new(0, to, DependencyKind::Unattached);
        edge.requirement = requirement(specifier);
        edge.marker = Some(format!("jsr:{}", package.as_str()).into());
        self.lockfile.dependencies.push(edge);
    }
}

fn need(kind: DependencyKind) -> Need {
    match kind {
        DependencyKind::Optional => Need::MayBeMissing,
        _ => Need::Required,
    }
}

/// Returns the range of a specifier.
fn requirement<'a>(specifier: &Untrusted<'a>) -> Option<Untrusted<'a>> {
    let text = specifier.as_str();
    let start = text.strip_prefix("npm:").map_or(0, |_| 4);
    let (name, _) = specifier::split(&text[start..])?;
    Some(slice(specifier, start + name.len() + 1, text.len()))
}
