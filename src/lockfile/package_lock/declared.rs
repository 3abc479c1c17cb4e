//! What a record declares: each name once, though up to four tables may name it.
//!
//! npm loads peers, dependencies, optional and development dependencies in this order, and what is loaded
//! later overrides what was loaded before (`Node.loadDeps` of arborist).

use rustc_hash::FxHashMap;

use super::Record;
use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::model::DependencyKind;
use crate::text::Untrusted;

/// A declared dependency: the range and how it is declared.
pub(super) struct Declared<'a> {
    /// The name under which it is looked for.
    pub(super) name: Untrusted<'a>,
    /// The range, where it is one.
    pub(super) range: Option<Untrusted<'a>>,
    /// How it is declared.
    pub(super) kind: DependencyKind,
    /// Whether npm minds if it is not there.
    pub(super) need: Need,
}

/// Whether a dependency must be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// It must be there.
    Required,
    /// It is optional, or an optional peer.
    MayBeMissing,
}

/// Tables beyond this size are searched through an index, so that none is quadratic.
const SEARCHED: usize = 32;

/// Lists what a package of the project declares, its development dependencies included.
pub(super) fn of_own<'a>(record: &Record<'a>) -> Vec<Declared<'a>> {
    let mut declared = of_installed(record);
    override_with(&mut declared, &record.dev_dependencies, DependencyKind::Dev);
    declared
}

/// Lists what an installed package declares: its development is nobody's business.
pub(super) fn of_installed<'a>(record: &Record<'a>) -> Vec<Declared<'a>> {
    let mut declared = Vec::with_capacity(record.dependencies.0.len());
    add_peers(&mut declared, record);
    override_with(&mut declared, &record.dependencies, DependencyKind::Normal);
    override_with(
        &mut declared,
        &record.optional_dependencies,
        DependencyKind::Optional,
    );
    declared
}

fn add_peers<'a>(declared: &mut Vec<Declared<'a>>, record: &Record<'a>) {
    if record.peer_dependencies.0.is_empty() {
        return;
    }
    let meta = record.peer_dependencies_meta.iter();
    let optional: FxHashMap<&str, bool> = meta
        .map(|(name, meta)| (name.as_str(), meta.optional.0))
        .collect();
    declared.extend(
        record
            .peer_dependencies
            .iter()
            .map(|(name, range)| Declared {
                name: name.clone(),
                range: range.text().cloned(),
                kind: DependencyKind::Peer,
                need: match optional.get(name.as_str()) {
                    Some(true) => Need::MayBeMissing,
                    _ => Need::Required,
                },
            }),
    );
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
