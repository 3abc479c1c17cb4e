//! What the Pipfile asks for, and that the rest of the lockfile is there all the same.

use rustc_hash::FxHashMap;

use super::{Category, RELOCK, Reader};
use crate::files::Files;
use crate::lockfile::manifest::pipfile::{self, Asked};
use crate::lockfile::model::{DependencyKind, LockedDependency, Problem, ProblemSeverity, Scope};
use crate::lockfile::pypi::manifest::{Stale, leaves_out};
use crate::lockfile::span::to_u32;
use crate::path::FilePath;
use crate::text::Untrusted;

/// Hangs every entry on the root: as what the Pipfile says, else unattached, as far as its category reaches.
pub(super) fn connect(reader: &mut Reader<'_>, files: &dyn Files) {
    let path = reader.lockfile.project().join("Pipfile");
    let path = path.unwrap_or_else(|| reader.lockfile.path.clone());
    let asked = read_manifest(reader, &path, files);
    let mut stale = Stale::new(RELOCK);
    let mut open: FxHashMap<(&str, &str), &Asked> = FxHashMap::default();
    for one in &asked {
        open.insert((&one.category, &one.name), one);
    }
    for category in &reader.categories {
        for index in category.entries.clone() {
            let locked = &reader.lockfile.entries[index];
            let direct = open.remove(&(category.name.as_str(), locked.name.as_str()));
            let always = direct.filter(|asked| !asked.is_conditional);
            let range = always.and_then(|asked| asked.range.as_deref());
            if range.is_some_and(|range| leaves_out(range, [locked])) {
                stale.add_range(&path, locked.name.as_str());
            }
            let marker = reader.markers[index].as_ref();
            let edge = edge(category, index, direct, marker);
            reader.lockfile.dependencies.push(edge);
        }
    }
    let mut missing: Vec<&Asked> = open.into_values().collect();
    missing.retain(|asked| !asked.is_conditional && !asked.has_address);
    missing.sort_by_key(|asked| (&asked.category, &asked.name));
    for asked in missing {
        stale.add_missing(&path, &asked.name);
    }
    stale.finish(&path, &mut reader.lockfile.problems);
}

/// Reads the Pipfile, which the lockfile covers; that there is none is a limit of what can be said.
fn read_manifest(reader: &mut Reader<'_>, path: &FilePath, files: &dyn Files) -> Vec<Asked> {
    reader.lockfile.manifests.push(path.clone());
    match files.read(path) {
        // One that cannot be read is told where manifests are looked for.
        Ok(Some(text)) => pipfile::read(&text).unwrap_or_default(),
        Ok(None) => {
            let message = "no Pipfile lies beside it, so which packages the project asks for itself is not known";
            let path = reader.lockfile.path.clone();
            let problem = Problem::new(path, ProblemSeverity::Note, message);
            reader.lockfile.problems.push(problem);
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

fn edge<'a>(
    category: &Category<'a>,
    index: usize,
    direct: Option<&Asked>,
    marker: Option<&Untrusted<'a>>,
) -> LockedDependency<'a> {
    let scope = category.scope();
    let kind = match (direct, scope) {
        (None, _) => DependencyKind::Unattached,
        (Some(_), Scope::Dev) => DependencyKind::Dev,
        (Some(_), Scope::Optional) => DependencyKind::Optional,
        (Some(_), _) => DependencyKind::Normal,
    };
    let mut edge = LockedDependency::new(0, to_u32(index), kind);
    edge.reach = scope;
    edge.requirement = direct
        .and_then(|asked| asked.range.clone())
        .map(Untrusted::from);
    edge.marker = match (scope, marker) {
        (Scope::Optional, None) => Some(format!("category == '{}'", category.name.as_str()).into()),
        (Scope::Optional, Some(marker)) => Some(
            format!(
                "category == '{}' and ({})",
                category.name.as_str(),
                marker.as_str()
            )
            .into(),
        ),
        (_, marker) => marker.cloned(),
    };
    edge
}
