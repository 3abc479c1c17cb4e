//! The edges of pnpm-lock.yaml: from importers to what they ask for, from packages to what they depend on.

use rustc_hash::FxHashMap;

use super::entries::{Held, Node, Nodes, Reader};
use super::members::{Members, normalise};
use super::source::text;
use super::told::Told;
use super::wire::{Importer, Mapping};
use super::{Part, WRITE_ANEW, check};
use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, EntryKind, LockedDependency, Problem, ProblemSeverity,
};
use crate::text::Untrusted;

/// Tables of peers beyond this size are searched through an index, so that none is quadratic.
const SEARCHED: usize = 16;

/// Resolves every dependency of a document.
pub(super) fn connect<'a>(
    reader: &mut Reader<'_, 'a>,
    members: &mut Members,
    part: &Part<'a>,
    nodes: &Nodes<'_, 'a>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    const UNMET: &str = "dependencies that this lockfile does not hold";
    let mut connector = Connector {
        catalogs: ranges_of_catalogs(part),
        reader,
        members,
        part,
        nodes,
        buffer: String::new(),
        unmet_by_own: Told::new(ProblemSeverity::Error, UNMET),
        unmet_by_others: Told::new(ProblemSeverity::Warning, UNMET),
    };
    for (key, importer) in &part.importers {
        if let (Some(from), Some(importer)) = (connector.members.entry_of(key), importer.get()) {
            let folder = normalise("", key.as_str());
            connector.connect_importer(from, &folder, importer);
            limits.check_dependencies(connector.reader.lockfile.dependencies.len())?;
        }
    }
    for node in &nodes.all {
        connector.connect_node(node);
        limits.check_dependencies(connector.reader.lockfile.dependencies.len())?;
    }
    connector.report();
    Ok(())
}

/// Indexes what the catalogs ask for by catalog and name.
fn ranges_of_catalogs<'d, 'a>(
    part: &'d Part<'a>,
) -> FxHashMap<(&'d str, &'d str), &'d Untrusted<'a>> {
    let catalogs = part.document.catalogs.iter();
    let ranges = catalogs.flat_map(|(catalog, ranges)| {
        let ranges = ranges.iter();
        ranges.filter_map(|(name, asked)| {
            let range = text(&asked.specifier)?;
            Some(((catalog.as_str(), name.as_str()), range))
        })
    });
    ranges.collect()
}

struct Connector<'c, 'w, 'd, 'a> {
    reader: &'c mut Reader<'w, 'a>,
    members: &'c mut Members,
    part: &'d Part<'a>,
    nodes: &'c Nodes<'d, 'a>,
    catalogs: FxHashMap<(&'d str, &'d str), &'d Untrusted<'a>>,
    buffer: String,
    unmet_by_own: Told,
    unmet_by_others: Told,
}

/// Who asks, for what, and how.
#[derive(Clone, Copy)]
struct Wish<'f, 'a> {
    from: u32,
    /// The folder that links are seen from.
    folder: &'f str,
    name: &'f Untrusted<'a>,
    value: &'f Field<'a>,
    kind: DependencyKind,
    requirement: Option<&'f Untrusted<'a>>,
}

impl<'d, 'a> Connector<'_, '_, 'd, 'a> {
    fn connect_importer(&mut self, from: u32, folder: &str, importer: &'d Importer<'a>) {
        let specifiers = importer.specifiers.iter();
        let specifiers: FxHashMap<&str, &Untrusted<'a>> = specifiers
            .filter_map(|(name, range)| Some((name.as_str(), text(range)?)))
            .collect();
        let [normal, optional, dev] = importer.declared();
        let tables = [
            (normal, DependencyKind::Normal),
            (optional, DependencyKind::Optional),
            (dev, DependencyKind::Dev),
            (&importer.config_dependencies, DependencyKind::Build),
            (
                &importer.package_manager_dependencies,
                DependencyKind::Build,
            ),
        ];
        for (table, kind) in tables {
            for (name, asked) in table.iter() {
                let specifier =
                    text(&asked.specifier).or_else(|| specifiers.get(name.as_str()).copied());
                self.connect_one(Wish {
                    from,
                    folder,
                    name,
                    value: &asked.version,
                    kind,
                    requirement: specifier.map(|specifier| self.range(name, specifier)),
                });
            }
        }
    }

    /// Looks a range up in its catalog, if it is one.
    fn range(&self, name: &Untrusted<'a>, specifier: &'d Untrusted<'a>) -> &'d Untrusted<'a> {
        let Some(catalog) = specifier.as_str().strip_prefix("catalog:") else {
            return specifier;
        };
        let catalog = if catalog.is_empty() {
            "default"
        } else {
            catalog
        };
        let range = self.catalogs.get(&(catalog, name.as_str()));
        range.copied().unwrap_or(specifier)
    }

    fn connect_node(&mut self, node: &Node<'d, 'a>) {
        let Some(from) = node.entry else {
            return;
        };
        let peers = node
            .package
            .and_then(|package| package.peer_dependencies.get());
        let peers = peers.map(Peers::new);
        for (name, value) in node.dependencies.into_iter().flat_map(Mapping::iter) {
            let peer = peers.as_ref().and_then(|peers| peers.get(name.as_str()));
            let kind = match peer {
                Some(_) => DependencyKind::Peer,
                None => DependencyKind::Normal,
            };
            self.connect_one(Wish {
                from,
                folder: "",
                name,
                value,
                kind,
                requirement: peer.and_then(text),
            });
        }
        for (name, value) in node.optional.into_iter().flat_map(Mapping::iter) {
            self.connect_one(Wish {
                from,
                folder: "",
                name,
                value,
                kind: DependencyKind::Optional,
                requirement: None,
            });
        }
    }

    fn connect_one(&mut self, wish: Wish<'_, 'a>) {
        let Some(value) = text(wish.value) else {
            return self
                .reader
                .tell_odd(wish.name, "is asked for in a version that is no text");
        };
        let to = match value.as_str().strip_prefix("link:") {
            Some(target) => self.follow(wish, target),
            None => self.find(wish, value.as_str()),
        };
        if let Some(to) = to {
            let mut edge = LockedDependency::new(wish.from, to, wish.kind);
            edge.requirement = wish.requirement.cloned();
            self.reader.lockfile.dependencies.push(edge);
        }
    }

    fn find(&mut self, wish: Wish<'_, 'a>, value: &str) -> Option<u32> {
        let name = wish.name.as_str();
        let found = self
            .nodes
            .find(name, value, self.part.dialect, &mut self.buffer);
        match found {
            Some(Held::Entry(entry)) => return Some(entry),
            Some(Held::Apart) => {}
            None if wish.kind == DependencyKind::Optional => {}
            None => self.tell_unmet(wish),
        }
        None
    }

    /// Follows a link; the root has its members anyway, and nothing needs to lead back to it.
    fn follow(&mut self, wish: Wish<'_, 'a>, target: &str) -> Option<u32> {
        let to = self
            .members
            .follow(wish.folder, target, wish.name, self.reader);
        let is_known = wish.from == 0 && self.members.is_member(to);
        (to != 0 && to != wish.from && !is_known).then_some(to)
    }

    fn tell_unmet(&mut self, wish: Wish<'_, 'a>) {
        let file = self.reader.file;
        let asking = &self.reader.lockfile.entries[wish.from as usize];
        let told = match asking.kind {
            EntryKind::Package => &mut self.unmet_by_others,
            EntryKind::Root | EntryKind::Workspace => &mut self.unmet_by_own,
        };
        let span = self.reader.span(wish.name);
        told.push(|severity| {
            let message = format!(
                "`{}` depends on `{}`, which this lockfile does not hold",
                check::excerpt(asking.name.untrusted()),
                check::excerpt(wish.name)
            );
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(span.start))
                .help(WRITE_ANEW)
        });
    }

    fn report(self) {
        let problems = &mut self.reader.lockfile.problems;
        for told in [self.unmet_by_own, self.unmet_by_others] {
            told.finish(self.reader.file.path(), problems);
        }
        self.members.report(self.reader);
    }
}

/// The peers that a package asks for, with their ranges.
enum Peers<'d, 'a> {
    Few(&'d [(Untrusted<'a>, Field<'a>)]),
    Many(FxHashMap<&'d str, &'d Field<'a>>),
}

impl<'d, 'a> Peers<'d, 'a> {
    fn new(peers: &'d Pairs<'a, Field<'a>>) -> Self {
        if peers.0.len() <= SEARCHED {
            return Self::Few(&peers.0);
        }
        let index = peers.iter().map(|(name, range)| (name.as_str(), range));
        Self::Many(index.collect())
    }

    fn get(&self, name: &str) -> Option<&'d Field<'a>> {
        match self {
            Self::Few(peers) => {
                let found = peers.iter().find(|(own, _)| own.as_str() == name);
                found.map(|(_, range)| range)
            }
            Self::Many(index) => index.get(name).copied(),
        }
    }
}
