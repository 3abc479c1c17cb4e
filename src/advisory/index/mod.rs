//! The compiled index of one ecosystem: one immutable file, read by positional reads.
//!
//! ```text
//! header      fixed length: magic, format, ecosystem, counts, where the directory lies, two checksums
//! blocks      one for each package, in the order of the directory; the last bytes are its checksum
//! directory   for each package the hash of its name, where its block lies, how long it is; sorted
//! ```
//!
//! A look-up reads the directory once and then a block for each package that is in it; names are verified,
//! because hashes may collide. There is no checksum over the whole file, so that nothing has to be read that
//! is not asked for. Records stand unmerged, withdrawn ones included, so that a newer index is one
//! merge-copy ([`compile`]).

mod codec;
pub mod compile;

use std::io;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use self::codec::{Reader, Unreadable};
use super::model::Record;
use crate::package::Ecosystem;

/// The first bytes of every index.
const MAGIC: &[u8; 8] = b"lnchpadv";

/// The format that this program writes and reads.
const FORMAT: u32 = 1;

/// The length of the header.
const HEADER: usize = 64;

/// The length of a checksum, and of a name's hash.
const CHECK: usize = 8;

/// The length of a line of the directory: hash, offset, length.
const LINE: usize = CHECK + 8 + 4;

/// Something that can be read at any place, such as a file.
pub trait ReadAt {
    /// Fills a buffer from an offset on.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Returns the length in bytes.
    fn size(&self) -> io::Result<u64>;
}

impl ReadAt for [u8] {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.saturating_add(buffer.len());
        let bytes = self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

impl<R: ReadAt + ?Sized> ReadAt for &R {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (**self).read_exact_at(buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        (**self).size()
    }
}

/// Why an index cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IndexError {
    /// It could not be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no index.
    #[error("it is no index of advisories")]
    NotAnIndex,
    /// Another version of the program wrote it.
    #[error("it has format {0}, and this program reads format {FORMAT}")]
    Format(u32),
    /// It is the index of another ecosystem.
    #[error("it is the index of another ecosystem")]
    Ecosystem,
    /// Its bytes are not those that were written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

impl From<Unreadable> for IndexError {
    fn from(_: Unreadable) -> Self {
        Self::Damaged("a record does not end where it should")
    }
}

/// What the header of an index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose advisories they are.
    pub ecosystem: Ecosystem,
    /// How many records there are: one for each advisory and package.
    pub records: u32,
    /// How many packages.
    pub packages: u32,
    /// When the newest record changed, in seconds since 1970; only times before the index was made count.
    pub newest: i64,
    /// How many records, or entries of records, could not be read when the index was made.
    pub unread: u32,
    directory_at: u64,
    directory_check: [u8; CHECK],
}

/// An open index.
#[derive(Debug)]
pub struct Index<R> {
    reader: R,
    header: Header,
    directory: Vec<u8>,
}

impl<R: ReadAt> Index<R> {
    /// Opens an index: reads its header and its directory and checks both. O(packages).
    pub fn open(reader: R, ecosystem: Ecosystem) -> Result<Self, IndexError> {
        let size = reader.size()?;
        let header = Header::read(&reader, size)?;
        if header.ecosystem != ecosystem {
            return Err(IndexError::Ecosystem);
        }
        let length = header.packages as usize * LINE;
        if header.directory_at.checked_add(length as u64) != Some(size) {
            return Err(IndexError::Damaged("it is cut short"));
        }
        let mut directory = vec![0; length];
        reader.read_exact_at(&mut directory, header.directory_at)?;
        if directory_check(&directory) != header.directory_check {
            return Err(IndexError::Damaged(
                "the checksum of its directory does not hold",
            ));
        }
        Ok(Self {
            reader,
            header,
            directory,
        })
    }

    /// Returns what the header says.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Reads every package and checks that look-ups find all that the index says it holds. O(bytes).
    pub fn verify(&self) -> Result<(), IndexError> {
        let mut records = 0;
        let mut before: Option<Line> = None;
        for line in (0..self.len()).map(|at| self.line(at)) {
            let block = self.block(line)?;
            let (key, found) = decode_block(content(&block))?;
            let is_in_order = before.is_none_or(|before| before.hash <= line.hash);
            if hash(&key) != line.hash || !is_in_order {
                return Err(IndexError::Damaged(
                    "its directory does not lead to its packages",
                ));
            }
            records += found.len();
            before = Some(line);
        }
        if records != self.header.records as usize {
            return Err(IndexError::Damaged(
                "it holds another number of records than it says",
            ));
        }
        Ok(())
    }

    /// Returns what the index is read from.
    pub const fn reader(&self) -> &R {
        &self.reader
    }

    /// Finds the records of a package by its name as the registry compares it. O(log packages), and one read.
    pub fn look_up(&self, name: &str) -> Result<Vec<Record>, IndexError> {
        let key = key(self.header.ecosystem, name);
        let hash = hash(&key);
        let first = self.first_at_least(hash);
        let lines = (first..self.len()).map(|at| self.line(at));
        for line in lines.take_while(|line| line.hash == hash) {
            let block = self.block(line)?;
            let (found, records) = decode_block(content(&block))?;
            if found == key {
                return Ok(records);
            }
        }
        Ok(Vec::new())
    }

    fn len(&self) -> usize {
        self.header.packages as usize
    }

    fn line(&self, at: usize) -> Line {
        Line::decode(&self.directory[at * LINE..(at + 1) * LINE])
    }

    fn first_at_least(&self, hash: [u8; CHECK]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.directory[middle * LINE..middle * LINE + CHECK] < hash[..] {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Reads a block, checksum included, and checks it.
    fn block(&self, line: Line) -> Result<Vec<u8>, IndexError> {
        let end = line.offset.checked_add(u64::from(line.length));
        let is_inside = line.offset >= HEADER as u64
            && end.is_some_and(|end| end <= self.header.directory_at)
            && line.length as usize > CHECK;
        if !is_inside {
            return Err(IndexError::Damaged("a package lies outside it"));
        }
        let mut block = vec![0; line.length as usize];
        self.reader.read_exact_at(&mut block, line.offset)?;
        if check(content(&block)) != block[content(&block).len()..] {
            return Err(IndexError::Damaged(
                "the checksum of a package does not hold",
            ));
        }
        Ok(block)
    }
}

/// A line of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    hash: [u8; CHECK],
    offset: u64,
    length: u32,
}

impl Line {
    fn decode(bytes: &[u8]) -> Self {
        Self {
            hash: array(bytes, 0),
            offset: u64::from_le_bytes(array(bytes, CHECK)),
            length: u32::from_le_bytes(array(bytes, CHECK + 8)),
        }
    }

    fn encode(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.hash);
        bytes.extend(self.offset.to_le_bytes());
        bytes.extend(self.length.to_le_bytes());
    }
}

impl Header {
    /// Returns what tells the index from others: its own checksum, in hexadecimal.
    pub fn identity(&self) -> String {
        let encoded = self.encode();
        format!(
            "{:016x}",
            u64::from_be_bytes(array(&encoded, HEADER - CHECK))
        )
    }

    fn read(reader: &impl ReadAt, size: u64) -> Result<Self, IndexError> {
        let mut bytes = [0; HEADER];
        if size < HEADER as u64 {
            return Err(IndexError::NotAnIndex);
        }
        reader.read_exact_at(&mut bytes, 0)?;
        if !bytes.starts_with(MAGIC) {
            return Err(IndexError::NotAnIndex);
        }
        let format = u32::from_le_bytes(array(&bytes, 8));
        if format != FORMAT {
            return Err(IndexError::Format(format));
        }
        let content = HEADER - CHECK;
        if check(&bytes[..content]) != bytes[content..] {
            return Err(IndexError::Damaged(
                "the checksum of its header does not hold",
            ));
        }
        let ecosystem = Ecosystem::ALL.get(bytes[12] as usize).copied();
        Ok(Self {
            ecosystem: ecosystem.ok_or(IndexError::Ecosystem)?,
            records: u32::from_le_bytes(array(&bytes, 16)),
            packages: u32::from_le_bytes(array(&bytes, 20)),
            newest: i64::from_le_bytes(array(&bytes, 24)),
            directory_at: u64::from_le_bytes(array(&bytes, 32)),
            directory_check: array(&bytes, 40),
            unread: u32::from_le_bytes(array(&bytes, 48)),
        })
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend([self.ecosystem as u8, 0, 0, 0]);
        bytes.extend(self.records.to_le_bytes());
        bytes.extend(self.packages.to_le_bytes());
        bytes.extend(self.newest.to_le_bytes());
        bytes.extend(self.directory_at.to_le_bytes());
        bytes.extend(self.directory_check);
        bytes.extend(self.unread.to_le_bytes());
        bytes.resize(HEADER - CHECK, 0);
        bytes.extend(check(&bytes));
        bytes
    }
}

/// Takes bytes out of a slice that is long enough.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut taken = [0; N];
    taken.copy_from_slice(&bytes[at..at + N]);
    taken
}

/// The first bytes of a SHA-256: what tells damage, and no defence against forgery.
fn check(bytes: &[u8]) -> [u8; CHECK] {
    array(&Sha256::digest(bytes), 0)
}

/// What a block holds before its checksum.
fn content(block: &[u8]) -> &[u8] {
    &block[..block.len().saturating_sub(CHECK)]
}

/// The directory is read by every run, so that its check must be as fast as memory is.
fn directory_check(directory: &[u8]) -> [u8; CHECK] {
    u64::from(crc32fast::hash(directory)).to_le_bytes()
}

fn hash(key: &str) -> [u8; CHECK] {
    check(key.as_bytes())
}

/// The name under which a package is kept; crates.io lets no two names differ only by `-` and `_`.
fn key(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Cargo => name.replace('-', "_"),
        Ecosystem::Npm | Ecosystem::Pypi => name.to_owned(),
    }
}

/// Reads a block without its checksum.
fn decode_block(block: &[u8]) -> Result<(String, Vec<Record>), IndexError> {
    let mut reader = Reader::new(block);
    let key = reader.text()?;
    let count = reader.count()?;
    let mut records = Vec::new();
    for _ in 0..count {
        records.push(codec::decode(reader.bytes()?)?);
    }
    reader.end()?;
    Ok((key, records))
}

#[cfg(test)]
mod tests;
