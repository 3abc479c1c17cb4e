//! What the user typed → the audited root, and each PATH as a path inside it.

use std::fs;
use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::DiscoverError;
use super::git::{GitError, WorkTree};
use crate::path::FilePath;

/// The audited root and what was asked of it.
pub(super) struct Asked {
    /// The root, free of links.
    pub(super) root: Utf8PathBuf,
    /// The git work tree whose topmost folder the root is.
    pub(super) work_tree: Option<WorkTree>,
    /// Why there may be a work tree that could not be told.
    pub(super) git_error: Option<GitError>,
    /// The PATHs, in the order in which they were typed.
    pub(super) paths: Vec<AskedPath>,
}

/// A PATH inside the root.
pub(super) struct AskedPath {
    /// The path.
    pub(super) path: FilePath,
    /// What it stands for.
    pub(super) kind: AskedKind,
}

/// What a PATH stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedKind {
    /// A folder, to be walked.
    Folder,
    /// A file, to be read whatever its name.
    File,
    /// A link to a file outside the root, which is not opened.
    LinkOutside,
}

/// A PATH on disk.
struct Located {
    /// What was typed.
    typed: Utf8PathBuf,
    /// What it leads to, free of links.
    target: Utf8PathBuf,
    /// The folder itself, or the name of a file in its folder; only that last part may be a link.
    place: Utf8PathBuf,
    is_folder: bool,
}

impl Located {
    /// Returns the folder that the PATH is about.
    fn folder(&self) -> &Utf8Path {
        if self.is_folder {
            &self.place
        } else {
            self.place.parent().unwrap_or(&self.place)
        }
    }

    fn inside(&self, root: &Utf8Path) -> Result<AskedPath, DiscoverError> {
        let outside = || DiscoverError::Outside {
            path: self.typed.clone(),
            root: root.to_owned(),
        };
        let place = self
            .place
            .strip_prefix(root)
            .map_err(|_not_inside| outside())?;
        let (inside, kind) = match self.target.strip_prefix(root) {
            Ok(target) if self.is_folder => (target, AskedKind::Folder),
            Ok(target) => (target, AskedKind::File),
            Err(_not_inside) => (place, AskedKind::LinkOutside),
        };
        let path = file_path(inside).ok_or_else(|| DiscoverError::NotText(self.typed.clone()))?;
        Ok(AskedPath { path, kind })
    }
}

/// Finds the root of what was typed and every PATH in it.
pub(super) fn resolve(typed: &[Utf8PathBuf], current: &Utf8Path) -> Result<Asked, DiscoverError> {
    let located: Vec<Located> = typed
        .iter()
        .map(|typed| locate(typed, current))
        .collect::<Result<_, _>>()?;
    let Some(first) = located.first() else {
        return Err(DiscoverError::NoPath);
    };
    let (work_tree, git_error) = match WorkTree::find(first.folder()) {
        Ok(work_tree) => (work_tree, None),
        Err(error) => (None, Some(error)),
    };
    let root = match &work_tree {
        Some(work_tree) => work_tree.root.clone(),
        None => common_folder(&located, first),
    };
    let paths = located
        .iter()
        .map(|located| located.inside(&root))
        .collect::<Result<_, _>>()?;
    Ok(Asked {
        root,
        work_tree,
        git_error,
        paths,
    })
}

fn locate(typed: &Utf8Path, current: &Utf8Path) -> Result<Located, DiscoverError> {
    let full = current.join(typed);
    let target = canonical(&full, typed)?;
    let is_folder = target.is_dir();
    let place = match (is_folder, full.parent(), full.file_name()) {
        (false, Some(folder), Some(name)) => canonical(folder, typed)?.join(name),
        _ => target.clone(),
    };
    Ok(Located {
        typed: typed.to_owned(),
        target,
        place,
        is_folder,
    })
}

fn canonical(path: &Utf8Path, typed: &Utf8Path) -> Result<Utf8PathBuf, DiscoverError> {
    let path = fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => DiscoverError::Missing(typed.to_owned()),
        _ => DiscoverError::System {
            path: typed.to_owned(),
            message: error.to_string(),
        },
    })?;
    Utf8PathBuf::from_path_buf(path).map_err(|_not_utf8| DiscoverError::NotText(typed.to_owned()))
}

/// Returns the nearest folder that holds all PATHs.
fn common_folder(located: &[Located], first: &Located) -> Utf8PathBuf {
    let holds_all =
        |folder: &&Utf8Path| located.iter().all(|path| path.folder().starts_with(folder));
    // Only Windows has paths with no common folder, on two drives; the second is then outside.
    first
        .folder()
        .ancestors()
        .find(holds_all)
        .unwrap_or(first.folder())
        .to_owned()
}

/// Makes a path inside the root; none if it would not name the same file.
fn file_path(relative: &Utf8Path) -> Option<FilePath> {
    relative
        .components()
        .try_fold(FilePath::default(), |folder, part| {
            super::files::child(&folder, part.as_str())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::Tree;

    fn resolve_in(tree: &Tree, typed: &[&str]) -> Result<Asked, DiscoverError> {
        let typed: Vec<Utf8PathBuf> = typed.iter().map(Utf8PathBuf::from).collect();
        resolve(&typed, &tree.root())
    }

    fn root(tree: &Tree, typed: &[&str]) -> Utf8PathBuf {
        resolve_in(tree, typed)
            .unwrap_or_else(|error| panic!("{error}"))
            .root
    }

    fn error(tree: &Tree, typed: &[&str]) -> String {
        resolve_in(tree, typed).err().expect("an error").to_string()
    }

    #[test]
    fn without_git_the_root_is_the_path() {
        let tree = Tree::new(&[("a/b/c", ""), ("a/d/e", "")]);
        assert_eq!(root(&tree, &["a/b"]), tree.text_place("a/b"));
        assert_eq!(root(&tree, &["a/b/c"]), tree.text_place("a/b"));
        assert_eq!(root(&tree, &["a/b", "a/d/e"]), tree.text_place("a"));
        assert_eq!(root(&tree, &["a/b", "."]), tree.root());
    }

    #[test]
    fn with_git_the_root_is_the_work_tree() {
        let tree = Tree::new(&[("a/b/c", "")]);
        tree.track(&[]);
        let asked =
            resolve_in(&tree, &["a/b", "a/b/c", "."]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(asked.root, tree.root());
        let paths: Vec<_> = asked
            .paths
            .iter()
            .map(|asked| (asked.path.as_str(), asked.kind))
            .collect();
        let (folder, file) = (AskedKind::Folder, AskedKind::File);
        assert_eq!(paths, [("a/b", folder), ("a/b/c", file), ("", folder)]);
    }

    #[test]
    fn a_path_outside_the_root_is_an_error_with_a_remedy() {
        let tree = Tree::new(&[("a/.git/HEAD", ""), ("b/x", "")]);
        let error = error(&tree, &["a", "b"]);
        assert!(
            error.contains("`b`") && error.contains("run of its own"),
            "{error}"
        );
    }

    #[test]
    fn a_path_that_does_not_exist_is_an_error() {
        let tree = Tree::new(&[]);
        assert!(error(&tree, &["gone/Cargo.lock"]).contains("`gone/Cargo.lock`"));
    }

    #[test]
    fn hostile_paths_are_escaped_in_messages() {
        let tree = Tree::new(&[]);
        assert!(error(&tree, &["a\u{1b}[2J"]).contains("\\u{1b}"));
    }

    #[cfg(unix)]
    #[test]
    fn typed_links_are_followed_inside_the_root_only() {
        let outside = Tree::new(&[("Cargo.lock", "secret")]);
        let tree = Tree::new(&[("real/Cargo.lock", ""), ("web/x", "")]);
        tree.track(&[]);
        tree.link(&tree.place("real/Cargo.lock"), "inside");
        tree.link(&tree.place("web"), "folder");
        tree.link(&outside.place("Cargo.lock"), "web/Cargo.lock");
        let asked = resolve_in(&tree, &["inside", "folder", "web/Cargo.lock"]);
        let asked = asked.unwrap_or_else(|error| panic!("{error}"));
        let paths: Vec<_> = asked
            .paths
            .iter()
            .map(|asked| (asked.path.as_str(), asked.kind))
            .collect();
        let expected = [
            ("real/Cargo.lock", AskedKind::File),
            ("web", AskedKind::Folder),
            ("web/Cargo.lock", AskedKind::LinkOutside),
        ];
        assert_eq!(paths, expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_paths_cannot_spell_is_an_error() {
        let tree = Tree::new(&[]);
        tree.track(&[]);
        tree.folder(r"a\b");
        assert!(error(&tree, &[r"a\b"]).contains("plain text"));
    }
}
