//! Fields of foreign documents that may have any form: what is not as expected is no answer, and no error.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a field if it has the form that is expected.
pub(super) fn field<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw: &RawValue = Deserialize::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// A text, borrowed where it holds no escapes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(transparent)]
pub(super) struct Text<'d>(#[serde(borrow)] pub(super) Cow<'d, str>);

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A table whose values may have any form; those that are no texts are left out.
#[derive(Debug, Default)]
pub(super) struct Texts<'d>(pub(super) Vec<(Cow<'d, str>, Cow<'d, str>)>);

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Texts<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a table")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    let raw: &RawValue = map.next_value()?;
                    if let Ok(text) = serde_json::from_str::<Text<'de>>(raw.get()) {
                        texts.push((key.0, text.0));
                    }
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// A table that keeps its order; a key that stands twice counts the last time.
#[derive(Debug)]
pub(super) struct Table<'d, T>(pub(super) Vec<(Cow<'d, str>, T)>);

impl<T> Default for Table<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Table<'de, T>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a table")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut rows: Vec<(Cow<'de, str>, T)> = Vec::new();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    rows.push((key.0, map.next_value()?));
                }
                Ok(Table(rows))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

impl<T> Table<'_, T> {
    /// Drops all but the last row of each key. O(rows · log rows).
    pub(super) fn settle(&mut self) {
        self.0.sort_by(|one, other| one.0.cmp(&other.0));
        self.0.reverse();
        self.0.dedup_by(|one, other| one.0 == other.0);
    }
}
