//! What the formats' tests share: files in memory, lockfiles read from them, edges as text.

use super::{Limits, Lockfile, LockfileFormat, SourceFile};
use crate::files::MapFiles;
use crate::path::FilePath;

/// Puts a text into a file at a path.
pub(super) fn file(path: &str, text: &str) -> SourceFile {
    let path = FilePath::new(path).expect("a path inside the root");
    SourceFile::new(path, text.to_owned())
}

/// Reads a lockfile that a format must be able to read.
pub(super) fn read<'a>(
    format: &dyn LockfileFormat,
    file: &'a SourceFile,
    files: &MapFiles,
) -> Lockfile<'a> {
    format
        .parse(file, files, &Limits::default())
        .expect("a readable lockfile")
}

/// Lists edges as `from -> to kind` by their keys, in order; the root's key is empty.
pub(super) fn edges(lockfile: &Lockfile<'_>) -> Vec<String> {
    let key = |index: u32| lockfile.entries[index as usize].key.as_str();
    let edges = lockfile.dependencies.iter();
    edges
        .map(|edge| format!("{} -> {} {}", key(edge.from), key(edge.to), edge.kind.id()))
        .collect()
}
