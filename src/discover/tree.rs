//! [`Tree`]: the files of an audited tree, wherever they lie; and whether two trees hold the same at a path.

use crate::files::{Files, FilesError};
use crate::path::FilePath;

/// The files of one audited tree, wherever they lie: in a folder, or among git's objects.
pub trait Tree: Files + Send {
    /// Reads a regular file; `None` if there is none, or none any more.
    fn bytes(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError>;

    /// Says whether anything lies at a path, read or not.
    fn has(&self, path: &FilePath) -> bool;

    /// Returns where a link leads, as it is written; none if a path is no link.
    fn link(&self, path: &FilePath) -> Option<String>;

    /// Lists every file and every link, sorted; folders of installed and of built packages are left out where git does not
    /// track them.
    fn paths(&self) -> Vec<FilePath>;

    /// Returns the name under which git keeps the bytes of a file; none if it keeps none, or nobody knows.
    fn object(&self, _path: &FilePath) -> Option<String> {
        None
    }

    /// Returns the commit that a submodule is at; none if a path is no submodule, or its commit is not known.
    fn submodule(&self, _path: &FilePath) -> Option<String> {
        None
    }
}

/// Says whether what is read at a path is the same in two trees, however they end their lines.
///
/// A link is the same if it leads to the same file inside the tree, a submodule if it is at the same commit.
pub fn holds_the_same(path: &FilePath, one: &dyn Tree, other: &dyn Tree) -> bool {
    let objects = (one.object(path), other.object(path));
    if let (Some(one_object), Some(other_object)) = objects
        && one.link(path).is_none()
    {
        return one_object == other_object;
    }
    match (essence(path, one), essence(path, other)) {
        (Some(one), Some(two)) => one == two,
        _ => false,
    }
}

/// Returns what decides how a path is read; none where nobody can tell.
fn essence(path: &FilePath, tree: &dyn Tree) -> Option<Vec<u8>> {
    if let Some(commit) = tree.submodule(path) {
        return Some(commit.into_bytes());
    }
    let Some(target) = tree.link(path) else {
        return tree
            .bytes(path)
            .ok()?
            .map(|bytes| without_carriage_returns(&bytes));
    };
    let file = path.parent().join(&target)?;
    let bytes = tree.bytes(&file).ok()??;
    Some([target.as_bytes(), b"\0", &without_carriage_returns(&bytes)].concat())
}

/// Git may write its lines' ends anew when it checks a file out.
fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut rest = bytes;
    let mut plain = Vec::with_capacity(bytes.len());
    while let Some((byte, after)) = rest.split_first() {
        if *byte != b'\r' || !after.starts_with(b"\n") {
            plain.push(*byte);
        }
        rest = after;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::DirectoryFiles;
    use crate::discover::fixture::{Tree as Folder, path};
    use crate::lockfile::Limits;

    fn files(folder: &Folder) -> DirectoryFiles {
        DirectoryFiles::new(folder.root(), Limits::default())
    }

    fn same(name: &str, one: &Folder, other: &Folder) -> bool {
        holds_the_same(&path(name), &files(one), &files(other))
    }

    #[test]
    fn bytes_decide_and_the_ends_of_lines_do_not() {
        let one = Folder::new(&[("a", "x\ny\n"), ("b", "x")]);
        let other = Folder::new(&[("a", "x\r\ny\r\n"), ("b", "y")]);
        assert!(same("a", &one, &other));
        assert!(!same("b", &one, &other));
        assert!(!same("gone", &one, &other), "nothing is not the same");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_what_it_leads_to_inside_the_tree() {
        let side = |text| {
            let tree = Folder::new(&[("real", text)]);
            tree.link(std::path::Path::new("real"), "inside");
            tree.link(std::path::Path::new("/dev/null"), "outside");
            tree
        };
        assert!(same("inside", &side("x"), &side("x")));
        assert!(!same("inside", &side("x"), &side("y")));
        assert!(!same("outside", &side("x"), &side("x")));
        assert!(!same(
            "inside",
            &side("x"),
            &Folder::new(&[("inside", "x")])
        ));
    }
}
