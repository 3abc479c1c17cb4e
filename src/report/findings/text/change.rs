//! What a change does to the packages: the numbers, and the first of them by name.

use std::io::{self, Write};

use super::Text;
use crate::assessment::change::{PackageDifference, ProjectDifference, Release};
use crate::assessment::{Change, Finding};
use crate::graph::comparison::{Altered, ChangeKind, PinChange};
use crate::report::style::Detail;
use crate::report::words::{count, name, thousands};
use crate::text::Untrusted;

/// How many changed packages are named.
const NAMED: usize = 10;

impl Text<'_, '_> {
    /// Stops the reader before anything else where the tree was bad already.
    pub(super) fn write_attacks_before(&mut self) -> io::Result<()> {
        let attacks: Vec<&Finding> = self.report.assessment.attacks_before().collect();
        let Some(change) = self
            .report
            .assessment
            .change
            .as_ref()
            .filter(|_| !attacks.is_empty())
        else {
            return Ok(());
        };
        for finding in attacks {
            let graph = self.report.graph;
            let what = finding.package.map_or_else(
                || finding.title.terminal().to_string(),
                |id| name(graph.package(id)),
            );
            let text = format!(
                "STOP: {} already holds {what}; do not install",
                change.before.terminal()
            );
            writeln!(self.out, "{}", self.presentation.style.culprit(text))?;
        }
        Ok(())
    }

    pub(super) fn write_change(&mut self) -> io::Result<()> {
        let Some(change) = &self.report.assessment.change else {
            return Ok(());
        };
        let since = change.before.terminal();
        writeln!(self.out, "compared with {since}: {}", numbers(change))?;
        let lines: Vec<String> = change
            .projects
            .iter()
            .flat_map(|project| self.lines(project))
            .collect();
        let told = match self.presentation.detail {
            Detail::Full => lines.len(),
            Detail::Normal | Detail::Quiet => NAMED.min(lines.len()),
        };
        for line in &lines[..told] {
            writeln!(self.out, "  {line}")?;
        }
        if lines.len() > told {
            let more = thousands(lines.len() - told);
            writeln!(
                self.out,
                "  {more} more: -v shows them, --format json has all"
            )?;
        }
        Ok(())
    }

    /// What was altered first, because that is never ordinary.
    fn lines(&self, project: &ProjectDifference) -> Vec<String> {
        let folder = match (&project.folder, &project.former) {
            (Some(folder), Some(former)) if folder != former => format!(
                "{}, formerly {}",
                folder.untrusted().terminal(),
                former.untrusted().terminal()
            ),
            (Some(folder), _) => folder.untrusted().terminal().to_string(),
            (None, former) => {
                let folder = former.as_ref().map(|folder| folder.untrusted());
                let folder =
                    folder.map_or_else(String::new, |folder| folder.terminal().to_string());
                format!("{folder}, which is gone")
            }
        };
        let altered = project.altered.iter().map(|altered| {
            let words = altered_words(altered.what);
            format!("{:<8} {}: {words}", "altered", release(&altered.release))
        });
        let packages = project.packages.iter().map(|package| self.package(package));
        let links = project.links.iter().map(|(from, to)| {
            format!(
                "{:<8} {} asks for {}",
                "new edge",
                release(from),
                release(to)
            )
        });
        let lines = altered.chain(packages).chain(links);
        lines.map(|line| format!("{line}  in {folder}")).collect()
    }

    fn package(&self, package: &PackageDifference) -> String {
        let word = match package.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
            ChangeKind::Moved => "moved",
        };
        let versions = |releases: &[Release]| {
            let versions = releases.iter().map(version);
            versions.collect::<Vec<_>>().join(", ")
        };
        let (before, after) = (versions(&package.before), versions(&package.after));
        let versions = match package.kind {
            ChangeKind::Changed => format!("{before} {} {after}", self.presentation.glyphs.arrow),
            ChangeKind::Removed => before,
            ChangeKind::Added | ChangeKind::Moved => after,
        };
        let direct = if package.is_direct == Some(true) {
            ", direct"
        } else {
            ""
        };
        let script = if package.brings_script {
            ", runs code when it is installed"
        } else {
            ""
        };
        format!(
            "{word:<8} {} {versions}{direct}{script}",
            excerpt(&package.name)
        )
    }
}

/// Words a version; what comes from a folder, an archive or a repository may have none.
fn version(release: &Release) -> String {
    match release.version.as_str() {
        "" => "without a version".to_owned(),
        _ => excerpt(&release.version),
    }
}

/// Names a release; the project itself may have neither a name nor a version.
fn release(release: &Release) -> String {
    let name = match release.name.as_str() {
        "" => ".".to_owned(),
        _ => excerpt(&release.name),
    };
    match release.version.as_str() {
        "" => name,
        _ => format!("{name} {}", version(release)),
    }
}

/// Shortens and escapes a text of the lockfile for a line of a list.
fn excerpt(text: &Untrusted<'_>) -> String {
    Untrusted::from(crate::lockfile::excerpt(text))
        .terminal()
        .to_string()
}

const fn altered_words(what: Altered) -> &'static str {
    match what {
        Altered::Source => "it comes from elsewhere at the same version",
        Altered::Pin(PinChange::Replaced) => "other bytes at the same version",
        Altered::Pin(PinChange::Dropped) => "its hash was dropped",
        Altered::Pin(PinChange::Weakened) => "only broken hashes are left",
    }
}

/// `12 added, 3 removed, 31 changed, 19 new edges`.
fn numbers(change: &Change) -> String {
    let kinds = [
        (ChangeKind::Added, "added"),
        (ChangeKind::Removed, "removed"),
        (ChangeKind::Changed, "changed"),
        (ChangeKind::Moved, "moved"),
    ];
    let packages = kinds
        .iter()
        .map(|(kind, word)| (change.count(*kind), *word));
    let numbers = packages.chain([(change.altered(), "altered at the same version")]);
    let numbers = numbers.filter(|(number, _)| *number > 0);
    let mut parts: Vec<String> = numbers
        .map(|(number, word)| format!("{} {word}", thousands(number)))
        .collect();
    if change.links() > 0 {
        parts.push(count(change.links(), "new edge"));
    }
    if change.scripts() > 0 {
        parts.push(count(change.scripts(), "new install script"));
    }
    if parts.is_empty() {
        return "no package differs".to_owned();
    }
    parts.join(", ")
}
