//! `foreign-host`: archives from a host that is not the registry's.

use super::hosts::Verb;
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, hosts, is_shipped};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::{LockfileId, NodeId, PackageId};
use crate::package::source::Host;
use crate::package::{Ecosystem, Source};

const RULE: Rule = Rule {
    id: RuleId("foreign-host"),
    axis: Axis::Integrity,
    severity: Severity::Medium,
    summary: "packages come from a host that nobody has vouched for",
    what: "Looks at the host of every registry and archive address. The public registry's own hosts pass, and those that linchpin.toml lists under [registry], and the npm registry and Python index that your own clients are configured to ask; other configuration files in the audited tree vouch for nobody.",
    why: "Whoever serves the archive decides what is installed. A host that slips into a lockfile is the quietest way to replace a dependency.",
    case: "Lockfile injection: one `resolved` line that points to the attacker's server, in a diff of ten thousand lines.",
    fix: "If the host is not yours, restore the registry's address. If it is a mirror of yours, list it in linchpin.toml: mirrors = [\"HOST\"] under [registry], or private = [\"HOST\"] for a registry of your own.",
    accept: "For a mirror or a second index that your organisation runs or trusts.",
};

pub(super) struct ForeignHost;

impl Signal for ForeignHost {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        is_shipped(package, view).and_then(|()| {
            let has_address = package
                .entries
                .iter()
                .any(|node| hosts::addresses(*node, view.graph).next().is_some());
            if has_address || package.ecosystem == Ecosystem::Cargo {
                Ok(())
            } else {
                Err(SkipReason::NotInFormat)
            }
        })
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Lockfile(id) = subject else {
            return;
        };
        let ecosystem = view.graph.lockfile(id).ecosystem;
        let groups = hosts::group(id, view, |address| {
            view.config.hosts.of(ecosystem, address) == Some(Host::Unknown)
        });
        for (host, nodes) in groups {
            let nodes: Vec<NodeId> = nodes
                .into_iter()
                .filter(|node| !is_git(*node, view))
                .collect();
            if !nodes.is_empty() {
                found.push(draft(id, &host, nodes, view));
            }
        }
    }
}

/// A git host is not a registry's; `unpinned-source` speaks of these.
fn is_git(node: NodeId, view: &View<'_>) -> bool {
    matches!(
        view.graph.package(view.graph.entry(node).package).source,
        Source::Git { .. }
    )
}

fn draft(id: LockfileId, host: &str, nodes: Vec<NodeId>, view: &View<'_>) -> Draft {
    let registry = view.graph.lockfile(id).ecosystem.registry_name();
    let title = format!(
        "{} from {host}, not from {registry}",
        hosts::share(
            &nodes,
            id,
            view,
            Verb {
                one: "comes",
                many: "come"
            }
        )
    );
    Draft::new(&RULE, About::Lockfile(id, nodes), title)
        .message(format!(
            "{host} decides which bytes are installed; nothing on this machine vouches for it"
        ))
        .label(format!("from {host}"))
        .identity(host)
        .fix(Fix::advice(
            FixAction::Replace,
            "if the host is not yours, restore the registry's address and find out who changed it",
        ))
}
