//! `pdm.toml` and `poetry.toml`: the settings of PDM and of Poetry for one project.
//!
//! References: <https://pdm-project.org/en/latest/usage/config/>, <https://python-poetry.org/docs/configuration/>

use super::{InstallFile, ends_with, settings};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of a Python installer",
    recognises: |path| ends_with(path, &["pdm.toml"]) || ends_with(path, &["poetry.toml"]),
    compare: |edit| settings::compare(edit, |text| settings::of_toml(text, &STEERING)),
};

/// Tables that say where packages come from, who is believed on the way, or what is run.
const STEERING: [&str; 5] = [
    "pypi",
    "repositories",
    "http-basic",
    "certificates",
    "keyring",
];
