//! Version 1: packages nested in each other, turned into the locations of version 2.
//!
//! `requires` says what a package depends on, not how. npm calls an edge optional when it leads from a
//! package that is not `optional` to one that is (`Shrinkwrap` in arborist); `edges` does the same.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::fmt;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::super::json::{Field, Flag, Object, Pairs};
use super::super::limits::Limits;
use super::super::model::LockfileError;
use super::super::npm::address::{is_archive, slice};
use super::{Place, Record as Modern};
use crate::text::Untrusted;

/// A value of `dependencies`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Record<'a> {
    #[serde(default, borrow)]
    version: Field<'a>,
    #[serde(default, borrow)]
    resolved: Field<'a>,
    #[serde(default, borrow)]
    integrity: Field<'a>,
    #[serde(default, borrow)]
    requires: Requires<'a>,
    #[serde(default, borrow)]
    dependencies: Pairs<'a, Object<Self>>,
    #[serde(default)]
    optional: Flag,
    #[serde(default)]
    dev: Flag,
    #[serde(default)]
    bundled: Flag,
    #[serde(default, borrow)]
    deprecated: Field<'a>,
}

/// What a package asks for; `true`, which says nothing, stands there in old files.
#[derive(Debug, Default)]
enum Requires<'a> {
    Said(Pairs<'a, Field<'a>>),
    #[default]
    Unsaid,
}

impl<'de: 'a, 'a> Deserialize<'de> for Requires<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequiresVisitor)
    }
}

struct RequiresVisitor;

impl<'de> Visitor<'de> for RequiresVisitor {
    type Value = Requires<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object, or `true`")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Pairs::deserialize(MapAccessDeserializer::new(map)).map(Requires::Said)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Pairs::deserialize(SeqAccessDeserializer::new(list)).map(Requires::Said)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Requires::Unsaid)
    }

    fn visit_bool<E: Error>(self, _flag: bool) -> Result<Self::Value, E> {
        Ok(Requires::Unsaid)
    }
}

/// Lists every nested package with its location, in the order of the file.
pub(super) fn flatten<'a>(
    dependencies: Pairs<'a, Object<Record<'a>>>,
    limits: &Limits,
) -> Result<Vec<Place<'a>>, LockfileError> {
    let mut places = Vec::with_capacity(dependencies.0.len());
    // An explicit stack, children of the first package on top: nesting is bounded by the JSON parser, not here.
    let mut open: Vec<Open<'a>> = Vec::new();
    let (mut bytes, mut has_copies) = (0, false);
    push_children(&mut open, String::new(), dependencies);
    while let Some((parent, name, mut record)) = open.pop() {
        limits.check_entries(places.len())?;
        let location = format!("{parent}node_modules/{}", name.as_str());
        bytes += location.len();
        limits.check_locations(bytes)?;
        let children = std::mem::take(&mut record.dependencies);
        let place = Place {
            location: Cow::Owned(location),
            record: Box::new(modernise(record, &name)),
            key: name,
        };
        // What is nested in a link lies in the folder that it leads to.
        let folder = if place.is_link() {
            super::resolve::link_target(&place)
        } else {
            None
        };
        let folder = match folder.as_deref() {
            // npm nests the whole tree once more in a link to the project itself.
            Some("") => String::new(),
            Some(folder) => format!("{folder}/"),
            None => format!("{}/", place.location),
        };
        has_copies |= folder.is_empty();
        push_children(&mut open, folder, children);
        places.push(place);
    }
    if has_copies {
        drop_copies(&mut places);
    }
    Ok(places)
}

/// Drops places that repeat an earlier one word for word.
fn drop_copies(places: &mut Vec<Place<'_>>) {
    let identity = |place: &Place<'_>| {
        let record = &place.record;
        let fields = [
            &record.name,
            &record.version,
            &record.resolved,
            &record.integrity,
        ];
        fields.map(|field| field.text().map(|text| text.as_str().to_owned()))
    };
    let mut first: FxHashMap<String, [Option<String>; 4]> = FxHashMap::default();
    places.retain(|place| match first.entry(place.location.to_string()) {
        Entry::Vacant(entry) => {
            entry.insert(identity(place));
            true
        }
        Entry::Occupied(entry) => *entry.get() != identity(place),
    });
}

/// A package whose location is not made yet: the folder that it lies in, its name, its record.
type Open<'a> = (Rc<str>, Untrusted<'a>, Record<'a>);

fn push_children<'a>(
    open: &mut Vec<Open<'a>>,
    parent: String,
    children: Pairs<'a, Object<Record<'a>>>,
) {
    let parent: Rc<str> = parent.into();
    let children = children.0.into_iter().rev();
    open.extend(children.map(|(name, Object(record))| (Rc::clone(&parent), name, record)));
}

/// Writes a record as versions 2 and 3 do: an alias in `name`, what is not from a registry in `resolved`.
fn modernise<'a>(record: Record<'a>, key: &Untrusted<'a>) -> Modern<'a> {
    let mut modern = Modern {
        resolved: record.resolved,
        integrity: record.integrity,
        optional: record.optional,
        dev: record.dev,
        in_bundle: record.bundled,
        deprecated: record.deprecated,
        dependencies: match record.requires {
            Requires::Said(requires) => requires,
            Requires::Unsaid => Pairs::default(),
        },
        ..Modern::default()
    };
    let Some(version) = record.version.text() else {
        return modern;
    };
    if let Some((name, actual)) = alias(version) {
        modern.name = Field::Text(name);
        modern.version = Field::Text(actual);
    } else if version.as_str().contains([':', '/']) {
        adopt_address(&mut modern, version, key);
    } else {
        modern.version = record.version;
    }
    modern
}

/// Takes up an address: a folder is a link, an archive's file name tells the version and perhaps another name.
fn adopt_address<'a>(modern: &mut Modern<'a>, address: &Untrusted<'a>, key: &Untrusted<'a>) {
    let is_archive = is_archive(address.as_str());
    if address.as_str().starts_with("file:") && !is_archive {
        modern.link = Flag(true);
    }
    modern.has_address = Flag(true);
    // npm takes it before `resolved`, which it never writes beside it.
    modern.resolved = Field::Text(address.clone());
    if let Some((name, version)) = is_archive.then(|| in_file_name(address, key)).flatten() {
        modern.name = Field::Text(name);
        modern.version = Field::Text(version);
    }
}

/// Splits `…/name-1.2.3.tgz` as npm's `versionFromTgz` does: a registry's path tells its own name, any other file must bear the entry's.
fn in_file_name<'a>(
    address: &Untrusted<'a>,
    key: &Untrusted<'a>,
) -> Option<(Untrusted<'a>, Untrusted<'a>)> {
    let text = address.as_str();
    let end = text.strip_suffix(".tgz")?.len();
    let start = text.rfind(['/', ':']).map_or(0, |at| at + 1);
    let is_version = |at: &usize| semver::Version::parse(&text[at + 1..end]).is_ok();
    let dash = text[start..end]
        .match_indices('-')
        .map(|(at, _)| start + at)
        .find(is_version)?;
    let registry_path = text[..start].strip_suffix("/-/");
    let scope = registry_path.and_then(|path| path[path.rfind("/@")? + 1..].split_once('/'));
    let name = match (registry_path, scope) {
        (Some(_), Some((scope, _))) => format!("{scope}/{}", &text[start..dash]).into(),
        (Some(_), None) => slice(address, start, dash),
        (None, _) if key.as_str().rsplit('/').next() == Some(&text[start..dash]) => key.clone(),
        (None, _) => return None,
    };
    Some((name, slice(address, dash + 1, end)))
}

/// Splits `npm:name@version`.
fn alias<'a>(version: &Untrusted<'a>) -> Option<(Untrusted<'a>, Untrusted<'a>)> {
    let start = "npm:".len();
    let actual = version.as_str().strip_prefix("npm:")?;
    let at = start + actual.rfind('@').filter(|at| *at > 0)?;
    Some((
        slice(version, start, at),
        slice(version, at + 1, version.as_str().len()),
    ))
}
