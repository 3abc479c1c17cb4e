//! Patches that an installer applies to what it fetched: those of pnpm, of Yarn and of patch-package.

use super::{Edit, InstallFile, added_or_edited, has_ending};
use crate::path::FilePath;

pub(super) const PATCHES: InstallFile = InstallFile {
    name: "a patch of an installed package",
    recognises: |path| {
        let name = path.file_name();
        let is_patch = has_ending(path, &["patch", "diff"]);
        // Theirs are named after a package and its version: `left+1.0.0.patch`, `left@1.0.0.patch`, `left-npm-1.0.0-…`.
        let is_of_package = name.contains(['+', '@']) || name.contains("-npm-");
        is_patch && is_of_package && folder(path).is_some()
    },
    compare,
};

/// Returns the folder whose packages a patch may be for.
fn folder(path: &FilePath) -> Option<FilePath> {
    let parts: Vec<&str> = path.parts().collect();
    let patches = parts.iter().rposition(|part| *part == "patches")?;
    let above = match patches.checked_sub(1).map(|before| parts[before]) {
        Some(".yarn") => patches - 1,
        _ => patches,
    };
    FilePath::new(&parts[..above].join("/"))
}

/// Other folders of patches are no installer's.
fn compare(edit: &Edit<'_>) -> Option<String> {
    let manifest = folder(edit.path)?.join("package.json")?;
    let is_npm = matches!(edit.beside_after.read(&manifest), Ok(Some(_)) | Err(_));
    is_npm.then(|| {
        added_or_edited(
            edit,
            "changes the code of a package after its digest was checked",
        )
    })?
}
