//! `.npmrc`: the settings of npm, which pnpm and Bun read as well.
//!
//! Reference: <https://docs.npmjs.com/cli/v11/using-npm/config>. Settings that do no more than ordinary work are listed;
//! every other one is told, because the list of those that redirect grows with every version.

use super::settings::{self, Lines, Settings};
use super::{Edit, InstallFile, ends_with};
use crate::package::hosts::HostName;

pub(super) const NPMRC: InstallFile = InstallFile {
    name: "the settings of npm",
    recognises: |path| ends_with(path, &[".npmrc"]),
    compare,
};

/// Settings of npm and pnpm that change what people see, how fast it goes or how folders are laid out.
const HARMLESS: [&str; 62] = [
    "access",
    "audit",
    "audit-level",
    "auto-install-peers",
    "block-exotic-subdeps",
    "child-concurrency",
    "color",
    "commit-hooks",
    "dedupe-peer-dependents",
    "depth",
    "diff",
    "email",
    "enable-modules-dir",
    "enable-pre-post-scripts",
    "engine-strict",
    "fetch-retries",
    "fetch-retry-factor",
    "fetch-retry-maxtimeout",
    "fetch-retry-mintimeout",
    "fetch-timeout",
    "foreground-scripts",
    "fund",
    "git-checks",
    "hoist",
    "hoist-pattern",
    "ignore-workspace-root-check",
    "include-workspace-root",
    "init-author-name",
    "init-license",
    "init-version",
    "install-strategy",
    "json",
    "legacy-peer-deps",
    "link-workspace-packages",
    "loglevel",
    "maxsockets",
    "message",
    "network-concurrency",
    "node-linker",
    "omit",
    "package-manager-strict",
    "prefer-dedupe",
    "prefer-offline",
    "prefer-workspace-packages",
    "progress",
    "provenance",
    "public-hoist-pattern",
    "reporter",
    "resolution-mode",
    "save",
    "save-exact",
    "save-prefix",
    "save-workspace-protocol",
    "shamefully-hoist",
    "side-effects-cache",
    "sign-git-tag",
    "stream",
    "strict-peer-dependencies",
    "strict-peer-deps",
    "tag-version-prefix",
    "update-notifier",
    "workspaces-update",
];

/// Settings that take something from whoever redirects, by their values.
const HARDENING: [(&str, &str); 5] = [
    ("lockfile", "true"),
    ("ignore-scripts", "true"),
    ("strict-ssl", "true"),
    ("package-lock", "true"),
    ("shrinkwrap", "true"),
];

fn compare(edit: &Edit<'_>) -> Option<String> {
    settings::compare(edit, |text| Some(read(text)))
}

fn read(text: &str) -> Settings {
    settings::of_lines(text, &['='], Lines::Single, |name, value| {
        let plain = name.to_ascii_lowercase().replace('_', "-");
        let is_age = ["before", "min-release-age", "minimum-release-age"].contains(&plain.as_str());
        let hardens = HARDENING.contains(&(plain.as_str(), value)) || (is_age && value != "0");
        !HARMLESS.contains(&plain.as_str()) && !hardens && !is_of_public_registry(name)
    })
}

/// Whoever gets a token is somebody to talk to; the public registry is anyhow.
fn is_of_public_registry(name: &str) -> bool {
    let host = name
        .strip_prefix("//")
        .and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| HostName::new(host).is_some_and(|host| host.is_public()))
}
