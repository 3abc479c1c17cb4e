//! serde over a [`Tape`].
//!
//! Scalars without quotes are typed by the core schema of YAML 1.2 (§10.3.2) where a type asks for any value.
//! What a reader could see in two ways is an error, after which the library decides.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::tape::{Kind, Tape};

/// The tape does not fit the type, or not surely.
#[derive(Debug)]
pub(super) struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the document has another form")
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// A node of a tape as a value.
#[derive(Clone, Copy)]
pub(super) struct Value<'t, 'a> {
    tape: &'t Tape<'a>,
    at: usize,
}

impl<'t, 'a> Value<'t, 'a> {
    pub(super) const fn new(tape: &'t Tape<'a>, at: usize) -> Self {
        Self { tape, at }
    }

    fn kind(&self) -> Kind {
        self.tape.nodes[self.at].kind
    }

    fn text(&self) -> Result<Cow<'a, str>, Mismatch> {
        self.tape.scalar(self.at).ok_or(Mismatch)
    }

    /// Says whether the scalar stands for nothing.
    fn is_null(&self) -> bool {
        match self.kind() {
            Kind::Null => true,
            Kind::Plain => self.text().is_ok_and(|text| is_null(&text)),
            _ => false,
        }
    }

    fn children(&self) -> Children<'t, 'a> {
        Children {
            tape: self.tape,
            at: self.at + 1,
            end: self.tape.nodes[self.at].end as usize,
        }
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

impl<'a> Deserializer<'a> for Value<'_, 'a> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.kind() {
            Kind::Map => visitor.visit_map(self.children()),
            Kind::List => visitor.visit_seq(self.children()),
            Kind::Null => visitor.visit_unit(),
            Kind::Plain => visit_plain(self.text()?, visitor),
            _ => visit_text(self.text()?, visitor),
        }
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_null() {
            return Err(Mismatch);
        }
        visit_text(self.text()?, visitor)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    /// The block reader has looked at all of it.
    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <W: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum
    }
}

impl<'a> IntoDeserializer<'a, Mismatch> for Value<'_, 'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn visit_text<'a, V: Visitor<'a>>(text: Cow<'a, str>, visitor: V) -> Result<V::Value, Mismatch> {
    match text {
        Cow::Borrowed(text) => BorrowedStrDeserializer::new(text).deserialize_any(visitor),
        Cow::Owned(text) => StringDeserializer::new(text).deserialize_any(visitor),
    }
}

fn visit_plain<'a, V: Visitor<'a>>(text: Cow<'a, str>, visitor: V) -> Result<V::Value, Mismatch> {
    match &*text {
        text if is_null(text) => visitor.visit_unit(),
        "true" | "True" | "TRUE" => visitor.visit_bool(true),
        "false" | "False" | "FALSE" => visitor.visit_bool(false),
        number if may_be_number(number) => visit_number(text, visitor),
        // Older YAML has more words for true and false.
        word if is_old_boolean(word) => Err(Mismatch),
        _ => visit_text(text, visitor),
    }
}

/// Says whether a scalar begins as the numbers of any version of YAML do.
fn may_be_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        || [".inf", ".nan"]
            .iter()
            .any(|word| unsigned.eq_ignore_ascii_case(word))
}

fn is_old_boolean(word: &str) -> bool {
    let words = ["y", "yes", "n", "no", "on", "off"];
    words.iter().any(|old| word.eq_ignore_ascii_case(old))
}

/// Visits decimal numbers, and text that no version of YAML takes for a number.
fn visit_number<'a, V: Visitor<'a>>(text: Cow<'a, str>, visitor: V) -> Result<V::Value, Mismatch> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = |part: &str| is_digits(part) && (part == "0" || !part.starts_with('0'));
    if is_whole(&text) {
        let number = text.parse().map_err(|_beyond| Mismatch)?;
        return visitor.visit_u64(number);
    }
    match text.split_once('.') {
        Some((whole, fraction)) if is_whole(whole) && is_digits(fraction) => {
            visitor.visit_f64(text.parse().map_err(|_beyond| Mismatch)?)
        }
        // A version of three parts, or with a letter, is text to everybody.
        Some((_, fraction)) if fraction.contains('.') => visit_text(text, visitor),
        _ if has_letter_of_no_number(&text) => visit_text(text, visitor),
        _ => Err(Mismatch),
    }
}

/// Says whether no version of YAML has numbers with the characters of a text.
fn has_letter_of_no_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']).as_bytes();
    let is_prefixed =
        unsigned.first() == Some(&b'0') && unsigned.get(1).is_some_and(u8::is_ascii_alphabetic);
    let is_word = unsigned.first() == Some(&b'.') && unsigned.len() == 4;
    let is_of_number = |byte: u8| byte.is_ascii_digit() || b"+-._eE:,".contains(&byte);
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let may_be_number = has_digit && text.bytes().all(is_of_number);
    !(is_prefixed || is_word || may_be_number)
}

/// What is in a collection.
struct Children<'t, 'a> {
    tape: &'t Tape<'a>,
    at: usize,
    end: usize,
}

impl<'t, 'a> Children<'t, 'a> {
    fn next(&mut self) -> Option<Value<'t, 'a>> {
        (self.at < self.end).then(|| {
            let value = Value::new(self.tape, self.at);
            self.at = self.tape.behind(self.at);
            value
        })
    }
}

impl<'a> SeqAccess<'a> for Children<'_, 'a> {
    type Error = Mismatch;

    fn next_element_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Mismatch> {
        self.next().map(|value| seed.deserialize(value)).transpose()
    }
}

impl<'a> MapAccess<'a> for Children<'_, 'a> {
    type Error = Mismatch;

    fn next_key_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Mismatch> {
        self.next().map(|key| seed.deserialize(key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        seed.deserialize(self.next().ok_or(Mismatch)?)
    }
}
