//! JSON as lockfiles use it: ordered maps that borrow their keys, fields of any type that never fail a file.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::model::LockfileError;
use super::span::Location;
use crate::text::Untrusted;

/// A JSON object as pairs in the order of the file, repeats included; `null` is empty.
#[derive(Debug)]
pub(crate) struct Pairs<'a, V>(pub(crate) Vec<(Untrusted<'a>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, V> Pairs<'a, V> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Untrusted<'a>, V)> {
        self.0.iter()
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor(PhantomData))
    }
}

struct PairsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Pairs<'de, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key()? {
            pairs.push((key, map.next_value()?));
        }
        Ok(Pairs(pairs))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Pairs::default())
    }

    /// Old npm wrote `"bin": []` and the like where an object belongs.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => Ok(Pairs::default()),
            Some(_) => Err(A::Error::custom("a list stands where an object belongs")),
        }
    }
}

/// A record that must be an object: serde would read a list field by field.
#[derive(Debug, Default)]
pub(crate) struct Object<V>(pub(crate) V);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Object<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for ObjectVisitor<V> {
    type Value = Object<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        V::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// Lets a visitor pass over the scalars that it has no use for.
macro_rules! pass_over_scalars {
    ($value:expr) => {
        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_bool<E: serde::de::Error>(self, _flag: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_i64<E: serde::de::Error>(self, _number: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E: serde::de::Error>(self, _number: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E: serde::de::Error>(self, _number: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}
pub(super) use pass_over_scalars;

/// A value of which only texts and objects of one form are of use; anything else costs only itself.
#[derive(Debug, Default)]
pub(crate) enum Expected<'a, V> {
    /// It is not there.
    #[default]
    Absent,
    /// A text.
    Text(Untrusted<'a>),
    /// An object.
    Object(V),
    /// Something else.
    Other,
}

impl<'a, V> Expected<'a, V> {
    /// Returns the text that it is.
    pub(crate) const fn text(&self) -> Option<&Untrusted<'a>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Object(_) | Self::Other => None,
        }
    }

    pub(crate) const fn object(&self) -> Option<&V> {
        match self {
            Self::Object(object) => Some(object),
            Self::Absent | Self::Text(_) | Self::Other => None,
        }
    }

    /// Says whether something stands where an object belongs.
    pub(crate) const fn is_odd(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Other)
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Expected<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ExpectedVisitor(PhantomData))
    }
}

struct ExpectedVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for ExpectedVisitor<V> {
    type Value = Expected<'de, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        V::deserialize(MapAccessDeserializer::new(map)).map(Expected::Object)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Expected::Text(Untrusted::borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Expected::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Expected::Other)
    }

    pass_over_scalars!(Expected::Other);
}

/// A list whose elements a collection takes one by one; anything else is an empty one.
#[derive(Debug)]
pub(crate) struct List<C, T>(pub(crate) C, PhantomData<T>);

impl<C: Default, T> Default for List<C, T> {
    fn default() -> Self {
        Self(C::default(), PhantomData)
    }
}

impl<'de, C: Default + Extend<T>, T: Deserialize<'de>> Deserialize<'de> for List<C, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<C, T>(PhantomData<(C, T)>);

impl<'de, C: Default + Extend<T>, T: Deserialize<'de>> Visitor<'de> for ListVisitor<C, T> {
    type Value = List<C, T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut collection = C::default();
        while let Some(element) = list.next_element()? {
            collection.extend(std::iter::once(element));
        }
        Ok(List(collection, PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(List::default())
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(List::default())
    }

    pass_over_scalars!(List::default());
}

/// Whether a field is `true`, which hand-edited files also write as a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Field::deserialize(deserializer)? {
            Field::Flag(flag) => Self(flag),
            Field::Text(text) => Self(text.as_str() == "true"),
            Field::Other => Self(false),
        })
    }
}

/// A scalar of any type; one odd field must not cost the file.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field<'a> {
    Text(Untrusted<'a>),
    Flag(bool),
    #[default]
    Other,
}

impl<'a> Field<'a> {
    pub(crate) fn text(&self) -> Option<&Untrusted<'a>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Field::Flag(flag))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Untrusted::borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(text.to_owned().into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other)
    }
}

/// A record that is an object; none where anything else stands, which then costs only itself.
#[derive(Debug)]
pub(crate) struct IfObject<V>(pub(crate) Option<V>);

impl<V> Default for IfObject<V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for IfObject<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Expected::deserialize(deserializer)? {
            Expected::Object(record) => Self(Some(record)),
            Expected::Absent | Expected::Text(_) | Expected::Other => Self(None),
        })
    }
}

/// A list; empty where anything else stands.
pub(crate) type Items<V> = List<Vec<V>, V>;

/// Turns a JSON error into one of the lockfile, with its place and without a repeat of it in the text.
pub(super) fn syntax_error(error: &serde_json::Error) -> LockfileError {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let location = Location {
        line: super::span::to_u32(error.line().max(1)),
        column: super::span::to_u32(error.column().max(1)),
    };
    LockfileError::Syntax {
        syntax: "JSON",
        message: error.to_string().replace(&place, ""),
        location: (error.line() > 0).then_some(location),
    }
}
