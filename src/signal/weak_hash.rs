//! `weak-hash`: archives pinned by a broken algorithm only.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, is_shipped, packages_of};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{NodeId, PackageId};

const RULE: Rule = Rule {
    id: RuleId("weak-hash"),
    axis: Axis::Integrity,
    severity: Severity::Low,
    summary: "a package is pinned by SHA-1 or MD5 only",
    what: "Counts the entries whose only digests are SHA-1 or MD5.",
    why: "Two archives with one such digest can be made for tens of thousands of dollars, so that the pin proves nothing against whoever made the archive.",
    case: "SHAttered (2017) and the chosen-prefix collisions of 2020 made SHA-1 collisions practical.",
    fix: "Write the lockfile anew with a current version of its tool, which records SHA-512 or SHA-256.",
    accept: "For old packages whose registry publishes nothing better.",
};

pub(super) struct WeakHash;

impl Signal for WeakHash {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        is_shipped(view.graph.package(package), view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Lockfile(id) = subject else {
            return;
        };
        let is_weak = |node: &NodeId| {
            view.graph
                .entry(*node)
                .record
                .artifacts
                .iter()
                .any(|artifact| artifact.integrity.is_weak())
        };
        let weak: Vec<NodeId> = packages_of(id, view).filter(is_weak).collect();
        if weak.is_empty() {
            return;
        }
        let title = format!(
            "{} of {} entries are pinned by SHA-1 or MD5 only",
            weak.len(),
            packages_of(id, view).count()
        );
        found.push(
            Draft::new(&RULE, About::Lockfile(id, weak), title)
                .message("archives with the same SHA-1 or MD5 digest can be made on purpose")
                .label("a broken algorithm")
                .fix(Fix::advice(
                    FixAction::Relock,
                    "write the lockfile anew with a current version of its tool",
                )),
        );
    }
}
