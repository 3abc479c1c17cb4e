//! `source-mismatch`: an entry that says one package and names the archive of another.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, is_shipped, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::comparison::Altered;
use crate::graph::{NodeId, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Ecosystem;
use crate::package::address::redact;
use crate::package::artifact::{Agreement, Claim, compare};
use crate::package::version::Version;
use crate::text::Untrusted;

const RULE: Rule = Rule {
    id: RuleId("source-mismatch"),
    axis: Axis::Integrity,
    severity: Severity::Critical,
    summary: "the lockfile names one package and downloads another",
    what: "Compares the name and version of an entry with those in the file name of the archive that it downloads, and for npm with the folder of the registry that the archive lies in. `malicious-package` then judges both. Of a change it also compares where the same version comes from.",
    why: "Package managers install what the address says. An entry that reads \"axios 1.14.0\" and downloads axios-1.14.1.tgz passes every review and every scanner that goes by names.",
    case: "Lockfile injection, described by Liran Tal in 2019: a pull request changes nothing but a `resolved` line, and reviewers do not read lockfiles.",
    fix: "Do not install. Restore the lockfile from before the change, or write it anew, and find out who edited it.",
    accept: "Only for a fork that is published under another file name on purpose.",
};

pub(super) struct SourceMismatch;

impl Signal for SourceMismatch {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        is_shipped(package, view).and_then(|()| {
            let mut entries = package.entries.iter().map(|node| view.graph.entry(*node));
            let has_address = entries.any(|entry| {
                entry
                    .record
                    .artifacts
                    .iter()
                    .any(|artifact| artifact.url.is_some())
            });
            if package.ecosystem == Ecosystem::Cargo || !has_address {
                Err(SkipReason::NotInFormat)
            } else {
                Ok(())
            }
        })
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let mut altered = view.altered_in(id);
        if let Some(altered) = altered.find(|altered| altered.what == Altered::Source) {
            found.push(moved(id, &altered.former, view));
        }
        let all: Vec<Disagreement<'_>> = disagreements(id, view).collect();
        let Some(first) = all.first() else { return };
        let nodes = all.iter().map(|disagreement| disagreement.node).collect();
        found.push(draft(id, nodes, first, view));
    }
}

/// The change takes the same version from elsewhere.
fn moved(id: PackageId, former: &Untrusted<'_>, view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let title = format!("{} comes from elsewhere than before", title(package));
    let now = package.source.address();
    let now = now.map_or("the public registry", Untrusted::as_str);
    let message = format!(
        "before the change it came from {}, and comes from {} at the same version",
        redact(former.as_str()),
        redact(now)
    );
    Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message(message)
        .label("comes from elsewhere")
        .identity(redact(now))
        .fix(Fix::advice(
            FixAction::Relock,
            "restore the lockfile from before the change, or write it anew, and find out who edited it",
        ))
}

/// An entry whose archive is not named like it.
pub(super) struct Disagreement<'v> {
    /// The entry.
    pub(super) node: NodeId,
    /// The package that the archive is named like; none if its address has no readable form.
    pub(super) claim: Option<Claim>,
    /// Whether the archive is named so by its file alone, outside any registry.
    pub(super) is_lookalike: bool,
    /// The address of the archive.
    pub(super) address: &'v str,
}

/// Lists the entries of a package whose archive is named like another package, or in no form that the public registry has.
pub(super) fn disagreements<'v>(
    id: PackageId,
    view: &'v View<'_>,
) -> impl Iterator<Item = Disagreement<'v>> {
    compared(id, view).filter_map(|(node, address, agreement)| {
        let claim = match agreement {
            Agreement::Same | Agreement::Silent | Agreement::Lookalike(_) => return None,
            Agreement::Other(claim) => Some(claim),
            Agreement::Odd => None,
        };
        Some(Disagreement {
            node,
            claim,
            is_lookalike: false,
            address,
        })
    })
}

/// Lists the entries of a package whose archive lies outside any registry, in a file that is named like another package.
pub(super) fn lookalikes<'v>(
    id: PackageId,
    view: &'v View<'_>,
) -> impl Iterator<Item = Disagreement<'v>> {
    compared(id, view).filter_map(|(node, address, agreement)| match agreement {
        Agreement::Lookalike(claim) => Some(Disagreement {
            node,
            claim: Some(claim),
            is_lookalike: true,
            address,
        }),
        Agreement::Same | Agreement::Silent | Agreement::Other(_) | Agreement::Odd => None,
    })
}

/// Compares each entry of a package with each of its archives.
fn compared<'v>(
    id: PackageId,
    view: &'v View<'_>,
) -> impl Iterator<Item = (NodeId, &'v str, Agreement)> {
    let package = view.graph.package(id);
    let version = package.version.as_ref().map_or("", Version::as_str);
    let nodes = package
        .entries
        .iter()
        .filter(|_| package.kind == EntryKind::Package);
    nodes.flat_map(move |node| {
        let artifacts = view.graph.entry(*node).record.artifacts.iter();
        let addresses = artifacts.filter_map(|artifact| artifact.url.as_ref());
        addresses.map(Untrusted::as_str).map(move |address| {
            let agreement = compare(package.ecosystem, address, package.name.as_str(), version);
            (*node, address, agreement)
        })
    })
}

/// Lists the releases that a package downloads, or seems to, and does not say.
pub(crate) fn claims(id: PackageId, view: &View<'_>) -> impl Iterator<Item = Claim> {
    compared(id, view).filter_map(|(_, _, agreement)| match agreement {
        Agreement::Other(claim) | Agreement::Lookalike(claim) => Some(claim),
        Agreement::Same | Agreement::Silent | Agreement::Odd => None,
    })
}

fn draft(id: PackageId, nodes: Vec<NodeId>, first: &Disagreement<'_>, view: &View<'_>) -> Draft {
    let stated = title(view.graph.package(id));
    let (what, identity) = match &first.claim {
        Some(claim) => {
            let claimed = format!("{} {}", claim.name, claim.version);
            (format!("{stated} downloads {claimed}"), claimed)
        }
        None => (
            format!("{stated} downloads from an address that the public registry does not have"),
            redact(first.address),
        ),
    };
    Draft::new(&RULE, About::Package(id, nodes), what)
        .message(format!(
            "the entry says {stated}, its archive is {}",
            redact(first.address)
        ))
        .label(format!("says {stated}"))
        .identity(identity)
        .fix(Fix::advice(
            FixAction::Relock,
            "do not install; restore the lockfile or write it anew, and find out who edited it",
        ))
}
