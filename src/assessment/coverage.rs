//! How many packages each check covered, and why not the rest: what was not checked is never clean.

use std::collections::BTreeMap;

use crate::evidence::SkipReason;
use crate::lockfile::EntryKind;
use crate::signal::{self, RuleId, RuleScope, Signal, View};

/// Coverage of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Packages in the graph, roots aside.
    pub packages: usize,
    /// One for each rule about packages.
    pub checks: Vec<CheckCoverage>,
    /// Rules, about packages or files, that the configuration switches off.
    pub switched_off: Vec<RuleId>,
}

/// Coverage of one check. `checked` and the skipped add up to the packages of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckCoverage {
    /// The rule.
    pub check: RuleId,
    /// Packages that it looked at.
    pub checked: usize,
    /// Packages that it did not look at, by reason.
    pub skipped: BTreeMap<SkipReason, usize>,
}

impl Coverage {
    /// Asks every rule about every package. O(packages × rules).
    pub fn new(view: &View<'_>, signals: &[&dyn Signal]) -> Self {
        let packages = view
            .graph
            .packages()
            .filter(|(_, package)| package.kind != EntryKind::Root);
        let packages: Vec<_> = packages.map(|(id, _)| id).collect();
        let about_packages = signals
            .iter()
            .filter(|signal| signal.scope() == RuleScope::Packages);
        let checks = about_packages.map(|signal| {
            let mut check = CheckCoverage {
                check: signal.rule().id,
                checked: 0,
                skipped: BTreeMap::new(),
            };
            for package in &packages {
                match signal::covers(*signal, *package, view) {
                    Ok(()) => check.checked += 1,
                    Err(reason) => *check.skipped.entry(reason).or_default() += 1,
                }
            }
            check
        });
        let coverage = Self {
            packages: packages.len(),
            checks: checks.collect(),
            switched_off: view.config.rules.switched_off().collect(),
        };
        coverage.assert_complete();
        coverage
    }

    /// Checks the promise of the report: every package is either checked or skipped for a reason.
    fn assert_complete(&self) {
        for check in &self.checks {
            let skipped: usize = check.skipped.values().sum();
            assert_eq!(
                check.checked + skipped,
                self.packages,
                "coverage of {} adds up",
                check.check.0
            );
        }
    }
}
