//! Whether two packages are the same release with the same bytes, as far as strong digests prove it.

use crate::graph::{DependencyGraph, Package, PackageId};
use crate::package::Digest;

/// A registry that passes on the release of another one serves no other bytes, whatever it is called.
pub(in crate::signal) fn is_same_bytes(
    one: PackageId,
    other: PackageId,
    graph: &DependencyGraph<'_>,
) -> bool {
    let [one, other] = [one, other].map(|id| graph.package(id));
    one.version == other.version
        && pins(one, graph).is_some_and(|pins| {
            let others = self::pins(other, graph).unwrap_or_default();
            pins.iter().all(|pin| others.contains(pin))
        })
}

/// Lists the one strong digest that each archive of a package has to have; none if any may be another one.
fn pins<'g>(package: &Package<'_>, graph: &'g DependencyGraph<'_>) -> Option<Vec<&'g Digest>> {
    let entries = package.entries.iter().map(|node| graph.entry(*node));
    let archives = entries.flat_map(|entry| &entry.record.artifacts);
    let pins = archives.map(|archive| {
        let strongest = archive.integrity.strongest()?;
        let mut digests = archive.integrity.of(strongest);
        let pin = digests.next().filter(|_| !strongest.is_weak())?;
        digests.next().is_none().then_some(pin)
    });
    let pins: Option<Vec<&Digest>> = pins.collect();
    pins.filter(|pins| !pins.is_empty())
}
