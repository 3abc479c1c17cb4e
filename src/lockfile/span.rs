//! A file in memory, and places in it.
//!
//! Parsers keep byte ranges ([`Span`]); a line and a column are computed only for what a report shows.

use std::sync::OnceLock;

use serde::Serialize;

use crate::path::FilePath;
use crate::text::Untrusted;

/// The distance up to which characters are counted one by one, and the size of the blocks beyond.
const BLOCK: usize = 4096;

/// A file that was read: its path, and its text without a byte-order mark.
#[derive(Debug)]
pub struct SourceFile {
    path: FilePath,
    text: String,
    line_starts: OnceLock<Vec<u32>>,
    /// How many characters begin before each [`BLOCK`] of the text.
    block_starts: OnceLock<Vec<u32>>,
}

/// A range of bytes in a [`SourceFile`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// A place in a file, for people: both count from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Location {
    /// Line, from one.
    pub line: u32,
    /// Column in characters, from one.
    pub column: u32,
}

impl SourceFile {
    /// Takes a file's text; a byte-order mark at its start is dropped.
    pub fn new(path: FilePath, mut text: String) -> Self {
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Self {
            path,
            text,
            line_starts: OnceLock::new(),
            block_starts: OnceLock::new(),
        }
    }

    /// Returns the path inside the audited root.
    pub const fn path(&self) -> &FilePath {
        &self.path
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the place of a byte offset; O(log lines), however long the line is. The first call is O(bytes).
    pub fn locate(&self, offset: u32) -> Location {
        let starts = self.line_starts();
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = starts[line] as usize;
        let column = self
            .text
            .get(start..offset as usize)
            .map_or(0, |before| self.count_characters(start, before.len()));
        Location {
            line: to_u32(line + 1),
            column: to_u32(column + 1),
        }
    }

    /// Returns a line, counted from one, without its line break.
    pub fn line(&self, line: u32) -> Option<Untrusted<'_>> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.line_starts().get(index)? as usize;
        self.text
            .get(start..)?
            .lines()
            .next()
            .map(Untrusted::borrowed)
    }

    /// Returns the span of the word at a place, as far as a space; empty if the place is not in the file.
    pub fn word_at(&self, location: Location) -> Span {
        let start = self
            .line_starts()
            .get((location.line as usize).saturating_sub(1))
            .map_or(self.text.len(), |start| *start as usize);
        let line = self
            .text
            .get(start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        let before: usize = line
            .chars()
            .take((location.column as usize).saturating_sub(1))
            .map(char::len_utf8)
            .sum();
        let word = line
            .get(before..)
            .and_then(|rest| rest.split_whitespace().next())
            .unwrap_or_default();
        Span::new(start + before, start + before + word.len())
    }

    /// Returns the span of text that was borrowed from this file; none for text from elsewhere.
    pub fn span_of(&self, part: &str) -> Option<Span> {
        let start = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (end <= self.text.len()).then(|| Span::new(start, end))
    }

    /// Counts the characters of `length` bytes from `start` on, both on character boundaries of the text.
    fn count_characters(&self, start: usize, length: usize) -> usize {
        if length <= BLOCK {
            begun(&self.text.as_bytes()[start..start + length])
        } else {
            self.characters_before(start + length) - self.characters_before(start)
        }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        let before = self.block_starts()[block] as usize;
        before + begun(&self.text.as_bytes()[block * BLOCK..offset])
    }

    fn block_starts(&self) -> &[u32] {
        self.block_starts.get_or_init(|| {
            let mut characters = 0;
            let ends = self.text.as_bytes().chunks(BLOCK).map(|block| {
                characters += begun(block);
                to_u32(characters)
            });
            std::iter::once(0).chain(ends).collect()
        })
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0)
                .chain(breaks.map(|offset| to_u32(offset + 1)))
                .collect()
        })
    }
}

/// Counts the characters that begin in some bytes of UTF-8: all bytes but those that continue one.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

impl Span {
    /// Makes a span from offsets; files are limited to far less than 4 GiB, so that they fit.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: to_u32(start),
            end: to_u32(end),
        }
    }
}

/// Narrows a count that [`super::Limits`] keeps far below `u32::MAX`.
pub(crate) fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(FilePath::default(), text.to_owned())
    }

    #[test]
    fn places_count_from_one_in_characters() {
        let file = file("\u{feff}ab\r\nä{c\n");
        assert_eq!(file.locate(0), Location { line: 1, column: 1 });
        let brace = u32::try_from(file.text().find('{').expect("the text holds a brace"))
            .expect("a short text");
        assert_eq!(file.locate(brace), Location { line: 2, column: 2 });
        assert_eq!(file.line(2).expect("two lines").as_str(), "ä{c");
        assert_eq!(file.line(9), None);
    }

    #[test]
    fn a_place_has_a_word() {
        let file = file("{\n  <<<<<<< HEAD\n");
        assert_eq!(
            file.word_at(Location { line: 2, column: 3 }),
            Span { start: 4, end: 11 }
        );
        assert_eq!(
            file.word_at(Location { line: 9, column: 1 }),
            Span { start: 17, end: 17 }
        );
    }

    #[test]
    fn borrowed_text_knows_its_place() {
        let file = file("name = \"serde\"");
        let name = &file.text()[8..13];
        assert_eq!(file.span_of(name), Some(Span { start: 8, end: 13 }));
        assert_eq!(file.span_of("serde"), None);
    }

    /// Counts from the start of the line, as the contract words it.
    fn naive(file: &SourceFile, offset: usize) -> Location {
        let before = file.text().get(..offset);
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        let column = before.map_or(1, |before| {
            before
                .chars()
                .rev()
                .take_while(|before| *before != '\n')
                .count()
                + 1
        });
        Location {
            line: to_u32(line),
            column: to_u32(column),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn columns_of_long_lines_are_those_of_counting(
            words in proptest::collection::vec(("[a-zä→😀]{1,4}", 0_usize..3000), 1..8),
            breaks in proptest::collection::vec("\n?", 8),
            places in proptest::collection::vec(any::<proptest::sample::Index>(), 16),
        ) {
            let parts = words.iter().zip(&breaks);
            let text: String = parts.map(|((word, times), end)| word.repeat(*times) + end).collect();
            let file = file(&text);
            for place in places {
                let offset = text.floor_char_boundary(place.index(text.len() + 1));
                prop_assert_eq!(file.locate(to_u32(offset)), naive(&file, offset));
            }
            prop_assert_eq!(file.locate(to_u32(text.len())), naive(&file, text.len()));
        }
    }
}
