//! [`DirectoryFiles`]: the [`Tree`] of a folder on disk, confined to the audited root.
//!
//! Every part of a path is looked at before the file is opened: a link anywhere below the root, a device
//! or a pipe is refused, so that no tree can make a parser read what lies outside it or wait for ever.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};

use super::Tree;
use crate::files::{Files, FilesError, Listed, ListedKind, decode};
use crate::lockfile::Limits;
use crate::path::FilePath;

/// Folders in which tools put what they fetched and built.
const PASSED_OVER: [&str; 3] = [".git", "node_modules", "target"];

/// The regular files below a folder.
#[derive(Clone, Debug)]
pub struct DirectoryFiles {
    root: Utf8PathBuf,
    limits: Limits,
}

impl DirectoryFiles {
    /// Takes the root; everything above it, and the root itself, may be reached through links.
    #[must_use]
    pub const fn new(root: Utf8PathBuf, limits: Limits) -> Self {
        Self { root, limits }
    }

    /// Returns the root.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// Looks at what a path stands for without following a link; `None` if there is nothing.
    pub(super) fn metadata(&self, path: &FilePath) -> Result<Option<Metadata>, FilesError> {
        let mut place = PathBuf::from(&self.root);
        let mut metadata = present(fs::metadata(&place))?;
        for part in path.parts() {
            match &metadata {
                None => return Ok(None),
                Some(folder) if folder.is_dir() => {}
                Some(_) => return Err(FilesError::NotRegular),
            }
            place.push(part);
            metadata = present(fs::symlink_metadata(&place))?;
        }
        Ok(metadata)
    }

    /// Returns where a path lies on disk. Part by part, because Windows knows no `/` in its long paths.
    pub(super) fn place(&self, path: &FilePath) -> PathBuf {
        let mut place = PathBuf::from(&self.root);
        place.extend(path.parts());
        place
    }

    fn open(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        let Some(file) = present(File::open(self.place(path)))? else {
            return Ok(None);
        };
        let metadata = file.metadata().map_err(|error| system(&error))?;
        // The file may have been replaced since it was looked at.
        if !metadata.is_file() {
            return Err(FilesError::NotRegular);
        }
        let mut bytes = Vec::new();
        let bound = self.limits.file_bytes.saturating_add(1);
        file.take(bound)
            .read_to_end(&mut bytes)
            .map_err(|error| system(&error))?;
        // It may also grow while it is read.
        self.check_size(bytes.len() as u64)?;
        Ok(Some(bytes))
    }

    /// Lists every file and every link below a folder.
    pub(super) fn paths_in(&self, folder: &FilePath) -> Vec<FilePath> {
        let mut paths = Vec::new();
        self.collect(folder, 0, &mut paths);
        paths
    }

    /// Collects the files below a folder; one that cannot be listed has none.
    fn collect(&self, folder: &FilePath, depth: usize, paths: &mut Vec<FilePath>) {
        let entries = fs::read_dir(self.place(folder)).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let path = name.to_str().and_then(|name| child(folder, name));
            let (Some(path), Ok(kind)) = (path, entry.file_type()) else {
                continue;
            };
            if !kind.is_dir() {
                paths.push(path);
            } else if depth < self.limits.depth && !PASSED_OVER.contains(&path.file_name()) {
                self.collect(&path, depth + 1, paths);
            }
        }
    }

    fn check_size(&self, bytes: u64) -> Result<(), FilesError> {
        let limit = self.limits.file_bytes;
        self.limits
            .check_file_bytes(bytes)
            .map_err(|_exceeded| FilesError::TooLarge { limit })
    }
}

impl Tree for DirectoryFiles {
    fn bytes(&self, path: &FilePath) -> Result<Option<Vec<u8>>, FilesError> {
        match self.metadata(path)? {
            None => Ok(None),
            Some(metadata) if metadata.is_file() => {
                self.check_size(metadata.len())?;
                self.open(path)
            }
            Some(_) => Err(FilesError::NotRegular),
        }
    }

    fn has(&self, path: &FilePath) -> bool {
        fs::symlink_metadata(self.place(path)).is_ok()
    }

    fn paths(&self) -> Vec<FilePath> {
        let mut paths = self.paths_in(&FilePath::default());
        paths.sort_unstable();
        paths
    }

    fn link(&self, path: &FilePath) -> Option<String> {
        let target = fs::read_link(self.place(path)).ok()?;
        target.into_os_string().into_string().ok()
    }
}

impl Files for DirectoryFiles {
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
        self.bytes(path)?.map(decode).transpose()
    }

    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
        match self.metadata(folder)? {
            None => return Ok(Vec::new()),
            Some(metadata) if metadata.is_dir() => {}
            Some(_) => return Err(FilesError::NotRegular),
        }
        let Some(entries) = present(fs::read_dir(self.place(folder)))? else {
            return Ok(Vec::new());
        };
        let mut listed = Vec::new();
        for entry in entries {
            listed.extend(list_entry(folder, &entry.map_err(|error| system(&error))?)?);
        }
        listed.sort_unstable();
        Ok(listed)
    }
}

/// Makes a path of a folder and one name in it; none if paths cannot spell the name.
pub(super) fn child(folder: &FilePath, name: &str) -> Option<FilePath> {
    if is_part(name) {
        folder.join(name)
    } else {
        None
    }
}

/// Says whether a name is one part of a path, as [`FilePath`] spells paths.
pub(super) fn is_part(name: &str) -> bool {
    let is_relative = !matches!(name, "" | "." | "..") && name.as_bytes().get(1) != Some(&b':');
    is_relative && !name.contains(['/', '\\', '\0'])
}

fn list_entry(folder: &FilePath, entry: &fs::DirEntry) -> Result<Option<Listed>, FilesError> {
    let Some(kind) = present(entry.file_type())? else {
        return Ok(None);
    };
    let kind = match kind {
        kind if kind.is_file() => ListedKind::File,
        kind if kind.is_dir() => ListedKind::Folder,
        _ => return Ok(None),
    };
    let name = entry.file_name();
    let path = name.to_str().and_then(|name| child(folder, name));
    Ok(path.map(|path| Listed { path, kind }))
}

/// Turns "there is no such file" into a value.
fn present<T>(result: io::Result<T>) -> Result<Option<T>, FilesError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(system(&error)),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn system(error: &io::Error) -> FilesError {
    FilesError::System(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::fixture::{Tree, path};

    fn files(tree: &Tree) -> DirectoryFiles {
        DirectoryFiles::new(tree.root(), Limits::default())
    }

    #[test]
    fn a_regular_file_is_read() {
        let tree = Tree::new(&[("a/b.toml", "text")]);
        assert_eq!(
            files(&tree).read(&path("a/b.toml")),
            Ok(Some("text".to_owned()))
        );
    }

    #[test]
    fn what_is_not_there_is_no_error() {
        let tree = Tree::new(&[("a/b.toml", "text")]);
        let files = files(&tree);
        assert_eq!(files.read(&path("a/c.toml")), Ok(None));
        assert_eq!(files.read(&path("x/y/z")), Ok(None));
        assert_eq!(files.list(&path("x/y")), Ok(Vec::new()));
    }

    #[test]
    fn a_file_that_disappears_after_the_listing_is_no_error() {
        let tree = Tree::new(&[("a/b.toml", "text")]);
        let files = files(&tree);
        let listed = files.list(&path("a")).expect("a list");
        fs::remove_file(tree.place("a/b.toml")).expect("a file to remove");
        assert_eq!(files.read(&listed[0].path), Ok(None));
        assert_eq!(files.open(&listed[0].path), Ok(None));
    }

    #[test]
    fn a_folder_is_not_read_and_a_file_is_not_listed() {
        let tree = Tree::new(&[("a/b.toml", "text")]);
        let files = files(&tree);
        assert_eq!(files.read(&path("a")), Err(FilesError::NotRegular));
        assert_eq!(files.list(&path("a/b.toml")), Err(FilesError::NotRegular));
        assert_eq!(files.read(&path("a/b.toml/c")), Err(FilesError::NotRegular));
    }

    #[test]
    fn a_list_is_sorted_and_names_kinds() {
        let tree = Tree::new(&[("z", ""), ("a", ""), ("m/x", "")]);
        let listed = files(&tree).list(&FilePath::default()).expect("a list");
        let listed: Vec<_> = listed
            .iter()
            .map(|one| (one.path.as_str(), one.kind))
            .collect();
        let (file, folder) = (ListedKind::File, ListedKind::Folder);
        assert_eq!(listed, [("a", file), ("m", folder), ("z", file)]);
    }

    #[test]
    fn a_large_file_is_refused() {
        let tree = Tree::new(&[("a", "12345"), ("b", "1234")]);
        let limits = Limits {
            file_bytes: 4,
            ..Limits::default()
        };
        let files = DirectoryFiles::new(tree.root(), limits);
        assert_eq!(
            files.read(&path("a")),
            Err(FilesError::TooLarge { limit: 4 })
        );
        assert_eq!(
            files.open(&path("a")),
            Err(FilesError::TooLarge { limit: 4 })
        );
        assert_eq!(files.read(&path("b")), Ok(Some("1234".to_owned())));
    }

    #[test]
    fn a_name_of_several_parts_is_no_child() {
        let folder = path("a");
        assert_eq!(child(&folder, "b"), Some(path("a/b")));
        for name in ["b/c", r"b\c", "..", ".", "", "c:d", "b\0"] {
            assert_eq!(child(&folder, name), None, "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_refused_and_not_listed() {
        let outside = Tree::new(&[("secret", "s"), ("folder/secret", "s")]);
        let tree = Tree::new(&[("a/real", "r")]);
        tree.link(&outside.place("secret"), "a/file");
        tree.link(&outside.place("folder"), "a/folder");
        tree.link(&tree.place("a/real"), "a/inside");
        let files = files(&tree);
        for hidden in ["a/file", "a/folder/secret", "a/inside"] {
            assert_eq!(
                files.read(&path(hidden)),
                Err(FilesError::NotRegular),
                "{hidden}"
            );
        }
        assert_eq!(files.list(&path("a/folder")), Err(FilesError::NotRegular));
        let listed = files.list(&path("a")).expect("a list");
        assert_eq!(listed.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let tree = Tree::new(&[]);
        if tree.pipe("package.json") {
            let read = files(&tree).read(&path("package.json"));
            assert_eq!(read, Err(FilesError::NotRegular));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_text_are_left_out() {
        use std::os::unix::ffi::OsStrExt;
        let tree = Tree::new(&[("a", "")]);
        let name = std::ffi::OsStr::from_bytes(b"b\xff");
        fs::write(tree.root().as_std_path().join(name), "").expect("a file");
        assert_eq!(
            files(&tree)
                .list(&FilePath::default())
                .expect("a list")
                .len(),
            1
        );
    }
}
