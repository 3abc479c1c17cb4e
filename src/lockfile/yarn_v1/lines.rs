//! The syntax of Yarn 1's lockfile, line by line: no YAML, though it looks like it.
//!
//! Keys and values are bare or strings of JSON; a key that ends in a colon has what is indented below it. Yarn's
//! own reader (`src/lockfile/parse.js`) indents by two spaces and knows no other white space.

use crate::text::Untrusted;

/// A line that is neither blank nor a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Offset of its first byte in the file.
    pub(super) start: usize,
    /// How many spaces it begins with.
    pub(super) indent: usize,
    /// What it says, without the spaces around it.
    pub(super) content: &'a str,
}

/// Lists the lines of a text that say something.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    let all = breaks.map(move |end| {
        let line = &text[start..end];
        let bare = line.trim_start_matches(' ');
        let found = Line {
            start,
            indent: line.len() - bare.len(),
            content: bare.trim_end_matches([' ', '\r']),
        };
        start = end + 1;
        found
    });
    all.filter(|line| !line.content.is_empty() && !line.content.starts_with('#'))
}

/// Reads `pattern, pattern:`, the line that begins a record, and hands on each pattern; says whether it is one.
pub(super) fn patterns<'a>(content: &'a str, mut found: impl FnMut(Untrusted<'a>)) -> Option<()> {
    let mut rest = content.strip_suffix(':')?;
    loop {
        let (pattern, behind) = match rest.as_bytes().first()? {
            b'"' => string(rest)?,
            _ => rest
                .split_at_checked(rest.find(',').unwrap_or(rest.len()))
                .map(|(bare, behind)| (Untrusted::borrowed(bare.trim_end_matches(' ')), behind))?,
        };
        if pattern.as_str().is_empty() {
            return None;
        }
        found(pattern);
        let behind = behind.trim_start_matches(' ');
        if behind.is_empty() {
            return Some(());
        }
        rest = behind.strip_prefix(',')?.trim_start_matches(' ');
    }
}

/// What a line below a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// A key and its value.
    Pair(Untrusted<'a>, Untrusted<'a>),
    /// A key with what is indented below it.
    Section(Untrusted<'a>),
}

/// Reads `key value` or `key:`.
pub(super) fn field(content: &str) -> Option<Field<'_>> {
    let (key, rest) = if content.starts_with('"') {
        string(content)?
    } else {
        let end = memchr::memchr2(b' ', b':', content.as_bytes())?;
        let (key, rest) = content.split_at(end);
        (Untrusted::borrowed(key), rest)
    };
    if rest == ":" {
        return Some(Field::Section(key));
    }
    let value = rest.strip_prefix(' ')?.trim_start_matches(' ');
    if value.starts_with('"') {
        let (value, rest) = string(value)?;
        return rest.is_empty().then_some(Field::Pair(key, value));
    }
    (!value.is_empty()).then(|| Field::Pair(key, Untrusted::borrowed(value)))
}

/// Reads a string of JSON at the start of a text; returns it with what stands behind it.
fn string(text: &str) -> Option<(Untrusted<'_>, &str)> {
    let bytes = text.as_bytes();
    let mut at = 1;
    let mut is_escaped = false;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            break;
        }
        is_escaped = true;
        at += 2;
    }
    let (quoted, rest) = text.split_at(at + 1);
    let value = if is_escaped {
        serde_json::from_str(quoted).ok()?
    } else {
        Untrusted::borrowed(&quoted[1..at])
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(content: &str) -> Option<Vec<String>> {
        let mut found = Vec::new();
        patterns(content, |pattern| found.push(pattern.as_str().to_owned()))?;
        Some(found)
    }

    #[test]
    fn patterns_are_bare_or_quoted() {
        let expected = |patterns: &[&str]| Some(patterns.iter().map(|&p| p.to_owned()).collect());
        assert_eq!(all("a@^1, a@^2:"), expected(&["a@^1", "a@^2"]));
        assert_eq!(
            all("\"@s/a@1 || 2, 3\", a@x:"),
            expected(&["@s/a@1 || 2, 3", "a@x"])
        );
        assert_eq!(all("\"a@\\\"1\":"), expected(&["a@\"1"]));
        for odd in [
            "a@1",
            ":",
            "a@1,:",
            "\"a@1:",
            "\"a\" \"b\":",
            "",
            "\"a\\x\":",
        ] {
            assert_eq!(all(odd), None, "{odd}");
        }
    }

    #[test]
    fn keys_and_values_may_be_quoted() {
        let pair = |key: &'static str, value: &'static str| {
            Some(Field::Pair(Untrusted::from(key), Untrusted::from(value)))
        };
        assert_eq!(field("version \"1.2.3\""), pair("version", "1.2.3"));
        assert_eq!(field("\"version\" \"1.2.3\""), pair("version", "1.2.3"));
        assert_eq!(field("left ^1.0.0"), pair("left", "^1.0.0"));
        assert_eq!(field("left \">= 1 < 2\""), pair("left", ">= 1 < 2"));
        assert_eq!(
            field("dependencies:"),
            Some(Field::Section("dependencies".into()))
        );
        for odd in [
            "version",
            "version ",
            "version \"1",
            "version \"1\" x",
            "a:b",
        ] {
            assert_eq!(field(odd), None, "{odd}");
        }
    }

    #[test]
    fn lines_know_where_they_are() {
        let text = "# a\r\n\r\na@1:\r\n  version 1\r\n";
        let found: Vec<_> = lines(text)
            .map(|line| (line.start, line.indent, line.content))
            .collect();
        assert_eq!(found, [(7, 0, "a@1:"), (13, 2, "version 1")]);
    }
}
