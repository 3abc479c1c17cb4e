//! Settings by their names, before and after a change: which of those that matter are no longer what they were.
//!
//! Only names are told, never values: these may hold tokens.

use std::collections::BTreeMap;

use super::Edit;
use crate::lockfile::yaml;
use crate::package::hosts::HostName;

/// How many settings are named.
const NAMED: usize = 4;

/// The settings that matter, by their names.
pub(super) type Settings = BTreeMap<String, String>;

/// Names the settings that differ; `read` picks those that matter out of a file, and fails on what is no such file.
pub(super) fn compare(edit: &Edit<'_>, read: fn(&str) -> Option<Settings>) -> Option<String> {
    let settings = |bytes: Option<&[u8]>| match bytes {
        None => Some(Settings::new()),
        Some(bytes) => std::str::from_utf8(bytes).ok().and_then(read),
    };
    // To name the public registry is to change nothing.
    let settings = |bytes| {
        let mut settings: Settings = settings(bytes)?;
        settings.retain(|_, value| !names_public_registries(value));
        Some(settings)
    };
    let Some(after) = settings(edit.after) else {
        return Some("cannot be read by now, so what it sets is not known".to_owned());
    };
    // Whatever a file said that nobody could read, its settings are new.
    let before = settings(edit.before).unwrap_or_default();
    let in_one = |one: &Settings, other: &Settings| -> Vec<String> {
        let names = one.keys().filter(|name| !other.contains_key(*name));
        names.cloned().collect()
    };
    let other_values = after
        .iter()
        .filter(|(name, value)| before.get(*name).is_some_and(|old| old != *value));
    let told = [
        ("sets", in_one(&after, &before)),
        (
            "changes",
            other_values.map(|(name, _)| name.clone()).collect(),
        ),
        (
            "drops",
            in_one(&before, &after)
                .into_iter()
                .filter(|name| redirects(name))
                .collect(),
        ),
    ];
    let told = told.iter().filter(|(_, names)| !names.is_empty());
    let told: Vec<String> = told
        .map(|(verb, names)| format!("{verb} {}", words(names)))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Says whether a setting says where packages come from: without it they come from elsewhere.
fn redirects(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "registr",
        "index",
        "source",
        "repositor",
        "scope",
        "pypi",
        "find-links",
    ];
    words.iter().any(|word| name.contains(word))
}

/// Says whether a value names public registries, and nothing else that could be an address.
fn names_public_registries(value: &str) -> bool {
    let mut addresses = value.split("http").skip(1).peekable();
    let is_public = |rest: &str| {
        let host = rest.strip_prefix("s://").unwrap_or_default();
        let host = host
            .split(['/', '"', '\'', ' ', '\n', ','])
            .next()
            .unwrap_or_default();
        HostName::new(host).is_some_and(|host| host.is_public())
    };
    let is_checked =
        !value.contains("false") && !value.contains("git+") && !value.contains("file:");
    addresses.peek().is_some() && is_checked && addresses.all(is_public)
}

/// Names the first settings, and counts the others.
fn words(names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(|name| format!("`{name}`"));
    let named = named.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// How lines belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// Each stands for itself.
    Single,
    /// An indented one goes on with the one above it.
    Continued,
}

/// Reads `name = value` or `name value` lines; comments and names that do not matter are left out.
pub(super) fn of_lines(
    text: &str,
    parted_by: &[char],
    lines: Lines,
    matters: fn(&str, &str) -> bool,
) -> Settings {
    let mut settings = Settings::new();
    let mut last: Option<String> = None;
    // A carriage return alone ends a line too.
    for raw in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';', '[']) {
            continue;
        }
        let is_continued = lines == Lines::Continued && raw.starts_with([' ', '\t']);
        let (name, value) = match &last {
            Some(name) if is_continued => (name.clone(), line),
            _ => {
                let (name, value) = line.split_once(parted_by).unwrap_or((line, ""));
                (unquoted(name.trim()), value.trim())
            }
        };
        if matters(&name, value) {
            let values = settings.entry(name.clone()).or_default();
            // Of lists every item counts.
            values.extend([value, "\n"]);
        }
        last = Some(name);
    }
    settings
}

/// Takes the quotes off a name, as the readers of such files do; brackets behind it make a list.
fn unquoted(name: &str) -> String {
    let name = match name.strip_prefix('\'') {
        Some(inner) => inner.trim_end_matches('\'').to_owned(),
        None if name.starts_with('"') => {
            let parsed = serde_json::from_str(name);
            parsed.unwrap_or_else(|_not_json| name.trim_matches('"').to_owned())
        }
        None => name.to_owned(),
    };
    name.trim_end_matches("[]").to_owned()
}

/// Picks values out of a TOML file by their dotted paths; `*` stands for any one name.
pub(super) fn of_toml(text: &str, paths: &[&str]) -> Option<Settings> {
    let document = toml::Value::Table(text.parse().ok()?);
    let mut settings = Settings::new();
    for path in paths {
        let parts: Vec<&str> = path.split('.').collect();
        pick(&document, &parts, "", &mut settings);
    }
    Some(settings)
}

/// Picks the values of the top-level keys that matter out of a YAML file.
pub(super) fn of_yaml(text: &str, matters: fn(&str, &str) -> bool) -> Option<Settings> {
    let document = yaml::mapping(text)?.into_iter();
    let settings = document.map(|(key, value)| (key, value.to_string()));
    let settings = settings.filter(|(key, value)| matters(key, value));
    Some(settings.collect())
}

fn pick(value: &toml::Value, parts: &[&str], name: &str, settings: &mut Settings) {
    let Some((part, rest)) = parts.split_first() else {
        let value = serde_json::to_string(value).unwrap_or_default();
        settings.insert(name.to_owned(), value);
        return;
    };
    let Some(table) = value.as_table() else {
        return;
    };
    for (key, value) in table.iter().filter(|(key, _)| *part == "*" || key == part) {
        let name = if name.is_empty() {
            key.clone()
        } else {
            format!("{name}.{key}")
        };
        pick(value, rest, &name, settings);
    }
}
