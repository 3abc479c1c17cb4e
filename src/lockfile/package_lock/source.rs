//! What a record says about where its package comes from.

use super::Record;
use crate::lockfile::npm::address::classify;
use crate::package::source::Registry;
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// Reads the source of an installed record.
///
/// Without `resolved` it is the configured registry (npm's `omit-lockfile-registry-resolved`) or, for bundled
/// packages, the archive of the package above; both are judged as packages of the public registry.
pub(super) fn of<'a>(record: &Record<'a>, name: &PackageName<'a>) -> Source<'a> {
    let Some(resolved) = record
        .resolved
        .text()
        .filter(|text| !text.as_str().is_empty())
    else {
        return of_version(record).unwrap_or(Source::Registry(Registry::Public));
    };
    classify(resolved, name)
}

/// Version 1 writes the source of what is not from a registry into `version`.
fn of_version<'a>(record: &Record<'a>) -> Option<Source<'a>> {
    let version = record.version.text()?;
    let is_address = version.as_str().contains([':', '/']);
    is_address.then(|| {
        classify(
            version,
            &PackageName::new(Ecosystem::Npm, Untrusted::default()),
        )
    })
}
