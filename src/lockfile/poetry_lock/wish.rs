//! What a package asks for: a value of `[package.dependencies]`, and the extras that it belongs to.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::lockfile::pypi::document::{self, Table, Value};
use crate::lockfile::pypi::markers;
use crate::lockfile::pypi::requirement::Requirement;
use crate::package::Source;
use crate::package::name::normalise;

/// One constraint on a dependency; a name can have several, for different markers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish<'t, 'a> {
    pub(super) version: Option<&'t Cow<'a, str>>,
    pub(super) marker: Option<&'t Cow<'a, str>>,
    pub(super) extras: &'t [Value<'a>],
    pub(super) need: Need,
    pub(super) origin: Origin,
}

/// When a dependency is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Always,
    /// Only if an extra that it belongs to is asked for.
    WithExtra,
}

/// Where a dependency must come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Anywhere that has the version.
    Any,
    Repository,
    /// A folder or an archive, by path or address.
    Place,
}

impl Origin {
    /// Says whether an entry of a source can be meant.
    pub(super) const fn admits(self, source: &Source<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Repository => matches!(source, Source::Git { .. }),
            Self::Place => !matches!(source, Source::Git { .. }),
        }
    }
}

/// Reads a dependency: a constraint, a table, or a list of them; none for each that is neither.
pub(super) fn wishes<'t, 'a>(
    value: &'t Value<'a>,
) -> impl Iterator<Item = Option<Wish<'t, 'a>>> + use<'t, 'a> {
    let several = value.get_ref().as_array().is_some();
    let list = if several {
        document::as_list(value)
    } else {
        std::slice::from_ref(value)
    };
    list.iter().map(wish)
}

fn wish<'t, 'a>(value: &'t Value<'a>) -> Option<Wish<'t, 'a>> {
    let plain = |version| Wish {
        version,
        marker: None,
        extras: &[],
        need: Need::Always,
        origin: Origin::Any,
    };
    if let Some(version) = document::as_text(value) {
        return Some(plain(Some(version)));
    }
    let table = document::as_table(value)?;
    Some(Wish {
        marker: document::text(table, "markers"),
        extras: document::list(table, "extras"),
        need: if document::is_true(table, "optional") {
            Need::WithExtra
        } else {
            Need::Always
        },
        origin: origin(table),
        ..plain(document::text(table, "version"))
    })
}

fn origin(table: &Table<'_>) -> Origin {
    let has = |keys: &[&str]| keys.iter().any(|key| table.contains_key(*key));
    if has(&["git"]) {
        Origin::Repository
    } else if has(&["path", "file", "url"]) {
        Origin::Place
    } else {
        Origin::Any
    }
}

impl<'t, 'a> Wish<'t, 'a> {
    /// Lists the extras of the dependency that are asked for, normalised.
    pub(super) fn asked_extras(&self) -> impl Iterator<Item = Cow<'t, str>> + use<'t, 'a> {
        let extras = self.extras.iter().filter_map(document::as_text);
        extras.map(|extra| normalise(extra))
    }
}

/// The parts of a package's extras, read when the first optional dependency needs them.
pub(super) struct Offers<'t, 'a> {
    package: &'t Table<'a>,
    read: Option<Read<'t>>,
}

#[derive(Default)]
struct Read<'t> {
    /// The extras that name each dependency.
    by_name: FxHashMap<Cow<'t, str>, Vec<Cow<'t, str>>>,
}

/// The extras that an edge belongs to; a none is no extra.
pub(super) type Parts<'t> = SmallVec<[Option<Cow<'t, str>>; 1]>;

impl<'t, 'a> Offers<'t, 'a> {
    pub(super) const fn new(package: &'t Table<'a>) -> Self {
        Self {
            package,
            read: None,
        }
    }

    /// Lists the extras that a wish belongs to: those that its marker names, else those whose list has its name.
    pub(super) fn parts_of(&mut self, name: &str, wish: &Wish<'t, 'a>) -> Parts<'t> {
        if wish.need == Need::Always {
            return SmallVec::from_buf([None]);
        }
        let read = self.read();
        let marker = wish.marker.map_or("", |marker| marker);
        let mut parts: Parts<'t> = markers::extras(marker)
            .map(|extra| Some(Cow::Owned(normalise(extra).into_owned())))
            .collect();
        if parts.is_empty() {
            let listed = read.by_name.get(name).into_iter().flatten();
            parts.extend(listed.map(|extra| Some(extra.clone())));
        }
        parts.sort_unstable();
        parts.dedup();
        if parts.is_empty() {
            parts.push(None);
        }
        parts
    }

    /// Lists the extras of the package that bring other extras of it, if any of them has parts here.
    pub(super) fn implied(&self, name: &str) -> Vec<(Cow<'t, str>, Cow<'t, str>)> {
        let mut implied = Vec::new();
        if self.read.is_none() {
            return implied;
        }
        for (extra, requirement) in requirements(self.package) {
            if normalise(requirement.name) == name {
                let others = requirement.extras.into_iter().map(normalise);
                implied.extend(others.map(|other| (extra.clone(), other)));
            }
        }
        implied
    }

    fn read(&mut self) -> &Read<'t> {
        let package = self.package;
        self.read.get_or_insert_with(|| {
            let mut read = Read::default();
            for (extra, requirement) in requirements(package) {
                let extras = read.by_name.entry(normalise(requirement.name)).or_default();
                extras.push(extra);
            }
            read
        })
    }
}

/// Lists the requirements of a package's extras, with the normalised name of the extra.
fn requirements<'t>(
    package: &'t Table<'_>,
) -> impl Iterator<Item = (Cow<'t, str>, Requirement<'t>)> {
    let extras = document::table(package, "extras").into_iter().flatten();
    extras.flat_map(|(extra, list)| {
        let texts = document::as_list(list).iter().filter_map(document::as_text);
        texts.filter_map(move |text| Some((normalise(extra.get_ref()), Requirement::parse(text)?)))
    })
}
