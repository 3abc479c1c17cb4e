//! Settings: the defaults, and what a `linchpin.toml` changes. Pure.
//!
//! One file for each table. An unknown key, rule or value is an error, because a setting that is silently
//! ignored is a gate that is silently open; all errors of a file are told at once, and nothing runs on a file
//! that is half valid. A key is known only once the program acts on it.

mod accept;
mod db;
mod error;
mod gate;
mod glob;
mod inputs;
mod internal;
mod reader;
mod registries;
mod registry;
mod rules;
mod show;
mod verify;

use jiff::Timestamp;
use toml::de::DeTable;

pub use accept::{Accept, Bound, Target, Via};
pub use db::{Db, ExploitationSource, FeedPlace, Refresh};
pub use error::ConfigError;
pub use gate::{Gate, Occasion, Requirement, UnusedAccepts};
pub use glob::PathGlob;
pub use inputs::{Development, Inputs};
pub use internal::{InternalNames, NamePattern};
pub use registries::Registries;
pub use rules::{RuleSetting, Rules};
pub(crate) use show::quoted;
pub use show::{Origin, Setting, ShownTable, show};
pub use verify::Verify;

use crate::lockfile::{SourceFile, Span};
use crate::package::hosts::Hosts;
use crate::signal::rule::Rule;
use reader::{Reader, Section, Value, span};

/// The version of the file's form that this program reads.
const SCHEMA: &str = "1";

/// What may stand at the top of the file.
const KNOWN: &[&str] = &[
    "schema", "inputs", "gate", "db", "rules", "registry", "verify", "accept",
];

/// The settings in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// What is read.
    pub inputs: Inputs,
    /// When a run fails.
    pub gate: Gate,
    /// Where advisories come from, and how old they may be.
    pub db: Db,
    /// What the findings of a rule weigh.
    pub rules: Rules,
    /// `[registry]`: the hosts that the project vouches for.
    pub hosts: Hosts,
    /// `[registry]`: the names of the project's own packages.
    pub internal: InternalNames,
    /// `[registry]`: where registries are asked.
    pub registries: Registries,
    /// What is compared with local copies.
    pub verify: Verify,
    /// `[[accept]]`: findings that somebody answers for.
    pub accepts: Vec<Accept>,
}

impl Config {
    /// Reads a `linchpin.toml`; the clock says how long an acceptance may last, and `rules` which rules there are.
    ///
    /// # Errors
    ///
    /// Fails on anything that is not a known key with a valid value; returns everything that is wrong, in the
    /// order of the file.
    pub fn read(
        file: &SourceFile,
        now: Timestamp,
        rules: impl Iterator<Item = &'static Rule>,
    ) -> Result<Self, Vec<ConfigError>> {
        let (document, errors) = DeTable::parse_recoverable(file.text());
        if !errors.is_empty() {
            // What the parser could not follow may have swallowed anything, so nothing else is judged.
            return Err(errors.iter().map(syntax_error).collect());
        }
        let mut reader = Reader {
            errors: Vec::new(),
            rules: rules.collect(),
        };
        let document = Section {
            name: "",
            table: document.get_ref(),
            span: Span::default(),
        };
        let mut config = Self::of(&document, &mut reader);
        config.accepts = accept::read(&document, file, now, &mut reader);
        let mut errors = reader.errors;
        errors.sort_by_key(|error| error.span);
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(errors)
        }
    }

    fn of(document: &Section<'_>, reader: &mut Reader) -> Self {
        reader.check_keys(document, KNOWN);
        if let Some(schema) = document.get("schema") {
            check_schema(schema, reader);
        }
        let (hosts, internal) = registry::read(document, reader);
        Self {
            inputs: Inputs::read(document, reader),
            gate: Gate::read(document, reader),
            db: Db::read(document, reader),
            rules: Rules::read(document, reader),
            hosts,
            internal,
            registries: Registries::read(document, reader),
            verify: Verify::read(document, reader),
            accepts: Vec::new(),
        }
    }
}

fn check_schema(value: &Value<'_>, reader: &mut Reader) {
    match value.get_ref().as_integer() {
        None => reader.wrong_kind(value, "a number"),
        Some(number) if number.as_str() == SCHEMA => {}
        Some(number) => reader.fail(
            ConfigError::new(
                span(value.span()),
                format!("schema {} is not known to this version", number.as_str()),
            )
            .help("write schema = 1, or use a linchpin that knows the newer one"),
        ),
    }
}

fn syntax_error(error: &toml::de::Error) -> ConfigError {
    let place = error.span().map_or(Span::default(), span);
    ConfigError::new(place, error.message().to_owned())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::assessment::Severity;
    use crate::path::FilePath;

    pub(crate) fn read(text: &str) -> (SourceFile, Result<Config, Vec<ConfigError>>) {
        let file = SourceFile::new(FilePath::default(), text.to_owned());
        let now = "2026-11-01T00:00:00Z".parse().expect("a time");
        let config = Config::read(&file, now, crate::signal::rules());
        (file, config)
    }

    /// The settings of a file that must be valid.
    pub(crate) fn valid(text: &str) -> Config {
        read(text).1.expect("valid settings")
    }

    /// The errors of a file that must not be: `line:column message | label`.
    pub(crate) fn messages(text: &str) -> Vec<String> {
        let (file, config) = read(text);
        let errors = config.expect_err("a file with errors");
        let lines = errors.iter().map(|error| {
            let place = file.locate(error.span.start);
            let (message, label) = (error.message.as_str(), error.label.as_str());
            format!("{}:{} {message} | {label}", place.line, place.column)
        });
        lines.collect()
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        for text in ["", "schema = 1\n", "[gate]\n[rules]\n[verify]\n"] {
            assert_eq!(valid(text), Config::default(), "{text}");
        }
        let config = Config::default();
        assert_eq!(
            (config.gate.fail_on, config.verify.caches),
            (Severity::High, true)
        );
    }

    #[test]
    fn settings_replace_defaults_one_by_one() {
        let config = valid(
            "[gate]\nfail-on = \"low\"\nunknown-severity = \"medium\"\nrequire = []\n[verify]\ncaches = false\n",
        );
        assert_eq!(
            config.gate,
            Gate {
                fail_on: Severity::Low,
                unknown_severity: Severity::Medium,
                require: Some(Vec::new()),
                ..Gate::default()
            }
        );
        assert!(!config.verify.caches);
        assert_eq!(
            valid("[gate]\nfail-on = \"low\"\n").gate,
            Gate {
                fail_on: Severity::Low,
                ..Gate::default()
            }
        );
    }

    #[test]
    fn all_errors_are_told_at_once_in_the_order_of_the_file() {
        let text = "schema = 2\ngates = 1\n[verify]\ncaches = \"no\"\n[gate]\nfail_on = \"low\"\nrequire = [\"advisories\", \"histories\"]\nfail-on = \"hihg\"\nunknown-severity = \"off\"\n";
        assert_eq!(
            messages(text),
            [
                "1:10 schema 2 is not known to this version | ",
                "2:1 unknown key `gates` | did you mean `gate`?",
                "4:10 expected true or false, found a text | ",
                "6:1 unknown key `fail_on` in [gate] | did you mean `fail-on`?",
                "7:26 `histories` is no valid value here | did you mean `history`?",
                "8:11 `hihg` is no valid value here | ",
                "9:20 `off` is no valid value here | ",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_said_with_its_place_and_nothing_else() {
        let errors = messages("[gate\nfail_on = 1\n");
        assert!(
            errors.iter().all(|error| !error.contains("fail_on")),
            "{errors:?}"
        );
        assert!(errors[0].starts_with("1:"), "{errors:?}");
        let errors = messages("[gate]\nfail-on = \"low\"\nfail-on = \"high\"\n");
        assert!(errors[0].starts_with("3:1 duplicate key"), "{errors:?}");
    }

    #[test]
    fn a_value_of_another_kind_is_an_error() {
        for text in [
            "gate = 1\n",
            "schema = \"1\"\n",
            "[gate]\nrequire = \"advisories\"\n",
            "[[gate]]\n",
        ] {
            let errors = messages(text);
            assert!(errors[0].contains("expected"), "{errors:?}");
        }
    }
}
