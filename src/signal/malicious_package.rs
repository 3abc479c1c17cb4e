//! `malicious-package`: releases that are known to be hijacked or malicious.

use super::source_mismatch::{self, Disagreement};
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, advisories, title};
use crate::advisory::exploitation::Pressure;
use crate::advisory::matching::Advisory;
use crate::advisory::model::AdvisoryKind;
use crate::advisory::range::Match;
use crate::advisory::{Malware, malware};
use crate::assessment::finding::About;
use crate::assessment::{AdvisoryMention, Draft, Fix, FixAction, Severity, fix};
use crate::evidence::{Evidence, EvidenceKinds, KnownAdvisories, SkipReason};
use crate::graph::{NodeId, Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::artifact::Claim;
use crate::package::source::{Host, Registry};
use crate::package::version::Version;
use crate::package::{Ecosystem, Source};

const RULE: Rule = Rule {
    id: RuleId("malicious-package"),
    axis: Axis::Compromise,
    severity: Severity::Critical,
    summary: "a release is known to be malicious",
    what: "Compares every locked package, and every package that an archive's address or file name claims to be, with the list of known compromises that is built into linchpin and with the malware records of the advisory feed. What is known by its name alone (from git, a folder, a private registry, or a file NAME-VERSION.tgz outside any registry) is medium.",
    why: "Such a release runs the attacker's code on the machines of developers, in CI, or in production. Whoever installed it must assume that the credentials there are stolen.",
    case: "axios 1.14.1 and 0.30.4 (March 2026): a hijacked account published releases with a trojan in a new dependency, plain-crypto-js.",
    fix: "Do not install. Go back to the last good release; where it was installed already, replace the machine's credentials.",
    accept: "For 7 days at most, with the id of the advisory, and never in a baseline.",
};

pub(super) struct MaliciousPackage;

impl Signal for MaliciousPackage {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::ADVISORIES
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        if package.version.is_none() {
            Err(SkipReason::NoVersion)
        } else {
            Ok(())
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let package = view.graph.package(id);
        if package.kind == EntryKind::Root {
            return;
        }
        let condemned = condemned(id, view);
        if !condemned.is_empty() {
            found.push(stated(id, &condemned, view));
        }
        found.0.extend(first_claim(id, view));
    }
}

/// Judges what the archives of a package are named like; one that is malicious is enough.
fn first_claim(id: PackageId, view: &View<'_>) -> Option<Draft> {
    let mut disagreements =
        source_mismatch::disagreements(id, view).chain(source_mismatch::lookalikes(id, view));
    disagreements.find_map(|disagreement| {
        let claim = disagreement.claim.as_ref()?;
        let condemned = condemned_claim(view.graph.package(id).ecosystem, claim, view);
        let is_condemned = !condemned.is_empty();
        is_condemned.then(|| claimed(id, &disagreement, claim, &condemned, view))
    })
}

/// One matter for which a release is condemned, whoever says so.
struct Condemned {
    sentence: String,
    mention: Option<AdvisoryMention>,
    last_good: Option<&'static str>,
    is_whole_package: bool,
    is_certain: bool,
}

impl Condemned {
    fn built_in(malware: &Malware) -> Self {
        Self {
            sentence: malware.compromise.sentence.to_owned(),
            mention: mention(malware),
            last_good: malware.last_good,
            is_whole_package: malware.is_whole_package(),
            is_certain: true,
        }
    }

    fn of_feed(advisory: &Advisory) -> Self {
        Self {
            sentence: advisory.summary.clone(),
            mention: Some(advisories::mention(advisory, Severity::Critical)),
            last_good: None,
            is_whole_package: advisory.is_whole_package,
            is_certain: advisory.verdict == Match::Affected,
        }
    }

    fn ids(&self) -> impl Iterator<Item = &String> {
        let mention = self.mention.iter();
        mention.flat_map(|mention| std::iter::once(&mention.id).chain(&mention.aliases))
    }

    fn is_twin(&self, other: &Self) -> bool {
        self.ids().any(|id| other.ids().any(|own| own == id))
    }

    /// Takes up the ids of a twin; what is said of the release stays one sentence.
    fn absorb(&mut self, twin: &Self) {
        let Some(mention) = &mut self.mention else {
            return;
        };
        let known: Vec<String> = std::iter::once(&mention.id)
            .chain(&mention.aliases)
            .cloned()
            .collect();
        let new = twin.ids().filter(|id| !known.contains(id)).cloned();
        mention.aliases.extend(new);
        self.is_whole_package |= twin.is_whole_package;
        self.is_certain |= twin.is_certain;
    }
}

/// Collects what is said of a package as its entry states it.
fn condemned(id: PackageId, view: &View<'_>) -> Vec<Condemned> {
    let package = view.graph.package(id);
    let version = package.version.as_ref().map(Version::as_str);
    let built_in = malware(package.ecosystem, package.name.as_str(), version, view.now);
    collect(&built_in, view.evidence.advisories(id))
}

/// Collects what is said of a package that an archive's file name claims to be.
fn condemned_claim(ecosystem: Ecosystem, claim: &Claim, view: &View<'_>) -> Vec<Condemned> {
    let built_in = malware(ecosystem, &claim.name, Some(&claim.version), view.now);
    let fed = view.evidence.claimed_advisories(ecosystem, claim);
    collect(&built_in, fed)
}

/// Puts together what the built-in list and the feeds say; twins are one matter.
fn collect(built_in: &[Malware], fed: &Evidence<KnownAdvisories>) -> Vec<Condemned> {
    let mut all: Vec<Condemned> = built_in.iter().map(Condemned::built_in).collect();
    let fed: &[Advisory] = match fed {
        Evidence::Known(known) => &known.found,
        Evidence::Absent | Evidence::NotGathered(_) => &[],
    };
    for advisory in fed
        .iter()
        .filter(|advisory| advisory.kind == AdvisoryKind::Malware)
    {
        let fed = Condemned::of_feed(advisory);
        match all.iter_mut().find(|own| own.is_twin(&fed)) {
            Some(own) => own.absorb(&fed),
            None => all.push(fed),
        }
    }
    all
}

/// The package is what its entry says.
fn stated(id: PackageId, records: &[Condemned], view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let name = title(package);
    let mut draft = match &package.source {
        Source::Registry(Registry::Public) => {
            draft(id, Vec::new(), format!("{name} is malicious"), records)
        }
        Source::Registry(_) if advisories::is_private(package, view) => {
            namesake(id, &name, records)
        }
        Source::Registry(Registry::Other(_)) => draft(
            id,
            Vec::new(),
            format!("{name} is malicious, if this registry serves what the public one did"),
            records,
        ),
        _ => namesake(id, &name, records),
    };
    let fix = if package.source.is_public() {
        way_out(id, records, view)
    } else {
        other_source()
    };
    if !is_certain(records) {
        draft.severity = Severity::Medium;
    }
    draft.label("known to be malicious").fix(fix)
}

/// Public releases are no replacement for a package from elsewhere.
fn other_source() -> Fix {
    Fix::advice(
        FixAction::Remove,
        "find out whether it is a copy of the malicious release; if so, do without it",
    )
}

/// A package from git, a folder, an archive of one's own or a private registry is judged by its name alone, so it only asks for a look.
fn namesake(id: PackageId, name: &str, records: &[Condemned]) -> Draft {
    let mut draft = draft(
        id,
        Vec::new(),
        format!("{name} has the name and version of a malicious release, but another source"),
        records,
    );
    draft.severity = Severity::Medium;
    draft
}

/// The package is what its archive's file name says.
fn claimed(
    id: PackageId,
    download: &Disagreement<'_>,
    claim: &Claim,
    records: &[Condemned],
    view: &View<'_>,
) -> Draft {
    let package = view.graph.package(id);
    let claim = format!("{} {}", claim.name, claim.version);
    let is_namesake = is_namesake(package, download, view);
    let what = if is_namesake {
        "has the name and version of a malicious release, but another source"
    } else {
        "is malicious"
    };
    let title = format!("{claim} {what}, and is what {} downloads", title(package));
    let mut draft = draft(id, vec![download.node], title, records);
    if is_namesake || !is_certain(records) {
        draft.severity = Severity::Medium;
    }
    draft
        .label(format!("downloads {claim}"))
        .identity(claim)
        .fix(Fix::advice(
            FixAction::Relock,
            "do not install; restore the lockfile or write it anew, and find out who edited it",
        ))
}

/// Says whether an archive has no more than the name of a public release, because its host serves others.
fn is_namesake(package: &Package<'_>, download: &Disagreement<'_>, view: &View<'_>) -> bool {
    let host = view.config.hosts.of(package.ecosystem, download.address);
    let is_vouched_for = matches!(host, Some(Host::Public | Host::Mirror));
    advisories::is_private(package, view) || (download.is_lookalike && !is_vouched_for)
}

/// Says whether a record means this release; one may name the package and leave open which releases it means.
fn is_certain(records: &[Condemned]) -> bool {
    records.iter().any(|record| record.is_certain)
}

fn draft(id: PackageId, nodes: Vec<NodeId>, title: String, records: &[Condemned]) -> Draft {
    let sentences: Vec<&str> = records
        .iter()
        .map(|record| record.sentence.as_str())
        .filter(|sentence| !sentence.is_empty())
        .collect();
    let mut draft =
        Draft::new(&RULE, About::Package(id, nodes), title).message(sentences.join(" "));
    draft.advisories = records
        .iter()
        .filter_map(|record| record.mention.clone())
        .collect();
    draft
}

fn mention(record: &Malware) -> Option<AdvisoryMention> {
    let (id, aliases) = record.compromise.ids.split_first()?;
    Some(AdvisoryMention {
        id: (*id).to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        severity: Severity::Critical,
        severity_stated: false,
        vector: None,
        kev: None,
        epss: None,
        pressure: Pressure::Unknown,
        fixed: record
            .last_good
            .iter()
            .map(|good| (*good).to_owned())
            .collect(),
        published: record.compromise.known_since.to_owned(),
    })
}

/// Goes back to a good release where there is one; a package that only malware brings leaves with it.
fn way_out(id: PackageId, records: &[Condemned], view: &View<'_>) -> Fix {
    if let Some(good) = records.iter().find_map(|record| record.last_good) {
        return fix::back_to(view.graph, id, good);
    }
    if let Some(bringer) = malicious_bringer(id, view) {
        return Fix::advice(
            FixAction::Remove,
            format!("leaves with {bringer}, the only package that asks for it"),
        );
    }
    let every = records.iter().any(|record| record.is_whole_package);
    let clear = advisories::known(id, view).and_then(|known| known.clear_in.as_deref());
    if let Some(clear) = clear.filter(|_| !every) {
        return fix::update_to(view.graph, id, clear);
    }
    let what = if every {
        "no release of it is good"
    } else {
        "no good release before it is known"
    };
    Fix::advice(FixAction::Remove, format!("do without it: {what}"))
}

/// Names the one package that depends on it, if that is malicious too and has a way out.
fn malicious_bringer(id: PackageId, view: &View<'_>) -> Option<String> {
    let nodes = &view.graph.package(id).entries;
    let mut dependents: Vec<PackageId> = nodes
        .iter()
        .flat_map(|node| view.graph.dependents(*node))
        .map(|(from, _)| view.graph.entry(from).package)
        .collect();
    dependents.sort_unstable();
    dependents.dedup();
    let [bringer] = dependents[..] else {
        return None;
    };
    condemned(bringer, view)
        .iter()
        .any(|record| record.last_good.is_some())
        .then(|| title(view.graph.package(bringer)))
}
