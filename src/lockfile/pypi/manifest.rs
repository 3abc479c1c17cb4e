//! The pyproject.toml beside a lockfile, and what is told of it where the two do not fit together.

use super::problems::Capped;
use super::project::{self, Asked, Part, Project, Tool};
use crate::files::Files;
use crate::lockfile::check;
use crate::lockfile::model::{DependencyKind, LockedEntry, Lockfile, Problem, ProblemSeverity};
use crate::package::name::normalise;
use crate::package::{Ecosystem, Version, version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// A manifest that asks for something.
#[derive(Debug)]
pub(in crate::lockfile) struct Manifest {
    /// Where it lies.
    pub(in crate::lockfile) path: FilePath,
    /// What it says.
    pub(in crate::lockfile) project: Project,
}

/// Reads the manifest in a folder as a tool does; none if there is none that asks for anything.
///
/// One that cannot be read at all is told where manifests are looked for.
pub(in crate::lockfile) fn in_folder(
    files: &dyn Files,
    folder: &FilePath,
    tool: Tool,
) -> Option<Manifest> {
    let path = folder.join("pyproject.toml")?;
    let text = files.read(&path).ok()??;
    let project = project::read(&text, tool)?;
    (!project.asked.is_empty()).then_some(Manifest { path, project })
}

/// Names the root of a lockfile: after its project, else after its folder.
pub(in crate::lockfile) fn root_name(
    manifest: Option<&Manifest>,
    lockfile: &FilePath,
) -> Untrusted<'static> {
    let name = manifest.and_then(|manifest| manifest.project.name.clone());
    let folder = || lockfile.parent().file_name().to_owned();
    name.unwrap_or_else(folder).into()
}

/// Says that the roots are guessed, because no manifest names them.
pub(in crate::lockfile) fn note_absence(lockfile: &mut Lockfile<'_>) {
    let message = format!(
        "a {} does not say what the project itself depends on, and there is no pyproject.toml that does: packages that nothing requires count as direct",
        lockfile.path.file_name()
    );
    let problem = Problem::new(lockfile.path.clone(), ProblemSeverity::Note, message);
    lockfile.problems.push(problem);
}

impl Asked {
    /// Returns the kind of the root's dependency.
    pub(in crate::lockfile) const fn kind(&self) -> DependencyKind {
        match self.part {
            Part::Main if self.is_optional => DependencyKind::Optional,
            Part::Main => DependencyKind::Normal,
            Part::Extra(_) => DependencyKind::Optional,
            Part::Group(_) => DependencyKind::Dev,
        }
    }

    /// Returns the extra or group that asks, as markers name it.
    pub(in crate::lockfile) fn label(&self) -> Option<(&'static str, &str)> {
        match &self.part {
            Part::Main => None,
            Part::Extra(name) => Some(("extra", name)),
            Part::Group(name) => Some(("group", name)),
        }
    }
}

/// Says whether a range admits an entry's version; none if it is no range, or there is no version.
pub(in crate::lockfile) fn admits(range: &str, entry: &LockedEntry<'_>) -> Option<bool> {
    let version = entry.version.as_ref().map(Version::as_str)?;
    version::admits(Ecosystem::Pypi, range, version)
}

/// Says whether all entries that are there for a package are releases that a range leaves out.
pub(in crate::lockfile) fn leaves_out<'e, 'a: 'e>(
    range: &str,
    entries: impl IntoIterator<Item = &'e LockedEntry<'a>>,
) -> bool {
    let mut entries = entries.into_iter().peekable();
    entries.peek().is_some()
        && entries.all(|entry| entry.source.is_registry() && admits(range, entry) == Some(false))
}

/// What a manifest asks for and its lockfile does not hold.
#[derive(Debug)]
pub(in crate::lockfile) struct Stale {
    missing: Capped,
    ranges: Capped,
    help: String,
}

impl Stale {
    /// Starts with nothing; `relock` is the remedy.
    pub(in crate::lockfile) fn new(relock: &str) -> Self {
        Self {
            missing: Capped::new(ProblemSeverity::Error),
            ranges: Capped::new(ProblemSeverity::Warning),
            help: format!("the lockfile is behind its manifest: {relock}"),
        }
    }

    /// Adds a name that the lockfile does not hold.
    pub(in crate::lockfile) fn add_missing(&mut self, manifest: &FilePath, name: &str) {
        let help = &self.help;
        self.missing.add(|severity| {
            let name = check::excerpt(&normalise(name).as_ref().into());
            let message = format!("it asks for `{name}`, which this lockfile does not hold for it");
            Problem::new(manifest.clone(), severity, message).help(help.clone())
        });
    }

    /// Adds a name that the lockfile holds in no version that is asked for.
    pub(in crate::lockfile) fn add_range(&mut self, manifest: &FilePath, name: &str) {
        let help = &self.help;
        self.ranges.add(|severity| {
            let name = check::excerpt(&name.into());
            let message =
                format!("it asks for another range of `{name}` than the lockfile was made for");
            Problem::new(manifest.clone(), severity, message).help(help.clone())
        });
    }

    /// Hands the problems over.
    pub(in crate::lockfile) fn finish(self, path: &FilePath, problems: &mut Vec<Problem>) {
        self.missing.finish(
            path,
            "packages that a manifest asks for are not held by this lockfile",
            problems,
        );
        self.ranges.finish(
            path,
            "ranges differ from those that the lockfile was made for",
            problems,
        );
    }
}
