//! `[[package]]` → entries.

use std::borrow::Cow;

use super::RELOCK;
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, EntryKind, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::pypi::document::{self, Plain, Shape, Table};
use crate::lockfile::pypi::files::Read;
use crate::lockfile::pypi::pieces::Piece;
use crate::lockfile::pypi::problems::{Capped, unreadable_hash};
use crate::lockfile::span::{SourceFile, Span};
use crate::package::{Ecosystem, PackageName, Source, Version};

/// What the keys hold that matter here.
const SHAPES: [(&str, Shape); 11] = [
    ("version", Shape::Text),
    ("source", Shape::Table),
    ("dependencies", Shape::Table),
    ("extras", Shape::Table),
    ("files", Shape::List),
    ("optional", Shape::Flag),
    ("category", Shape::Text),
    ("groups", Shape::List),
    ("markers", Shape::TableOr(Plain::Text)),
    ("python-versions", Shape::Text),
    ("develop", Shape::Flag),
];

/// Reads the packages into entries; returns their tables in the same order, that of entry 1 first.
pub(super) fn read<'t, 'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    listed: impl ExactSizeIterator<Item = (&'t Piece<'a>, Read<'a>)>,
    limits: &Limits,
) -> Result<Vec<&'t Table<'a>>, LimitExceeded> {
    limits.check_entries(listed.len())?;
    lockfile.entries.reserve_exact(listed.len());
    let mut reader = Reader {
        file,
        odd: Capped::new(ProblemSeverity::Error),
        hashes: Capped::new(ProblemSeverity::Warning),
    };
    let mut tables = Vec::with_capacity(listed.len());
    for (package, files) in listed {
        if let Some((entry, table)) = reader.read(package, files) {
            lockfile.entries.push(entry);
            tables.push(table);
        }
    }
    let Reader { odd, hashes, .. } = reader;
    odd.finish(
        file.path(),
        "records cannot be read",
        &mut lockfile.problems,
    );
    hashes.finish(
        file.path(),
        "packages have a hash that cannot be read",
        &mut lockfile.problems,
    );
    Ok(tables)
}

struct Reader<'l> {
    file: &'l SourceFile,
    odd: Capped,
    hashes: Capped,
}

impl Reader<'_> {
    fn read<'t, 'a>(
        &mut self,
        package: &'t Piece<'a>,
        files: Read<'a>,
    ) -> Option<(LockedEntry<'a>, &'t Table<'a>)> {
        let table = document::as_table(&package.value);
        let named = table.and_then(|table| {
            let value = table.get("name")?;
            Some((table, value, document::as_text(value)?))
        });
        let Some((table, value, name)) = named else {
            let span = document::line_of(self.file.text(), package.span_of(&package.value));
            self.note_odd(span, "a package without a name");
            return None;
        };
        let span = document::line_of(self.file.text(), package.span_of(value));
        if let Some(key) = document::odd_key(table, &SHAPES) {
            let name = check::excerpt(&name.as_ref().into());
            self.note_odd(span, &format!("the `{key}` of `{name}`"));
        }
        let entry = self.entry(table, name, files, span);
        Some((entry, table))
    }

    fn entry<'a>(
        &mut self,
        package: &Table<'a>,
        name: &Cow<'a, str>,
        files: Read<'a>,
        span: Span,
    ) -> LockedEntry<'a> {
        let version = document::text(package, "version").cloned();
        let mut entry = LockedEntry {
            kind: EntryKind::Package,
            name: PackageName::new(Ecosystem::Pypi, name.clone().into()),
            key: match &version {
                Some(version) => format!("{name} {version}").into(),
                None => name.clone().into(),
            },
            version: version.map(|version| Version::new(version.into())),
            source: Source::registry(Ecosystem::Pypi, "https://pypi.org/simple".into()),
            artifacts: files.artifacts,
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span,
        };
        if let Some(source) = document::table(package, "source") {
            self.take_source(&mut entry, source);
        }
        if files.unreadable > 0 {
            let file = self.file;
            self.hashes
                .add(|severity| unreadable_hash(file, &entry, severity, RELOCK));
        }
        entry
    }

    fn take_source<'a>(&mut self, entry: &mut LockedEntry<'a>, source: &Table<'a>) {
        let kind = document::text(source, "type").map_or("", |kind| kind);
        let address = document::text(source, "url").cloned().unwrap_or_default();
        let commit = document::text(source, "resolved_reference").cloned();
        entry.source = match kind {
            "legacy" => Source::registry(Ecosystem::Pypi, address.into()),
            "git" => Source::Git {
                url: address.into(),
                commit: commit.map(Into::into),
            },
            "url" | "file" => {
                let integrity = entry.artifacts.first();
                entry.artifacts.push(Artifact {
                    url: Some(address.clone().into()),
                    integrity: integrity
                        .map(|file| file.integrity.clone())
                        .unwrap_or_default(),
                });
                Source::archive(Ecosystem::Pypi, address.into())
            }
            "directory" => {
                entry.kind = EntryKind::Workspace;
                Source::Path(address.into())
            }
            _ => {
                let name = check::excerpt(entry.name.untrusted());
                self.note_odd(entry.span, &format!("the kind of source of `{name}`"));
                Source::registry(Ecosystem::Pypi, address.into())
            }
        };
    }

    fn note_odd(&mut self, span: Span, what: &str) {
        let file = self.file;
        self.odd.add(|severity| {
            Problem::new(
                file.path().clone(),
                severity,
                format!("{what} cannot be read"),
            )
            .at(file.locate(span.start))
            .help("no Poetry writes such a record; find out who edited the lockfile")
        });
    }
}
