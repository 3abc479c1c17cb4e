//! The names of the files in a wheel, from the end of the zip archive, so that few of its bytes are fetched.
//!
//! Reference: PKWARE APPNOTE.TXT 6.3.10, §4.3.12 to §4.3.16 (central directory, its zip64 forms and its end record) and
//! §4.6.9 (Unicode names). The caller reads a range, hands it in, and is told the names or the next range; two rounds
//! after the first always suffice. Only the directory is read: an archive whose local headers (§4.3.7) name other files
//! than its directory does is not told from others here.

use std::collections::VecDeque;
use std::ops::Range;

use super::{ArchiveError, path};

/// How many bytes at the end of a file are worth reading first: an end record with the longest comment, and the zip64
/// records in front of it.
pub const TAIL_BYTES: u64 = (END_BYTES + LONGEST_COMMENT + LOCATOR_BYTES + END64_BYTES) as u64;

/// The largest directory that is read, in bytes; the largest real ones are a quarter of it.
const LARGEST_DIRECTORY: u64 = 16 << 20;

/// The most names that are read.
const MOST_NAMES: u64 = 200_000;

/// The longest name that is read, in bytes.
const LONGEST_NAME: usize = 4 << 10;

const LONGEST_COMMENT: usize = 65_535;

const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const END64: &[u8] = b"PK\x06\x06";
const END64_BYTES: usize = 56;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_BYTES: usize = 20;
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;

/// The extra field that gives a file a second name.
const UNICODE_PATH: u16 = 0x7075;

/// What the end of a wheel yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directory {
    /// The names of all entries, folders included, in the order of the directory.
    Names(Vec<String>),
    /// The bytes of the file to read and hand in next; the range ends where the file ends.
    Read(Range<u64>),
}

/// Reads the directory of a zip archive of `total` bytes, of which `held` are those from `start` to the end.
///
/// The range in [`Directory::Read`] always begins before `start`. Names that are not UTF-8 are read lossily. Fails on
/// data behind the end record or in front of the archive, on two end records, on counts that do not agree, and beyond
/// 16 MiB, 200,000 names or 4 KiB a name.
pub fn read_directory(total: u64, start: u64, held: &[u8]) -> Result<Directory, ArchiveError> {
    if start.checked_add(held.len() as u64) != Some(total) {
        return Err(ArchiveError::NotTheEnd);
    }
    let window = total.saturating_sub(TAIL_BYTES)..total;
    let Some(end) = end_record(held)? else {
        return if window.start < start {
            Ok(Directory::Read(window))
        } else {
            Err(ArchiveError::NoDirectory)
        };
    };
    // What stands directly in front of the end record decides whether zip64 is in use.
    if start > window.start && end < LOCATOR_BYTES + END64_BYTES {
        return Ok(Directory::Read(window));
    }
    let extent = extent(start, held, end)?;
    if extent.offset < start {
        return Ok(Directory::Read(extent.offset..total));
    }
    let directory = usize::try_from(extent.offset - start)
        .ok()
        .and_then(|from| held.get(from..)?.get(..usize::try_from(extent.size).ok()?))
        .ok_or(ArchiveError::Truncated("its directory"))?;
    names(directory, extent.entries).map(Directory::Names)
}

/// Finds the end record in the bytes at the end of a file; none where its signature is not among them.
///
/// Readers search from the end and take the first signature, so that this one must be the record, and the only one.
fn end_record(held: &[u8]) -> Result<Option<usize>, ArchiveError> {
    let earliest = held.len().saturating_sub(END_BYTES + LONGEST_COMMENT);
    let mut found = memchr::memmem::rfind_iter(&held[earliest..], END).map(|at| earliest + at);
    let Some(end) = found.next() else {
        return Ok(None);
    };
    if !reaches_the_end(held, end) {
        return Err(ArchiveError::NoDirectory);
    }
    if found.any(|other| reaches_the_end(held, other)) {
        return Err(ArchiveError::Ambiguous("it has two end records"));
    }
    Ok(Some(end))
}

/// Says whether the comment of an end record ends where the file does.
fn reaches_the_end(held: &[u8], end: usize) -> bool {
    let comment = u16_at(held, end + 20);
    comment.is_some_and(|length| end + END_BYTES + usize::from(length) == held.len())
}

/// Where the directory lies and how much it holds.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Extent {
    /// From the start of the file, in bytes.
    offset: u64,
    /// In bytes.
    size: u64,
    entries: u64,
}

/// Reads where the directory lies from the end record at `end`, and from the zip64 records in front of it.
fn extent(start: u64, held: &[u8], end: usize) -> Result<Extent, ArchiveError> {
    let record = held
        .get(end..end + END_BYTES)
        .ok_or(ArchiveError::Truncated("its end record"))?;
    let short = short_extent(record)?;
    let locator = end
        .checked_sub(LOCATOR_BYTES)
        .filter(|at| held[*at..].starts_with(LOCATOR));
    let (extent, directory_end) = match locator {
        Some(locator) => {
            let (long, at) = long_extent(start, held, locator)?;
            agree(short, long)?;
            (long, at)
        }
        None => (short, end),
    };
    if extent.offset.checked_add(extent.size) != Some(start + directory_end as u64) {
        return Err(ArchiveError::Ambiguous(
            "its directory is not where its end record says",
        ));
    }
    within("bytes of directory", extent.size, LARGEST_DIRECTORY)?;
    within("files", extent.entries, MOST_NAMES)?;
    Ok(extent)
}

/// Reads the end record (§4.3.16).
fn short_extent(record: &[u8]) -> Result<Extent, ArchiveError> {
    let short = |at| u16_at(record, at).ok_or(ArchiveError::Truncated("its end record"));
    let long = |at| u32_at(record, at).ok_or(ArchiveError::Truncated("its end record"));
    if (short(4)?, short(6)?) != (0, 0) || short(8)? != short(10)? {
        return Err(ArchiveError::Damaged("it is one of several parts"));
    }
    Ok(Extent {
        offset: long(16)?.into(),
        size: long(12)?.into(),
        entries: short(10)?.into(),
    })
}

/// Reads the zip64 end record (§4.3.14) that the locator (§4.3.15) points at, and returns its place in `held`.
///
/// Some readers follow the locator and others look directly in front of it, so that both must meet the same record.
fn long_extent(start: u64, held: &[u8], locator: usize) -> Result<(Extent, usize), ArchiveError> {
    let at = locator
        .checked_sub(END64_BYTES)
        .ok_or(ArchiveError::Truncated("its zip64 end record"))?;
    let record = &held[at..locator];
    let long = |at| u64_at(record, at).ok_or(ArchiveError::Truncated("its zip64 end record"));
    if u64_at(held, locator + 8) != Some(start + at as u64)
        || !record.starts_with(END64)
        || long(4)? != (END64_BYTES - 12) as u64
    {
        return Err(ArchiveError::Ambiguous(
            "its zip64 end record is not where its locator says",
        ));
    }
    let is_single = u32_at(held, locator + 4) == Some(0)
        && u32_at(held, locator + 16).is_some_and(|parts| parts <= 1)
        && (u32_at(record, 16), u32_at(record, 20)) == (Some(0), Some(0));
    if !is_single || long(24)? != long(32)? {
        return Err(ArchiveError::Damaged("it is one of several parts"));
    }
    let extent = Extent {
        offset: long(48)?,
        size: long(40)?,
        entries: long(32)?,
    };
    Ok((extent, at))
}

/// Refuses end records of which each says something else; a field of only ones leaves the word to zip64.
fn agree(short: Extent, long: Extent) -> Result<(), ArchiveError> {
    let is_same = |short: u64, long: u64, ones: u64| short == ones || short == long;
    if is_same(short.offset, long.offset, u32::MAX.into())
        && is_same(short.size, long.size, u32::MAX.into())
        && is_same(short.entries, long.entries, u16::MAX.into())
    {
        Ok(())
    } else {
        Err(ArchiveError::Ambiguous("its two end records do not agree"))
    }
}

/// Reads the names of a directory, which must hold `count` entries and nothing else. O(bytes).
fn names(mut directory: &[u8], count: u64) -> Result<Vec<String>, ArchiveError> {
    let mut names = Vec::new();
    while !directory.is_empty() {
        if names.len() as u64 == count {
            return Err(ArchiveError::Damaged("more files than its end record says"));
        }
        let (name, rest) = entry(directory)?;
        names.push(name);
        directory = rest;
    }
    if (names.len() as u64) < count {
        return Err(ArchiveError::Damaged(
            "fewer files than its end record says",
        ));
    }
    Ok(names)
}

/// Reads one entry of the directory (§4.3.12) and returns its name and what follows.
fn entry(directory: &[u8]) -> Result<(String, &[u8]), ArchiveError> {
    if !directory.starts_with(ENTRY) {
        return Err(ArchiveError::Damaged(
            "its directory holds no entry where one is due",
        ));
    }
    let length = |at| {
        u16_at(directory, at)
            .map(usize::from)
            .ok_or(ArchiveError::Truncated("its directory"))
    };
    let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
    within("bytes of name", name as u64, LONGEST_NAME as u64)?;
    let part = |from: usize, length: usize| {
        directory
            .get(from..from + length)
            .ok_or(ArchiveError::Truncated("its directory"))
    };
    let text = part(ENTRY_BYTES, name)?;
    check_name(text, part(ENTRY_BYTES + name, extra)?)?;
    let rest = directory
        .get(ENTRY_BYTES + name + extra + comment..)
        .ok_or(ArchiveError::Truncated("its directory"))?;
    Ok((String::from_utf8_lossy(text).into_owned(), rest))
}

/// Refuses names that readers cut or replace.
fn check_name(name: &[u8], mut extra: &[u8]) -> Result<(), ArchiveError> {
    if name.contains(&0) {
        return Err(ArchiveError::Ambiguous("a name holds a NUL"));
    }
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        let field = extra.get(4..end).unwrap_or_default();
        // A version byte and the checksum of the plain name stand in front of the second name.
        if id == UNICODE_PATH && field.get(5..) != Some(name) {
            return Err(ArchiveError::Ambiguous("a file has two names"));
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    Ok(())
}

fn within(what: &'static str, value: u64, limit: u64) -> Result<(), ArchiveError> {
    if value > limit {
        return Err(ArchiveError::TooLarge { what, limit });
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

/// Modules that Python imports when it starts, where there are any (<https://docs.python.org/3/library/site.html>).
const START_UP_MODULES: [&str; 2] = ["sitecustomize", "usercustomize"];

/// The endings of files that hold a module.
const MODULE_ENDINGS: [&str; 4] = [".py", ".pyc", ".so", ".pyd"];

/// Picks the names of files that Python runs at every start, once the wheel is installed; in the order given.
///
/// These are `*.pth` and the modules `sitecustomize` and `usercustomize` where the wheel puts them into a folder that
/// Python's `site` looks at: its top level, `purelib/` and `platlib/` of its `.data` folder, and below `data/`, which is
/// laid over the whole environment. Letters compare in lower case, as some file systems do.
pub fn start_up_files<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    names.filter(|name| is_start_up_file(name)).collect()
}

fn is_start_up_file(name: &str) -> bool {
    // Windows reads either slash; a name that ends in one is a folder.
    let plain = name.to_lowercase().replace('\\', "/");
    if plain.ends_with('/') {
        return false;
    }
    let Some(plain) = path::join("", &plain) else {
        return false;
    };
    let mut parts: VecDeque<&str> = plain.split('/').collect();
    let Some(file) = parts.pop_back() else {
        return false;
    };
    let is_package = file.starts_with("__init__.") && parts.len() == place(&parts) + 1;
    if is_package && is_module_file(file) {
        return parts
            .back()
            .is_some_and(|name| START_UP_MODULES.contains(name));
    }
    let is_module = file
        .split_once('.')
        .is_some_and(|(stem, _)| START_UP_MODULES.contains(&stem))
        && is_module_file(file);
    (is_module || path::ending(file) == Some("pth")) && parts.len() == place(&parts)
}

fn is_module_file(file: &str) -> bool {
    MODULE_ENDINGS.iter().any(|ending| file.ends_with(ending))
}

/// Returns how many of the folders lead to a place that Python looks at; the rest lies below it.
fn place(folders: &VecDeque<&str>) -> usize {
    let is_data = folders
        .front()
        .is_some_and(|first| path::ending(first) == Some("data"));
    match folders.get(1) {
        Some(&("purelib" | "platlib")) if is_data => 2,
        Some(&"data") if is_data => {
            let is_library = |folder: &&str| {
                matches!(*folder, "site-packages" | "dist-packages" | "lib")
                    || folder.starts_with("python")
            };
            let deepest = folders.iter().rposition(is_library);
            deepest.map_or(2, |at| (at + 1).max(2))
        }
        _ => 0,
    }
}

#[cfg(test)]
#[path = "wheel_tests.rs"]
mod tests;
