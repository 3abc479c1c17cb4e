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

    /// `"requires": true` says nothing.
    fn visit_bool<E: Error>(self, _value: bool) -> Result<Self::Value, E> {
        Ok(Pairs::default())
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
        deserializer.deserialize_any(IfObjectVisitor(PhantomData))
    }
}

struct IfObjectVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for IfObjectVisitor<V> {
    type Value = IfObject<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let record = V::deserialize(MapAccessDeserializer::new(map))?;
        Ok(IfObject(Some(record)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(IfObject(None))
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(IfObject(None))
    }
}

/// A list; empty where anything else stands.
#[derive(Debug)]
pub(crate) struct Items<V>(pub(crate) Vec<V>);

impl<V> Default for Items<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Items<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor(PhantomData))
    }
}

struct ItemsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for ItemsVisitor<V> {
    type Value = Items<V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Items(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Items::default())
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_str<E: Error>(self, _text: &str) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_i64<E: Error>(self, _number: i64) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_u64<E: Error>(self, _number: u64) -> Result<Self::Value, E> {
        Ok(Items::default())
    }

    fn visit_f64<E: Error>(self, _number: f64) -> Result<Self::Value, E> {
        Ok(Items::default())
    }
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
