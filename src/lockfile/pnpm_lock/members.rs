//! Packages of the project's own: the importers of a lockfile, and folders that links lead to.

use rustc_hash::{FxHashMap, FxHashSet};

use super::entries::Reader;
use super::told::Told;
use super::{Part, check};
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, LockedEntry, Problem, ProblemSeverity,
};
use crate::lockfile::span::to_u32;
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// How far above the folder of a link a member is looked for.
const DEPTH: usize = 16;

/// The entries of folders, by their normalised path as seen from the lockfile's folder.
pub(super) struct Members {
    by_folder: FxHashMap<String, u32>,
    /// How many entries are importers; those of links to other folders come later.
    importers: u32,
    outside: Told,
}

impl Default for Members {
    fn default() -> Self {
        let root = (String::new(), 0);
        Self {
            by_folder: FxHashMap::from_iter([root]),
            importers: 0,
            outside: Told::new(
                ProblemSeverity::Warning,
                "links lead to folders that this lockfile does not describe",
            ),
        }
    }
}

impl Members {
    /// Makes an entry of every importer of a document that is not the root.
    pub(super) fn add<'a>(&mut self, part: &Part<'a>, reader: &mut Reader<'_, 'a>) {
        let mut seen = FxHashSet::default();
        for (key, importer) in &part.importers {
            if importer.is_odd() || importer.get().is_some_and(super::Importer::is_odd) {
                reader.tell_odd(key, "has a form that no pnpm writes");
            }
            let folder = normalise("", key.as_str());
            if !seen.insert(folder.clone()) {
                reader.tell_odd(key, "stands twice; what either asks for was taken");
            }
            if !self.by_folder.contains_key(&folder) {
                let span = reader.span(key);
                let entry = LockedEntry {
                    span,
                    ..own(key.clone(), name_of(key))
                };
                self.importers = push(entry, reader);
                self.by_folder.insert(folder, self.importers);
            }
        }
    }

    /// Hangs every member of the workspace on the root.
    pub(super) fn connect_to_root(&self, reader: &mut Reader<'_, '_>) {
        let edges = (1..=self.importers)
            .map(|member| LockedDependency::new(0, member, DependencyKind::Normal));
        reader.lockfile.dependencies.extend(edges);
    }

    /// Returns the entry of an importer.
    pub(super) fn entry_of(&self, key: &Untrusted<'_>) -> Option<u32> {
        let folder = normalise("", key.as_str());
        self.by_folder.get(&folder).copied()
    }

    /// Says whether an entry is a member of the workspace.
    pub(super) const fn is_member(&self, entry: u32) -> bool {
        entry > 0 && entry <= self.importers
    }

    /// Says whether a folder is an importer's.
    pub(super) fn holds(&self, folder: &str) -> bool {
        let entry = self.by_folder.get(&normalise("", folder));
        entry.is_some_and(|entry| *entry <= self.importers)
    }

    /// Finds the entry of the folder that a link leads to, or makes one.
    pub(super) fn follow<'a>(
        &mut self,
        base: &str,
        target: &str,
        name: &Untrusted<'a>,
        reader: &mut Reader<'_, 'a>,
    ) -> u32 {
        let folder = normalise(base, target);
        if let Some(entry) = self.find(&folder) {
            return entry;
        }
        let span = reader.span(name);
        let shown = Untrusted::from(folder.clone());
        let entry = LockedEntry {
            span,
            ..own(shown.clone(), name.clone())
        };
        let index = push(entry, reader);
        self.by_folder.insert(folder, index);
        let file = reader.file;
        self.outside.push(|severity| {
            let message = format!(
                "`{}` is a link to `{}`, which this lockfile does not describe; what it depends on is unknown",
                check::excerpt(name),
                check::excerpt(&shown)
            );
            Problem::new(file.path().clone(), severity, message).at(file.locate(span.start))
        });
        index
    }

    /// Finds the entry of a folder; one inside a member's, such as what it builds, is the member's own.
    fn find(&self, folder: &str) -> Option<u32> {
        let exact = self.by_folder.get(folder).copied();
        let above = || {
            let ends = folder.rmatch_indices('/').take(DEPTH);
            let folders = ends.filter_map(|(end, _)| self.by_folder.get(&folder[..end]));
            folders.copied().find(|entry| self.is_member(*entry))
        };
        exact.or_else(above)
    }

    /// Hands over what was told of links.
    pub(super) fn report(&mut self, reader: &mut Reader<'_, '_>) {
        let outside = std::mem::replace(&mut self.outside, Self::default().outside);
        outside.finish(reader.file.path(), &mut reader.lockfile.problems);
    }
}

fn push<'a>(entry: LockedEntry<'a>, reader: &mut Reader<'_, 'a>) -> u32 {
    let index = to_u32(reader.lockfile.entries.len());
    reader.lockfile.entries.push(entry);
    index
}

/// Makes the entry of a folder.
fn own<'a>(folder: Untrusted<'a>, name: Untrusted<'a>) -> LockedEntry<'a> {
    LockedEntry {
        kind: EntryKind::Workspace,
        source: Source::Path(folder.clone()),
        key: folder,
        name: PackageName::new(Ecosystem::Npm, name.clone()),
        ..LockedEntry::root(Ecosystem::Npm, name)
    }
}

/// Calls a member like its folder; its manifest may say otherwise.
fn name_of<'a>(key: &Untrusted<'a>) -> Untrusted<'a> {
    let name = key.as_str().trim_end_matches('/').rsplit('/').next();
    super::source::part(key, name.unwrap_or_default())
}

/// Resolves a path against a folder by their texts; what climbs out keeps its `..`, what is absolute stays.
pub(super) fn normalise(base: &str, target: &str) -> String {
    let is_absolute = target.starts_with('/') || target.as_bytes().get(1) == Some(&b':');
    let base = if is_absolute { "" } else { base };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(target.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let start = if target.starts_with('/') { "/" } else { "" };
    format!("{start}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn links_are_seen_from_the_lockfile() {
        for (base, target, folder) in [
            ("packages/a", "../b", "packages/b"),
            ("packages/a", "../..", ""),
            ("a", "../../x", "../x"),
            ("", "./a/", "a"),
            ("a", "/b/../c", "/c"),
            ("a", r"C:\x", "C:/x"),
        ] {
            assert_eq!(normalise(base, target), folder, "{base} {target}");
        }
    }
}
