//! One block of a tar archive: POSIX.1-2024 `pax` (ustar and extended headers), and GNU's long names.
//!
//! Fields are read as npm's own reader does (ustar prefix, base-256 sizes). What readers are known to take differently is
//! an error: whoever packs a package for people has no use for it, and whoever hides one from those who look has.

use super::ArchiveError;

/// The size of a block, in bytes.
pub(super) const BLOCK_BYTES: usize = 512;

/// A block.
pub(super) type Block = [u8; BLOCK_BYTES];

/// What an entry is, by its type flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link of either sort.
    Link,
    /// An extended header for the next entry.
    Extended,
    /// An extended header for all entries.
    Global,
    /// The name of the next entry.
    LongName,
    /// The link target of the next entry.
    LongLink,
}

/// A header block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What it is.
    pub(super) kind: Kind,
    /// Its path, as the block says.
    pub(super) path: Vec<u8>,
    /// How many bytes of content follow.
    pub(super) size: u64,
}

/// What extended headers say of the next entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extension {
    /// Its path.
    pub(super) path: Option<Vec<u8>>,
    /// How many bytes of content follow.
    pub(super) size: Option<u64>,
}

impl Kind {
    /// Says whether the entry describes others and is no file itself.
    pub(super) const fn is_description(self) -> bool {
        matches!(
            self,
            Self::Extended | Self::Global | Self::LongName | Self::LongLink
        )
    }
}

impl Header {
    /// Reads a header block and verifies its checksum.
    pub(super) fn read(block: &Block) -> Result<Self, ArchiveError> {
        if octal(&block[148..156]) != Some(checksum(block)) {
            return Err(ArchiveError::Damaged("a header's checksum is wrong"));
        }
        // Some readers go on to the next field.
        if !matches!(block[155], 0 | b' ') {
            return Err(ArchiveError::Ambiguous("a header's checksum has no end"));
        }
        let size = number(&block[124..136]).ok_or(ArchiveError::Damaged("a size is no number"))?;
        let path = path(block)?;
        let kind = match block[156] {
            b'0' | 0 | b'7' if path.ends_with(b"/") => Kind::Folder,
            b'0' | 0 | b'7' => Kind::File,
            b'1' | b'2' => Kind::Link,
            b'5' => Kind::Folder,
            b'x' => Kind::Extended,
            b'g' => Kind::Global,
            b'L' => Kind::LongName,
            b'K' => Kind::LongLink,
            _ => {
                return Err(ArchiveError::Ambiguous(
                    "an entry is of a kind that packages do not have",
                ));
            }
        };
        if matches!(kind, Kind::File | Kind::Folder) && block[157] != 0 {
            return Err(ArchiveError::Ambiguous("a file has the target of a link"));
        }
        Ok(Self { kind, path, size })
    }
}

impl Extension {
    /// Takes up the name in a GNU long-name entry.
    pub(super) fn take_name(&mut self, content: &[u8]) {
        self.path = Some(until_nul(content).to_vec());
    }

    /// Takes up the records of an extended header.
    pub(super) fn take_records(&mut self, content: &[u8]) -> Result<(), ArchiveError> {
        for_each_record(content, &mut |key, value| {
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => self.size = Some(decimal(value).ok_or(BAD_RECORD)?),
                _ => {}
            }
            Ok(())
        })
    }
}

/// Refuses a global header that renames or resizes every entry, because some readers obey it and others do not.
pub(super) fn check_global(content: &[u8]) -> Result<(), ArchiveError> {
    for_each_record(content, &mut |key, _| match key {
        b"path" | b"size" => Err(ArchiveError::Ambiguous(
            "a global header gives all files a path or a size",
        )),
        _ => Ok(()),
    })
}

const BAD_RECORD: ArchiveError = ArchiveError::Damaged("an extended header breaks its format");

/// Takes a key and its value.
type TakeRecord<'t> = dyn FnMut(&[u8], &[u8]) -> Result<(), ArchiveError> + 't;

/// Walks records of the form `length key=value\n`, where the length counts the whole record.
fn for_each_record(mut content: &[u8], take: &mut TakeRecord<'_>) -> Result<(), ArchiveError> {
    while !content.is_empty() {
        let space = content.iter().position(|byte| *byte == b' ');
        let space = space.ok_or(BAD_RECORD)?;
        let length = decimal(&content[..space]).ok_or(BAD_RECORD)?;
        let length = usize::try_from(length).map_err(|_| BAD_RECORD)?;
        let record = content.get(space + 1..length).ok_or(BAD_RECORD)?;
        let record = record.strip_suffix(b"\n").ok_or(BAD_RECORD)?;
        let equals = record.iter().position(|byte| *byte == b'=');
        let (key, value) = record.split_at(equals.ok_or(BAD_RECORD)?);
        if holds_record(value) {
            return Err(ArchiveError::Ambiguous(
                "a record of an extended header holds another",
            ));
        }
        take(key, &value[1..])?;
        content = &content[length..];
    }
    Ok(())
}

/// Says whether a line behind the first is a record for those who read line by line.
fn holds_record(value: &[u8]) -> bool {
    let mut lines = value.split(|byte| *byte == b'\n').skip(1);
    lines.any(|line| {
        let digits = line.iter().take_while(|byte| byte.is_ascii_digit());
        let length = decimal(&line[..digits.count()]);
        length == Some(line.len() as u64 + 1)
    })
}

/// Sums all bytes, those of the checksum itself taken as spaces.
fn checksum(block: &Block) -> u64 {
    let sum = |bytes: &[u8]| bytes.iter().copied().map(u64::from).sum::<u64>();
    sum(&block[..148]) + 8 * u64::from(b' ') + sum(&block[156..])
}

/// Joins prefix and name; only POSIX headers have a prefix, and some readers do not look whether it is one.
fn path(block: &Block) -> Result<Vec<u8>, ArchiveError> {
    let name = until_nul(&block[..100]);
    let prefix = until_nul(&block[345..500]);
    if prefix.is_empty() {
        return Ok(name.to_vec());
    }
    if &block[257..265] != b"ustar\x0000" {
        return Err(ArchiveError::Ambiguous(
            "a path has a part that its format has no place for",
        ));
    }
    Ok([prefix, b"/", name].concat())
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Reads a number, octal or, with the highest bit set, binary; negative ones are none.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first() {
        Some((0x80, rest)) => rest.iter().try_fold(0u64, |value, byte| {
            Some(value.checked_mul(256)? + u64::from(*byte))
        }),
        Some((first, _)) if *first > 0x80 => None,
        _ => octal(field),
    }
}

/// Reads octal digits between spaces, up to a NUL; an empty field is zero.
fn octal(field: &[u8]) -> Option<u64> {
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0u64, |value, digit| match digit {
        b'0'..=b'7' => Some(value.checked_mul(8)? + u64::from(digit - b'0')),
        _ => None,
    })
}

/// Reads decimal digits and nothing else.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
