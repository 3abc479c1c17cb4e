//! Rules as data: the single source of `explain`, the README's table and the reports' words.

use serde::Serialize;

use crate::severity::Severity;

/// The stable id of a rule, such as `hash-mismatch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RuleId(pub &'static str);

/// The question that a rule helps to answer. Axes are never summed; their order orders findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Are these the bytes?
    Integrity,
    /// Is it known to be malicious?
    Compromise,
    /// Is it known to be broken?
    Vulnerability,
    /// Does it look hijacked, before anyone says so?
    Anomaly,
    /// Was a tool left unlocked, or the gate itself weakened?
    Policy,
}

impl Axis {
    /// Returns the word that reports use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Integrity => "integrity",
            Self::Compromise => "compromise",
            Self::Vulnerability => "vulnerability",
            Self::Anomaly => "anomaly",
            Self::Policy => "policy",
        }
    }

    /// Returns the question in words.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Integrity => "are these the bytes?",
            Self::Compromise => "is it known to be malicious?",
            Self::Vulnerability => "is it known to be broken?",
            Self::Anomaly => "does it look hijacked, before anyone says so?",
            Self::Policy => "was the gate weakened, or a tool left unlocked?",
        }
    }

    /// Says whether a finding is about one release and its bytes, so that whoever accepts it shelters no other one.
    pub const fn is_bound_to_release(self) -> bool {
        matches!(self, Self::Integrity | Self::Compromise | Self::Anomaly)
    }
}

/// Rules about attacks that are known or seen: they gate whatever the configuration says (DESIGN: five axes).
const GUARDED: [RuleId; 2] = [RuleId("hash-mismatch"), RuleId("malicious-package")];

/// Rules whose findings may be worse than the rule's own severity.
const RAISED: [(RuleId, Severity); 6] = [
    (RuleId("foreign-host"), Severity::High),
    (RuleId("known-vulnerability"), Severity::Critical),
    (RuleId("suspicious-release"), Severity::High),
    (RuleId("too-new"), Severity::High),
    (RuleId("unlocked-manifest"), Severity::High),
    (RuleId("unsound"), Severity::Critical),
];

/// One thing that is checked.
#[derive(Debug)]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// The question that it belongs to.
    pub axis: Axis,
    /// The severity, where nothing raises or lowers it.
    pub severity: Severity,
    /// What it reports, as a phrase.
    pub summary: &'static str,
    /// What exactly is compared, in a few sentences.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// A real case.
    pub case: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    /// When it is right to live with it.
    pub accept: &'static str,
}

impl Rule {
    /// Returns what is to be said about the rule: heads, and the words beneath them.
    pub const fn parts(&self) -> [(&'static str, &'static str); 5] {
        [
            ("What it compares", self.what),
            ("Why it matters", self.why),
            ("A real case", self.case),
            ("How to fix it", self.fix),
            ("When to accept it", self.accept),
        ]
    }

    /// Returns the worst severity that a finding of the rule can have by itself.
    pub fn worst(&self) -> Severity {
        let raised = RAISED.iter().find(|(id, _)| *id == self.id);
        raised.map_or(self.severity, |(_, severity)| *severity)
    }

    /// Says whether the rule can be neither lowered nor switched off, and accepted only for a few days.
    pub fn is_guarded(&self) -> bool {
        GUARDED.contains(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::SIGNALS;

    #[test]
    fn every_guarded_rule_exists() {
        let guarded = SIGNALS.iter().filter(|signal| signal.rule().is_guarded());
        assert_eq!(guarded.count(), GUARDED.len());
    }

    #[test]
    fn every_raised_rule_exists_and_is_raised() {
        let rules = SIGNALS.iter().map(|signal| signal.rule());
        let raised = rules.filter(|rule| rule.worst() < rule.severity);
        assert_eq!(raised.count(), RAISED.len());
    }
}
