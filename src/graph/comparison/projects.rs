//! Which project of the one graph is which of the other: by folder, then by what they hold.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{Contents, Side};
use crate::graph::ProjectId;
use crate::path::FilePath;

/// The most pairs of folders that are compared by what they hold.
const MOST: usize = 10_000;

/// Pairs the projects of two graphs, those without a partner alone; sorted by the folder after the change, else before.
///
/// Where folders differ, projects are the same if more than half of what both hold is in each of them, the more
/// the sooner. A tree in which more than 100 folders went and 100 came is not compared in this way.
pub(super) fn pair<'g>(
    before: &Side<'g>,
    after: &Side<'g>,
) -> Vec<(Option<ProjectId>, Option<ProjectId>)> {
    let folder = |side: &Side<'_>, id: ProjectId| side.graph.project(id).folder.clone();
    let mut pairs = Vec::new();
    let mut gone: Vec<ProjectId> = Vec::new();
    let mut come: BTreeSet<ProjectId> = after.graph.projects().map(|(id, _)| id).collect();
    let folders = after.graph.projects();
    let by_folder: FxHashMap<&FilePath, ProjectId> =
        folders.map(|(id, project)| (&project.folder, id)).collect();
    for (id, project) in before.graph.projects() {
        match by_folder.get(&project.folder) {
            Some(same) => {
                come.remove(same);
                pairs.push((Some(id), Some(*same)));
            }
            None => gone.push(id),
        }
    }
    let renamed = renamed(before, after, &gone, &come);
    gone.retain(|id| !renamed.iter().any(|(old, _)| old == id));
    come.retain(|id| !renamed.iter().any(|(_, new)| new == id));
    let renamed = renamed.into_iter().map(|(old, new)| (Some(old), Some(new)));
    pairs.extend(renamed);
    pairs.extend(gone.into_iter().map(|id| (Some(id), None)));
    pairs.extend(come.into_iter().map(|id| (None, Some(id))));
    pairs.sort_by_cached_key(|(old, new)| {
        let of_new = new.map(|id| folder(after, id));
        of_new.or_else(|| old.map(|id| folder(before, id)))
    });
    pairs
}

/// Pairs what went with what came by what they share, the most alike first.
fn renamed<'g>(
    before: &Side<'g>,
    after: &Side<'g>,
    gone: &[ProjectId],
    come: &BTreeSet<ProjectId>,
) -> Vec<(ProjectId, ProjectId)> {
    if gone.len() * come.len() > MOST {
        return Vec::new();
    }
    let mut alike: Vec<(usize, ProjectId, ProjectId)> = Vec::new();
    for old in gone {
        for new in come {
            let (one, other) = (before.contents(Some(*old)), after.contents(Some(*new)));
            let share = one.zip(other).map_or(0, |(one, other)| share(one, other));
            if share > 50 {
                alike.push((share, *old, *new));
            }
        }
    }
    alike.sort_by(|one, other| (other.0, one.1, one.2).cmp(&(one.0, other.1, other.2)));
    let mut pairs: Vec<(ProjectId, ProjectId)> = Vec::new();
    for (_, old, new) in alike {
        if !pairs.iter().any(|pair| pair.0 == old || pair.1 == new) {
            pairs.push((old, new));
        }
    }
    pairs
}

/// Returns how many of a hundred names of either are in both.
fn share<'g>(one: &Contents<'g>, other: &Contents<'g>) -> usize {
    let pairs = one.beside(other);
    let both = pairs.filter(|(_, one, other)| one.is_some() && other.is_some());
    let both = both.count();
    let either = one.len() + other.len() - both;
    (both * 100).checked_div(either).unwrap_or(0)
}
