//! What is read of the file. Scalars are read as text: a range may look like a number.

use serde::Deserialize;

use crate::lockfile::json::{Object, Pairs};
use crate::lockfile::manifest::package_json::PeerMeta;
use crate::text::Untrusted;

/// `__metadata`, and records by their keys.
pub(super) type Document<'a> = Pairs<'a, Object<Record<'a>>>;

/// A record; `__metadata` has a version, too.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) version: Option<Untrusted<'a>>,
    #[serde(borrow)]
    pub(super) resolution: Option<Untrusted<'a>>,
    #[serde(borrow)]
    pub(super) checksum: Option<Untrusted<'a>>,
    #[serde(default, borrow)]
    pub(super) dependencies: Pairs<'a, Untrusted<'a>>,
    #[serde(default, borrow)]
    pub(super) dependencies_meta: Pairs<'a, PeerMeta>,
}
