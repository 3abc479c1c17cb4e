//! TOML documents of Python's tools, looked up key by key, so that an odd field costs no more than itself.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::lockfile::model::LockfileError;
use crate::lockfile::span::{SourceFile, Span, to_u32};
use crate::lockfile::toml::syntax_error;

/// A table, borrowed from the file's text.
pub(in crate::lockfile) type Table<'a> = DeTable<'a>;

/// A value and where it stands.
pub(in crate::lockfile) type Value<'a> = Spanned<DeValue<'a>>;

/// What a key is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Shape {
    Text,
    Flag,
    List,
    Table,
    /// A table in some versions of a format, something else in others.
    TableOr(Plain),
}

/// The other form of a value that can be a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Plain {
    Text,
    List,
}

impl Shape {
    const fn holds(self, value: &DeValue<'_>) -> bool {
        matches!(
            (self, value),
            (Self::Text | Self::TableOr(Plain::Text), DeValue::String(_))
                | (Self::Flag, DeValue::Boolean(_))
                | (Self::List | Self::TableOr(Plain::List), DeValue::Array(_))
                | (Self::Table | Self::TableOr(_), DeValue::Table(_))
        )
    }
}

/// Parses a document.
pub(in crate::lockfile) fn parse(file: &SourceFile) -> Result<Table<'_>, LockfileError> {
    DeTable::parse(file.text())
        .map(Spanned::into_inner)
        .map_err(|error| syntax_error(file, &error))
}

/// Returns a text.
pub(in crate::lockfile) fn text<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> Option<&'t Cow<'a, str>> {
    as_text(table.get(key)?)
}

/// Returns a value if it is a text.
pub(in crate::lockfile) fn as_text<'t, 'a>(value: &'t Value<'a>) -> Option<&'t Cow<'a, str>> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

/// Returns a table.
pub(in crate::lockfile) fn table<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Table<'a>> {
    as_table(table.get(key)?)
}

/// Returns a value if it is a table.
pub(in crate::lockfile) fn as_table<'t, 'a>(value: &'t Value<'a>) -> Option<&'t Table<'a>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

/// Returns a list; one that is not there is empty.
pub(in crate::lockfile) fn list<'t, 'a>(table: &'t Table<'a>, key: &str) -> &'t [Value<'a>] {
    table.get(key).map_or(&[], as_list)
}

/// Returns the items of a value; none if it is no list.
pub(in crate::lockfile) fn as_list<'t, 'a>(value: &'t Value<'a>) -> &'t [Value<'a>] {
    match value.get_ref() {
        DeValue::Array(array) => array,
        _ => &[],
    }
}

/// Lists the texts of a list.
pub(in crate::lockfile) fn texts<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> impl Iterator<Item = &'t Cow<'a, str>> + use<'t, 'a> {
    list(table, key).iter().filter_map(as_text)
}

/// Says whether a key is `true`.
pub(in crate::lockfile) fn is_true(table: &Table<'_>, key: &str) -> bool {
    matches!(
        table.get(key).map(Spanned::get_ref),
        Some(DeValue::Boolean(true))
    )
}

/// Returns a version of a format, which is a text in most of them and a number in some.
pub(in crate::lockfile) fn version<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text),
        DeValue::Float(number) => Some(number.as_str()),
        DeValue::Integer(number) => Some(number.as_str()),
        _ => None,
    }
}

/// Reads the major and minor number of a format's version: `2.1`, `4`.
pub(in crate::lockfile) fn numbers(version: &str) -> Option<(u64, u64)> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    let minor = minor.split('.').next().unwrap_or_default();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns a text that stands in the file as it is, without escapes.
pub(in crate::lockfile) const fn borrowed<'a>(text: &Cow<'a, str>) -> Option<&'a str> {
    match text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// Finds the first key that holds something else than expected.
pub(in crate::lockfile) fn odd_key<'k>(
    table: &Table<'_>,
    shapes: &[(&'k str, Shape)],
) -> Option<&'k str> {
    let is_odd = |(key, shape): &&(&str, Shape)| {
        table
            .get(*key)
            .is_some_and(|value| !shape.holds(value.get_ref()))
    };
    shapes.iter().find(is_odd).map(|(key, _)| *key)
}

/// Widens a span to the start of its line.
pub(in crate::lockfile) fn line_of(text: &str, span: Span) -> Span {
    let before = text.as_bytes().get(..span.start as usize);
    let start = before
        .and_then(|before| memchr::memrchr(b'\n', before))
        .map_or(0, |line_break| line_break + 1);
    Span {
        start: to_u32(start),
        ..span
    }
}
