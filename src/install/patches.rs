//! Patches that an installer applies to what it fetched: those of pnpm, of Yarn and of patch-package.

use super::{Edit, InstallFile, added_or_edited};
use crate::path::FilePath;

pub(super) const PATCHES: InstallFile = InstallFile {
    name: "a patch of an installed package",
    recognises: |path| {
        let is_patch = |end| path.file_name().ends_with(end);
        (is_patch(".patch") || is_patch(".diff")) && folder(path).is_some()
    },
    compare,
};

/// Returns the folder whose packages a patch may be for.
fn folder(path: &FilePath) -> Option<FilePath> {
    let parts: Vec<&str> = path.parts().collect();
    let patches = parts.iter().position(|part| *part == "patches")?;
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
