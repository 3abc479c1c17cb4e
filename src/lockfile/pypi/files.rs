//! The files of a package and their hashes: `{file = "…", hash = "sha256:…"}`, or with a `url`.

use super::document::{self, Table, Value};
use super::pieces::Form;
use crate::lockfile::model::Artifact;
use crate::package::{Digest, Integrity};

/// The files of a package as read.
#[derive(Debug, Default)]
pub(in crate::lockfile) struct Read<'a> {
    /// Each file.
    pub(in crate::lockfile) artifacts: Vec<Artifact<'a>>,
    /// How many files or hashes could not be read.
    pub(in crate::lockfile) unreadable: usize,
}

/// How Poetry and PDM write packages and their files.
pub(in crate::lockfile) const fn form<'a>() -> Form<'a, Read<'a>> {
    Form {
        list: "package",
        read: |package| Read::list(document::list(package, "files")),
        files: "files",
    }
}

impl<'a> Read<'a> {
    /// Reads a list of files.
    pub(in crate::lockfile) fn list(files: &[Value<'a>]) -> Self {
        let mut read = Self {
            artifacts: Vec::with_capacity(files.len()),
            unreadable: 0,
        };
        for file in files {
            match document::as_table(file) {
                Some(file) => read.take(file),
                None => read.unreadable += 1,
            }
        }
        read
    }

    fn take(&mut self, file: &Table<'a>) {
        let hash = document::text(file, "hash");
        let digest = hash.and_then(|hash| Digest::from_tagged_hex(hash));
        let has_hash = file.contains_key("hash");
        self.unreadable += usize::from(has_hash && digest.is_none());
        self.artifacts.push(Artifact {
            url: name(file).map(|name| name.clone().into()),
            integrity: digest.map_or_else(Integrity::default, Integrity::from),
        });
    }
}

/// Returns the address or the name of a file.
pub(in crate::lockfile) fn name<'t, 'a>(
    file: &'t Table<'a>,
) -> Option<&'t std::borrow::Cow<'a, str>> {
    document::text(file, "url").or_else(|| document::text(file, "file"))
}
