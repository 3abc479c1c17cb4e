//! What a walk passed over, and why: counted in every report, so that nothing is left out in silence.

use std::collections::BTreeMap;

use serde::Serialize;

use super::foreign;
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
///
/// Lockfiles of other ecosystems are told with the coverage ([`other_ecosystems`]).
pub fn words(skipped: &[Skipped]) -> Vec<String> {
    let reasons = SkippedBecause::ALL.into_iter();
    let reasons = reasons.filter(|reason| *reason != SkippedBecause::OtherEcosystem);
    let lines = reasons.filter_map(|reason| {
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

/// Counts the lockfiles of other ecosystems: `2 lockfiles of Go, 1 of Maven`; none if there are none.
pub fn other_ecosystems(skipped: &[Skipped]) -> Option<String> {
    let mut by_ecosystem: BTreeMap<&str, usize> = BTreeMap::new();
    for ecosystem in skipped
        .iter()
        .filter(|skipped| skipped.reason == SkippedBecause::OtherEcosystem)
        .filter_map(|skipped| foreign::ecosystem_of(skipped.path.file_name()))
    {
        *by_ecosystem.entry(ecosystem).or_default() += 1;
    }
    let mut counts = by_ecosystem.iter();
    let (first, files) = counts.next()?;
    let plural = if *files == 1 { "" } else { "s" };
    let more = counts.map(|(of, files)| format!(", {files} of {of}"));
    Some(format!(
        "{files} lockfile{plural} of {first}{}",
        more.collect::<String>()
    ))
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
    /// It lists packages of an ecosystem that Linchpin does not know.
    OtherEcosystem,
    /// It is a link.
    Link,
    /// It is a submodule that is not checked out.
    Submodule,
    /// It lies too deep.
    TooDeep,
}

impl SkippedBecause {
    /// Every reason, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::Ignored,
        Self::Excluded,
        Self::NodeModules,
        Self::BuildOutput,
        Self::VirtualEnvironment,
        Self::Shadowed,
        Self::OtherEcosystem,
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
            Self::OtherEcosystem => "packages of another ecosystem, seen, not read",
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
    fn lockfiles_of_other_ecosystems_are_counted_by_ecosystem() {
        let skipped = ["a/go.sum", "b/go.sum", "pom.xml"].map(|path| Skipped {
            path: FilePath::new(path).expect("a path inside the root"),
            reason: SkippedBecause::OtherEcosystem,
        });
        let expected = "2 lockfiles of Go, 1 of Maven";
        assert_eq!(other_ecosystems(&skipped).as_deref(), Some(expected));
        assert!(words(&skipped).is_empty() && other_ecosystems(&[]).is_none());
    }

    #[test]
    fn every_reason_has_words_of_its_own() {
        let mut words = SkippedBecause::ALL.map(SkippedBecause::words).to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), SkippedBecause::ALL.len());
    }
}
