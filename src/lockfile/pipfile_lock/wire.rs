//! Pipfile.lock as written. Every key but `_meta` is a category; fields of an odd type are as absent.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::lockfile::json::{Field, IfObject, Items, Pairs};
use crate::text::Untrusted;

#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    /// None where there is no `_meta`, or no object in its place.
    pub(super) meta: Option<Meta<'a>>,
    /// The categories in the order of the file, repeats included.
    pub(super) categories: Vec<(Untrusted<'a>, Category<'a>)>,
}

/// The packages of a category; none where no object stands. Records are large and are handed on a few times.
pub(super) type Category<'a> = IfObject<Pairs<'a, IfObject<Box<Record<'a>>>>>;

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Meta<'a> {
    #[serde(default, borrow)]
    pub(super) sources: Items<IfObject<Index<'a>>>,
}

/// An index that packages come from.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Index<'a> {
    #[serde(default, borrow)]
    pub(super) name: Field<'a>,
    #[serde(default, borrow)]
    pub(super) url: Field<'a>,
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Record<'a> {
    #[serde(default, borrow)]
    pub(super) version: Field<'a>,
    #[serde(default, borrow)]
    pub(super) hashes: Items<Field<'a>>,
    #[serde(default, borrow)]
    pub(super) index: Field<'a>,
    #[serde(default, borrow)]
    pub(super) markers: Field<'a>,
    #[serde(default, borrow)]
    pub(super) git: Field<'a>,
    #[serde(default, borrow)]
    pub(super) hg: Field<'a>,
    #[serde(default, borrow)]
    pub(super) svn: Field<'a>,
    #[serde(default, borrow)]
    pub(super) bzr: Field<'a>,
    #[serde(default, borrow, rename = "ref")]
    pub(super) reference: Field<'a>,
    #[serde(default, borrow)]
    pub(super) path: Field<'a>,
    #[serde(default, borrow)]
    pub(super) file: Field<'a>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Document<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = Document<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut document = Document::default();
        while let Some(key) = map.next_key::<Untrusted<'de>>()? {
            if key.as_str() == "_meta" {
                document.meta = map.next_value::<IfObject<Meta<'de>>>()?.0;
            } else {
                document.categories.push((key, map.next_value()?));
            }
        }
        Ok(document)
    }
}
