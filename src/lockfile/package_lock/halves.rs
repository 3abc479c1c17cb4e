//! The two halves of version 2: `packages`, which npm reads from version 7 on, and `dependencies`, which older ones read.
//!
//! npm writes both from one tree. Where they differ, somebody edited one of them, and what other readers install
//! is not what is judged here.

use super::resolve::Places;
use super::{Place, Record, source};
use crate::lockfile::check::excerpt;
use crate::lockfile::json::Field;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// How many differences are told one by one.
const TOLD: usize = 20;

/// Reports what `dependencies` brings and `packages` does not, or brings otherwise. O(places of both).
pub(super) fn compare(
    old: &[Place<'_>],
    places: &[Place<'_>],
    index: &Places<'_>,
    file: &SourceFile,
    problems: &mut Vec<Problem>,
) {
    let mut differences = old.iter().filter_map(|old| {
        let location = excerpt(&old.location.as_ref().into());
        match index.position(&old.location) {
            Some(position) if is_same(&old.record, &places[position].record) => None,
            Some(_) => Some(format!(
                "`{location}` is another package in `dependencies` than in `packages`"
            )),
            None if is_release(&old.record) => Some(format!(
                "`{location}` stands in `dependencies`, but not in `packages`"
            )),
            None => None,
        }
    });
    let told: Vec<String> = differences.by_ref().take(TOLD).collect();
    let more = differences.count();
    let more = (more > 0).then(|| format!("{more} more packages differ in this way"));
    problems.extend(told.into_iter().chain(more).map(|message| {
        Problem::new(file.path().clone(), ProblemSeverity::Error, message)
            .help("npm below version 7 installs what `dependencies` says, which was not judged; write it anew: npm install --package-lock-only")
    }));
}

/// Says whether two records can be of one package; what one of them leaves out says nothing.
fn is_same(old: &Record<'_>, new: &Record<'_>) -> bool {
    let texts = [
        (&old.name, &new.name),
        (&old.version, &new.version),
        (&old.integrity, &new.integrity),
    ];
    let agree = texts.iter().all(|(old, new)| agree(old, new));
    agree && old.link == new.link && (old.link.0 || come_from_one_place(old, new))
}

fn agree(old: &Field<'_>, new: &Field<'_>) -> bool {
    match (stated(old), stated(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

/// Repositories are spelled differently in the two halves, and told by their commit.
fn come_from_one_place(old: &Record<'_>, new: &Record<'_>) -> bool {
    if stated(&old.resolved).is_none() || stated(&new.resolved).is_none() {
        return true;
    }
    let name = || PackageName::new(Ecosystem::Npm, Untrusted::default());
    match (source::of(old, &name()), source::of(new, &name())) {
        (Source::Git { commit: old, .. }, Source::Git { commit: new, .. }) => old == new,
        _ => old.resolved.text() == new.resolved.text(),
    }
}

fn is_release(record: &Record<'_>) -> bool {
    !record.link.0 && (stated(&record.version).is_some() || stated(&record.resolved).is_some())
}

fn stated<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    let text = field.text()?.as_str();
    (!text.is_empty()).then_some(text)
}
