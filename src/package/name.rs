//! Package names: normalised as the ecosystem's registry does, checked against its grammar.

use std::borrow::Cow;

use thiserror::Error;

use super::Ecosystem;
use crate::text::{Untrusted, is_deceptive};

/// The longest name that npm accepts; the other registries accept less.
const LONGEST_NAME: usize = 214;

/// A package's name in the form that its registry compares: PEP 503 for `PyPI`, as written elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName<'a>(Untrusted<'a>);

/// Why a text cannot be the name of a package of an ecosystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// There is no text.
    #[error("the name is empty")]
    Empty,
    /// The text is longer than any registry accepts.
    #[error("the name is longer than 214 bytes")]
    TooLong,
    /// The text holds a control, bidirectional or invisible character.
    #[error("the name holds a control or invisible character")]
    Deceptive,
    /// The text does not follow the ecosystem's grammar.
    #[error("the name does not follow the registry's grammar")]
    Grammar,
}

impl<'a> PackageName<'a> {
    /// Normalises a name.
    pub fn new(ecosystem: Ecosystem, name: Untrusted<'a>) -> Self {
        match ecosystem {
            Ecosystem::Pypi if !is_normalised(name.as_str()) => {
                Self(normalise(name.as_str()).into_owned().into())
            }
            _ => Self(name),
        }
    }

    /// Checks the name against the grammar of the ecosystem's registry (old npm names included).
    pub fn check(&self, ecosystem: Ecosystem) -> Result<(), NameError> {
        let name = self.0.as_str();
        if name.is_empty() {
            Err(NameError::Empty)
        } else if name.len() > LONGEST_NAME {
            Err(NameError::TooLong)
        } else if holds_deceptive(name) {
            Err(NameError::Deceptive)
        } else if !follows_grammar(ecosystem, name) {
            Err(NameError::Grammar)
        } else {
            Ok(())
        }
    }

    /// Returns the raw text, for comparing; never for output.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the scope of a name of npm, with its `@`; none if it has none.
    pub fn scope(&self) -> Option<&str> {
        let (scope, _) = self.0.as_str().split_once('/')?;
        (scope.starts_with('@') && scope.len() > 1).then_some(scope)
    }

    /// Returns the name as text that reports can escape.
    pub const fn untrusted(&self) -> &Untrusted<'a> {
        &self.0
    }

    /// Returns a cheap copy that borrows from this one.
    pub fn reborrow(&self) -> PackageName<'_> {
        PackageName(self.0.reborrow())
    }
}

/// Normalises as [PEP 503](https://peps.python.org/pep-0503/#normalized-names) says: lower case, runs of `-_.` become `-`.
pub fn normalise(name: &str) -> Cow<'_, str> {
    if is_normalised(name) {
        return Cow::Borrowed(name);
    }
    let mut normalised = String::with_capacity(name.len());
    for character in name.chars() {
        if !matches!(character, '-' | '_' | '.') {
            normalised.extend(character.to_lowercase());
        } else if !normalised.ends_with('-') {
            normalised.push('-');
        }
    }
    Cow::Owned(normalised)
}

/// Returns the form in which the registry of an ecosystem compares names, so that what is one name there is one text.
///
/// PEP 503 for `PyPI`; crates.io tells neither case nor `-` and `_` apart; npm compares names as they are written.
pub fn comparable(ecosystem: Ecosystem, name: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte != b'-' && !byte.is_ascii_uppercase();
    match ecosystem {
        Ecosystem::Pypi => normalise(name),
        Ecosystem::Cargo if !name.bytes().all(is_folded) => {
            Cow::Owned(name.to_ascii_lowercase().replace('-', "_"))
        }
        Ecosystem::Cargo | Ecosystem::Npm => Cow::Borrowed(name),
    }
}

fn is_normalised(name: &str) -> bool {
    !name
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'.') || !byte.is_ascii())
        && !name.contains("--")
}

/// Nearly every name is ASCII, where bytes need no decoding.
fn holds_deceptive(name: &str) -> bool {
    if name.is_ascii() {
        name.bytes().any(|byte| byte.is_ascii_control())
    } else {
        name.chars().any(is_deceptive)
    }
}

fn follows_grammar(ecosystem: Ecosystem, name: &str) -> bool {
    match ecosystem {
        Ecosystem::Cargo => {
            name.chars()
                .all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'))
                && !name.starts_with('-')
        }
        Ecosystem::Npm => follows_npm_grammar(name),
        Ecosystem::Pypi => {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !name.starts_with('-')
                && !name.ends_with('-')
        }
    }
}

/// Accepts `name` and `@scope/name`; a part is URL-safe as `encodeURIComponent` sees it, as npm demands.
fn follows_npm_grammar(name: &str) -> bool {
    let name = match name.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, name)) if is_npm_part(scope) => name,
            _ => return false,
        },
        None => name,
    };
    is_npm_part(name)
}

fn is_npm_part(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('.')
        && part.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
                )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ecosystem: Ecosystem, name: &str) -> Result<(), NameError> {
        PackageName::new(ecosystem, name.into()).check(ecosystem)
    }

    #[test]
    fn pypi_names_are_compared_in_pep_503_form() {
        for name in ["Ruamel.Yaml", "ruamel_yaml", "ruamel-._yaml"] {
            assert_eq!(
                PackageName::new(Ecosystem::Pypi, name.into()).as_str(),
                "ruamel-yaml"
            );
        }
        assert_eq!(
            PackageName::new(Ecosystem::Npm, "JSONStream".into()).as_str(),
            "JSONStream"
        );
    }

    #[test]
    fn what_is_one_name_to_a_registry_is_one_text() {
        for (ecosystem, one, other, is_same) in [
            (Ecosystem::Pypi, "Ruamel.Yaml", "ruamel_yaml", true),
            (Ecosystem::Cargo, "Tokio-Util", "tokio_util", true),
            (Ecosystem::Cargo, "tokio--util", "tokio_util", false),
            (Ecosystem::Npm, "JSONStream", "jsonstream", false),
            (Ecosystem::Npm, "a-b", "a_b", false),
        ] {
            let is_same_text = comparable(ecosystem, one) == comparable(ecosystem, other);
            assert_eq!(is_same_text, is_same, "{one} {other}");
        }
    }

    #[test]
    fn only_names_of_npm_have_scopes() {
        let scope = |name: &'static str| {
            let name = PackageName::new(Ecosystem::Npm, name.into());
            name.scope().map(str::to_owned)
        };
        assert_eq!(scope("@acme/ui").as_deref(), Some("@acme"));
        for name in ["acme", "acme/ui", "@acme", "@/ui"] {
            assert_eq!(scope(name), None, "{name}");
        }
    }

    #[test]
    fn names_of_the_registries_pass() {
        for name in ["serde_json", "tokio-util"] {
            assert_eq!(check(Ecosystem::Cargo, name), Ok(()), "{name}");
        }
        for name in ["axios", "@babel/core", "JSONStream", "pattern.json", "_"] {
            assert_eq!(check(Ecosystem::Npm, name), Ok(()), "{name}");
        }
        assert_eq!(check(Ecosystem::Pypi, "zope.interface"), Ok(()));
    }

    #[test]
    fn hostile_names_are_refused() {
        assert_eq!(check(Ecosystem::Npm, "../evil"), Err(NameError::Grammar));
        assert_eq!(check(Ecosystem::Npm, "@a/../b"), Err(NameError::Grammar));
        assert_eq!(check(Ecosystem::Npm, ""), Err(NameError::Empty));
        assert_eq!(
            check(Ecosystem::Npm, &"a".repeat(10_000)),
            Err(NameError::TooLong)
        );
        assert_eq!(
            check(Ecosystem::Cargo, "ser\u{200b}de"),
            Err(NameError::Deceptive)
        );
        assert_eq!(
            check(Ecosystem::Cargo, "a\u{1b}[31m"),
            Err(NameError::Deceptive)
        );
        assert_eq!(check(Ecosystem::Pypi, "-rf"), Err(NameError::Grammar));
    }
}
