//! The one severity scale.

use serde::Serialize;

/// How bad a finding is, worst first; it says what must happen, not how likely harm is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Do not install or release
    Critical,
    /// Do not release before somebody accepts it
    High,
    /// Somebody should look
    Medium,
    /// For the record
    Low,
    /// Never fails anything by itself
    None,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::None,
    ];

    /// Returns the word that reports use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
        }
    }

    /// Says whether this is at least as bad as a threshold.
    pub fn reaches(self, threshold: Self) -> bool {
        self <= threshold
    }
}
