//! The shared test data, which is not part of the project: `LINCHPIN_SHARED` names its folder.

use std::path::PathBuf;

/// Returns a folder of the shared data; without the data the test is skipped with a visible line.
pub fn folder(name: &str) -> Option<PathBuf> {
    let Some(shared) = std::env::var_os("LINCHPIN_SHARED") else {
        eprintln!("skipped: LINCHPIN_SHARED does not name the shared test data");
        return None;
    };
    let folder = PathBuf::from(shared).join(name);
    assert!(folder.is_dir(), "{} is the shared test data", folder.display());
    Some(folder)
}
