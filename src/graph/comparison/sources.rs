//! Whether a release comes from elsewhere than before.

use super::{Held, Side};
use crate::package::Source;
use crate::package::address::repository;
use crate::package::source::Registry;

/// Says whether two releases of one version come from different places.
///
/// Another commit of one repository is a change like that of a version. Where a lockfile states no address, its
/// registry is whichever is configured, which need not be the public one.
pub(super) fn differ(before: &Side<'_>, old: &Held, after: &Side<'_>, new: &Held) -> bool {
    let sources = (
        &before.graph.package(old.package).source,
        &after.graph.package(new.package).source,
    );
    match sources {
        (Source::Git { url: one, .. }, Source::Git { url: other, .. }) => {
            repository(one.as_str()) != repository(other.as_str())
        }
        (Source::Registry(Registry::Public), Source::Registry(Registry::Other(_))) => {
            has_address(before, old)
        }
        (Source::Registry(Registry::Other(_)), Source::Registry(Registry::Public)) => {
            has_address(after, new)
        }
        (one, other) => one != other,
    }
}

fn has_address(side: &Side<'_>, held: &Held) -> bool {
    let entries = held.nodes.iter().map(|node| side.graph.entry(*node).record);
    let mut artifacts = entries.flat_map(|record| &record.artifacts);
    artifacts.any(|artifact| {
        artifact
            .url
            .as_ref()
            .is_some_and(|url| !url.as_str().is_empty())
    })
}
