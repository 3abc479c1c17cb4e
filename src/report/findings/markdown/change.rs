//! What the change does to the packages, beneath a click.

use super::{details, more};
use crate::assessment::Change;
use crate::assessment::change::{AlteredRelease, PackageDifference, ProjectDifference, Release};
use crate::graph::comparison::ChangeKind;
use crate::report::Report;
use crate::report::words::{count, thousands};
use crate::text::Untrusted;

/// How many rows there are.
const ROWS: usize = 50;

/// How many releases of one name are told.
const RELEASES: usize = 4;

/// Writes the table; none in an audit, and where no package differs.
pub(super) fn write(report: &Report<'_>) -> Option<String> {
    let change = report.assessment.change.as_ref()?;
    let rows: Vec<String> = change.projects.iter().flat_map(rows).collect();
    if rows.is_empty() {
        return None;
    }
    let mut table = "| Change | Package | From → to | Project |\n|---|---|---|---|\n".to_owned();
    for row in rows.iter().take(ROWS) {
        table.extend([row, "\n"]);
    }
    table.push_str(&more(rows.len(), ROWS));
    Some(details(
        &format!("What changed: {}", numbers(change)),
        &table,
    ))
}

/// `12 added, 3 removed, 31 changed, 19 new edges`.
fn numbers(change: &Change) -> String {
    let of = |kind, word: &str| (change.count(kind), word.to_owned());
    let numbers = [
        of(ChangeKind::Added, "added"),
        of(ChangeKind::Removed, "removed"),
        of(ChangeKind::Changed, "changed"),
        of(ChangeKind::Moved, "moved"),
        (change.altered(), "altered at the same version".to_owned()),
    ];
    let told = numbers.into_iter().filter(|(number, _)| *number > 0);
    let mut told: Vec<String> = told
        .map(|(number, word)| format!("{} {word}", thousands(number)))
        .collect();
    if change.links() > 0 {
        told.push(count(change.links(), "new edge"));
    }
    if change.scripts() > 0 {
        told.push(count(change.scripts(), "new install script"));
    }
    told.join(", ")
}

fn rows(project: &ProjectDifference) -> Vec<String> {
    let folder = project.folder.as_ref().or(project.former.as_ref());
    let folder = folder.map_or(String::new(), |folder| folder.untrusted().markdown_code());
    let altered = project
        .altered
        .iter()
        .map(|altered| altered_row(altered, &folder));
    let packages = project.packages.iter().map(|package| row(package, &folder));
    let links = project
        .links
        .iter()
        .map(|(from, to)| format!("| new edge | {} → {} | | {folder} |", name(from), name(to)));
    altered.chain(packages).chain(links).collect()
}

fn altered_row(altered: &AlteredRelease, folder: &str) -> String {
    let what = altered.what.id().replace('-', " ");
    format!(
        "| **{what}** | {} | {} | {folder} |",
        name(&altered.release),
        version(&altered.release)
    )
}

fn row(package: &PackageDifference, folder: &str) -> String {
    let word = match package.kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::Moved => "moved",
    };
    let direct = match package.is_direct {
        Some(true) => ", direct",
        Some(false) => ", indirect",
        None => "",
    };
    let script = if package.brings_script {
        ", **runs code when it is installed**"
    } else {
        ""
    };
    let (before, after) = (versions(&package.before), versions(&package.after));
    let versions = match package.kind {
        ChangeKind::Changed => format!("{before} → {after}"),
        ChangeKind::Removed => before,
        ChangeKind::Added | ChangeKind::Moved => after,
    };
    let name = Untrusted::borrowed(package.name.as_str()).markdown_code();
    format!("| {word}{direct}{script} | {name} | {versions} | {folder} |")
}

fn versions(releases: &[Release]) -> String {
    let told = releases.iter().take(RELEASES).map(version);
    let mut told: Vec<String> = told.collect();
    if releases.len() > RELEASES {
        told.push(format!("and {} more", releases.len() - RELEASES));
    }
    told.join(", ")
}

fn name(release: &Release) -> String {
    release.name.markdown_code()
}

fn version(release: &Release) -> String {
    release.version.markdown_code()
}
