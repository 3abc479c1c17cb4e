//! What Yarn 2 and later say of a package, in YAML (Yarn 2 to 4) or in JSON (Yarn 6): records to entries.
//!
//! A record's `resolution` is the package: its name, version and source. Its key is what it answers, and may call
//! the package by another name.

use rustc_hash::FxHashSet;

use super::catalogs::{Settings, settings_file};
use super::connect::{Asking, Form, Listed, connect};
use super::locator::{Located, Protocol, locate};
use super::project::Project;
use super::report::{TOLD, repeated};
use super::{Ask, Descriptor, Ranges, Records};
use crate::files::Files;
use crate::lockfile::check::excerpt;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, DependencyKind, EntryKind, FormatId, LockedEntry, Lockfile, Problem,
    ProblemSeverity,
};
use crate::lockfile::npm::{address::slice, specifier};
use crate::lockfile::span::{SourceFile, Span, to_u32};
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// The command that writes such a lockfile anew.
pub(in crate::lockfile) const RELOCK: &str = "yarn install";

/// How many keys may be written in a way that is not looked for before no more are looked for.
const MISSES: usize = 16;

/// What a record states, whatever the syntax.
pub(in crate::lockfile) struct Stated<'a> {
    /// The descriptors that it answers, with commas between.
    pub(in crate::lockfile) key: Untrusted<'a>,
    /// The package.
    pub(in crate::lockfile) resolution: Option<Untrusted<'a>>,
    /// The version in the package's manifest.
    pub(in crate::lockfile) version: Option<Untrusted<'a>>,
    /// Yarn's own digest, if there is one.
    pub(in crate::lockfile) checksum: Option<Untrusted<'a>>,
}

/// A lockfile in the making.
pub(in crate::lockfile) struct Modern<'a> {
    file: &'a SourceFile,
    lockfile: Lockfile<'a>,
    records: Records<'a>,
    listed: Listed,
    resolutions: FxHashSet<Untrusted<'a>>,
    /// Where the search for the next key that is not a borrow begins.
    from: usize,
    missed: usize,
    /// How many problems of records were found.
    odd: usize,
}

impl<'a> Modern<'a> {
    /// Starts a lockfile with room for so many records.
    pub(in crate::lockfile) fn new(file: &'a SourceFile, format: FormatId, records: usize) -> Self {
        let folder = file.path().parent().file_name().to_owned();
        let root = LockedEntry::root(Ecosystem::Npm, folder.into());
        let mut lockfile = Lockfile::new(file.path().clone(), format, root, Ecosystem::Npm);
        lockfile.entries.reserve(records);
        lockfile.dependencies.reserve(records * 3);
        let mut resolutions = FxHashSet::default();
        resolutions.reserve(records);
        Self {
            file,
            lockfile,
            records: Records::new(Ranges::Prefixed, records),
            listed: Listed::default(),
            resolutions,
            from: 0,
            missed: 0,
            odd: 0,
        }
    }

    /// Says whether no record was read.
    pub(in crate::lockfile) fn is_empty(&self) -> bool {
        self.records.len() == 0
    }

    /// Says whether a record was left out or is doubtful.
    pub(in crate::lockfile) fn has_problems(&self) -> bool {
        self.odd > 0
    }

    /// Reports something about the whole file.
    pub(in crate::lockfile) fn warn(&mut self, message: impl Into<Untrusted<'static>>) {
        let path = self.file.path().clone();
        let problem = Problem::new(path, ProblemSeverity::Warning, message);
        self.lockfile.problems.push(problem);
    }

    /// Adds what the record that is added next asks for.
    pub(in crate::lockfile) fn ask(
        &mut self,
        name: Untrusted<'a>,
        range: &Untrusted<'a>,
        kind: DependencyKind,
    ) {
        let range = plain(range, 0, range.as_str().len());
        let descriptor = Descriptor { name, range };
        self.records.ask(Ask { descriptor, kind });
    }

    /// Adds a record; one that names no package is an error, and is left out.
    pub(in crate::lockfile) fn add(&mut self, stated: Stated<'a>) {
        let span = self.span_of(&stated.key);
        let located = stated.resolution.as_ref().and_then(locate);
        let (Some(located), Some(resolution)) = (located, stated.resolution.clone()) else {
            self.records.abandon();
            let message = format!(
                "the record `{}` does not say which package it is; it was left out",
                excerpt(&stated.key)
            );
            return self.tell(ProblemSeverity::Error, message, span);
        };
        if !self.resolutions.insert(resolution.clone()) {
            let problem = repeated(self.file, span, resolution.as_str());
            self.tell_problem(problem);
        }
        self.answer(&stated.key, span);
        self.check(&located, stated.version.as_ref(), span);
        let index = self.index_of(&located);
        let mut entry = entry(located, stated, span);
        entry.key = resolution;
        if index == 0 {
            entry.kind = EntryKind::Root;
            self.lockfile.entries[0] = entry;
        } else {
            self.lockfile.entries.push(entry);
        }
        self.records.close(index);
    }

    /// Chooses the index of a package's entry; that of the project's own folder is the root.
    fn index_of(&mut self, located: &Located<'a>) -> u32 {
        let next = to_u32(self.lockfile.entries.len());
        let Source::Path(path) = &located.source else {
            return next;
        };
        if !located.is_member() {
            return next;
        }
        let is_root = path.as_str() == "." && self.listed.entries.first() != Some(&0);
        let index = if is_root { 0 } else { next };
        if let Some(folder) = self.lockfile.project().join(path.as_str()) {
            self.listed.folders.insert(folder, index);
        }
        if is_root {
            self.listed.entries.insert(0, 0);
        } else {
            self.listed.entries.push(index);
        }
        index
    }

    /// Splits the key of a record.
    fn answer(&mut self, key: &Untrusted<'a>, span: Span) {
        let text = key.as_str();
        let mut start = 0;
        for part in text.split(',') {
            let from = start + part.len() - part.trim_start().len();
            let to = start + part.trim_end().len();
            start += part.len() + 1;
            let Some((name, _)) = text.get(from..to).and_then(specifier::split) else {
                let message = format!("`{}` names no package and no range", excerpt(key));
                self.tell(ProblemSeverity::Error, message, span);
                continue;
            };
            let name_end = from + name.len();
            self.records.answer(Descriptor {
                name: slice(key, from, name_end),
                range: plain(key, name_end + 1, to),
            });
        }
    }

    /// The resolution is what Yarn installs; a version beside it that differs was put there by somebody else.
    fn check(&mut self, located: &Located<'a>, version: Option<&Untrusted<'a>>, span: Span) {
        let name = || excerpt(&located.name);
        if let (Some(own), Some(stated)) = (&located.version, version)
            && own != stated
        {
            let message = format!(
                "`{}` is resolved to version `{}`, but its record says `{}`",
                name(),
                excerpt(own),
                excerpt(stated)
            );
            self.tell(ProblemSeverity::Error, message, span);
        }
        if located.protocol == Protocol::Unknown {
            let message = format!(
                "`{}` comes by a protocol that is none of Yarn's own, so where it comes from is not known",
                name()
            );
            self.tell(ProblemSeverity::Warning, message, span);
        }
        if located.protocol == Protocol::Ambiguous {
            let message = format!(
                "`{}` names several archives, so which of them is installed is not known",
                name()
            );
            self.tell(ProblemSeverity::Error, message, span);
        }
    }

    fn tell(&mut self, severity: ProblemSeverity, message: String, span: Span) {
        let problem = Problem::new(self.file.path().clone(), severity, message)
            .help("find out who edited the lockfile, or write it anew: yarn install");
        let location = self.file.locate(span.start);
        self.tell_problem(problem.at(location));
    }

    fn tell_problem(&mut self, problem: Problem) {
        self.odd += 1;
        if self.odd <= TOLD {
            self.lockfile.problems.push(problem);
        }
    }

    /// Finds where a key stands, quotes aside. O(bytes) in all.
    fn span_of(&mut self, key: &Untrusted<'a>) -> Span {
        let borrowed = key.as_borrowed().and_then(|key| self.file.span_of(key));
        if let Some(span) = borrowed {
            return span;
        }
        let rest = self.file.text().get(self.from..).unwrap_or_default();
        let found = (self.missed < MISSES)
            .then(|| memchr::memmem::find(rest.as_bytes(), key.as_str().as_bytes()))
            .flatten();
        let Some(at) = found else {
            self.missed += 1;
            return Span::default();
        };
        let start = self.from + at;
        self.from = start + key.as_str().len();
        Span::new(start, self.from)
    }

    /// Draws the edges; `form` says whether the project's own packages are records.
    pub(in crate::lockfile) fn connect(
        mut self,
        own: Packages,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LimitExceeded> {
        if self.odd > TOLD {
            let message = format!("{} more records have problems", self.odd - TOLD);
            let path = self.file.path().clone();
            let problem = Problem::new(path, ProblemSeverity::Error, message);
            self.lockfile.problems.push(problem);
        }
        let (lockfile, file) = (&mut self.lockfile, self.file);
        let folders = members(lockfile, &self.listed);
        let further: Vec<&str> = folders.iter().map(String::as_str).collect();
        let project = Project::read(file, &further, files, limits, &mut lockfile.problems);
        lockfile.manifests.extend(project.paths());
        let parsed = project.parse(&mut lockfile.problems);
        let settings_file = settings_file(&file.path().parent(), files);
        let settings = Settings::parse(settings_file.as_ref(), limits, &mut lockfile.problems);
        let asking = Asking {
            own: &parsed,
            form: match own {
                Packages::Listed => Form::Listed(self.listed),
                Packages::Absent => Form::Absent,
            },
            catalogs: &settings.catalogs(),
            relock: RELOCK,
        };
        connect(lockfile, file, &self.records, &asking, limits)?;
        Ok(self.lockfile)
    }
}

/// Whether the project's own packages are records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Packages {
    /// They are.
    Listed,
    /// They are not.
    Absent,
}

/// Lists the folders of the members that are records.
fn members(lockfile: &Lockfile<'_>, listed: &Listed) -> Vec<String> {
    let entries = listed.entries.iter().filter(|entry| **entry != 0);
    let sources = entries.map(|entry| &lockfile.entries[*entry as usize].source);
    let paths = sources.filter_map(|source| source.address());
    paths.map(|path| path.as_str().to_owned()).collect()
}

/// Makes the entry of a record.
fn entry<'a>(located: Located<'a>, stated: Stated<'a>, span: Span) -> LockedEntry<'a> {
    let integrity = match &stated.checksum {
        Some(checksum) if !checksum.as_str().is_empty() => Integrity::in_own_form(),
        _ => Integrity::default(),
    };
    let has_artifact =
        located.kind == EntryKind::Package && (located.url.is_some() || !integrity.is_empty());
    let artifact = has_artifact.then_some(Artifact {
        url: located.url,
        integrity,
    });
    LockedEntry {
        kind: located.kind,
        name: PackageName::new(Ecosystem::Npm, located.name),
        version: located.version.or(stated.version).map(Version::new),
        source: located.source,
        key: Untrusted::default(),
        artifacts: artifact.into_iter().collect(),
        deprecated: None,
        delivery: Delivery::Own,
        install_script: None,
        span,
    }
}

/// Takes a range out of a text, in the form in which ranges are compared.
fn plain<'a>(text: &Untrusted<'a>, start: usize, end: usize) -> Untrusted<'a> {
    let range = &text.as_str()[start..end];
    let plain = Ranges::Prefixed.plain(range);
    slice(text, end - plain.len(), end)
}
