//! The packages of npm: entries, the edges between them, and finding one by its id.
//!
//! An id is `name@version`, and the peers that the package was resolved with behind `_`: one package may be
//! there several times, with other peers each. Nothing is read out of the peers; they are edges as well.

use rustc_hash::{FxHashMap, FxHashSet};

use super::wire::{Document, Npm, Record};
use crate::lockfile::check::excerpt;
use crate::lockfile::json::{Expected, Object, Pairs};
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, DependencyKind, EntryKind, InstallScript, LockedDependency, LockedEntry,
    Lockfile, ProblemSeverity,
};
use crate::lockfile::npm::address::{classify, slice};
use crate::lockfile::npm::declared::Need;
use crate::lockfile::npm::oddities::Oddities;
use crate::lockfile::npm::specifier;
use crate::lockfile::npm::unmet::Unmet;
use crate::lockfile::span::{SourceFile, Span, to_u32};
use crate::package::source::Registry;
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// deno.lock keeps only that there was a notice.
const DEPRECATED: &str = "(deno.lock does not keep their words)";

/// The packages of one lockfile, by id and by name.
#[derive(Default)]
pub(super) struct Ids<'d> {
    by_id: FxHashMap<(&'d str, &'d str), u32>,
    by_name: FxHashMap<&'d str, Named<'d>>,
}

/// The packages of one name.
struct Named<'d> {
    /// The version and peers of the last in the order of bytes, which is the one that Deno takes.
    last: &'d str,
    entry: u32,
    count: usize,
}

/// What an id, or a name alone, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One package.
    One(u32),
    /// Deno's choice of several.
    Last(u32),
}

impl<'d> Ids<'d> {
    fn with_capacity(packages: usize) -> Self {
        let mut ids = Self::default();
        ids.by_id.reserve(packages);
        ids.by_name.reserve(packages);
        ids
    }

    /// Adds an id; returns the entry that had it before.
    fn insert(&mut self, name: &'d str, version: &'d str, entry: u32) -> Option<u32> {
        let named = self.by_name.entry(name).or_insert(Named {
            last: version,
            entry,
            count: 0,
        });
        named.count += 1;
        if version >= named.last {
            (named.last, named.entry) = (version, entry);
        }
        self.by_id.insert((name, version), entry)
    }

    /// Finds the package of a name and a version with peers.
    pub(super) fn by_id(&self, name: &str, version: &str) -> Option<u32> {
        self.by_id.get(&(name, version)).copied()
    }

    /// Finds what a dependency means: `name@version`, `alias@npm:name@version`, or `name` where that is enough.
    fn find(&self, target: &str) -> Option<Found> {
        let Some((name, version)) = specifier::split(target) else {
            let named = self.by_name.get(target)?;
            return Some(match named.count {
                1 => Found::One(named.entry),
                _ => Found::Last(named.entry),
            });
        };
        let (name, version) = match version.strip_prefix("npm:") {
            Some(real) => specifier::split(real)?,
            None => (name, version),
        };
        self.by_id(name, version).map(Found::One)
    }
}

/// Iterates over the packages of npm, wherever the version of the file keeps them.
pub(super) fn all<'d, 'a>(document: &'d Document<'a>) -> impl Iterator<Item = &'d Npm<'a>> {
    let inside = document.packages.as_ref();
    let inside = inside.and_then(|Object(packages)| packages.npm.as_ref());
    document.npm.iter().chain(inside)
}

/// Adds the entries of all packages; a record that cannot be read is told.
pub(super) fn add<'d, 'a>(
    lockfile: &mut Lockfile<'a>,
    document: &'d Document<'a>,
    file: &'a SourceFile,
    oddities: &mut Oddities<'_>,
    limits: &Limits,
) -> Result<(Ids<'d>, Vec<Option<u32>>), LimitExceeded> {
    let count = all(document).map(|npm| npm.packages.len()).sum();
    limits.check_entries(count)?;
    lockfile.entries.reserve(count);
    lockfile.dependencies.reserve(count * 3);
    let mut ids = Ids::with_capacity(count);
    let mut entries = Vec::with_capacity(count);
    let linked = linked(document);
    for (key, record) in all(document).flat_map(|npm| &npm.packages) {
        let span = key_span(key, file);
        let (Some((name, version)), Some(record)) =
            (specifier::split(key.as_str()), record.object())
        else {
            oddities.add(ProblemSeverity::Error, span, || {
                format!(
                    "`{}` is no record of a package, so it was not read",
                    excerpt(key)
                )
            });
            entries.push(None);
            continue;
        };
        let index = to_u32(lockfile.entries.len());
        let mut entry = entry(key, name.len(), record, span);
        check_integrity(record, &entry, oddities);
        if let Some(link) = linked.get(bare(key.as_str())) {
            if is_of_registry(record) {
                report_contradiction(key, span, oddities);
            } else {
                entry.kind = EntryKind::Workspace;
                entry.source = Source::Path(Untrusted::borrowed(link).into_owned());
            }
        }
        lockfile.entries.push(entry);
        entries.push(Some(index));
        if ids.insert(name, version, index).is_some() {
            oddities.add(ProblemSeverity::Error, span, || {
                format!("`{}` stands twice in this lockfile", excerpt(key))
            });
        }
    }
    Ok((ids, entries))
}

/// The packages that the project replaces by folders of its own, as `name@version`.
fn linked<'d>(document: &'d Document<'_>) -> FxHashSet<&'d str> {
    let workspace = document.workspace.iter();
    let links = workspace.flat_map(|Object(workspace)| [&workspace.links, &workspace.patches]);
    let links = links.filter_map(Expected::object).flat_map(Pairs::iter);
    links
        .filter_map(|(link, _)| link.as_str().strip_prefix("npm:"))
        .collect()
}

/// Deno writes neither a digest nor an address for a folder of the project.
fn is_of_registry(record: &Record<'_>) -> bool {
    record.integrity.text().is_some() || record.tarball.text().is_some()
}

fn report_contradiction(key: &Untrusted<'_>, span: Span, oddities: &mut Oddities<'_>) {
    oddities.add(ProblemSeverity::Error, span, || {
        format!(
            "`{}` is said to be a folder of the project, but its record is that of an archive; it was taken for one",
            excerpt(key)
        )
    });
}

/// Cuts the peers off an id.
fn bare(id: &str) -> &str {
    let version = specifier::split(id).map_or(0, |(name, _)| name.len());
    let end = id[version..].find('_').map_or(id.len(), |at| version + at);
    &id[..end]
}

fn entry<'a>(
    key: &Untrusted<'a>,
    name_length: usize,
    record: &Record<'a>,
    span: Span,
) -> LockedEntry<'a> {
    let name = PackageName::new(Ecosystem::Npm, slice(key, 0, name_length));
    let version = slice(key, name_length + 1, bare(key.as_str()).len());
    let url = record.tarball.text().filter(|url| !url.as_str().is_empty());
    let source = url.map_or(Source::Registry(Registry::Public), |url| {
        classify(url, &name)
    });
    let integrity = record.integrity.text();
    let integrity = integrity.map_or_else(Integrity::default, |text| {
        Integrity::from_sri(text.as_str()).0
    });
    LockedEntry {
        kind: EntryKind::Package,
        name,
        version: Some(Version::new(version)),
        source,
        key: key.clone(),
        artifacts: vec![Artifact {
            url: url.cloned(),
            integrity,
        }],
        deprecated: record.deprecated.0.then(|| DEPRECATED.into()),
        delivery: Delivery::Own,
        install_script: record.scripts.0.then_some(InstallScript::Stated),
        span,
    }
}

fn check_integrity(record: &Record<'_>, entry: &LockedEntry<'_>, oddities: &mut Oddities<'_>) {
    let stated = record.integrity.text();
    let is_stated = stated.is_some_and(|text| !text.as_str().trim().is_empty());
    if is_stated && entry.artifacts[0].integrity.is_empty() {
        oddities.add(ProblemSeverity::Warning, entry.span, || {
            format!(
                "the integrity of `{}` holds no digest that can be read; it counts as missing",
                excerpt(&entry.key)
            )
        });
    }
}

/// Finds where a key stands, quotes included.
pub(super) fn key_span(key: &Untrusted<'_>, file: &SourceFile) -> Span {
    let span = key.as_borrowed().and_then(|key| file.span_of(key));
    let span = span.unwrap_or_default();
    Span {
        start: span.start.saturating_sub(1),
        end: span.end + 1,
    }
}

/// Draws the edges between packages.
pub(super) fn connect<'d, 'a>(
    lockfile: &mut Lockfile<'a>,
    document: &'d Document<'a>,
    ids: &Ids<'d>,
    entries: &[Option<u32>],
    oddities: &mut Oddities<'_>,
    unmet: &mut Unmet<'a>,
) {
    let records = all(document).flat_map(|npm| &npm.packages);
    for ((_, record), from) in records.zip(entries) {
        let (Some(record), Some(from)) = (record.object(), from) else {
            continue;
        };
        let lists = [
            &record.dependencies,
            &record.optional_dependencies,
            &record.optional_peers,
        ];
        if lists.iter().any(|list| list.is_odd) {
            let entry = &lockfile.entries[*from as usize];
            oddities.add(ProblemSeverity::Error, entry.span, || {
                let key = excerpt(&entry.key);
                format!("what `{key}` depends on cannot be read in full")
            });
        }
        let mut asking = Asking {
            lockfile,
            ids,
            oddities,
            unmet,
            from: *from,
        };
        asking.connect(record);
    }
}

/// A package that asks for others.
struct Asking<'r, 'd, 'a, 'f> {
    lockfile: &'r mut Lockfile<'a>,
    ids: &'r Ids<'d>,
    oddities: &'r mut Oddities<'f>,
    unmet: &'r mut Unmet<'a>,
    from: u32,
}

impl<'a> Asking<'_, '_, 'a, '_> {
    /// Peers that are there stand among the dependencies too; only the optional ones are known to be peers.
    fn connect(&mut self, record: &Record<'a>) {
        let peers = &record.optional_peers.all;
        let optional = &record.optional_dependencies.all;
        let special: FxHashSet<&str> = peers
            .iter()
            .chain(optional)
            .map(Untrusted::as_str)
            .collect();
        for target in &record.dependencies.all {
            if special.is_empty() || !special.contains(target.as_str()) {
                self.connect_one(target, DependencyKind::Normal, Need::Required);
            }
        }
        for target in optional {
            self.connect_one(target, DependencyKind::Optional, Need::MayBeMissing);
        }
        for target in peers {
            self.connect_one(target, DependencyKind::Peer, Need::MayBeMissing);
        }
    }

    fn connect_one(&mut self, target: &Untrusted<'a>, kind: DependencyKind, need: Need) {
        let to = match self.ids.find(target.as_str()) {
            Some(Found::One(to)) => to,
            Some(Found::Last(to)) => {
                self.report_ambiguous(target);
                to
            }
            None => return self.unmet.note(self.from, target, kind, need),
        };
        let edge = LockedDependency::new(self.from, to, kind);
        self.lockfile.dependencies.push(edge);
    }

    fn report_ambiguous(&mut self, target: &Untrusted<'a>) {
        let asking = &self.lockfile.entries[self.from as usize];
        self.oddities
            .add(ProblemSeverity::Warning, asking.span, || {
                format!(
                    "`{}` asks for `{}`, of which this lockfile holds several; deno takes the last",
                    excerpt(&asking.key),
                    excerpt(target)
                )
            });
    }
}
