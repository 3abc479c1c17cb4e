//! `.cargo/config.toml`: the settings of cargo.
//!
//! Reference: <https://doc.rust-lang.org/cargo/reference/config.html>

use super::{InstallFile, ends_with, settings};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of cargo",
    recognises: |path| {
        ["config.toml", "config"]
            .iter()
            .any(|name| ends_with(path, &[".cargo", name]))
    },
    compare: |edit| settings::compare(edit, |text| settings::of_toml(text, &STEERING)),
};

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
