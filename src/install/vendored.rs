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
    let after = edit.after?;
    if edit.before.is_none() {
        return has_other_digests(edit, after)
            .then(|| "is new, and has other digests than the same release had before".to_owned());
    }
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

/// Says whether the same archive was vendored before with other files. What a release brings that is new to the tree nobody
/// can tell without its archive: cargo compares the digest of the archive with Cargo.lock, and the files with this list.
fn has_other_digests(edit: &Edit<'_>, after: &[u8]) -> bool {
    let archive = |text: &[u8]| -> Option<String> {
        let checksums: serde_json::Value = serde_json::from_slice(text).ok()?;
        Some(checksums["package"].as_str()?.to_owned())
    };
    let Some(own) = archive(after) else {
        return false;
    };
    let crates = edit.path.parent().parent();
    let known = edit.beside_before.list(&crates).unwrap_or_default();
    known.iter().any(|folder| {
        let checksums = folder.path.join(".cargo-checksum.json");
        let text = checksums.and_then(|path| edit.beside_before.read(&path).ok().flatten());
        text.is_some_and(|text| {
            text.as_bytes() != after && archive(text.as_bytes()).as_ref() == Some(&own)
        })
    })
}
