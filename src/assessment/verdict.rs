//! The verdict and the exit code that follows from it.

use serde::Serialize;

use super::Severity;
use crate::text::Untrusted;

/// What a run concludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that is required was checked, and nothing gates.
    Pass,
    /// A finding at or above the threshold.
    Fail,
    /// Nothing gates, but something that is required was not checked.
    Incomplete,
    /// There was nothing to look at, which `linchpin/report/1` calls incomplete too.
    #[serde(rename = "incomplete")]
    Empty,
}

impl Verdict {
    /// Returns the exit code that this conclusion has, whatever the format.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Fail => 1,
            Self::Incomplete => 3,
            Self::Empty => 4,
        }
    }
}

/// Concludes: findings win over incompleteness.
pub fn verdict(
    worst: Option<Severity>,
    fail_on: Severity,
    incomplete_because: &[Untrusted<'_>],
    nothing_found: Nothing,
) -> Verdict {
    match nothing_found {
        Nothing::ToAudit => Verdict::Empty,
        Nothing::Missing if worst.is_some_and(|worst| worst.reaches(fail_on)) => Verdict::Fail,
        Nothing::Missing if !incomplete_because.is_empty() => Verdict::Incomplete,
        Nothing::Missing => Verdict::Pass,
    }
}

/// Whether anything was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// No lockfile and no manifest.
    ToAudit,
    /// Something was there.
    Missing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_win_over_incompleteness() {
        let why = [Untrusted::borrowed("a file was not read")];
        assert_eq!(
            verdict(Some(Severity::High), Severity::High, &why, Nothing::Missing),
            Verdict::Fail
        );
        assert_eq!(
            verdict(
                Some(Severity::Medium),
                Severity::High,
                &why,
                Nothing::Missing
            ),
            Verdict::Incomplete
        );
        assert_eq!(
            verdict(
                Some(Severity::Medium),
                Severity::High,
                &[],
                Nothing::Missing
            ),
            Verdict::Pass
        );
        assert_eq!(
            verdict(None, Severity::High, &[], Nothing::ToAudit),
            Verdict::Empty
        );
    }
}
