//! What is read of the file.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::lockfile::json::{Field, Object, Pairs};
use crate::text::Untrusted;

#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    #[serde(default, rename = "__metadata")]
    pub(super) metadata: Object<Metadata>,
    #[serde(borrow)]
    pub(super) entries: Option<Pairs<'a, Object<Entry<'a>>>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) version: Option<u64>,
}

/// A value of `entries`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(default, borrow)]
    pub(super) checksum: Field<'a>,
    #[serde(default, borrow)]
    pub(super) resolution: Object<Resolution<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Resolution<'a> {
    #[serde(default, borrow, rename = "resolution")]
    pub(super) locator: Field<'a>,
    #[serde(default, borrow)]
    pub(super) version: Field<'a>,
    #[serde(default, borrow)]
    pub(super) dependencies: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    pub(super) optional_dependencies: Names<'a>,
}

/// A list of names, or the keys of an object.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(pub(super) Vec<Untrusted<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Names<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of names, or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Names::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element::<Field<'de>>()? {
            names.extend(name.text().cloned());
        }
        Ok(Names(names))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = map.next_key()? {
            map.next_value::<IgnoredAny>()?;
            names.push(name);
        }
        Ok(Names(names))
    }
}
