//! `dependency-confusion`: names of the project's own that are taken from a public registry.

use super::private::origin::{self, Origin, host};
use super::private::same_bytes::is_same_bytes;
use super::private::shared_hosts::{Shared, SharedHost};
use super::source_mismatch::disagreements;
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, hosts, is_shipped, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::config::NamePattern;
use crate::evidence::SkipReason;
use crate::graph::{NodeId, Package, PackageId};
use crate::package::address::host_name;
use crate::package::artifact::Claim;
use crate::package::source::Host;
use crate::package::{Ecosystem, PackageName};

const RULE: Rule = Rule {
    id: RuleId("dependency-confusion"),
    axis: Axis::Anomaly,
    severity: Severity::High,
    summary: "a name of your own is taken from a public registry",
    what: "Compares where packages come from, and those that an entry downloads in place of what it says, with the names under [registry] internal in linchpin.toml, and with the names that your private registries serve in the same tree. A name of your own that comes from the public registry or from a host that nobody has vouched for is reported. It is medium where a private registry alone shows it, and the other host is unknown or the lockfile is Cargo.lock or uv.lock, whose manifests name every index; so is a package of an npm scope of which a private registry serves others. A private host that shares more than five names with others, or serves a release with the bytes of the public one, most likely passes on public packages: it is told once, as medium, and its names are no evidence. What you list under internal is reported in any case. A package in a folder proves nothing, since members of workspaces are published too. Two registries of one name in one Cargo.lock or uv.lock are no finding, because a manifest has to ask for each; nor are two entries that pin the same bytes.",
    why: "A package manager that knows two registries may take a name from either. Whoever publishes your internal name in public, with a higher version, gets their code into your builds.",
    case: "In 2021 Alex Birsan published packages under internal names that he had found in public files, on npm, PyPI and RubyGems; they ran inside more than 35 companies, Apple, Microsoft and PayPal among them.",
    fix: "Do not install until you know whose package it is. Bind the name to your registry: in npm by a scope whose registry is pinned, in uv by an explicit index, in cargo by the registry that the manifest names. Then claim the name in public, so that nobody else can.",
    accept: "For a package that you publish in public yourself, after you have looked at the release.",
};

pub(super) struct DependencyConfusion;

impl Signal for DependencyConfusion {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        Taken::of(package, view).map(drop)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let id = match subject {
            Subject::Package(id) => id,
            Subject::Lockfile(lockfile) => {
                let hosts = view.private.shared.told_at(lockfile);
                found
                    .0
                    .extend(hosts.map(|(host, shared)| draft_of_host(host, shared, view)));
                return;
            }
            Subject::Run => return,
        };
        let Ok(taken) = Taken::of(id, view) else {
            return;
        };
        found
            .0
            .extend(own(id, &taken, view).map(|own| draft(id, &taken, &own, view)));
    }
}

/// A package that is taken from elsewhere by its name, and can be compared with names of the project's own.
struct Taken {
    origin: Origin,
    /// The entries that say so.
    nodes: Vec<NodeId>,
    /// Who decides what the name means, in words.
    from: String,
}

impl Taken {
    /// Says where a package is taken from, or why nothing can be compared.
    fn of(id: PackageId, view: &View<'_>) -> Result<Self, SkipReason> {
        let package = view.graph.package(id);
        is_shipped(package, view)?;
        let origin = Origin::of(package, &view.config.hosts)?;
        if view.config.internal.is_empty() && !view.private.serves(package.ecosystem) {
            return Err(SkipReason::NoOwnNames);
        }
        let nodes: Vec<NodeId> = origin::placed(package, view.graph).collect();
        let first = *nodes.first().ok_or(SkipReason::NotInFormat)?;
        let from = decider(package, origin, first, view);
        Ok(Self {
            origin,
            nodes,
            from,
        })
    }
}

/// Names the public registry, the mirror of it, or the host.
fn decider(package: &Package<'_>, origin: Origin, node: NodeId, view: &View<'_>) -> String {
    let registry = package.ecosystem.registry_name();
    let address = hosts::addresses(node, view.graph)
        .next()
        .unwrap_or_default();
    let host = host_name(address).unwrap_or_default();
    let is_mirror = view.config.hosts.of(package.ecosystem, address) == Some(Host::Mirror);
    match origin {
        Origin::Unknown => host.into_owned(),
        Origin::Public if is_mirror => format!("{host}, a mirror of {registry}"),
        Origin::Public => registry.to_owned(),
    }
}

/// What shows that a name is the project's own.
enum Own<'v> {
    /// It fits a pattern of the configuration.
    Listed(&'v NamePattern),
    /// What the entry downloads in place of what it says fits one.
    Downloaded(&'v NamePattern, Claim, NodeId),
    /// A private registry serves this package under the same name.
    Served(PackageId),
    /// A private registry serves this package of the same scope.
    Scope(PackageId),
}

/// Finds what shows that a name is the project's own, the strongest first.
fn own<'v>(id: PackageId, taken: &Taken, view: &'v View<'_>) -> Option<Own<'v>> {
    let package = view.graph.package(id);
    let internal = &view.config.internal;
    let listed = internal.pattern_of(package.ecosystem, &package.name);
    let listed = listed.map(Own::Listed);
    listed
        .or_else(|| downloaded(id, view))
        .or_else(|| served(id, taken, view).map(Own::Served))
        .or_else(|| of_scope(id, taken, view).map(Own::Scope))
}

/// Finds an internal name in the address of an archive that is not what its entry says.
fn downloaded<'v>(id: PackageId, view: &'v View<'_>) -> Option<Own<'v>> {
    let ecosystem = view.graph.package(id).ecosystem;
    disagreements(id, view).find_map(|disagreement| {
        let claim = disagreement.claim?;
        let name = PackageName::new(ecosystem, claim.name.clone().into());
        let pattern = view.config.internal.pattern_of(ecosystem, &name)?;
        Some(Own::Downloaded(pattern, claim, disagreement.node))
    })
}

/// Finds a package of the same name that a private registry serves, and that is not known to be the same one.
fn served(id: PackageId, taken: &Taken, view: &View<'_>) -> Option<PackageId> {
    let (private, graph) = (view.private, view.graph);
    let mut nodes = taken.nodes.iter();
    if nodes.all(|node| private.is_told_apart(*node, graph)) {
        return None;
    }
    private.namesakes(graph.package(id)).find(|other| {
        !private.shared.has_names_of(*other, graph) && !is_same_bytes(id, *other, graph)
    })
}

/// Finds a package of the same scope that a private registry serves; of other hosts `foreign-host` speaks.
fn of_scope(id: PackageId, taken: &Taken, view: &View<'_>) -> Option<PackageId> {
    let (private, graph) = (view.private, view.graph);
    let mut others = private
        .of_scope(graph.package(id))
        .filter(|_| taken.origin == Origin::Public);
    others.find(|other| !private.shared.has_scopes_of(*other, graph))
}

fn draft(id: PackageId, taken: &Taken, own: &Own<'_>, view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let (name, from) = (title(package), &taken.from);
    let what = match own {
        Own::Listed(_) => format!("{name} is internal and comes from {from}"),
        Own::Downloaded(_, claim, _) => {
            let claim = format!("{} {}", claim.name, claim.version);
            format!("{claim} is internal, comes from {from}, and is what {name} downloads")
        }
        Own::Served(other) => {
            let theirs = view.graph.package(*other);
            format!(
                "{name} comes from {from}, and {} from {}",
                title(theirs),
                host(theirs)
            )
        }
        Own::Scope(other) => {
            let scope = package.name.scope().unwrap_or_default();
            let host = host(view.graph.package(*other));
            format!("{name} comes from {from}, and others of {scope} from {host}")
        }
    };
    let nodes = taken.nodes.iter().copied();
    let nodes = match own {
        Own::Served(_) => nodes
            .filter(|node| !view.private.is_told_apart(*node, view.graph))
            .collect(),
        Own::Downloaded(_, _, node) => vec![*node],
        Own::Listed(_) | Own::Scope(_) => nodes.collect(),
    };
    let mut draft = Draft::new(&RULE, About::Package(id, nodes), what)
        .message(message(taken, own, view))
        .label(format!("from {from}"))
        .fix(fix(package, taken.origin));
    draft.severity = severity(package.ecosystem, taken.origin, own);
    draft
}

fn severity(ecosystem: Ecosystem, origin: Origin, own: &Own<'_>) -> Severity {
    match (own, origin, ecosystem) {
        (Own::Listed(_) | Own::Downloaded(..), ..)
        | (Own::Served(_), Origin::Public, Ecosystem::Npm) => Severity::High,
        // Whoever holds a scope may publish some of it in public; an unknown host may be theirs, and not listed;
        // manifests of cargo and uv name every index but the public one.
        (Own::Scope(_) | Own::Served(_), ..) => Severity::Medium,
    }
}

/// What was found where, and who decides now.
fn message(taken: &Taken, own: &Own<'_>, view: &View<'_>) -> String {
    let served = |other: &PackageId| {
        let package = view.graph.package(*other);
        let lockfile = package
            .entries
            .first()
            .map(|node| view.graph.entry(*node).lockfile);
        let path = lockfile.map_or("", |lockfile| view.graph.lockfile(lockfile).path.as_str());
        format!("{path} has {} from {}", title(package), host(package))
    };
    let evidence = match own {
        Own::Listed(pattern) | Own::Downloaded(pattern, ..) => format!(
            "the name fits \"{}\" under [registry] internal",
            pattern.as_str()
        ),
        Own::Served(other) | Own::Scope(other) => served(other),
    };
    let decides = match (taken.origin, own) {
        (Origin::Unknown, _) => format!("{} decides", taken.from),
        (Origin::Public, Own::Scope(_)) => "whoever holds the scope in public decides".to_owned(),
        (Origin::Public, _) => "whoever holds the name in public decides".to_owned(),
    };
    let cause = match own {
        Own::Served(other) => cause(taken.origin, view.graph.package(*other)),
        Own::Listed(_) | Own::Downloaded(..) | Own::Scope(_) => String::new(),
    };
    format!("{evidence}; {decides} what is installed here{cause}")
}

/// Names the likely cause of a name that two hosts serve.
fn cause(origin: Origin, theirs: &Package<'_>) -> String {
    let (host, registry) = (host(theirs), theirs.ecosystem.registry_name());
    match (origin, theirs.ecosystem) {
        (Origin::Unknown, _) => {
            "; most likely the host is yours and not listed, or somebody edited the lockfile"
                .to_owned()
        }
        (Origin::Public, Ecosystem::Npm) => {
            format!(
                "; most likely npm ran without the settings that name {host}, or {host} passes on what {registry} serves"
            )
        }
        (Origin::Public, Ecosystem::Cargo | Ecosystem::Pypi) => {
            format!("; most likely the manifest does not name {host}")
        }
    }
}

/// Tells of a private host whose names show nothing.
fn draft_of_host(host: &str, shared: &SharedHost, view: &View<'_>) -> Draft {
    const REMEDY: &str =
        "list it under mirrors if it passes them on, or name your own packages under internal";
    let registry = view
        .graph
        .lockfile(shared.lockfile)
        .ecosystem
        .registry_name();
    let packages = match shared.count {
        1 => "1 package".to_owned(),
        count => format!("{count} packages"),
    };
    let title = match shared.kind {
        Shared::Public => format!("{host} serves {packages} that {registry} serves too"),
        Shared::Unknown => format!("{host} serves {packages} that unknown hosts serve too"),
        Shared::Scopes => format!("{registry} serves {packages} of scopes that {host} serves too"),
    };
    let names = shared.examples.join(", ");
    let message = format!(
        "among them {names}; it is private by linchpin.toml, but its names do not show what is your own: {REMEDY}"
    );
    let about = About::Lockfile(shared.lockfile, shared.nodes.clone());
    let mut draft = Draft::new(&RULE, about, title)
        .message(message)
        .label(format!("from {host}"))
        .identity(host)
        .fix(Fix::advice(FixAction::Replace, REMEDY));
    draft.severity = Severity::Medium;
    draft
}

fn fix(package: &Package<'_>, origin: Origin) -> Fix {
    let scope = package.name.scope();
    let remedy = match (origin, package.ecosystem, scope) {
        (Origin::Unknown, ..) => "if the host is yours, list it in linchpin.toml under [registry] private; if not, restore the address of your registry and find out who changed it".to_owned(),
        (_, Ecosystem::Npm, Some(scope)) => format!("pin the registry of the scope ({scope}:registry in .npmrc) and claim the scope on npm, then write the lockfile anew"),
        (_, Ecosystem::Npm, None) => "move the package into a scope whose registry is pinned, or claim the name on npm, then write the lockfile anew".to_owned(),
        (_, Ecosystem::Pypi, _) => "bind the package to your index (in uv an explicit index that tool.uv.sources names, and no index-strategy but the default) and claim the name on PyPI, then write the lockfile anew".to_owned(),
        (_, Ecosystem::Cargo, _) => "name your registry where the manifest asks for it, and claim the name on crates.io, then write the lockfile anew".to_owned(),
    };
    Fix::advice(
        FixAction::Replace,
        format!("do not install before you know whose it is; {remedy}"),
    )
}
