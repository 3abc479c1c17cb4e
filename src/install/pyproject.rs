//! `pyproject.toml` and `uv.toml`: from where uv, Poetry and PDM fetch.
//!
//! References: <https://docs.astral.sh/uv/reference/settings/>, <https://python-poetry.org/docs/repositories/>,
//! <https://pdm-project.org/en/latest/usage/config/>

use super::{InstallFile, ends_with, settings};

pub(super) const UV_SETTINGS: InstallFile = InstallFile {
    name: "the settings of uv",
    recognises: |path| ends_with(path, &["uv.toml"]),
    compare: |edit| settings::compare(edit, |text| settings::of_toml(text, &UV)),
};

pub(super) const SOURCES: InstallFile = InstallFile {
    name: "a manifest that says where packages come from",
    recognises: |path| ends_with(path, &["pyproject.toml"]) || ends_with(path, &["Pipfile"]),
    compare: |edit| {
        settings::compare(edit, |text| {
            let of_uv: Vec<String> = UV.iter().map(|name| format!("tool.uv.{name}")).collect();
            let others = [
                "tool.poetry.source",
                "tool.pdm.source",
                "tool.pdm.resolution.respect-source-order",
                "source",
            ];
            let paths: Vec<&str> = of_uv.iter().map(String::as_str).chain(others).collect();
            settings::of_toml(text, &paths)
        })
    },
};

/// Settings of uv that say where packages come from or who is believed on the way.
const UV: [&str; 10] = [
    "index",
    "index-url",
    "extra-index-url",
    "default-index",
    "find-links",
    "index-strategy",
    "allow-insecure-host",
    "keyring-provider",
    "python-install-mirror",
    "pip",
];
