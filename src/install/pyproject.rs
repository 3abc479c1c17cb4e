//! `pyproject.toml` and `uv.toml`: from where uv, Poetry and PDM fetch.
//!
//! References: <https://docs.astral.sh/uv/reference/settings/>, <https://python-poetry.org/docs/repositories/>,
//! <https://pdm-project.org/en/latest/usage/config/>

use super::{InstallFile, ends_with, lockfiles_stay, settings};

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

pub(super) const FORCED: InstallFile = InstallFile {
    name: "a manifest that forces versions which its lockfile does not show",
    recognises: |path| ends_with(path, &["pyproject.toml"]) || ends_with(path, &["uv.toml"]),
    compare: |edit| {
        let told = settings::compare(edit, |text| settings::of_toml(text, &FORCES))?;
        let lockfiles = ["uv.lock", "poetry.lock", "pdm.lock"];
        lockfiles_stay(edit, &lockfiles)
            .then(|| format!("{told}, and its lockfile stays as it was"))
    },
};

/// Settings that force versions or sources, in pyproject.toml and in uv.toml.
const FORCES: [&str; 8] = [
    "tool.uv.sources",
    "tool.uv.override-dependencies",
    "tool.uv.constraint-dependencies",
    "tool.uv.build-constraint-dependencies",
    "override-dependencies",
    "constraint-dependencies",
    "tool.pdm.resolution",
    "tool.poetry.requires-plugins",
];

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
