//! Where a tree's own settings say that packages of npm come from, which most lockfiles of pnpm, Yarn and Bun leave out.
//!
//! Nobody is asked at these addresses: a tree names no host to contact. What they are good for is silence, because the
//! names that they serve are nobody else's business. Of Python's tools, those whose lockfiles leave it out ask the
//! public index about every name themselves.
//!
//! References: <https://docs.npmjs.com/cli/v11/using-npm/scope>, <https://pnpm.io/settings>,
//! <https://yarnpkg.com/configuration/yarnrc>, <https://bun.com/docs/runtime/bunfig>

use std::collections::BTreeMap;

use super::above;
use super::settings::{self, Lines};
use crate::files::Files;
use crate::lockfile::yaml;
use crate::package::hosts::Hosts;
use crate::package::source::Host;
use crate::package::{Ecosystem, PackageName};
use crate::path::FilePath;

/// The files that name registries.
const FILES: [(&str, Form); 6] = [
    (".npmrc", Form::Lines(&['='])),
    (".yarnrc", Form::Lines(&[' ', '\t'])),
    (".yarnrc.yml", Form::Document(read_yarn)),
    ("pnpm-workspace.yaml", Form::Document(read_pnpm)),
    ("bunfig.toml", Form::Document(read_bun)),
    (".bunfig.toml", Form::Document(read_bun)),
];

/// Addresses of registries as somebody wrote them, by the scope that they serve; by no scope the default one.
type Named = Vec<(Option<String>, String)>;

/// Whose registries serve the packages of one lockfile of npm, as far as settings beside or above it say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRegistries(BTreeMap<Option<String>, Host>);

impl NamedRegistries {
    /// Reads the settings beside a lockfile and in the folders above it; the nearest count.
    ///
    /// What cannot be read may name any registry.
    pub fn of(lockfile: &FilePath, files: &dyn Files, hosts: &Hosts) -> Self {
        let mut named = BTreeMap::new();
        for folder in above(lockfile) {
            for (scope, host) in of_folder(&folder, files, hosts) {
                named.entry(scope).or_insert(host);
            }
        }
        Self(named)
    }

    /// Says whether nothing names a registry.
    pub fn is_silent(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whose registry serves a package; none if no setting says so.
    pub fn host(&self, name: &PackageName<'_>) -> Option<Host> {
        let scope = name.scope().map(str::to_owned);
        let of_scope = scope.is_some().then(|| self.0.get(&scope)).flatten();
        of_scope.or_else(|| self.0.get(&None)).copied()
    }
}

/// Of two files in one folder nobody knows which tool will be called: the registry that is least known counts.
fn of_folder(
    folder: &FilePath,
    files: &dyn Files,
    hosts: &Hosts,
) -> BTreeMap<Option<String>, Host> {
    let mut named: BTreeMap<Option<String>, Host> = BTreeMap::new();
    for (name, form) in FILES {
        let Some(path) = folder.join(name) else {
            continue;
        };
        let settings = match files.read(&path) {
            Ok(None) => continue,
            Ok(Some(text)) => form.read(&text),
            Err(_) => None,
        };
        let Some(settings) = settings else {
            named.insert(None, Host::Unknown);
            continue;
        };
        for (scope, address) in settings {
            let host = hosts.of(Ecosystem::Npm, &address).unwrap_or(Host::Unknown);
            let known = named.entry(scope).or_insert(host);
            *known = (*known).max(host);
        }
    }
    named
}

/// The forms in which files name registries.
#[derive(Clone, Copy)]
enum Form {
    /// Lines of npm or Yarn 1: a name, one of these characters, and an address.
    Lines(&'static [char]),
    /// A document, which may be no such file.
    Document(fn(&str) -> Option<Named>),
}

impl Form {
    /// Reads what a file says of registries; none if it is no such file.
    fn read(self, text: &str) -> Option<Named> {
        match self {
            Self::Lines(parted_by) => Some(read_lines(text, parted_by)),
            Self::Document(read) => read(text),
        }
    }
}

/// Reads `registry` and `@scope:registry`, which both npm and Yarn 1 know.
fn read_lines(text: &str, parted_by: &[char]) -> Named {
    let settings = settings::of_lines(text, parted_by, Lines::Single, |name, _| {
        name == "registry" || (name.starts_with('@') && name.ends_with(":registry"))
    });
    let settings = settings.into_iter();
    let named = settings.flat_map(|(name, values)| {
        let scope = name.strip_suffix(":registry").map(str::to_owned);
        let values: Vec<String> = values.lines().map(address).collect();
        values.into_iter().map(move |value| (scope.clone(), value))
    });
    named.collect()
}

/// Takes quotes off an address.
fn address(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

fn read_yarn(text: &str) -> Option<Named> {
    let document = yaml::mapping(text)?;
    let server = "npmRegistryServer";
    let default = document.get(server).map(|value| (None, text_of(value)));
    let scopes = document
        .get("npmScopes")
        .and_then(|value| value.as_object());
    let scopes = scopes.into_iter().flatten();
    let scopes = scopes
        .filter_map(|(scope, value)| Some((Some(with_sign(scope)), text_of(value.get(server)?))));
    Some(default.into_iter().chain(scopes).collect())
}

fn read_pnpm(text: &str) -> Option<Named> {
    let document = yaml::mapping(text)?;
    let default = document.get("registry").map(|value| (None, text_of(value)));
    let scopes = document
        .get("registries")
        .and_then(|value| value.as_object());
    let scopes = scopes.into_iter().flatten().map(|(scope, value)| {
        let scope = (scope != "default").then(|| with_sign(scope));
        (scope, text_of(value))
    });
    Some(default.into_iter().chain(scopes).collect())
}

fn read_bun(text: &str) -> Option<Named> {
    let document: toml::Table = text.parse().ok()?;
    let Some(install) = document.get("install") else {
        return Some(Named::new());
    };
    // A registry is an address, or a table with one among its secrets.
    let of_value = |value: &toml::Value| {
        let value = value.get("url").unwrap_or(value);
        value.as_str().unwrap_or_default().to_owned()
    };
    let default = install.get("registry").map(|value| (None, of_value(value)));
    let scopes = install.get("scopes").and_then(toml::Value::as_table);
    let scopes = scopes.into_iter().flatten();
    let scopes = scopes.map(|(scope, value)| (Some(with_sign(scope)), of_value(value)));
    Some(default.into_iter().chain(scopes).collect())
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Yarn and Bun know scopes without their sign, too.
fn with_sign(scope: &str) -> String {
    format!("@{}", scope.trim_start_matches('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MapFiles;
    use crate::package::hosts::HostName;

    fn hosts() -> Hosts {
        let host = |text| HostName::new(text).expect("a host");
        Hosts {
            mirrors: [host("mirror.example")].into(),
            private: [host("corp.example")].into(),
        }
    }

    fn host(files: &[(&str, &str)], folder: &str, name: &str) -> Option<Host> {
        let files = MapFiles::new(files.iter().copied());
        let folder = FilePath::new(folder).expect("a folder");
        let lockfile = folder.join("yarn.lock").expect("a path");
        let named = NamedRegistries::of(&lockfile, &files, &hosts());
        named.host(&PackageName::new(Ecosystem::Npm, name.to_owned().into()))
    }

    #[test]
    fn each_tool_says_in_its_own_words_where_a_scope_comes_from() {
        let files = [
            (
                ".npmrc",
                "; mine\n@a:registry = https://corp.example/npm/\n//corp.example/:_authToken=x\n",
            ),
            (
                ".npmrc",
                "\"@a:registry\" = \"https://corp.example/npm/\"\n",
            ),
            (".yarnrc", "\"@a:registry\" \"https://corp.example/npm/\"\n"),
            (
                ".yarnrc.yml",
                "npmScopes:\n  a:\n    npmRegistryServer: \"https://corp.example/npm/\"\n",
            ),
            (
                "pnpm-workspace.yaml",
                "registries:\n  '@a': https://corp.example/\n",
            ),
            (
                "bunfig.toml",
                "[install.scopes]\na = { url = \"https://corp.example/\", token = \"$T\" }\n",
            ),
            (
                ".bunfig.toml",
                "[install.scopes]\n\"@a\" = \"https://corp.example/\"\n",
            ),
        ];
        for file in files {
            assert_eq!(host(&[file], "", "@a/b"), Some(Host::Private), "{file:?}");
            assert_eq!(host(&[file], "", "@ab/c"), None, "{file:?}");
            assert_eq!(host(&[file], "", "a"), None, "{file:?}");
        }
    }

    #[test]
    fn a_default_registry_serves_all_but_the_scopes_that_have_their_own() {
        let files = [
            (
                ".npmrc",
                "registry=https://elsewhere.example/\n@a:registry=https://registry.npmjs.org/\n",
            ),
            (
                ".yarnrc",
                "registry \"https://elsewhere.example/\"\n\"@a:registry\" \"https://registry.yarnpkg.com\"\n",
            ),
            (
                ".yarnrc.yml",
                "npmRegistryServer: https://elsewhere.example\nnpmScopes:\n  a: { npmRegistryServer: https://registry.npmjs.org }\n",
            ),
            (
                "pnpm-workspace.yaml",
                "registries:\n  default: https://elsewhere.example\n  '@a': https://registry.npmjs.org\n",
            ),
            (
                "pnpm-workspace.yaml",
                "registry: https://elsewhere.example\nregistries:\n  '@a': https://registry.npmjs.org\n",
            ),
            (
                "bunfig.toml",
                "[install]\nregistry = \"https://elsewhere.example\"\nscopes = { a = \"https://registry.npmjs.org\" }\n",
            ),
        ];
        for file in files {
            assert_eq!(
                host(&[file], "", "left-pad"),
                Some(Host::Unknown),
                "{file:?}"
            );
            assert_eq!(host(&[file], "", "@b/c"), Some(Host::Unknown), "{file:?}");
            assert_eq!(host(&[file], "", "@a/b"), Some(Host::Public), "{file:?}");
        }
    }

    #[test]
    fn whose_host_it_is_the_settings_say() {
        let of = |address: &str| host(&[(".npmrc", &format!("registry={address}"))], "", "x");
        assert_eq!(of("https://registry.npmjs.org/"), Some(Host::Public));
        assert_eq!(of("https://mirror.example/npm"), Some(Host::Mirror));
        assert_eq!(of("https://corp.example/npm"), Some(Host::Private));
        // What stands in a variable may be anywhere.
        for address in ["https://other.example", "${REGISTRY}", "", "localhost"] {
            assert_eq!(of(address), Some(Host::Unknown), "{address}");
        }
    }

    #[test]
    fn the_nearest_settings_count_and_of_one_folder_the_least_known() {
        let files = [
            (".npmrc", "@a:registry=https://corp.example"),
            ("web/.npmrc", "@a:registry=https://registry.npmjs.org"),
            ("web/app/.yarnrc.yml", "nodeLinker: pnp"),
            ("both/.npmrc", "@a:registry=https://registry.npmjs.org"),
            (
                "both/bunfig.toml",
                "[install.scopes]\na = \"https://corp.example\"\n",
            ),
        ];
        assert_eq!(host(&files, "", "@a/b"), Some(Host::Private));
        assert_eq!(host(&files, "api", "@a/b"), Some(Host::Private));
        assert_eq!(host(&files, "web", "@a/b"), Some(Host::Public));
        assert_eq!(host(&files, "web/app", "@a/b"), Some(Host::Public));
        assert_eq!(host(&files, "both", "@a/b"), Some(Host::Private));
    }

    #[test]
    fn what_cannot_be_read_may_name_any_registry() {
        for file in [
            (".yarnrc.yml", "npmScopes: [\n"),
            ("pnpm-workspace.yaml", "- a\n"),
            ("bunfig.toml", "[install\n"),
        ] {
            assert_eq!(host(&[file], "", "a"), Some(Host::Unknown), "{file:?}");
        }
        assert_eq!(host(&[("bunfig.toml", "")], "", "a"), None);
        assert_eq!(host(&[], "", "a"), None);
    }
}
