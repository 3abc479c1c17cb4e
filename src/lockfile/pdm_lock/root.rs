//! The root of pdm.lock: what pyproject.toml asks for in the groups that are locked, or what nothing else does.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::RELOCK;
use super::edges::{Connector, Wish};
use super::packages::Package;
use crate::lockfile::check;
use crate::lockfile::limits::LimitExceeded;
use crate::lockfile::model::{LockedDependency, Problem, ProblemSeverity, Scope};
use crate::lockfile::pypi::document::{self, Table};
use crate::lockfile::pypi::manifest::{Manifest, Stale, leaves_out};
use crate::lockfile::pypi::problems::join_marker;
use crate::lockfile::pypi::project::Asked;
use crate::lockfile::pypi::roots;
use crate::package::name::normalise;
use crate::text::Untrusted;

/// The group of what is always installed.
const DEFAULT: &str = "default";

/// How many groups that are left out are named.
const NAMED: usize = 10;

/// Hangs on the root what the manifest asks for, in the groups that the lockfile is for.
pub(super) fn connect(
    connector: &mut Connector<'_, '_, '_>,
    manifest: &Manifest,
    metadata: &Table<'_>,
    problems: &mut Vec<Problem>,
) -> Result<(), LimitExceeded> {
    let locked = metadata.get("groups").map(|_| {
        let groups = document::texts(metadata, "groups");
        groups.map(|group| normalise(group)).collect()
    });
    let mut stale = Stale::new(RELOCK);
    let mut left_out = BTreeSet::new();
    let own = manifest.project.name.as_deref();
    for asked in &manifest.project.asked {
        let group = asked.label().map_or(DEFAULT, |(_, group)| group);
        let is_locked = |locked: &BTreeSet<Cow<'_, str>>| locked.contains(group);
        if !locked.as_ref().is_none_or(is_locked) {
            left_out.insert(group);
        } else if own != Some(&asked.name) {
            connect_asked(connector, manifest, asked, &mut stale)?;
        }
    }
    stale.finish(&manifest.path, problems);
    problems.extend(note_left_out(connector, &left_out));
    Ok(())
}

fn connect_asked(
    connector: &mut Connector<'_, '_, '_>,
    manifest: &Manifest,
    asked: &Asked,
    stale: &mut Stale,
) -> Result<(), LimitExceeded> {
    let mut extras: Vec<Cow<'_, str>> = asked.extras.iter().map(Cow::from).collect();
    extras.sort_unstable();
    extras.dedup();
    let wish = Wish {
        name: Cow::Borrowed(&asked.name),
        extras,
        range: asked.range.as_deref(),
        marker: asked.marker.as_deref(),
    };
    let targets = connector.find(0, &wish)?;
    if targets.is_empty() && connector.can_hold(wish.marker) {
        stale.add_missing(&manifest.path, &asked.name);
    }
    let entries = targets.iter().map(|to| &connector.entries[*to as usize]);
    let is_overridden = manifest.project.overridden.contains(&asked.name);
    if !is_overridden && wish.range.is_some_and(|range| leaves_out(range, entries)) {
        stale.add_range(&manifest.path, &asked.name);
    }
    connector.charge_edges(targets.len(), &wish)?;
    for to in targets {
        let mut edge = LockedDependency::new(0, to, asked.kind());
        edge.requirement = asked.range.clone().map(Untrusted::from);
        let marker = asked.marker.clone().map(Cow::Owned);
        edge.marker = join_marker(asked.label(), marker).map(Untrusted::from);
        connector.dependencies.push(edge);
    }
    connector
        .limits
        .check_dependencies(connector.dependencies.len())
}

/// Names the groups and extras that the lockfile was not made for: what they bring is not judged.
fn note_left_out(connector: &Connector<'_, '_, '_>, left_out: &BTreeSet<&str>) -> Option<Problem> {
    let names = left_out.iter().take(NAMED);
    let names: Vec<String> = names
        .map(|group| format!("`{}`", check::excerpt(&(*group).into())))
        .collect();
    let more = match left_out.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "this lockfile was made without the groups {}{more} of its manifest: what they bring is not judged",
        names.join(", ")
    );
    let path = connector.path().clone();
    (!left_out.is_empty()).then(|| Problem::new(path, ProblemSeverity::Note, message))
}

/// Hangs on the root what nothing asks for, in the scope that the groups tell of each package.
pub(super) fn hang_unrequired(
    dependencies: &mut Vec<LockedDependency<'_>>,
    packages: &[Package<'_, '_>],
) {
    let scopes = packages.iter().map(|package| scope(package.table));
    let scopes: Vec<Scope> = std::iter::once(Scope::Prod).chain(scopes).collect();
    roots::hang_unrequired(dependencies, &scopes);
}

/// Reads `groups`, or `sections` as they were called once. Any but the known ones can be an extra, which reaches further than tests.
fn scope(package: &Table<'_>) -> Scope {
    let groups = document::texts(package, "groups").chain(document::texts(package, "sections"));
    let mut widest = None;
    for group in groups {
        let scope = match group.as_ref() {
            DEFAULT => Scope::Prod,
            "dev" => Scope::Dev,
            _ => Scope::Optional,
        };
        widest = Some(widest.map_or(scope, |widest: Scope| widest.min(scope)));
    }
    widest.unwrap_or(Scope::Prod)
}
