//! yarn.lock as Yarn 1 writes it, whose syntax is its own (`lines`) and has not changed since 2016.
//!
//! A record answers patterns, `name@range`, and asks for others; an edge leads to the record that answers
//! exactly what is asked for. The project's own packages are not in the file: they come from package.json, as do
//! the ranges that `resolutions` puts in place of others.

mod lines;
mod source;

use self::lines::{Field, Line, field, lines, patterns};
use super::limits::Limits;
use super::model::{
    Artifact, Delivery, DependencyKind, EntryKind, FormatId, LockedEntry, Lockfile, LockfileError,
    Problem, ProblemSeverity,
};
use super::npm::{address::slice, specifier};
use super::span::{SourceFile, Span, to_u32};
use super::yarn::{
    Ask, Asking, Descriptor, Form, Project, RELOCK, Ranges, Records, Settings, TOLD, connect,
};
use super::{FileNamePattern, LockfileFormat, check};
use crate::files::Files;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Integrity, PackageName, Source, Version};
use crate::text::Untrusted;

/// Fields that Yarn writes and that say nothing about where a package comes from.
const SILENT_FIELDS: [&str; 3] = ["name", "registry", "uid"];

/// Sections that Yarn writes and that name no packages.
const SILENT_SECTIONS: [&str; 2] = ["permissions", "prebuiltVariants"];

/// About how many bytes a record takes; only to make room.
const RECORD_BYTES: usize = 256;

pub(super) struct YarnV1;

impl LockfileFormat for YarnV1 {
    fn id(&self) -> FormatId {
        FormatId("yarn-v1")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "yarn.lock of Yarn 1"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[FileNamePattern::Exact("yarn.lock")]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "yarn"
    }

    fn relock(&self) -> &'static str {
        RELOCK
    }

    fn recognises(&self, head: &str) -> bool {
        head.contains("# yarn lockfile v1")
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let root = LockedEntry::root(
            Ecosystem::Npm,
            file.path().parent().file_name().to_owned().into(),
        );
        let lockfile = Lockfile::new(file.path().clone(), self.id(), root, Ecosystem::Npm);
        let mut reader = Reader::new(file, lockfile);
        reader.read(limits)?;
        if reader.records.len() == 0 && !self.recognises(file.text()) {
            return Err(LockfileError::Unreadable {
                message:
                    "the file holds no record, and not the line by which Yarn knows its lockfile"
                        .to_owned(),
                help: "write it anew: yarn install",
            });
        }
        let (mut lockfile, records) = (reader.lockfile, reader.records);
        let project = Project::read(file, &[], files, limits, &mut lockfile.problems);
        lockfile.manifests.extend(project.paths());
        let own = project.parse(&mut lockfile.problems);
        let settings = Settings::default();
        let asking = Asking {
            own: &own,
            form: Form::Absent,
            catalogs: &settings.catalogs(),
            relock: RELOCK,
        };
        connect(&mut lockfile, file, &records, &asking, limits)?;
        Ok(lockfile)
    }
}

/// The record that is being read.
#[derive(Default)]
struct Open<'a> {
    span: Span,
    /// The first pattern.
    key: Untrusted<'a>,
    version: Option<Untrusted<'a>>,
    resolved: Option<Untrusted<'a>>,
    integrity: Option<Untrusted<'a>>,
    section: Section,
}

/// What the lines below a section are.
#[derive(Clone, Copy, Default)]
enum Section {
    /// Nothing that is known.
    #[default]
    Other,
    /// Dependencies of a kind.
    Dependencies(DependencyKind),
}

struct Reader<'a> {
    file: &'a SourceFile,
    lockfile: Lockfile<'a>,
    records: Records<'a>,
    open: Option<Open<'a>>,
    /// How many lines could not be read.
    odd: usize,
    /// Where the first of them begins.
    first_odd: usize,
}

impl<'a> Reader<'a> {
    fn new(file: &'a SourceFile, mut lockfile: Lockfile<'a>) -> Self {
        let expected = file.text().len() / RECORD_BYTES;
        lockfile.entries.reserve(expected);
        lockfile.dependencies.reserve(expected * 2);
        Self {
            file,
            lockfile,
            records: Records::new(Ranges::Verbatim, expected),
            open: None,
            odd: 0,
            first_odd: 0,
        }
    }

    fn read(&mut self, limits: &Limits) -> Result<(), LockfileError> {
        for line in lines(self.file.text()) {
            let is_read = match line.indent {
                0 => self.begin(line),
                2 => self.property(line),
                4 => self.item(line),
                _ => false,
            };
            if !is_read {
                self.note_odd(line);
            }
            limits.check_entries(self.lockfile.entries.len())?;
        }
        self.close();
        self.report_odd()
    }

    fn begin(&mut self, line: Line<'a>) -> bool {
        self.close();
        let records = &mut self.records;
        let mut key = None;
        let is_read = patterns(line.content, |pattern| {
            records.answer(descriptor(&pattern));
            key.get_or_insert(pattern);
        });
        let (Some(()), Some(key)) = (is_read, key) else {
            self.records.abandon();
            return false;
        };
        self.open = Some(Open {
            span: Span::new(line.start, line.start + line.content.len()),
            key,
            ..Open::default()
        });
        true
    }

    fn property(&mut self, line: Line<'a>) -> bool {
        let Some(open) = &mut self.open else {
            return false;
        };
        match field(line.content) {
            Some(Field::Section(name)) => {
                open.section = match name.as_str() {
                    "dependencies" => Section::Dependencies(DependencyKind::Normal),
                    "optionalDependencies" => Section::Dependencies(DependencyKind::Optional),
                    _ => Section::Other,
                };
                matches!(open.section, Section::Dependencies(_))
                    || SILENT_SECTIONS.contains(&name.as_str())
            }
            Some(Field::Pair(name, value)) => {
                open.section = Section::Other;
                let place = match name.as_str() {
                    "version" => &mut open.version,
                    "resolved" => &mut open.resolved,
                    "integrity" => &mut open.integrity,
                    name => return SILENT_FIELDS.contains(&name),
                };
                if place.replace(value).is_some() {
                    self.report_repeated_field(line, &name);
                }
                true
            }
            None => false,
        }
    }

    fn item(&mut self, line: Line<'a>) -> bool {
        let Some(open) = &self.open else {
            return false;
        };
        let Section::Dependencies(kind) = open.section else {
            return true;
        };
        let Some(Field::Pair(name, range)) = field(line.content) else {
            return false;
        };
        let descriptor = Descriptor { name, range };
        self.records.ask(Ask { descriptor, kind });
        true
    }

    /// Makes an entry of the record that was read last.
    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        let index = to_u32(self.lockfile.entries.len());
        let entry = self.entry(open);
        self.lockfile.entries.push(entry);
        self.records.close(index);
    }

    fn entry(&mut self, open: Open<'a>) -> LockedEntry<'a> {
        let descriptors = self.records.open_descriptors();
        let first = &descriptors[0];
        let name = PackageName::new(Ecosystem::Npm, real_name(first));
        let address = match &open.resolved {
            Some(resolved) => source::of_resolved(resolved, &name),
            None => address_of_patterns(descriptors, &name),
        };
        let key = open.key.clone();
        if address.source.is_registry() {
            self.check_names(&name, open.span);
            self.check_mirror(&open, &name);
        }
        let is_folder = matches!(address.source, Source::Path(_));
        let artifacts = if is_folder {
            Vec::new()
        } else {
            let integrity = self.integrity(&open, address.sha1, &name);
            vec![Artifact {
                url: address.url,
                integrity,
            }]
        };
        LockedEntry {
            kind: if is_folder {
                EntryKind::Workspace
            } else {
                EntryKind::Package
            },
            name,
            version: open.version.map(Version::new),
            source: address.source,
            key,
            artifacts,
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span: open.span,
        }
    }

    /// The digest behind the address counts only where there is no `integrity`, as Yarn has it.
    fn integrity(
        &mut self,
        open: &Open<'a>,
        sha1: Option<Digest>,
        name: &PackageName<'a>,
    ) -> Integrity {
        let Some(text) = &open.integrity else {
            return sha1.map_or_else(Integrity::default, Integrity::from);
        };
        let (integrity, unreadable) = Integrity::from_sri(text.as_str());
        if unreadable > 0 && integrity.is_empty() {
            let name = check::excerpt(name.untrusted());
            let message = format!("the integrity of `{name}` holds no digest that can be read");
            let help = "it counts as missing; write the lockfile anew: yarn install";
            self.report(ProblemSeverity::Warning, message, open.span, help);
        }
        integrity
    }

    /// One archive is one package; patterns that name two were put together by hand.
    fn check_names(&mut self, name: &PackageName<'a>, span: Span) {
        let descriptors = self.records.open_descriptors();
        let other = descriptors[1..].iter().map(real_name);
        let Some(other) = other.into_iter().find(|other| other != name.untrusted()) else {
            return;
        };
        let message = format!(
            "one record stands for both `{}` and `{}`",
            check::excerpt(name.untrusted()),
            check::excerpt(&other)
        );
        let help = "no package manager writes such an entry; find out who edited the lockfile";
        self.report(ProblemSeverity::Error, message, span, help);
    }

    /// A file of an offline mirror is all that tells which package is installed.
    fn check_mirror(&mut self, open: &Open<'a>, name: &PackageName<'a>) {
        let (Some(resolved), Some(version)) = (&open.resolved, &open.version) else {
            return;
        };
        if source::is_another_file(resolved.as_str(), name.as_str(), version.as_str()) {
            let message = format!(
                "`{}` comes from the file `{}`, which is named like another package",
                check::excerpt(name.untrusted()),
                check::excerpt(resolved)
            );
            let help = "no package manager writes such an entry; find out who edited the lockfile";
            self.report(ProblemSeverity::Error, message, open.span, help);
        }
    }

    fn report_repeated_field(&mut self, line: Line<'a>, name: &Untrusted<'a>) {
        let message = format!("`{}` stands twice in one record", check::excerpt(name));
        let help =
            "readers differ in which of the two they take; write the lockfile anew: yarn install";
        let span = Span::new(line.start, line.start);
        self.report(ProblemSeverity::Error, message, span, help);
    }

    fn note_odd(&mut self, line: Line<'a>) {
        if self.odd == 0 {
            self.first_odd = line.start + line.indent;
        }
        self.odd += 1;
        if self.odd <= TOLD {
            let message =
                "this line is none that yarn writes; what it says was not read".to_owned();
            let start = line.start + line.indent;
            let help = "write the lockfile anew: yarn install";
            self.report(
                ProblemSeverity::Error,
                message,
                Span::new(start, start),
                help,
            );
        }
    }

    /// A file of which no line could be read is no yarn.lock.
    fn report_odd(&mut self) -> Result<(), LockfileError> {
        if self.odd > 0 && self.records.len() == 0 {
            return Err(LockfileError::Syntax {
                syntax: "yarn.lock",
                message: "this line is none that yarn writes".to_owned(),
                location: Some(self.file.locate(to_u32(self.first_odd))),
            });
        }
        if self.odd > TOLD {
            let message = format!("{} more lines could not be read", self.odd - TOLD);
            let path = self.file.path().clone();
            let problem = Problem::new(path, ProblemSeverity::Error, message);
            self.lockfile.problems.push(problem);
        }
        Ok(())
    }

    fn report(
        &mut self,
        severity: ProblemSeverity,
        message: String,
        span: Span,
        help: &'static str,
    ) {
        let problem = Problem::new(self.file.path().clone(), severity, message);
        let location = self.file.locate(span.start);
        self.lockfile.problems.push(problem.at(location).help(help));
    }
}

/// Splits a pattern; one without a range asks for any.
fn descriptor<'a>(pattern: &Untrusted<'a>) -> Descriptor<'a> {
    let text = pattern.as_str();
    let (name, range) = specifier::split(text).unwrap_or((text, ""));
    Descriptor {
        name: slice(pattern, 0, name.len()),
        range: slice(pattern, text.len() - range.len(), text.len()),
    }
}

/// The name that an alias stands for, or the pattern's own.
fn real_name<'a>(descriptor: &Descriptor<'a>) -> Untrusted<'a> {
    const PREFIX: usize = "npm:".len();
    match specifier::alias(descriptor.range.as_str()) {
        Some((real, _)) => slice(&descriptor.range, PREFIX, PREFIX + real.len()),
        None => descriptor.name.clone(),
    }
}

/// Without `resolved`, a pattern may say that the package is not from a registry.
fn address_of_patterns<'a>(
    descriptors: &[Descriptor<'a>],
    name: &PackageName<'a>,
) -> source::Address<'a> {
    let mut sources = descriptors
        .iter()
        .filter_map(|descriptor| source::of_range(&descriptor.range, name));
    source::Address {
        source: sources.next().unwrap_or(Source::Registry(Registry::Public)),
        url: None,
        sha1: None,
    }
}

#[cfg(test)]
mod tests;
