//! The edges of pdm.lock: requirements by name, extras, version and markers.

use std::borrow::Cow;

use super::RELOCK;
use super::packages::Package;
use super::root;
use crate::lockfile::check;
use crate::lockfile::limits::{LimitExceeded, Limits};
use crate::lockfile::model::{
    DependencyKind, LockedDependency, LockedEntry, Lockfile, Problem, ProblemSeverity, Scope,
};
use crate::lockfile::pypi::choice::{Choice, Chosen, EDGE_BYTES, Place};
use crate::lockfile::pypi::document::{self, Table};
use crate::lockfile::pypi::manifest::{self, Manifest, admits};
use crate::lockfile::pypi::markers::{Condition, can_hold_together};
use crate::lockfile::pypi::namesakes::Namesakes;
use crate::lockfile::pypi::problems::{Capped, Missing, join_marker};
use crate::lockfile::pypi::requirement::{Requirement, Wanted};
use crate::lockfile::span::{SourceFile, to_u32};
use crate::package::name::normalise;
use crate::path::FilePath;
use crate::text::Untrusted;

/// Resolves every dependency, and hangs on the root what the project asks for.
pub(super) fn connect<'a>(
    lockfile: &mut Lockfile<'a>,
    file: &SourceFile,
    packages: &[Package<'_, 'a>],
    metadata: &Table<'a>,
    manifest: Option<&Manifest>,
    limits: &Limits,
) -> Result<(), LimitExceeded> {
    let namesakes = Namesakes::new(&lockfile.entries);
    limits.check_namesakes(namesakes.most())?;
    let mut connector = Connector {
        file,
        packages,
        entries: &lockfile.entries,
        dependencies: Vec::with_capacity(packages.len() * 3),
        namesakes,
        choice: Choice::new(limits),
        missing: Missing::new(),
        odd: Capped::new(ProblemSeverity::Error),
        targets: targets(metadata),
        limits,
    };
    if let Some(manifest) = manifest {
        root::connect(&mut connector, manifest, metadata, &mut lockfile.problems)?;
    }
    for index in 1..=to_u32(packages.len()) {
        connector.connect_package(index)?;
    }
    let Connector {
        mut dependencies,
        missing,
        odd,
        ..
    } = connector;
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

/// Reads the versions of Python in `[[metadata.targets]]`; none if they are not stated.
fn targets<'d>(metadata: &'d Table<'_>) -> Option<Condition<'d>> {
    let targets = document::list(metadata, "targets").iter();
    let mut pythons = targets.map(|target| {
        let target = document::as_table(target)?;
        Condition::of_python(document::text(target, "requires_python")?)
    });
    let first = pythons.next()??;
    pythons.try_fold(first, |any, python| Some(any.or(python?)))
}

pub(super) struct Connector<'d, 'l, 'a> {
    file: &'l SourceFile,
    packages: &'d [Package<'d, 'a>],
    pub(super) entries: &'l [LockedEntry<'a>],
    pub(super) dependencies: Vec<LockedDependency<'a>>,
    pub(super) namesakes: Namesakes<'l>,
    choice: Choice<'d, 'l>,
    missing: Missing,
    odd: Capped,
    /// The versions of Python that the lockfile is for.
    targets: Option<Condition<'d>>,
    pub(super) limits: &'l Limits,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Wish<'t> {
    /// The name, normalised.
    pub(super) name: Cow<'t, str>,
    /// The extras, normalised, in order.
    pub(super) extras: Vec<Cow<'t, str>>,
    pub(super) range: Option<&'t str>,
    pub(super) marker: Option<&'t str>,
}

impl<'t> Wish<'t> {
    /// Reads a requirement; none if it is in no known form.
    fn parse(text: &'t str) -> Option<Self> {
        let requirement = Requirement::parse_line(text)?;
        let extras = requirement.extras.into_iter().map(normalise);
        let mut extras: Vec<Cow<'t, str>> = extras.collect();
        extras.sort_unstable();
        extras.dedup();
        Some(Self {
            name: normalise(requirement.name),
            extras,
            range: match requirement.wanted {
                Wanted::Any => None,
                Wanted::Specifier(range) | Wanted::Url(range) => Some(range),
            },
            marker: requirement.marker,
        })
    }

    /// Reads an entry of the table that the oldest versions have: a name, and a range or a table.
    fn of_table(name: &'t str, value: &'t document::Value<'_>) -> Option<Self> {
        let table = document::as_table(value);
        let text = |key| Some(document::text(table?, key)?.as_ref());
        let range = document::as_text(value).map(AsRef::as_ref);
        if table.is_none() && range.is_none() {
            return None;
        }
        Some(Self {
            name: normalise(name),
            extras: Vec::new(),
            range: range.or_else(|| text("version")),
            marker: text("marker"),
        })
    }
}

impl<'a> Connector<'_, '_, 'a> {
    fn connect_package(&mut self, from: u32) -> Result<(), LimitExceeded> {
        let packages = self.packages;
        let package = &packages[from as usize - 1];
        for dependency in document::list(package.table, "dependencies") {
            let text = document::as_text(dependency).map_or("", |text| text);
            // What the file holds as it is needs no copy.
            let borrowed = document::as_text(dependency).and_then(document::borrowed);
            match Wish::parse(text) {
                Some(wish) => self.connect_wish(from, &wish, borrowed)?,
                None => self.note_odd(from, text),
            }
        }
        let table = document::table(package.table, "dependencies");
        for (name, value) in table.into_iter().flatten() {
            match Wish::of_table(name.get_ref(), value) {
                Some(wish) => self.connect_wish(from, &wish, None)?,
                None => self.note_odd(from, name.get_ref()),
            }
        }
        self.limits.check_dependencies(self.dependencies.len())
    }

    fn connect_wish(
        &mut self,
        from: u32,
        wish: &Wish<'_>,
        file_text: Option<&'a str>,
    ) -> Result<(), LimitExceeded> {
        // An entry for extras asks for its own package, which whoever asks for it does too.
        let asking = &self.entries[from as usize];
        if *wish.name == *asking.name.as_str() && wish.extras.is_empty() {
            return Ok(());
        }
        let targets = self.find(from, wish)?;
        if targets.is_empty() && self.can_hold(wish.marker) {
            self.missing.add(self.file, asking, &wish.name, RELOCK);
        }
        let extras = &self.packages[from as usize - 1].extras;
        let part = (!extras.is_empty()).then(|| extras.join(","));
        self.charge_edges(targets.len(), wish)?;
        for to in targets {
            let mut edge = LockedDependency::new(from, to, DependencyKind::Normal);
            if part.is_some() {
                // The entry is there only because somebody asks for the extra.
                edge.kind = DependencyKind::Optional;
                edge.reach = Scope::Prod;
            }
            let label = part.as_deref().map(|extra| ("extra", extra));
            edge.requirement = wish.range.map(|range| kept(range, file_text).into());
            let marker = wish.marker.map(|marker| kept(marker, file_text));
            edge.marker = join_marker(label, marker).map(Untrusted::from);
            self.dependencies.push(edge);
        }
        Ok(())
    }

    /// Finds the entries that a requirement means, those of the package itself included where it asks for extras.
    pub(super) fn find(&mut self, from: u32, wish: &Wish<'_>) -> Result<Chosen, LimitExceeded> {
        let packages = self.packages;
        let named: Chosen = self.namesakes.of(&wish.name).collect();
        let is_of = |extras: &[Cow<'_, str>]| -> Chosen {
            let entries = named.iter().copied();
            entries
                .filter(|index| packages[*index as usize - 1].extras == extras)
                .collect()
        };
        let own = is_of(&[]);
        let of_extras = if wish.extras.is_empty() {
            Chosen::new()
        } else {
            is_of(&wish.extras)
        };
        let mut found = self.chosen(from, wish, own)?;
        found.extend(self.chosen(from, wish, of_extras)?);
        Ok(if found.is_empty() { named } else { found })
    }

    /// Leaves the entries that a requirement admits and can meet; overrides break ranges on purpose, so that none is no answer.
    fn chosen(
        &mut self,
        from: u32,
        wish: &Wish<'_>,
        entries: Chosen,
    ) -> Result<Chosen, LimitExceeded> {
        if entries.len() < 2 {
            return Ok(entries);
        }
        let mut admitted = entries.clone();
        if let Some(range) = wish.range {
            let work = 1 + range.len() / EDGE_BYTES;
            self.choice.charge(work.saturating_mul(entries.len()))?;
            admitted.retain(|index| admits(range, &self.entries[*index as usize]) != Some(false));
        }
        let admitted = if admitted.is_empty() {
            entries
        } else {
            admitted
        };
        let marker = wish.marker.and_then(Condition::parse);
        let packages = self.packages;
        let place = |index: u32| place(packages, index);
        self.choice.meeting(admitted, from, marker.as_ref(), place)
    }

    /// Says whether a marker can hold on a Python that the lockfile is for; what cannot is not locked.
    pub(super) fn can_hold(&self, marker: Option<&str>) -> bool {
        let marker = marker.and_then(Condition::parse);
        match (&marker, &self.targets) {
            (Some(marker), Some(targets)) => can_hold_together(&[marker, targets]),
            _ => true,
        }
    }

    /// Counts edges before they are made, and the memory that the copies of their texts will take.
    pub(super) fn charge_edges(
        &mut self,
        edges: usize,
        wish: &Wish<'_>,
    ) -> Result<(), LimitExceeded> {
        if edges < 2 {
            return Ok(());
        }
        let text = wish.range.map_or(0, str::len) + wish.marker.map_or(0, str::len);
        self.choice
            .charge(edges.saturating_mul(1 + text / EDGE_BYTES))
    }

    /// Returns the path of the lockfile.
    pub(super) const fn path(&self) -> &FilePath {
        self.file.path()
    }

    fn note_odd(&mut self, from: u32, text: &str) {
        let (file, asking) = (self.file, &self.entries[from as usize]);
        self.odd.add(|severity| {
            let message = format!(
                "the dependency `{}` of `{}` cannot be read",
                check::excerpt(&text.into()),
                check::excerpt(asking.name.untrusted())
            );
            Problem::new(file.path().clone(), severity, message)
                .at(file.locate(asking.span.start))
                .help(format!("write the lockfile anew: {RELOCK}"))
        });
    }
}

/// Takes a part of a text of the file as a borrow of it, and copies every other.
fn kept<'a>(part: &str, file_text: Option<&'a str>) -> Cow<'a, str> {
    let borrowed = file_text.and_then(|text| {
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        text.get(start..start.checked_add(part.len())?)
    });
    borrowed.map_or_else(|| Cow::Owned(part.to_owned()), Cow::Borrowed)
}

/// Says where an entry is installed: its marker, and its versions of Python.
fn place<'d>(packages: &'d [Package<'d, '_>], index: u32) -> Place<'d> {
    let Some(package) = (index as usize)
        .checked_sub(1)
        .map(|index| &packages[index])
    else {
        return Place::new();
    };
    let python = document::text(package.table, "requires_python");
    let python = python.and_then(|python| Condition::of_python(python));
    let marker = document::text(package.table, "marker");
    let marker = marker.and_then(|marker| Condition::parse(marker));
    marker.into_iter().chain(python).collect()
}
