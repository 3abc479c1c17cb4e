//! The two halves of version 2: `packages`, which npm reads from version 7 on, and `dependencies`, which older ones read.
//!
//! npm writes both from one tree. Where they differ, somebody edited one of them, and what other readers install
//! is not what is judged here.

use super::resolve::{self, LinkNames, Places};
use super::{Place, source};
use crate::lockfile::check::excerpt;
use crate::lockfile::json::Field;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::package::source::is_commit;
use crate::package::{Ecosystem, PackageName, Source};

/// How many differences are told one by one.
const TOLD: usize = 20;

/// What a place of `dependencies` is, seen from `packages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    /// Nothing stands there.
    Absent,
    /// Another package stands there.
    Other,
}

/// Reports what `dependencies` brings and `packages` does not, or brings otherwise. O(places of both).
pub(super) fn compare(
    old: &[Place<'_>],
    places: &[Place<'_>],
    index: &Places<'_>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) {
    let names = resolve::names_of_links(places);
    let selves = selves(old);
    let mut differences = old.iter().filter_map(|old| {
        let location = below_root(&old.location, &selves);
        let difference = match index.position(location) {
            Some(position) if is_same(old, &places[position], &names) => return None,
            Some(_) => Difference::Other,
            None if old.is_link() => return None,
            None => Difference::Absent,
        };
        Some((location, difference))
    });
    let told = differences.by_ref().take(TOLD);
    let mut messages: Vec<String> = told.map(|(place, differs)| differs.tell(place)).collect();
    let more = differences.count();
    messages.extend((more > 0).then(|| format!("{more} more packages differ in this way")));
    problems.extend(messages.into_iter().map(|message| {
        Problem::new(file.path().clone(), ProblemSeverity::Error, message)
            .help("npm below version 7 installs what `dependencies` says, which was not judged; write it anew: npm install --package-lock-only")
    }));
}

impl Difference {
    fn tell(self, location: &str) -> String {
        let location = excerpt(&location.into());
        match self {
            Self::Absent => {
                format!("`{location}` stands in `dependencies`, but not in `packages`")
            }
            Self::Other => {
                format!("`{location}` is another package in `dependencies` than in `packages`")
            }
        }
    }
}

/// Lists the links that lead to the project itself: npm nests its other dependencies in them.
fn selves(old: &[Place<'_>]) -> Vec<String> {
    let is_self = |place: &&Place<'_>| {
        let target = place.record.resolved.text();
        place.is_link()
            && target.is_some_and(|target| ["file:", "file:."].contains(&target.as_str()))
    };
    let selves = old.iter().filter(is_self);
    selves.map(|place| format!("{}/", place.location)).collect()
}

/// Takes a link to the project itself off the front of a location.
fn below_root<'l>(location: &'l str, selves: &[String]) -> &'l str {
    let mut inside = selves
        .iter()
        .filter_map(|own| location.strip_prefix(&**own));
    inside.next().unwrap_or(location)
}

/// Says whether two places can hold one package. What npm takes from `dependencies` has to be in `packages` as well.
fn is_same(old: &Place<'_>, new: &Place<'_>, names: &LinkNames<'_>) -> bool {
    if old.is_link() || new.is_link() {
        return old.is_link() == new.is_link();
    }
    let none = LinkNames::default();
    let name = PackageName::new(Ecosystem::Npm, resolve::package_name(new, names));
    let source = source::of(&new.record, &name);
    let (old_record, new_record) = (&old.record, &new.record);
    let integrity = (&old_record.integrity, &new_record.integrity);
    let version = (&old_record.version, &new_record.version);
    let (needs_integrity, needs_version) = if source.is_registry() {
        (Need::Both, Need::Both)
    } else {
        (Need::New, Need::New)
    };
    resolve::package_name(old, &none).as_str() == name.as_str()
        && agree(version, needs_version)
        && agree(integrity, needs_integrity)
        && come_from_one_place(old, new, &source)
}

/// Which half has to state what the other one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Each.
    Both,
    /// `packages`, where `dependencies` does.
    New,
}

fn agree((old, new): (&Field<'_>, &Field<'_>), need: Need) -> bool {
    match (stated(old), stated(new)) {
        (Some(old), Some(new)) => old == new,
        (Some(_), None) => false,
        (None, Some(_)) => need == Need::New,
        (None, None) => true,
    }
}

/// Repositories are spelled differently in the two halves, and paths are relative to another folder: commits and digests tell them.
fn come_from_one_place(old: &Place<'_>, new: &Place<'_>, source: &Source<'_>) -> bool {
    let name = PackageName::new(
        Ecosystem::Npm,
        resolve::package_name(old, &LinkNames::default()),
    );
    let (old, new) = (&old.record, &new.record);
    if let (Source::Git { commit: old, .. }, Source::Git { commit: new, .. }) =
        (source::of(old, &name), source)
        && let (Some(old), Some(new)) = (old, new)
        && is_commit(new.as_str())
    {
        return old == *new;
    }
    let is_file = |field: &Field<'_>| stated(field).is_some_and(|text| text.starts_with("file:"));
    let is_pinned = stated(&old.integrity).is_some() && stated(&new.integrity).is_some();
    let are_files = is_file(&old.resolved) && is_file(&new.resolved);
    (are_files && is_pinned) || agree((&old.resolved, &new.resolved), Need::New)
}

fn stated<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    let text = field.text()?.as_str();
    (!text.is_empty()).then_some(text)
}
