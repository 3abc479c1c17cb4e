//! Text from outside: names, versions, URLs, paths and messages that strangers wrote.
//!
//! [`Untrusted`] is how such text travels from the parsers to the reports. It has no `Display`: a report
//! chooses the escape of the place that it writes to ([`Untrusted::terminal`], [`Untrusted::dot`], …), so
//! that no lockfile can move a cursor, hide a character or break out of a label.

mod markdown;
mod workflow;

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};

/// Text that somebody else wrote, borrowed from a file's bytes or owned.
///
/// Comparison and hashing are those of the raw text. `Debug` escapes as [`Untrusted::terminal`] does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Untrusted<'a>(Cow<'a, str>);

impl<'a> Untrusted<'a> {
    /// Wraps borrowed text.
    pub const fn borrowed(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Returns the raw text, for comparing, parsing and composing other untrusted text; never for output.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the text as a borrow of the file that it was read from, where it needed no unescaping.
    pub const fn as_borrowed(&self) -> Option<&'a str> {
        match self.0 {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(_) => None,
        }
    }

    /// Returns a cheap copy that borrows from this one.
    pub fn reborrow(&self) -> Untrusted<'_> {
        Untrusted(Cow::Borrowed(self.as_str()))
    }

    /// Detaches the text from the file that it was read from.
    pub fn into_owned(self) -> Untrusted<'static> {
        Untrusted(Cow::Owned(self.0.into_owned()))
    }

    /// Escapes for a terminal: control, bidirectional and invisible characters become `\u{…}`.
    pub fn terminal(&self) -> Escaped<'_> {
        Escaped {
            text: self.as_str(),
            escape: terminal,
            hash: |formatter| formatter.write_str("\\u{23}"),
        }
    }

    /// Escapes for the text and the double-quoted attributes of an XML 1.0 document; what could deceive shows as on a terminal.
    pub fn xml(&self) -> Escaped<'_> {
        Escaped {
            text: self.as_str(),
            escape: xml,
            hash: |formatter| formatter.write_str("&#35;"),
        }
    }

    /// Escapes for a message of SARIF 2.1.0, so that it holds no placeholder (§3.11.5) and no embedded link (§3.11.6).
    ///
    /// What could deceive becomes `U+…`, because `\u{7}` would be a placeholder. Other braces and brackets stay.
    pub fn sarif(&self) -> String {
        let shown = Escaped {
            text: self.as_str(),
            escape: terminal_without_backslash,
            hash: |formatter| formatter.write_str("U+0023"),
        };
        without_placeholders(&shown.to_string().replace("](", "]\\("))
    }

    /// Escapes for the inside of a double-quoted DOT string.
    pub fn dot(&self) -> Escaped<'_> {
        Escaped {
            text: self.as_str(),
            escape: dot,
            hash: |formatter| formatter.write_str("U+0023"),
        }
    }

    /// Escapes for the inside of a double-quoted Mermaid label (entity codes, as Mermaid reads them).
    pub fn mermaid(&self) -> Escaped<'_> {
        Escaped {
            text: self.as_str(),
            escape: mermaid,
            hash: |formatter| formatter.write_str("#35;"),
        }
    }
}

impl<'a> From<&'a str> for Untrusted<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Untrusted<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Untrusted<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "\"{}\"", self.terminal())
    }
}

/// JSON and TOML escape by themselves, so serialising writes the raw text.
impl Serialize for Untrusted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Borrows from the input whenever the text holds no escapes (which `Cow<str>` in a map key never does).
impl<'de: 'a, 'a> Deserialize<'de> for Untrusted<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(UntrustedVisitor)
    }
}

struct UntrustedVisitor;

impl<'de> Visitor<'de> for UntrustedVisitor {
    type Value = Untrusted<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Untrusted::borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_owned().into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        Ok(text.into())
    }
}

/// Untrusted text on its way out, escaped for one kind of place.
pub struct Escaped<'a> {
    text: &'a str,
    escape: fn(&mut fmt::Formatter<'_>, char) -> fmt::Result,
    /// Writes a `#` behind another one.
    hash: fn(&mut fmt::Formatter<'_>) -> fmt::Result,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous = None;
        for character in self.text.chars() {
            // `##[` and `##vso[` begin commands wherever they stand in the log of a CI service.
            if character == '#' && previous == Some('#') {
                (self.hash)(formatter)?;
            } else {
                (self.escape)(formatter, character)?;
            }
            previous = Some(character);
        }
        Ok(())
    }
}

/// Says whether a character can change how its surroundings look without being seen itself.
///
/// Control characters, the bidirectional controls of UAX #9, zero-width and other default-ignorable
/// characters (Unicode 16, `Default_Ignorable_Code_Point`), line and paragraph separators.
pub fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00AD}'
                | '\u{034F}'
                | '\u{061C}'
                | '\u{115F}'..='\u{1160}'
                | '\u{17B4}'..='\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

fn terminal(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    if is_deceptive(character) {
        write!(formatter, "\\u{{{:x}}}", u32::from(character))
    } else {
        formatter.write_char(character)
    }
}

/// XML 1.0 (§2.2) has no way to write most control characters, U+FFFE or U+FFFF, not even by reference.
fn xml(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '&' => formatter.write_str("&amp;"),
        '<' => formatter.write_str("&lt;"),
        '>' => formatter.write_str("&gt;"),
        '"' => formatter.write_str("&quot;"),
        '\u{FFFE}' | '\u{FFFF}' => write!(formatter, "\\u{{{:x}}}", u32::from(character)),
        _ => terminal(formatter, character),
    }
}

/// Doubles the braces around a number, as SARIF writes those that are no placeholder.
fn without_placeholders(text: &str) -> String {
    let mut parts = text.split('{');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}').filter(|(index, _)| is_index(index)) {
            Some((index, rest)) => kept.extend(["{{", index, "}}", rest]),
            None => kept.extend(["{", part]),
        }
    }
    kept
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn dot(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '"' | '\\' => write!(formatter, "\\{character}"),
        _ => terminal_without_backslash(formatter, character),
    }
}

/// DOT gives `\` a meaning of its own, so a deceptive character becomes `U+…` there.
fn terminal_without_backslash(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    if is_deceptive(character) {
        write!(formatter, "U+{:04X}", u32::from(character))
    } else {
        formatter.write_char(character)
    }
}

fn mermaid(formatter: &mut fmt::Formatter<'_>, character: char) -> fmt::Result {
    match character {
        '"' | '#' | '<' | '>' | '&' | ';' | '`' | '\\' | '[' | ']' | '(' | ')' | '{' | '}'
        | '|' => {
            write!(formatter, "#{};", u32::from(character))
        }
        _ => terminal_without_backslash(formatter, character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escape_shows_what_could_deceive() {
        let hostile = Untrusted::borrowed("a\u{1b}[2Jb\u{202e}c\u{200b}d\n");
        assert_eq!(
            hostile.terminal().to_string(),
            "a\\u{1b}[2Jb\\u{202e}c\\u{200b}d\\u{a}"
        );
    }

    #[test]
    fn dot_escape_keeps_the_label_closed() {
        let hostile = Untrusted::borrowed("a\"];b[label=\"\\N\n");
        assert_eq!(hostile.dot().to_string(), "a\\\"];b[label=\\\"\\\\NU+000A");
    }

    #[test]
    fn mermaid_escape_keeps_the_label_closed() {
        let hostile = Untrusted::borrowed("a\"] --> b;#<i>");
        assert_eq!(
            hostile.mermaid().to_string(),
            "a#34;#93; --#62; b#59;#35;#60;i#62;"
        );
    }

    #[test]
    fn xml_escape_keeps_elements_and_attributes_closed() {
        let hostile = Untrusted::borrowed("a\"]]>&<b>'\u{0}\u{b}\u{202e}\u{fffe}\n");
        assert_eq!(
            hostile.xml().to_string(),
            "a&quot;]]&gt;&amp;&lt;b&gt;'\\u{0}\\u{b}\\u{202e}\\u{fffe}\\u{a}"
        );
    }

    #[test]
    fn sarif_escape_leaves_no_placeholder_and_no_link() {
        for (text, shown) in [
            ("a[b](https://c) [d]", "a[b]\\(https://c) [d]"),
            ("{0} {12}{x} {{3}} {", "{{0}} {{12}}{x} {{{3}}} {"),
            ("\u{7}\u{202e}", "U+0007U+202E"),
        ] {
            assert_eq!(Untrusted::borrowed(text).sarif(), shown);
        }
    }

    #[test]
    fn debug_is_escaped_too() {
        assert_eq!(format!("{:?}", Untrusted::borrowed("\u{7}")), "\"\\u{7}\"");
    }

    #[test]
    fn json_keys_borrow_from_the_input_where_they_hold_no_escape() {
        let read: Vec<Untrusted<'_>> =
            serde_json::from_str(r#"["plain","esc\"aped"]"#).expect("a list of strings");
        assert_eq!(read[0].as_borrowed(), Some("plain"));
        assert_eq!(read[1].as_borrowed(), None);
        assert_eq!(read[1].as_str(), "esc\"aped");
    }
}
