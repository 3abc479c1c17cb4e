//! uv.lock, and `<script>.py.lock` beside a script with its own requirements (PEP 723): version 1, any revision.
//!
//! An edge names a package, and its version and source only where the name alone is ambiguous (`reference`).
//! Roots are the workspace's members, else what has the project's folder for a source, else what
//! `[manifest]` requires. Extras and groups are tables of the package that offers them; a part that somebody
//! asks for reaches as far as the asking edge does.

mod edges;
mod pieces;
mod script;
mod stale;
mod wire;

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::limits::Limits;
use super::model::{
    Artifact, Delivery, EdgeStatement, EntryKind, FormatId, LockedEntry, Lockfile, LockfileError,
    Problem, ProblemSeverity,
};
use super::pypi::problems;
use super::span::{SourceFile, Span, to_u32};
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::name::normalise;
use crate::package::{Digest, Ecosystem, Integrity, PackageName, Version};
use crate::text::Untrusted;

/// The version of the format that this reader knows; revisions only add to it.
const KNOWN: u32 = 1;

/// How the name of a script's lockfile ends: `tool.py.lock` locks `tool.py`.
const SCRIPT_LOCK: &str = ".py.lock";

pub(super) struct UvLock;

impl LockfileFormat for UvLock {
    fn id(&self) -> FormatId {
        FormatId("uv-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn summary(&self) -> &'static str {
        "uv.lock and *.py.lock of scripts, version 1"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[
            FileNamePattern::Exact("uv.lock"),
            FileNamePattern::Between("", SCRIPT_LOCK),
        ]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("pyproject.toml")
    }

    fn tool(&self) -> &'static str {
        "uv"
    }

    fn relock(&self) -> &'static str {
        "uv lock"
    }

    fn recognises(&self, head: &str) -> bool {
        head.contains("requires-python = ") && head.contains("[[package]]")
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let document = pieces::read(file)?;
        limits.check_entries(document.package.len())?;
        let mut problems = Vec::new();
        check_version(&document, file, &mut problems)?;
        let mut lockfile = Lockfile {
            path: file.path().clone(),
            format: self.id(),
            ecosystem: Ecosystem::Pypi,
            entries: Vec::with_capacity(document.package.len() + 1),
            dependencies: Vec::with_capacity(document.package.len() * 3),
            manifests: manifests(&document, file),
            problems,
            edges: EdgeStatement::Stated,
            unjudged: Vec::new(),
        };
        lockfile.entries.push(LockedEntry::root(
            Ecosystem::Pypi,
            root_name(&document, file),
        ));
        for package in &document.package {
            let entry = entry(package, file, &mut lockfile.problems);
            lockfile.entries.push(entry);
        }
        problems::report_twins(file, &mut lockfile);
        problems::report_remote_folders(file, &mut lockfile);
        edges::connect(&mut lockfile, file, &document, limits)?;
        stale::report(&mut lockfile, files, &document, limits);
        stale::report_script(&mut lockfile, files, &document);
        Ok(lockfile)
    }
}

fn check_version(
    document: &wire::Document<'_>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) -> Result<(), LockfileError> {
    let Some(version) = document.version else {
        return Err(LockfileError::Unreadable {
            message: "the file has no `version`, so it is no uv.lock".to_owned(),
            help: "write it anew: uv lock",
        });
    };
    if document.package.is_empty() && (version != KNOWN || file.text().contains("[[")) {
        return Err(LockfileError::Unreadable {
            message: "the file holds no `[[package]]`, so it is no uv.lock that can be read"
                .to_owned(),
            help: "write it anew: uv lock",
        });
    }
    if version != KNOWN {
        let message = format!(
            "uv.lock version {version} is not known to this linchpin; it was read as version {KNOWN}"
        );
        problems.push(Problem::new(
            file.path().clone(),
            ProblemSeverity::Warning,
            message,
        ));
    }
    Ok(())
}

/// The one member at the lockfile's folder names the project; else the script or the folder does.
fn root_name<'a>(document: &wire::Document<'a>, file: &SourceFile) -> Untrusted<'a> {
    let own = document
        .package
        .iter()
        .find(|package| package.source.own_folder() == Some("."));
    let named = script::locked_by(file.path()).unwrap_or_else(|| file.path().parent());
    own.map_or_else(
        || named.file_name().to_owned().into(),
        |package| package.name.get_ref().clone().into(),
    )
}

/// The manifests of the project and of every package that it has in a folder; a script is its own.
fn manifests(document: &wire::Document<'_>, file: &SourceFile) -> Vec<crate::path::FilePath> {
    if let Some(script) = script::locked_by(file.path()) {
        return vec![script];
    }
    let project = file.path().parent();
    let folders = document
        .package
        .iter()
        .filter_map(|package| package.source.own_folder());
    let folders = std::iter::once(".")
        .chain(folders)
        .filter_map(|folder| project.join(folder));
    folders
        .filter_map(|folder| folder.join("pyproject.toml"))
        .collect()
}

fn entry<'a>(
    package: &wire::Package<'a>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) -> LockedEntry<'a> {
    let name = package.name.get_ref();
    let version = package.version.clone();
    let source = package.source.to_source();
    let is_own = package.source.own_folder().is_some();
    let span = line_of(file.text(), package.name.span());
    if package.source.stated() != 1 {
        let message = format!("`{name}` has a source of no known form, or more than one");
        problems.push(
            Problem::new(file.path().clone(), ProblemSeverity::Error, message)
                .at(file.locate(span.start))
                .help("no uv writes such a source; find out who edited the lockfile"),
        );
    }
    if files(package).any(has_unreadable_hash) {
        problems.push(
            Problem::new(
                file.path().clone(),
                ProblemSeverity::Warning,
                format!("a hash of `{name}` cannot be read"),
            )
            .at(file.locate(span.start))
            .help("it counts as missing; write the lockfile anew: uv lock"),
        );
    }
    LockedEntry {
        kind: if is_own {
            EntryKind::Workspace
        } else {
            EntryKind::Package
        },
        name: PackageName::new(Ecosystem::Pypi, name.clone().into()),
        key: version.as_ref().map_or_else(
            || name.clone().into(),
            |version| format!("{name} {version}").into(),
        ),
        version: version.map(|version| Version::new(version.into())),
        source,
        artifacts: artifacts(package),
        deprecated: None,
        delivery: Delivery::Own,
        install_script: None,
        span,
    }
}

fn files<'p, 'a>(package: &'p wire::Package<'a>) -> impl Iterator<Item = &'p wire::File<'a>> {
    package.sdist.iter().chain(&package.wheels)
}

/// Lists the files of a package; the source itself is one where the package is a single archive.
fn artifacts<'a>(package: &wire::Package<'a>) -> Vec<Artifact<'a>> {
    let mut artifacts: Vec<Artifact<'a>> = files(package).map(artifact).collect();
    if let Some(address) = package.source.archive() {
        let integrity = artifacts
            .first()
            .map(|first| first.integrity.clone())
            .unwrap_or_default();
        let url = Some(address.clone().into());
        artifacts.push(Artifact { url, integrity });
    }
    artifacts
}

fn artifact<'a>(file: &wire::File<'a>) -> Artifact<'a> {
    let url = file
        .url
        .as_ref()
        .or(file.path.as_ref())
        .or(file.filename.as_ref());
    let digest = file.hash.as_deref().and_then(Digest::from_tagged_hex);
    Artifact {
        url: url.map(|url| url.clone().into()),
        integrity: digest.map_or_else(Integrity::default, Integrity::from),
    }
}

fn has_unreadable_hash(file: &wire::File<'_>) -> bool {
    file.hash
        .as_deref()
        .is_some_and(|hash| Digest::from_tagged_hex(hash).is_none())
}

/// Widens the span of a value to its line, as far as the value itself.
fn line_of(text: &str, value: std::ops::Range<usize>) -> Span {
    let start = text
        .get(..value.start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |line_break| line_break + 1);
    Span::new(start, value.end)
}

/// Packages of each normalised name, by index into the entries.
fn index_by_name<'d>(document: &'d wire::Document<'_>) -> FxHashMap<Cow<'d, str>, Vec<u32>> {
    let mut by_name: FxHashMap<Cow<'_, str>, Vec<u32>> = FxHashMap::default();
    for (index, package) in document.package.iter().enumerate() {
        by_name
            .entry(normalise(package.name.get_ref()))
            .or_default()
            .push(to_u32(index + 1));
    }
    by_name
}

#[cfg(test)]
mod tests;
