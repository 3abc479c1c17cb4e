//! `package.json`: what npm and its kin run while the project itself is installed, and which package manager they fetch.
//!
//! References: <https://docs.npmjs.com/cli/v11/using-npm/scripts>, <https://nodejs.org/api/corepack.html>

use serde_json::Value;

use super::settings::{self, Settings};
use super::{Edit, InstallFile, LOCKFILES_OF_NPM, ends_with, lockfiles_stay};

pub(super) const SCRIPTS: InstallFile = InstallFile {
    name: "a manifest that runs code when it is installed",
    recognises: |path| ends_with(path, &["package.json"]),
    compare: |edit| settings::compare(edit, read),
};

pub(super) const OVERRIDES: InstallFile = InstallFile {
    name: "a manifest that forces versions which its lockfile does not show",
    recognises: |path| ends_with(path, &["package.json"]),
    compare: compare_overrides,
};

/// An override that the lockfile shows is judged there; one that it does not show is applied at the next install.
fn compare_overrides(edit: &Edit<'_>) -> Option<String> {
    let told = settings::compare(edit, read_overrides)?;
    lockfiles_stay(edit, &LOCKFILES_OF_NPM)
        .then(|| format!("{told}, and its lockfile stays as it was"))
}

fn read_overrides(text: &str) -> Option<Settings> {
    let manifest: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let tables = [
        ("overrides", &manifest["overrides"]),
        ("resolutions", &manifest["resolutions"]),
        ("pnpm.overrides", &manifest["pnpm"]["overrides"]),
        (
            "pnpm.packageExtensions",
            &manifest["pnpm"]["packageExtensions"],
        ),
    ];
    let set = tables.into_iter().filter(|(_, table)| !table.is_null());
    Some(
        set.map(|(name, table)| (name.to_owned(), table.to_string()))
            .collect(),
    )
}

/// Scripts that run at `npm install`.
const AT_INSTALL: [&str; 6] = [
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "prepublish",
    "dependencies",
];

/// What pnpm lets packages do, as the manifest says.
const GRANTS: [&str; 4] = [
    "configDependencies",
    "dangerouslyAllowAllBuilds",
    "onlyBuiltDependencies",
    "patchedDependencies",
];

/// Scripts that set up hooks of git and do nothing else.
const HOOKS: [&str; 5] = [
    "husky",
    "husky install",
    "husky || true",
    "lefthook install",
    "simple-git-hooks",
];

fn read(text: &str) -> Option<Settings> {
    let manifest: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let script = |name: &&str| {
        Some((
            format!("scripts.{name}"),
            manifest["scripts"][*name].as_str()?.to_owned(),
        ))
    };
    let scripts = AT_INSTALL.iter().filter_map(script);
    let mut settings: Settings = scripts
        .filter(|(_, script)| !HOOKS.contains(&script.trim()))
        .collect();
    // A version comes from the registry, an address from anywhere.
    let manager = manifest["packageManager"]
        .as_str()
        .filter(|manager| manager.contains("://"));
    settings.extend(manager.map(|manager| ("packageManager".to_owned(), manager.to_owned())));
    let of_pnpm = GRANTS
        .iter()
        .map(|name| (format!("pnpm.{name}"), &manifest["pnpm"][*name]));
    let of_bun = (
        "trustedDependencies".to_owned(),
        &manifest["trustedDependencies"],
    );
    let granted = of_pnpm
        .chain([of_bun])
        .filter(|(_, value)| !value.is_null());
    settings.extend(granted.map(|(name, value)| (name, value.to_string())));
    Some(settings)
}
