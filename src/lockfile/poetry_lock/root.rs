//! The root of poetry.lock: what pyproject.toml asks for, or what nothing else does.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::RELOCK;
use super::constraint::Constraint;
use super::edges::{Connector, Found, admits};
use crate::files::Files;
use crate::lockfile::limits::LimitExceeded;
use crate::lockfile::model::{LockedDependency, Lockfile, Problem, Scope};
use crate::lockfile::pypi::document::{self, Table};
use crate::lockfile::pypi::manifest::{self, Manifest, Stale};
use crate::lockfile::pypi::problems::join_marker;
use crate::lockfile::pypi::project::Tool;
use crate::lockfile::pypi::project::{Asked, Part};
use crate::lockfile::pypi::roots;
use crate::package::Source;
use crate::package::name::normalise;
use crate::text::Untrusted;

/// Hangs on the root what the manifest asks for.
pub(super) fn connect<'d>(
    connector: &mut Connector<'d, '_, '_>,
    manifest: &'d Manifest,
    problems: &mut Vec<Problem>,
) -> Result<(), LimitExceeded> {
    let mut stale = Stale::new(RELOCK);
    let own = manifest.project.name.as_deref();
    let asked = manifest.project.asked.iter();
    for asked in asked.filter(|asked| own != Some(&asked.name)) {
        connect_asked(connector, manifest, asked, &mut stale)?;
    }
    stale.finish(&manifest.path, problems);
    Ok(())
}

fn connect_asked<'d>(
    connector: &mut Connector<'d, '_, '_>,
    manifest: &Manifest,
    asked: &'d Asked,
    stale: &mut Stale,
) -> Result<(), LimitExceeded> {
    let marker = asked.marker.as_deref();
    let range = asked.range.as_deref();
    let targets = match connector.find(0, &asked.name, range, marker, |_| true)? {
        Found::Nothing => {
            if connector.can_hold(marker) {
                stale.add_missing(&manifest.path, &asked.name);
            }
            return Ok(());
        }
        Found::OtherVersions => connector.namesakes.of(&asked.name).collect(),
        Found::These(targets) => targets,
    };
    let constraint = range.and_then(Constraint::parse);
    let is_other = |constraint: &Constraint| {
        let mut entries = targets.iter().map(|to| &connector.entries[*to as usize]);
        entries.all(|entry| entry.source.is_registry() && !admits(constraint, entry))
    };
    if constraint.as_ref().is_some_and(is_other) {
        stale.add_range(&manifest.path, &asked.name);
    }
    connector.charge_edges(targets.len(), range, marker)?;
    for to in targets {
        let edge = connector.dependencies.len();
        let mut dependency = LockedDependency::new(0, to, asked.kind());
        dependency.requirement = asked.range.clone().map(Untrusted::from);
        let marker = asked.marker.clone().map(Cow::Owned);
        dependency.marker = join_marker(asked.label(), marker).map(Untrusted::from);
        connector.dependencies.push(dependency);
        for extra in &asked.extras {
            connector.extras.ask(edge, to, Cow::Borrowed(extra));
        }
    }
    connector
        .limits
        .check_dependencies(connector.dependencies.len())
}

/// Hangs on the root what nothing asks for, in the scope that the file tells of each package.
pub(super) fn hang_unrequired(
    dependencies: &mut Vec<LockedDependency<'_>>,
    packages: &[&Table<'_>],
) {
    let scopes = packages.iter().map(|package| scope(package));
    let scopes: Vec<Scope> = std::iter::once(Scope::Prod).chain(scopes).collect();
    roots::hang_unrequired(dependencies, &scopes);
}

/// Reads `category` of versions 1, and `groups` and `optional` of version 2.1; version 2.0 tells less.
fn scope(package: &Table<'_>) -> Scope {
    let category = document::text(package, "category").map(AsRef::as_ref);
    let mut groups = document::texts(package, "groups").peekable();
    let is_in_groups = groups.peek().is_some();
    let is_dev = category == Some("dev") || is_in_groups && !groups.any(|group| group == "main");
    if is_dev {
        Scope::Dev
    } else if document::is_true(package, "optional") {
        Scope::Optional
    } else {
        Scope::Prod
    }
}

/// Compares the manifests of packages in folders with what the lockfile knows them to ask for.
pub(super) fn compare_members(
    lockfile: &mut Lockfile<'_>,
    files: &dyn Files,
    packages: &[&Table<'_>],
) {
    let project = lockfile.project();
    let mut stale = Stale::new(RELOCK);
    for (entry, package) in lockfile.entries.iter().skip(1).zip(packages) {
        let Source::Path(folder) = &entry.source else {
            continue;
        };
        let folder = project.join(folder.as_str());
        let Some(manifest) =
            folder.and_then(|folder| manifest::in_folder(files, &folder, Tool::Poetry))
        else {
            continue;
        };
        let known = document::table(package, "dependencies")
            .into_iter()
            .flatten();
        let known: FxHashSet<Cow<'_, str>> =
            known.map(|(name, _)| normalise(name.get_ref())).collect();
        let asked = manifest.project.asked.iter().filter(|asked| {
            let is_always =
                asked.part == Part::Main && asked.marker.is_none() && !asked.is_optional;
            is_always && manifest.project.name.as_ref() != Some(&asked.name)
        });
        for asked in asked.filter(|asked| !known.contains(asked.name.as_str())) {
            stale.add_missing(&manifest.path, &asked.name);
        }
    }
    let path = lockfile.path.clone();
    stale.finish(&path, &mut lockfile.problems);
}
