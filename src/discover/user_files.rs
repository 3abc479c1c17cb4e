//! [`HomeFiles`]: the files in which the user configures package managers, read and never written.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};

use crate::clients::{FILE_BYTES, UserFiles};

/// The user's own files on disk: regular ones, up to [`FILE_BYTES`] long, outside the audited tree.
///
/// Links are followed, because many people keep such files elsewhere; where they lead to must be outside of the tree.
#[derive(Clone, Debug)]
pub struct HomeFiles {
    home: Option<Utf8PathBuf>,
    /// The audited root, free of links.
    audited: PathBuf,
}

impl HomeFiles {
    /// Takes the home folder of the user whose environment this is, and the root that is audited.
    pub fn of_user(environment: &dyn Fn(&str) -> Option<String>, audited_root: &Utf8Path) -> Self {
        let home = environment(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        Self {
            home: home.filter(|home| !home.is_empty()).map(Utf8PathBuf::from),
            audited: fs::canonicalize(audited_root).unwrap_or_else(|_| audited_root.into()),
        }
    }

    /// Follows all links; none if the path leads nowhere or into the audited tree.
    fn outside(&self, path: &Utf8Path) -> Option<PathBuf> {
        let place = fs::canonicalize(path).ok()?;
        if place.starts_with(&self.audited) {
            tracing::warn!(
                ?path,
                "lies in the audited tree, so that it is not read as the user's"
            );
            return None;
        }
        Some(place)
    }
}

impl UserFiles for HomeFiles {
    fn read(&self, path: &Utf8Path) -> Option<String> {
        let place = self.outside(path)?;
        String::from_utf8(bytes(&place)?).ok()
    }

    fn home(&self) -> Option<Utf8PathBuf> {
        self.home.clone()
    }
}

/// Reads a regular file; to open a pipe would wait for ever.
fn bytes(place: &Path) -> Option<Vec<u8>> {
    if !fs::symlink_metadata(place).ok()?.is_file() {
        return None;
    }
    let file = File::open(place).ok()?;
    // The file may have been replaced since it was looked at.
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    let bound = FILE_BYTES as u64 + 1;
    file.take(bound).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= FILE_BYTES).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::Tree;

    fn read(tree: &Tree, path: &str) -> Option<String> {
        let home = tree.text_place("home");
        let environment = |_: &str| Some(home.to_string());
        HomeFiles::of_user(&environment, &tree.text_place("home/project")).read(&home.join(path))
    }

    #[test]
    fn regular_files_of_text_up_to_a_bound_are_read() {
        let (fits, long) = ("a".repeat(FILE_BYTES), "a".repeat(FILE_BYTES + 1));
        let tree = Tree::new(&[
            ("home/.npmrc", "registry=a"),
            ("home/fits", &fits),
            ("home/long", &long),
            ("home/project/a", ""),
        ]);
        fs::write(tree.text_place("home/bytes"), b"\xff").expect("a file");
        assert_eq!(read(&tree, ".npmrc").as_deref(), Some("registry=a"));
        assert_eq!(read(&tree, "fits").map(|text| text.len()), Some(FILE_BYTES));
        for path in ["long", "bytes", "missing", "project", "."] {
            assert_eq!(read(&tree, path), None, "{path}");
        }
    }

    #[test]
    fn nothing_in_the_audited_tree_is_the_users_however_it_is_named() {
        let tree = Tree::new(&[
            ("home/project/.npmrc", "registry=evil"),
            ("home/projects/.npmrc", "registry=own"),
        ]);
        assert_eq!(read(&tree, "project/.npmrc"), None);
        assert_eq!(read(&tree, "projects/../project/.npmrc"), None);
        assert_eq!(
            read(&tree, "project/../projects/.npmrc").as_deref(),
            Some("registry=own")
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_into_the_audited_tree() {
        let tree = Tree::new(&[
            ("home/project/.npmrc", "registry=evil"),
            ("dotfiles/npmrc", "registry=own"),
        ]);
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(tree.text_place(target), tree.text_place(name))
                .expect("a link");
        };
        link("dotfiles/npmrc", "home/own");
        link("home/project/.npmrc", "home/evil");
        link("/dev/zero", "home/device");
        assert_eq!(read(&tree, "own").as_deref(), Some("registry=own"));
        assert_eq!(read(&tree, "evil"), None);
        assert_eq!(read(&tree, "device"), None);
    }

    #[test]
    fn an_empty_home_is_none() {
        let files = |home: &'static str| {
            HomeFiles::of_user(&move |_| Some(home.to_owned()), Utf8Path::new("/nowhere"))
        };
        assert_eq!(files("").home(), None);
        assert_eq!(files("/home/u").home().as_deref(), Some("/home/u".into()));
    }
}
