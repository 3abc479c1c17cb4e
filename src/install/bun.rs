//! `bunfig.toml`: the settings of Bun.
//!
//! Reference: <https://bun.com/docs/runtime/bunfig>

use super::{InstallFile, ends_with, settings};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of Bun",
    recognises: |path| ends_with(path, &["bunfig.toml"]) || ends_with(path, &[".bunfig.toml"]),
    compare: |edit| {
        settings::compare(edit, |text| {
            let paths = [
                "preload",
                "install.registry",
                "install.scopes",
                "install.ca",
                "install.cafile",
                "install.security",
                "run.shell",
            ];
            settings::of_toml(text, &paths)
        })
    },
};
