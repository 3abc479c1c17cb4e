//! `.cargo/config.toml`, the settings of cargo; `Cargo.toml`, as far as it names places that Cargo.lock does not show.
//!
//! References: <https://doc.rust-lang.org/cargo/reference/config.html>,
//! <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>

use super::settings::Settings;
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
        let told = settings::compare(edit, sources)?;
        lockfiles_stay(edit, &["Cargo.lock"])
            .then(|| format!("{told}, and its lockfile stays as it was"))
    },
};

/// Tables of dependencies, also by the names that older editions take.
const TABLES: [&str; 5] = [
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "build-dependencies",
    "build_dependencies",
];

/// Where such tables stand.
const HOLDERS: [&str; 3] = ["", "target.*.", "workspace."];

/// What a dependency says of a place other than the public registry.
const PLACES: [&str; 3] = ["git", "registry", "registry-index"];

/// Picks what a Cargo.toml says of places other than the public registry.
fn sources(text: &str) -> Option<Settings> {
    let mut paths = vec!["patch".to_owned(), "replace".to_owned()];
    for holder in HOLDERS {
        for table in TABLES {
            paths.extend(PLACES.map(|place| format!("{holder}{table}.*.{place}")));
        }
    }
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    settings::of_toml(text, &paths)
}

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
