//! The file and what it includes → entries, with what their lines say beside them.
//!
//! Every file is read once in each role, so that neither a circle nor a thousand ways to one file cost more than
//! the files themselves. What is included is for what the including file is for, whatever its name says. A file
//! that an include names can be any file of the repository, so that nothing is said of its text.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};

use super::encoding;
use super::entry::Hashes;
use super::index::Indexes;
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
use crate::lockfile::span::{Location, SourceFile, Span};
use crate::package::address::host_name;
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
    /// Where the root's file includes it, by however many steps.
    include: Span,
    /// How messages name it.
    shown: String,
    /// The line that includes it.
    asked: (FilePath, Location),
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

impl Place<'_> {
    /// Repeats a part of the root's file; a part of any other may be a secret, and is only named by what it is.
    pub(super) fn quote(&self, part: &str, what: &str) -> String {
        match self.include {
            None => format!("`{}`", check::excerpt(&Untrusted::borrowed(part))),
            Some(_) => what.to_owned(),
        }
    }

    /// Makes a problem at a part of the file.
    fn problem(&self, severity: ProblemSeverity, message: String, part: &str) -> Problem {
        Problem::new(self.source.path().clone(), severity, message).at(self.locate(part))
    }

    fn locate(&self, part: &str) -> Location {
        let offset = self.source.span_of(part).unwrap_or_default().start;
        self.source.locate(offset)
    }
}

/// Finds the file that an include means, or says why it is not read.
fn included(target: &str, place: &Place<'_>) -> Result<FilePath, &'static str> {
    if target.contains("://") || target.starts_with("file:") {
        return Err("linchpin fetches no address");
    }
    let folder = place.source.path().parent();
    let path = folder.join(target).filter(|_| !target.is_empty());
    let path = path.ok_or("it lies outside the audited root")?;
    let mut parts = path.as_str().split('/');
    if parts.any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err("git keeps no requirements in its own folder");
    }
    if path.file_name().starts_with('.') {
        return Err("hidden files keep settings and secrets, and no requirements");
    }
    Ok(path)
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
    /// How many constraints were not applied.
    left_out: usize,
    pub(super) indexes: Indexes<'a>,
    scope: Scope,
    open: VecDeque<Pending>,
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
            left_out: 0,
            indexes: Indexes::default(),
            scope: scope_of(file.path().file_name()),
            open: VecDeque::new(),
            seen: [(path, Role::Requirements)].into_iter().collect(),
            untold: 0,
        }
    }

    /// Reads the file, then what it includes.
    pub(super) fn read_all(&mut self) -> Result<(), LimitExceeded> {
        self.read(&Place {
            source: self.file,
            role: Role::Requirements,
            scope: self.scope,
            include: None,
            label: None,
        })?;
        while let Some(pending) = self.open.pop_front() {
            if self.seen.len() > self.limits.manifests {
                let message = "it includes too many files; the rest was not read".to_owned();
                self.report_include(message, pending.asked);
                break;
            }
            self.read_included(pending)?;
        }
        Ok(())
    }

    fn read_included(&mut self, pending: Pending) -> Result<(), LimitExceeded> {
        let why = match self.files.read(&pending.path) {
            Ok(Some(text)) => {
                let folder = self.lockfile.project();
                let source = SourceFile::new(pending.path, text);
                return self.read(&Place {
                    label: Some(folder.relative_to(source.path())),
                    source: &source,
                    role: pending.role,
                    scope: self.scope,
                    include: Some(pending.include),
                });
            }
            Ok(None) => "there is no such file".to_owned(),
            Err(error) => error.to_string(),
        };
        let shown = pending.shown;
        let message = format!("{shown}, which it includes, was not read: {why}");
        self.report_include(message, pending.asked);
        Ok(())
    }

    fn read(&mut self, place: &Place<'_>) -> Result<(), LimitExceeded> {
        if let Some(encoding) = encoding::foreign(place.source.text()) {
            self.report_encoding(encoding, place);
        }
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
            let shown = place.quote(&text, "this line");
            let message = format!("{shown} is no requirement that pip reads");
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
            Said::Index(url) => {
                let url = self.keep(url);
                self.indexes.add(url);
            }
            Said::ExtraIndex(url) => self.report_extra("--extra-index-url", url, code, place),
            Said::Links(url) => self.report_extra("--find-links", url, code, place),
            Said::NoIndex => self.indexes.has_none = true,
            Said::Hash(_) => {
                let message =
                    "a hash that belongs to no requirement; pip does not see it".to_owned();
                self.report(ProblemSeverity::Warning, message, code, place);
            }
            Said::Unknown(option) => {
                let message = format!("{} is no option of pip", place.quote(option, "this line"));
                self.report(ProblemSeverity::Warning, message, code, place);
            }
            Said::Nothing => {}
        }
        None
    }

    /// Puts a file on the list of those to read; an address is never fetched.
    fn include(&mut self, target: &str, role: Role, code: &str, place: &Place<'_>) {
        let path = match included(target, place) {
            Ok(path) => path,
            Err(why) => {
                let shown = place.quote(target, "a file");
                let message = format!("{shown}, which it includes, was not read: {why}");
                return self.report(ProblemSeverity::Error, message, code, place);
            }
        };
        // One above the bound is enough to tell that there are too many.
        if self.seen.len() > self.limits.manifests || !self.seen.insert((path.clone(), role)) {
            return;
        }
        let include = place.include.unwrap_or_else(|| self.span(code));
        self.open.push_back(Pending {
            shown: place.quote(path.as_str(), "a file"),
            asked: (place.source.path().clone(), place.locate(code)),
            path,
            role,
            include,
        });
    }

    /// Tells of another place than the index that packages may come from, once for each host.
    fn report_extra(&mut self, option: &str, address: &str, code: &str, place: &Place<'_>) {
        let host = host_name(address).unwrap_or_default();
        if !self.indexes.is_new_extra(option, &host) {
            return;
        }
        let whence = match &*host {
            "" => "a folder".to_owned(),
            host => format!("`{}`", check::excerpt(&host.into())),
        };
        let message = format!(
            "packages may come from {whence} as well ({option}): from where each of them comes is not pinned"
        );
        let problem = place.problem(ProblemSeverity::Warning, message, code);
        self.tell(problem.help("have one index serve all packages, or pin each by its hash"));
    }

    /// pip decodes a file as its first lines say; what it installs then is not what stands here.
    fn report_encoding(&mut self, encoding: &str, place: &Place<'_>) {
        let shown = place.quote(encoding, "another encoding");
        let message = format!(
            "its first lines have pip read it as {shown}, not as UTF-8, so that pip may see other packages in it"
        );
        let problem = place.problem(ProblemSeverity::Error, message, encoding);
        self.tell(problem.help("write the file in UTF-8, and take the declaration out"));
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
        let Some(version) = requirement.pin() else {
            return;
        };
        if requirement.marker.is_some() {
            self.left_out += 1;
            return;
        }
        let name = normalise(requirement.name).into_owned();
        let known = self
            .constraints
            .entry(name)
            .or_insert_with(|| Some(version.to_owned()));
        if known.as_deref() != Some(version) {
            *known = None;
            self.left_out += 1;
        }
    }

    /// Applies what holds for all files: constraints, and the index.
    pub(super) fn settle(&mut self) {
        let entries = self.lockfile.entries.iter_mut().skip(1);
        for (entry, row) in entries.zip(&self.rows) {
            if row.pin == Pin::Address {
                continue;
            }
            if let Some(index) = self.indexes.judged() {
                entry.source = Source::registry(Ecosystem::Pypi, index.clone());
            }
            let constraint = self.constraints.get(entry.name.as_str());
            if let (Pin::Open, Some(Some(version))) = (row.pin, constraint) {
                entry.version = Some(Version::new(version.clone().into()));
            }
        }
        let path = self.file.path();
        let problems = &mut self.lockfile.problems;
        problems.extend(self.indexes.problem(path));
        if self.indexes.has_none {
            let message = "no index is used: packages come from `--find-links`, and are judged as those of the public registry";
            problems.push(Problem::new(path.clone(), ProblemSeverity::Note, message));
        }
        if self.left_out > 0 {
            let message = format!(
                "{} constraints were not applied: they hold in some environments only, or two of them differ",
                self.left_out
            );
            problems.push(Problem::new(path.clone(), ProblemSeverity::Note, message));
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
        let problem = place.problem(severity, message, code);
        self.tell(
            problem.help(
                "write the line as pip reads it, or have the file written by: uv pip compile",
            ),
        );
    }

    fn report_include(&mut self, message: String, (path, location): (FilePath, Location)) {
        let problem = Problem::new(path, ProblemSeverity::Error, message).at(location);
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
