//! What tests share.

pub(crate) mod archives;
pub(crate) mod bom;
pub(crate) mod clone;
pub(crate) mod comments;
pub(crate) mod locks;
pub(crate) mod registry;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod svg;

use std::path::Path;

use linchpin::files::{Files, MapFiles};
use linchpin::graph::{DependencyGraph, unify};
use linchpin::lockfile::{self, Limits, Lockfile, Problem, SourceFile};
use linchpin::path::FilePath;

/// A path inside the root.
pub(crate) fn path(text: &str) -> FilePath {
    FilePath::new(text).expect("a path inside the root")
}

/// A lockfile in memory, named as its format wants it.
pub(crate) fn source(name: &str, text: &str) -> SourceFile {
    SourceFile::new(path(name), text.to_owned())
}

/// Reads a lockfile that must be readable as far as its format goes.
pub(crate) fn read<'a>(file: &'a SourceFile, files: &dyn Files) -> Result<Lockfile<'a>, Problem> {
    let format = lockfile::detect(file).expect("a known file name");
    lockfile::parse(format, file, files, &Limits::default())
}

/// Reads a lockfile of a format whose file need not bear its name.
pub(crate) fn read_as<'a>(
    id: &str,
    file: &'a SourceFile,
    files: &dyn Files,
) -> Result<Lockfile<'a>, Problem> {
    let mut formats = lockfile::LOCKFILE_FORMATS.iter();
    let format = formats.find(|format| format.id().0 == id);
    let format = format.expect("the id of a format");
    lockfile::parse(*format, file, files, &Limits::default())
}

/// Reads one lockfile on its own into a graph. It borrows from the file, which is kept until the tests end.
pub(crate) fn graph_of(name: &str, text: &str) -> DependencyGraph<'static> {
    let file = Box::leak(Box::new(source(name, text)));
    let lockfile = read(file, &MapFiles::default()).expect("a readable lockfile");
    unify(Box::leak(Box::new([lockfile])))
}

/// Reads every text file of a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next)
            .expect("a folder of test data")
            .map(|entry| entry.expect("a name"))
        {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path
                    .strip_prefix(folder)
                    .expect("below the folder")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}
