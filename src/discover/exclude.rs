//! Takes out of a discovery what the configuration excludes, and counts it.
//!
//! The configuration lies at the root that the discovery finds, so it is known only afterwards.

use std::collections::BTreeSet;

use super::{Discovery, Skipped, SkippedBecause};
use crate::config::PathGlob;
use crate::path::FilePath;

impl Discovery {
    /// Passes over lockfiles and manifests with one of the patterns, and their problems.
    ///
    /// A path is read nevertheless if the user named it, or something in it. O(paths · patterns · depth).
    pub fn exclude(&mut self, patterns: &[PathGlob]) {
        if patterns.is_empty() {
            return;
        }
        let asked = std::mem::take(&mut self.paths);
        let mut excluded = BTreeSet::new();
        let mut is_kept = |path: &FilePath| {
            let is_out = is_excluded(path, &asked, patterns);
            if is_out {
                excluded.insert(path.clone());
            }
            !is_out
        };
        self.lockfiles.retain(|found| is_kept(found.file.path()));
        self.manifests.retain(|found| is_kept(&found.path));
        self.problems.retain(|problem| is_kept(&problem.path));
        self.paths = asked;
        let reason = SkippedBecause::Excluded;
        let excluded = excluded.into_iter().map(|path| Skipped { path, reason });
        self.skipped.extend(excluded);
        self.skipped.sort_unstable();
    }
}

/// Says whether every PATH that holds a path excludes it; what no PATH holds is not excluded.
fn is_excluded(path: &FilePath, asked: &[FilePath], patterns: &[PathGlob]) -> bool {
    let mut holding = asked
        .iter()
        .filter(|asked| path.is_within(asked))
        .peekable();
    holding.peek().is_some()
        && holding.all(|asked| patterns.iter().any(|pattern| pattern.excludes(path, asked)))
}
