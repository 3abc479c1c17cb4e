//! `unpinned-source`: a repository without a commit, an archive from the web without a digest, a range in place of a version.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, packages_of, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{LockfileId, NodeId, Package, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Source;
use crate::package::address::host_name;
use crate::package::source::is_commit;

const RULE: Rule = Rule {
    id: RuleId("unpinned-source"),
    axis: Axis::Integrity,
    severity: Severity::Medium,
    summary: "a locked package is not pinned to its bytes",
    what: "Looks for git sources without a full commit, archives from the web without a digest, and requirements that name a range instead of a version. No check looks a range up: what it will install is not known.",
    why: "A branch, a tag or a bare address is whatever its owner says it is today, and a range is whatever was published last. The lockfile promises that two installs are the same, and here it cannot.",
    case: "In March 2025 the tags of the tj-actions/changed-files action were moved to a malicious commit; everybody who had pinned a tag ran it.",
    fix: "Name a commit, a version or a digest, then write the lockfile anew.",
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
        let id = match subject {
            Subject::Package(id) => id,
            Subject::Lockfile(id) => return found.0.extend(ranges(id, view)),
            Subject::Run => return,
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

/// Counts the entries of a registry that have no version; one finding for the file, with its share of pins.
fn ranges(id: LockfileId, view: &View<'_>) -> Option<Draft> {
    let package = |node: NodeId| view.graph.package(view.graph.entry(node).package);
    let all: Vec<NodeId> = packages_of(id, view)
        .filter(|node| package(*node).source.is_registry())
        .collect();
    let open = all.iter().copied();
    let open: Vec<NodeId> = open
        .filter(|node| package(*node).version.is_none())
        .collect();
    if open.is_empty() {
        return None;
    }
    let title = format!(
        "{} of {} requirements are pinned to a version",
        all.len() - open.len(),
        all.len()
    );
    let draft = Draft::new(&RULE, About::Lockfile(id, open), title);
    let draft = draft.message(
        "the others were not checked: every install takes what is newest then, and what that brings",
    );
    Some(draft.label("not pinned").fix(Fix::advice(
        FixAction::Lock,
        "pin every version with its digest, by uv pip compile or pip-compile, and commit the result",
    )))
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
