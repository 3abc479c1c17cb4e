//! The shared test data, which is not part of the project: `LINCHPIN_SHARED` names its folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::measure::say;

/// Returns the folder of real lockfiles; without it a visible line says what is left out.
pub(crate) fn corpus(what_is_left_out: &str) -> Option<PathBuf> {
    folder("corpus", what_is_left_out)
}

/// Returns a folder of the shared data; without it a visible line says what is left out.
pub(crate) fn folder(name: &str, what_is_left_out: &str) -> Option<PathBuf> {
    let folder = env::var_os("LINCHPIN_SHARED").map(|shared| PathBuf::from(shared).join(name));
    let folder = folder.filter(|folder| folder.is_dir());
    if folder.is_none() {
        say(&format!(
            "  skipped {what_is_left_out}: LINCHPIN_SHARED does not name the shared test data"
        ));
    }
    folder
}

/// Finds the largest file of a name below a folder.
pub(crate) fn largest(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut largest: Option<(u64, PathBuf)> = None;
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if entry.file_name() == name {
                let bytes = entry.metadata().map_or(0, |metadata| metadata.len());
                largest = largest.max(Some((bytes, path)));
            }
        }
    }
    largest.map(|(_, path)| path)
}
