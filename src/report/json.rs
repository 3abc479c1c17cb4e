//! JSON as every report writes it: indented, and safe to look at.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::text::is_deceptive;

/// Writes a value as indented JSON with a line break at its end.
///
/// A character that could deceive whoever looks at the bytes ([`is_deceptive`]) is escaped, as `\u202e`; a
/// parser reads it back as it was.
pub(super) fn write<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Plain(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    writeln!(out)
}

/// [`PrettyFormatter`], whose strings hold no deceptive character.
struct Plain(PrettyFormatter<'static>);

impl Formatter for Plain {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((before, character)) = split_at_escaped(rest) {
            out.write_all(before.as_bytes())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[before.len() + character.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(out, is_first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(out, is_first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// Returns the first character of a text that is escaped and what stands before it.
///
/// That is a deceptive one, or a `#` behind another: `##[` and `##vso[` begin commands in the logs of CI services.
fn split_at_escaped(text: &str) -> Option<(&str, char)> {
    let mut previous = None;
    let mut characters = text.char_indices();
    let (at, character) = characters.find(|(_, character)| {
        let is_second = *character == '#' && previous.replace(*character) == Some('#');
        previous = Some(*character);
        is_second || is_deceptive(*character)
    })?;
    Some((&text[..at], character))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn written(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, &mut out).expect("writing to memory");
        String::from_utf8(out).expect("JSON is text")
    }

    fn has_deceptive(text: &str) -> bool {
        text.chars()
            .any(|character| character != '\n' && is_deceptive(character))
    }

    #[test]
    fn deceptive_characters_are_escaped_in_values_and_keys() {
        let text = written(&json!({"k\u{7f}": "a\u{9b}31m\u{202e}b\u{e0001}ä\u{1b}\"\n"}));
        assert_eq!(
            text,
            "{\n  \"k\\u007f\": \"a\\u009b31m\\u202eb\\udb40\\udc01ä\\u001b\\\"\\n\"\n}\n"
        );
    }

    #[test]
    fn plain_values_are_written_as_serde_json_writes_them() {
        let value = json!({"a": [], "b": {}, "c": [1, null, [true, "ä→"]], "d": {"e": 0.5}});
        let pretty = serde_json::to_string_pretty(&value).expect("a value");
        assert_eq!(written(&value), format!("{pretty}\n"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(characters in proptest::collection::vec(any::<char>(), 0..40)) {
            let value = Value::String(characters.into_iter().collect());
            let text = written(&value);
            prop_assert!(!has_deceptive(&text));
            prop_assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
        }
    }
}
