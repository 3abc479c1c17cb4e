//! What a manifest, or a record like one, declares: each name once, though up to four tables may name it.
//!
//! npm loads peers, dependencies, optional and development dependencies in this order, and what is loaded
//! later overrides what was loaded before (`Node.loadDeps` of arborist).

use rustc_hash::FxHashMap;

use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::manifest::package_json::{PackageJson, PeerMeta};
use crate::lockfile::model::DependencyKind;
use crate::text::Untrusted;

/// A declared dependency: the range and how it is declared.
#[derive(Clone, Debug)]
pub(in crate::lockfile) struct Declared<'a> {
    /// The name under which it is looked for.
    pub(in crate::lockfile) name: Untrusted<'a>,
    /// The range, where it is one.
    pub(in crate::lockfile) range: Option<Untrusted<'a>>,
    /// How it is declared.
    pub(in crate::lockfile) kind: DependencyKind,
    /// Whether npm minds if it is not there.
    pub(in crate::lockfile) need: Need,
}

/// Whether a dependency must be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Need {
    /// It must be there.
    Required,
    /// It is optional, or an optional peer.
    MayBeMissing,
}

/// Tables beyond this size are searched through an index, so that none is quadratic.
const SEARCHED: usize = 32;

/// The tables of a manifest, or of a record that repeats them.
#[derive(Clone, Copy)]
pub(in crate::lockfile) struct Tables<'t, 'a> {
    /// `dependencies`.
    pub(in crate::lockfile) normal: &'t Pairs<'a, Field<'a>>,
    /// `devDependencies`.
    pub(in crate::lockfile) dev: &'t Pairs<'a, Field<'a>>,
    /// `optionalDependencies`.
    pub(in crate::lockfile) optional: &'t Pairs<'a, Field<'a>>,
    /// `peerDependencies`.
    pub(in crate::lockfile) peer: &'t Pairs<'a, Field<'a>>,
    /// `peerDependenciesMeta`.
    pub(in crate::lockfile) peer_meta: &'t Pairs<'a, PeerMeta>,
}

impl<'t, 'a> Tables<'t, 'a> {
    /// Takes the tables of a manifest.
    pub(in crate::lockfile) const fn of(manifest: &'t PackageJson<'a>) -> Self {
        Self {
            normal: &manifest.dependencies,
            dev: &manifest.dev_dependencies,
            optional: &manifest.optional_dependencies,
            peer: &manifest.peer_dependencies,
            peer_meta: &manifest.peer_dependencies_meta,
        }
    }
}

/// Lists what a package of the project declares, its development dependencies included.
pub(in crate::lockfile) fn of_own<'a>(tables: Tables<'_, 'a>) -> Vec<Declared<'a>> {
    let mut declared = of_installed(tables);
    override_with(&mut declared, tables.dev, DependencyKind::Dev);
    declared
}

/// Lists what an installed package declares: its development is nobody's business.
pub(in crate::lockfile) fn of_installed<'a>(tables: Tables<'_, 'a>) -> Vec<Declared<'a>> {
    let mut declared = Vec::with_capacity(tables.normal.0.len());
    add_peers(&mut declared, tables);
    override_with(&mut declared, tables.normal, DependencyKind::Normal);
    override_with(&mut declared, tables.optional, DependencyKind::Optional);
    declared
}

fn add_peers<'a>(declared: &mut Vec<Declared<'a>>, tables: Tables<'_, 'a>) {
    if tables.peer.0.is_empty() {
        return;
    }
    let meta = tables.peer_meta.iter();
    let optional: FxHashMap<&str, bool> = meta
        .map(|(name, meta)| (name.as_str(), meta.optional.0))
        .collect();
    declared.extend(tables.peer.iter().map(|(name, range)| Declared {
        name: name.clone(),
        range: range.text().cloned(),
        kind: DependencyKind::Peer,
        need: match optional.get(name.as_str()) {
            Some(true) => Need::MayBeMissing,
            _ => Need::Required,
        },
    }));
}

fn override_with<'a>(
    declared: &mut Vec<Declared<'a>>,
    table: &Pairs<'a, Field<'a>>,
    kind: DependencyKind,
) {
    let earlier = declared.len();
    let index = (earlier > SEARCHED).then(|| index(declared));
    for (name, range) in table.iter() {
        let dependency = Declared {
            name: name.clone(),
            range: range.text().cloned(),
            kind,
            need: if kind == DependencyKind::Optional {
                Need::MayBeMissing
            } else {
                Need::Required
            },
        };
        let before = match &index {
            Some(index) => index.get(name.as_str()).copied(),
            None => declared[..earlier]
                .iter()
                .position(|other| other.name == *name),
        };
        match before {
            Some(before) => declared[before] = dependency,
            None => declared.push(dependency),
        }
    }
}

fn index(declared: &[Declared<'_>]) -> FxHashMap<String, usize> {
    let names = declared.iter().enumerate();
    names
        .map(|(position, dependency)| (dependency.name.as_str().to_owned(), position))
        .collect()
}
