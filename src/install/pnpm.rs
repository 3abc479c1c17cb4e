//! pnpm: its hooks and its settings.
//!
//! References: <https://pnpm.io/pnpmfile>, <https://pnpm.io/settings>

use super::{InstallFile, LOCKFILES_OF_NPM, added_or_edited, ends_with, lockfiles_stay, settings};

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
    compare: |edit| {
        settings::compare(edit, |text| {
            settings::of_yaml(text, |key, value| {
                let hardens = matches!(
                    (key, value),
                    ("ignoreScripts" | "strictSsl", "true") | ("trustPolicy", "\"no-downgrade\"")
                );
                let is_age = key == "minimumReleaseAge" && value != "0";
                !HARMLESS.contains(&key) && !hardens && !is_age
            })
        })
    },
};

pub(super) const FORCED: InstallFile = InstallFile {
    name: "settings of pnpm that force versions which the lockfile does not show",
    recognises: |path| ends_with(path, &["pnpm-workspace.yaml"]),
    compare: |edit| {
        let told = settings::compare(edit, |text| settings::of_yaml(text, forces))?;
        lockfiles_stay(edit, &LOCKFILES_OF_NPM)
            .then(|| format!("{told}, and its lockfile stays as it was"))
    },
};

/// Says whether a setting forces versions.
fn forces(key: &str, _value: &str) -> bool {
    ["overrides", "catalog", "catalogs"].contains(&key)
}

/// Settings of pnpm that say what there is, or how folders are laid out; what they bring shows in the lockfile. Every other
/// one is told.
const HARMLESS: [&str; 38] = [
    "auditConfig",
    "autoInstallPeers",
    "blockExoticSubdeps",
    "catalog",
    "catalogMode",
    "catalogs",
    "childConcurrency",
    "cleanupUnusedCatalogs",
    "dedupePeerDependents",
    "dedupePeers",
    "deployAllFiles",
    "engineStrict",
    "excludeLinksFromLockfile",
    "hoist",
    "hoistPattern",
    "ignoredBuiltDependencies",
    "injectWorkspacePackages",
    "linkWorkspacePackages",
    "networkConcurrency",
    "nodeLinker",
    "overrides",
    "packages",
    "peerDependencyRules",
    "preferOffline",
    "preferWorkspacePackages",
    "publicHoistPattern",
    "resolutionMode",
    "saveExact",
    "savePrefix",
    "saveWorkspaceProtocol",
    "shamefullyHoist",
    "sharedWorkspaceLockfile",
    "sideEffectsCache",
    "strictDepBuilds",
    "strictPeerDependencies",
    "supportedArchitectures",
    "updateConfig",
    "updateNotifier",
];
