//! The file and what it includes → entries, with what their lines say beside them.
//!
//! Every file is read once in each role, those for production first, so that the widest scope of an entry wins
//! and neither a circle nor a thousand ways to one file cost more than the files themselves.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::entry::Hashes;
use super::line::Lines;
use super::option::Said;
use super::via::{self, Comments, Via};
use super::written::{self, Written};
use super::{RequirementsTxt, scope_of, split};
use crate::files::Files;
use crate::lockfile::LockfileFormat;
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{LockedEntry, Lockfile, Problem, ProblemSeverity, Scope};
use crate::lockfile::pypi::requirement::Wanted;
use crate::lockfile::span::{SourceFile, Span};
use crate::package::name::normalise;
use crate::package::{Ecosystem, Source, Version};
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
pub(super) struct Place<'p> {
    pub(super) source: &'p SourceFile,
    role: Role,
    pub(super) scope: Scope,
    /// None for the root's file.
    pub(super) include: Option<Span>,
    /// How keys name the file; none for the root's.
    pub(super) label: Option<String>,
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

/// Who asks for an entry.
pub(super) enum Asker<'a> {
    /// The project itself.
    Project,
    /// A package, by its name as written.
    Package(Untrusted<'a>),
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
    pub(super) askers: Vec<(u32, Asker<'a>)>,
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

    fn note_askers(&mut self, entry: u32, list: Option<&str>) {
        let Some(list) = list else { return };
        self.rows[entry as usize - 1].is_annotated = true;
        for asker in via::askers(list) {
            let asker = match asker {
                Via::Nobody => continue,
                Via::Project => Asker::Project,
                Via::Package(name) => Asker::Package(self.keep(name)),
            };
            self.askers.push((entry, asker));
        }
    }

    /// Reads a logical line; returns the entry that it makes.
    fn take(&mut self, code: &str, place: &Place<'_>) -> Option<u32> {
        if code.contains("{%") || code.contains("{{") {
            self.report_template(code, place);
            return None;
        }
        let (text, options) = split(code);
        let mut hashes = Hashes::default();
        let mut entry = None;
        for said in options {
            match said {
                Said::Hash(hash) if !text.is_empty() => hashes.add(hash),
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
                self.take_named(&requirement, hashes, code, place)
            }
            (Written::Address { address, marker }, Role::Requirements) => {
                self.take_address(None, address, marker, hashes, code, place)
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
                return self.take_address(None, address, None, Hashes::default(), code, place);
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
    pub(super) fn span(&self, code: &str) -> Span {
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

    pub(super) fn report(
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
