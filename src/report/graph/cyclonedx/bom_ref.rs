//! The names by which the parts of a bill of materials refer to packages.

use rustc_hash::FxHashMap;

use crate::graph::{DependencyGraph, PackageId};
use crate::report::Purls;

/// A name for each package of a graph, none of them twice.
pub(super) struct BomRefs(Vec<String>);

impl BomRefs {
    /// Names every package by its URL; a number follows where several have the same one, because what tells
    /// their sources apart may be a secret. O(packages).
    pub(super) fn new(graph: &DependencyGraph<'_>, purls: &Purls<'_>) -> Self {
        let urls = || graph.packages().map(|(id, _)| purls.of(id).as_str());
        let mut bearers: FxHashMap<&str, usize> = FxHashMap::default();
        for url in urls() {
            *bearers.entry(url).or_default() += 1;
        }
        let mut numbers: FxHashMap<&str, usize> = FxHashMap::default();
        let named = urls().map(|url| {
            if bearers.get(url) == Some(&1) {
                return url.to_owned();
            }
            let number = numbers.entry(url).or_default();
            *number += 1;
            // No URL of ours has a subpath, so that none can be mistaken for this.
            format!("{url}#{number}")
        });
        Self(named.collect())
    }

    /// Returns the name of a package.
    pub(super) fn of(&self, id: PackageId) -> &str {
        &self.0[id.0 as usize]
    }
}
