//! Which names are those of lockfiles.

use crate::lockfile::{formats_of_names, unread};

/// Says whether a name, in a folder of a name, is that of a lockfile, read or unread.
///
/// Names that begin with a dot are copies that a tool keeps for itself; they are read only when named.
pub(super) fn is_lockfile_name(folder: &str, name: &str) -> bool {
    let is_read = formats_of_names(folder, name).next().is_some() && !name.starts_with('.');
    is_read || unread::of_names(folder, name).is_some()
}

/// Says whether a path, parted by `/`, has the name of a lockfile.
pub(super) fn is_lockfile_path(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = folder.rsplit_once('/').map_or(folder, |(_, folder)| folder);
    is_lockfile_name(folder, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_hidden_copies_do_not() {
        for name in ["Cargo.lock", "Package-Lock.json", "UV.LOCK", "yarn.lock"] {
            assert!(is_lockfile_name("", name), "{name}");
        }
        assert!(!is_lockfile_name("", ".package-lock.json"));
        assert!(is_lockfile_path("a/requirements/base.txt"));
        assert!(!is_lockfile_path("requirements/a/base.txt"));
    }
}
