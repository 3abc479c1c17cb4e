//! Version 1: packages nested in each other, turned into the locations of version 2.
//!
//! `requires` says what a package depends on, not how. npm calls an edge optional when it leads from a
//! package that is not `optional` to one that is (`Shrinkwrap` in arborist); `edges` does the same.

use std::borrow::Cow;

use serde::Deserialize;

use super::super::json::{Field, Pairs};
use super::super::limits::Limits;
use super::super::model::LockfileError;
use super::source::slice;
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
    requires: Pairs<'a, Field<'a>>,
    #[serde(default, borrow)]
    dependencies: Pairs<'a, Record<'a>>,
    #[serde(default, borrow)]
    optional: Field<'a>,
    #[serde(default, borrow)]
    bundled: Field<'a>,
    #[serde(default, borrow)]
    deprecated: Field<'a>,
}

/// Lists every nested package with its location, in the order of the file.
pub(super) fn flatten<'a>(dependencies: Pairs<'a, Record<'a>>, limits: &Limits) -> Result<Vec<Place<'a>>, LockfileError> {
    let mut places = Vec::with_capacity(dependencies.0.len());
    // An explicit stack, children of the first package on top: nesting is bounded by the JSON parser, not here.
    let mut open: Vec<(String, Untrusted<'a>, Record<'a>)> = Vec::new();
    push_children(&mut open, "", dependencies);
    while let Some((parent, name, mut record)) = open.pop() {
        limits.check_entries(places.len())?;
        let location = format!("{parent}node_modules/{}", name.as_str());
        push_children(&mut open, &format!("{location}/"), std::mem::take(&mut record.dependencies));
        places.push(Place { location: Cow::Owned(location), record: modernise(record), key: name });
    }
    Ok(places)
}

fn push_children<'a>(open: &mut Vec<(String, Untrusted<'a>, Record<'a>)>, parent: &str, children: Pairs<'a, Record<'a>>) {
    open.extend(children.0.into_iter().rev().map(|(name, record)| (parent.to_owned(), name, record)));
}

/// Writes a record as versions 2 and 3 do: an alias in `name`, what is not from a registry in `resolved`.
fn modernise(record: Record<'_>) -> Modern<'_> {
    let mut modern = Modern {
        resolved: record.resolved,
        integrity: record.integrity,
        optional: record.optional,
        in_bundle: record.bundled,
        deprecated: record.deprecated,
        dependencies: record.requires,
        ..Modern::default()
    };
    let Some(version) = record.version.text() else { return modern };
    if let Some((name, actual)) = alias(version) {
        modern.name = Field::Text(name);
        modern.version = Field::Text(actual);
    } else if version.as_str().contains([':', '/']) {
        if modern.resolved.text().is_none() {
            modern.resolved = Field::Text(version.clone());
        }
    } else {
        modern.version = record.version;
    }
    modern
}

/// Splits `npm:name@version`.
fn alias<'a>(version: &Untrusted<'a>) -> Option<(Untrusted<'a>, Untrusted<'a>)> {
    let start = "npm:".len();
    let actual = version.as_str().strip_prefix("npm:")?;
    let at = start + actual.rfind('@').filter(|at| *at > 0)?;
    Some((slice(version, start, at), slice(version, at + 1, version.as_str().len())))
}
