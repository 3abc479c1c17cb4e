//! pylock.toml and pylock.NAME.toml, the lockfile of PEP 751, lock-version 1.
//!
//! Edges are optional there, and most writers state none; if any record names what it depends on, they count
//! as stated (`edges`). Groups and extras stand in the markers (`marker`). A record whose folder is the
//! lockfile's own is the project, and so the root.

mod edges;
mod marker;
mod record;

use rustc_hash::FxHashSet;
use toml::de::DeTable;

use super::check;
use super::limits::Limits;
use super::model::{
    Delivery, EntryKind, FormatId, LockedEntry, Lockfile, LockfileError, Problem, ProblemSeverity,
    Scope,
};
use super::pypi::pieces::{self, Piece, Pieces};
use super::pypi::problems;
use super::span::{SourceFile, Span, to_u32};
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::name::normalise;
use crate::package::{Ecosystem, PackageName, Source, Version};
use crate::text::Untrusted;
use record::{Files as RecordFiles, Record};

/// The version of the format that this reader knows; minor ones only add to it.
const KNOWN: &str = "1.0";

/// At most this many problems of one kind are told one by one.
const TOLD: usize = 20;

/// How to write such a lockfile anew; which tool wrote it stands in its `created-by`.
const RELOCK: &str = "pip lock, uv export or pdm lock, whichever wrote it";

pub(super) struct PylockToml;

impl LockfileFormat for PylockToml {
    fn id(&self) -> FormatId {
        FormatId("pylock-toml")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn summary(&self) -> &'static str {
        "pylock.toml (PEP 751), lock-version 1"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[
            FileNamePattern::Exact("pylock.toml"),
            FileNamePattern::OnePart("pylock.", ".toml"),
        ]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn tool(&self) -> &'static str {
        "pip"
    }

    fn relock(&self) -> &'static str {
        RELOCK
    }

    fn recognises(&self, head: &str) -> bool {
        head.contains("lock-version = ") && head.contains("[[packages]]")
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let mut document = pieces::parse(file, record::form())?;
        let files_of_packages = std::mem::take(&mut document.files);
        let version_problem = check_version(&document.rest)?;
        let packages = packages(&document)?;
        limits.check_entries(packages.len())?;
        let mut reader = Reader::new(file, &document.rest);
        if let Some(message) = version_problem {
            reader.report(ProblemSeverity::Warning, message, Span::default());
        }
        reader.add_all(packages, files_of_packages);
        problems::report_remote_folders(file, &mut reader.lockfile);
        edges::connect(&mut reader, files, limits)?;
        Ok(reader.lockfile)
    }
}

/// Refuses other versions than 1; returns the warning for a minor one that is not known.
fn check_version(document: &DeTable<'_>) -> Result<Option<String>, LockfileError> {
    let unreadable = |message: String| LockfileError::Unreadable {
        message,
        help: "write it with a tool that knows PEP 751: pip lock, uv export, pdm lock",
    };
    let Some(version) = record::text(document, "lock-version") else {
        return Err(unreadable(
            "the file has no `lock-version`, so it is no pylock.toml".to_owned(),
        ));
    };
    let shown = check::excerpt(&version);
    match version.as_str() {
        KNOWN => Ok(None),
        minor if minor.starts_with("1.") => Ok(Some(format!(
            "lock-version {shown} is not known to this linchpin; it was read as version {KNOWN}"
        ))),
        _ => Err(unreadable(format!(
            "lock-version {shown} cannot be read, only version 1"
        ))),
    }
}

fn packages<'d, 'a>(
    document: &'d Pieces<'a, RecordFiles<'a>>,
) -> Result<&'d [Piece<'a>], LockfileError> {
    let list = document.packages.as_deref();
    list.ok_or(LockfileError::Unreadable {
        message: "the file holds no `[[packages]]`, so it is no pylock.toml that can be read"
            .to_owned(),
        help: "write it anew with the tool that its `created-by` names",
    })
}

struct Reader<'d, 'a> {
    lockfile: Lockfile<'a>,
    file: &'a SourceFile,
    document: &'d DeTable<'a>,
    /// The records, each with the index of its entry; that of the project itself is the root's.
    records: Vec<(u32, Record<'d, 'a>)>,
    default_groups: FxHashSet<String>,
    has_project: bool,
}

impl<'d, 'a> Reader<'d, 'a> {
    fn new(file: &'a SourceFile, document: &'d DeTable<'a>) -> Self {
        let folder = file.path().parent().file_name().to_owned();
        let root = LockedEntry::root(Ecosystem::Pypi, folder.into());
        let path = file.path().clone();
        let groups = record::texts(document, "default-groups");
        Self {
            lockfile: Lockfile::new(path, PylockToml.id(), root, Ecosystem::Pypi),
            file,
            document,
            records: Vec::new(),
            default_groups: groups.map(|name| normalise(name).into_owned()).collect(),
            has_project: false,
        }
    }

    fn add_all(&mut self, packages: &'d [Piece<'a>], files: Vec<RecordFiles<'a>>) {
        self.lockfile.entries.reserve(packages.len());
        self.records.reserve(packages.len());
        let mut unnamed = 0;
        for (piece, files) in packages.iter().zip(files) {
            if let Some(record) = Record::new(piece) {
                self.add(record, files);
                continue;
            }
            unnamed += 1;
            if unnamed <= TOLD {
                let span = piece.span_of(&piece.value);
                let message = "this record has no name, so it was not read".to_owned();
                self.report(ProblemSeverity::Error, message, span);
            }
        }
        if unnamed > TOLD {
            let message = format!("{} more records have no name", unnamed - TOLD);
            self.report(ProblemSeverity::Error, message, Span::default());
        }
        self.report_repeats();
    }

    fn add(&mut self, record: Record<'d, 'a>, files: RecordFiles<'a>) {
        if record.is_project() && !self.has_project {
            self.has_project = true;
            let root = &mut self.lockfile.entries[0];
            root.name = PackageName::new(Ecosystem::Pypi, record.name.clone().into());
            root.version = record.text("version").map(Version::new);
            root.span = record.span;
            self.records.push((0, record));
            return;
        }
        self.report_source(&record);
        let index = to_u32(self.lockfile.entries.len());
        let entry = self.entry(&record, files);
        self.lockfile.entries.push(entry);
        self.records.push((index, record));
    }

    fn entry(&mut self, record: &Record<'d, 'a>, files: RecordFiles<'a>) -> LockedEntry<'a> {
        let source = record.source();
        let version = record.text("version").map(Version::new);
        if files.unreadable > 0 {
            let message = format!("a hash of `{}` cannot be read", shown(record));
            self.report(ProblemSeverity::Warning, message, record.span);
        }
        LockedEntry {
            kind: match source {
                Source::Path(_) => EntryKind::Workspace,
                _ => EntryKind::Package,
            },
            name: PackageName::new(Ecosystem::Pypi, record.name.clone().into()),
            key: version.as_ref().map_or_else(
                || record.name.clone().into(),
                |version| format!("{} {}", record.name, version.as_str()).into(),
            ),
            version,
            source,
            artifacts: files.artifacts,
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span: record.span,
        }
    }

    /// A source that says two things is read differently by different installers.
    fn report_source(&mut self, record: &Record<'d, 'a>) {
        let name = shown(record);
        match record.kinds_of_source() {
            0 => {
                let message = format!("`{name}` states no source and no files");
                self.report(ProblemSeverity::Warning, message, record.span);
            }
            1 => {}
            _ => {
                let message = format!("`{name}` states more than one source");
                self.report(ProblemSeverity::Error, message, record.span);
            }
        }
    }

    /// A name can stand there several times, for environments that exclude each other; without a marker it is for all of them.
    fn report_repeats(&mut self) {
        let mut everywhere = FxHashSet::default();
        let mut repeats = Vec::new();
        for (index, record) in &self.records {
            let entry = &self.lockfile.entries[*index as usize];
            if record.text("marker").is_none() && !everywhere.insert(entry.name.as_str()) {
                repeats.push((shown(record), record.span));
            }
        }
        for (name, span) in repeats.into_iter().take(TOLD) {
            let message = format!("`{name}` stands there twice for the same environments");
            self.report(ProblemSeverity::Error, message, span);
        }
    }

    /// How far a record reaches by its marker.
    fn scope(&self, record: &Record<'d, 'a>) -> Scope {
        let marker = record.text("marker");
        marker.map_or(Scope::Prod, |marker| {
            marker::scope(marker.as_str(), &self.default_groups)
        })
    }

    fn report(&mut self, severity: ProblemSeverity, message: String, span: Span) {
        let problem = Problem::new(self.file.path().clone(), severity, message)
            .at(self.file.locate(span.start))
            .help(format!("write the lockfile anew: {RELOCK}"));
        self.lockfile.problems.push(problem);
    }
}

fn shown(record: &Record<'_, '_>) -> String {
    check::excerpt(&Untrusted::borrowed(record.name))
}

#[cfg(test)]
mod tests;
