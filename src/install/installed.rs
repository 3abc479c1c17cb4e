//! Installed packages that are kept in the tree: whoever runs the project runs them, and no lockfile is asked.

use super::{Edit, InstallFile, LOCKFILES_OF_NPM, added_or_edited, ends_with, lockfiles_stay};

pub(super) const PACKAGES: InstallFile = InstallFile {
    name: "packages that are installed in the tree",
    recognises: |path| {
        path.parts().any(|part| part == "node_modules") && ends_with(path, &["package.json"])
    },
    compare: compare_installed,
};

pub(super) const NATIVE: InstallFile = InstallFile {
    name: "what npm builds while the project itself is installed",
    recognises: |path| {
        ends_with(path, &["binding.gyp"]) && !path.parts().any(|part| part == "node_modules")
    },
    compare: |edit| added_or_edited(edit, "has npm run node-gyp when packages are installed"),
};

/// They follow from the lockfile, so that they change with it and never alone.
fn compare_installed(edit: &Edit<'_>) -> Option<String> {
    let told = added_or_edited(edit, "is used as it is, and its lockfile stays as it was")?;
    lockfiles_stay(edit, &LOCKFILES_OF_NPM).then_some(told)
}
