//! `.cargo/config.toml`: the settings of cargo.
//!
//! Reference: <https://doc.rust-lang.org/cargo/reference/config.html>

use super::{InstallFile, ends_with, lockfiles_stay, settings};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of cargo",
    recognises: |path| {
        ["config.toml", "config"]
            .iter()
            .any(|name| ends_with(path, &[".cargo", name]))
    },
    compare: |edit| settings::compare(edit, |text| settings::of_toml(text, &STEERING)),
};

pub(super) const PATCHED: InstallFile = InstallFile {
    name: "a manifest that takes packages from places which Cargo.lock does not show",
    recognises: |path| ends_with(path, &["Cargo.toml"]),
    compare: |edit| {
        let told = settings::compare(edit, |text| settings::of_toml(text, &SOURCES))?;
        lockfiles_stay(edit, &["Cargo.lock"])
            .then(|| format!("{told}, and its lockfile stays as it was"))
    },
};

/// What a Cargo.toml says of places other than the registry.
const SOURCES: [&str; 11] = [
    "patch",
    "replace",
    "dependencies.*.git",
    "dependencies.*.registry",
    "dependencies.*.registry-index",
    "build-dependencies.*.git",
    "build-dependencies.*.registry-index",
    "dev-dependencies.*.git",
    "target.*.dependencies.*.git",
    "workspace.dependencies.*.git",
    "workspace.dependencies.*.registry-index",
];

/// Settings that say where packages come from, who is believed on the way, or what is run.
const STEERING: [&str; 19] = [
    "source",
    "paths",
    "patch",
    "include",
    "registry",
    "registries",
    "credential-alias",
    "http.proxy",
    "http.cainfo",
    "http.check-revoke",
    "net.git-fetch-with-cli",
    "build.rustc",
    "build.rustc-wrapper",
    "build.rustc-workspace-wrapper",
    "build.rustdoc",
    "target.*.runner",
    "target.*.linker",
    "target.*.rustflags",
    "build.rustflags",
];
