//! What each tool's settings say of registries. Pure: the text of a file → addresses as somebody wrote them.

use std::collections::BTreeMap;

use crate::lockfile::yaml;

/// Addresses of registries, as somebody wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// That of all packages whose scope has none.
    pub(super) default: Option<String>,
    /// Those of scopes of npm, by their names.
    pub(super) scopes: BTreeMap<String, String>,
}

/// Takes a value for what it says of a registry; of equal names the last counts.
fn add_line(named: &mut Named, name: &str, value: &str) {
    let address = address(value);
    match name.strip_suffix(":registry") {
        Some(scope) if scope.starts_with('@') => {
            named.scopes.insert(scope.to_owned(), address);
        }
        None if name == "registry" => named.default = Some(address),
        _ => {}
    }
}

/// Takes quotes, or a comment, off an address.
fn address(text: &str) -> String {
    let text = text.trim();
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let (inside, _) = text.strip_prefix(*quote)?.split_once(*quote)?;
        Some(inside)
    });
    let plain = || text.split([';', '#']).next().unwrap_or_default();
    quoted.unwrap_or_else(plain).trim().to_owned()
}

pub(super) fn read_npm(text: &str) -> Named {
    let mut named = Named::default();
    for line in lines(text).filter(|line| !line.starts_with([';', '#', '['])) {
        if let Some((name, value)) = line.split_once('=') {
            add_line(&mut named, &address(name), value);
        }
    }
    named
}

/// Reads lines of Yarn 1: names, in quotes or not, parted by commas; a colon or not; a value.
pub(super) fn read_yarn_1(text: &str) -> Named {
    let mut named = Named::default();
    for line in lines(text).filter(|line| !line.starts_with('#')) {
        let (mut names, mut rest) = (Vec::new(), line);
        while let Some((name, behind)) = yarn_name(rest) {
            names.push(name);
            rest = behind.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more.trim_start(),
                None => break,
            }
        }
        let value = rest.strip_prefix(':').unwrap_or(rest);
        for name in names {
            add_line(&mut named, name, value);
        }
    }
    named
}

/// Parts a name of Yarn 1 from what stands behind it.
fn yarn_name(line: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = line.strip_prefix('"') {
        return quoted.split_once('"');
    }
    let end = line.find([' ', '\t', ':', ',', '=']);
    let (name, rest) = line.split_at(end.unwrap_or(line.len()));
    (!name.is_empty()).then_some((name, rest))
}

/// A carriage return alone ends a line, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_start_matches('\u{feff}');
    text.split(['\n', '\r']).map(str::trim)
}

pub(super) fn read_yarn(text: &str) -> Option<Named> {
    let document = yaml::mapping(text)?;
    let server = "npmRegistryServer";
    let scopes = document
        .get("npmScopes")
        .and_then(|value| value.as_object());
    let scopes = scopes.into_iter().flatten();
    let scopes =
        scopes.filter_map(|(scope, value)| Some((with_sign(scope), text_of(value.get(server)?))));
    Some(Named {
        default: document.get(server).map(text_of),
        scopes: scopes.collect(),
    })
}

/// Reads `registry`, and `registries` in either form: addresses by scope, or scopes by address.
pub(super) fn read_pnpm(text: &str) -> Option<Named> {
    let document = yaml::mapping(text)?;
    let mut named = Named {
        default: document.get("registry").map(text_of),
        scopes: BTreeMap::new(),
    };
    let registries = document
        .get("registries")
        .and_then(|value| value.as_object());
    for (key, value) in registries.into_iter().flatten() {
        match value.get("scopes").and_then(|scopes| scopes.as_array()) {
            Some(scopes) => {
                for scope in scopes {
                    add_scope(&mut named, &text_of(scope), key.clone());
                }
            }
            None => add_scope(&mut named, key, text_of(value)),
        }
    }
    Some(named)
}

/// pnpm calls the default registry `default` in one form, and `@` in the other.
fn add_scope(named: &mut Named, scope: &str, address: String) {
    if ["default", "@"].contains(&scope) {
        named.default = Some(address);
    } else {
        named.scopes.insert(with_sign(scope), address);
    }
}

/// Reads `[install]`; a registry is an address, or a table with one among its secrets.
pub(super) fn read_bun(text: &str) -> Option<Named> {
    let document: toml::Table = text.parse().ok()?;
    let install = document.get("install");
    let of_value = |value: &toml::Value| {
        let value = value.get("url").unwrap_or(value);
        value.as_str().unwrap_or_default().to_owned()
    };
    let scopes = install.and_then(|install| install.get("scopes")?.as_table());
    let scopes = scopes.into_iter().flatten();
    Some(Named {
        default: install
            .and_then(|install| install.get("registry"))
            .map(of_value),
        scopes: scopes
            .map(|(scope, value)| (with_sign(scope), of_value(value)))
            .collect(),
    })
}

/// Reads `[[tool.pdm.source]]`: one that is called `pypi` takes the place of the public index, others are asked beside it.
pub(super) fn read_pdm(text: &str) -> Option<Named> {
    let document: toml::Table = text.parse().ok()?;
    let pdm = document.get("tool").and_then(|tool| tool.get("pdm"));
    let sources = pdm.and_then(|pdm| pdm.get("source")?.as_array());
    let text = |source: &toml::Value, key: &str| Some(source.get(key)?.as_str()?.to_owned());
    let mut sources = sources.into_iter().flatten();
    let own = sources.find(|source| text(source, "name").as_deref() == Some("pypi"));
    Some(Named {
        default: own.map(|own| text(own, "url").unwrap_or_default()),
        scopes: BTreeMap::new(),
    })
}

fn text_of(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Yarn and Bun know scopes without their sign, too.
fn with_sign(scope: &str) -> String {
    format!("@{}", scope.trim_start_matches('@'))
}
