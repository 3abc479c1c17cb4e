//! `source-mismatch`: an entry that says one package and names the archive of another.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, is_shipped, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{NodeId, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Ecosystem;
use crate::package::artifact::{Agreement, Claim, compare};
use crate::package::source::redact;

const RULE: Rule = Rule {
    id: RuleId("source-mismatch"),
    axis: Axis::Integrity,
    severity: Severity::Critical,
    summary: "the lockfile names one package and downloads another",
    what: "Compares the name and version of an entry with those in the file name of the archive that it downloads. Both identities are then judged by all other rules.",
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

    fn covers(&self, package: PackageId, view: &View<'_>) -> Option<Result<(), SkipReason>> {
        let package = view.graph.package(package);
        Some(is_shipped(package, view).and_then(|()| {
            let mut entries = package.entries.iter().map(|node| view.graph.entry(*node));
            let has_address = entries.any(|entry| {
                entry
                    .artifacts
                    .iter()
                    .any(|artifact| artifact.url.is_some())
            });
            if package.version.is_none() {
                Err(SkipReason::NoVersion)
            } else if package.ecosystem == Ecosystem::Cargo || !has_address {
                Err(SkipReason::NotInFormat)
            } else {
                Ok(())
            }
        }))
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        if let Some((node, url, claim)) = claims(id, view).next() {
            let nodes = claims(id, view).map(|(node, _, _)| node).collect();
            found.push(draft(id, nodes, url, &claim, view));
            let _: NodeId = node;
        }
    }
}

/// Lists the entries of a package whose archive is named like another package.
pub(super) fn claims<'v>(
    id: PackageId,
    view: &'v View<'_>,
) -> impl Iterator<Item = (NodeId, &'v str, Claim)> {
    let package = view.graph.package(id);
    let version = package
        .version
        .as_ref()
        .filter(|_| package.kind == EntryKind::Package);
    let nodes = package.entries.iter().filter(move |_| version.is_some());
    nodes.flat_map(move |node| {
        let urls = view
            .graph
            .entry(*node)
            .artifacts
            .iter()
            .filter_map(|artifact| artifact.url.as_ref());
        urls.filter_map(move |url| {
            match compare(
                package.ecosystem,
                url.as_str(),
                package.name.as_str(),
                version?.as_str(),
            ) {
                Agreement::Other(claim) => Some((*node, url.as_str(), claim)),
                Agreement::Same | Agreement::Silent => None,
            }
        })
    })
}

fn draft(id: PackageId, nodes: Vec<NodeId>, url: &str, claim: &Claim, view: &View<'_>) -> Draft {
    let stated = title(view.graph.package(id));
    let claimed = format!("{} {}", claim.name, claim.version);
    Draft::new(
        &RULE,
        About::Package(id, nodes),
        format!("{stated} downloads {claimed}"),
    )
    .message(format!(
        "the entry says {stated}, its archive is {}",
        redact(url)
    ))
    .label(format!("says {stated}"))
    .identity(claimed)
    .fix(Fix::advice(
        FixAction::Relock,
        "do not install; restore the lockfile or write it anew, and find out who edited it",
    ))
}
