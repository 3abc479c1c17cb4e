//! `[metadata.files]` and `[metadata.hashes]` of versions before 2.0: hashes by name, whatever the version.

use super::RELOCK;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{Artifact, LockedEntry, Lockfile, ProblemSeverity};
use crate::lockfile::pypi::document::{self, Table, Value};
use crate::lockfile::pypi::files::Read;
use crate::lockfile::pypi::namesakes::Namesakes;
use crate::lockfile::pypi::problems::{Capped, unreadable_hash};
use crate::lockfile::span::SourceFile;
use crate::package::artifact::{Agreement, compare};
use crate::package::name::normalise;
use crate::package::{Algorithm, Digest, Ecosystem, Integrity, Source, Version};

/// Hands the files of each name to its entries: where there are several, to those whose version the file names, and a file that names none to all.
///
/// O(files), and O(files × namesakes) where a name has several entries, which the limit of entries bounds.
pub(super) fn share<'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    packages: &[&Table<'a>],
    metadata: &Table<'a>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let mut given: Vec<(u32, Vec<Artifact<'a>>, usize)> = Vec::new();
    let mut pairs = 0;
    let namesakes = Namesakes::new(&lockfile.entries);
    for (name, list, read) in lists(metadata) {
        let name = normalise(name);
        let count = namesakes.count(&name);
        if count > 1 {
            pairs += count * document::as_list(list).len();
            limits.check_entries(pairs)?;
        }
        for index in namesakes.of(&name) {
            let entry = &lockfile.entries[index as usize];
            if takes_shared_files(entry, packages[index as usize - 1]) {
                let files = read(document::as_list(list), (count > 1).then_some(entry));
                given.push((index, files.artifacts, files.unreadable));
            }
        }
    }
    let mut hashes = Capped::new(ProblemSeverity::Warning);
    for (index, mut artifacts, unreadable) in given {
        let entry = &mut lockfile.entries[index as usize];
        entry.artifacts.append(&mut artifacts);
        if unreadable > 0 {
            hashes.add(|severity| unreadable_hash(file, entry, severity, RELOCK));
        }
    }
    hashes.finish(
        file.path(),
        "packages have a hash that cannot be read",
        &mut lockfile.problems,
    );
    Ok(())
}

/// Reads a list for an entry; with an entry, only what can be its own.
type ReadList<'a> = fn(&[Value<'a>], Option<&LockedEntry<'_>>) -> Read<'a>;

/// Lists names with their lists and how these are read.
fn lists<'t, 'a>(
    metadata: &'t Table<'a>,
) -> impl Iterator<Item = (&'t str, &'t Value<'a>, ReadList<'a>)> {
    let of = |key: &str, read: ReadList<'a>| {
        let table = document::table(metadata, key).into_iter().flatten();
        table.map(move |(name, list)| (name.get_ref().as_ref(), list, read))
    };
    of("files", read_files).chain(of("hashes", read_hashes))
}

/// Poetry itself gives such files to no checkout, folder or address.
fn takes_shared_files(entry: &LockedEntry<'_>, package: &Table<'_>) -> bool {
    !package.contains_key("files") && !matches!(entry.source, Source::Git { .. } | Source::Path(_))
}

fn read_files<'a>(list: &[Value<'a>], entry: Option<&LockedEntry<'_>>) -> Read<'a> {
    let mut read = Read::list(list);
    if let Some(entry) = entry {
        let version = entry.version.as_ref().map_or("", Version::as_str);
        let is_own = |artifact: &Artifact<'_>| {
            let file = artifact.url.as_ref().map_or("", |url| url.as_str());
            let agreement = compare(Ecosystem::Pypi, file, entry.name.as_str(), version);
            !matches!(agreement, Agreement::Other(_))
        };
        read.artifacts.retain(is_own);
    }
    read
}

/// The oldest files have bare digests.
fn read_hashes<'a>(list: &[Value<'a>], _entry: Option<&LockedEntry<'_>>) -> Read<'a> {
    let mut read = Read::default();
    for hash in list {
        let digits = document::as_text(hash).map_or("", |hash| hash);
        let digest =
            Digest::from_hex(Algorithm::Sha256, digits).or_else(|| Digest::from_tagged_hex(digits));
        read.unreadable += usize::from(digest.is_none());
        read.artifacts.extend(digest.map(|digest| Artifact {
            url: None,
            integrity: Integrity::from(digest),
        }));
    }
    read
}
