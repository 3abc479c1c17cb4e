//! Takes out the findings that somebody answers for, and lists the entries that accept nothing.
//!
//! An entry covers the ids that it lists and nothing else: an advisory by any of its ids, a digest or a host by
//! itself, or by its fingerprint a whole finding that no advisory is behind. A finding is accepted only if all
//! that it stands for is covered in every project by entries that still hold and hold there, so a new advisory about an
//! accepted package gates, and so does a new route to it past the package that an entry names.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Finding, Occurrence, State};
use crate::config::{Accept, Bound, Target};
use crate::graph::{DependencyGraph, PackageId};
use crate::lockfile::{Problem, ProblemSeverity};
use crate::package::wanted::WantedPackage;
use crate::path::FilePath;
use crate::text::Untrusted;

/// What somebody said about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// Why it is, or was, right to live with it.
    pub reason: Untrusted<'static>,
    /// Who answers for it.
    pub owner: Untrusted<'static>,
    /// The last day on which it holds.
    pub expires: Date,
    /// Whether that day has passed.
    pub validity: Validity,
}

/// Whether an acceptance holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Up to its last day.
    Holds,
    /// That day has passed, and the finding is back.
    Expired,
}

/// An entry that accepts nothing.
#[derive(Clone, Debug)]
pub struct UnusedAccept {
    /// The entry.
    pub entry: Accept,
    /// Why nothing is accepted by it.
    pub because: Untrusted<'static>,
}

impl UnusedAccept {
    /// Says what is wrong with the entry: one that accepts nothing shelters whatever comes next.
    pub fn problem(&self) -> Problem {
        let entry = &self.entry;
        let message = format!(
            "[[accept]] of {} for {} is unused: {}",
            entry.rule.id.0,
            entry.subject(),
            self.because.as_str()
        );
        Problem::new(entry.path.clone(), ProblemSeverity::Warning, message)
            .at(entry.location)
            .help("mend the entry, or take it out")
    }
}

/// Moves what is accepted out of the findings; returns it, and the entries that accept nothing.
pub(super) fn settle(
    accepts: &[Accept],
    now: Timestamp,
    graph: &DependencyGraph<'_>,
    findings: &mut Vec<Finding>,
) -> (Vec<Finding>, Vec<UnusedAccept>) {
    let mut entries: Vec<Entry<'_>> = accepts
        .iter()
        .map(|accept| Entry::new(accept, now))
        .collect();
    for finding in findings.iter_mut() {
        judge(finding, graph, &mut entries);
    }
    let accepted = findings.extract_if(.., |finding| finding.state == State::Accepted);
    let accepted = accepted.collect();
    let unused = entries.into_iter().filter_map(Entry::into_unused).collect();
    (accepted, unused)
}

/// An entry, and what came of it so far.
struct Entry<'a> {
    accept: &'a Accept,
    validity: Validity,
    use_: Use,
}

/// What an entry was good for.
enum Use {
    /// There is no finding of its rule about its target.
    None,
    /// There is one, but not where the entry holds.
    Elsewhere,
    /// There is one, but it stands for these ids, which the entry does not list.
    Missed(Vec<String>),
    /// It covers a finding, or a part of one.
    Covers,
}

impl<'a> Entry<'a> {
    fn new(accept: &'a Accept, now: Timestamp) -> Self {
        let validity = if accept.is_expired(now) {
            Validity::Expired
        } else {
            Validity::Holds
        };
        Self {
            accept,
            validity,
            use_: Use::None,
        }
    }

    /// Notes what the entry covers of a finding, and says whether that is anything.
    fn covers(
        &mut self,
        finding: &Finding,
        package: Option<&WantedPackage>,
        graph: &DependencyGraph<'_>,
    ) -> bool {
        if !is_about(self.accept, finding, package) {
            return false;
        }
        let mut places = finding.occurrences.iter();
        if !places.any(|place| holds_in(self.accept, finding, place, graph)) {
            if matches!(self.use_, Use::None) {
                self.use_ = Use::Elsewhere;
            }
            return false;
        }
        let groups = groups(finding);
        let missed = groups.iter().filter(|group| !lists(self.accept, group));
        let missed: Vec<String> = missed
            .filter_map(|group| group.first())
            .map(|id| (*id).to_owned())
            .collect();
        let covers = match groups.len() {
            0 => self.accept.ids.is_empty(),
            all => missed.len() < all,
        };
        let covers = covers || lists_whole(self.accept, finding);
        match (&self.use_, covers) {
            (_, true) => self.use_ = Use::Covers,
            (Use::None | Use::Elsewhere, false) => self.use_ = Use::Missed(missed),
            (Use::Missed(_) | Use::Covers, false) => {}
        }
        covers
    }

    fn acceptance(&self) -> Acceptance {
        Acceptance {
            reason: self.accept.reason.clone().into(),
            owner: self.accept.owner.clone().into(),
            expires: self.accept.expires,
            validity: self.validity,
        }
    }

    fn into_unused(self) -> Option<UnusedAccept> {
        let because = match self.use_ {
            Use::Covers => return None,
            Use::None => "this run has no such finding".to_owned(),
            Use::Elsewhere => {
                "the finding is in another project, or comes in past that package as well"
                    .to_owned()
            }
            Use::Missed(ids) if ids.is_empty() => {
                "the finding has no ids; leave them out".to_owned()
            }
            Use::Missed(ids) => format!(
                "the finding stands for ids that are not listed: {}",
                ids.join(", ")
            ),
        };
        let entry = self.accept.clone();
        Some(UnusedAccept {
            entry,
            because: because.into(),
        })
    }
}

/// Accepts a finding if entries that hold cover all of it; else says what an expired one said.
fn judge(finding: &mut Finding, graph: &DependencyGraph<'_>, entries: &mut [Entry<'_>]) {
    let package = package(finding);
    let covering: Vec<&Entry<'_>> = entries
        .iter_mut()
        .filter_map(|entry| {
            let covers = entry.covers(finding, package.as_ref(), graph);
            covers.then_some(&*entry)
        })
        .collect();
    let of = |validity: Validity| {
        let entries = covering
            .iter()
            .filter(move |entry| entry.validity == validity);
        entries.copied().collect::<Vec<_>>()
    };
    let holding = of(Validity::Holds);
    if is_covered_everywhere(finding, graph, &holding) {
        finding.state = State::Accepted;
        finding.acceptance = first_to_end(&holding);
    } else {
        finding.acceptance = first_to_end(&of(Validity::Expired));
    }
}

/// The entries that hold for a finding, for who asks about a part of it.
pub(super) struct Holding<'a>(Vec<(&'a Accept, Vec<FilePath>)>);

impl<'a> Holding<'a> {
    /// Finds them.
    pub(super) fn new(
        accepts: &'a [Accept],
        now: Timestamp,
        finding: &Finding,
        graph: &DependencyGraph<'_>,
    ) -> Self {
        let package = package(finding);
        let holding = accepts.iter().filter(|accept| {
            !accept.is_expired(now) && is_about(accept, finding, package.as_ref())
        });
        let places = |accept: &Accept| {
            let places = finding.occurrences.iter();
            let places = places.filter(|place| holds_in(accept, finding, place, graph));
            places.map(|place| place.folder.clone()).collect()
        };
        Self(holding.map(|accept| (accept, places(accept))).collect())
    }

    /// Says whether one of them that holds in a project lists one of these ids.
    pub(super) fn covers(&self, project: &FilePath, ids: &BTreeSet<String>) -> bool {
        let here = self.0.iter().filter(|(_, places)| places.contains(project));
        let mut listed = here.flat_map(|(accept, _)| &accept.ids);
        listed.any(|id| ids.contains(id))
    }
}

/// Says whether an entry holds for a finding in one project: in the one that it names, where no route goes past the package that it names.
fn holds_in(
    accept: &Accept,
    finding: &Finding,
    place: &Occurrence,
    graph: &DependencyGraph<'_>,
) -> bool {
    let Bound { project, via } = &accept.bound;
    if project
        .as_ref()
        .is_some_and(|folder| *folder != place.folder)
    {
        return false;
    }
    let Some(via) = via else {
        return true;
    };
    let (Some(package), Some(project)) = (finding.package, place.project) else {
        return false;
    };
    let is_via = |id: PackageId| {
        let (own, culprit) = (graph.package(id), graph.package(package));
        own.ecosystem == culprit.ecosystem
            && via.means(own.ecosystem, own.name.as_str(), || graph.purl(id))
    };
    !graph.is_reached_without(package, project, &is_via)
}

/// Says whether the entries cover all of a finding in every project that it is in.
fn is_covered_everywhere(
    finding: &Finding,
    graph: &DependencyGraph<'_>,
    holding: &[&Entry<'_>],
) -> bool {
    let mut places = finding.occurrences.iter();
    places.all(|place| {
        let here = holding.iter().copied();
        let here = here.filter(|entry| holds_in(entry.accept, finding, place, graph));
        covers_all(finding, &here.collect::<Vec<_>>())
    }) && !finding.occurrences.is_empty()
}

fn package(finding: &Finding) -> Option<WantedPackage> {
    let purl = finding.purl.as_ref()?;
    WantedPackage::parse(purl.as_str()).ok()
}

fn covers_all(finding: &Finding, holding: &[&Entry<'_>]) -> bool {
    let listed = |group: &[&str]| holding.iter().any(|entry| lists(entry.accept, group));
    let mut whole = holding
        .iter()
        .map(|entry| lists_whole(entry.accept, finding));
    let groups = groups(finding);
    !holding.is_empty() && (groups.iter().all(|group| listed(group)) || whole.any(|whole| whole))
}

/// Returns what the entry says whose time is up first.
fn first_to_end(entries: &[&Entry<'_>]) -> Option<Acceptance> {
    let first = entries.iter().min_by_key(|entry| entry.accept.expires);
    first.map(|entry| entry.acceptance())
}

fn is_about(accept: &Accept, finding: &Finding, package: Option<&WantedPackage>) -> bool {
    accept.rule.id == finding.rule.id
        && match (&accept.target, package) {
            (Target::Package(wanted), Some(package)) => wanted.means(package),
            (Target::File(path), None) => {
                let mut occurrences = finding.occurrences.iter();
                occurrences.any(|occurrence| occurrence.file == *path)
            }
            _ => false,
        }
}

/// Lists what a finding stands for: each advisory with all its ids, and each digest, host or the like.
fn groups(finding: &Finding) -> Vec<Vec<&str>> {
    let advisories = finding.advisories.iter().map(|advisory| {
        let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
        ids.map(String::as_str).collect()
    });
    let others = finding.identity.iter().map(|part| vec![part.as_str()]);
    advisories.chain(others).collect()
}

/// Says whether the entry lists the finding itself. Its fingerprint stays when an advisory is added, so that it cannot stand for advisories.
fn lists_whole(accept: &Accept, finding: &Finding) -> bool {
    finding.advisories.is_empty() && lists(accept, &[finding.fingerprint.as_str()])
}

fn lists(accept: &Accept, group: &[&str]) -> bool {
    accept.ids.iter().any(|id| group.contains(&id.as_str()))
}
