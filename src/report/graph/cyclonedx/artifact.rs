//! The archives of a package: their digests and where they lie.

use std::collections::BTreeSet;

use serde::Serialize;

use super::address::iri_reference;
use crate::graph::{DependencyGraph, Package};
use crate::lockfile::model::Artifact;
use crate::package::{Algorithm, Digest, Integrity, Source};

/// A digest, in hexadecimal digits.
#[derive(Serialize)]
pub(super) struct Hash {
    alg: &'static str,
    content: String,
}

/// Something about a component that lies elsewhere.
#[derive(Serialize)]
pub(super) struct ExternalReference {
    url: String,
    #[serde(rename = "type")]
    kind: ReferenceKind,
    #[serde(skip_serializing_if = "super::no_items")]
    hashes: Vec<Hash>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum ReferenceKind {
    /// A file to download.
    Distribution,
    /// A repository.
    Vcs,
}

impl From<&Source<'_>> for ReferenceKind {
    fn from(source: &Source<'_>) -> Self {
        match source {
            Source::Git { .. } => Self::Vcs,
            Source::Registry(_) | Source::Path(_) | Source::Archive(_) => Self::Distribution,
        }
    }
}

/// What is known of the bytes of a package.
#[derive(Default)]
pub(super) struct Artifacts<'r> {
    /// The digests of the package, if it is one file.
    pub(super) hashes: Vec<Hash>,
    /// Where its files and its repository lie; of several files each with its digests.
    pub(super) references: Vec<ExternalReference>,
    /// Digests of several files that lie nobody says where.
    pub(super) unplaced: Vec<&'r Digest>,
}

/// A file: where it lies, as far as anybody says, and what is pinned for it.
type File<'r> = (Option<String>, &'r Integrity);

impl<'r> Artifacts<'r> {
    /// Collects what all entries of a package say.
    pub(super) fn of(graph: &'r DependencyGraph<'r>, package: &'r Package<'r>) -> Self {
        let entries = package.entries.iter().map(|node| graph.entry(*node));
        let files: BTreeSet<File<'r>> = entries
            .flat_map(|entry| &entry.record.artifacts)
            .map(file)
            .filter(|(url, integrity)| url.is_some() || !integrity.is_empty())
            .collect();
        let kind = ReferenceKind::from(&package.source);
        let mut artifacts = match only_integrity(&files) {
            Some(integrity) => Self::of_one(&files, integrity, kind),
            None => Self::of_several(&files, kind),
        };
        if artifacts.references.is_empty() {
            let source = source_of_bytes(&package.source);
            let reference = source.map(|url| ExternalReference::new(iri_reference(url), kind));
            artifacts.references.extend(reference);
        }
        artifacts
    }

    fn of_one(files: &BTreeSet<File<'r>>, integrity: &Integrity, kind: ReferenceKind) -> Self {
        let urls: BTreeSet<&String> = files.iter().filter_map(|(url, _)| url.as_ref()).collect();
        let references = urls.into_iter();
        Self {
            hashes: hashes(integrity),
            references: references
                .map(|url| ExternalReference::new(url.clone(), kind))
                .collect(),
            unplaced: Vec::new(),
        }
    }

    fn of_several(files: &BTreeSet<File<'r>>, kind: ReferenceKind) -> Self {
        let mut artifacts = Self::default();
        for (url, integrity) in files {
            match url {
                Some(url) => artifacts.references.push(ExternalReference {
                    hashes: hashes(integrity),
                    ..ExternalReference::new(url.clone(), kind)
                }),
                None => artifacts.unplaced.extend(integrity.digests()),
            }
        }
        artifacts
    }
}

impl ExternalReference {
    const fn new(url: String, kind: ReferenceKind) -> Self {
        Self {
            url,
            kind,
            hashes: Vec::new(),
        }
    }
}

/// Returns the address of a package that comes from no registry and no folder.
fn source_of_bytes<'s>(source: &'s Source<'_>) -> Option<&'s str> {
    match source {
        Source::Git { url, .. } | Source::Archive(url) => Some(url.as_str()),
        Source::Registry(_) | Source::Path(_) => None,
    }
}

fn file<'r>(artifact: &'r Artifact<'r>) -> File<'r> {
    let url = artifact.url.as_ref().map(|url| iri_reference(url.as_str()));
    (url, &artifact.integrity)
}

/// Returns what is pinned, if all files are one: the same digests, or the same address.
fn only_integrity<'r>(files: &BTreeSet<File<'r>>) -> Option<&'r Integrity> {
    let pinned = || files.iter().filter(|(_, integrity)| !integrity.is_empty());
    let (_, integrity) = pinned().next()?;
    let is_same = pinned().all(|(_, other)| other == integrity);
    let is_pinned = pinned().count() == files.len();
    let mut urls = files.iter().map(|(url, _)| url);
    let first = urls.next();
    let is_one = is_same && (is_pinned || urls.all(|url| Some(url) == first));
    is_one.then_some(*integrity)
}

fn hashes(integrity: &Integrity) -> Vec<Hash> {
    let digests = integrity.digests().iter();
    let hashes = digests.map(|digest| Hash {
        alg: algorithm(digest.algorithm()),
        content: digest.hex(),
    });
    hashes.collect()
}

const fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha1 => "SHA-1",
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha384 => "SHA-384",
        Algorithm::Sha512 => "SHA-512",
    }
}
