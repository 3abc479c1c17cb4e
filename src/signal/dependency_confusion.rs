//! `dependency-confusion`: names of the project's own that are taken from a public registry.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, hosts, is_shipped, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::config::NamePattern;
use crate::evidence::SkipReason;
use crate::graph::{NodeId, Package, PackageId};
use crate::package::address::host_name;
use crate::package::source::{Host, Registry};
use crate::package::{Digest, Ecosystem, Source};
use crate::text::Untrusted;

const RULE: Rule = Rule {
    id: RuleId("dependency-confusion"),
    axis: Axis::Anomaly,
    severity: Severity::High,
    summary: "a name of your own is taken from a public registry",
    what: "Compares where packages come from with the names under [registry] internal in linchpin.toml, and with the names that your private registries serve in the same tree. A name of your own that comes from the public registry or from a host that nobody has vouched for is reported; so is, as medium, a package of an npm scope of which a private registry serves others. A package in a folder proves nothing, since members of workspaces are published too. Two registries of one name in one Cargo.lock or uv.lock are no finding, because a manifest has to ask for each; nor are two entries that pin the same bytes.",
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
        let Subject::Package(id) = subject else {
            return;
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

/// What a package is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The public registry, through a mirror or not.
    Public,
    /// A host that nobody has vouched for.
    Unknown,
}

impl Taken {
    /// Says where a package is taken from, or why nothing can be compared.
    fn of(id: PackageId, view: &View<'_>) -> Result<Self, SkipReason> {
        let package = view.graph.package(id);
        is_shipped(package, view)?;
        let origin = origin(package, view)?;
        if view.config.internal.is_empty() && !view.private.serves(package.ecosystem) {
            return Err(SkipReason::NoOwnNames);
        }
        let nodes = package.entries.iter().copied();
        // Without an address the client asks whichever registry it is configured for.
        let nodes: Vec<NodeId> = nodes
            .filter(|node| {
                package.ecosystem == Ecosystem::Cargo
                    || hosts::addresses(*node, view).next().is_some()
            })
            .collect();
        let first = *nodes.first().ok_or(SkipReason::NotInFormat)?;
        let from = decider(package, origin, first, view);
        Ok(Self {
            origin,
            nodes,
            from,
        })
    }
}

fn origin(package: &Package<'_>, view: &View<'_>) -> Result<Origin, SkipReason> {
    let (address, nowhere) = match &package.source {
        Source::Registry(Registry::Public) => return Ok(Origin::Public),
        Source::Registry(Registry::Other(url)) => (url, SkipReason::PathSource),
        Source::Archive(url) => (url, SkipReason::ArchiveSource),
        Source::Git { .. } => return Err(SkipReason::GitSource),
        Source::Path(_) => return Err(SkipReason::PathSource),
    };
    match view.config.hosts.of(package.ecosystem, address.as_str()) {
        Some(Host::Public | Host::Mirror) => Ok(Origin::Public),
        Some(Host::Unknown) => Ok(Origin::Unknown),
        Some(Host::Private) => Err(SkipReason::PrivateRegistry),
        None => Err(nowhere),
    }
}

/// Names the public registry, the mirror of it, or the host.
fn decider(package: &Package<'_>, origin: Origin, node: NodeId, view: &View<'_>) -> String {
    let registry = package.ecosystem.registry_name();
    let address = hosts::addresses(node, view).next().unwrap_or_default();
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
    /// A private registry serves this package under the same name.
    Served(PackageId),
    /// A private registry serves this package of the same scope.
    Scope(PackageId),
}

/// Finds what shows that a name is the project's own, the strongest first.
fn own<'v>(id: PackageId, taken: &Taken, view: &'v View<'_>) -> Option<Own<'v>> {
    let package = view.graph.package(id);
    let listed = view
        .config
        .internal
        .pattern_of(package.ecosystem, &package.name);
    if let Some(pattern) = listed {
        return Some(Own::Listed(pattern));
    }
    if taken.origin == Origin::Unknown {
        // `foreign-host` speaks of it; it may well be a registry of theirs that is not listed.
        return None;
    }
    let Some(namesakes) = view.private.namesakes(package) else {
        return view.private.of_scope(package).map(Own::Scope);
    };
    let mut nodes = taken.nodes.iter();
    if nodes.all(|node| is_told_apart(*node, view)) {
        return None;
    }
    let mut others = namesakes.packages.iter();
    let other = others.find(|other| !is_same_bytes(id, **other, view));
    other.copied().map(Own::Served)
}

/// A manifest of cargo or uv names the registry of each where one lockfile holds both: torch of `PyPI` and of its own index.
fn is_told_apart(node: NodeId, view: &View<'_>) -> bool {
    let entry = view.graph.entry(node);
    let package = view.graph.package(entry.package);
    let namesakes = view.private.namesakes(package);
    package.ecosystem != Ecosystem::Npm
        && namesakes.is_some_and(|namesakes| namesakes.are_in(entry.lockfile))
}

/// A registry that passes on the public release serves no other one, whatever it is called.
fn is_same_bytes(id: PackageId, namesake: PackageId, view: &View<'_>) -> bool {
    let [one, other] = [id, namesake].map(|id| view.graph.package(id));
    let pins = pins(one, view);
    one.version == other.version
        && pins.is_some_and(|pins| {
            let others = self::pins(other, view).unwrap_or_default();
            pins.iter().all(|pin| others.contains(pin))
        })
}

/// Lists the one strong digest that each archive of a package has to have; none if any may be another one.
fn pins<'v>(package: &Package<'_>, view: &'v View<'_>) -> Option<Vec<&'v Digest>> {
    let entries = package.entries.iter().map(|node| view.graph.entry(*node));
    let archives = entries.flat_map(|entry| &entry.record.artifacts);
    let pins = archives.map(|archive| {
        let strongest = archive.integrity.strongest()?;
        let mut digests = archive.integrity.of(strongest);
        let pin = digests.next().filter(|_| !strongest.is_weak())?;
        digests.next().is_none().then_some(pin)
    });
    let pins: Option<Vec<&Digest>> = pins.collect();
    pins.filter(|pins| !pins.is_empty())
}

fn draft(id: PackageId, taken: &Taken, own: &Own<'_>, view: &View<'_>) -> Draft {
    let package = view.graph.package(id);
    let (name, from) = (title(package), &taken.from);
    let what = match own {
        Own::Listed(_) => format!("{name} is internal and comes from {from}"),
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
        Own::Served(_) => nodes.filter(|node| !is_told_apart(*node, view)).collect(),
        Own::Listed(_) | Own::Scope(_) => nodes.collect(),
    };
    let mut draft = Draft::new(&RULE, About::Package(id, nodes), what)
        .message(message(taken, own, view))
        .label(format!("from {from}"))
        .fix(fix(package, taken.origin));
    if let Own::Scope(_) = own {
        // Whoever holds a scope may publish some of it in public and keep the rest.
        draft.severity = Severity::Medium;
    }
    draft
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
        Own::Listed(pattern) => format!(
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
    format!("{evidence}; {decides} what is installed here")
}

/// Returns the host of a package of a private registry.
fn host(package: &Package<'_>) -> String {
    let address = package.source.address().map(Untrusted::as_str);
    let host = address.and_then(host_name).unwrap_or_default();
    host.into_owned()
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
