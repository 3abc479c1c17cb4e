//! The edges of poetry.lock.

use std::borrow::Cow;
use std::str::FromStr;

use super::constraint::Constraint;
use super::root;
use super::wish::{Need, Offers, Wish, wishes};
use super::{Manifest, RELOCK};
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, LockedDependency, LockedEntry, Lockfile, Problem, ProblemSeverity,
};
use crate::lockfile::pypi::choice::{Choice, Chosen, EDGE_BYTES, Place};
use crate::lockfile::pypi::document::{self, Table};
use crate::lockfile::pypi::extras::Extras;
use crate::lockfile::pypi::manifest;
use crate::lockfile::pypi::markers::{self, Condition, can_hold_together};
use crate::lockfile::pypi::namesakes::Namesakes;
use crate::lockfile::pypi::problems::{Capped, Missing, join_marker};
use crate::lockfile::span::{SourceFile, to_u32};
use crate::package::Version;
use crate::package::name::normalise;
use crate::text::Untrusted;

/// Resolves every dependency, and hangs on the root what the project asks for.
pub(super) fn connect<'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    packages: &[&Table<'a>],
    metadata: &Table<'a>,
    manifest: Option<&Manifest>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let namesakes = Namesakes::new(&lockfile.entries);
    limits.check_namesakes(namesakes.most())?;
    let python = document::text(metadata, "python-versions");
    let mut connector = Connector {
        file,
        packages,
        entries: &lockfile.entries,
        dependencies: Vec::with_capacity(packages.len() * 3),
        namesakes,
        choice: Choice::new(limits),
        extras: Extras::default(),
        missing: Missing::new(),
        odd: Capped::new(ProblemSeverity::Error),
        python: python.and_then(|python| Condition::of_python(python)),
        limits,
    };
    if let Some(manifest) = manifest {
        root::connect(&mut connector, manifest, &mut lockfile.problems)?;
    }
    for index in 1..=to_u32(packages.len()) {
        connector.connect_package(index)?;
    }
    let Connector {
        mut dependencies,
        extras,
        missing,
        odd,
        ..
    } = connector;
    extras.widen(&mut dependencies);
    if manifest.is_none() && !packages.is_empty() {
        root::hang_unrequired(&mut dependencies, packages);
        manifest::note_absence(lockfile);
    }
    lockfile.dependencies = dependencies;
    missing.finish(file.path(), &mut lockfile.problems);
    odd.finish(
        file.path(),
        "dependencies cannot be read",
        &mut lockfile.problems,
    );
    Ok(())
}

pub(super) struct Connector<'d, 'l, 'a> {
    file: &'l SourceFile,
    packages: &'d [&'d Table<'a>],
    pub(super) entries: &'l [LockedEntry<'a>],
    pub(super) dependencies: Vec<LockedDependency<'a>>,
    pub(super) namesakes: Namesakes<'l>,
    choice: Choice<'d, 'l>,
    pub(super) extras: Extras<'d>,
    missing: Missing,
    odd: Capped,
    /// The versions of Python that the project is for.
    python: Option<Condition<'d>>,
    pub(super) limits: &'l Limits,
}

/// The entries that a dependency can mean.
pub(super) enum Found {
    /// No entry has the name.
    Nothing,
    /// Entries have the name, but the constraint admits none of them.
    OtherVersions,
    These(Chosen),
}

impl<'d, 'a> Connector<'d, '_, 'a> {
    fn connect_package(&mut self, from: u32) -> Result<(), LimitExceeded> {
        let package = self.packages[from as usize - 1];
        let Some(dependencies) = document::table(package, "dependencies") else {
            return Ok(());
        };
        let own_name = self.entries[from as usize].name.as_str();
        let mut offers = Offers::new(package);
        for (key, value) in dependencies {
            let name = normalise(key.get_ref());
            for wish in wishes(value) {
                match wish {
                    Some(wish) if *name == *own_name => {
                        self.note_own_extras(from, &wish, &mut offers);
                    }
                    Some(wish) => self.connect_wish(from, &name, &wish, &mut offers)?,
                    None => self.note_odd(from, key.get_ref()),
                }
            }
        }
        for (extra, other) in offers.implied(own_name) {
            self.extras.imply(from, extra, other);
        }
        self.limits.check_dependencies(self.dependencies.len())
    }

    /// A package that asks for itself asks for more of its extras; that is no edge.
    fn note_own_extras(&mut self, from: u32, wish: &Wish<'d, 'a>, offers: &mut Offers<'d, 'a>) {
        let own_name = self.entries[from as usize].name.as_str();
        for part in offers.parts_of(own_name, wish).into_iter().flatten() {
            for other in wish.asked_extras() {
                self.extras.imply(from, part.clone(), other);
            }
        }
    }

    fn connect_wish(
        &mut self,
        from: u32,
        name: &str,
        wish: &Wish<'d, 'a>,
        offers: &mut Offers<'d, 'a>,
    ) -> Result<(), LimitExceeded> {
        let range = wish.version.map(AsRef::as_ref);
        let marker = wish.marker.map(AsRef::as_ref);
        let is_meant = |entry: &LockedEntry<'_>| wish.origin.admits(&entry.source);
        let Found::These(targets) = self.find(from, name, range, marker, is_meant)? else {
            if wish.need == Need::Always && self.can_hold(marker) {
                let asking = &self.entries[from as usize];
                self.missing.add(self.file, asking, name, RELOCK);
            }
            return Ok(());
        };
        let parts = offers.parts_of(name, wish);
        self.charge_edges(targets.len().saturating_mul(parts.len()), range, marker)?;
        for part in parts {
            for to in &targets {
                self.push(from, *to, wish, part.as_ref());
            }
        }
        self.limits.check_dependencies(self.dependencies.len())
    }

    /// Counts edges before they are made, and the memory that the copies of their texts will take.
    pub(super) fn charge_edges(
        &mut self,
        edges: usize,
        range: Option<&str>,
        marker: Option<&str>,
    ) -> Result<(), LimitExceeded> {
        let text = range.map_or(0, str::len) + marker.map_or(0, str::len);
        // The one edge of one dependency has the file's own size for a bound.
        if edges < 2 {
            return Ok(());
        }
        self.choice
            .charge(edges.saturating_mul(1 + text / EDGE_BYTES))
    }

    fn push(&mut self, from: u32, to: u32, wish: &Wish<'d, 'a>, part: Option<&Cow<'d, str>>) {
        let kind = match wish.need {
            Need::Always => DependencyKind::Normal,
            Need::WithExtra => DependencyKind::Optional,
        };
        let edge = self.dependencies.len();
        let mut dependency = LockedDependency::new(from, to, kind);
        dependency.requirement = wish.version.cloned().map(Untrusted::from);
        if let Some(extra) = part {
            self.extras.offer(from, extra.clone(), edge);
        }
        // Poetry's own marker of an optional dependency names the extra already.
        let names_extra = |marker: &Cow<'_, str>| markers::extras(marker.as_ref()).next().is_some();
        let unnamed = part.filter(|_| !wish.marker.is_some_and(names_extra));
        let label = unnamed.map(|extra| ("extra", extra.as_ref()));
        dependency.marker = join_marker(label, wish.marker.cloned()).map(Untrusted::from);
        self.dependencies.push(dependency);
        for extra in wish.asked_extras() {
            self.extras.ask(edge, to, extra);
        }
    }

    /// Finds the entries that a dependency means: the name's only one, else those that it admits and can meet.
    pub(super) fn find(
        &mut self,
        from: u32,
        name: &str,
        range: Option<&str>,
        marker: Option<&str>,
        is_meant: impl Fn(&LockedEntry<'_>) -> bool,
    ) -> Result<Found, LimitExceeded> {
        let candidates: Chosen = self.namesakes.of(name).collect();
        match candidates.len() {
            0 => return Ok(Found::Nothing),
            1 => return Ok(Found::These(candidates)),
            _ => {}
        }
        let mut meant = candidates.clone();
        meant.retain(|index| is_meant(&self.entries[*index as usize]));
        let meant = if meant.is_empty() { candidates } else { meant };
        let admitted = self.admitted(meant, range)?;
        if admitted.is_empty() {
            return Ok(Found::OtherVersions);
        }
        let marker = marker.and_then(Condition::parse);
        let packages = self.packages;
        let place = |index: u32| place(packages, index);
        let chosen = self
            .choice
            .meeting(admitted, from, marker.as_ref(), place)?;
        Ok(Found::These(chosen))
    }

    /// Leaves the entries whose version a constraint admits; one that cannot be read admits all.
    fn admitted(
        &mut self,
        mut entries: Chosen,
        range: Option<&str>,
    ) -> Result<Chosen, LimitExceeded> {
        let constraint = range.and_then(Constraint::parse);
        let work = constraint.as_ref().map_or(1, Constraint::len);
        self.choice.charge(work.saturating_mul(entries.len()))?;
        if let Some(constraint) = constraint {
            entries.retain(|index| admits(&constraint, &self.entries[*index as usize]));
        }
        Ok(entries)
    }

    /// Says whether a marker can hold on a Python that the project is for; what cannot is not locked.
    pub(super) fn can_hold(&self, marker: Option<&str>) -> bool {
        let marker = marker.and_then(Condition::parse);
        match (&marker, &self.python) {
            (Some(marker), Some(python)) => can_hold_together(&[marker, python]),
            _ => true,
        }
    }

    fn note_odd(&mut self, from: u32, name: &str) {
        let (file, asking) = (self.file, &self.entries[from as usize]);
        self.odd.add(|severity| {
            let message = format!(
                "the dependency `{}` of `{}` cannot be read",
                check::excerpt(&name.into()),
                check::excerpt(asking.name.untrusted())
            );
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(asking.span.start))
                .help(format!("write the lockfile anew: {RELOCK}"))
        });
    }
}

/// Says whether a constraint admits an entry; a version that cannot be read is not for us to rule out.
pub(super) fn admits(constraint: &Constraint, entry: &LockedEntry<'_>) -> bool {
    let version = entry.version.as_ref().map(Version::as_str);
    let version = version.and_then(|version| pep440_rs::Version::from_str(version).ok());
    version.is_none_or(|version| constraint.admits(&version))
}

/// Says where an entry is installed: its markers, of which those of one group are enough, and its versions of Python.
fn place<'d>(packages: &'d [&'d Table<'_>], index: u32) -> Place<'d> {
    let Some(package) = (index as usize).checked_sub(1).map(|index| packages[index]) else {
        return Place::new();
    };
    let python = document::text(package, "python-versions");
    let python = python.and_then(|python| Condition::of_python(python));
    let markers = match document::table(package, "markers") {
        Some(groups) => any_group(groups),
        None => document::text(package, "markers").and_then(|marker| Condition::parse(marker)),
    };
    markers.into_iter().chain(python).collect()
}

fn any_group<'d>(groups: &'d Table<'_>) -> Option<Condition<'d>> {
    let mut conditions = groups
        .values()
        .map(|marker| Condition::parse(document::as_text(marker)?));
    let first = conditions.next()??;
    conditions.try_fold(first, |any, marker| Some(any.or(marker?)))
}
