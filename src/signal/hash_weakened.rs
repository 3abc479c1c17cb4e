//! `hash-weakened`: a change that drops the digests of a release, or leaves only broken ones.

use super::{Axis, Findings, Rule, RuleId, RuleScope, Signal, Subject, View, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;
use crate::graph::comparison::{Altered, PinChange};

const RULE: Rule = Rule {
    id: RuleId("hash-weakened"),
    axis: Axis::Integrity,
    severity: Severity::Critical,
    summary: "a change takes a sound digest away at the same version",
    what: "Compares the digests of every release that is locked before and after a change: one that had a sound digest must still have one. An audit of one tree has nothing to compare with.",
    why: "Without its digest a release can be served as other bytes, and no installer notices. No tool drops the digest of a release that did not change.",
    case: "pnpm took lockfiles from which somebody had stripped `integrity`, and installed what the address served (pnpm/pnpm, pull request 11966).",
    fix: "Do not install. Restore the lockfile from before the change, or write it anew, and find out who edited it.",
    accept: "For a change of the tool or of the registry that cannot give digests, reviewed by hand.",
};

pub(super) struct HashWeakened;

impl Signal for HashWeakened {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn scope(&self) -> RuleScope {
        RuleScope::Changes
    }

    fn covers(&self, _package: PackageId, _view: &View<'_>) -> Result<(), SkipReason> {
        Ok(())
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let words = view.altered_in(id).find_map(|altered| match altered.what {
            Altered::Pin(PinChange::Dropped) => Some(("has lost its digest", "there is none left")),
            Altered::Pin(PinChange::Weakened) => Some((
                "has lost its sound digest",
                "only broken algorithms pin it by now",
            )),
            Altered::Pin(PinChange::Replaced) | Altered::Source => None,
        });
        let Some((what, message)) = words else {
            return;
        };
        let title = format!("{} {what}", title(view.graph.package(id)));
        let about = About::Package(id, Vec::new());
        let advice = "restore the lockfile from before the change, or write it anew";
        found.push(
            Draft::new(&RULE, about, title)
                .message(format!(
                    "its version is the one before the change, and {message}"
                ))
                .label("pinned before the change")
                .fix(Fix::advice(FixAction::Relock, advice)),
        );
    }
}
