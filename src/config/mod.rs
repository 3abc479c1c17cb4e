//! Settings: the defaults, and what a `linchpin.toml` changes. Pure.
//!
//! So far the file knows `[gate]` and `[verify]`. An unknown key is an error, because a setting that is
//! silently ignored is a gate that is silently open.

use serde::Deserialize;
use thiserror::Error;

use crate::assessment::Severity;
use crate::lockfile::{Location, SourceFile, Span};

/// The settings in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// When a run fails.
    pub gate: Gate,
    /// What is compared with local copies.
    pub verify: Verify,
}

/// `[gate]`: when a run fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Gate {
    /// The least severity that fails a run.
    pub fail_on: Severity,
    /// What must have been available for a run to be complete.
    pub require: Vec<Requirement>,
}

/// A source without which a run is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Requirement {
    /// An advisory feed for every ecosystem with public packages.
    Advisories,
}

/// `[verify]`: what is compared with local copies.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Verify {
    /// Whether the caches of cargo and npm on this machine are hashed.
    pub caches: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Severity::High,
            require: vec![Requirement::Advisories],
        }
    }
}

impl Default for Verify {
    fn default() -> Self {
        Self { caches: true }
    }
}

/// Why a configuration file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// The range, for an excerpt.
    pub span: Option<Span>,
}

impl Config {
    /// Reads a `linchpin.toml`.
    ///
    /// # Errors
    ///
    /// Fails on anything that is not a known key with a valid value.
    pub fn read(file: &SourceFile) -> Result<Self, ConfigError> {
        toml::from_str(file.text()).map_err(|error| {
            let span = error.span().map(|span| Span::new(span.start, span.end));
            ConfigError {
                message: error.message().to_owned(),
                location: span.map(|span| file.locate(span.start)),
                span,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FilePath;

    fn read(text: &str) -> Result<Config, ConfigError> {
        Config::read(&SourceFile::new(FilePath::default(), text.to_owned()))
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        let config = read("").expect("no settings are valid settings");
        assert_eq!(config, Config::default());
        assert_eq!(
            (config.gate.fail_on, config.verify.caches),
            (Severity::High, true)
        );
    }

    #[test]
    fn settings_replace_defaults_one_by_one() {
        let config = read("[gate]\nfail-on = \"low\"\nrequire = []\n[verify]\ncaches = false\n")
            .expect("valid settings");
        assert_eq!(
            config.gate,
            Gate {
                fail_on: Severity::Low,
                require: Vec::new()
            }
        );
        assert!(!config.verify.caches);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_place() {
        let error = read("[gate]\nfail_on = \"low\"\n").expect_err("`fail_on` is no key");
        assert_eq!(error.location, Some(Location { line: 2, column: 1 }));
        assert!(
            error.message.contains("fail_on") && error.message.contains("fail-on"),
            "{}",
            error.message
        );
    }
}
