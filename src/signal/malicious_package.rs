//! `malicious-package`: releases that are known to be hijacked or malicious.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, source_mismatch, title};
use crate::advisory::{Malware, malware};
use crate::assessment::finding::About;
use crate::assessment::{AdvisoryMention, Draft, Fix, FixAction, Severity, fix};
use crate::evidence::SkipReason;
use crate::graph::{NodeId, Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Source;
use crate::package::source::{Host, Registry};

const RULE: Rule = Rule {
    id: RuleId("malicious-package"),
    axis: Axis::Compromise,
    severity: Severity::Critical,
    summary: "a release is known to be malicious",
    what: "Compares every locked package, and every package that an archive's file name claims to be, with the list of known compromises that is built into linchpin.",
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
        let version = package
            .version
            .as_ref()
            .map(super::super::package::version::Version::as_str);
        let records = malware(package.ecosystem, package.name.as_str(), version, view.now);
        if !records.is_empty() {
            found.push(stated(id, &records, view));
        }
        for disagreement in source_mismatch::disagreements(id, view) {
            let Some(claim) = disagreement.claim else {
                continue;
            };
            let records = malware(
                package.ecosystem,
                &claim.name,
                Some(&claim.version),
                view.now,
            );
            if !records.is_empty() {
                let claim = format!("{} {}", claim.name, claim.version);
                found.push(claimed(id, disagreement.node, &claim, &records, view));
                return;
            }
        }
    }
}

/// The package is what its entry says.
fn stated(id: PackageId, records: &[Malware], view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let name = title(package);
    let draft = match &package.source {
        Source::Registry(Registry::Public) => {
            draft(id, Vec::new(), format!("{name} is malicious"), records)
        }
        Source::Registry(Registry::Other(url)) if is_private(package, url.as_str(), view) => {
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
    draft.label("known to be malicious").fix(fix)
}

/// A private registry has names of its own, which say nothing about public packages.
fn is_private(package: &Package, address: &str, view: &View<'_>) -> bool {
    view.config.hosts.of(package.ecosystem, address) == Some(Host::Private)
}

/// Public releases are no replacement for a package from elsewhere.
fn other_source() -> Fix {
    Fix::advice(
        FixAction::Remove,
        "find out whether it is a copy of the malicious release; if so, do without it",
    )
}

/// A package from git, a folder, an archive of one's own or a private registry is judged by its name alone, so it only asks for a look.
fn namesake(id: PackageId, name: &str, records: &[Malware]) -> Draft {
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
    node: NodeId,
    claim: &str,
    records: &[Malware],
    view: &View<'_>,
) -> Draft {
    let title = format!(
        "{claim} is malicious, and is what {} downloads",
        title(view.graph.package(id))
    );
    draft(id, vec![node], title, records)
        .label(format!("downloads {claim}"))
        .identity(claim)
        .fix(Fix::advice(
            FixAction::Relock,
            "do not install; restore the lockfile or write it anew, and find out who edited it",
        ))
}

fn draft(id: PackageId, nodes: Vec<NodeId>, title: String, records: &[Malware]) -> Draft {
    let sentences: Vec<&str> = records
        .iter()
        .map(|record| record.compromise.sentence)
        .collect();
    let mut draft =
        Draft::new(&RULE, About::Package(id, nodes), title).message(sentences.join(" "));
    draft.advisories = records.iter().filter_map(mention).collect();
    draft
}

fn mention(record: &Malware) -> Option<AdvisoryMention> {
    let (id, aliases) = record.compromise.ids.split_first()?;
    Some(AdvisoryMention {
        id: (*id).to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        severity: Severity::Critical,
        fixed: record
            .last_good
            .iter()
            .map(|good| (*good).to_owned())
            .collect(),
        published: record.compromise.known_since.to_owned(),
    })
}

/// Goes back to a good release where there is one; a package that only malware brings leaves with it.
fn way_out(id: PackageId, records: &[Malware], view: &View<'_>) -> Fix {
    if let Some(good) = records.iter().find_map(|record| record.last_good) {
        return fix::back_to(view.graph, id, good);
    }
    if let Some(bringer) = malicious_bringer(id, view) {
        return Fix::advice(
            FixAction::Remove,
            format!("leaves with {bringer}, the only package that asks for it"),
        );
    }
    let every = records.iter().any(Malware::is_whole_package);
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
    let package = view.graph.package(bringer);
    let version = package
        .version
        .as_ref()
        .map(super::super::package::version::Version::as_str);
    let records = malware(package.ecosystem, package.name.as_str(), version, view.now);
    records
        .iter()
        .any(|record| record.last_good.is_some())
        .then(|| title(package))
}
