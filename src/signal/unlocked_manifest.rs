//! `unlocked-manifest`: manifests whose dependencies no lockfile pins.

use super::{Axis, Findings, Rule, RuleId, RuleScope, Signal, Subject, View};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;

const RULE: Rule = Rule {
    id: RuleId("unlocked-manifest"),
    axis: Axis::Policy,
    severity: Severity::Medium,
    summary: "a manifest asks for packages that no lockfile pins",
    what: "Compares the manifests found in the tree with those that the lockfiles cover: their own, and those of workspace members.",
    why: "What is not locked is decided anew at every install, by whoever published last. Its dependencies were not checked.",
    case: "When the malicious axios 1.14.1 was the latest release for three hours, projects without a lockfile installed it; locked ones did not.",
    fix: "Lock it and commit the lockfile.",
    accept: "For libraries that are locked by whoever uses them, and for examples that nobody installs.",
};

pub(super) struct UnlockedManifest;

impl Signal for UnlockedManifest {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    /// The rule is about files; the packages of an unlocked manifest are in no graph.
    fn scope(&self) -> RuleScope {
        RuleScope::Files
    }

    fn covers(&self, _package: PackageId, _view: &View<'_>) -> Result<(), SkipReason> {
        Ok(())
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        if subject != Subject::Run {
            return;
        }
        for unlocked in view.unlocked {
            let title = format!(
                "{} asks for packages that no lockfile pins",
                unlocked.path.untrusted().as_str()
            );
            let fix = Fix::advice(FixAction::Lock, "lock it and commit the lockfile")
                .command(unlocked.manifest.lock, unlocked.path.parent());
            found.push(
                Draft::new(&RULE, About::File(unlocked.path.clone()), title)
                    .message(
                        "its dependencies were not checked, and every install may bring others",
                    )
                    .fix(fix),
            );
        }
    }
}
