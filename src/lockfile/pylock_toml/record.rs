//! A `[[packages]]` of pylock.toml, read from the document as it is asked for.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::lockfile::model::Artifact;
use crate::lockfile::pypi::address;
use crate::lockfile::pypi::pieces::{Form, Piece};
use crate::lockfile::span::Span;
use crate::package::source::Registry;
use crate::package::{Digest, Ecosystem, Integrity, Source};
use crate::text::Untrusted;

/// A record that has a name.
#[derive(Clone, Copy)]
pub(super) struct Record<'d, 'a> {
    table: &'d DeTable<'a>,
    pub(super) name: &'d Cow<'a, str>,
    /// Where the name stands.
    pub(super) span: Span,
}

/// The files of a record.
pub(super) struct Files<'a> {
    pub(super) artifacts: Vec<Artifact<'a>>,
    /// How many state hashes of which none can be read.
    pub(super) unreadable: usize,
}

impl<'d, 'a> Record<'d, 'a> {
    /// Takes up a record; none if it is no table or has no name.
    pub(super) fn new(piece: &'d Piece<'a>) -> Option<Self> {
        let table = piece.value.get_ref().as_table()?;
        let name = table.get("name")?;
        let span = piece.span_of(name);
        Some(Self {
            table,
            name: string(name)?,
            span,
        })
    }

    pub(super) fn text(&self, key: &str) -> Option<Untrusted<'a>> {
        text(self.table, key)
    }

    /// Counts the kinds of source that it states, which ought to be one.
    pub(super) fn kinds_of_source(&self) -> usize {
        let kinds = ["vcs", "directory", "archive"].map(|key| self.table.contains_key(key));
        let others = kinds.into_iter().filter(|is_stated| *is_stated).count();
        others + usize::from(self.has_files())
    }

    fn has_files(&self) -> bool {
        self.table.contains_key("sdist") || self.table.contains_key("wheels")
    }

    fn part(&self, key: &str) -> Option<&'d DeTable<'a>> {
        self.table.get(key)?.get_ref().as_table()
    }

    /// Says whether it is the project itself: its folder is the lockfile's, and nothing else is stated.
    pub(super) fn is_project(&self) -> bool {
        let path = self.part("directory").and_then(|part| text(part, "path"));
        self.kinds_of_source() == 1
            && path.is_some_and(|path| matches!(path.as_str(), "." | "./" | ""))
    }

    /// Says where it comes from; if several kinds are stated, one from elsewhere counts, so that nothing passes as the project's own.
    pub(super) fn source(&self) -> Source<'a> {
        let elsewhere = (!self.has_files()).then(|| self.repository().or_else(|| self.archive()));
        if let Some(source) = elsewhere.flatten() {
            return source;
        }
        let path = self.part("directory").and_then(|part| text(part, "path"));
        match (path, self.text("index")) {
            (Some(path), _) if !self.has_files() => Source::Path(path),
            (_, Some(index)) => Source::registry(Ecosystem::Pypi, index),
            _ => Source::Registry(Registry::Public),
        }
    }

    fn repository(&self) -> Option<Source<'a>> {
        let part = self.part("vcs")?;
        let url = text(part, "url").or_else(|| text(part, "path"))?;
        let system = text(part, "type");
        let system = system.as_ref().map_or("git", Untrusted::as_str);
        let is_plain = system == "git" || address::is_repository(url.as_str());
        Some(Source::Git {
            url: if is_plain {
                url
            } else {
                format!("{system}+{}", url.as_str()).into()
            },
            commit: text(part, "commit-id"),
        })
    }

    fn archive(&self) -> Option<Source<'a>> {
        let part = self.part("archive")?;
        let url = text(part, "url").or_else(|| text(part, "path"))?;
        Some(match address::classify(&url) {
            Source::Path(path) => Source::Archive(path),
            source => source,
        })
    }

    /// Lists the records that it depends on, as tables with just enough keys to tell them.
    pub(super) fn dependencies(
        &self,
    ) -> impl Iterator<Item = &'d Spanned<DeValue<'a>>> + use<'d, 'a> {
        let list = self.table.get("dependencies");
        let list = list.and_then(|list| list.get_ref().as_array());
        list.into_iter().flat_map(|list| list.iter())
    }

    /// Says whether it has the source that a dependency names, as far as it names one.
    pub(super) fn agrees(&self, dependency: &DeTable<'_>) -> bool {
        let keys = ["index", "vcs", "directory", "archive"];
        let mut stated = keys
            .iter()
            .filter_map(|key| Some((*key, dependency.get(*key)?)));
        stated.all(
            |(key, value)| match (value.get_ref(), self.table.get(key)) {
                (_, None) => false,
                (DeValue::Table(asked), Some(own)) => {
                    let own = own.get_ref().as_table();
                    let mut pairs = asked
                        .iter()
                        .filter_map(|(key, value)| Some((key, string(value)?)));
                    pairs.all(|(key, value)| {
                        let own = own.and_then(|own| own.get(key.get_ref().as_ref()));
                        own.and_then(string) == Some(value)
                    })
                }
                (_, Some(own)) => {
                    let plain = |value| string(value).map(|text| text.trim_end_matches('/'));
                    plain(value) == plain(own)
                }
            },
        )
    }
}

/// How a package and its files are written.
pub(super) const fn form<'a>() -> Form<'a, Files<'a>> {
    Form {
        list: "packages",
        read: Files::of,
        files: "wheels",
    }
}

impl<'a> Files<'a> {
    /// Reads the files of a package; those of one address are one, which any of their hashes pins (pipenv makes addresses up).
    fn of(package: &DeTable<'a>) -> Self {
        let wheels = package
            .get("wheels")
            .and_then(|list| list.get_ref().as_array());
        let wheels = wheels.into_iter().flat_map(|wheels| wheels.iter());
        let wheels = wheels.filter_map(|wheel| wheel.get_ref().as_table());
        let single = ["sdist", "archive"].map(|key| package.get(key)?.get_ref().as_table());
        let mut files = Self {
            artifacts: Vec::new(),
            unreadable: 0,
        };
        let mut shared = Vec::new();
        for file in single.into_iter().flatten().chain(wheels) {
            files.add(file, &mut shared);
        }
        files.settle(&mut shared);
        files
    }

    /// Adds a file; the digests of one that has the address of the last are kept back in `shared`.
    fn add(&mut self, file: &DeTable<'a>, shared: &mut Vec<Digest>) {
        let keys = ["url", "path", "name"];
        let url = keys.iter().find_map(|key| text(file, key));
        let hashes = file
            .get("hashes")
            .and_then(|hashes| hashes.get_ref().as_table());
        let stated = hashes.into_iter().flat_map(|hashes| hashes.iter());
        let digests = stated.filter_map(|(algorithm, digits)| {
            Digest::from_named_hex(algorithm.get_ref(), string(digits)?)
        });
        let integrity: Integrity = digests.collect();
        let has_hashes = file.get("hashes").is_some_and(|hashes| {
            hashes
                .get_ref()
                .as_table()
                .is_none_or(|table| !table.is_empty())
        });
        self.unreadable += usize::from(has_hashes && integrity.is_empty());
        match self.artifacts.last() {
            Some(last) if url.is_some() && last.url == url => {
                if shared.is_empty() {
                    shared.extend_from_slice(last.integrity.digests());
                }
                shared.extend_from_slice(integrity.digests());
            }
            _ => {
                self.settle(shared);
                self.artifacts.push(Artifact { url, integrity });
            }
        }
    }

    fn settle(&mut self, shared: &mut Vec<Digest>) {
        if let (Some(last), false) = (self.artifacts.last_mut(), shared.is_empty()) {
            last.integrity = shared.drain(..).collect();
        }
    }
}

/// Returns a text of a table.
pub(super) fn text<'a>(table: &DeTable<'a>, key: &str) -> Option<Untrusted<'a>> {
    string(table.get(key)?).map(|text| text.clone().into())
}

pub(super) fn string<'d, 'a>(value: &'d Spanned<DeValue<'a>>) -> Option<&'d Cow<'a, str>> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

/// Lists the texts of a list.
pub(super) fn texts<'d>(table: &'d DeTable<'_>, key: &str) -> impl Iterator<Item = &'d str> {
    let list = table.get(key).and_then(|list| list.get_ref().as_array());
    let list = list.into_iter().flat_map(|list| list.iter());
    list.filter_map(|value| string(value).map(|text| &**text))
}
