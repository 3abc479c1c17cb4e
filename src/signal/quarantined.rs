//! `quarantined`: packages that their registry suspects and offers no more.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::{EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::registry::history::ProjectStanding;

const RULE: Rule = Rule {
    id: RuleId("quarantined"),
    axis: Axis::Vulnerability,
    severity: Severity::High,
    summary: "the registry suspects a package and offers it no more",
    what: "Reads the status of the project from PyPI (PEP 792), and from npm whether the registry put an empty package of its own in its place.",
    why: "A registry quarantines what somebody reported as malware, while it looks. Caches and mirrors may still serve it.",
    case: "In March 2026 PyPI quarantined litellm while two malicious releases of it were looked at; whoever had them in a cache still could install them.",
    fix: "Do not install. Stay at a release that is known to be good, and look at machines that have installed this one.",
    accept: "Not, until the registry has lifted the quarantine.",
};

pub(super) struct Quarantined;

impl Signal for Quarantined {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers(package, view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let Some(known) = histories::known(id, view) else {
            return;
        };
        let message = match &known.history.standing {
            ProjectStanding::Quarantined(Some(reason)) => format!("the registry says: {reason}"),
            ProjectStanding::Quarantined(None) => "the registry gives no reason".to_owned(),
            ProjectStanding::SecurityHolding => {
                "the registry put an empty package of its own in its place, as it does with malware"
                    .to_owned()
            }
            _ => return,
        };
        let title = format!(
            "{} is quarantined by its registry",
            title(view.graph.package(id))
        );
        let advice = "do without it until the registry has lifted the quarantine";
        let draft = Draft::new(&RULE, About::Package(id, Vec::new()), title)
            .message(message)
            .label("quarantined")
            .fix(Fix::advice(FixAction::Remove, advice));
        found.push(draft);
    }
}
