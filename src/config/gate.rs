//! `[gate]`: when a run fails.

use super::reader::{Reader, Section};
use crate::assessment::Severity;

/// `[gate]`: when a run fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The least severity that fails a run.
    pub fail_on: Severity,
    /// The severity of a vulnerability whose records state none: missing is not harmless.
    pub unknown_severity: Severity,
    /// What must have been available for a run to be complete; none where nobody said, and the occasion decides.
    pub require: Option<Vec<Requirement>>,
    /// What becomes of `[[accept]]` entries that accept nothing; set on the command line.
    pub unused_accepts: UnusedAccepts,
}

/// What becomes of `[[accept]]` entries that accept nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnusedAccepts {
    /// They are told.
    #[default]
    Warn,
    /// They fail the run.
    Deny,
}

/// A source without which a run is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// An advisory feed for every ecosystem with public packages.
    Advisories,
    /// The release history of every public package that a change brings.
    History,
}

impl Requirement {
    /// Every requirement, with the word for it.
    pub const WORDS: [(&'static str, Self); 2] =
        [("advisories", Self::Advisories), ("history", Self::History)];

    /// Returns the word that the configuration uses.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Advisories => "advisories",
            Self::History => "history",
        }
    }
}

/// What kind of run it is, where nobody said what it requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Occasion {
    /// A tree is audited, or no connection may be made.
    #[default]
    Audit,
    /// A change is judged, with connections.
    Change,
}

impl Occasion {
    /// Returns what it requires.
    pub const fn requirements(self) -> &'static [Requirement] {
        match self {
            Self::Audit => &[Requirement::Advisories],
            Self::Change => &[Requirement::Advisories, Requirement::History],
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            fail_on: Severity::High,
            unknown_severity: Severity::High,
            require: None,
            unused_accepts: UnusedAccepts::Warn,
        }
    }
}

impl Gate {
    /// Says whether a run is incomplete without a source.
    pub fn requires(&self, requirement: Requirement, occasion: Occasion) -> bool {
        let required = self.require.as_deref();
        let required = required.unwrap_or_else(|| occasion.requirements());
        required.contains(&requirement)
    }

    /// Reads the table, if the document has it.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let mut gate = Self::default();
        let known = ["fail-on", "unknown-severity", "require"];
        let Some(section) = reader.known_section(document, "gate", "[gate]", &known) else {
            return gate;
        };
        let words = Severity::ALL.map(|severity| (severity.id(), severity));
        let mut severity = |key: &str, usual: Severity| {
            let value = section.get(key);
            let severity = value.and_then(|value| reader.word(value, &words));
            severity.unwrap_or(usual)
        };
        gate.fail_on = severity("fail-on", gate.fail_on);
        gate.unknown_severity = severity("unknown-severity", gate.unknown_severity);
        if let Some(list) = section.get("require").and_then(|value| reader.list(value)) {
            let words = list.iter();
            let words = words.map(|value| reader.word(value, &Requirement::WORDS));
            gate.require = Some(words.flatten().collect());
        }
        gate
    }
}
