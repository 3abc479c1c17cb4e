//! Which findings the gate counts, under the settings of the project.

use super::Finding;
use crate::config::{Config, Development};
use crate::lockfile::Scope;
use crate::signal::Axis;

/// Whether the gate counts a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gating {
    /// It counts, if it is severe enough.
    Counted,
    /// It is a vulnerability of a package that only development needs, and the settings spare these.
    SparedDevelopment,
}

/// Decides which findings the gate counts.
pub(super) fn apply(config: &Config, findings: &mut [Finding]) {
    if config.inputs.dev == Development::Gate {
        return;
    }
    for finding in findings
        .iter_mut()
        .filter(|finding| is_development(finding))
    {
        finding.gating = Gating::SparedDevelopment;
    }
}

/// Says whether a finding is a vulnerability of what only development needs, in every project.
///
/// A malicious package harms the machine that installs it, whatever needs it, so the other axes always count.
fn is_development(finding: &Finding) -> bool {
    let mut occurrences = finding.occurrences.iter();
    finding.rule.axis == Axis::Vulnerability
        && finding.package.is_some()
        && occurrences.all(|occurrence| occurrence.scope == Some(Scope::Dev))
}
