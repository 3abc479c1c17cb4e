//! The `.gitignore` files that hold for the folder at hand, from the root down; the deepest word counts.
//!
//! Only `.gitignore` files of the tree are honoured, not the user's own excludes: two people who audit one
//! tree see the same lockfiles. A file that cannot be read or is huge hides nothing.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::Tree;
use super::files::{DirectoryFiles, child};
use crate::path::FilePath;

/// The largest `.gitignore` that is honoured.
const MAX_BYTES: u64 = 256 << 10;

/// What a path stands for, as far as patterns that end in `/` care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathKind {
    /// A folder.
    Folder,
    /// Anything else.
    File,
}

/// The rules in force, outermost first, each with the length of its folder's path and `/`.
#[derive(Default)]
pub(super) struct IgnoreRules {
    stack: Vec<(usize, Gitignore)>,
}

impl IgnoreRules {
    /// Collects the rules of the folders above a folder.
    pub(super) fn above(files: &DirectoryFiles, folder: &FilePath) -> Self {
        let mut rules = Self::default();
        let mut above = FilePath::default();
        for part in folder.parts() {
            rules.push(files, &above);
            let Some(next) = child(&above, part) else {
                break;
            };
            above = next;
        }
        rules
    }

    /// Returns the mark to go back to.
    pub(super) fn mark(&self) -> usize {
        self.stack.len()
    }

    /// Adds the rules of a folder.
    pub(super) fn push(&mut self, files: &DirectoryFiles, folder: &FilePath) {
        if let Some(gitignore) = read(files, folder) {
            let prefix = if folder.is_root() {
                0
            } else {
                folder.as_str().len() + 1
            };
            self.stack.push((prefix, gitignore));
        }
    }

    /// Drops the rules that were added since a mark.
    pub(super) fn pop_to(&mut self, mark: usize) {
        self.stack.truncate(mark);
    }

    /// Says whether a path is ignored, given that no folder above it is.
    pub(super) fn ignores(&self, path: &FilePath, kind: PathKind) -> bool {
        let word = self.stack.iter().rev().map(|(prefix, gitignore)| {
            let relative = path.as_str().get(*prefix..).unwrap_or_default();
            gitignore.matched(relative, kind == PathKind::Folder)
        });
        matches!(
            word.into_iter().find(|word| !word.is_none()),
            Some(Match::Ignore(_))
        )
    }
}

fn read(files: &DirectoryFiles, folder: &FilePath) -> Option<Gitignore> {
    let path = child(folder, ".gitignore")?;
    let metadata = files.metadata(&path).ok()??;
    if metadata.len() > MAX_BYTES {
        return None;
    }
    let bytes = files.bytes(&path).ok()??;
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new("");
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A pattern that is none matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::{Tree, path};
    use crate::lockfile::Limits;

    fn ignored(tree: &Tree, candidate: &str, kind: PathKind) -> bool {
        let files = DirectoryFiles::new(tree.root(), Limits::default());
        IgnoreRules::above(&files, &path(candidate)).ignores(&path(candidate), kind)
    }

    #[test]
    fn rules_of_every_folder_above_hold() {
        let tree = Tree::new(&[
            (".gitignore", "*.lock\n/top\n"),
            ("a/.gitignore", "b\nc/\n"),
        ]);
        assert!(ignored(&tree, "a/x/Cargo.lock", PathKind::File));
        assert!(ignored(&tree, "top", PathKind::Folder));
        assert!(!ignored(&tree, "a/top", PathKind::Folder));
        assert!(ignored(&tree, "a/x/b", PathKind::File));
        assert!(!ignored(&tree, "b", PathKind::File));
        assert!(ignored(&tree, "a/c", PathKind::Folder));
        assert!(!ignored(&tree, "a/c", PathKind::File));
    }

    #[test]
    fn the_deeper_word_counts() {
        let tree = Tree::new(&[
            (".gitignore", "*.lock\n"),
            ("a/.gitignore", "!Cargo.lock\n"),
        ]);
        assert!(ignored(&tree, "Cargo.lock", PathKind::File));
        assert!(!ignored(&tree, "a/Cargo.lock", PathKind::File));
        assert!(ignored(&tree, "a/uv.lock", PathKind::File));
    }

    #[test]
    fn the_later_word_of_one_file_counts() {
        let tree = Tree::new(&[(".gitignore", "\u{feff}*.lock\n!Cargo.lock\n[\n")]);
        assert!(ignored(&tree, "uv.lock", PathKind::File));
        assert!(!ignored(&tree, "x/Cargo.lock", PathKind::File));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_hides_nothing() {
        let tree = Tree::new(&[("rules", "*\n")]);
        tree.link(&tree.place("rules"), ".gitignore");
        assert!(!ignored(&tree, "Cargo.lock", PathKind::File));
    }
}
