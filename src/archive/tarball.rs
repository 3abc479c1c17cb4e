//! The files of an npm tarball: their paths and sizes, and the content of those that are asked for.
//!
//! The archive streams through gzip (RFC 1952, several members allowed) and a reader of tar; it is never held whole.
//! Paths are those that npm unpacks to: without the first folder. Links are listed and never followed, as npm leaves
//! them out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use flate2::bufread::MultiGzDecoder;

use super::tar::{self, BLOCK_BYTES, Block, Extension, Header, Kind};
use super::{ArchiveError, path};
use crate::text::Untrusted;

/// The largest description of an entry (a long name, an extended header), in bytes; that of npm's reader.
const LARGEST_DESCRIPTION: u64 = 1 << 20;

/// The longest path that is listed, in bytes.
const LONGEST_PATH: usize = 4 << 10;

/// The manifest of a package.
const MANIFEST: &str = "package.json";

/// How names of files begin in which macOS keeps what its archives have no place for.
const APPLE_DOUBLE: &[u8] = b"._";

/// How much content is inflated at once.
const CHUNK_BYTES: usize = 32 << 10;

/// What is read of an npm tarball.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tarball {
    /// All files and links, in the order of the archive; a path that is there twice is listed twice.
    pub files: Vec<ArchivedFile>,
    /// The content of the files that were asked for, by path; of two with the same path the later one, as installed.
    pub kept: BTreeMap<String, Vec<u8>>,
    /// The paths in `kept` of which only the beginning is there, because of a limit.
    pub cut: BTreeSet<String>,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Where it is unpacked to, below the package's folder: `/` between parts, no `.` or `..`.
    pub path: String,
    /// Its content, in bytes; zero for links.
    pub size: u64,
}

/// How much is read of a tarball.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TarballLimits {
    /// The largest archive, in bytes.
    pub packed: u64,
    /// The most bytes that it inflates to.
    pub unpacked: u64,
    /// The most entries, descriptions of others included.
    pub entries: u64,
    /// The most bytes that are kept of a file; a larger one is kept cut.
    pub kept_file: usize,
    /// The most bytes that are kept of all files; later ones are kept cut.
    pub kept_total: usize,
    /// The most bytes that are kept of manifests (package.json), which often come last.
    pub kept_manifests: usize,
    /// The most bytes of all paths.
    pub path_bytes: usize,
}

impl Default for TarballLimits {
    fn default() -> Self {
        Self {
            packed: 20 << 20,
            unpacked: 400 << 20,
            entries: 100_000,
            kept_file: 2 << 20,
            kept_total: 64 << 20,
            kept_manifests: 16 << 20,
            path_bytes: 16 << 20,
        }
    }
}

/// Reads an npm tarball and keeps the content of the files whose paths `wants` picks.
///
/// Fails on damaged and truncated archives, on wrong checksums, on paths with `..`, on what readers of tar are known to
/// take differently, and beyond `limits`. A gzip stream that is complete is read to its end, so that its own checksum
/// is verified as well.
pub fn read_tarball(
    gz: &[u8],
    wants: &dyn Fn(&str) -> bool,
    limits: &TarballLimits,
) -> Result<Tarball, ArchiveError> {
    if gz.len() as u64 > limits.packed {
        return Err(too_large("bytes", limits.packed));
    }
    let mut reader = Reader {
        stream: Stream::new(MultiGzDecoder::new(gz), limits.unpacked),
        limits,
        kept_bytes: 0,
        kept_manifests: 0,
        path_bytes: 0,
        tarball: Tarball::default(),
    };
    reader.entries(wants)?;
    reader.stream.drain()?;
    Ok(reader.tarball)
}

fn too_large(what: &'static str, limit: u64) -> ArchiveError {
    ArchiveError::TooLarge { what, limit }
}

struct Reader<'a, R> {
    stream: Stream<R>,
    limits: &'a TarballLimits,
    kept_bytes: usize,
    kept_manifests: usize,
    path_bytes: usize,
    tarball: Tarball,
}

impl<R: Read> Reader<'_, R> {
    /// Reads entries up to two empty blocks or the end of the stream.
    fn entries(&mut self, wants: &dyn Fn(&str) -> bool) -> Result<(), ArchiveError> {
        let mut extension = Extension::default();
        let mut is_behind_empty = false;
        let mut count = 0;
        while let Some(block) = self.stream.header()? {
            if block.iter().all(|byte| *byte == 0) {
                if is_behind_empty {
                    break;
                }
                is_behind_empty = true;
                continue;
            }
            is_behind_empty = false;
            count += 1;
            if count > self.limits.entries {
                return Err(too_large("entries", self.limits.entries));
            }
            self.entry(&Header::read(&block)?, &mut extension, wants)?;
        }
        if extension == Extension::default() {
            Ok(())
        } else {
            Err(ArchiveError::Truncated("an extended header"))
        }
    }

    fn entry(
        &mut self,
        header: &Header,
        extension: &mut Extension,
        wants: &dyn Fn(&str) -> bool,
    ) -> Result<(), ArchiveError> {
        if header.kind.is_description() {
            return self.description(header, extension);
        }
        let Extension { path, size } = std::mem::take(extension);
        let size = content_size(header.kind, size.unwrap_or(header.size))?;
        let raw = path.as_deref().unwrap_or(&header.path);
        check_place(header.kind, raw)?;
        self.path_bytes += raw.len();
        if self.path_bytes > self.limits.path_bytes {
            return Err(too_large("bytes of paths", self.limits.path_bytes as u64));
        }
        let path = unpacked_path(raw)?;
        match (header.kind, path) {
            (Kind::File, Some(path)) => self.file(path, size, wants),
            (Kind::Link, Some(path)) => {
                self.tarball.files.push(ArchivedFile { path, size: 0 });
                self.stream.skip(size)
            }
            _ => self.stream.skip(size),
        }
    }

    fn description(
        &mut self,
        header: &Header,
        extension: &mut Extension,
    ) -> Result<(), ArchiveError> {
        if extension.size.is_some() {
            return Err(ArchiveError::Ambiguous(
                "the size of a file stands in front of another header",
            ));
        }
        if header.size > LARGEST_DESCRIPTION {
            return Err(too_large("bytes of a header", LARGEST_DESCRIPTION));
        }
        let mut content = Vec::new();
        self.stream
            .content(header.size, &mut |chunk| content.extend_from_slice(chunk))?;
        match header.kind {
            Kind::Extended => extension.take_records(&content),
            Kind::Global => tar::check_global(&content),
            Kind::LongName => {
                extension.take_name(&content);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn file(
        &mut self,
        path: String,
        size: u64,
        wants: &dyn Fn(&str) -> bool,
    ) -> Result<(), ArchiveError> {
        self.tarball.files.push(ArchivedFile {
            path: path.clone(),
            size,
        });
        if !wants(&path) {
            return self.stream.skip(size);
        }
        let is_manifest = path::package_of(&path, MANIFEST).is_some();
        let (kept, most) = if is_manifest {
            (&mut self.kept_manifests, self.limits.kept_manifests)
        } else {
            (&mut self.kept_bytes, self.limits.kept_total)
        };
        let left = most - *kept;
        let room = self.limits.kept_file.min(left);
        let mut content = Vec::new();
        self.stream.content(size, &mut |chunk| {
            let taken = chunk.len().min(room - content.len());
            content.extend_from_slice(&chunk[..taken]);
        })?;
        *kept += content.len();
        if size > content.len() as u64 {
            self.tarball.cut.insert(path.clone());
        } else {
            self.tarball.cut.remove(&path);
        }
        self.tarball.kept.insert(path, content);
        Ok(())
    }
}

/// Returns how many bytes follow a header of this kind.
fn content_size(kind: Kind, size: u64) -> Result<u64, ArchiveError> {
    match kind {
        Kind::Folder | Kind::Link if size > 0 => {
            Err(ArchiveError::Ambiguous("a folder or a link has content"))
        }
        _ => Ok(size),
    }
}

/// Refuses files that have no name, and those that lie beside the folder of the package: some readers put them into it.
fn check_place(kind: Kind, raw: &[u8]) -> Result<(), ArchiveError> {
    let is_beside = kind == Kind::File && !raw.contains(&b'/') && !raw.starts_with(APPLE_DOUBLE);
    if raw.is_empty() {
        Err(ArchiveError::Ambiguous("an entry has no name"))
    } else if is_beside {
        Err(ArchiveError::Ambiguous("a file lies beside the package"))
    } else {
        Ok(())
    }
}

/// Turns the path of an entry into the one that npm unpacks it to; none for the first folder itself and for what lies beside it.
fn unpacked_path(raw: &[u8]) -> Result<Option<String>, ArchiveError> {
    if raw.len() > LONGEST_PATH {
        return Err(too_large("bytes of path", LONGEST_PATH as u64));
    }
    let text = String::from_utf8_lossy(raw);
    if text.contains('\0') {
        return Err(ArchiveError::Ambiguous("a path holds a NUL"));
    }
    if text.contains('\\') {
        return Err(ArchiveError::Ambiguous("a path holds a backslash"));
    }
    if text.split('/').any(|part| part == "..") {
        return Err(ArchiveError::Climbing(Untrusted::from(text.into_owned())));
    }
    let below = text.split_once('/').map(|(_, below)| below);
    let path = below.and_then(|below| path::join("", below));
    Ok(path.filter(|path| !path.is_empty()))
}

/// Inflated bytes, up to a limit.
struct Stream<R> {
    inner: R,
    left: u64,
    limit: u64,
    chunk: Vec<u8>,
}

impl<R: Read> Stream<R> {
    fn new(inner: R, limit: u64) -> Self {
        Self {
            inner,
            left: limit,
            limit,
            chunk: vec![0; CHUNK_BYTES],
        }
    }

    /// Reads the next block; none where the stream ends in front of it.
    fn header(&mut self) -> Result<Option<Block>, ArchiveError> {
        match self.fill(BLOCK_BYTES)? {
            0 => Ok(None),
            BLOCK_BYTES => Ok(self.chunk.first_chunk().copied()),
            _ => Err(ArchiveError::Truncated("a header")),
        }
    }

    /// Hands the content of an entry to `take`, piece by piece, and passes over its padding.
    fn content(&mut self, size: u64, take: &mut dyn FnMut(&[u8])) -> Result<(), ArchiveError> {
        // Known before anything is inflated: a size that nothing can keep.
        if size > self.left {
            return Err(too_large("unpacked bytes", self.limit));
        }
        let mut left = size;
        while left > 0 {
            let wanted = usize::try_from(left).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
            if self.fill(wanted)? < wanted {
                return Err(ArchiveError::Truncated("a file"));
            }
            take(&self.chunk[..wanted]);
            left -= wanted as u64;
        }
        let behind = usize::try_from(size % BLOCK_BYTES as u64).unwrap_or_default();
        let padding = (BLOCK_BYTES - behind) % BLOCK_BYTES;
        if self.fill(padding)? < padding {
            return Err(ArchiveError::Truncated("a file"));
        }
        Ok(())
    }

    fn skip(&mut self, size: u64) -> Result<(), ArchiveError> {
        self.content(size, &mut |_| {})
    }

    /// Reads what follows the archive, so that the checksum of the stream is verified.
    fn drain(&mut self) -> Result<(), ArchiveError> {
        while self.fill(CHUNK_BYTES)? > 0 {}
        Ok(())
    }

    /// Reads up to `wanted` bytes, at most a chunk, and fewer only where the stream ends.
    fn fill(&mut self, wanted: usize) -> Result<usize, ArchiveError> {
        let mut filled = 0;
        while filled < wanted {
            match self.inner.read(&mut self.chunk[filled..wanted]) {
                Ok(0) => break,
                Ok(length) => filled += length,
                Err(error) => return Err(failed(&error)),
            }
        }
        self.left = self
            .left
            .checked_sub(filled as u64)
            .ok_or_else(|| too_large("unpacked bytes", self.limit))?;
        Ok(filled)
    }
}

fn failed(error: &io::Error) -> ArchiveError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ArchiveError::Truncated("its compressed data"),
        _ => ArchiveError::Damaged("it is no gzip data, or its checksum is wrong"),
    }
}

#[cfg(test)]
#[path = "tarball_tests.rs"]
pub(super) mod tests;
