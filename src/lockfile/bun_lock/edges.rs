//! From declared names to edges, each to the nearest package of its name.
//!
//! Ranges are never tested, because overrides break them on purpose. Newer versions of Bun bind a peer to the
//! version that its range asks for where the tree does not show which; it is drawn to what lies nearest, which
//! is what the package gets at run time.

use rustc_hash::FxHashMap;

use super::entries::{Asking, Entries};
use super::wire::{Document, pairs};
use crate::lockfile::json::Pairs;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{DependencyKind, EntryKind, LockedDependency};
use crate::lockfile::npm::declared::Declared;
use crate::lockfile::npm::unmet::Unmet;
use crate::text::Untrusted;

/// What the catalogs say about a name; the catalog without a name has an empty one.
type Catalogs<'d, 'c> = FxHashMap<(&'d str, &'d str), &'d Untrusted<'c>>;

/// Resolves everything that the project, its members and its packages ask for.
pub(super) fn connect<'c>(
    entries: &mut Entries<'_, '_, 'c, '_>,
    document: &Document<'c>,
    limits: &Limits,
) -> Result<Unmet<'c>, LimitExceeded> {
    let catalogs = catalogs(document);
    let mut unmet = Unmet::default();
    connect_members(entries);
    let all = std::mem::take(&mut entries.asking);
    for asking in &all {
        connect_one(entries, asking, &catalogs, &mut unmet);
        limits.check_dependencies(entries.lockfile.dependencies.len())?;
    }
    Ok(unmet)
}

/// The root has its members, whether it asks for them or not.
fn connect_members(entries: &mut Entries<'_, '_, '_, '_>) {
    let mut members: Vec<u32> = entries.members.values().copied().collect();
    members.sort_unstable();
    members.retain(|member| *member != 0);
    let edges = members
        .into_iter()
        .map(|member| LockedDependency::new(0, member, DependencyKind::Normal));
    entries.lockfile.dependencies.extend(edges);
}

fn connect_one<'c>(
    entries: &mut Entries<'_, '_, 'c, '_>,
    asking: &Asking<'_, 'c>,
    catalogs: &Catalogs<'_, 'c>,
    unmet: &mut Unmet<'c>,
) {
    if asking.declared.is_empty() {
        return;
    }
    let folders = entries.paths.folders(asking.path);
    for dependency in &*asking.declared {
        let Some(to) = entries.paths.find(&folders, dependency.name.as_str()) else {
            unmet.note(
                asking.entry,
                &dependency.name,
                dependency.kind,
                dependency.need,
            );
            continue;
        };
        if to == 0 || is_member_of_root(entries, asking, to) {
            continue;
        }
        let mut edge = LockedDependency::new(asking.entry, to, dependency.kind);
        let range = requirement(dependency, catalogs);
        edge.requirement = range.map(|range| entries.plain.original(range));
        entries.lockfile.dependencies.push(edge);
    }
}

/// A member that the root also asks for is its member all the same.
fn is_member_of_root(entries: &Entries<'_, '_, '_, '_>, asking: &Asking<'_, '_>, to: u32) -> bool {
    let target = &entries.lockfile.entries[to as usize];
    asking.entry == 0
        && target.kind == EntryKind::Workspace
        && entries.members.get(target.key.as_str()) == Some(&to)
}

/// Returns the range that is asked for, that of a catalog if it refers to one.
fn requirement<'d, 'c>(
    dependency: &'d Declared<'c>,
    catalogs: &Catalogs<'d, 'c>,
) -> Option<&'d Untrusted<'c>> {
    let range = dependency.range.as_ref()?;
    let found = range.as_str().strip_prefix("catalog:").and_then(|catalog| {
        catalogs
            .get(&(catalog.trim(), dependency.name.as_str()))
            .copied()
    });
    Some(found.unwrap_or(range))
}

fn catalogs<'d, 'c>(document: &'d Document<'c>) -> Catalogs<'d, 'c> {
    let unnamed = std::iter::once(("", &document.catalog));
    let named = document.catalogs.object().into_iter();
    let named = named.flat_map(Pairs::iter);
    let all = unnamed.chain(named.map(|(name, table)| (name.as_str(), table)));
    all.flat_map(|(catalog, table)| {
        let names = pairs(table).iter();
        names.filter_map(move |(name, range)| Some(((catalog, name.as_str()), range.text()?)))
    })
    .collect()
}
