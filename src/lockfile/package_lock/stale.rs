//! Manifests that have moved on since the lockfile was written.
//!
//! npm takes the root's dependencies from package.json (`Reader::adopt` does the same), and refuses to install
//! from a lockfile whose members' manifests ask for something else. What such a lockfile lacks was not checked.

use rustc_hash::FxHashMap;

use super::{Place, Reader, Record, check};
use crate::files::Files;
use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::manifest::package_json::{self, PackageJson};
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::npm::declared::{self, Declared};
use crate::path::FilePath;
use crate::text::Untrusted;

/// How many differences are told one by one.
const TOLD: usize = 20;

/// Compares the tables of a manifest with the lockfile's copy of them; differences are warnings.
pub(super) fn compare(
    reader: &mut Reader<'_>,
    path: &FilePath,
    record: &Record<'_>,
    manifest: &PackageJson<'_>,
) {
    let mut locked: FxHashMap<&str, Vec<Option<&str>>> = FxHashMap::default();
    for (name, range) in record.tables().into_iter().flat_map(Pairs::iter) {
        let ranges = locked.entry(name.as_str()).or_default();
        ranges.push(range.text().map(Untrusted::as_str));
    }
    let stated = Record::of_manifest(manifest);
    let stated = stated.tables().into_iter().flat_map(Pairs::iter);
    let mut different = stated
        .filter(|(name, range)| differs(locked.get(name.as_str()), range))
        .map(|(name, _)| name);
    let messages: Vec<String> = different
        .by_ref()
        .take(TOLD)
        .map(|name| {
            format!(
                "it asks for another range of `{}` than the lockfile was made for",
                check::excerpt(name)
            )
        })
        .collect();
    let more = different.count();
    let more = (more > 0)
        .then(|| format!("{more} more ranges differ from those that the lockfile was made for"));
    for message in messages.into_iter().chain(more) {
        let problem = Problem::new(path.clone(), ProblemSeverity::Warning, message);
        reader.lockfile.problems.push(
            problem.help("the lockfile is behind its manifest: npm install --package-lock-only"),
        );
    }
}

/// Says whether the lockfile knows a name under other ranges only; names that it does not know are unmet, if they are.
fn differs(known: Option<&Vec<Option<&str>>>, range: &Field<'_>) -> bool {
    let (Some(known), Some(range)) = (known, range.text()) else {
        return false;
    };
    known
        .iter()
        .all(|own| own.is_some_and(|own| own != range.as_str()))
}

/// Reads the manifests of members; returns what each asks for and by which place.
pub(super) fn members_ask<'a>(
    reader: &mut Reader<'a>,
    places: &[Place<'a>],
    files: &dyn Files,
) -> Vec<(usize, Declared<'static>)> {
    let mut asked = Vec::new();
    let own = places
        .iter()
        .enumerate()
        .filter(|(_, place)| !place.is_installed() && !place.is_link());
    for (position, place) in own {
        let folder = reader.lockfile.project().join(&place.location);
        let Some(path) = folder.and_then(|folder| folder.join("package.json")) else {
            continue;
        };
        // One that cannot be read at all is told where manifests are looked for.
        let Ok(Some(text)) = files.read(&path) else {
            continue;
        };
        let Ok(manifest) = package_json::read(&text) else {
            continue;
        };
        compare(reader, &path, &place.record, &manifest);
        let record = Record::of_manifest(&manifest);
        asked.extend(
            declared::of_own(record.declared())
                .into_iter()
                .map(|declared| (position, declared)),
        );
    }
    asked
}
