//! pnpm: its hooks and its settings.
//!
//! References: <https://pnpm.io/pnpmfile>, <https://pnpm.io/settings>

use super::{InstallFile, added_or_edited, ends_with, settings};

pub(super) const HOOKS: InstallFile = InstallFile {
    name: "the hooks of pnpm",
    recognises: |path| {
        [".pnpmfile.cjs", ".pnpmfile.mjs", "pnpmfile.js"]
            .iter()
            .any(|name| ends_with(path, &[name]))
    },
    compare: |edit| {
        added_or_edited(
            edit,
            "runs when packages are installed, and may change which",
        )
    },
};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of pnpm",
    recognises: |path| ends_with(path, &["pnpm-workspace.yaml"]),
    compare: |edit| settings::compare(edit, |text| settings::of_yaml(text, &STEERING)),
};

/// Settings that say where packages come from, who is believed on the way, or what is run.
const STEERING: [&str; 22] = [
    "registry",
    "registries",
    "namedRegistries",
    "pnpmfile",
    "globalPnpmfile",
    "configDependencies",
    "allowBuilds",
    "onlyBuiltDependencies",
    "neverBuiltDependencies",
    "dangerouslyAllowAllBuilds",
    "ignoreScripts",
    "scriptShell",
    "nodeOptions",
    "strictSsl",
    "ca",
    "cafile",
    "proxy",
    "httpsProxy",
    "verifyStoreIntegrity",
    "trustPolicy",
    "trustPolicyExclude",
    "minimumReleaseAgeExclude",
];
