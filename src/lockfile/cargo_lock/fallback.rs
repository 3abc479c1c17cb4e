//! Cargo.lock through the `toml` crate: any form that TOML allows, a third of the speed or less.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Document, Record};
use crate::lockfile::model::LockfileError;
use crate::lockfile::span::{SourceFile, Span};
use crate::lockfile::toml::syntax_error;

#[derive(Deserialize)]
struct WireDocument<'a> {
    version: Option<u32>,
    #[serde(default, borrow)]
    package: Vec<WireRecord<'a>>,
    #[serde(borrow)]
    root: Option<WireRecord<'a>>,
    #[serde(default, borrow)]
    metadata: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

#[derive(Deserialize)]
struct WireRecord<'a> {
    #[serde(borrow)]
    name: Spanned<Cow<'a, str>>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    checksum: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    dependencies: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    replace: Option<Cow<'a, str>>,
}

/// Reads any TOML that holds a Cargo.lock.
pub(super) fn read(file: &SourceFile) -> Result<Document<'_>, LockfileError> {
    let wire: WireDocument<'_> =
        toml::from_str(file.text()).map_err(|error| syntax_error(file, &error))?;
    let mut packages: Vec<Record<'_>> = wire
        .root
        .into_iter()
        .chain(wire.package)
        .map(|record| convert(file, record))
        .collect();
    packages.sort_by_key(|record| record.span.start);
    Ok(Document {
        version: wire.version,
        packages,
        metadata: wire.metadata.into_iter().collect(),
    })
}

fn convert<'a>(file: &SourceFile, wire: WireRecord<'a>) -> Record<'a> {
    let span = line_of(file.text(), wire.name.span());
    Record {
        name: wire.name.into_inner(),
        version: wire.version,
        source: wire.source,
        checksum: wire.checksum,
        dependencies: wire.dependencies,
        replace: wire.replace,
        span,
    }
}

/// Widens the span of a value to its line, as far as the value itself.
fn line_of(text: &str, value: std::ops::Range<usize>) -> Span {
    let before = text.get(..value.start).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let indent = before
        .get(start..)
        .map_or(0, |line| line.len() - line.trim_start().len());
    Span::new(start + indent, value.end)
}
