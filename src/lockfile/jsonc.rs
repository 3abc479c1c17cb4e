//! JSON with comments and trailing commas, as Bun writes it: made plain, so that the parser of JSON reads it.
//!
//! Comments and commas before a closing bracket become blanks in a copy of the same length, so that every
//! offset, line and column stays that of the file. The copy's strings are the file's: [`Plain::original`] turns
//! what was parsed back into a borrow of the file. O(bytes), without recursion.

use std::borrow::Cow;

use super::span::Span;
use crate::text::Untrusted;

/// A text of JSON with comments and trailing commas, and the same as plain JSON.
pub(super) struct Plain<'a> {
    file: &'a str,
    plain: Cow<'a, str>,
}

impl<'a> Plain<'a> {
    /// Blanks what plain JSON does not allow; a text without any of it is not copied.
    pub(super) fn new(file: &'a str) -> Self {
        let plain = match Blanking::new(file.as_bytes()).run() {
            None => Cow::Borrowed(file),
            Some(bytes) => Cow::Owned(
                String::from_utf8(bytes).expect("blanks for whole characters leave UTF-8"),
            ),
        };
        Self { file, plain }
    }

    /// Returns the plain JSON.
    pub(super) fn as_str(&self) -> &str {
        &self.plain
    }

    /// Turns text that was parsed from the plain JSON into a borrow of the file, unless it held escapes.
    pub(super) fn original(&self, text: &Untrusted<'_>) -> Untrusted<'a> {
        let part = self
            .span_of(text)
            .and_then(|span| self.file.get(span.start as usize..span.end as usize));
        match part {
            Some(part) => Untrusted::borrowed(part),
            None => text.clone().into_owned(),
        }
    }

    /// Returns the place of text that was parsed from the plain JSON; none if it held escapes.
    pub(super) fn span_of(&self, text: &Untrusted<'_>) -> Option<Span> {
        let part = text.as_borrowed()?;
        let start = (part.as_ptr() as usize).checked_sub(self.plain.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (end <= self.plain.len()).then(|| Span::new(start, end))
    }
}

/// The state of one pass over a text.
struct Blanking<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The last byte that was no blank and stood in no comment.
    last: u8,
    /// The comma that a closing bracket would make a trailing one; only one behind a value can be.
    comma: Option<usize>,
    copy: Option<Vec<u8>>,
}

impl<'t> Blanking<'t> {
    const fn new(bytes: &'t [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            last: 0,
            comma: None,
            copy: None,
        }
    }

    /// Returns the blanked copy; none if there was nothing to blank.
    fn run(mut self) -> Option<Vec<u8>> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                b'"' => self.pass_string(),
                b'/' => self.pass_comment(),
                b',' => self.pass_comma(),
                b'}' | b']' => self.pass_closing(byte),
                _ => self.pass(byte),
            }
        }
        self.copy
    }

    fn pass(&mut self, byte: u8) {
        self.last = byte;
        self.at += 1;
    }

    fn pass_string(&mut self) {
        self.last = b'"';
        self.at += 1;
        while let Some(found) = self
            .bytes
            .get(self.at..)
            .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
        {
            self.at += found + 1;
            if self.bytes[self.at - 1] == b'"' {
                return;
            }
            self.at += 1;
        }
        self.at = self.bytes.len();
    }

    fn pass_comma(&mut self) {
        let follows_value = !matches!(self.last, 0 | b'[' | b'{' | b',' | b':');
        self.comma = follows_value.then_some(self.at);
        self.pass(b',');
    }

    fn pass_closing(&mut self, byte: u8) {
        if let (b',', Some(comma)) = (self.last, self.comma) {
            self.blank(comma, comma + 1);
        }
        self.pass(byte);
    }

    /// A slash outside a string begins a comment, or is left for the parser to refuse.
    fn pass_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = match rest.get(1) {
            Some(b'/') => Some(memchr::memchr(b'\n', rest).unwrap_or(rest.len())),
            Some(b'*') => memchr::memmem::find(&rest[2..], b"*/").map(|end| end + 4),
            _ => None,
        };
        let Some(length) = length else {
            return self.pass(b'/');
        };
        self.blank(self.at, self.at + length);
        self.at += length;
    }

    /// Line breaks stay, so that lines keep their numbers.
    fn blank(&mut self, start: usize, end: usize) {
        let copy = self.copy.get_or_insert_with(|| self.bytes.to_vec());
        for byte in copy[start..end].iter_mut().filter(|byte| **byte != b'\n') {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let plain = Plain::new(text);
        assert_eq!(plain.as_str().len(), text.len(), "{text}");
        plain.as_str().to_owned()
    }

    #[test]
    fn trailing_commas_and_comments_become_blanks() {
        assert_eq!(plain("[1,\n]"), "[1 \n]");
        assert_eq!(plain("{\"a\":[], }"), "{\"a\":[]  }");
        assert_eq!(plain("[1, // one\n]"), "[1        \n]");
        assert_eq!(plain("/* é\n */[1,/**/]"), "     \n   [1     ]");
        assert_eq!(plain("[1] // end"), "[1]       ");
    }

    #[test]
    fn what_is_no_json_either_way_stays() {
        for text in [
            "[,]",
            "[1,,]",
            "{,}",
            "[1,",
            "/ 1",
            "/* open",
            "\"open,]",
            "{\"a\":,}",
        ] {
            let plain = plain(text);
            assert!(
                serde_json::from_str::<serde_json::Value>(&plain).is_err(),
                "{text} became {plain}"
            );
        }
    }

    #[test]
    fn strings_are_left_alone() {
        for text in [r#"["a,]","//b","/*c*/","\"//",1]"#, "[1,2]", "", "\""] {
            let blanked = Plain::new(text);
            assert!(matches!(blanked.plain, Cow::Borrowed(_)), "{text}");
        }
        assert_eq!(plain(r#"["\\",]"#), r#"["\\" ]"#);
        assert_eq!(plain(r#"["\",]",]"#), r#"["\",]" ]"#);
    }

    #[test]
    fn parsed_text_is_a_borrow_of_the_file() {
        let file = "[ \"a\", // é\n\"b\\u0063\",]".to_owned();
        let plain = Plain::new(&file);
        let read: Vec<Untrusted<'_>> =
            serde_json::from_str(plain.as_str()).expect("plain JSON of strings");
        let first = plain.original(&read[0]);
        assert_eq!(first.as_borrowed(), Some("a"));
        assert_eq!(plain.span_of(&read[0]), Some(Span { start: 3, end: 4 }));
        assert_eq!(plain.original(&read[1]).as_str(), "bc");
        assert_eq!(plain.span_of(&read[1]), None);
    }
}
