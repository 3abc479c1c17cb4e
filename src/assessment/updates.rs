//! How much the proven updates of many findings clear: few commands often take out most of a long list.

use std::collections::BTreeSet;

use super::{Finding, Fix};
use crate::path::FilePath;

/// The proven updates of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Updates {
    /// How many commands there are; the same one in another folder is another.
    pub commands: usize,
    /// How many findings they take out.
    pub findings: usize,
}

impl Updates {
    /// Counts the updates that the findings carry. One that leaves a finding in some project does not clear it.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let fixes = findings
            .into_iter()
            .filter_map(|finding| finding.fix.as_ref());
        Self::of_fixes(fixes)
    }

    fn of_fixes<'f>(fixes: impl Iterator<Item = &'f Fix>) -> Self {
        let mut commands: BTreeSet<(&FilePath, &[String])> = BTreeSet::new();
        let mut findings = 0;
        for fix in fixes.filter(|fix| fix.is_proven_update()) {
            let folders = std::iter::once(&fix.folder).chain(&fix.likewise_in);
            commands.extend(folders.map(|folder| (folder, fix.argv.as_slice())));
            findings += 1;
        }
        let commands = commands.len();
        Self { commands, findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::FixAction;

    fn update(argv: &[&str], folder: &str) -> Fix {
        let folder = FilePath::new(folder).expect("a folder");
        Fix::advice(FixAction::Update, "newer").command(argv, folder)
    }

    fn counts(fixes: &[Fix]) -> (usize, usize) {
        let updates = Updates::of_fixes(fixes.iter());
        (updates.commands, updates.findings)
    }

    const LEFT: [&str; 3] = ["npm", "update", "left"];

    #[test]
    fn one_command_clears_every_finding_that_carries_it() {
        let fixes = [update(&LEFT, "web"), update(&LEFT, "web")];
        assert_eq!(counts(&fixes), (1, 2));
        let other = update(&["npm", "update", "right"], "web");
        assert_eq!(counts(&[update(&LEFT, "web"), other]), (2, 2));
    }

    #[test]
    fn the_same_words_in_another_folder_are_another_command() {
        let fixes = [update(&LEFT, "web"), update(&LEFT, "api")];
        assert_eq!(counts(&fixes), (2, 2));
        let mut both = update(&LEFT, "web");
        both.likewise_in = vec![FilePath::new("api").expect("a folder")];
        assert_eq!(counts(&[both.clone(), update(&LEFT, "api")]), (2, 2));
        assert_eq!(counts(&[both]), (2, 1));
    }

    #[test]
    fn what_no_command_is_proven_to_clear_does_not_count() {
        let advice = Fix::advice(FixAction::Update, "first fixed in 2");
        let mut partial = update(&LEFT, "web");
        partial.elsewhere = 1;
        let mut forced = update(&LEFT, "web");
        forced.action = FixAction::Override;
        assert_eq!(counts(&[advice, partial, forced]), (0, 0));
        assert_eq!(counts(&[]), (0, 0));
    }
}
