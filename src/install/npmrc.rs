//! `.npmrc`: the settings of npm, which pnpm and Bun read as well.
//!
//! Reference: <https://docs.npmjs.com/cli/v11/using-npm/config>

use super::settings::{self, Settings};
use super::{Edit, InstallFile, ends_with};
use crate::package::hosts::HostName;

pub(super) const NPMRC: InstallFile = InstallFile {
    name: "the settings of npm",
    recognises: |path| ends_with(path, &[".npmrc"]),
    compare,
};

/// Settings that say where packages come from, who is believed on the way, or what is run.
const STEERING: [&str; 25] = [
    "registry",
    "replace-registry-host",
    "proxy",
    "https-proxy",
    "noproxy",
    "strict-ssl",
    "ca",
    "cafile",
    "cert",
    "key",
    "ignore-scripts",
    "script-shell",
    "scripts-prepend-node-path",
    "shell",
    "shell-emulator",
    "node-options",
    "node-gyp",
    "nodedir",
    "python",
    "git",
    "pnpmfile",
    "global-pnpmfile",
    "userconfig",
    "globalconfig",
    "prefix",
];

fn compare(edit: &Edit<'_>) -> Option<String> {
    settings::compare(edit, |text| Some(read(text)))
}

fn read(text: &str) -> Settings {
    settings::of_lines(text, &['='], |name| {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let is_of_scope = name.starts_with('@') && name.ends_with(":registry");
        is_of_scope || is_of_stranger(&name) || STEERING.contains(&name.as_str())
    })
}

/// Whoever gets a token is somebody to talk to; the public registry is anyhow.
fn is_of_stranger(name: &str) -> bool {
    let host = name
        .strip_prefix("//")
        .and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| !HostName::new(host).is_some_and(|host| host.is_public()))
}
