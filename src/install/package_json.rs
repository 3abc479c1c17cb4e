//! `package.json`: what npm and its kin run while the project itself is installed, and which package manager they fetch.
//!
//! References: <https://docs.npmjs.com/cli/v11/using-npm/scripts>, <https://nodejs.org/api/corepack.html>

use serde_json::Value;

use super::settings::{self, Settings};
use super::{InstallFile, ends_with};

pub(super) const SCRIPTS: InstallFile = InstallFile {
    name: "a manifest that runs code when it is installed",
    recognises: |path| ends_with(path, &["package.json"]),
    compare: |edit| settings::compare(edit, read),
};

/// Scripts that run at `npm install`.
const AT_INSTALL: [&str; 6] = [
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "prepublish",
    "dependencies",
];

fn read(text: &str) -> Option<Settings> {
    let manifest: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let script = |name: &&str| {
        Some((
            format!("scripts.{name}"),
            manifest["scripts"][*name].as_str()?.to_owned(),
        ))
    };
    let mut settings: Settings = AT_INSTALL.iter().filter_map(script).collect();
    // A version comes from the registry, an address from anywhere.
    let manager = manifest["packageManager"]
        .as_str()
        .filter(|manager| manager.contains("://"));
    settings.extend(manager.map(|manager| ("packageManager".to_owned(), manager.to_owned())));
    let patched = &manifest["pnpm"]["patchedDependencies"];
    if !patched.is_null() {
        settings.insert("pnpm.patchedDependencies".to_owned(), patched.to_string());
    }
    Some(settings)
}
