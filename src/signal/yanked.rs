//! `yanked`: releases that their owners took out of use.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Severity};
use crate::evidence::{EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::package::Ecosystem;

const RULE: Rule = Rule {
    id: RuleId("yanked"),
    axis: Axis::Vulnerability,
    severity: Severity::Low,
    summary: "the owners took a release out of use",
    what: "Reads from crates.io and PyPI whether the locked release was yanked, and why. npm has no yanking: see deprecated and removed-from-registry.",
    why: "A yanked release is broken, unsound or was published by mistake. A lockfile keeps it; whoever resolves anew gets another.",
    case: "In 2024 futures-util 0.3.30 was yanked for bugs that 0.3.31 fixed, and stayed in many lockfiles.",
    fix: "Update to another release.",
    accept: "When the reason does not concern you.",
};

pub(super) struct Yanked;

impl Signal for Yanked {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers_release(package, view)?;
        match view.graph.package(package).ecosystem {
            Ecosystem::Npm => Err(SkipReason::NotInRegistry),
            Ecosystem::Cargo | Ecosystem::Pypi => Ok(()),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let release = histories::locked(id, view).map(|locked| locked.release);
        let Some(reason) = release.and_then(|release| release.standing.yanked.as_ref()) else {
            return;
        };
        let title = format!("{} is yanked", title(view.graph.package(id)));
        let message = if reason.trim().is_empty() {
            // The index of crates.io never tells one, and an audit asks nobody else.
            "its owners took it out of use; the registry's list gives no reason".to_owned()
        } else {
            format!("its owners took it out of use: {}", reason.trim())
        };
        let about = About::Package(id, Vec::new());
        found.push(
            Draft::new(&RULE, about, title)
                .message(message)
                .label("yanked"),
        );
    }
}
