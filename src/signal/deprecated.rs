//! `deprecated`: releases whose own maintainers ask people not to use them.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Severity};
use crate::evidence::SkipReason;
use crate::graph::{NodeId, PackageId};
use crate::lockfile::EntryKind;
use crate::package::Ecosystem;

const RULE: Rule = Rule {
    id: RuleId("deprecated"),
    axis: Axis::Vulnerability,
    severity: Severity::Low,
    summary: "the maintainers ask people not to use this release",
    what: "Reads the deprecation notice that package-lock.json records. Other lockfiles do not record one.",
    why: "A deprecated release gets no fixes; the notice often says which release or package to take instead.",
    case: "`request` was deprecated in 2020 and still stands in thousands of lockfiles, with vulnerabilities that nobody will fix.",
    fix: "Follow the notice: update, or replace the package.",
    accept: "For packages that are finished, and for those that only a direct dependency can drop.",
};

/// The longest part of a notice that a title repeats, in characters.
const EXCERPT: usize = 120;

pub(super) struct Deprecated;

impl Signal for Deprecated {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        match package.ecosystem {
            _ if package.kind != EntryKind::Package => Err(SkipReason::FirstParty),
            Ecosystem::Npm => Ok(()),
            Ecosystem::Cargo | Ecosystem::Pypi => Err(SkipReason::NotInFormat),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let package = view.graph.package(id);
        let notices = package
            .entries
            .iter()
            .filter(|node| view.graph.entry(**node).record.deprecated.is_some());
        let nodes: Vec<NodeId> = notices.copied().collect();
        let Some(notice) = nodes
            .first()
            .and_then(|node| view.graph.entry(*node).record.deprecated.as_ref())
        else {
            return;
        };
        let notice: String = notice
            .as_str()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let start: String = notice.chars().take(EXCERPT).collect();
        let more = if start.len() < notice.len() {
            "…"
        } else {
            ""
        };
        found.push(
            Draft::new(
                &RULE,
                About::Package(id, nodes),
                format!("{} is deprecated", title(package)),
            )
            .message(format!("its maintainers say: {start}{more}"))
            .label("deprecated"),
        );
    }
}
