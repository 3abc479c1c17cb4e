//! The form of bun.lock on the wire: what one odd value stands in costs only itself.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::lockfile::json::{Expected, Field, Flag, List, Object, Pairs};
use crate::lockfile::manifest::package_json::PeerMeta;
use crate::lockfile::npm::declared::{self, Declared, Tables};
use crate::lockfile::span::to_u32;
use crate::text::Untrusted;

/// The whole file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    pub(super) lockfile_version: Option<u64>,
    #[serde(default, borrow)]
    pub(super) workspaces: Option<Pairs<'a, Object<Record<'a>>>>,
    #[serde(default, borrow)]
    pub(super) packages: Packages<'a>,
    #[serde(default, borrow)]
    pub(super) catalog: Table<'a>,
    #[serde(default, borrow)]
    pub(super) catalogs: Expected<'a, Pairs<'a, Table<'a>>>,
}

/// Names and what is asked for under each.
pub(super) type Table<'a> = Expected<'a, Pairs<'a, Field<'a>>>;

/// The table that stands for one that is not there.
static NONE: Pairs<'static, Field<'static>> = Pairs(Vec::new());

/// A member of the workspace, or what the tuple of a package says about it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(default, borrow)]
    pub(super) name: Field<'a>,
    #[serde(default, borrow)]
    pub(super) version: Field<'a>,
    #[serde(default, borrow)]
    dependencies: Table<'a>,
    #[serde(default, borrow)]
    dev_dependencies: Table<'a>,
    #[serde(default, borrow)]
    optional_dependencies: Table<'a>,
    #[serde(default, borrow)]
    peer_dependencies: Table<'a>,
    #[serde(default, borrow)]
    optional_peers: List<Names<'a>, Field<'a>>,
    #[serde(default)]
    pub(super) bundled: Flag,
}

impl<'a> Record<'a> {
    /// Returns the tables as those of a manifest.
    pub(super) fn declared(&self) -> Tables<'_, 'a> {
        Tables {
            normal: pairs(&self.dependencies),
            dev: pairs(&self.dev_dependencies),
            optional: pairs(&self.optional_dependencies),
            peer: pairs(&self.peer_dependencies),
            peer_meta: &self.optional_peers.0.0,
        }
    }

    /// Says whether a table is none, so that what it should say is not known.
    pub(super) const fn is_odd(&self) -> bool {
        self.dependencies.is_odd()
            || self.dev_dependencies.is_odd()
            || self.optional_dependencies.is_odd()
            || self.peer_dependencies.is_odd()
    }
}

/// Returns what a table holds.
pub(super) fn pairs<'t, 'a>(table: &'t Table<'a>) -> &'t Pairs<'a, Field<'a>> {
    table.object().unwrap_or(&NONE)
}

/// The names of optional peers, in the form that package.json has for them.
#[derive(Debug, Default)]
struct Names<'a>(Pairs<'a, PeerMeta>);

impl<'a> Extend<Field<'a>> for Names<'a> {
    fn extend<I: IntoIterator<Item = Field<'a>>>(&mut self, names: I) {
        let names = names.into_iter().filter_map(|name| match name {
            Field::Text(name) => Some((
                name,
                PeerMeta {
                    optional: Flag(true),
                },
            )),
            Field::Flag(_) | Field::Other => None,
        });
        self.0.0.extend(names);
    }
}

/// Install paths and what lies there. `null` is empty.
///
/// Records are taken apart as they are read, because they are by far larger than what they say.
#[derive(Default)]
pub(super) struct Packages<'a> {
    /// The tuples in the order of the file, repeats included.
    pub(super) tuples: Vec<(Untrusted<'a>, Locked<'a>)>,
    /// What all of them declare, one after another.
    declared: Vec<Declared<'a>>,
}

/// The tuple of a package, as the file has it.
type Written<'a> = Tuple<'a, Box<Record<'a>>>;

/// The tuple of a package, as it is kept.
pub(super) type Locked<'a> = Tuple<'a, Asked>;

/// What the record of a package comes down to.
pub(super) struct Asked {
    /// Where its dependencies stand among those of all packages.
    declared: Range<u32>,
    /// Whether a table of dependencies is none.
    pub(super) is_odd: bool,
    /// Whether the package is said to come inside another.
    pub(super) is_bundled: bool,
}

impl<'a> Packages<'a> {
    /// Returns what a package declares.
    pub(super) fn declared(&self, asked: &Asked) -> &[Declared<'a>] {
        &self.declared[asked.declared.start as usize..asked.declared.end as usize]
    }

    fn take_apart(&mut self, record: &Record<'a>) -> Asked {
        let start = to_u32(self.declared.len());
        self.declared.extend(declared::of_own(record.declared()));
        Asked {
            declared: start..to_u32(self.declared.len()),
            is_odd: record.is_odd(),
            is_bundled: record.bundled.0,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Packages<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PackagesVisitor)
    }
}

struct PackagesVisitor;

impl<'de> Visitor<'de> for PackagesVisitor {
    type Value = Packages<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut packages = Packages::default();
        while let Some(path) = map.next_key()? {
            let tuple = map.next_value::<List<Written<'de>, Element<'de>>>()?.0;
            let tuple = tuple.map(|record| packages.take_apart(&record));
            packages.tuples.push((path, tuple));
        }
        Ok(packages)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Packages::default())
    }
}

/// A value of `packages`: a list whose elements are told by what they are, because their order has changed.
#[derive(Debug)]
pub(super) struct Tuple<'a, R> {
    /// `name@version`, or a name and another kind of source.
    pub(super) identity: Option<Untrusted<'a>>,
    /// The registry of a release, or the tag under which Bun keeps a checkout.
    pub(super) address: Option<Untrusted<'a>>,
    /// The digests.
    pub(super) integrity: Option<Untrusted<'a>>,
    /// What it depends on.
    pub(super) record: Option<R>,
    /// How many elements there were that Bun does not write.
    pub(super) surplus: u32,
    /// How many elements there were.
    length: u32,
}

impl<R> Default for Tuple<'_, R> {
    fn default() -> Self {
        Self {
            identity: None,
            address: None,
            integrity: None,
            record: None,
            surplus: 0,
            length: 0,
        }
    }
}

impl<'a, R> Tuple<'a, R> {
    /// Makes another thing of the record.
    fn map<S>(self, make: impl FnOnce(R) -> S) -> Tuple<'a, S> {
        Tuple {
            identity: self.identity,
            address: self.address,
            integrity: self.integrity,
            record: self.record.map(make),
            surplus: self.surplus,
            length: self.length,
        }
    }
}

/// An element of a tuple; records are large and are handed on a few times.
type Element<'a> = Expected<'a, Box<Record<'a>>>;

impl<'a> Extend<Element<'a>> for Written<'a> {
    fn extend<I: IntoIterator<Item = Element<'a>>>(&mut self, elements: I) {
        for element in elements {
            match element {
                Element::Text(identity) if self.length == 0 => self.identity = Some(identity),
                element => self.take(element),
            }
            self.length += 1;
        }
    }
}

impl<'a> Written<'a> {
    fn take(&mut self, element: Element<'a>) {
        match element {
            Element::Text(text) if self.integrity.is_none() && is_integrity(text.as_str()) => {
                self.integrity = Some(text);
            }
            Element::Text(text) if self.address.is_none() => self.address = Some(text),
            Element::Text(text) if self.integrity.is_none() => self.integrity = Some(text),
            Element::Object(record) if self.record.is_none() => self.record = Some(record),
            _ => self.surplus += 1,
        }
    }
}

/// Says whether a text begins as digests do: `sha512-`.
fn is_integrity(text: &str) -> bool {
    text.strip_prefix("sha").is_some_and(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && rest[digits..].starts_with('-')
    })
}
