//! `suspicious-release`: a release that does not look like those before it.
//!
//! One file for each group of evidence; [`model`] weighs what they see.

mod age;
mod artifact;
mod beta;
mod identity;
mod judged;
mod model;
mod name;
mod rhythm;
mod surface;

use std::sync::Arc;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

pub(super) use self::age::words as age_words;
use self::judged::{Judged, Neighbours, Novelty};
use self::model::{Score, Tier};
use super::histories::{self, Locked, Newness};
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, title};
use crate::archive::hook::{Harmless, HookReport, HookVerdict, SightKind, verdict};
use crate::assessment::finding::{About, EvidenceMention};
use crate::assessment::{Draft, Fix, FixAction, Severity, fix};
use crate::evidence::{Evidence, EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::registry::ReleaseHistory;
use crate::registry::history::{ContradictionAbout, NEW, Release};

const RULE: Rule = Rule {
    id: RuleId("suspicious-release"),
    axis: Axis::Anomaly,
    severity: Severity::Medium,
    summary: "a release does not look like those before it",
    what: "Compares a release with the earlier ones of its package, in what the registry tells of them: whether provenance or trusted publishing was lost in its line, whether code runs at installation that never ran before, whether a new dependency brings such code or appeared a few days ago under a stranger's account, whether lines moved together or after a year of silence, whether it is many times as large, whether its name is nearly another's, and how old it is. Each fact weighs as much as it is more frequent among known incidents than among harmless releases; both counts are printed. Only what is new is judged: the releases that a change brings, or in an audit those younger than seven days. Where an archive could be read, what its install script does is looked at, never run: nothing but a message clears it. A release whose archive the registry replaced since an earlier run is reported on that alone.",
    why: "For hours after a hijack no advisory exists, and every scanner that knows only advisories says that all is well. The registry shows it in the first minute.",
    case: "In March 2026 axios 1.14.1 came from a person's account instead of the project's pipeline, without provenance, with a dependency that was hours old and ran code at installation, together with another line within the hour. It was downloaded for three hours.",
    fix: "Stay at the release before it until somebody has looked at it, or until it has been out for a week. Look at what its install script and its new dependencies do, and ask its maintainers.",
    accept: "When the maintainers say that they changed how they publish, or you have read what runs at installation.",
};

/// A group of evidence, of which one level counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Identity,
    Surface,
    Rhythm,
    Artifact,
    Name,
    Age,
}

impl Group {
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self::Identity,
        Self::Surface,
        Self::Rhythm,
        Self::Artifact,
        Self::Name,
        Self::Age,
    ];

    const fn id(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Surface => "surface",
            Self::Rhythm => "rhythm",
            Self::Artifact => "artifact",
            Self::Name => "name",
            Self::Age => "age",
        }
    }
}

/// A sign, and how it is seen.
struct Level {
    /// Its id, as the counts have it.
    id: &'static str,
    /// Says in words what was seen, if it was.
    holds: fn(&Judged<'_>) -> Option<String>,
}

/// The groups in their order, each with its levels: the first that holds counts.
const GROUPS: &[(Group, &[Level])] = &[
    (Group::Identity, identity::LEVELS),
    (Group::Surface, surface::LEVELS),
    (Group::Rhythm, rhythm::LEVELS),
    (Group::Artifact, artifact::LEVELS),
    (Group::Name, name::LEVELS),
    (Group::Age, age::LEVELS),
];

pub(super) struct SuspiciousRelease;

impl Signal for SuspiciousRelease {
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
            _ => view.evidence.lacks_detail(package).map_or(Ok(()), Err),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let Some((score, locked)) = scored(id, view) else {
            return;
        };
        found.0.extend(replaced(id, &locked, view));
        let severity = match score.tier {
            Tier::Quiet => return,
            Tier::Note => Severity::Low,
            Tier::Warn => Severity::Medium,
            Tier::Block => Severity::High,
        };
        let mut draft = draft(id, &score, &locked, view);
        draft.severity = severity;
        found.push(draft);
    }
}

/// A release whose bytes the registry replaced: no registry may, and no honest release needs it.
fn replaced(id: PackageId, locked: &Locked<'_>, view: &View<'_>) -> Option<Draft> {
    let mut contradictions = locked.known.contradictions.iter();
    let one = contradictions.find(|one| {
        one.about == ContradictionAbout::Archive && one.version == locked.release.version
    })?;
    let title = format!(
        "{} is not the archive that it was",
        title(view.graph.package(id))
    );
    let mut draft = Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message(one.words.clone())
        .label("another archive")
        .identity("replaced")
        .fix(way_out(id, locked, view));
    draft.severity = Severity::High;
    Some(draft)
}

/// How suspicious a release is, for rules that ask no more of one that is.
pub(super) fn is_suspicious(id: PackageId, view: &View<'_>) -> bool {
    scored(id, view).is_some_and(|(score, _)| score.tier >= Tier::Warn)
}

/// Scores a release; what is remembered of earlier ones may add to it, and never takes away.
fn scored<'v>(id: PackageId, view: &'v View<'_>) -> Option<(Score, Locked<'v>)> {
    let locked = histories::judged(id, view)?;
    let neighbours = Others { id, view };
    let novelty = match view.changed.and_then(|changed| changed.get(id)) {
        Some(Newness::Name) => Novelty::NewName,
        _ => Novelty::Known,
    };
    let score = |history: &ReleaseHistory, release: &Release| {
        let judged = Judged::new(history, release, view.now, novelty, &neighbours)?;
        // What was looked at are the scripts that the registry tells of now.
        let is_looked_at = release.install.hooks == locked.release.install.hooks;
        let excused: &[&str] = if is_looked_at && are_hooks_harmless(id, view) {
            &surface::ABOUT_HOOKS
        } else {
            &[]
        };
        Some(model::score(&judged, excused))
    };
    let own = score(locked.history, locked.release)?;
    let remembered = locked.known.remembered.as_ref().and_then(|history| {
        let release = history.release(&locked.release.version)?;
        score(history, release)
    });
    let score = match remembered {
        Some(other) if (other.tier, other.decibans) > (own.tier, own.decibans) => other,
        _ => own,
    };
    Some((score, locked))
}

/// Nobody beside the package itself.
struct Nobody;

impl Neighbours for Nobody {
    fn history(&self, _name: &str) -> Option<Arc<ReleaseHistory>> {
        None
    }

    fn locked(&self, _name: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Lists the names of the packages that a release depends on and its predecessor did not.
pub(crate) fn new_dependencies(
    history: &ReleaseHistory,
    release: &Release,
    now: Timestamp,
) -> Vec<String> {
    let judged = Judged::new(history, release, now, Novelty::Known, &Nobody);
    let added = judged.iter().flat_map(Judged::new_dependencies);
    added.map(|dependency| dependency.name.clone()).collect()
}

/// Returns the stable release that a release follows in its line, as far as it is more than two days older; else the last of all such.
pub(crate) fn predecessor<'h>(
    history: &'h ReleaseHistory,
    release: &'h Release,
    now: Timestamp,
) -> Option<&'h Release> {
    let judged = Judged::new(history, release, now, Novelty::Known, &Nobody)?;
    let before = judged
        .predecessor()
        .or_else(|| judged.earlier().next_back());
    before.map(|before| before.release)
}

/// The other packages of a run.
struct Others<'v> {
    id: PackageId,
    view: &'v View<'v>,
}

impl Neighbours for Others<'_> {
    fn history(&self, name: &str) -> Option<Arc<ReleaseHistory>> {
        let ecosystem: Ecosystem = self.view.graph.package(self.id).ecosystem;
        self.view.evidence.history_of(ecosystem, name).cloned()
    }

    fn locked(&self, name: &str) -> Vec<String> {
        let ecosystem = self.view.graph.package(self.id).ecosystem;
        // By name and not by edge, which a lockfile may leave out.
        let packages = self.view.graph.packages().map(|(_, package)| package);
        let named = packages
            .filter(|package| package.ecosystem == ecosystem && package.name.as_str() == name);
        let versions = named.filter_map(|package| package.version.as_ref());
        versions
            .map(|version| version.as_str().to_owned())
            .collect()
    }
}

fn draft(id: PackageId, score: &Score, locked: &Locked<'_>, view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let facts: Vec<&str> = (score.contributions.iter())
        .filter(|one| one.weight.decibans > 0.0)
        .map(|one| one.detail.as_str())
        .collect();
    let title = format!(
        "{} does not look like the releases before it",
        title(package)
    );
    let mut draft = Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message(facts.join("; "))
        .label("suspicious")
        .fix(way_out(id, locked, view));
    draft.score = Some(score.decibans);
    draft.evidence = score.contributions.iter().map(mention).collect();
    match view.evidence.hooks(id) {
        Evidence::Known(reports) => {
            for report in reports {
                draft = draft.remark(&hook_words(report));
            }
        }
        Evidence::NotGathered(
            SkipReason::UnreadArchive
            | SkipReason::OverBudget
            | SkipReason::StrangeArchive
            | SkipReason::LargeArchive,
        ) => {
            draft = draft.remark(
                "what its install script does was not looked at, because its archive was not read",
            );
        }
        Evidence::Absent | Evidence::NotGathered(_) => {}
    }
    for contradiction in &locked.known.contradictions {
        draft = draft.remark(&contradiction.words);
    }
    draft
}

fn mention(one: &model::Contribution) -> EvidenceMention {
    let pair = |count: model::Count| [count.found, count.of];
    EvidenceMention {
        signal: format!("{}/{}", one.group.id(), one.level),
        decibans: one.weight.decibans,
        malicious: Some(pair(one.weight.malicious)),
        benign: one.weight.benign.map(pair),
        detail: one.detail.clone().into(),
    }
}

/// Rounds up to the second: nobody waits for less.
pub(super) fn whole_second(time: Timestamp) -> Timestamp {
    let rounded = time.round(
        TimestampRound::new()
            .smallest(Unit::Second)
            .mode(RoundMode::Ceil),
    );
    rounded.unwrap_or(time)
}

/// Back to the release before it, or waiting.
fn way_out(id: PackageId, locked: &Locked<'_>, view: &View<'_>) -> Fix {
    let until = locked
        .release
        .published
        .map(|published| whole_second(published + NEW))
        .filter(|until| *until > view.now);
    let neighbours = Others { id, view };
    let judged = Judged::new(
        locked.history,
        locked.release,
        view.now,
        Novelty::Known,
        &neighbours,
    );
    let before = judged.as_ref().and_then(Judged::predecessor);
    let good = before.filter(|before| before.release.standing.yanked.is_none());
    let Some(good) = good else {
        let advice = match until {
            Some(_) => {
                "do without it, at least until somebody has looked at it or it has been out for a week"
            }
            None => "do without it until somebody has looked at it",
        };
        return Fix::advice(FixAction::Wait, advice).until(until);
    };
    let version = &good.release.version;
    fix::hold_at(view.graph, id, version).until(until)
}

/// Says whether install scripts were looked at and are harmless: what a first one weighs is of code that nobody knew.
fn are_hooks_harmless(id: PackageId, view: &View<'_>) -> bool {
    match view.evidence.hooks(id) {
        Evidence::Known(reports) => {
            matches!(verdict(reports), HookVerdict::Harmless(Harmless::Message))
        }
        Evidence::Absent | Evidence::NotGathered(_) => false,
    }
}

/// Words what a hook was seen to do.
fn hook_words(report: &HookReport) -> String {
    let subject = match &report.target {
        Some(target) => format!("{} of its {} script", target.as_str(), report.hook),
        None => format!("its {} script", report.hook),
    };
    let what = match report.verdict {
        HookVerdict::Harmless(Harmless::Message) => {
            "prints a message and does nothing else".to_owned()
        }
        HookVerdict::Harmless(Harmless::Build) => {
            "builds what lies in the archive, which may run any program".to_owned()
        }
        HookVerdict::Unclear => "could not be understood to its end".to_owned(),
        HookVerdict::Suspicious => sights(report),
    };
    format!("{subject} {what}")
}

fn sights(report: &HookReport) -> String {
    let mut kinds: Vec<SightKind> = Vec::new();
    let sights = report.sights.iter().filter(|sight| {
        let is_new = !kinds.contains(&sight.kind);
        kinds.push(sight.kind);
        is_new
    });
    let words = sights.map(|sight| {
        format!(
            "{} (line {}: {})",
            sight.kind.words(),
            sight.line,
            sight.excerpt.as_str()
        )
    });
    words.collect::<Vec<_>>().join(", ")
}
