//! Settings by their names, before and after a change: which of those that matter are no longer what they were.
//!
//! Only names are told, never values: these may hold tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::Edit;
use crate::lockfile::yaml;

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
    let Some(after) = settings(edit.after) else {
        return Some("cannot be read by now, so what it sets is not known".to_owned());
    };
    // Whatever a file said that nobody could read, its settings are new.
    let before = settings(edit.before).unwrap_or_default();
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut differing = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    let named: Vec<String> = differing
        .by_ref()
        .take(NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = differing.count();
    match (named.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(format!("sets {} anew", named.join(", "))),
        (false, more) => Some(format!("sets {} and {more} more anew", named.join(", "))),
    }
}

/// Reads `name = value` or `name value` lines; names that begin with a comment are left out.
pub(super) fn of_lines(text: &str, parted_by: &[char], matters: fn(&str) -> bool) -> Settings {
    let mut settings = Settings::new();
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let (name, value) = line.split_once(parted_by).unwrap_or((line, ""));
        let name = name.trim().trim_matches('"').trim_end_matches("[]");
        if matters(name) {
            let values: &mut String = settings.entry(name.to_owned()).or_default();
            values.push_str(value.trim());
            // Of lists every item counts.
            values.push('\n');
        }
    }
    settings
}

/// Picks values out of a TOML file by their dotted paths; `*` stands for any one name.
pub(super) fn of_toml(text: &str, paths: &[&str]) -> Option<Settings> {
    let document: toml::Table = text.parse().ok()?;
    let mut settings = Settings::new();
    for path in paths {
        let parts: Vec<&str> = path.split('.').collect();
        pick(
            &toml::Value::Table(document.clone()),
            &parts,
            "",
            &mut settings,
        );
    }
    Some(settings)
}

/// Picks the values of top-level keys out of a YAML file.
pub(super) fn of_yaml(text: &str, keys: &[&str]) -> Option<Settings> {
    let document = yaml::mapping(text)?.into_iter();
    let settings = document.filter(|(key, _)| keys.contains(&key.as_str()));
    Some(
        settings
            .map(|(key, value)| (key, value.to_string()))
            .collect(),
    )
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
