//! `[registry] internal`: the names of the project's own packages, which no public registry should serve.
//!
//! Pure: whoever compares packages with these names, or is about to send a name to a public host, asks here.

use super::ConfigError;
use super::reader::{Reader, Section};
use crate::package::name::comparable;
use crate::package::{Ecosystem, PackageName};

/// A pattern of package names: `*` stands for any number of characters, but never for the `/` behind a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(String);

impl NamePattern {
    /// Takes a pattern; none if no ecosystem has such names, or if nothing but `*` stands in it.
    pub fn new(pattern: &str) -> Option<Self> {
        let name = pattern.replace('*', "x");
        let is_name = |ecosystem| {
            let name = PackageName::new(ecosystem, name.as_str().into());
            name.check(ecosystem).is_ok()
        };
        // One that fits every name would make all public packages internal.
        let is_narrow = pattern.contains(char::is_alphanumeric);
        let is_pattern = is_narrow && Ecosystem::ALL.into_iter().any(is_name);
        is_pattern.then(|| Self(pattern.to_owned()))
    }

    /// Says whether a name fits, as the registry of its ecosystem compares names.
    pub fn matches(&self, ecosystem: Ecosystem, name: &PackageName<'_>) -> bool {
        let pattern = comparable(ecosystem, &self.0);
        let name = comparable(ecosystem, name.as_str());
        let mut parts = pattern.split('/').zip(name.split('/'));
        pattern.split('/').count() == name.split('/').count()
            && parts.all(|(pattern, part)| fits(pattern, part))
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Compares piece by piece, each as far to the left as it can be. O(pattern × text).
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pieces.next_back() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else {
            return false;
        };
        rest = behind;
    }
    rest.ends_with(last)
}

/// `[registry] internal`: the names of the project's own packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InternalNames(Vec<NamePattern>);

impl InternalNames {
    /// Returns the first pattern that a name fits; none if the name is not the project's own.
    pub fn pattern_of(&self, ecosystem: Ecosystem, name: &PackageName<'_>) -> Option<&NamePattern> {
        let mut patterns = self.0.iter();
        patterns.find(|pattern| pattern.matches(ecosystem, name))
    }

    /// Says whether no name is known to be the project's own.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lists the patterns in the order of the file.
    pub fn patterns(&self) -> impl Iterator<Item = &NamePattern> {
        self.0.iter()
    }

    /// Reads the list out of the table `[registry]`.
    pub(super) fn read(section: &Section<'_>, reader: &mut Reader) -> Self {
        let mut patterns = Vec::new();
        for (text, place) in reader.texts(section.get("internal")) {
            match NamePattern::new(text) {
                Some(pattern) => patterns.push(pattern),
                None => reader.fail(
                    ConfigError::new(place, format!("`{text}` is no pattern of package names"))
                        .help("write names such as acme-* or @acme/*; a pattern must not fit every name"),
                ),
            }
        }
        Self(patterns)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::tests::{messages, valid};

    fn matches(pattern: &str, ecosystem: Ecosystem, name: &str) -> bool {
        let name = PackageName::new(ecosystem, name.into());
        NamePattern::new(pattern)
            .expect("a pattern")
            .matches(ecosystem, &name)
    }

    #[test]
    fn a_star_is_any_text_within_a_part() {
        for (pattern, name) in [
            ("@acme/*", "@acme/ui"),
            ("@acme/*-core", "@acme/ui-core"),
            ("@acme-*/ui", "@acme-web/ui"),
            ("acme-*", "acme-"),
            ("acme-*", "acme-ui"),
            ("*-acme-*", "x-acme-y-acme-z"),
            ("a*a", "aa"),
            ("acme", "acme"),
        ] {
            assert!(matches(pattern, Ecosystem::Npm, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("@acme/*", "@acme-evil/ui"),
            ("@acme/*", "acme"),
            ("*acme*", "@acme/ui"),
            ("acme*", "acme/ui"),
            ("acme-*", "my-acme-ui"),
            ("a*a", "a"),
            ("acme", "acme-ui"),
        ] {
            assert!(!matches(pattern, Ecosystem::Npm, name), "{pattern} {name}");
        }
    }

    #[test]
    fn names_are_compared_as_their_registry_does() {
        for name in ["Acme.UI", "acme__ui", "ACME-ui"] {
            assert!(matches("acme_*", Ecosystem::Pypi, name), "{name}");
        }
        for name in ["acme_ui", "acme-ui", "Acme-UI"] {
            assert!(matches("acme-*", Ecosystem::Cargo, name), "{name}");
        }
        assert!(!matches("acme-*", Ecosystem::Npm, "acme_ui"));
        assert!(!matches("acme-*", Ecosystem::Npm, "ACME-ui"));
        assert!(!matches("@acme/*", Ecosystem::Pypi, "acme-ui"));
    }

    #[test]
    fn the_first_pattern_that_fits_is_named() {
        let config = valid("[registry]\ninternal = [\"other\", \"acme-*\", \"acme-ui\"]\n");
        let of = |name: &'static str| {
            let name = PackageName::new(Ecosystem::Npm, name.into());
            let pattern = config.internal.pattern_of(Ecosystem::Npm, &name);
            pattern.map(|pattern| pattern.as_str().to_owned())
        };
        assert_eq!(of("acme-ui").as_deref(), Some("acme-*"));
        assert_eq!(of("left"), None);
        assert!(valid("").internal.is_empty());
    }

    #[test]
    fn what_fits_no_name_or_every_name_is_an_error() {
        assert_eq!(
            messages("[registry]\ninternal = [\"acme-*\", \"*\", \"@acme\", \"acme/*\", 1]\n"),
            [
                "2:23 `*` is no pattern of package names | ",
                "2:28 `@acme` is no pattern of package names | ",
                "2:37 `acme/*` is no pattern of package names | ",
                "2:47 expected a text in quotes, found a number | ",
            ]
        );
        let long = "a".repeat(215);
        for pattern in [
            "",
            "@*/*",
            "**",
            "a?",
            "[a]",
            "a b",
            "@a/b/c",
            "../a",
            "a\u{202e}",
            &long,
        ] {
            assert_eq!(NamePattern::new(pattern), None, "{pattern:?}");
        }
    }

    /// The meaning of a pattern, without the short cut of taking each piece as far left as it can be.
    fn fits_slowly(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', rest @ ..] => {
                (0..=text.len()).any(|skipped| fits_slowly(rest, &text[skipped..]))
            }
            [letter, rest @ ..] => text.first() == Some(letter) && fits_slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_short_cut_changes_nothing(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
            prop_assert_eq!(fits(&pattern, &text), fits_slowly(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
