//! Manifests that have moved on since the lockfile was written.
//!
//! npm takes the root's dependencies from package.json (`Reader::adopt` does the same), and refuses to install
//! from a lockfile whose members' manifests ask for something else. What such a lockfile lacks was not checked.

use rustc_hash::{FxHashMap, FxHashSet};

use super::resolve::Places;
use super::{Place, Reader, Record, check};
use crate::files::Files;
use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::limits::Limits;
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

/// Reads the manifests of members, each once; returns what each asks for and by which place.
///
/// Bounded by `limits.manifests`. Of locations that stand twice the one that npm takes is compared.
pub(super) fn members_ask<'a>(
    reader: &mut Reader<'a>,
    places: &[Place<'a>],
    index: &Places<'_>,
    files: &dyn Files,
    limits: &Limits,
) -> Vec<(usize, Declared<'static>)> {
    let mut asked = Vec::new();
    let mut seen = FxHashSet::default();
    let mut left_out = 0;
    for (position, place) in places.iter().enumerate() {
        let is_own = !place.is_installed() && !place.is_link();
        if !is_own || index.position(&place.location) != Some(position) {
            continue;
        }
        let folder = reader.lockfile.project().join(&place.location);
        let Some(path) = folder.and_then(|folder| folder.join("package.json")) else {
            continue;
        };
        if seen.contains(&path) {
            continue;
        }
        if seen.len() >= limits.manifests {
            left_out += 1;
            continue;
        }
        let declared = ask_of_member(reader, &path, place, files);
        asked.extend(declared.into_iter().map(|declared| (position, declared)));
        seen.insert(path);
    }
    report_left_out(reader, left_out);
    asked
}

/// Compares a member's manifest with its record, and lists what it asks for.
fn ask_of_member<'a>(
    reader: &mut Reader<'a>,
    path: &FilePath,
    place: &Place<'a>,
    files: &dyn Files,
) -> Vec<Declared<'static>> {
    // One that cannot be read at all is told where manifests are looked for.
    let Ok(Some(text)) = files.read(path) else {
        return Vec::new();
    };
    let Ok(manifest) = package_json::read(&text) else {
        return Vec::new();
    };
    compare(reader, path, &place.record, &manifest);
    declared::of_own(Record::of_manifest(&manifest).declared())
}

fn report_left_out(reader: &mut Reader<'_>, count: usize) {
    if count == 0 {
        return;
    }
    let message = format!(
        "manifests of members that were not compared with this lockfile, because there are too many: {count}"
    );
    let path = reader.file.path().clone();
    let problem = Problem::new(path, ProblemSeverity::Error, message);
    let help = "check them with npm itself: npm ci --ignore-scripts --dry-run";
    reader.lockfile.problems.push(problem.help(help));
}
