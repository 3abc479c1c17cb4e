//! Text → logical lines, as pip joins and strips them: a backslash continues a line, a comment line ends it.
//!
//! pip breaks lines at everything that Python does, so that a separator inside a comment can hide a requirement
//! from a reader that knows line feeds only.

use std::borrow::Cow;

/// A logical line: what is said, and the comment behind it. Both borrow from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Without white space around it; breaks that a backslash joins are still in it.
    pub(super) code: &'t str,
    /// From its `#` on.
    pub(super) comment: Option<&'t str>,
}

/// The logical lines of a text.
pub(super) struct Lines<'t> {
    rest: &'t str,
    /// Whether a line feed is the only break in the text, which is nearly always so.
    is_plain: bool,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            rest: text,
            is_plain: !holds_odd_break(text),
        }
    }

    /// Finds the next break from an offset on: its start and its end.
    fn next_break(&self, from: usize) -> Option<(usize, usize)> {
        let rest = &self.rest.as_bytes()[from..];
        if self.is_plain {
            let at = from + memchr::memchr(b'\n', rest)?;
            return Some((at, at + 1));
        }
        let (at, character) = self.rest[from..]
            .char_indices()
            .find(|(_, one)| is_break(*one))?;
        let length = if self.rest[from + at..].starts_with("\r\n") {
            2
        } else {
            character.len_utf8()
        };
        Some((from + at, from + at + length))
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let (mut start, mut comment) = (0, None);
        let (end, next) = loop {
            let (end, next) = self
                .next_break(start)
                .unwrap_or((self.rest.len(), self.rest.len()));
            let line = self.rest[start..end].trim_end_matches('\r');
            let text = line.trim_start();
            if text.starts_with('#') {
                comment = Some(start + line.len() - text.len());
                break (end, next);
            }
            if !line.ends_with('\\') || next == self.rest.len() {
                break (end, next);
            }
            start = next;
        };
        let raw = &self.rest[..end];
        self.rest = &self.rest[next..];
        let comment = inline_comment(&raw[..comment.unwrap_or(end)]).or(comment);
        Some(Line {
            code: trim(&raw[..comment.unwrap_or(end)]),
            comment: comment.map(|at| raw[at..].trim_end()),
        })
    }
}

/// Finds the first `#` that begins the text or follows white space.
fn inline_comment(text: &str) -> Option<usize> {
    let begins = |at: &usize| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace)
    };
    memchr::memchr_iter(b'#', text.as_bytes()).find(begins)
}

/// Cuts white space, and the backslash that continues a line which nothing follows.
fn trim(code: &str) -> &str {
    code.trim_matches(|character: char| character.is_whitespace() || character == '\\')
}

/// Joins the physical lines of a logical one; borrowed where there is one only.
pub(super) fn join(code: &str) -> Cow<'_, str> {
    if !code.contains('\\') {
        return Cow::Borrowed(code);
    }
    let joined = code.split_inclusive(is_break).map(|line| {
        let text = line.trim_end_matches(is_break);
        text.strip_suffix('\\').unwrap_or(text)
    });
    Cow::Owned(joined.collect())
}

/// Python's `str.splitlines` breaks lines at these.
const fn is_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Says whether a text holds another break than a line feed, with or without a return before it.
fn holds_odd_break(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_control = memchr::memchr3(0xb, 0xc, 0x1c, bytes).is_some()
        || memchr::memchr2(0x1d, 0x1e, bytes).is_some();
    if has_control {
        return true;
    }
    let mut returns = memchr::memchr_iter(b'\r', bytes);
    let is_odd = |character: char| is_break(character) && !matches!(character, '\n' | '\r');
    returns.any(|at| bytes.get(at + 1) != Some(&b'\n'))
        || (!text.is_ascii() && text.chars().any(is_odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(String, Option<&str>)> {
        Lines::new(text)
            .map(|line| (join(line.code).into_owned(), line.comment))
            .collect()
    }

    fn code(text: &str) -> (String, Option<&str>) {
        (text.to_owned(), None)
    }

    #[test]
    fn lines_are_joined_and_comments_cut() {
        assert_eq!(
            lines("a==1 \\\r\n  --hash=x \\\n  # via b\n# whole\n\nc#d  # e\nf \\\n"),
            [
                ("a==1   --hash=x".to_owned(), Some("# via b")),
                (String::new(), Some("# whole")),
                code(""),
                ("c#d".to_owned(), Some("# e")),
                code("f"),
            ]
        );
        assert_eq!(lines("a==1.\\\n2"), [code("a==1.2")]);
        assert_eq!(lines("a # b \\\nc"), [("a".to_owned(), Some("# b \\\nc"))]);
    }

    #[test]
    fn every_break_of_python_is_one() {
        assert_eq!(
            lines("# a\u{2028}b==1\rc\u{b}d\r\ne"),
            [
                (String::new(), Some("# a")),
                code("b==1"),
                code("c"),
                code("d"),
                code("e")
            ]
        );
    }

    #[test]
    fn odd_texts_have_their_lines() {
        assert_eq!(lines(""), []);
        assert_eq!(lines("\\"), [code("")]);
        assert_eq!(lines("\\\n\\\n\\"), [code("")]);
        assert_eq!(lines("é\\\né"), [code("éé")]);
    }
}
