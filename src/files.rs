//! [`Files`]: what a parser may see beside its lockfile. A capability, so that the parsers stay pure.
//!
//! Implementations answer for regular files inside the audited root only: `discover` has one over a folder,
//! tests use [`MapFiles`].

use std::collections::BTreeMap;

use thiserror::Error;

use crate::path::FilePath;

/// Read access to regular files inside the audited root.
pub trait Files: Sync {
    /// Reads a file as text; `None` if there is none.
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError>;

    /// Lists the names in a folder, sorted; empty if there is no such folder.
    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError>;
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its path inside the root.
    pub path: FilePath,
    /// What it is.
    pub kind: ListedKind,
}

/// What a name in a folder stands for; links and the rest are never listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

/// Why a file that exists was not read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FilesError {
    /// It is a link, a device or a pipe, or lies behind a link.
    #[error("not a regular file inside the audited root, so it was not opened")]
    NotRegular,
    /// It is larger than a manifest or lockfile can be.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: u64,
    },
    /// It is UTF-16.
    #[error("UTF-16 text; linchpin and the tool that owns the file read UTF-8")]
    Utf16,
    /// It is no text.
    #[error("not UTF-8 text: byte {offset} begins no character")]
    NotUtf8 {
        /// Offset of the first bad byte.
        offset: usize,
    },
    /// The system said no.
    #[error("{0}")]
    System(String),
}

/// Decodes a file's bytes, naming the encodings that people run into.
pub fn decode(bytes: Vec<u8>) -> Result<String, FilesError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(FilesError::Utf16);
    }
    String::from_utf8(bytes).map_err(|error| FilesError::NotUtf8 {
        offset: error.utf8_error().valid_up_to(),
    })
}

/// Files held in memory.
#[derive(Debug, Default)]
pub struct MapFiles(BTreeMap<FilePath, String>);

impl MapFiles {
    /// Takes pairs of a path and a text; paths that lie outside the root are left out.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            files
                .into_iter()
                .filter_map(|(path, text)| Some((FilePath::new(path)?, text.to_owned())))
                .collect(),
        )
    }
}

impl Files for MapFiles {
    fn read(&self, path: &FilePath) -> Result<Option<String>, FilesError> {
        Ok(self.0.get(path).cloned())
    }

    fn list(&self, folder: &FilePath) -> Result<Vec<Listed>, FilesError> {
        let depth = folder.parts().count();
        let mut listed: Vec<Listed> = self
            .0
            .keys()
            .filter(|path| path.is_within(folder))
            .filter_map(|path| {
                let name = path.parts().nth(depth)?;
                let kind = if path.parts().count() == depth + 1 {
                    ListedKind::File
                } else {
                    ListedKind::Folder
                };
                Some(Listed {
                    path: folder.join(name)?,
                    kind,
                })
            })
            .collect();
        listed.sort_unstable();
        listed.dedup();
        Ok(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_lists_as_a_folder_does() {
        let files = MapFiles::new([
            ("a/x.toml", ""),
            ("a/b/y.toml", ""),
            ("a/b/z.toml", ""),
            ("c", ""),
        ]);
        let folder = FilePath::new("a").expect("a path inside the root");
        let names: Vec<_> = files
            .list(&folder)
            .expect("a list")
            .into_iter()
            .map(|listed| (listed.path, listed.kind))
            .collect();
        let path = |text| FilePath::new(text).expect("a path inside the root");
        assert_eq!(
            names,
            [
                (path("a/b"), ListedKind::Folder),
                (path("a/x.toml"), ListedKind::File)
            ]
        );
    }

    #[test]
    fn encodings_are_named() {
        assert_eq!(decode(vec![0xff, 0xfe, b'{', 0]), Err(FilesError::Utf16));
        assert_eq!(
            decode(vec![b'a', 0xc3]),
            Err(FilesError::NotUtf8 { offset: 1 })
        );
        assert_eq!(decode(b"ok".to_vec()), Ok("ok".to_owned()));
    }
}
