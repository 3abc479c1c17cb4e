//! The two halves of version 2: `packages`, which npm reads from version 7 on, and `dependencies`, which older ones read.
//!
//! npm writes both from one tree. Where they differ, somebody edited one of them, and what other readers install
//! is not what is judged here.

use rustc_hash::FxHashSet;

use super::resolve::{self, LinkNames, Places};
use super::{Place, source};
use crate::lockfile::check::excerpt;
use crate::lockfile::json::Field;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::package::address::repository;
use crate::package::source::is_commit;
use crate::package::{Ecosystem, PackageName, Source};

/// How many differences are told one by one.
const TOLD: usize = 20;

/// How a place differs between the halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// It stands in `dependencies` alone.
    OnlyOld,
    /// It stands in `packages` alone.
    OnlyNew,
    /// Each half has another package there.
    Other,
}

/// Reports what one half has and the other has not, or has otherwise. O(places of both).
pub(super) fn compare(
    old: &[Place<'_>],
    places: &[Place<'_>],
    index: &Places<'_>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) {
    let names = resolve::names_of_links(places);
    let known: FxHashSet<&str> = old.iter().map(|place| &*place.location).collect();
    let of_old = old.iter().filter_map(|old| {
        let difference = match index.position(&old.location) {
            Some(position) if is_same(old, &places[position], &names) => return None,
            Some(_) => Difference::Other,
            None if old.is_link() => return None,
            None => Difference::OnlyOld,
        };
        Some((&*old.location, difference))
    });
    let only_new = places.iter().filter(|place| {
        place.is_installed() && !place.is_link() && !known.contains(&*place.location)
    });
    let only_new = only_new.map(|place| (&*place.location, Difference::OnlyNew));
    let mut differences = of_old.chain(only_new);
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
            Self::OnlyOld => {
                format!("`{location}` stands in `dependencies`, but not in `packages`")
            }
            Self::OnlyNew => {
                format!("`{location}` stands in `packages`, but not in `dependencies`")
            }
            Self::Other => {
                format!("`{location}` is another package in `dependencies` than in `packages`")
            }
        }
    }
}

/// Says whether two places can hold one package. What npm takes from `dependencies` has to be in `packages` as well.
fn is_same(old: &Place<'_>, new: &Place<'_>, names: &LinkNames<'_>) -> bool {
    let name = PackageName::new(Ecosystem::Npm, resolve::package_name(new, names));
    let source = source::of(&new.record, &name);
    if old.is_link() || new.is_link() {
        // Newer versions of npm can pack a folder instead of linking it.
        return old.is_link() && (new.is_link() || matches!(source, Source::Path(_)));
    }
    let (old_record, new_record) = (&old.record, &new.record);
    let integrity = (&old_record.integrity, &new_record.integrity);
    if old_record.has_address.0 {
        // Names and versions are guessed from the address there.
        return agree(integrity, Need::New) && come_from_one_place(old, &source, new);
    }
    let resolved = (&old_record.resolved, &new_record.resolved);
    let is_name = resolve::package_name(old, &LinkNames::default()).as_str() == name.as_str();
    let version = (&old_record.version, &new_record.version);
    // npm writes a bare version of what a registry serves, wherever its archives lie, and of a folder that it packs.
    let is_one_address = stated(resolved.0).is_some() && stated(resolved.0) == stated(resolved.1);
    let is_bare = source.is_registry() || matches!(source, Source::Path(_)) || is_one_address;
    is_name
        && is_bare
        && agree(version, Need::Both)
        && agree(integrity, Need::Both)
        && agree(resolved, Need::New)
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
fn come_from_one_place(old: &Place<'_>, source: &Source<'_>, new: &Place<'_>) -> bool {
    let name = PackageName::new(
        Ecosystem::Npm,
        resolve::package_name(old, &LinkNames::default()),
    );
    let (old, new) = (&old.record, &new.record);
    let of_old = source::of(old, &name);
    if let (
        Source::Git { url, commit },
        Source::Git {
            url: other,
            commit: same,
        },
    ) = (&of_old, source)
    {
        let is_whole = commit
            .as_ref()
            .is_some_and(|commit| is_commit(commit.as_str()));
        return commit == same
            && repository(url.as_str()) == repository(other.as_str())
            && (is_whole || url == other);
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
