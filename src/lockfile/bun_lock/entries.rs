//! Members and tuples → entries, and who asks for what.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::paths::{self, Paths};
use super::source::{self, Identity, Package};
use super::wire::{Document, Locked, Packages, Record};
use crate::lockfile::check::excerpt;
use crate::lockfile::json::{Object, Pairs};
use crate::lockfile::jsonc::Plain;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, EntryKind, LockedEntry, Lockfile, ProblemSeverity,
};
use crate::lockfile::npm::address::slice;
use crate::lockfile::npm::declared::{self, Declared};
use crate::lockfile::npm::oddities::Oddities;
use crate::lockfile::span::{Span, to_u32};
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// Something that depends on packages.
pub(super) struct Asking<'d, 'c> {
    /// Its entry.
    pub(super) entry: u32,
    /// Its install path; a member's is its name, the project's is empty.
    pub(super) path: &'d str,
    /// What it declares.
    pub(super) declared: Cow<'d, [Declared<'c>]>,
}

/// The entries of a lockfile as they are collected.
///
/// `'d` is the parsed document, `'c` the plain JSON that it borrows from, `'a` the file.
pub(super) struct Entries<'r, 'd, 'c, 'a> {
    pub(super) lockfile: Lockfile<'a>,
    pub(super) plain: &'r Plain<'a>,
    pub(super) oddities: Oddities<'a>,
    pub(super) packages: &'d Packages<'c>,
    pub(super) paths: Paths<'d>,
    pub(super) asking: Vec<Asking<'d, 'c>>,
    /// The members of the workspace, by folder.
    pub(super) members: FxHashMap<&'d str, u32>,
}

impl<'d, 'c, 'a> Entries<'_, 'd, 'c, 'a> {
    /// Reads the members, so that tuples find them, and then the tuples.
    pub(super) fn collect(
        &mut self,
        document: &'d Document<'c>,
        limits: &Limits,
    ) -> Result<(), LimitExceeded> {
        for (folder, Object(record)) in document.workspaces.iter().flat_map(Pairs::iter) {
            self.add_member(folder, record);
        }
        for (path, tuple) in &document.packages.tuples {
            paths::check_nesting(path.as_str(), limits)?;
            self.add_tuple(path, tuple);
        }
        Ok(())
    }

    fn add_member(&mut self, folder: &'d Untrusted<'c>, record: &'d Record<'c>) {
        let span = self.key_span(folder);
        if record.is_odd() {
            self.report_odd_tables(folder, span);
        }
        let (entry, path) = if folder.as_str().is_empty() {
            self.lockfile.entries[0].span = span;
            (0, "")
        } else {
            self.add_member_entry(folder, record, span)
        };
        if self.members.insert(folder.as_str(), entry).is_some() {
            self.report_repeated(folder, span);
        }
        self.asking.push(Asking {
            entry,
            path,
            declared: declared::of_own(record.declared()).into(),
        });
    }

    /// Adds the entry of a member, which also lies in the root's folder under its name.
    fn add_member_entry(
        &mut self,
        folder: &'d Untrusted<'c>,
        record: &'d Record<'c>,
        span: Span,
    ) -> (u32, &'d str) {
        let stated = record.name.text().filter(|name| !name.as_str().is_empty());
        let path = stated.map_or_else(|| paths::split(folder.as_str()).1, Untrusted::as_str);
        let name = stated.map_or_else(
            || last(&self.plain.original(folder), path.len()),
            |name| self.plain.original(name),
        );
        let source = Source::Path(self.plain.original(folder));
        let mut entry = self.entry(EntryKind::Workspace, name, source, folder, span);
        let version = record.version.text();
        entry.version = version.map(|version| Version::new(self.plain.original(version)));
        let entry = self.push(entry);
        if self.paths.insert(path, entry).is_some() {
            self.report_repeated(&path.into(), span);
        }
        (entry, path)
    }

    fn add_tuple(&mut self, path: &'d Untrusted<'c>, tuple: &'d Locked<'c>) {
        let span = self.key_span(path);
        let identity = tuple
            .identity
            .as_ref()
            .map(|text| self.plain.original(text));
        let address = tuple.address.as_ref().map(|text| self.plain.original(text));
        let read = identity.and_then(|identity| source::read(&identity, address));
        let Some(identity) = read else {
            return self.oddities.add(ProblemSeverity::Error, span, || {
                format!(
                    "`{}` is no list that begins with a name and a version, so it was not read",
                    excerpt(path)
                )
            });
        };
        if tuple.surplus > 0 {
            self.oddities.add(ProblemSeverity::Warning, span, || {
                format!("`{}` holds elements that bun does not write", excerpt(path))
            });
        }
        let entry = match identity {
            Identity::Root(name) => self.root(name.as_str(), path, tuple),
            Identity::Member(name, folder) => self.member(name, &folder, path, tuple),
            Identity::Package(package) => self.add_package(package, path, tuple),
        };
        let before = self.paths.insert(path.as_str(), entry);
        if before.is_some_and(|before| before != entry) {
            self.report_repeated(path, span);
        }
    }

    /// Finds the member that a tuple stands for; one that `workspaces` does not list is added.
    fn member(
        &mut self,
        name: Untrusted<'a>,
        folder: &Untrusted<'a>,
        path: &'d Untrusted<'c>,
        tuple: &'d Locked<'c>,
    ) -> u32 {
        if let Some(member) = self.members.get(folder.as_str()) {
            return *member;
        }
        let span = self.key_span(path);
        if tuple.record.is_none() {
            self.oddities.add(ProblemSeverity::Error, span, || {
                format!(
                    "`{}` is a member of the workspace that `workspaces` does not list; what it depends on is unknown",
                    excerpt(path)
                )
            });
        }
        let source = Source::Path(folder.clone());
        let entry = self.entry(EntryKind::Workspace, name, source, path, span);
        let entry = self.push(entry);
        self.ask(entry, path, tuple, span);
        entry
    }

    fn add_package(
        &mut self,
        package: Package<'a>,
        path: &'d Untrusted<'c>,
        tuple: &'d Locked<'c>,
    ) -> u32 {
        let span = self.key_span(path);
        let is_own = matches!(package.source, Source::Path(_));
        let mut entry = LockedEntry {
            kind: if is_own {
                EntryKind::Workspace
            } else {
                EntryKind::Package
            },
            name: package.name,
            version: package.version,
            source: package.source,
            key: self.plain.original(path),
            artifacts: Vec::new(),
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span,
        };
        if self.is_bundled(&entry, path.as_str(), tuple) {
            entry.delivery = Delivery::Bundled;
        }
        if !is_own {
            let integrity = self.integrity(path, tuple, span);
            let url = package.url;
            // Not pushed: that would make room for four.
            entry.artifacts = vec![Artifact { url, integrity }];
        }
        let entry = self.push(entry);
        if tuple.record.is_none() {
            self.oddities.add(ProblemSeverity::Warning, span, || {
                format!("`{}` does not say what it depends on", excerpt(path))
            });
        }
        self.ask(entry, path, tuple, span);
        entry
    }

    /// Says whether a package comes inside another: a release that lies in that one's folder, with no address of
    /// its own; Bun writes the digest of its archive all the same.
    fn is_bundled(&self, entry: &LockedEntry<'a>, path: &str, tuple: &Locked<'c>) -> bool {
        let is_marked = tuple.record.as_ref().is_some_and(|asked| asked.is_bundled);
        if !is_marked || !entry.source.is_public() || states(tuple.address.as_ref()) {
            return false;
        }
        let holder = paths::split(path).0;
        holder.is_some_and(|holder| {
            let member = self.paths.in_root(holder);
            let member = member.map(|member| &self.lockfile.entries[member as usize]);
            member.is_none_or(|member| member.kind == EntryKind::Package)
        })
    }

    /// The project's own tuple says nothing but its name; anything more may be a package that hides in it.
    fn root(&mut self, name: &str, path: &'d Untrusted<'c>, tuple: &'d Locked<'c>) -> u32 {
        let is_other = !name.is_empty() && name != self.lockfile.entries[0].name.as_str();
        if is_other || states(tuple.integrity.as_ref()) || states(tuple.address.as_ref()) {
            let span = self.key_span(path);
            self.oddities.add(ProblemSeverity::Error, span, || {
                format!(
                    "`{}` is said to be the project itself, but its record is that of a package; it was not read",
                    excerpt(path)
                )
            });
        }
        0
    }

    fn ask(&mut self, entry: u32, path: &'d Untrusted<'c>, tuple: &'d Locked<'c>, span: Span) {
        let Some(asked) = &tuple.record else {
            return;
        };
        if asked.is_odd {
            self.report_odd_tables(path, span);
        }
        self.asking.push(Asking {
            entry,
            path: path.as_str(),
            declared: self.packages.declared(asked).into(),
        });
    }

    fn integrity(&mut self, path: &Untrusted<'c>, tuple: &Locked<'c>, span: Span) -> Integrity {
        let Some(text) = &tuple.integrity else {
            return Integrity::default();
        };
        let (integrity, unreadable) = Integrity::from_sri(text.as_str());
        if unreadable > 0 && integrity.is_empty() {
            self.oddities.add(ProblemSeverity::Warning, span, || {
                format!(
                    "the integrity of `{}` holds no digest that can be read; it counts as missing",
                    excerpt(path)
                )
            });
        }
        integrity
    }

    fn report_odd_tables(&mut self, key: &Untrusted<'c>, span: Span) {
        self.oddities.add(ProblemSeverity::Error, span, || {
            format!(
                "the dependencies of `{}` are no object of names, so they are not known",
                excerpt(key)
            )
        });
    }

    fn report_repeated(&mut self, key: &Untrusted<'_>, span: Span) {
        self.oddities.add(ProblemSeverity::Error, span, || {
            format!("`{}` stands twice in this lockfile", excerpt(key))
        });
    }

    fn entry(
        &self,
        kind: EntryKind,
        name: Untrusted<'a>,
        source: Source<'a>,
        key: &Untrusted<'c>,
        span: Span,
    ) -> LockedEntry<'a> {
        LockedEntry {
            kind,
            source,
            key: self.plain.original(key),
            span,
            ..LockedEntry::root(Ecosystem::Npm, name)
        }
    }

    fn push(&mut self, entry: LockedEntry<'a>) -> u32 {
        let index = to_u32(self.lockfile.entries.len());
        self.lockfile.entries.push(entry);
        index
    }

    /// Finds where a key stands, quotes included.
    fn key_span(&self, key: &Untrusted<'c>) -> Span {
        let span = self.plain.span_of(key).unwrap_or_default();
        Span {
            start: span.start.saturating_sub(1),
            end: span.end + 1,
        }
    }
}

/// Says whether an element of a tuple is there and not empty.
fn states(element: Option<&Untrusted<'_>>) -> bool {
    element.is_some_and(|text| !text.as_str().is_empty())
}

/// Takes the end of a text, of a length that it has.
fn last<'a>(text: &Untrusted<'a>, length: usize) -> Untrusted<'a> {
    let end = text.as_str().len();
    slice(text, end - length, end)
}

/// Names the project: as the lockfile does, else as its folder.
pub(super) fn root<'a>(
    document: &Document<'_>,
    plain: &Plain<'a>,
    folder: &str,
) -> LockedEntry<'a> {
    let mut members = document.workspaces.iter().flat_map(Pairs::iter);
    let own = members.find(|(folder, _)| folder.as_str().is_empty());
    let own = own.map(|(_, Object(record))| record);
    let name = own.and_then(|record| record.name.text());
    let name = name.map_or_else(|| folder.to_owned().into(), |name| plain.original(name));
    let version = own.and_then(|record| record.version.text());
    LockedEntry {
        version: version.map(|version| Version::new(plain.original(version))),
        name: PackageName::new(Ecosystem::Npm, name.clone()),
        ..LockedEntry::root(Ecosystem::Npm, name)
    }
}
