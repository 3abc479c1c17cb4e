//! Pipfile.lock of pipenv: packages by category, without edges between them.
//!
//! `default` is what is installed, `develop` what development adds; any other category is a part that is asked
//! for by name. A package in several categories is an entry in each, and the widest counts. What the project
//! asks for itself stands in the Pipfile beside it (`roots`).

mod roots;
mod wire;

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::check;
use super::json::{Field, IfObject, syntax_error};
use super::limits::Limits;
use super::model::{
    Artifact, Delivery, EdgeStatement, EntryKind, FormatId, LockedEntry, Lockfile, LockfileError,
    Problem, ProblemSeverity, Scope,
};
use super::npm::address::slice;
use super::pypi::address;
use super::pypi::problems::Capped;
use super::span::{SourceFile, Span};
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Integrity, PackageName, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// The command that writes the lockfile anew.
const RELOCK: &str = "pipenv lock";

/// At most this many problems of one kind are told one by one.
const TOLD: usize = 20;

pub(super) struct PipfileLock;

impl LockfileFormat for PipfileLock {
    fn id(&self) -> FormatId {
        FormatId("pipfile-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn summary(&self) -> &'static str {
        "Pipfile.lock, every category"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[FileNamePattern::Exact("Pipfile.lock")]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("Pipfile")
    }

    fn tool(&self) -> &'static str {
        "pipenv"
    }

    fn relock(&self) -> &'static str {
        RELOCK
    }

    fn recognises(&self, head: &str) -> bool {
        head.trim_start().starts_with('{') && head.contains("\"pipfile-spec\"")
    }

    /// Pipenv writes `*` beside the markers of what only other systems than the one at hand need.
    fn admits_ranges(&self) -> bool {
        true
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let document: wire::Document<'a> =
            serde_json::from_str(file.text()).map_err(|error| syntax_error(&error))?;
        let counts = document
            .categories
            .iter()
            .map(|(_, category)| count(category));
        let count = counts.sum();
        limits.check_entries(count)?;
        let mut reader = Reader::new(file, document.meta.as_ref(), count);
        reader.check_shape(&document)?;
        for (name, category) in document.categories {
            reader.add_category(name, category);
        }
        reader.tell();
        reader.report_repeats();
        roots::connect(&mut reader, files);
        Ok(reader.lockfile)
    }
}

fn count(category: &wire::Category<'_>) -> usize {
    category.0.as_ref().map_or(0, |packages| packages.0.len())
}

/// A category of the lockfile and the entries that stand in it.
struct Category<'a> {
    name: Untrusted<'a>,
    entries: Range<usize>,
}

impl Category<'_> {
    /// How far its packages reach: what is neither installed nor for development can be left out.
    fn scope(&self) -> Scope {
        match self.name.as_str() {
            "default" => Scope::Prod,
            "develop" => Scope::Dev,
            _ => Scope::Optional,
        }
    }
}

struct Reader<'a> {
    lockfile: Lockfile<'a>,
    file: &'a SourceFile,
    /// The markers of the entries, by their index; the root has none.
    markers: Vec<Option<Untrusted<'a>>>,
    categories: Vec<Category<'a>>,
    /// The addresses of the indexes by their names.
    indexes: FxHashMap<String, Untrusted<'a>>,
    /// The address of the index that packages come from unless they say otherwise.
    first_index: Option<Untrusted<'a>>,
    told: Told,
}

/// What is told of a lockfile, each kind one by one as far as a person reads.
struct Told {
    sources: Capped,
    categories: Capped,
    records: Capped,
    indexes: Capped,
    hashes: Capped,
}

impl Told {
    const fn new() -> Self {
        Self {
            sources: Capped::new(ProblemSeverity::Error),
            categories: Capped::new(ProblemSeverity::Error),
            records: Capped::new(ProblemSeverity::Error),
            indexes: Capped::new(ProblemSeverity::Warning),
            hashes: Capped::new(ProblemSeverity::Warning),
        }
    }

    fn finish(self, path: &FilePath, problems: &mut Vec<Problem>) {
        let kinds = [
            (self.sources, "indexes have the name of another"),
            (self.records, "records are none of a package"),
            (self.categories, "categories are no list of packages"),
            (
                self.indexes,
                "packages come from an index that `_meta` does not list",
            ),
            (self.hashes, "hashes cannot be read"),
        ];
        for (kind, more) in kinds {
            kind.finish(path, more, problems);
        }
    }
}

impl<'a> Reader<'a> {
    fn new(file: &'a SourceFile, meta: Option<&wire::Meta<'a>>, count: usize) -> Self {
        let folder = file.path().parent().file_name().to_owned();
        let root = LockedEntry::root(Ecosystem::Pypi, folder.into());
        let path = file.path().clone();
        let mut lockfile = Lockfile::new(path, PipfileLock.id(), root, Ecosystem::Pypi);
        lockfile.edges = EdgeStatement::NotStated;
        lockfile.entries.reserve(count);
        let sources = meta.into_iter().flat_map(|meta| &meta.sources.0);
        let sources = sources.filter_map(|source| source.0.as_ref());
        let named = sources.filter_map(|source| {
            let name = source.name.text()?.as_str().to_owned();
            Some((name, source.url.text()?.clone()))
        });
        let named: Vec<(String, Untrusted<'a>)> = named.collect();
        let mut reader = Self {
            lockfile,
            file,
            markers: vec![None],
            categories: Vec::new(),
            first_index: named.first().map(|(_, url)| url.clone()),
            indexes: FxHashMap::default(),
            told: Told::new(),
        };
        for (name, url) in named {
            reader.add_index(name, url);
        }
        reader
    }

    /// pipenv takes the first index of a name; another tool may take another.
    fn add_index(&mut self, name: String, url: Untrusted<'a>) {
        match self.indexes.entry(name) {
            Entry::Vacant(place) => {
                place.insert(url);
            }
            Entry::Occupied(known) if *known.get() != url => {
                let (file, span) = (self.file, span_in(self.file, &url));
                self.told.sources.add(|severity| {
                    let name = check::excerpt(&known.key().as_str().into());
                    let message =
                        format!("the index `{name}` stands in `_meta` with two addresses");
                    problem(file, severity, message, span)
                });
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Refuses other JSON; what is a lockfile and lacks its head is read with a warning.
    fn check_shape(&mut self, document: &wire::Document<'a>) -> Result<(), LockfileError> {
        let has_known = document.categories.iter().any(|(name, category)| {
            category.0.is_some() && matches!(name.as_str(), "default" | "develop")
        });
        if document.meta.is_none() && !has_known {
            return Err(LockfileError::Unreadable {
                message: "the file has no `_meta` and no `default`, so it is no Pipfile.lock"
                    .to_owned(),
                help: "write it anew: pipenv lock",
            });
        }
        if document.meta.is_none() {
            let message =
                "the file has no `_meta`: from which index its packages come is not known";
            self.report(
                ProblemSeverity::Warning,
                message.to_owned(),
                Span::default(),
            );
        }
        Ok(())
    }

    fn add_category(&mut self, name: Untrusted<'a>, category: wire::Category<'a>) {
        let start = self.lockfile.entries.len();
        match category {
            IfObject(None) => {
                let (file, span) = (self.file, self.span(&name));
                self.told.categories.add(|severity| {
                    let message = format!("`{}` is no list of packages", check::excerpt(&name));
                    problem(file, severity, message, span)
                });
            }
            IfObject(Some(packages)) => {
                for (name, record) in packages.0 {
                    self.add(name, record.0);
                }
            }
        }
        let entries = start..self.lockfile.entries.len();
        self.categories.push(Category { name, entries });
    }

    fn add(&mut self, name: Untrusted<'a>, record: Option<Box<wire::Record<'a>>>) {
        let span = self.span(&name);
        let Some(record) = record else {
            let file = self.file;
            self.told.records.add(|severity| {
                let message = format!("`{}` is no record of a package", check::excerpt(&name));
                problem(file, severity, message, span)
            });
            return;
        };
        let source = self.source(&record, &name, span);
        let version = version(&record);
        let range = record.version.text().filter(|text| text.as_str() == "*");
        let is_range = range.is_some() && record.markers.text().is_some();
        if version.is_none() && source.is_registry() && !is_range {
            let file = self.file;
            self.told.records.add(|severity| {
                let message = format!("`{}` has no version", check::excerpt(&name));
                problem(file, severity, message, span)
            });
        }
        let artifacts = self.artifacts(&record, &source, &name, span);
        self.markers.push(record.markers.text().cloned());
        self.lockfile.entries.push(LockedEntry {
            kind: match source {
                Source::Path(_) => EntryKind::Workspace,
                _ => EntryKind::Package,
            },
            key: version.as_ref().map_or_else(
                || name.clone(),
                |version| format!("{} {}", name.as_str(), version.as_str()).into(),
            ),
            name: PackageName::new(Ecosystem::Pypi, name),
            version,
            source,
            artifacts,
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span,
        });
    }

    fn source(
        &mut self,
        record: &wire::Record<'a>,
        name: &Untrusted<'a>,
        span: Span,
    ) -> Source<'a> {
        if let Some(source) = repository(record) {
            return source;
        }
        if let Some(address) = record.file.text().or(record.path.text()) {
            return address::classify(address);
        }
        let registry = |url: &Untrusted<'a>| Source::registry(Ecosystem::Pypi, url.clone());
        let Some(index) = record.index.text() else {
            let first = self.first_index.as_ref();
            return first.map_or(Source::Registry(Registry::Public), registry);
        };
        match self.indexes.get(index.as_str()) {
            Some(url) => registry(url),
            None if index.as_str().contains("://") => registry(index),
            None => {
                let file = self.file;
                self.told.indexes.add(|severity| {
                    let message = format!(
                        "`{}` comes from the index `{}`, which `_meta` does not list",
                        check::excerpt(name),
                        check::excerpt(index)
                    );
                    problem(file, severity, message, span)
                });
                Source::Registry(Registry::Other(index.clone()))
            }
        }
    }

    /// One artifact stands for all files of a release: the list of digests does not say which is whose.
    fn artifacts(
        &mut self,
        record: &wire::Record<'a>,
        source: &Source<'a>,
        name: &Untrusted<'a>,
        span: Span,
    ) -> Vec<Artifact<'a>> {
        let mut digests = Vec::with_capacity(record.hashes.0.len());
        let hashes = record.hashes.0.iter().filter_map(Field::text);
        digests.extend(hashes.filter_map(|hash| Digest::from_tagged_hex(hash.as_str())));
        let unreadable = record.hashes.0.len() - digests.len();
        let mut integrity = Integrity::from(digests);
        if unreadable > 0 {
            let file = self.file;
            self.told.hashes.add(|severity| {
                let message = format!("a hash of `{}` cannot be read", check::excerpt(name));
                problem(file, severity, message, span)
            });
        }
        let address = record.file.text().or(record.path.text());
        let url = address.filter(|_| matches!(source, Source::Archive(_) | Source::Registry(_)));
        if let (Some(url), true) = (url, integrity.is_empty()) {
            integrity = address::fragment_digest(url.as_str());
        }
        if !matches!(source, Source::Archive(_) | Source::Registry(_)) {
            return Vec::new();
        }
        let url = url.cloned();
        vec![Artifact { url, integrity }]
    }

    /// Tools differ in which of two records they take.
    fn report_repeats(&mut self) {
        let mut repeats = Vec::new();
        let mut categories = FxHashSet::default();
        for category in &self.categories {
            if !categories.insert(category.name.as_str()) {
                repeats.push((category.name.clone(), self.span(&category.name)));
            }
            let mut names = FxHashSet::default();
            let entries = &self.lockfile.entries[category.entries.clone()];
            let again = entries
                .iter()
                .filter(|entry| !names.insert(entry.name.as_str()));
            repeats.extend(again.map(|entry| (entry.name.untrusted().clone(), entry.span)));
        }
        for (name, span) in repeats.into_iter().take(TOLD) {
            let message = format!("`{}` stands twice in one place", check::excerpt(&name));
            self.report(ProblemSeverity::Error, message, span);
        }
    }

    fn span(&self, text: &Untrusted<'a>) -> Span {
        span_in(self.file, text)
    }

    fn report(&mut self, severity: ProblemSeverity, message: String, span: Span) {
        let problem = problem(self.file, severity, message, span);
        self.lockfile.problems.push(problem);
    }

    /// Hands over what was found in the records.
    fn tell(&mut self) {
        let told = std::mem::replace(&mut self.told, Told::new());
        told.finish(self.file.path(), &mut self.lockfile.problems);
    }
}

fn span_in(file: &SourceFile, text: &Untrusted<'_>) -> Span {
    let borrowed = text.as_borrowed();
    let span = borrowed.and_then(|text| file.span_of(text));
    span.unwrap_or_default()
}

fn problem(file: &SourceFile, severity: ProblemSeverity, message: String, span: Span) -> Problem {
    Problem::new(file.path().clone(), severity, message)
        .at(file.locate(span.start))
        .help(format!("write the lockfile anew: {RELOCK}"))
}

/// Reads `"==1.2.3"`; anything else pins nothing.
fn version<'a>(record: &wire::Record<'a>) -> Option<Version<'a>> {
    let text = record.version.text()?;
    let pinned = text.as_str().strip_prefix("==")?;
    let pinned = pinned.strip_prefix('=').unwrap_or(pinned).trim_start();
    let start = text.as_str().len() - pinned.len();
    let version = slice(text, start, start + pinned.trim_end().len());
    (!version.as_str().is_empty()).then(|| Version::new(version))
}

/// Names the repository that a record is checked out from; others than those of git keep the name of their system.
fn repository<'a>(record: &wire::Record<'a>) -> Option<Source<'a>> {
    let systems = [
        ("hg+", &record.hg),
        ("svn+", &record.svn),
        ("bzr+", &record.bzr),
    ];
    let git = record.git.text().map(|url| {
        let start = if url.as_str().starts_with("git+") {
            4
        } else {
            0
        };
        slice(url, start, url.as_str().len())
    });
    let mut others = systems.iter().filter_map(|(prefix, field)| {
        let url = field.text()?;
        let has_prefix = url.as_str().starts_with(prefix);
        Some(if has_prefix {
            url.clone()
        } else {
            format!("{prefix}{}", url.as_str()).into()
        })
    });
    Some(Source::Git {
        url: git.or_else(|| others.next())?,
        commit: record.reference.text().cloned(),
    })
}

#[cfg(test)]
mod tests;
