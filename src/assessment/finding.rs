//! Findings: what a rule says ([`Draft`]), and what a report shows ([`Finding`]).

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::{Acceptance, Fix, Gating, Severity, Standing};
use crate::advisory::exploitation::{Odds, Pressure};
use crate::graph::choke::BlastRadius;
use crate::graph::{DependencyGraph, LockfileId, NodeId, PackageId, ProjectId};
use crate::lockfile::{Scope, Span};
use crate::package::{Algorithm, Digest, Purl};
use crate::path::FilePath;
use crate::signal::rule::{Axis, Rule};
use crate::text::Untrusted;

/// A finding as its rule states it, before it is placed in the graph.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity.
    pub severity: Severity,
    /// What it is about.
    pub about: About,
    /// One line: who and what.
    pub title: Untrusted<'static>,
    /// The facts, in a sentence or two.
    pub message: Untrusted<'static>,
    /// A few words beneath the caret.
    pub label: Untrusted<'static>,
    /// Advisories that say so.
    pub advisories: Vec<AdvisoryMention>,
    /// What else tells this finding from others of its rule and package: a host, a file, a digest.
    pub identity: Vec<String>,
    /// The change that takes it out.
    pub fix: Option<Fix>,
    /// What it is concluded from, where it is a matter of degree.
    pub evidence: Vec<EvidenceMention>,
    /// The sum of that, in decibans.
    pub score: Option<f64>,
}

/// A fact that speaks for or against a finding, and how much.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvidenceMention {
    /// What was seen, as `group/level`.
    pub signal: String,
    /// How much it weighs: ten times the decimal logarithm of a likelihood ratio.
    pub decibans: f64,
    /// In how many of how many incidents it was seen.
    pub malicious: Option<[u32; 2]>,
    /// In how many of how many harmless releases; none where nobody counted.
    pub benign: Option<[u32; 2]>,
    /// The same in words.
    pub detail: Untrusted<'static>,
}

/// What a finding is about.
#[derive(Clone, Debug)]
pub enum About {
    /// A package, at some of its entries; all if none are named.
    Package(PackageId, Vec<NodeId>),
    /// A condition of a lockfile that holds at these entries.
    Lockfile(LockfileId, Vec<NodeId>),
    /// A file that is no lockfile.
    File(FilePath),
}

impl Draft {
    /// Makes a finding of a rule at its own severity.
    pub fn new(rule: &'static Rule, about: About, title: impl Into<Untrusted<'static>>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            about,
            title: title.into(),
            message: Untrusted::default(),
            label: Untrusted::default(),
            advisories: Vec::new(),
            identity: Vec::new(),
            fix: None,
            evidence: Vec::new(),
            score: None,
        }
    }

    /// Sets the facts.
    #[must_use]
    pub fn message(mut self, message: impl Into<Untrusted<'static>>) -> Self {
        self.message = message.into();
        self
    }

    /// Adds to the facts.
    #[must_use]
    pub fn remark(mut self, remark: &str) -> Self {
        let facts = self.message.as_str();
        let separator = if facts.is_empty() { "" } else { "; " };
        self.message = format!("{facts}{separator}{remark}").into();
        self
    }

    /// Sets the words beneath the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<Untrusted<'static>>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds to the identity.
    #[must_use]
    pub fn identity(mut self, part: impl Into<String>) -> Self {
        self.identity.push(part.into());
        self
    }

    /// Sets the change that takes it out.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// An advisory in a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdvisoryMention {
    /// The id that is shown.
    pub id: String,
    /// Other ids of the same incident.
    pub aliases: Vec<String>,
    /// The severity that it counts with.
    pub severity: Severity,
    /// The day on which it entered the catalogue of known exploited vulnerabilities, if it is known to be in it.
    pub kev: Option<String>,
    /// The odds of EPSS, from 0 to 1, where they are known.
    pub epss: Option<Odds>,
    /// How pressing that makes it.
    #[serde(skip)]
    pub pressure: Pressure,
    /// Whether its records state that severity by a CVSS vector; else the rule or the settings stand in.
    pub severity_stated: bool,
    /// The CVSS vector that states that severity.
    #[serde(skip)]
    pub vector: Option<String>,
    /// Fixed versions, or the last good one for malware.
    pub fixed: Vec<String>,
    /// The day on which it became known.
    pub published: String,
}

/// A finding in its final form.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its identity over time.
    pub fingerprint: Fingerprint,
    /// The rule.
    pub rule: &'static Rule,
    /// The severity.
    pub severity: Severity,
    /// The package; none for conditions of a file.
    pub package: Option<PackageId>,
    /// The package URL of `package`.
    pub purl: Option<Purl>,
    /// One line: who and what.
    pub title: Untrusted<'static>,
    /// The facts.
    pub message: Untrusted<'static>,
    /// A few words beneath the caret.
    pub label: Untrusted<'static>,
    /// Advisories that say so.
    pub advisories: Vec<AdvisoryMention>,
    /// Where it occurs, one for each project.
    pub occurrences: Vec<Occurrence>,
    /// The change that takes it out.
    pub fix: Option<Fix>,
    /// How it relates to what is known already.
    pub state: State,
    /// Whether the gate counts it.
    pub gating: Gating,
    /// What somebody says, or said, about it.
    pub acceptance: Option<Acceptance>,
    /// What the baseline says of it.
    pub standing: Option<Standing>,
    /// Why it is worse than before the change; empty where it is not, and in an audit.
    pub worse_because: Vec<Untrusted<'static>>,
    /// What else tells this finding from others of its rule and package.
    pub identity: Vec<String>,
    /// What it is concluded from, where it is a matter of degree.
    pub evidence: Vec<EvidenceMention>,
    /// The sum of that, in decibans.
    pub score: Option<f64>,
}

impl Finding {
    /// Says whether this finding alone fails a run with a threshold.
    pub fn gates(&self, fail_on: Severity) -> bool {
        !self.is_spared() && self.gating == Gating::Counted && self.severity.reaches(fail_on)
    }

    /// Says whether the gate passes over it. A known attack that was there before the change is an attack all the same.
    pub fn is_spared(&self) -> bool {
        self.state.is_spared() && !(self.state == State::Kept && self.rule.is_guarded())
    }
}

/// A finding in one project.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The project; none for a file that belongs to none.
    pub project: Option<ProjectId>,
    /// The folder of the project.
    pub folder: FilePath,
    /// The file that it stands in.
    pub file: FilePath,
    /// The widest scope of its entries.
    pub scope: Option<Scope>,
    /// The least depth of its entries.
    pub depth: Option<u32>,
    /// Where it stands, in the order of the file.
    pub places: Vec<Place>,
    /// The entries that it stands for, where it is about no single package.
    pub entries: Vec<NodeId>,
    /// The shown path, from a root or member to the package.
    pub path: Vec<NodeId>,
    /// How many paths there are.
    pub paths: Option<u64>,
    /// The package that every path passes.
    pub choke_point: Option<PackageId>,
    /// How much rests on it, over all projects.
    pub blast_radius: Option<BlastRadius>,
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: FilePath,
    /// The lockfile that the file is, where it is one.
    pub lockfile: Option<LockfileId>,
    /// The range in it; none for the file as a whole.
    pub span: Option<Span>,
}

/// How a finding relates to what is known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is there, and nobody said anything of it.
    Present,
    /// The change brings it.
    New,
    /// It is in the baseline or was there before the change, and more is to be said of it by now.
    Worse,
    /// The baseline covers it, or it was there before the change.
    Kept,
    /// It is there, and somebody answers for it.
    Accepted,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Present,
        Self::New,
        Self::Worse,
        Self::Kept,
        Self::Accepted,
    ];

    /// Says whether the gate passes over findings in this state.
    pub const fn is_spared(self) -> bool {
        matches!(self, Self::Kept | Self::Accepted)
    }
}

/// The length of a fingerprint: sixteen bytes.
const DIGITS: usize = 32;

/// Identity of a finding over time: rule, ecosystem, name and source; version and digests where another release is another finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Computes the fingerprint of a finding: the first 16 bytes of a SHA-256 over its length-prefixed parts, in hexadecimal.
    pub fn new(draft: &Draft, graph: &DependencyGraph<'_>) -> Self {
        let mut parts: Vec<String> = vec![draft.rule.id.0.to_owned()];
        match &draft.about {
            About::Package(id, _) => parts.extend(package_identity(draft.rule.axis, *id, graph)),
            About::Lockfile(id, _) => parts.push(graph.lockfile(*id).path.as_str().to_owned()),
            About::File(path) => parts.push(path.as_str().to_owned()),
        }
        parts.extend(draft.identity.iter().cloned());
        Self::of(&parts)
    }

    /// Computes the fingerprint of something that these parts identify.
    pub fn of(parts: &[String]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = Digest::new(Algorithm::Sha256, &hasher.finalize());
        let mut digits = digest.map_or_else(String::new, |digest| digest.hex());
        digits.truncate(DIGITS);
        Self(digits)
    }

    /// Reads a fingerprint back; none if the text is not 32 digits as [`Fingerprint::as_str`] writes them.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_whole = text.len() == DIGITS && text.bytes().all(is_digit);
        is_whole.then(|| Self(text.to_owned()))
    }

    /// Returns the 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Another version of a vulnerable package is the same finding, another version of a malicious or odd one is not.
fn package_identity(axis: Axis, id: PackageId, graph: &DependencyGraph<'_>) -> Vec<String> {
    let package = graph.package(id);
    let address = package
        .source
        .address()
        .map_or("", |address| address.as_str());
    let mut parts = vec![
        package.ecosystem.id().to_owned(),
        package.name.as_str().to_owned(),
        format!("{} {address}", package.source.kind()),
    ];
    if axis.is_bound_to_release() {
        parts.push(
            package
                .version
                .as_ref()
                .map_or(String::new(), |version| version.as_str().to_owned()),
        );
        let artifacts = package
            .entries
            .iter()
            .flat_map(|node| &graph.entry(*node).record.artifacts);
        let mut digests: Vec<String> = artifacts
            .flat_map(|artifact| artifact.integrity.digests())
            .map(ToString::to_string)
            .collect();
        digests.sort_unstable();
        digests.dedup();
        parts.extend(digests);
    }
    parts
}
