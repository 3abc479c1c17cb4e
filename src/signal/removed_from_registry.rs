//! `removed-from-registry`: locked versions that their registry no longer lists.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::{Evidence, EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::package::version::is_same_release;
use crate::registry::ReleaseHistory;
use crate::registry::history::ProjectStanding;
use crate::report::words::count;

const RULE: Rule = Rule {
    id: RuleId("removed-from-registry"),
    axis: Axis::Anomaly,
    severity: Severity::High,
    summary: "the registry no longer lists a locked version",
    what: "Looks the locked version up in what its public registry lists. Only what the registry answered in this run, or to an audit within the last day, counts.",
    why: "Registries and owners take malicious releases down, and for hours that is the only trace. A lockfile keeps such a version, and caches serve it.",
    case: "axios 1.14.1 was unpublished three hours after it appeared; its number stayed in npm's list of times, and in every lockfile that had taken it.",
    fix: "Find out why it was removed before you install anywhere. Go back to the version before it, and look at machines that have installed this one.",
    accept: "When its owners say why they removed it, and the reason is harmless.",
};

pub(super) struct RemovedFromRegistry;

impl Signal for RemovedFromRegistry {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers_release(package, view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        if histories::covers(id, view).is_err() {
            return;
        }
        let message = match view.evidence.history(id) {
            Evidence::Absent => "the registry does not know a package of that name".to_owned(),
            Evidence::Known(known) if known.is_authoritative() => {
                let version = view.graph.package(id).version.as_ref();
                match version.and_then(|version| absence(&known.history, version.as_str())) {
                    Some(message) => message,
                    None => return,
                }
            }
            Evidence::Known(_) | Evidence::NotGathered(_) => return,
        };
        let package = view.graph.package(id);
        let registry = package.ecosystem.registry_name();
        let title = format!("{} is not listed by {registry}", title(package));
        let advice = "do not install it; find out why it was removed, and go back to a version that is listed";
        let draft = Draft::new(&RULE, About::Package(id, Vec::new()), title)
            .message(message)
            .label("not listed")
            .fix(Fix::advice(FixAction::Replace, advice));
        found.push(draft);
    }
}

/// Says in words how a version is missing; none where it is there, or is yet to come at the clock of the run.
fn absence(history: &ReleaseHistory, version: &str) -> Option<String> {
    let is_same = |other: &String| is_same_release(history.ecosystem, other, version);
    let is_quarantined = matches!(history.standing, ProjectStanding::Quarantined(_));
    if history.release(version).is_some() || history.later.iter().any(is_same) || is_quarantined {
        return None;
    }
    let mut pulled = history.pulled_back.iter();
    let pulled = pulled.find(|pulled| is_same(&pulled.version));
    let listed = count(history.releases.len(), "other version");
    Some(match pulled.and_then(|pulled| pulled.published) {
        Some(published) => format!("it was published at {published} and has been removed since"),
        None if history.standing == ProjectStanding::Unpublished => {
            "its owners took the whole package back".to_owned()
        }
        None => format!("the registry lists {listed}"),
    })
}
