//! `[[package]]` → entries.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::RELOCK;
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    Artifact, Delivery, EntryKind, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::pypi::address::is_archive;
use crate::lockfile::pypi::document::{self, Plain, Shape, Table, Value};
use crate::lockfile::pypi::files::Read;
use crate::lockfile::pypi::pieces::Piece;
use crate::lockfile::pypi::problems::{Capped, unreadable_hash};
use crate::lockfile::span::{SourceFile, Span};
use crate::package::name::normalise;
use crate::package::{Ecosystem, PackageName, Source, Version};

/// What the keys hold that matter here.
const SHAPES: [(&str, Shape); 15] = [
    ("version", Shape::Text),
    ("extras", Shape::List),
    ("dependencies", Shape::TableOr(Plain::List)),
    ("files", Shape::List),
    ("groups", Shape::List),
    ("sections", Shape::List),
    ("marker", Shape::Text),
    ("requires_python", Shape::Text),
    ("git", Shape::Text),
    ("hg", Shape::Text),
    ("svn", Shape::Text),
    ("bzr", Shape::Text),
    ("url", Shape::Text),
    ("path", Shape::Text),
    ("revision", Shape::Text),
];

/// The tools whose repositories PDM installs from, by the key of the address.
const REPOSITORIES: [&str; 4] = ["git", "hg", "svn", "bzr"];

/// How PDM writes the folder of the project in an address.
const PROJECT_ROOT: &str = "file:///${PROJECT_ROOT}/";

/// A package of the file.
#[derive(Clone, Debug)]
pub(super) struct Package<'t, 'a> {
    pub(super) table: &'t Table<'a>,
    /// The extras that this entry is for, normalised, in order.
    pub(super) extras: Vec<Cow<'t, str>>,
}

/// Reads the packages into entries; returns them in the same order, that of entry 1 first.
pub(super) fn read<'t, 'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    listed: impl ExactSizeIterator<Item = (&'t Piece<'a>, Read<'a>)>,
    metadata: &'t Table<'a>,
    limits: &Limits,
) -> Result<Vec<Package<'t, 'a>>, LimitExceeded> {
    limits.check_entries(listed.len())?;
    lockfile.entries.reserve_exact(listed.len());
    let mut reader = Reader {
        file,
        shared: shared_files(metadata),
        odd: Capped::new(ProblemSeverity::Error),
        hashes: Capped::new(ProblemSeverity::Warning),
    };
    let mut packages = Vec::with_capacity(listed.len());
    for (package, files) in listed {
        if let Some((entry, package)) = reader.read(package, files) {
            lockfile.entries.push(entry);
            packages.push(package);
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
    Ok(packages)
}

/// Files by `name version`: `[metadata.files]` of versions before 4.3.
type SharedFiles<'t, 'a> = FxHashMap<(Cow<'t, str>, &'t str), &'t Value<'a>>;

fn shared_files<'t, 'a>(metadata: &'t Table<'a>) -> SharedFiles<'t, 'a> {
    let shared = document::table(metadata, "files").into_iter().flatten();
    shared
        .filter_map(|(key, files)| {
            let (name, version) = key.get_ref().split_once(' ')?;
            Some(((normalise(name), version.trim()), files))
        })
        .collect()
}

struct Reader<'t, 'l, 'a> {
    file: &'l SourceFile,
    shared: SharedFiles<'t, 'a>,
    odd: Capped,
    hashes: Capped,
}

impl<'t, 'a> Reader<'t, '_, 'a> {
    fn read(
        &mut self,
        package: &'t Piece<'a>,
        files: Read<'a>,
    ) -> Option<(LockedEntry<'a>, Package<'t, 'a>)> {
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
        let extras = document::texts(table, "extras").map(|extra| normalise(extra));
        let mut extras: Vec<Cow<'t, str>> = extras.collect();
        extras.sort_unstable();
        extras.dedup();
        let mut entry = entry(table, name, &extras, span);
        self.take_files(&mut entry, table, files);
        take_source(&mut entry, table);
        Some((entry, Package { table, extras }))
    }

    /// Without a list of its own, a package has the files that the metadata list for it.
    fn take_files(&mut self, entry: &mut LockedEntry<'a>, package: &Table<'a>, own: Read<'a>) {
        let version = entry.version.as_ref().map_or("", Version::as_str);
        let key = (Cow::Borrowed(entry.name.as_str()), version);
        let shared = self.shared.get(&key);
        let read = match shared {
            Some(files) if !package.contains_key("files") => Read::list(document::as_list(files)),
            _ => own,
        };
        entry.artifacts = read.artifacts;
        if read.unreadable > 0 {
            let file = self.file;
            self.hashes
                .add(|severity| unreadable_hash(file, entry, severity, RELOCK));
        }
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
            .help("no PDM writes such a record; find out who edited the lockfile")
        });
    }
}

/// Makes the entry of a package without its files.
fn entry<'a>(
    package: &Table<'a>,
    name: &Cow<'a, str>,
    extras: &[Cow<'_, str>],
    span: Span,
) -> LockedEntry<'a> {
    let version = document::text(package, "version").cloned();
    let shown = match extras {
        [] => name.clone(),
        extras => format!("{name}[{}]", extras.join(",")).into(),
    };
    LockedEntry {
        kind: EntryKind::Package,
        name: PackageName::new(Ecosystem::Pypi, name.clone().into()),
        key: match &version {
            Some(version) => format!("{shown} {version}").into(),
            None => shown.into(),
        },
        version: version.map(|version| Version::new(version.into())),
        source: Source::registry(Ecosystem::Pypi, "https://pypi.org/simple".into()),
        artifacts: Vec::new(),
        deprecated: None,
        delivery: Delivery::Own,
        install_script: None,
        span,
    }
}

/// Says where a package comes from; without an address it is an index, and which one the file does not tell.
fn take_source<'a>(entry: &mut LockedEntry<'a>, package: &Table<'a>) {
    let repository = REPOSITORIES
        .into_iter()
        .find_map(|key| document::text(package, key));
    if let Some(url) = repository {
        let commit = document::text(package, "revision").cloned();
        entry.source = Source::Git {
            url: url.clone().into(),
            commit: commit.map(Into::into),
        };
        return;
    }
    let address = document::text(package, "path").or_else(|| document::text(package, "url"));
    let Some(address) = address else {
        return;
    };
    let path = address.strip_prefix(PROJECT_ROOT);
    let is_local = path.is_some() || package.contains_key("path");
    let path = path.map_or_else(|| address.clone(), |path| path.to_owned().into());
    if is_local && !is_archive(&path) {
        entry.kind = EntryKind::Workspace;
        entry.source = Source::Path(path.into());
        return;
    }
    let integrity = entry.artifacts.first();
    let integrity = integrity
        .map(|file| file.integrity.clone())
        .unwrap_or_default();
    entry.artifacts.push(Artifact {
        url: Some(path.clone().into()),
        integrity,
    });
    entry.source = Source::archive(Ecosystem::Pypi, path.into());
}
