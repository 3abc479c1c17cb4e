//! `unpinned-source`: a repository without a commit, an archive from the web without a digest.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Source;
use crate::package::address::host_name;
use crate::package::source::is_commit;

const RULE: Rule = Rule {
    id: RuleId("unpinned-source"),
    axis: Axis::Integrity,
    severity: Severity::Medium,
    summary: "a locked package is not pinned to its bytes",
    what: "Looks for git sources without a full commit and archives from the web without a digest.",
    why: "A branch, a tag or a bare address is whatever its owner says it is today. The lockfile promises that two installs are the same, and here it cannot.",
    case: "In March 2025 the tags of the tj-actions/changed-files action were moved to a malicious commit; everybody who had pinned a tag ran it.",
    fix: "Name a commit or add the digest, then write the lockfile anew.",
    accept: "For a repository that only your own team can push to.",
};

pub(super) struct UnpinnedSource;

impl Signal for UnpinnedSource {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        match package.source {
            _ if package.kind != EntryKind::Package => Err(SkipReason::FirstParty),
            Source::Path(_) => Err(SkipReason::PathSource),
            _ => Ok(()),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let package = view.graph.package(id);
        if package.kind != EntryKind::Package {
            return;
        }
        let Some((what, remedy)) = unpinned(package, view) else {
            return;
        };
        found.push(
            Draft::new(
                &RULE,
                About::Package(id, Vec::new()),
                format!("{} {what}", title(package)),
            )
            .message("the next install may bring other bytes under the same entry")
            .label("not pinned")
            .fix(Fix::advice(FixAction::Replace, remedy)),
        );
    }
}

fn unpinned(package: &Package, view: &View<'_>) -> Option<(&'static str, &'static str)> {
    match &package.source {
        Source::Git { commit, .. } => {
            let is_pinned = commit
                .as_ref()
                .is_some_and(|commit| is_commit(commit.as_str()));
            (!is_pinned).then_some((
                "comes from a repository without a full commit",
                "name the commit in the manifest, then write the lockfile anew",
            ))
        }
        Source::Archive(url) if host_name(url.as_str()).is_some() => {
            let mut artifacts = package
                .entries
                .iter()
                .flat_map(|node| &view.graph.entry(*node).record.artifacts);
            let is_pinned = artifacts.any(|artifact| !artifact.integrity.is_empty());
            (!is_pinned).then_some((
                "is an archive from the web without a digest",
                "write the lockfile anew with a current version of its tool",
            ))
        }
        Source::Archive(_) | Source::Registry(_) | Source::Path(_) => None,
    }
}
