//! The settings in force, one by one, and where each came from.

use std::fmt::Write;

use toml::de::DeTable;

use super::{Accept, Config, Development, FeedPlace, Occasion, Refresh, RuleSetting, Target};
use crate::lockfile::{Location, SourceFile};
use crate::package::RemoteAddress;
use crate::package::endpoints::OSV_EXPORT;
use crate::path::FilePath;
use crate::registry::Service;

/// A table of settings, as the file would hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTable {
    /// Its head, such as `[gate]`.
    pub head: &'static str,
    /// Its settings.
    pub settings: Vec<Setting>,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: &'static str,
    /// Its value, as the file would hold it.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file says so.
    File(FilePath, Location),
    /// It was typed, as this option.
    Typed(&'static str),
}

/// Lists the settings in force in the order of the file; `file` is the one that they were read from.
pub fn show(config: &Config, file: Option<&SourceFile>) -> Vec<ShownTable> {
    let document = file.and_then(|file| DeTable::parse(file.text()).ok());
    let places = Places {
        file,
        document: document.as_ref().map(toml::Spanned::get_ref),
    };
    let mut tables = vec![
        places.table("inputs", "[inputs]", inputs(config)),
        places.table("gate", "[gate]", gate(config)),
        places.table("db", "[db]", db(config)),
        places.table("rules", "[rules]", rules(config)),
        places.table("registry", "[registry]", registry(config)),
        places.table(
            "verify",
            "[verify]",
            vec![("caches", config.verify.caches.to_string())],
        ),
    ];
    tables.extend(config.accepts.iter().map(accept));
    tables
}

/// Finds where keys stand.
struct Places<'f> {
    file: Option<&'f SourceFile>,
    document: Option<&'f DeTable<'f>>,
}

impl Places<'_> {
    fn table(
        &self,
        name: &str,
        head: &'static str,
        values: Vec<(&'static str, String)>,
    ) -> ShownTable {
        let settings = values.into_iter().map(|(key, value)| Setting {
            key,
            value,
            origin: self.origin(name, key),
        });
        ShownTable {
            head,
            settings: settings.collect(),
        }
    }

    fn origin(&self, table: &str, key: &str) -> Origin {
        let of_key = || {
            let table = self.document?.get(table)?.get_ref().as_table()?;
            let (key, _) = table.get_key_value(key)?;
            let file = self.file?;
            let start = u32::try_from(key.span().start).ok()?;
            Some(Origin::File(file.path().clone(), file.locate(start)))
        };
        of_key().unwrap_or(Origin::Default)
    }
}

fn inputs(config: &Config) -> Vec<(&'static str, String)> {
    let dev = match config.inputs.dev {
        Development::Report => "report",
        Development::Gate => "gate",
        Development::Skip => "skip",
    };
    let exclude = config.inputs.exclude.iter().map(super::PathGlob::as_str);
    vec![("exclude", list(exclude)), ("dev", quoted(dev))]
}

fn gate(config: &Config) -> Vec<(&'static str, String)> {
    // What a change requires, unless somebody said; an audit requires less.
    let require = config.gate.require.as_deref();
    let require = require.unwrap_or_else(|| Occasion::Change.requirements());
    let require = require.iter().map(|requirement| requirement.id());
    vec![
        ("fail-on", quoted(config.gate.fail_on.id())),
        (
            "unknown-severity",
            quoted(config.gate.unknown_severity.id()),
        ),
        ("require", list(require)),
    ]
}

fn db(config: &Config) -> Vec<(&'static str, String)> {
    let refresh = match config.db.refresh {
        Refresh::Auto => "auto",
        Refresh::Never => "never",
    };
    let mut values = vec![
        ("max-age", quoted(&config.db.max_age_words())),
        ("refresh", quoted(refresh)),
    ];
    let places = [("epss", &config.db.epss), ("kev", &config.db.kev)];
    let known = places
        .into_iter()
        .filter_map(|(key, place)| Some((key, quoted(place.as_ref()?.as_str()))));
    values.extend(known);
    values
}

fn rules(config: &Config) -> Vec<(&'static str, String)> {
    let settings = config.rules.settings().map(|(rule, setting)| {
        let word = match setting {
            RuleSetting::Off => "off",
            RuleSetting::Severity(severity) => severity.id(),
        };
        (rule.0, quoted(word))
    });
    settings.collect()
}

fn registry(config: &Config) -> Vec<(&'static str, String)> {
    let names = |hosts: &std::collections::BTreeSet<crate::package::hosts::HostName>| {
        list(hosts.iter().map(crate::package::hosts::HostName::as_str))
    };
    let base = config.db.base.as_ref();
    let registries = Service::ALL.map(|service| {
        let address = config.registries.get(service).map(RemoteAddress::as_str);
        (
            service.key(),
            quoted(address.unwrap_or_else(|| service.public_address())),
        )
    });
    let mut values = vec![("osv", quoted(base.map_or(OSV_EXPORT, FeedPlace::as_str)))];
    values.extend(registries);
    values.extend([
        ("mirrors", names(&config.hosts.mirrors)),
        ("private", names(&config.hosts.private)),
        (
            "internal",
            list(config.internal.patterns().map(super::NamePattern::as_str)),
        ),
    ]);
    values
}

fn accept(accept: &Accept) -> ShownTable {
    let target = match accept.target {
        Target::Package(_) => "package",
        Target::File(_) => "file",
    };
    let bound = &accept.bound;
    let project = bound.project.as_ref();
    let project = project.map(|path| ("project", quoted(path.untrusted().as_str())));
    let via = bound.via.as_ref().map(|via| ("via", quoted(via.as_str())));
    let head = [
        ("rule", quoted(accept.rule.id.0)),
        (target, quoted(accept.subject())),
    ];
    let rest = [
        ("ids", list(accept.ids.iter().map(String::as_str))),
        ("reason", quoted(&accept.reason)),
        ("owner", quoted(&accept.owner)),
        ("expires", accept.expires.to_string()),
    ];
    let values = head.into_iter().chain(project).chain(via).chain(rest);
    let settings = values.map(|(key, value)| Setting {
        key,
        value,
        origin: Origin::File(accept.path.clone(), accept.location),
    });
    ShownTable {
        head: "[[accept]]",
        settings: settings.collect(),
    }
}

/// Writes a text as a basic string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            plain => quoted.push(plain),
        }
    }
    quoted.push('"');
    quoted
}

fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn texts_come_back_as_they_were() {
        for text in ["plain", "a \"quote\" and a \\", "two\nlines\u{7f}", "ä"] {
            let document = format!("key = {}", quoted(text));
            let read: toml::Table = toml::from_str(&document).expect("valid TOML");
            assert_eq!(read["key"].as_str(), Some(text));
        }
    }
}
