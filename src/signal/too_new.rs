//! `too-new`: releases that are younger than a day, or have a file that is and may be installed.

use jiff::SignedDuration;

use super::histories::{Youngest, Youth};
use super::suspicious_release::{age_words, is_suspicious, whole_second};
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, packages_of, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::{Evidence, EvidenceKinds, SkipReason};
use crate::graph::{LockfileId, NodeId, PackageId};
use crate::package::role::ai_role;
use crate::report::words::count;

const RULE: Rule = Rule {
    id: RuleId("too-new"),
    axis: Axis::Anomaly,
    severity: Severity::Low,
    summary: "a release is younger than a day",
    what: "Compares the time of publication with the clock; where a file came to a release later, as PyPI allows, and the lockfile may install it, the time of that file. A release that is younger than 24 hours is high where the package belongs to an AI stack, which holds the keys of providers, or where the release is suspicious; all others are one low line for each lockfile, with a count. A version that fixes an advisory is exempt, unless it is suspicious. It clears by itself.",
    why: "Most hijacked releases are found and taken down within hours. Whoever waits a day has never installed them.",
    case: "LiteLLM 1.82.7 and 1.82.8 were out for three hours in March 2026 and stole credentials; nothing in the registry's data told 1.82.7 from a good release but its age.",
    fix: "Wait until the release is a day old, and run the gate again. In the meantime stay at the version before it.",
    accept: "For a release of your own, or one that you cannot do without today and have looked at.",
};

/// How old a release must be.
const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct TooNew;

impl Signal for TooNew {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers_release(package, view)?;
        match histories::locked(package, view) {
            Some(locked) if locked.release.published.is_none() => Err(SkipReason::NoTime),
            _ => Ok(()),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        match subject {
            Subject::Package(id) => found.0.extend(hold(id, view)),
            Subject::Lockfile(lockfile) => found.0.extend(mention(lockfile, view)),
            Subject::Run => {}
        }
    }
}

/// Says whether a release is younger than a day, and no fix of anything known.
fn is_young(id: PackageId, view: &View<'_>) -> bool {
    let youth = histories::youth(id, view);
    let is_young = |youth: Youth| view.now.duration_since(youth.since) < DAY;
    youth.is_some_and(is_young) && !fixes_something(id, view)
}

fn fixes_something(id: PackageId, view: &View<'_>) -> bool {
    match view.evidence.advisories(id) {
        Evidence::Known(known) => !known.fixes.is_empty() && !is_suspicious(id, view),
        Evidence::Absent | Evidence::NotGathered(_) => false,
    }
}

/// Says why a release should wait rather than be noted.
fn reason(id: PackageId, view: &View<'_>) -> Option<String> {
    let package = view.graph.package(id);
    if let Some(role) = ai_role(package.ecosystem, package.name.as_str()) {
        return Some(format!(
            "it is {}, which holds keys of providers",
            role.words()
        ));
    }
    is_suspicious(id, view).then(|| "it does not look like the releases before it".to_owned())
}

fn hold(id: PackageId, view: &View<'_>) -> Option<Draft> {
    if !is_young(id, view) {
        return None;
    }
    let reason = reason(id, view)?;
    let youth = histories::youth(id, view)?;
    let until = whole_second(youth.since + DAY);
    let name = title(view.graph.package(id));
    let age = age_words(view.now.duration_since(youth.since));
    let (title, when) = match youth.of {
        Youngest::Release => (format!("{name} is {age} old"), "it was published"),
        Youngest::LateFile => (
            format!("a file of {name} is {age} old"),
            "the release is older, and got another file",
        ),
    };
    let advice = "wait, and run this again: most hijacked releases are found within hours";
    let mut draft = Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message(format!("{reason}; {when} at {}", youth.since))
        .label("too new")
        .fix(Fix::advice(FixAction::Wait, advice).until(Some(until)));
    draft.severity = Severity::High;
    Some(draft)
}

/// The others of a lockfile, in one line.
fn mention(lockfile: LockfileId, view: &View<'_>) -> Option<Draft> {
    let is_noted = |node: &NodeId| {
        let id = view.graph.entry(*node).package;
        is_young(id, view) && reason(id, view).is_none()
    };
    let nodes: Vec<NodeId> = packages_of(lockfile, view).filter(is_noted).collect();
    let mut packages: Vec<PackageId> = nodes
        .iter()
        .map(|node| view.graph.entry(*node).package)
        .collect();
    packages.sort_unstable();
    packages.dedup();
    let first = packages.first()?;
    let names: Vec<String> = packages
        .iter()
        .take(3)
        .map(|id| title(view.graph.package(*id)))
        .collect();
    let more = packages.len() - names.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let times = packages
        .iter()
        .filter_map(|id| Some(histories::youth(*id, view)?.since));
    let until = times.max().map(|latest| whole_second(latest + DAY));
    let title = match packages.len() {
        1 => format!(
            "{} is younger than a day",
            title(view.graph.package(*first))
        ),
        several => format!("{} are younger than a day", count(several, "release")),
    };
    let draft = Draft::new(&RULE, About::Lockfile(lockfile, nodes), title)
        .message(format!("{}{more}", names.join(", ")))
        .label("younger than a day")
        .fix(Fix::advice(FixAction::Wait, "wait until they are a day old").until(until));
    Some(draft)
}
