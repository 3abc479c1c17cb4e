//! `hash-mismatch`: bytes, or two pins of the same bytes, that contradict each other.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{AlteredPackage, Axis, Findings, Rule, RuleId, Signal, Subject, View, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::{ArchiveObservation, Evidence, EvidenceKinds, SkipReason};
use crate::graph::comparison::{Altered, PinChange};
use crate::graph::{NodeId, PackageId};
use crate::lockfile::{Artifact, EntryKind};
use crate::package::{Algorithm, Digest, Ecosystem};

const RULE: Rule = Rule {
    id: RuleId("hash-mismatch"),
    axis: Axis::Integrity,
    severity: Severity::Critical,
    summary: "the bytes are not what the lockfile pins",
    what: "Compares the digest that a lockfile pins with the bytes of the archive in the local caches of cargo and npm, the pins of one archive in several places with each other, and the pins of a release before and after a change.",
    why: "A digest is the one promise a lockfile makes about content. If it does not hold, either the archive was replaced after it was locked, or somebody edited the lockfile.",
    case: "In 2021 the codecov uploader was replaced on its server for two months; only people who compared the published digest noticed.",
    fix: "Delete the named file and fetch it again. If it differs again, or if two lockfiles disagree, find out who changed the pin before you install anything.",
    accept: "Never as a baseline; for at most 7 days, and only for exactly this digest.",
};

pub(super) struct HashMismatch;

impl Signal for HashMismatch {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::ARCHIVES
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        match view.evidence.archives(package) {
            Evidence::Known(_) => Ok(()),
            Evidence::Absent => Err(SkipReason::NoLocalCopy),
            Evidence::NotGathered(reason) => Err(*reason),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        if view.graph.package(id).kind != EntryKind::Package {
            return;
        }
        if let Evidence::Known(observations) = view.evidence.archives(id) {
            let differing = observations
                .iter()
                .filter(|observation| observation.found != observation.pinned);
            differing.for_each(|observation| found.push(local_copy(id, observation, view)));
        }
        if let Some(draft) = contradiction(id, view) {
            found.push(draft);
        }
        let is_replaced =
            |altered: &AlteredPackage| altered.what == Altered::Pin(PinChange::Replaced);
        if view.altered_in(id).any(is_replaced) {
            found.push(replaced(id, view));
        }
    }
}

/// Returns all digests of a package, so that whoever accepts these accepts no others.
fn pinned_now(id: PackageId, view: &View<'_>) -> String {
    let entries = view.graph.package(id).entries.iter();
    let artifacts = entries.flat_map(|node| &view.graph.entry(*node).record.artifacts);
    let digests = artifacts.flat_map(|artifact| artifact.integrity.digests());
    let digests: BTreeSet<String> = digests.map(Digest::to_string).collect();
    digests.into_iter().collect::<Vec<_>>().join(" ")
}

/// The change pins other bytes at the same version.
fn replaced(id: PackageId, view: &View<'_>) -> Draft {
    let title = format!(
        "{} is pinned to other bytes than before",
        title(view.graph.package(id))
    );
    Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message("its version is the one before the change, and a digest of a file is another")
        .label("pinned to other bytes")
        .identity(pinned_now(id, view))
        .fix(Fix::advice(
            FixAction::Relock,
            "do not install; restore the lockfile from before the change, and find out who edited it",
        ))
}

fn local_copy(id: PackageId, observation: &ArchiveObservation, view: &View<'_>) -> Draft {
    let title = format!(
        "the local copy of {} is not what the lockfile pins",
        title(view.graph.package(id))
    );
    let path = observation.archive.path.as_str();
    let ecosystem = view.graph.package(id).ecosystem;
    let message = format!(
        "{path} hashes to {}, the lockfile pins {}",
        written(ecosystem, &observation.found),
        written(ecosystem, &observation.pinned)
    );
    Draft::new(&RULE, About::Package(id, Vec::new()), title)
        .message(message)
        .label("pinned here")
        .identity(observation.found.to_string())
        .fix(Fix::advice(
            FixAction::Refetch,
            format!("delete {path} and fetch it again; if it differs again, do not install it"),
        ))
}

/// An entry and an archive that it names.
type Pin<'p> = (NodeId, &'p Artifact<'p>);

/// Finds two entries that pin different digests for one archive.
fn contradiction(id: PackageId, view: &View<'_>) -> Option<Draft> {
    let package = view.graph.package(id);
    if package.entries.len() < 2 {
        return None;
    }
    let pinned = |node: &NodeId| &view.graph.entry(*node).record.artifacts;
    let first = package.entries.first().map(pinned);
    // Entries that pin what the first one does, which is nearly all of them, agree with it.
    let other = package.entries.iter().enumerate();
    let other = other.filter(|(index, node)| *index == 0 || Some(pinned(node)) != first);
    let pins = other.flat_map(|(_, node)| pinned(node).iter().map(|pin| (*node, pin)));
    let pins = pins.filter(|(_, pin)| names_archive(package.ecosystem, pin));
    let pins: Vec<Pin<'_>> = pins.filter(|(_, pin)| !pin.integrity.is_empty()).collect();
    let (one, other) = first_contradiction(package.ecosystem, &pins)?;
    let message = format!(
        "{} is pinned as {} in one place and as {} in another",
        title(package),
        digests(package.ecosystem, one.1),
        digests(package.ecosystem, other.1)
    );
    let draft = Draft::new(
        &RULE,
        About::Package(id, vec![one.0, other.0]),
        format!("two pins of {} contradict each other", title(package)),
    )
    .message(message)
    .label("pinned here, and otherwise elsewhere")
    .fix(Fix::advice(
        FixAction::Relock,
        "find out which digest the registry serves, then write the other lockfile anew",
    ));
    Some(draft)
}

/// Compares the pins of each archive, algorithm by algorithm: one digest must satisfy them all. O(pins).
fn first_contradiction<'p>(ecosystem: Ecosystem, pins: &[Pin<'p>]) -> Option<(Pin<'p>, Pin<'p>)> {
    let mut agreed: FxHashMap<(&str, Algorithm), (Pin<'p>, Vec<&Digest>)> = FxHashMap::default();
    for pin in pins {
        for algorithm in Algorithm::ALL {
            let digests: Vec<&Digest> = pin.1.integrity.of(algorithm).collect();
            if digests.is_empty() {
                continue;
            }
            let archive = (archive_name(ecosystem, pin.1), algorithm);
            let (first, left) = agreed
                .entry(archive)
                .or_insert_with(|| (*pin, digests.clone()));
            left.retain(|digest| digests.contains(digest));
            if left.is_empty() {
                return Some((*first, *pin));
            }
        }
    }
    None
}

/// Lists of digests without file names (pip's, pipenv's) may each be of other files of one release.
fn names_archive(ecosystem: Ecosystem, artifact: &Artifact<'_>) -> bool {
    ecosystem != Ecosystem::Pypi || artifact.url.is_some()
}

/// A crate or an npm package is one archive; a Python release has many, and mirrors serve each under the same file name.
fn archive_name<'p>(ecosystem: Ecosystem, artifact: &'p Artifact<'_>) -> &'p str {
    if ecosystem != Ecosystem::Pypi {
        return "";
    }
    let url = artifact.url.as_ref().map_or("", |url| url.as_str());
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/').next().unwrap_or(path)
}

fn digests(ecosystem: Ecosystem, artifact: &Artifact<'_>) -> String {
    let digests = artifact.integrity.digests().iter();
    digests
        .map(|digest| written(ecosystem, digest))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Writes a digest as the ecosystem's lockfiles do, so that people can search for it.
fn written(ecosystem: Ecosystem, digest: &Digest) -> String {
    match ecosystem {
        Ecosystem::Npm => digest.to_string(),
        Ecosystem::Cargo | Ecosystem::Pypi => {
            format!("{}:{}", digest.algorithm().id(), digest.hex())
        }
    }
}
