//! What a walk passed over, and why: counted in every report, so that nothing is left out in silence.

use serde::Serialize;

use super::names::is_lockfile_name;
use crate::lockfile::manifest;
use crate::path::FilePath;

/// A folder or file that was not looked into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// What was passed over.
    pub path: FilePath,
    /// Why.
    pub reason: SkippedBecause,
}

impl Skipped {
    /// Says whether it is a lockfile or manifest that would have been read; one that its tool does not read is none.
    pub fn bears_packages(&self) -> bool {
        let (folder, name) = (self.path.parent(), self.path.file_name());
        let has_name =
            is_lockfile_name(folder.file_name(), name) || manifest::of_name(name).is_some();
        has_name && self.reason != SkippedBecause::Shadowed
    }
}

/// Words what was passed over, a line for each reason: one by its path, several by their number.
pub fn words(skipped: &[Skipped]) -> Vec<String> {
    let lines = SkippedBecause::ALL.into_iter().filter_map(|reason| {
        let mut paths = skipped
            .iter()
            .filter(|skipped| skipped.reason == reason)
            .map(|skipped| &skipped.path);
        let first = paths.next()?;
        Some(match paths.count() {
            0 => format!("{}: {}", first.untrusted().terminal(), reason.words()),
            more => format!("{} folders and files: {}", more + 1, reason.words()),
        })
    });
    lines.collect()
}

/// Why something was passed over: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkippedBecause {
    /// A `.gitignore` names it.
    Ignored,
    /// The configuration excludes it.
    Excluded,
    /// It holds installed packages, whose own lockfiles bind nobody.
    NodeModules,
    /// It holds what cargo built.
    BuildOutput,
    /// It holds an installed Python environment.
    VirtualEnvironment,
    /// The tool that owns it reads another lockfile beside it.
    Shadowed,
    /// It is a link.
    Link,
    /// It is a submodule that is not checked out.
    Submodule,
    /// It lies too deep.
    TooDeep,
}

impl SkippedBecause {
    /// Every reason, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Ignored,
        Self::Excluded,
        Self::NodeModules,
        Self::BuildOutput,
        Self::VirtualEnvironment,
        Self::Shadowed,
        Self::Link,
        Self::Submodule,
        Self::TooDeep,
    ];

    /// Returns the reason in words that follow a count or a path.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ignored => "ignored by .gitignore",
            Self::Excluded => "excluded by the configuration",
            Self::NodeModules => "installed packages (node_modules)",
            Self::BuildOutput => "build output (target)",
            Self::VirtualEnvironment => "a Python virtual environment",
            Self::Shadowed => "not read by its tool, because another lockfile lies beside it",
            Self::Link => "a link",
            Self::Submodule => "a submodule that is not checked out",
            Self::TooDeep => "too deep",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own() {
        let mut words = SkippedBecause::ALL.map(SkippedBecause::words).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), SkippedBecause::ALL.len());
    }
}
