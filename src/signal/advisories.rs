//! What feeds say of a package, for the rules that repeat it.

use jiff::tz::TimeZone;

use super::{Findings, Rule, Signal, Subject, View, private, title};
use crate::advisory::matching::Advisory;
use crate::advisory::model::{AdvisoryId, AdvisoryKind};
use crate::advisory::range::Match;
use crate::assessment::finding::{About, AdvisoryMention};
use crate::assessment::{Draft, Fix, FixAction, fix};
use crate::evidence::{Evidence, EvidenceKinds, KnownAdvisories, SkipReason};
use crate::graph::{Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Source;
use crate::package::source::Registry;
use crate::severity::Severity;

/// How many summaries a message repeats.
const TOLD: usize = 3;

/// A rule that repeats what feeds say of one kind and that no score weighs.
pub(super) struct Informational {
    /// The rule.
    pub(super) rule: &'static Rule,
    /// The kind of advisory.
    pub(super) kind: AdvisoryKind,
    /// What it says of a release, behind its name.
    pub(super) what: &'static str,
    /// A few words beneath the caret.
    pub(super) label: &'static str,
}

impl Signal for Informational {
    fn rule(&self) -> &'static Rule {
        self.rule
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::ADVISORIES
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        covers(package, view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let said = of_kind(id, self.kind, view);
        if !said.is_empty() {
            let mut draft = draft(self.rule, id, &said, self.what, view).label(self.label);
            draft.advisories = mentions(&said, self.rule.severity);
            found.push(draft);
        }
    }
}

/// Says whether feeds were asked about a package by a name that is its own.
pub(super) fn covers(id: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
    let package = view.graph.package(id);
    if package.kind != EntryKind::Package {
        return Err(SkipReason::FirstParty);
    }
    match package.source {
        Source::Git { .. } => return Err(SkipReason::GitSource),
        Source::Path(_) => return Err(SkipReason::PathSource),
        Source::Archive(_) => return Err(SkipReason::ArchiveSource),
        Source::Registry(_) if is_private(package, view) => {
            return Err(SkipReason::PrivateRegistry);
        }
        Source::Registry(_) => {}
    }
    match view.evidence.advisories(id) {
        Evidence::Known(_) => Ok(()),
        Evidence::Absent => Err(SkipReason::NoFeed),
        Evidence::NotGathered(reason) => Err(*reason),
    }
}

/// Says whether a package is one of a private registry, whose names say nothing about public packages.
pub(super) fn is_private(package: &Package<'_>, view: &View<'_>) -> bool {
    private::is_private(package, &view.config.hosts)
}

/// Returns what feeds say of a package, if anything.
pub(super) fn known<'v>(id: PackageId, view: &'v View<'_>) -> Option<&'v KnownAdvisories> {
    match view.evidence.advisories(id) {
        Evidence::Known(known) => Some(known),
        Evidence::Absent | Evidence::NotGathered(_) => None,
    }
}

/// Lists what feeds say of a package of a registry, of one kind.
pub(super) fn of_kind<'v>(
    id: PackageId,
    kind: AdvisoryKind,
    view: &'v View<'_>,
) -> Vec<&'v Advisory> {
    if covers(id, view).is_err() {
        return Vec::new();
    }
    let known = known(id, view).into_iter();
    known
        .flat_map(|known| &known.found)
        .filter(|advisory| advisory.kind == kind)
        .collect()
}

/// Drafts one finding for all that is said of a package; what each advisory weighs is the rule's to say.
pub(super) fn draft(
    rule: &'static Rule,
    id: PackageId,
    said: &[&Advisory],
    what: impl std::fmt::Display,
    view: &View<'_>,
) -> Draft {
    let package = view.graph.package(id);
    let title = format!("{} {what}", title(package));
    Draft::new(rule, About::Package(id, Vec::new()), title)
        .message(message(id, said, view))
        .fix(update(id, view))
}

/// Mentions advisories, the worst first; one that states no severity has that of `unstated`.
pub(super) fn mentions(said: &[&Advisory], unstated: Severity) -> Vec<AdvisoryMention> {
    let mentions = said.iter().map(|advisory| AdvisoryMention {
        severity_stated: advisory.severity.is_some(),
        vector: advisory.vector.clone(),
        ..mention(advisory, advisory.severity.unwrap_or(unstated))
    });
    let mut mentions: Vec<AdvisoryMention> = mentions.collect();
    mentions.sort_by_key(|advisory| (advisory.severity, advisory.pressure));
    mentions
}

/// Turns an advisory into its mention in a report, with a severity that is not its own.
pub(super) fn mention(advisory: &Advisory, severity: Severity) -> AdvisoryMention {
    let mut ids = advisory.ids.iter().map(AdvisoryId::to_string);
    let exploitation = advisory.exploitation;
    AdvisoryMention {
        id: ids.next().unwrap_or_default(),
        aliases: ids.collect(),
        severity,
        severity_stated: false,
        vector: None,
        kev: exploitation.known_since.map(|day| day.to_string()),
        epss: exploitation.odds,
        pressure: advisory.pressure,
        fixed: advisory.fixed.clone(),
        published: advisory.published.map_or_else(String::new, |published| {
            TimeZone::UTC.to_datetime(published).date().to_string()
        }),
    }
}

fn message(id: PackageId, said: &[&Advisory], view: &View<'_>) -> String {
    let mut sentences: Vec<String> = said
        .iter()
        .map(|advisory| advisory.summary.trim_end_matches('.').to_owned())
        .filter(|summary| !summary.is_empty())
        .take(TOLD)
        .collect();
    sentences.dedup();
    if said.len() > TOLD {
        sentences.push(format!("and {} more", said.len() - TOLD));
    }
    if said
        .iter()
        .any(|advisory| advisory.verdict == Match::Unknown)
    {
        sentences
            .push("whether this version is affected cannot be told from the record".to_owned());
    }
    if let Source::Registry(Registry::Other(_)) = view.graph.package(id).source {
        sentences.push(
            "it comes from an unknown host, and is taken for the public package of its name"
                .to_owned(),
        );
    }
    sentences.join("; ")
}

fn update(id: PackageId, view: &View<'_>) -> Fix {
    match known(id, view).and_then(|known| known.clear_in.as_deref()) {
        Some(clear) => fix::update_to(view.graph, id, clear),
        None => Fix::advice(
            FixAction::Replace,
            "no fixed version is known; do without it, or accept it for a while",
        ),
    }
}
