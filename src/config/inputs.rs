//! `[inputs]`: what is read, and what development dependencies count for.

use super::reader::{Reader, Section};
use super::{ConfigError, PathGlob};

/// `[inputs]`: what is read, and what development dependencies count for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Paths below the root that are passed over, and counted as such.
    pub exclude: Vec<PathGlob>,
    /// What becomes of vulnerabilities of development dependencies.
    pub dev: Development,
}

/// What becomes of vulnerabilities of packages that only development needs.
///
/// Malicious packages and broken integrity are not meant: these harm the machine of whoever installs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Development {
    /// They are reported and do not gate.
    #[default]
    Report,
    /// They gate as all others do.
    Gate,
    /// They are not looked for, which coverage says.
    Skip,
}

impl Inputs {
    /// Reads the table, if the document has it.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let mut inputs = Self::default();
        let known = ["exclude", "dev"];
        let Some(section) = reader.known_section(document, "inputs", "[inputs]", &known) else {
            return inputs;
        };
        for (pattern, place) in reader.texts(section.get("exclude")) {
            match PathGlob::new(pattern) {
                Some(glob) => inputs.exclude.push(glob),
                None => reader.fail(
                    ConfigError::new(
                        place,
                        format!("`{pattern}` is no pattern of paths below the root"),
                    )
                    .help("write paths from the root with `/`, such as examples/**"),
                ),
            }
        }
        if let Some(value) = section.get("dev") {
            let words = [
                ("report", Development::Report),
                ("gate", Development::Gate),
                ("skip", Development::Skip),
            ];
            inputs.dev = reader.word(value, &words).unwrap_or_default();
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{messages, valid};

    #[test]
    fn patterns_and_the_word_for_development_are_read() {
        let inputs = valid("[inputs]\nexclude = [\"examples/**\", \"a\"]\ndev = \"skip\"\n").inputs;
        let patterns: Vec<_> = inputs.exclude.iter().map(PathGlob::as_str).collect();
        assert_eq!(patterns, ["examples/**", "a"]);
        assert_eq!(inputs.dev, Development::Skip);
        assert_eq!(valid("[inputs]\n").inputs, Inputs::default());
    }

    #[test]
    fn patterns_that_mean_nothing_are_errors() {
        assert_eq!(
            messages("[inputs]\nexclude = [\"a\", \"../b\", 2]\ndev = \"ignore\"\n"),
            [
                "2:17 `../b` is no pattern of paths below the root | ",
                "2:25 expected a text in quotes, found a number | ",
                "3:7 `ignore` is no valid value here | ",
            ]
        );
        assert!(messages("[inputs]\nexclude = \"a\"\n")[0].contains("expected a list"));
    }
}
