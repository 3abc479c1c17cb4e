//! `hash-missing`: archives from a registry without any digest.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, is_shipped, packages_of};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{Entry, NodeId, PackageId};
use crate::lockfile::Delivery;

const RULE: Rule = Rule {
    id: RuleId("hash-missing"),
    axis: Axis::Integrity,
    severity: Severity::Low,
    summary: "a registry package is locked without a digest",
    what: "Counts the entries from registries for which the lockfile pins no digest at all. Git, folders and bundled packages are not meant.",
    why: "Without a digest the registry, a mirror or a proxy may serve other bytes under the same version, and no installer will notice.",
    case: "Several versions of npm wrote entries without `resolved` and `integrity` when the packages were installed already (npm/cli issue 4263); such lockfiles live on until somebody writes them anew.",
    fix: "Write the lockfile anew with a current version of its tool, and review that no version moved.",
    accept: "For registries that cannot give digests, until they can.",
};

pub(super) struct HashMissing;

impl Signal for HashMissing {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        is_shipped(view.graph.package(package), view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Lockfile(id) = subject else {
            return;
        };
        let all: Vec<NodeId> = packages_of(id, view)
            .filter(|node| is_from_registry(view, *node))
            .collect();
        let without: Vec<NodeId> = all
            .iter()
            .copied()
            .filter(|node| lacks_digest(view.graph.entry(*node)))
            .collect();
        if without.is_empty() {
            return;
        }
        let title = format!(
            "{} of {} registry entries have no digest",
            without.len(),
            all.len()
        );
        found.push(
            Draft::new(&RULE, About::Lockfile(id, without), title)
                .message("nothing tells whether the registry serves the bytes that were locked")
                .label("no digest")
                .fix(Fix::advice(
                    FixAction::Relock,
                    "write the lockfile anew with a current version of its tool",
                )),
        );
    }
}

fn is_from_registry(view: &View<'_>, node: NodeId) -> bool {
    let entry = view.graph.entry(node);
    let package = view.graph.package(entry.package);
    // What has no version has no bytes to pin yet; `unpinned-source` speaks of it.
    let is_pinned = package.version.is_some();
    entry.record.delivery == Delivery::Own && package.source.is_registry() && is_pinned
}

fn lacks_digest(entry: &Entry) -> bool {
    entry.record.artifacts.is_empty()
        || entry
            .record
            .artifacts
            .iter()
            .any(|artifact| artifact.integrity.is_empty())
}
