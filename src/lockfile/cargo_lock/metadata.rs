//! What `cargo metadata` says about a Cargo.lock that was read: what each edge is for, and what is never built.
//!
//! Cargo resolves features and platforms as a build does; Cargo.lock and the manifests hold only what may be
//! needed. Cargo counts the tests of members in, and the features that all members ask for together, so what it
//! leaves out no build with these features holds. [`label`] is pure: asking cargo is the caller's part. It drops
//! nothing: an edge that cargo does not follow becomes an optional one whose marker says why.

use std::collections::hash_map::Entry;
use std::str::FromStr;

use cargo_metadata::cargo_platform::Platform;
use cargo_metadata::{
    DepKindInfo, Dependency, DependencyKind as CargoKind, Metadata, NodeDep, Package, PackageId,
};
use rustc_hash::{FxHashMap, FxHashSet};
use thiserror::Error;

use super::super::model::{DependencyKind, LockedDependency, Lockfile, Scope};
use super::super::span::to_u32;
use super::{source_of, split_source};
use crate::package::{Source, Version};
use crate::text::Untrusted;

/// A platform as the compiler names it, such as `x86_64-unknown-linux-gnu`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTriple(String);

impl TargetTriple {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TargetTriple {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        let is_triple = text.contains('-') && !text.starts_with('-') && text.bytes().all(is_plain);
        let triple = is_triple.then(|| Self(text.to_owned()));
        triple.ok_or("write a target triple, such as x86_64-unknown-linux-gnu")
    }
}

/// Why an answer of cargo says nothing about a lockfile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Nothing was resolved.
    #[error("cargo told no dependencies")]
    Unresolved,
    /// A package is not locked, or not told from a namesake.
    #[error("cargo names `{0}`, which is no one package of this lockfile")]
    Unknown(String),
}

/// Labels the edges of a Cargo.lock as cargo resolves them for `targets`, or for all targets if there are none.
///
/// An error changes nothing. O(packages + edges). Build dependencies count as built for `targets` too.
pub fn label(
    lockfile: &mut Lockfile<'_>,
    metadata: &Metadata,
    targets: &[TargetTriple],
) -> Result<(), MetadataError> {
    let resolution = Resolution::new(lockfile, metadata)?;
    let mut locked = FxHashSet::default();
    for dependency in &mut lockfile.dependencies {
        locked.insert((dependency.from, dependency.to));
        if resolution.is_built[dependency.from as usize] {
            let (from, to) = (dependency.from, dependency.to);
            match resolution.edges.get(&(from, to)) {
                Some(label) => label.apply(dependency),
                None => resolution.never(from, to, targets).apply(dependency),
            }
        }
    }
    let lacking = resolution
        .edges
        .iter()
        .filter(|(edge, _)| !locked.contains(*edge));
    let mut lacking: Vec<_> = lacking
        .map(|((from, to), label)| label.edge(*from, *to))
        .collect();
    let members = resolution
        .members
        .iter()
        .filter(|member| !locked.contains(&(0, **member)));
    lacking.extend(members.map(|member| LockedDependency::new(0, *member, DependencyKind::Normal)));
    lacking.sort_by_key(|edge| (edge.from, edge.to));
    lockfile.dependencies.extend(lacking);
    Ok(())
}

/// What cargo resolved, by index of the lockfile's entries.
struct Resolution<'m> {
    /// Whether cargo builds an entry.
    is_built: Vec<bool>,
    /// The edges that cargo follows.
    edges: FxHashMap<(u32, u32), Label>,
    /// What those packages say about the packages of a name.
    declared: FxHashMap<(u32, &'m str), Vec<&'m Dependency>>,
    /// The members of the workspace.
    members: Vec<u32>,
    /// Name and version of each entry; both empty for the root.
    releases: Vec<(String, Option<semver::Version>)>,
}

impl<'m> Resolution<'m> {
    fn new(lockfile: &Lockfile<'_>, metadata: &'m Metadata) -> Result<Self, MetadataError> {
        let resolve = metadata.resolve.as_ref().ok_or(MetadataError::Unresolved)?;
        let places = places(lockfile, metadata)?;
        let place = |id: &PackageId| {
            let place = places.get(id).copied();
            place.ok_or_else(|| MetadataError::Unknown(id.repr.clone()))
        };
        let mut resolution = Self {
            is_built: vec![false; lockfile.entries.len()],
            edges: FxHashMap::default(),
            declared: declarations(metadata, &places),
            members: Vec::with_capacity(metadata.workspace_members.len()),
            releases: releases(lockfile),
        };
        for node in &resolve.nodes {
            let from = place(&node.id)?;
            resolution.is_built[from as usize] = true;
            for dependency in &node.deps {
                resolution.add(from, place(&dependency.pkg)?, dependency);
            }
        }
        for member in &metadata.workspace_members {
            resolution.members.push(place(member)?);
        }
        Ok(resolution)
    }

    /// Adds an edge that cargo follows; one package may be asked for under two names.
    fn add(&mut self, from: u32, to: u32, dependency: &NodeDep) {
        let label = Label::active(&self.declarations(from, to), &dependency.dep_kinds);
        match self.edges.entry((from, to)) {
            Entry::Vacant(vacant) => drop(vacant.insert(label)),
            Entry::Occupied(mut known) if label.breadth() < known.get().breadth() => {
                known.insert(label);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Words an edge that cargo does not follow.
    fn never(&self, from: u32, to: u32, targets: &[TargetTriple]) -> Label {
        Label::never(&self.declarations(from, to), targets)
    }

    /// Lists what a package says about an entry that it asks for; if no range admits it, whatever has its name.
    fn declarations(&self, from: u32, to: u32) -> Vec<&'m Dependency> {
        let (name, version) = &self.releases[to as usize];
        let named = self
            .declared
            .get(&(from, &**name))
            .map_or(&[][..], Vec::as_slice);
        let is_admitted = |declared: &&Dependency| {
            version
                .as_ref()
                .is_some_and(|version| declared.req.matches(version))
        };
        let admitted: Vec<&Dependency> = named.iter().copied().filter(is_admitted).collect();
        if admitted.is_empty() {
            named.to_vec()
        } else {
            admitted
        }
    }
}

/// Indexes what packages declare by entry and name.
fn declarations<'m>(
    metadata: &'m Metadata,
    places: &FxHashMap<&PackageId, u32>,
) -> FxHashMap<(u32, &'m str), Vec<&'m Dependency>> {
    let mut declared: FxHashMap<_, Vec<&Dependency>> = FxHashMap::default();
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            let key = (places[&package.id], &*dependency.name);
            declared.entry(key).or_default().push(dependency);
        }
    }
    declared
}

fn releases(lockfile: &Lockfile<'_>) -> Vec<(String, Option<semver::Version>)> {
    let releases = lockfile.entries.iter().map(|entry| {
        let version = entry.version.as_ref();
        let version = version.and_then(|version| version.as_str().parse().ok());
        (entry.name.as_str().to_owned(), version)
    });
    releases.collect()
}

/// Finds the entry of each package that cargo names.
fn places<'m>(
    lockfile: &Lockfile<'_>,
    metadata: &'m Metadata,
) -> Result<FxHashMap<&'m PackageId, u32>, MetadataError> {
    let mut by_release: FxHashMap<(&str, &str), Vec<u32>> = FxHashMap::default();
    for (index, entry) in lockfile.entries.iter().enumerate().skip(1) {
        let version = entry.version.as_ref().map_or("", Version::as_str);
        let release = by_release.entry((entry.name.as_str(), version));
        release
            .or_insert_with(|| Vec::with_capacity(1))
            .push(to_u32(index));
    }
    let packages = metadata.packages.iter().map(|package| {
        let version = package.version.to_string();
        let release = by_release.get(&(package.name.as_str(), &*version));
        let place = match release.map(Vec::as_slice) {
            Some([only]) => Some(*only),
            Some(several) => several
                .iter()
                .copied()
                .find(|entry| comes_from(&lockfile.entries[*entry as usize].source, package)),
            None => None,
        };
        let unknown = || MetadataError::Unknown(format!("{} {version}", package.name));
        Ok((&package.id, place.ok_or_else(unknown)?))
    });
    packages.collect()
}

/// Tells releases of one version from several sources apart.
fn comes_from(source: &Source<'_>, package: &Package) -> bool {
    let Some(written) = &package.source else {
        return matches!(source, Source::Path(_));
    };
    let written = written.repr.as_str().into();
    split_source(&written).is_some_and(|(kind, url)| source_of(kind, url) == *source)
}

/// What is said about an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    kind: DependencyKind,
    reach: Scope,
    requirement: Option<String>,
    marker: Option<String>,
}

impl Label {
    /// Words an edge that cargo follows: the widest way, under the conditions of all ways that are as wide.
    fn active(declared: &[&Dependency], ways: &[DepKindInfo]) -> Self {
        let declared = by_way(declared);
        let ways = ways.iter().map(|way| Self::of_way(way, &declared));
        let ways: Vec<Self> = ways.collect();
        let Some(widest) = ways.iter().min_by_key(|way| way.breadth()) else {
            return Self::plain();
        };
        let as_wide = ways.iter().filter(|way| way.reach == widest.reach);
        let conditions = as_wide.filter_map(|way| way.marker.clone());
        let marker = widest.marker.as_ref().map(|_| alternatives(conditions));
        Self {
            marker,
            ..widest.clone()
        }
    }

    fn of_way(way: &DepKindInfo, declared: &FxHashMap<Way<'_>, Declared<'_>>) -> Self {
        let declared = declared.get(&(way.kind, way.target.as_ref()));
        let own = kind(way.kind);
        let is_optional = declared.is_some_and(|declared| declared.is_optional);
        Self {
            kind: if is_optional {
                DependencyKind::Optional
            } else {
                own
            },
            reach: own.scope(),
            requirement: declared.and_then(|declared| requirement(declared.first)),
            marker: way.target.as_ref().map(ToString::to_string),
        }
    }

    /// Words an edge that cargo does not follow.
    fn never(declared: &[&Dependency], targets: &[TargetTriple]) -> Self {
        let is_for_tests = |one: &&Dependency| one.kind == CargoKind::Development;
        let kind = if !declared.is_empty() && declared.iter().all(is_for_tests) {
            DependencyKind::Dev
        } else {
            DependencyKind::Optional
        };
        Self {
            kind,
            reach: kind.scope(),
            requirement: declared.iter().find_map(|one| requirement(one)),
            marker: Some(never_built(declared, targets)),
        }
    }

    /// Words an edge about which cargo says nothing but that it follows it.
    const fn plain() -> Self {
        Self {
            kind: DependencyKind::Normal,
            reach: Scope::Prod,
            requirement: None,
            marker: None,
        }
    }

    /// Orders labels, the widest first: of one scope, that without a condition.
    const fn breadth(&self) -> (Scope, bool, DependencyKind) {
        (self.reach, self.marker.is_some(), self.kind)
    }

    fn apply(&self, dependency: &mut LockedDependency<'_>) {
        let Self {
            kind,
            reach,
            requirement,
            marker,
        } = self.clone();
        dependency.kind = kind;
        dependency.reach = reach;
        dependency.marker = marker.map(Untrusted::from);
        if dependency.requirement.is_none() {
            dependency.requirement = requirement.map(Untrusted::from);
        }
    }

    /// Makes an edge that the lockfile lacks, as for a package that `[replace]` put in the place of another.
    fn edge(&self, from: u32, to: u32) -> LockedDependency<'static> {
        let mut edge = LockedDependency::new(from, to, self.kind);
        self.apply(&mut edge);
        edge
    }
}

/// A way in which a package asks for another: a kind, perhaps a platform.
type Way<'p> = (CargoKind, Option<&'p Platform>);

/// What a package says about one way.
struct Declared<'p> {
    first: &'p Dependency,
    /// Whether every declaration of this way is optional.
    is_optional: bool,
}

fn by_way<'p>(declared: &[&'p Dependency]) -> FxHashMap<Way<'p>, Declared<'p>> {
    let mut ways: FxHashMap<Way<'p>, Declared<'p>> = FxHashMap::default();
    for dependency in declared.iter().copied() {
        let way = ways.entry((dependency.kind, dependency.target.as_ref()));
        let way = way.or_insert(Declared {
            first: dependency,
            is_optional: true,
        });
        way.is_optional &= dependency.optional;
    }
    ways
}

/// A kind that is not known yet counts as the widest.
const fn kind(kind: CargoKind) -> DependencyKind {
    match kind {
        CargoKind::Build => DependencyKind::Build,
        CargoKind::Development => DependencyKind::Dev,
        _ => DependencyKind::Normal,
    }
}

/// Returns the range that is asked for; a folder without one asks for none.
fn requirement(declared: &Dependency) -> Option<String> {
    let is_stated = declared.path.is_none() || declared.req != semver::VersionReq::STAR;
    is_stated.then(|| declared.req.to_string())
}

/// Says under which condition something would be built, and for what it is not.
fn never_built(declared: &[&Dependency], targets: &[TargetTriple]) -> String {
    let is_optional = declared.iter().any(|one| one.optional);
    let platforms = declared.iter().filter_map(|one| one.target.as_ref());
    let platforms = alternatives(platforms.map(ToString::to_string));
    let optional = is_optional.then(|| "optional".to_owned());
    let conditions: Vec<String> = optional
        .into_iter()
        .chain(Some(platforms).filter(|text| !text.is_empty()))
        .collect();
    let mut text = conditions.join(", ");
    if !text.is_empty() {
        text.push_str(": ");
    }
    text.push_str("never built");
    let targets: Vec<&str> = targets.iter().map(TargetTriple::as_str).collect();
    if !targets.is_empty() {
        text.push_str(" for ");
        text.push_str(&targets.join(" or "));
    }
    if is_optional {
        text.push_str(" with the default features");
    }
    text
}

fn alternatives(conditions: impl Iterator<Item = String>) -> String {
    let mut conditions: Vec<String> = conditions.collect();
    conditions.sort_unstable();
    conditions.dedup();
    conditions.join(" or ")
}

#[cfg(test)]
#[path = "metadata_tests.rs"]
mod tests;
