//! The form of bun.lock on the wire: what one odd value stands in costs only itself.

use serde::Deserialize;

use crate::lockfile::json::{Expected, Field, Flag, List, Object, Pairs};
use crate::lockfile::manifest::package_json::PeerMeta;
use crate::lockfile::npm::declared::Tables;
use crate::text::Untrusted;

/// The whole file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document<'a> {
    pub(super) lockfile_version: Option<u64>,
    #[serde(default, borrow)]
    pub(super) workspaces: Option<Pairs<'a, Object<Record<'a>>>>,
    #[serde(default, borrow)]
    pub(super) packages: Option<Packages<'a>>,
    #[serde(default, borrow)]
    pub(super) catalog: Table<'a>,
    #[serde(default, borrow)]
    pub(super) catalogs: Expected<'a, Pairs<'a, Table<'a>>>,
}

/// Install paths and what lies there.
pub(super) type Packages<'a> = Pairs<'a, List<Tuple<'a>, Element<'a>>>;

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

/// A value of `packages`: a list whose elements are told by what they are, because their order has changed.
#[derive(Debug, Default)]
pub(super) struct Tuple<'a> {
    /// `name@version`, or a name and another kind of source.
    pub(super) identity: Option<Untrusted<'a>>,
    /// The registry of a release, or the tag under which Bun keeps a checkout.
    pub(super) address: Option<Untrusted<'a>>,
    /// The digests.
    pub(super) integrity: Option<Untrusted<'a>>,
    /// What it depends on.
    pub(super) record: Option<Box<Record<'a>>>,
    /// How many elements there were that Bun does not write.
    pub(super) surplus: usize,
    /// How many elements there were.
    length: usize,
}

/// An element of a tuple; records are large and are handed on a few times.
type Element<'a> = Expected<'a, Box<Record<'a>>>;

impl<'a> Extend<Element<'a>> for Tuple<'a> {
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

impl<'a> Tuple<'a> {
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
