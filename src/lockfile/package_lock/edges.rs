//! From declared names to edges.
//!
//! `declared` lists what a record asks for; an edge from the root to a workspace beats what it declares.

use rustc_hash::{FxHashMap, FxHashSet};

use super::resolve::{Places, Target};
use super::{Layout, Place, Reader, check};
use crate::lockfile::manifest::globs;
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, LockedEntry, Problem, ProblemSeverity,
};
use crate::lockfile::npm::declared::{self, Declared};
use crate::lockfile::npm::members::unreadable;
use crate::lockfile::npm::unmet::Unmet;
use crate::lockfile::span::to_u32;
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// What to do about a dependency that is not held.
const BEHIND: &str = "the lockfile is behind its manifest: npm install --package-lock-only";

/// Resolves every dependency of every place, and of the root.
pub(super) fn connect<'a, 'p>(
    reader: &mut Reader<'a>,
    places: &'p [Place<'a>],
    index: Places<'p>,
    layout: Layout,
    asked: &[(usize, Declared<'static>)],
) {
    let mut connector = Connector {
        index,
        places,
        layout,
        buffer: String::new(),
        outside: FxHashMap::default(),
        unmet: Unmet::default(),
        reader,
    };
    connector.connect_root();
    for position in 0..places.len() {
        connector.connect_place(position);
    }
    for (position, dependency) in asked {
        connector.check_asked(*position, dependency);
    }
    connector.add_links();
    let unmet = connector.unmet;
    unmet.report(&mut reader.lockfile, reader.file, BEHIND);
}

struct Connector<'r, 'p, 'a> {
    reader: &'r mut Reader<'a>,
    places: &'p [Place<'a>],
    index: Places<'p>,
    layout: Layout,
    buffer: String,
    /// Entries made for links to folders that the lockfile does not describe, by position of the link.
    outside: FxHashMap<usize, u32>,
    unmet: Unmet<'a>,
}

impl<'a> Connector<'_, '_, 'a> {
    fn connect_root(&mut self) {
        let mut declared = declared::of_own(self.reader.root.declared());
        let members = self.members();
        let names: FxHashSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        declared.retain(|dependency| !names.contains(dependency.name.as_str()));
        for (_, position) in members {
            if let Some(to) = self.entry_behind(position) {
                self.reader
                    .lockfile
                    .dependencies
                    .push(LockedDependency::new(0, to, DependencyKind::Normal));
            }
        }
        if self.layout == Layout::Nested && !self.reader.has_manifest {
            return self.connect_unrequired();
        }
        for dependency in declared {
            self.connect_one(0, &[""], None, dependency);
        }
    }

    fn connect_place(&mut self, position: usize) {
        let place = &self.places[position];
        let Some(from) = self.reader.entry_of_place[position] else {
            return;
        };
        let declared = if place.is_installed() {
            declared::of_installed(place.record.declared())
        } else {
            declared::of_own(place.record.declared())
        };
        if declared.is_empty() {
            return;
        }
        let folders = self.index.folders(&place.location);
        for dependency in declared {
            self.connect_one(from, &folders, Some(position), dependency);
        }
    }

    /// Makes sure that what a link leads to is there, even if nothing asks for it.
    fn add_links(&mut self) {
        for position in 0..self.places.len() {
            if self.places[position].is_link() {
                self.entry_behind(position);
            }
        }
    }

    /// Looks for what a member's manifest asks for; the lockfile's own copy may be older.
    fn check_asked(&mut self, position: usize, dependency: &Declared<'a>) {
        let folders = self.index.folders(&self.places[position].location);
        let found = self
            .index
            .find(&folders, dependency.name.as_str(), &mut self.buffer);
        if let (None, Some(from)) = (found, self.reader.entry_of_place[position]) {
            self.note_unmet(from, dependency);
        }
    }

    fn connect_one(
        &mut self,
        from: u32,
        folders: &[&str],
        asking: Option<usize>,
        dependency: Declared<'a>,
    ) {
        let found = self
            .index
            .find(folders, dependency.name.as_str(), &mut self.buffer);
        let Some(position) = found else {
            return self.note_unmet(from, &dependency);
        };
        let Some(to) = self.entry_behind(position) else {
            return;
        };
        let kind = if self.layout == Layout::Nested {
            self.kind_when_nested(asking, position, dependency.kind)
        } else {
            dependency.kind
        };
        let mut edge = LockedDependency::new(from, to, kind);
        edge.requirement = dependency.range;
        self.reader.lockfile.dependencies.push(edge);
    }

    /// An edge from what is needed to what is optional is an optional edge; version 1 does not say so itself.
    fn kind_when_nested(
        &self,
        asking: Option<usize>,
        found: usize,
        declared: DependencyKind,
    ) -> DependencyKind {
        let is_optional = |position: usize| self.places[position].record.optional.0;
        match asking {
            Some(asking) if is_optional(found) && !is_optional(asking) => DependencyKind::Optional,
            _ => declared,
        }
    }

    /// Returns the entry that a place stands for, links followed; a link to the project itself has none.
    fn entry_behind(&mut self, position: usize) -> Option<u32> {
        if let Some(entry) = self.reader.entry_of_place[position] {
            return Some(entry);
        }
        match self.index.follow(self.places, position) {
            Target::Place(target) => self.reader.entry_of_place[target],
            Target::Root => None,
            Target::Outside => Some(self.entry_outside(position)),
        }
    }

    /// Makes an entry for a folder that the lockfile links to without describing it.
    fn entry_outside(&mut self, position: usize) -> u32 {
        if let Some(entry) = self.outside.get(&position) {
            return *entry;
        }
        let place = &self.places[position];
        let names = super::resolve::LinkNames::default();
        let target = place.record.resolved.text().cloned().unwrap_or_default();
        let lockfile = &mut self.reader.lockfile;
        let mut entry = LockedEntry::root(Ecosystem::Npm, Untrusted::default());
        entry.kind = EntryKind::Workspace;
        let folder = super::resolve::link_target(place)
            .and_then(|target| Some(target.rsplit('/').next()?.to_owned()));
        let name = folder.filter(|name| !name.is_empty()).map(Untrusted::from);
        entry.name = PackageName::new(
            Ecosystem::Npm,
            name.unwrap_or_else(|| super::resolve::package_name(place, &names)),
        );
        entry.source = Source::Path(target.clone());
        entry.key = place.location.clone().into();
        let index = to_u32(lockfile.entries.len());
        lockfile.entries.push(entry);
        self.outside.insert(position, index);
        let message = format!(
            "`{}` is a link to `{}`, which this lockfile does not describe; what it depends on is unknown",
            check::excerpt(&place.location.as_ref().into()),
            check::excerpt(&target)
        );
        self.report(message, ProblemSeverity::Warning, position);
        index
    }

    fn report(&mut self, message: String, severity: ProblemSeverity, position: usize) {
        let span = self.reader.spans[position];
        let location = self.reader.file.locate(span.start);
        let problem = Problem::new(self.reader.file.path().clone(), severity, message);
        self.reader.lockfile.problems.push(problem.at(location));
    }

    /// Lists the workspace members: links whose target a glob of `workspaces` means.
    fn members(&mut self) -> Vec<(Untrusted<'a>, usize)> {
        let globs = &self.reader.root.workspaces.0;
        if globs.is_empty() {
            return Vec::new();
        }
        let (excluded, included): (Vec<&str>, Vec<&str>) = globs
            .iter()
            .map(Untrusted::as_str)
            .partition(|glob| glob.starts_with('!'));
        let excluded = excluded.into_iter().map(|glob| &glob[1..]);
        let (included, mut bad) = globs::compile_all(included);
        let (excluded, more) = globs::compile_all(excluded);
        bad.extend(more);
        let path = self.reader.file.path();
        let told: Vec<Problem> = bad.iter().map(|glob| unreadable(path, glob)).collect();
        self.reader.lockfile.problems.extend(told);
        let is_member = |place: &Place<'_>| {
            super::resolve::link_target(place)
                .is_some_and(|target| included.is_match(&target) && !excluded.is_match(&target))
        };
        let names = super::resolve::LinkNames::default();
        let places = self.places.iter().enumerate();
        places
            .filter(|(_, place)| place.is_link() && is_member(place))
            .map(|(position, place)| (super::resolve::package_name(place, &names), position))
            .collect()
    }

    /// Without package.json, version 1 does not say what the root depends on: everything that nothing requires.
    fn connect_unrequired(&mut self) {
        let mut required = vec![false; self.places.len()];
        for place in self.places {
            let folders = self.index.folders(&place.location);
            for (name, _) in place.record.dependencies.iter() {
                if let Some(position) = self.index.find(&folders, name.as_str(), &mut self.buffer) {
                    required[position] = true;
                }
            }
        }
        for position in (0..self.places.len()).filter(|position| !required[*position]) {
            let kind = self.kind_by_flags(position);
            if let Some(to) = self.entry_behind(position) {
                self.reader
                    .lockfile
                    .dependencies
                    .push(LockedDependency::new(0, to, kind));
            }
        }
        let message = "lockfileVersion 1 does not say what the project itself depends on, and there is no package.json: packages that nothing requires count as direct";
        self.reader.lockfile.problems.push(Problem::new(
            self.reader.file.path().clone(),
            ProblemSeverity::Note,
            message,
        ));
    }

    /// Tells by the flags of a package, or of one that it is nested in, how the root comes to have it.
    fn kind_by_flags(&self, position: usize) -> DependencyKind {
        let location = &*self.places[position].location;
        let ends = location
            .match_indices("/node_modules/")
            .map(|(end, _)| end)
            .chain([location.len()]);
        let records = ends
            .filter_map(|end| self.index.position(&location[..end]))
            .map(|position| &self.places[position].record);
        if records.clone().any(|record| record.dev.0) {
            DependencyKind::Dev
        } else if records.clone().any(|record| record.optional.0) {
            DependencyKind::Optional
        } else {
            DependencyKind::Normal
        }
    }

    fn note_unmet(&mut self, from: u32, dependency: &Declared<'a>) {
        self.unmet
            .note(from, &dependency.name, dependency.kind, dependency.need);
    }
}
