//! A release under judgement, beside those that it is compared with.
//!
//! Attackers publish twice: beside the first bad release the second one looks normal. So a release is compared
//! with those that are more than two days older.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashSet;

use crate::package::version::{Anatomy, ReleaseLine, Stage, VersionOrder};
use crate::registry::history::{Release, ReleaseDependency, ReleaseHistory};

/// How much older a release must be to be compared with.
const BURST: SignedDuration = SignedDuration::from_hours(48);

/// A release with its place in its package's history.
#[derive(Clone, Copy)]
pub(super) struct Placed<'h> {
    pub(super) release: &'h Release,
    pub(super) anatomy: Anatomy,
    pub(super) published: Timestamp,
}

impl Placed<'_> {
    pub(super) fn is_stable(&self) -> bool {
        self.anatomy.stage == Stage::Stable
    }
}

/// Whether the project had the package before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    /// It did, or nobody knows.
    Known,
    /// The change brings its name.
    NewName,
}

/// What is known of other packages.
pub(super) trait Neighbours {
    /// Returns the history of another package of the ecosystem.
    fn history(&self, name: &str) -> Option<Arc<ReleaseHistory>>;

    /// Lists the versions of a package that lockfiles take. O(packages).
    fn locked(&self, name: &str) -> Vec<String>;
}

/// A release under judgement.
pub(super) struct Judged<'h> {
    pub(super) history: &'h ReleaseHistory,
    /// The release.
    pub(super) own: Placed<'h>,
    /// All others with a time, by time.
    pub(super) others: Vec<Placed<'h>>,
    /// The clock.
    pub(super) now: Timestamp,
    pub(super) novelty: Novelty,
    pub(super) neighbours: &'h dyn Neighbours,
}

impl<'h> Judged<'h> {
    /// Places a release; none where its time is not known, or its version cannot be read.
    pub(super) fn new(
        history: &'h ReleaseHistory,
        release: &'h Release,
        now: Timestamp,
        novelty: Novelty,
        neighbours: &'h dyn Neighbours,
    ) -> Option<Self> {
        let place = |release: &'h Release| {
            Some(Placed {
                release,
                anatomy: Anatomy::of(history.ecosystem, &release.version)?,
                published: release.published?,
            })
        };
        let others = history.releases.iter();
        let others = others.filter(|other| !std::ptr::eq(*other, release));
        Some(Self {
            history,
            own: place(release)?,
            others: others.filter_map(place).collect(),
            now,
            novelty,
            neighbours,
        })
    }

    /// Lists the releases that are more than two days older, by time.
    pub(super) fn earlier(&self) -> impl DoubleEndedIterator<Item = &Placed<'h>> {
        let end = self.own.published - BURST;
        self.others
            .iter()
            .filter(move |other| other.published < end)
    }

    /// Lists those of them that are of its line, by time.
    pub(super) fn earlier_of_line(&self) -> impl DoubleEndedIterator<Item = &Placed<'h>> {
        let line = self.line();
        self.earlier()
            .filter(move |other| other.anatomy.line == line)
    }

    pub(super) fn line(&self) -> ReleaseLine {
        self.own.anatomy.line
    }

    /// Returns the stable release that it follows in its line: the highest lower one of those that are older.
    pub(super) fn predecessor(&self) -> Option<&Placed<'h>> {
        let ecosystem = self.history.ecosystem;
        let order = |placed: &Placed<'h>| VersionOrder::parse(ecosystem, &placed.release.version);
        let own = order(&self.own);
        let lower = self.earlier_of_line().filter(|other| other.is_stable());
        let lower = lower.filter(|other| order(other) < own);
        lower.max_by(|one, other| order(one).cmp(&order(other)))
    }

    /// Lists the stable releases that were published within a time before or after it.
    pub(super) fn near(&self, distance: SignedDuration) -> impl Iterator<Item = &Placed<'h>> {
        let at = self.own.published;
        let is_near = move |other: &&Placed<'h>| {
            other.published.duration_since(at).abs() <= distance && other.is_stable()
        };
        self.others.iter().filter(is_near)
    }

    /// Lists the dependencies that its predecessor does not have.
    pub(super) fn new_dependencies(&self) -> Vec<&'h ReleaseDependency> {
        let Some(before) = self.predecessor() else {
            return Vec::new();
        };
        let had = before.release.dependencies.iter();
        let had: FxHashSet<&str> = had.map(|dependency| dependency.name.as_str()).collect();
        let all = self.own.release.dependencies.iter();
        all.filter(|dependency| !had.contains(dependency.name.as_str()))
            .collect()
    }
}
