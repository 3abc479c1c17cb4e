//! What somebody said about a vulnerability: the VEX part of it.

use serde::Serialize;

use crate::assessment::{Acceptance, Finding, State, Validity};
use crate::report::outline::standing;
use crate::text::Untrusted;

/// What a reason can say of a vulnerability that is there; whoever says that it is resolved can take the entry out.
const STATES: [&str; 4] = [IN_TRIAGE, "exploitable", "false_positive", NOT_AFFECTED];

/// Somebody answers for it, and claims nothing.
const IN_TRIAGE: &str = "in_triage";

/// The state that wants a justification.
const NOT_AFFECTED: &str = "not_affected";

/// Why a package with a vulnerability may not be affected.
const JUSTIFICATIONS: [&str; 9] = [
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

/// An impact analysis.
#[derive(Serialize)]
pub(super) struct Analysis {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    detail: Untrusted<'static>,
}

impl Analysis {
    /// Returns what was said about a finding; none if nobody said anything that holds.
    pub(super) fn of(finding: &Finding) -> Option<Self> {
        match finding.state {
            State::Accepted => finding.acceptance.as_ref().and_then(Self::of_acceptance),
            State::Kept => finding.standing.as_ref().map(|kept| Self {
                state: IN_TRIAGE,
                justification: None,
                detail: format!("in the baseline: {}", standing(kept).as_str()).into(),
            }),
            State::Present | State::New | State::Worse => None,
        }
    }

    fn of_acceptance(acceptance: &Acceptance) -> Option<Self> {
        let reason = acceptance.reason.as_str();
        let (state, justification) = claim(reason).unwrap_or((IN_TRIAGE, None));
        let (owner, expires) = (acceptance.owner.as_str(), acceptance.expires);
        let holds = acceptance.validity == Validity::Holds;
        holds.then(|| Self {
            state,
            justification,
            detail: format!("{reason} (accepted by {owner} until {expires})").into(),
        })
    }
}

/// Reads the state with which a reason begins: `not_affected code_not_reachable: we only write this format`.
///
/// A reason in other words claims nothing: free text is never taken for a statement that a product is safe.
fn claim(reason: &str) -> Option<(&'static str, Option<&'static str>)> {
    let (head, _) = reason.split_once(':')?;
    let mut words = head.split_whitespace();
    let state = known(&STATES, words.next()?)?;
    let justification = match words.next() {
        Some(word) if state == NOT_AFFECTED => Some(known(&JUSTIFICATIONS, word)?),
        Some(_) => return None,
        None => None,
    };
    words.next().is_none().then_some((state, justification))
}

fn known(ids: &[&'static str], word: &str) -> Option<&'static str> {
    ids.iter().find(|id| **id == word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_begin_with_a_state() {
        for (reason, claimed) in [
            (
                "false_positive: another package",
                Some(("false_positive", None)),
            ),
            (
                "not_affected code_not_reachable: we only write",
                Some(("not_affected", Some("code_not_reachable"))),
            ),
            ("not_affected: we only write", Some(("not_affected", None))),
            ("exploitable: fixed next week", Some(("exploitable", None))),
        ] {
            assert_eq!(claim(reason), claimed, "{reason}");
        }
    }

    #[test]
    fn a_reason_in_other_words_claims_nothing() {
        for reason in [
            "",
            "soon replaced",
            "not_affected",
            "not_affected, we only write",
            "not affected: we only write",
            "not_affected because: we only write",
            "not_affected code_not_present code_not_reachable: both",
            "exploitable code_not_present: what now",
            "resolved: it is not",
        ] {
            assert_eq!(claim(reason), None, "{reason}");
        }
    }
}
