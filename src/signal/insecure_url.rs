//! `insecure-url`: archives and repositories fetched over a connection that anybody on the way can change.

use super::hosts::Verb;
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, hosts};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;
use crate::lockfile::EntryKind;
use crate::package::address::is_insecure;
use crate::package::{Ecosystem, Source};

const RULE: Rule = Rule {
    id: RuleId("insecure-url"),
    axis: Axis::Integrity,
    severity: Severity::Medium,
    summary: "packages are fetched without encryption",
    what: "Looks for http:, git: and the like in the addresses of registries, archives and repositories. Loopback addresses pass.",
    why: "Anybody between the machine and the host can swap the bytes. A digest limits the harm to archives that are pinned; a repository has none.",
    case: "In July 2014 a demonstration took over builds that fetched Java libraries from Maven Central over http; within days the repository offered https to everybody.",
    fix: "Change the address to https: where the manifest or the client's configuration names it, then write the lockfile anew.",
    accept: "For a host inside a network that you trust as a whole.",
};

pub(super) struct InsecureUrl;

impl Signal for InsecureUrl {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        let package = view.graph.package(package);
        let has_address = || {
            package
                .entries
                .iter()
                .any(|node| hosts::addresses(*node, view.graph).next().is_some())
        };
        match package.source {
            _ if package.kind != EntryKind::Package => Err(SkipReason::FirstParty),
            Source::Path(_) => Err(SkipReason::PathSource),
            _ if package.ecosystem != Ecosystem::Cargo && !has_address() => {
                Err(SkipReason::NotInFormat)
            }
            _ => Ok(()),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Lockfile(id) = subject else {
            return;
        };
        for (host, nodes) in hosts::group(id, view, is_insecure) {
            let title = format!(
                "{} fetched from {host} without encryption",
                hosts::share(
                    &nodes,
                    id,
                    view,
                    Verb {
                        one: "is",
                        many: "are"
                    }
                )
            );
            found.push(
                Draft::new(&RULE, About::Lockfile(id, nodes), title)
                    .message("anybody on the way to that host can answer in its place")
                    .label("no encryption")
                    .identity(host)
                    .fix(Fix::advice(
                        FixAction::Replace,
                        "name the address with https:, then write the lockfile anew",
                    )),
            );
        }
    }
}
