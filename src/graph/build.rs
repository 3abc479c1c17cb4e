//! Lockfiles → graph: [`unify`].

use std::num::NonZeroU32;

use petgraph::graph::Graph;
use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    DependencyGraph, Edge, Entry, GraphLockfile, LockfileId, NodeId, Package, PackageId, Project,
    ProjectId, TextId, attach, reach, to_id,
};
use crate::lockfile::{EntryKind, LockedDependency, LockedEntry, Lockfile};
use crate::package::{Ecosystem, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// Unifies lockfiles into one graph: a node per entry, a package per identity, unreached entries hung on their root.
///
/// Deterministic in the order of `lockfiles`. O(entries + dependencies), hashing apart.
pub fn unify<'a>(lockfiles: &'a [Lockfile<'a>]) -> DependencyGraph<'a> {
    let entries = lockfiles
        .iter()
        .map(|lockfile| lockfile.entries.len())
        .sum();
    let dependencies = lockfiles
        .iter()
        .map(|lockfile| lockfile.dependencies.len())
        .sum();
    let mut builder = Builder {
        built: DependencyGraph {
            graph: Graph::with_capacity(entries, dependencies),
            ..DependencyGraph::default()
        },
        package_ids: FxHashMap::with_capacity_and_hasher(entries, rustc_hash::FxBuildHasher),
        text_ids: FxHashMap::default(),
    };
    builder.add_projects(lockfiles);
    for lockfile in lockfiles {
        builder.add(lockfile);
    }
    let mut built = builder.built;
    attach::attach_unreached(&mut built, lockfiles);
    built.reach = reach::Reach::new(&built);
    built
}

/// What makes two entries the same package.
#[derive(PartialEq, Eq, Hash)]
struct Identity<'a> {
    ecosystem: Ecosystem,
    name: &'a str,
    version: Option<&'a str>,
    source: Source<'a>,
}

struct Builder<'a> {
    built: DependencyGraph<'a>,
    package_ids: FxHashMap<Identity<'a>, PackageId>,
    text_ids: FxHashMap<&'a str, TextId>,
}

impl<'a> Builder<'a> {
    fn add_projects(&mut self, lockfiles: &[Lockfile<'_>]) {
        let mut folders: Vec<FilePath> = lockfiles.iter().map(Lockfile::project).collect();
        folders.sort_unstable();
        folders.dedup();
        self.built.projects = folders
            .into_iter()
            .map(|folder| Project {
                folder,
                lockfiles: Vec::new(),
            })
            .collect();
    }

    fn add(&mut self, lockfile: &'a Lockfile<'a>) {
        let id = LockfileId(to_id(self.built.lockfiles.len()));
        let first = to_id(self.built.graph.node_count());
        let mut distinct = FxHashSet::default();
        distinct.reserve(lockfile.entries.len());
        for (index, entry) in lockfile.entries.iter().enumerate() {
            let package = self.add_entry(id, lockfile, entry);
            if index > 0 {
                distinct.insert(package);
            }
        }
        for dependency in &lockfile.dependencies {
            self.add_edge(first, dependency);
        }
        let project = self.project(&lockfile.project());
        self.built.projects[project.0 as usize].lockfiles.push(id);
        self.built.lockfiles.push(GraphLockfile {
            path: lockfile.path.clone(),
            format: lockfile.format,
            ecosystem: lockfile.ecosystem,
            project,
            root: NodeId::from(first),
            nodes: lockfile.entries.len(),
            entries: lockfile.recorded(),
            packages: distinct.len(),
            edges: lockfile.edges,
            unjudged: lockfile.unjudged.clone(),
        });
    }

    fn project(&self, folder: &FilePath) -> ProjectId {
        let index = self
            .built
            .projects
            .partition_point(|project| project.folder < *folder);
        ProjectId(to_id(index))
    }

    fn add_entry(
        &mut self,
        id: LockfileId,
        lockfile: &Lockfile<'a>,
        record: &'a LockedEntry<'a>,
    ) -> PackageId {
        let package = self.package(lockfile, record);
        let node = self.built.graph.add_node(Entry {
            lockfile: id,
            package,
            kind: record.kind,
            record,
        });
        let package_mut = &mut self.built.packages[package.0 as usize];
        package_mut.entries.push(node);
        package_mut.kind = package_mut.kind.min(record.kind);
        package
    }

    fn package(&mut self, lockfile: &Lockfile<'a>, record: &'a LockedEntry<'a>) -> PackageId {
        let identity = Identity {
            ecosystem: lockfile.ecosystem,
            name: record.name.as_str(),
            version: record.version.as_ref().map(Version::as_str),
            source: match record.kind {
                // A root stands for its lockfile, and is never the package that lies in its folder.
                EntryKind::Root => Source::Path(lockfile.path.as_str().to_owned().into()),
                _ => anchored(&record.source, lockfile),
            },
        };
        if let Some(id) = self.package_ids.get(&identity) {
            return *id;
        }
        let id = PackageId(to_id(self.built.packages.len()));
        self.built.packages.push(Package {
            ecosystem: lockfile.ecosystem,
            name: record.name.reborrow(),
            version: record.version.as_ref().map(Version::reborrow),
            source: identity.source.clone(),
            entries: Vec::with_capacity(1),
            kind: record.kind,
        });
        self.package_ids.insert(identity, id);
        id
    }

    fn add_edge(&mut self, first: u32, dependency: &'a LockedDependency<'a>) {
        let edge = Edge {
            kind: dependency.kind,
            reach: dependency.reach,
            requirement: dependency
                .requirement
                .as_ref()
                .and_then(|text| self.intern(text)),
            marker: dependency
                .marker
                .as_ref()
                .and_then(|text| self.intern(text)),
        };
        self.built.graph.add_edge(
            NodeId::from(first + dependency.from),
            NodeId::from(first + dependency.to),
            edge,
        );
    }

    /// Ranges and markers repeat thousands of times; each is kept once.
    fn intern(&mut self, text: &'a Untrusted<'a>) -> Option<TextId> {
        if let Some(id) = self.text_ids.get(text.as_str()) {
            return Some(*id);
        }
        self.built.texts.push(text.reborrow());
        let id = TextId(NonZeroU32::new(to_id(self.built.texts.len()))?);
        self.text_ids.insert(text.as_str(), id);
        Some(id)
    }
}

/// Makes a folder relative to the root instead of the lockfile, so that namesakes of two projects stay two.
fn anchored<'a>(source: &'a Source<'a>, lockfile: &Lockfile<'_>) -> Source<'a> {
    match source {
        Source::Path(path) => match lockfile.project().join(path.as_str()) {
            Some(inside) => Source::Path(inside.untrusted().as_str().to_owned().into()),
            None => Source::Path(path.reborrow()),
        },
        other => other.reborrow(),
    }
}
