//! Bytes of a git index → the paths in it that are wanted. Pure.
//!
//! Format: gitformat-index(5), versions 2, 3 and 4. The checksum at the end is not verified (git lets users
//! switch it off), but order, padding and lengths are, so that damage is an error and not a wrong answer.
//! O(bytes); what is kept is bounded by `MAX_KEPT_BYTES`.

use thiserror::Error;

use crate::path::FilePath;
use crate::text::Untrusted;

/// The longest path, far above what file systems take.
const MAX_PATH_BYTES: usize = 4096;

/// The most text of wanted paths; a compressed index could spell far more than its own size.
const MAX_KEPT_BYTES: usize = 64 << 20;

/// Bytes of file status before an entry's object name; the mode stands within.
const STATUS_BYTES: usize = 40;

/// What git tracks, as far as it was wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// The wanted entries, sorted by path.
    pub entries: Vec<IndexEntry>,
    /// Wanted paths that cannot be written as a [`FilePath`], such as those that are not UTF-8.
    pub unnamed: Vec<Untrusted<'static>>,
}

/// A path that git tracks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    /// Its path inside the work tree.
    pub path: FilePath,
    /// What git records it as.
    pub kind: IndexKind,
    /// Whether it belongs in the work tree.
    pub checkout: Checkout,
}

/// What git records a path as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexKind {
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// Whether a tracked path belongs in the work tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Checkout {
    /// It does.
    Full,
    /// A sparse checkout leaves it out (skip-worktree).
    Skipped,
}

/// How a repository names its objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectFormat {
    /// By SHA-1.
    #[default]
    Sha1,
    /// By SHA-256.
    Sha256,
}

impl ObjectFormat {
    /// Returns the length of an object's name.
    const fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// Why an index could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The bytes do not follow the format.
    #[error("damaged: {0}")]
    Damaged(&'static str),
    /// Linchpin does not know the version.
    #[error("of version {0}; linchpin reads versions 2, 3 and 4")]
    Version(u32),
    /// The entries lie in another file.
    #[error("split in two files, which linchpin does not read")]
    Split,
    /// Whole folders stand for the files in them.
    #[error("sparse, so that it does not name every tracked file")]
    Sparse,
    /// Git says that no reader may go on without knowing this part.
    #[error("in need of the extension `{}`, which linchpin does not know", .0.terminal())]
    Extension(Untrusted<'static>),
}

impl IndexError {
    /// Returns what the user can do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Damaged(_) => "see what git says about it: git status",
            Self::Version(_) => "write it anew: git update-index --index-version 4",
            Self::Split => "write it as one file: git update-index --no-split-index",
            Self::Sparse => "write it in full: git sparse-checkout reapply --no-sparse-index",
            Self::Extension(_) => "audit a fresh clone, whose index is plain",
        }
    }
}

/// Reads an index; keeps submodules, and files and links whose path `is_wanted`.
pub(super) fn parse(
    bytes: &[u8],
    format: ObjectFormat,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Index, IndexError> {
    let checksum = bytes.len().checked_sub(format.bytes()).ok_or(CUT_SHORT)?;
    let mut cursor = Cursor {
        bytes: &bytes[..checksum],
        position: 0,
    };
    let (version, count) = header(&mut cursor)?;
    let mut reader = Reader::new(version, format, is_wanted);
    for _ in 0..count {
        reader.entry(&mut cursor)?;
    }
    extensions(&mut cursor)?;
    reader.finish()
}

const CUT_SHORT: IndexError = IndexError::Damaged("it is cut short");

fn header(cursor: &mut Cursor<'_>) -> Result<(u32, u32), IndexError> {
    if cursor.take(4)? != b"DIRC" {
        return Err(IndexError::Damaged("it does not begin as an index does"));
    }
    match cursor.u32()? {
        version @ 2..=4 => Ok((version, cursor.u32()?)),
        version => Err(IndexError::Version(version)),
    }
}

/// Passes over optional extensions; those whose name begins in lower case change what the entries mean.
fn extensions(cursor: &mut Cursor<'_>) -> Result<(), IndexError> {
    while !cursor.is_at_end() {
        let name = cursor.take(4)?;
        let length = cursor.u32()?;
        match name {
            b"link" => return Err(IndexError::Split),
            b"sdir" => return Err(IndexError::Sparse),
            [b'A'..=b'Z', ..] => {}
            _ => return Err(IndexError::Extension(lossy(name))),
        }
        cursor.take(usize::try_from(length).map_err(|_too_long| CUT_SHORT)?)?;
    }
    Ok(())
}

/// Collects entries; holds the path of the one before, on which version 4 builds.
struct Reader<'a> {
    version: u32,
    format: ObjectFormat,
    is_wanted: &'a dyn Fn(&str) -> bool,
    path: Vec<u8>,
    nameless: usize,
    kept_bytes: usize,
    index: Index,
}

impl<'a> Reader<'a> {
    fn new(version: u32, format: ObjectFormat, is_wanted: &'a dyn Fn(&str) -> bool) -> Self {
        let index = Index::default();
        Self {
            version,
            format,
            is_wanted,
            path: Vec::new(),
            nameless: 0,
            kept_bytes: 0,
            index,
        }
    }

    fn entry(&mut self, cursor: &mut Cursor<'_>) -> Result<(), IndexError> {
        let start = cursor.position;
        let mode = mode(cursor.take(STATUS_BYTES)?);
        cursor.take(self.format.bytes())?;
        let flags = cursor.u16()?;
        let checkout = self.checkout(flags, cursor)?;
        if self.version == 4 {
            self.compressed_path(cursor)?;
        } else {
            self.padded_path(cursor, usize::from(flags & 0xfff), start)?;
        }
        self.keep(kind(mode)?, checkout)
    }

    fn checkout(&self, flags: u16, cursor: &mut Cursor<'_>) -> Result<Checkout, IndexError> {
        const EXTENDED: u16 = 0x4000;
        const SKIP_WORKTREE: u16 = 0x4000;
        if flags & EXTENDED == 0 {
            return Ok(Checkout::Full);
        }
        if self.version == 2 {
            return Err(IndexError::Damaged("version 2 has no extended flags"));
        }
        let is_skipped = cursor.u16()? & SKIP_WORKTREE != 0;
        Ok(if is_skipped {
            Checkout::Skipped
        } else {
            Checkout::Full
        })
    }

    /// Versions 2 and 3: the whole path, then one to eight NULs up to a multiple of eight bytes.
    fn padded_path(
        &mut self,
        cursor: &mut Cursor<'_>,
        length: usize,
        start: usize,
    ) -> Result<(), IndexError> {
        const LONG: usize = 0xfff;
        let path = if length < LONG {
            cursor.take(length)?
        } else {
            cursor.peek_to_nul()?
        };
        if length >= LONG {
            cursor.take(path.len())?;
        }
        let padding = cursor.take(8 - (cursor.position - start) % 8)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(IndexError::Damaged("an entry is not padded with NULs"));
        }
        self.next_path(0, path)
    }

    /// Version 4: how many bytes of the path before are dropped, then what follows the rest, then a NUL.
    fn compressed_path(&mut self, cursor: &mut Cursor<'_>) -> Result<(), IndexError> {
        let removed = cursor.variable_width()?;
        let kept = self.path.len().checked_sub(removed);
        let kept = kept.ok_or(IndexError::Damaged("a path drops more than there is"))?;
        let rest = cursor.peek_to_nul()?;
        cursor.take(rest.len() + 1)?;
        self.next_path(kept, rest)
    }

    fn next_path(&mut self, kept: usize, rest: &[u8]) -> Result<(), IndexError> {
        // Both begin alike, so that the order of the rests is that of the paths.
        if rest < &self.path[kept..] {
            return Err(IndexError::Damaged("its paths are out of order"));
        }
        if rest.contains(&0) {
            return Err(IndexError::Damaged("a path holds a NUL"));
        }
        if kept + rest.len() > MAX_PATH_BYTES {
            return Err(IndexError::Damaged(
                "a path is longer than any file system takes",
            ));
        }
        self.path.truncate(kept);
        self.path.extend_from_slice(rest);
        Ok(())
    }

    fn keep(&mut self, kind: IndexKind, checkout: Checkout) -> Result<(), IndexError> {
        if self.path.is_empty() {
            // Only a split index has such entries; its extension comes later.
            self.nameless += 1;
            return Ok(());
        }
        let text = String::from_utf8_lossy(&self.path);
        if kind != IndexKind::Submodule && !(self.is_wanted)(&text) {
            return Ok(());
        }
        self.kept_bytes += self.path.len();
        if self.kept_bytes > MAX_KEPT_BYTES {
            return Err(IndexError::Damaged(
                "it names more lockfiles than any project has",
            ));
        }
        match file_path(&self.path) {
            Some(path) => self.index.entries.push(IndexEntry {
                path,
                kind,
                checkout,
            }),
            None => self.index.unnamed.push(text.into_owned().into()),
        }
        Ok(())
    }

    /// Drops the repeated entries of an unfinished merge.
    fn finish(mut self) -> Result<Index, IndexError> {
        if self.nameless > 0 {
            return Err(IndexError::Damaged("an entry has no path"));
        }
        self.index.entries.sort_unstable();
        self.index
            .entries
            .dedup_by(|later, earlier| later.path == earlier.path);
        self.index.unnamed.dedup();
        Ok(self.index)
    }
}

/// Makes a path inside the work tree; none if it would not name the same file.
fn file_path(bytes: &[u8]) -> Option<FilePath> {
    let text = std::str::from_utf8(bytes).ok()?;
    FilePath::new(text).filter(|path| path.as_str() == text)
}

fn mode(status: &[u8]) -> u32 {
    const MODE: std::ops::Range<usize> = 24..28;
    status.get(MODE).map_or(0, big_endian)
}

fn kind(mode: u32) -> Result<IndexKind, IndexError> {
    match mode >> 12 {
        0o10 => Ok(IndexKind::File),
        0o12 => Ok(IndexKind::Link),
        0o16 => Ok(IndexKind::Submodule),
        0o04 => Err(IndexError::Sparse),
        _ => Err(IndexError::Damaged(
            "an entry is neither file, link nor submodule",
        )),
    }
}

fn big_endian(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn lossy(bytes: &[u8]) -> Untrusted<'static> {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A place in the bytes of an index.
struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    const fn is_at_end(&self) -> bool {
        self.position == self.bytes.len()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], IndexError> {
        let taken = self.rest().get(..length).ok_or(CUT_SHORT)?;
        self.position += length;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, IndexError> {
        self.take(4).map(big_endian)
    }

    fn u16(&mut self) -> Result<u16, IndexError> {
        let bytes = self.take(2)?;
        Ok(u16::from(bytes[0]) << 8 | u16::from(bytes[1]))
    }

    fn peek_to_nul(&self) -> Result<&'a [u8], IndexError> {
        let window = self.rest().get(..=MAX_PATH_BYTES).unwrap_or(self.rest());
        let end = window.iter().position(|byte| *byte == 0);
        end.map(|end| &window[..end])
            .ok_or(IndexError::Damaged("a path does not end"))
    }

    /// Reads an integer as pack files write offsets: seven bits a byte, each step adding one.
    fn variable_width(&mut self) -> Result<usize, IndexError> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            if value > MAX_PATH_BYTES {
                return Err(IndexError::Damaged("a path drops more than there is"));
            }
            byte = self.take(1)?[0];
            value = (value + 1) << 7 | usize::from(byte & 0x7f);
        }
        Ok(value)
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
