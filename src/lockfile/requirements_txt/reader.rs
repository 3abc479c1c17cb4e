//! The file and what it includes → entries, with what their lines say beside them.
//!
//! Every file is read once in each role, those for production first, so that the widest scope of an entry wins
//! and neither a circle nor a thousand ways to one file cost more than the files themselves.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::line::Lines;
use super::option::Said;
use super::via::{Comments, Via};
use super::written::{self, Written};
use super::{RequirementsTxt, scope_of, split};
use crate::files::Files;
use crate::lockfile::LockfileFormat;
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, EntryKind, LockedEntry, Lockfile, Problem, ProblemSeverity, Scope,
};
use crate::lockfile::pypi::requirement::{Requirement, Wanted};
use crate::lockfile::pypi::{address, project};
use crate::lockfile::span::{SourceFile, Span, to_u32};
use crate::package::artifact::pypi_release;
use crate::package::name::normalise;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Integrity, PackageName, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// At most this many problems are told one by one.
const TOLD: usize = 20;

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Its requirements are installed.
    Requirements,
    /// It says versions for what is installed.
    Constraints,
}

/// A file that is to be read.
struct Pending {
    path: FilePath,
    role: Role,
    scope: Scope,
    /// Where the root's file includes it, by however many steps.
    include: Span,
}

/// A file that is being read.
struct Place<'p> {
    source: &'p SourceFile,
    role: Role,
    scope: Scope,
    /// None for the root's file.
    include: Option<Span>,
    /// How keys name the file; none for the root's.
    label: Option<String>,
}

/// What decides the version of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    /// Its own line.
    Own,
    /// Nothing, unless a constraint does.
    Open,
    /// Its address.
    Address,
}

/// What a line says beside its entry.
pub(super) struct Row<'a> {
    pub(super) pin: Pin,
    pub(super) scope: Scope,
    pub(super) range: Option<Untrusted<'a>>,
    pub(super) marker: Option<Untrusted<'a>>,
    /// Whether a comment says who asks for it.
    pub(super) is_annotated: bool,
}

pub(super) struct Reader<'r, 'a> {
    pub(super) lockfile: Lockfile<'a>,
    pub(super) file: &'a SourceFile,
    pub(super) files: &'r dyn Files,
    pub(super) limits: &'r Limits,
    /// One for each entry behind the root.
    pub(super) rows: Vec<Row<'a>>,
    /// Who asks for an entry, by the entry's index.
    pub(super) askers: Vec<(u32, Via)>,
    /// The versions that constraints allow; none where several say different ones.
    constraints: FxHashMap<String, Option<String>>,
    index: Option<Untrusted<'a>>,
    has_more_indexes: bool,
    has_no_index: bool,
    open: VecDeque<Pending>,
    open_for_development: VecDeque<Pending>,
    seen: FxHashSet<(FilePath, Role)>,
    untold: usize,
}

impl<'r, 'a> Reader<'r, 'a> {
    pub(super) fn new(file: &'a SourceFile, files: &'r dyn Files, limits: &'r Limits) -> Self {
        let folder = file.path().parent().file_name().to_owned();
        let root = LockedEntry::root(Ecosystem::Pypi, folder.into());
        let path = file.path().clone();
        Self {
            lockfile: Lockfile::new(path.clone(), RequirementsTxt.id(), root, Ecosystem::Pypi),
            file,
            files,
            limits,
            rows: Vec::new(),
            askers: Vec::new(),
            constraints: FxHashMap::default(),
            index: None,
            has_more_indexes: false,
            has_no_index: false,
            open: VecDeque::new(),
            open_for_development: VecDeque::new(),
            seen: [(path, Role::Requirements)].into_iter().collect(),
            untold: 0,
        }
    }

    /// Reads the file, then what it includes.
    pub(super) fn read_all(&mut self) -> Result<(), LimitExceeded> {
        self.read(&Place {
            source: self.file,
            role: Role::Requirements,
            scope: scope_of(self.file.path().file_name()),
            include: None,
            label: None,
        })?;
        while let Some(pending) = self.next_pending() {
            if self.seen.len() > self.limits.manifests {
                let message = "it includes too many files; the rest was not read".to_owned();
                self.report_at_include(ProblemSeverity::Error, message, pending.include);
                break;
            }
            self.read_included(pending)?;
        }
        Ok(())
    }

    fn next_pending(&mut self) -> Option<Pending> {
        self.open
            .pop_front()
            .or_else(|| self.open_for_development.pop_front())
    }

    fn read_included(&mut self, pending: Pending) -> Result<(), LimitExceeded> {
        let name = check::excerpt(&pending.path.untrusted());
        let why = match self.files.read(&pending.path) {
            Ok(Some(text)) => {
                let folder = self.lockfile.project();
                let source = SourceFile::new(pending.path, text);
                return self.read(&Place {
                    label: Some(folder.relative_to(source.path())),
                    source: &source,
                    role: pending.role,
                    scope: pending.scope,
                    include: Some(pending.include),
                });
            }
            Ok(None) => "there is no such file".to_owned(),
            Err(error) => error.to_string(),
        };
        let message = format!("`{name}`, which it includes, was not read: {why}");
        self.report_at_include(ProblemSeverity::Error, message, pending.include);
        Ok(())
    }

    fn read(&mut self, place: &Place<'_>) -> Result<(), LimitExceeded> {
        let mut current = None;
        let mut comments = Comments::default();
        for line in Lines::new(place.source.text()) {
            if !line.code.is_empty() {
                comments = Comments::default();
                current = self.take(line.code, place);
                self.limits.check_entries(self.lockfile.entries.len())?;
            } else if line.comment.is_none() {
                current = None;
            }
            if let (Some(entry), Some(comment)) = (current, line.comment) {
                self.note_askers(entry, comments.read(comment));
                self.limits.check_dependencies(self.askers.len())?;
            }
        }
        Ok(())
    }

    fn note_askers(&mut self, entry: u32, askers: Option<Vec<Via>>) {
        let Some(askers) = askers else { return };
        self.rows[entry as usize - 1].is_annotated = true;
        self.askers
            .extend(askers.into_iter().map(|asker| (entry, asker)));
    }

    /// Reads a logical line; returns the entry that it makes.
    fn take(&mut self, code: &str, place: &Place<'_>) -> Option<u32> {
        if code.contains("{%") || code.contains("{{") {
            self.report_template(code, place);
            return None;
        }
        let (text, options) = split(code);
        let mut hashes = Vec::new();
        let mut entry = None;
        for said in options {
            match said {
                Said::Hash(hash) if !text.is_empty() => hashes.push(hash),
                other => entry = self.take_option(other, code, place).or(entry),
            }
        }
        if text.is_empty() {
            return entry;
        }
        let Some(written) = Written::parse(&text) else {
            let message = format!(
                "`{}` is no requirement that pip reads",
                check::excerpt(&Untrusted::borrowed(&text))
            );
            self.report(ProblemSeverity::Error, message, code, place);
            return None;
        };
        match (written, place.role) {
            (Written::Named(requirement), Role::Requirements) => {
                self.take_named(&requirement, &hashes, code, place)
            }
            (Written::Address { address, marker }, Role::Requirements) => {
                self.take_address(None, address, marker, &hashes, code, place)
            }
            (written, Role::Constraints) => {
                self.take_constraint(&written, code, place);
                None
            }
        }
    }

    fn take_option(&mut self, said: Said<'_>, code: &str, place: &Place<'_>) -> Option<u32> {
        match said {
            Said::Include(target) => self.include(target, Role::Requirements, code, place),
            Said::Constraints(target) => self.include(target, Role::Constraints, code, place),
            Said::Editable(address) => {
                let address = written::without_extras(address);
                return self.take_address(None, address, None, &[], code, place);
            }
            Said::Index(url) => self.index = Some(self.keep(url)),
            Said::ExtraIndex(_) => self.has_more_indexes = true,
            Said::NoIndex => self.has_no_index = true,
            Said::Hash(_) => {
                let message =
                    "a hash that belongs to no requirement; pip does not see it".to_owned();
                self.report(ProblemSeverity::Warning, message, code, place);
            }
            Said::Unknown(option) => {
                let option = check::excerpt(&Untrusted::borrowed(option));
                let message = format!("`{option}` is no option of pip");
                self.report(ProblemSeverity::Warning, message, code, place);
            }
            Said::Nothing => {}
        }
        None
    }

    /// Puts a file on the list of those to read; an address is never fetched.
    fn include(&mut self, target: &str, role: Role, code: &str, place: &Place<'_>) {
        let shown = check::excerpt(&Untrusted::borrowed(target));
        if target.contains("://") || target.starts_with("file:") {
            let message =
                format!("`{shown}`, which it includes, was not read: linchpin fetches no address");
            return self.report(ProblemSeverity::Error, message, code, place);
        }
        let Some(path) = place
            .source
            .path()
            .parent()
            .join(target)
            .filter(|_| !target.is_empty())
        else {
            let message = format!(
                "`{shown}`, which it includes, was not read: it lies outside the audited root"
            );
            return self.report(ProblemSeverity::Error, message, code, place);
        };
        if !self.seen.insert((path.clone(), role)) {
            return;
        }
        let scope = place.scope.max(scope_of(path.file_name()));
        let include = place.include.unwrap_or_else(|| self.span(code));
        let pending = Pending {
            path,
            role,
            scope,
            include,
        };
        match scope {
            Scope::Dev => self.open_for_development.push_back(pending),
            _ => self.open.push_back(pending),
        }
    }

    fn take_constraint(&mut self, written: &Written<'_>, code: &str, place: &Place<'_>) {
        let requirement = match written {
            Written::Named(requirement) if !matches!(requirement.wanted, Wanted::Url(_)) => {
                requirement
            }
            _ => {
                let message = "a constraint by an address is not applied".to_owned();
                return self.report(ProblemSeverity::Warning, message, code, place);
            }
        };
        if let (Some(version), None) = (requirement.pin(), requirement.marker) {
            let name = normalise(requirement.name).into_owned();
            let known = self
                .constraints
                .entry(name)
                .or_insert_with(|| Some(version.to_owned()));
            if known.as_deref() != Some(version) {
                *known = None;
            }
        }
    }

    fn take_named(
        &mut self,
        requirement: &Requirement<'_>,
        hashes: &[&str],
        code: &str,
        place: &Place<'_>,
    ) -> Option<u32> {
        if let Wanted::Url(address) = requirement.wanted {
            let name = Some(requirement.name);
            return self.take_address(name, address, requirement.marker, hashes, code, place);
        }
        let range = match requirement.wanted {
            Wanted::Specifier(range) => range,
            _ => "",
        };
        if range.contains("${") {
            let name = check::excerpt(&Untrusted::borrowed(requirement.name));
            let message = format!(
                "the version of `{name}` stands in an environment variable, so it was not read"
            );
            self.report(ProblemSeverity::Error, message, code, place);
            return None;
        }
        let integrity = self.integrity(hashes, code, place);
        let pin = requirement.pin();
        let key = match pin {
            Some(version) => format!("{} {version}", requirement.name),
            None => format!("{}{range}", requirement.name),
        };
        let entry = LockedEntry {
            name: PackageName::new(Ecosystem::Pypi, self.keep(requirement.name)),
            version: pin.map(|version| Version::new(self.keep(version))),
            artifacts: if integrity.is_empty() {
                Vec::new()
            } else {
                vec![Artifact {
                    url: None,
                    integrity,
                }]
            },
            ..self.entry(Source::Registry(Registry::Public), key, code, place)
        };
        let row = Row {
            pin: if pin.is_some() { Pin::Own } else { Pin::Open },
            scope: place.scope,
            range: Some(range)
                .filter(|range| !range.is_empty())
                .map(|range| self.keep(range)),
            marker: requirement.marker.map(|marker| self.keep(marker)),
            is_annotated: false,
        };
        Some(self.push(entry, row))
    }

    fn take_address(
        &mut self,
        name: Option<&str>,
        address: &str,
        marker: Option<&str>,
        hashes: &[&str],
        code: &str,
        place: &Place<'_>,
    ) -> Option<u32> {
        let address = self.keep(address);
        let source = address::classify(&address);
        let name = match name {
            Some(name) => Some(self.keep(name)),
            None => self.name_of(address.as_str(), &source).map(Untrusted::from),
        };
        let Some(name) = name else {
            let message = "what this address holds is not known: it names no package".to_owned();
            self.report(ProblemSeverity::Error, message, code, place);
            return None;
        };
        let name = PackageName::new(Ecosystem::Pypi, name);
        let is_archive = matches!(source, Source::Archive(_) | Source::Registry(_));
        let release = pypi_release(address.as_str())
            .filter(|release| is_archive && release.name == name.as_str());
        let version = release.map(|release| Version::new(release.version.into()));
        let mut integrity = self.integrity(hashes, code, place);
        if integrity.is_empty() {
            integrity = address::fragment_digest(address.as_str());
        }
        let key = version.as_ref().map_or_else(
            || name.as_str().to_owned(),
            |version| format!("{} {}", name.as_str(), version.as_str()),
        );
        let entry = LockedEntry {
            name,
            version,
            artifacts: if is_archive {
                vec![Artifact {
                    url: Some(address),
                    integrity,
                }]
            } else {
                Vec::new()
            },
            ..self.entry(source, key, code, place)
        };
        let row = Row {
            pin: Pin::Address,
            scope: place.scope,
            range: None,
            marker: marker.map(|marker| self.keep(marker)),
            is_annotated: false,
        };
        Some(self.push(entry, row))
    }

    /// Names what lies at an address; a folder of the project by its manifest.
    fn name_of(&self, address: &str, source: &Source<'_>) -> Option<String> {
        if let Source::Path(path) = source {
            let folder = self.lockfile.project().join(path.as_str());
            let manifest = folder
                .as_ref()
                .and_then(|folder| folder.join("pyproject.toml"));
            let text = manifest.and_then(|manifest| self.files.read(&manifest).ok().flatten());
            let name = text.and_then(|text| project::read(&text)?.name);
            let own = || folder.map(|folder| folder.file_name().to_owned());
            return name
                .or_else(|| written::name_of(address, source))
                .or_else(own);
        }
        written::name_of(address, source)
    }

    /// Makes an entry of a source; its name, version and archives are the caller's.
    fn entry(
        &self,
        source: Source<'a>,
        key: String,
        code: &str,
        place: &Place<'_>,
    ) -> LockedEntry<'a> {
        let key = match &place.label {
            Some(label) => format!("{label}: {key}"),
            None => key,
        };
        LockedEntry {
            kind: match source {
                Source::Path(_) => EntryKind::Workspace,
                _ => EntryKind::Package,
            },
            name: PackageName::new(Ecosystem::Pypi, Untrusted::default()),
            version: None,
            source,
            key: key.into(),
            artifacts: Vec::new(),
            deprecated: None,
            delivery: Delivery::Own,
            span: place.include.unwrap_or_else(|| self.span(code)),
        }
    }

    fn push(&mut self, entry: LockedEntry<'a>, row: Row<'a>) -> u32 {
        let index = to_u32(self.lockfile.entries.len());
        self.lockfile.entries.push(entry);
        self.rows.push(row);
        index
    }

    /// The digests are those of all files of a release; which is whose is not said.
    fn integrity(&mut self, hashes: &[&str], code: &str, place: &Place<'_>) -> Integrity {
        let digests = hashes
            .iter()
            .filter_map(|hash| Digest::from_tagged_hex(hash));
        let digests: Vec<Digest> = digests.collect();
        if digests.len() < hashes.len() {
            let message = "a hash of this requirement cannot be read".to_owned();
            self.report(ProblemSeverity::Warning, message, code, place);
        }
        digests.into_iter().collect()
    }

    /// Applies what holds for all files: constraints, and the index.
    pub(super) fn settle(&mut self) {
        let entries = self.lockfile.entries.iter_mut().skip(1);
        for (entry, row) in entries.zip(&self.rows) {
            if row.pin == Pin::Address {
                continue;
            }
            if let Some(index) = &self.index {
                entry.source = Source::registry(Ecosystem::Pypi, index.clone());
            }
            let constraint = self.constraints.get(entry.name.as_str());
            if let (Pin::Open, Some(Some(version))) = (row.pin, constraint) {
                entry.version = Some(Version::new(version.clone().into()));
            }
        }
        let notes = [
            (
                self.has_more_indexes,
                "a second index is given: from which of them a package comes is not pinned",
            ),
            (
                self.has_no_index,
                "no index is used: packages come from `--find-links`, and are judged as those of the public registry",
            ),
        ];
        for (_, note) in notes.into_iter().filter(|(holds, _)| *holds) {
            let problem = Problem::new(self.file.path().clone(), ProblemSeverity::Note, note);
            self.lockfile.problems.push(problem);
        }
    }

    /// Borrows a part of the root's file; text from elsewhere is copied.
    pub(super) fn keep(&self, text: &str) -> Untrusted<'a> {
        match self.file.span_of(text) {
            Some(span) => {
                Untrusted::borrowed(&self.file.text()[span.start as usize..span.end as usize])
            }
            None => text.to_owned().into(),
        }
    }

    /// Returns where a line of the root's file begins and its first physical line ends.
    fn span(&self, code: &str) -> Span {
        let first = code.split(['\n', '\r']).next().unwrap_or_default();
        let first = first.trim_end_matches(|last: char| last.is_whitespace() || last == '\\');
        self.file.span_of(first).unwrap_or_default()
    }

    /// A line of a template is not what will be installed.
    fn report_template(&mut self, code: &str, place: &Place<'_>) {
        let (severity, message) = if code.contains("{{") {
            (
                ProblemSeverity::Error,
                "a placeholder of a template stands in this line, so it was not read",
            )
        } else {
            (
                ProblemSeverity::Warning,
                "this line belongs to a template; what is around it is read as if it always held",
            )
        };
        self.report(severity, message.to_owned(), code, place);
    }

    fn report(
        &mut self,
        severity: ProblemSeverity,
        message: String,
        code: &str,
        place: &Place<'_>,
    ) {
        let offset = place.source.span_of(code).unwrap_or_default().start;
        let location = place.source.locate(offset);
        let problem = Problem::new(place.source.path().clone(), severity, message).at(location);
        self.tell(
            problem.help(
                "write the line as pip reads it, or have the file written by: uv pip compile",
            ),
        );
    }

    fn report_at_include(&mut self, severity: ProblemSeverity, message: String, include: Span) {
        let location = self.file.locate(include.start);
        let problem = Problem::new(self.file.path().clone(), severity, message).at(location);
        self.tell(problem.help("put the file there, or take the line out"));
    }

    fn tell(&mut self, problem: Problem) {
        if self.lockfile.problems.len() < TOLD {
            self.lockfile.problems.push(problem);
        } else {
            self.untold += 1;
        }
    }

    pub(super) fn finish(mut self) -> Lockfile<'a> {
        if self.untold > 0 {
            let message = format!("{} more lines are not as pip reads them", self.untold);
            let problem = Problem::new(self.file.path().clone(), ProblemSeverity::Error, message);
            self.lockfile.problems.push(problem);
        }
        self.lockfile
    }
}
