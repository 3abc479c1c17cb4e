//! `.cargo-checksum.json`: the digests of a crate that is kept in the tree, which cargo believes.
//!
//! Whoever edits a vendored crate edits its digests with it. A new version brings new ones; the same version does not.
//! Reference: <https://doc.rust-lang.org/cargo/reference/source-replacement.html#directory-sources>

use super::{Edit, InstallFile, ends_with};
use crate::files::Files;

pub(super) const CHECKSUMS: InstallFile = InstallFile {
    name: "the digests of a vendored crate",
    recognises: |path| ends_with(path, &[".cargo-checksum.json"]),
    compare,
};

fn compare(edit: &Edit<'_>) -> Option<String> {
    // Of one that was added cargo compares the archive's digest with Cargo.lock; whether its files are those of the
    // archive nobody can tell without it, so that every release would be told.
    let (Some(_), Some(_)) = (edit.before, edit.after) else {
        return None;
    };
    let version = |files: &dyn Files| {
        let manifest = edit.path.parent().join("Cargo.toml")?;
        let manifest: toml::Table = files.read(&manifest).ok().flatten()?.parse().ok()?;
        let version = manifest.get("package")?.get("version")?;
        Some(version.as_str()?.to_owned())
    };
    let is_bumped = match (version(edit.beside_before), version(edit.beside_after)) {
        (Some(before), Some(after)) => before != after,
        _ => false,
    };
    (!is_bumped)
        .then(|| "is edited at the same version, so that cargo believes other files".to_owned())
}
