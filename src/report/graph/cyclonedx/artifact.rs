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

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum ReferenceKind {
    Distribution,
    Vcs,
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
        let mut artifacts = match only_integrity(&files) {
            Some(integrity) => Self::of_one(&files, integrity),
            None => Self::of_several(&files),
        };
        artifacts.add_source(&package.source);
        artifacts
    }

    fn of_one(files: &BTreeSet<File<'r>>, integrity: &Integrity) -> Self {
        let urls: BTreeSet<&String> = files.iter().filter_map(|(url, _)| url.as_ref()).collect();
        let references = urls.into_iter().map(|url| ExternalReference {
            url: url.clone(),
            kind: ReferenceKind::Distribution,
            hashes: Vec::new(),
        });
        Self {
            hashes: hashes(integrity),
            references: references.collect(),
            unplaced: Vec::new(),
        }
    }

    fn of_several(files: &BTreeSet<File<'r>>) -> Self {
        let mut artifacts = Self::default();
        for (url, integrity) in files {
            match url {
                Some(url) => artifacts.references.push(ExternalReference {
                    url: url.clone(),
                    kind: ReferenceKind::Distribution,
                    hashes: hashes(integrity),
                }),
                None => artifacts.unplaced.extend(integrity.digests()),
            }
        }
        artifacts
    }

    fn add_source(&mut self, source: &Source<'_>) {
        let (address, kind) = match source {
            Source::Git { url, .. } => (url, ReferenceKind::Vcs),
            Source::Archive(url) => (url, ReferenceKind::Distribution),
            Source::Registry(_) | Source::Path(_) => return,
        };
        let url = iri_reference(address.as_str());
        if self.references.iter().all(|known| known.url != url) {
            self.references.push(ExternalReference {
                url,
                kind,
                hashes: Vec::new(),
            });
        }
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
