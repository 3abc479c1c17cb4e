//! The anomaly score: counts become weights, and what a release shows becomes a sum of them.
//!
//! Each weight is a likelihood ratio in decibans: a lower bound of how often incidents show the sign over an
//! upper bound of how often harmless releases do. In each group the first level that holds counts, so that facts
//! that go together are not counted twice.

use std::sync::LazyLock;

use serde::Deserialize;

use super::beta::quantile;
use super::judged::Judged;
use super::{GROUPS, Group, Level};
use crate::package::Ecosystem;

/// The counts, as they ship.
const COUNTS: &str = include_str!("counts.json");

/// How sure the lower bound of a rate among incidents is: 90 %.
const LOWER: f64 = 0.10;

/// How sure the upper bound of a rate among harmless releases is: 95 %.
const UPPER: f64 = 0.95;

/// The score below which nothing is; evidence of harmlessness is never more than this.
const LEAST: f64 = -15.0;

/// The score above which nothing is.
const GREATEST: f64 = 80.0;

/// Something counted: `found` of `of`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(from = "[u32; 2]")]
pub(super) struct Count {
    pub(super) found: u32,
    pub(super) of: u32,
}

impl From<[u32; 2]> for Count {
    fn from([found, of]: [u32; 2]) -> Self {
        Self { found, of }
    }
}

impl Count {
    /// Returns a quantile of the rate after this many trials (Jeffreys' prior).
    fn bound(self, q: f64) -> f64 {
        let (found, of) = (f64::from(self.found), f64::from(self.of));
        quantile(q, found + 0.5, of - found + 0.5)
    }
}

#[derive(Deserialize)]
struct Counts {
    thresholds: Thresholds,
    levels: Vec<LevelCounts>,
}

/// From which scores on a release is told.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Thresholds {
    /// It should not be taken.
    pub(super) block: f64,
    /// How much of that must be measured, and not be its age.
    pub(super) block_measured: f64,
    /// Somebody should look.
    pub(super) warn: f64,
    /// The most that a provisional level weighs.
    provisional_cap: f64,
}

#[derive(Deserialize)]
struct LevelCounts {
    signal: String,
    group: String,
    malicious: Count,
    benign: Count,
    benign_by_ecosystem: std::collections::BTreeMap<String, Count>,
    measured_in: Vec<String>,
    provisional: Option<String>,
}

/// How much a level weighs in each ecosystem.
pub(super) struct Model {
    pub(super) thresholds: Thresholds,
    weights: Vec<(String, [Weight; 3])>,
}

/// What a level weighs in an ecosystem, and from which counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weight {
    /// The likelihood ratio, in decibans.
    pub(super) decibans: f64,
    /// How many incidents show it.
    pub(super) malicious: Count,
    /// How many harmless releases do; none where nobody counted.
    pub(super) benign: Option<Count>,
    /// Whether the rate among harmless releases was measured in this ecosystem.
    pub(super) basis: Basis,
}

/// What a weight rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// Counts of this ecosystem.
    Measured,
    /// Counts of another, or too few: the weight is capped, and never blocks.
    Provisional,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(COUNTS));

impl Model {
    /// Returns the model that ships; computed once.
    pub(super) fn get() -> &'static Self {
        &MODEL
    }

    fn read(text: &str) -> Self {
        // The file is part of the program, and a test reads it: nothing else can be in it.
        let counts: Counts = serde_json::from_str(text).unwrap_or(Counts {
            thresholds: Thresholds {
                block: f64::MAX,
                block_measured: f64::MAX,
                warn: f64::MAX,
                provisional_cap: 0.0,
            },
            levels: Vec::new(),
        });
        let cap = counts.thresholds.provisional_cap;
        let weights = counts.levels.iter().map(|level| {
            let weights = Ecosystem::ALL.map(|ecosystem| level.weight(ecosystem, cap));
            (level.signal.clone(), weights)
        });
        Self {
            thresholds: counts.thresholds,
            weights: weights.collect(),
        }
    }

    /// Returns what a level weighs; none for one that nobody counted.
    pub(super) fn weight(&self, level: &str, ecosystem: Ecosystem) -> Option<Weight> {
        let (_, weights) = self.weights.iter().find(|(signal, _)| signal == level)?;
        Some(weights[ecosystem as usize])
    }
}

impl LevelCounts {
    fn weight(&self, ecosystem: Ecosystem, cap: f64) -> Weight {
        let own = self.benign_by_ecosystem.get(ecosystem.id()).copied();
        let benign = own.unwrap_or(self.benign);
        let is_measured = self.provisional.is_none()
            && self
                .measured_in
                .iter()
                .any(|measured| measured == ecosystem.id());
        let is_counted = benign.of > 0;
        let ratio = 10.0 * (self.malicious.bound(LOWER) / benign.bound(UPPER)).log10();
        let ratio = if is_counted { ratio } else { cap };
        let ratio = if self.group == "age" {
            ratio
        } else {
            ratio.max(0.0)
        };
        Weight {
            decibans: if is_measured { ratio } else { ratio.min(cap) },
            malicious: self.malicious,
            benign: is_counted.then_some(benign),
            basis: if is_measured {
                Basis::Measured
            } else {
                Basis::Provisional
            },
        }
    }
}

/// What one group adds to a score.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Contribution {
    /// The group.
    pub(super) group: Group,
    /// The level that holds.
    pub(super) level: &'static str,
    /// What it weighs.
    pub(super) weight: Weight,
    /// What was seen, in words.
    pub(super) detail: String,
}

/// What all groups together say.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Score {
    /// The sum, in decibans, from -15 to 80.
    pub(super) decibans: f64,
    /// How far it reaches.
    pub(super) tier: Tier,
    /// What it is made of, in the order of the groups.
    pub(super) contributions: Vec<Contribution>,
}

/// How far a score reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tier {
    /// Nothing is to be told.
    Quiet,
    /// Something is odd, and not enough of it.
    Note,
    /// Somebody should look.
    Warn,
    /// It should not be taken.
    Block,
}

/// Scores a release; what the excused levels see weighs nothing, and hides nothing that the others see.
///
/// It is told all the same, because something was seen.
pub(super) fn score(judged: &Judged<'_>, excused: &[&str]) -> Score {
    let groups = GROUPS.iter();
    let seen = groups.filter_map(|(group, levels)| {
        let (excused, weighing): (Vec<&Level>, Vec<&Level>) =
            (levels.iter()).partition(|level| excused.contains(&level.id));
        let first = |levels: Vec<&Level>| {
            let mut levels = levels.into_iter();
            levels.find_map(|level| contribution(*group, level, judged))
        };
        first(weighing).or_else(|| {
            let mut excused = first(excused)?;
            excused.weight.decibans = 0.0;
            Some(excused)
        })
    });
    let mut score = conclude(seen.collect(), Model::get().thresholds);
    let mut levels = score.contributions.iter().map(|one| one.level);
    if levels.any(|level| excused.contains(&level)) {
        score.tier = score.tier.max(Tier::Note);
    }
    score
}

fn contribution(group: Group, level: &Level, judged: &Judged<'_>) -> Option<Contribution> {
    let detail = (level.holds)(judged)?;
    let weight = Model::get().weight(level.id, judged.history.ecosystem)?;
    Some(Contribution {
        group,
        level: level.id,
        weight,
        detail,
    })
}

fn conclude(contributions: Vec<Contribution>, thresholds: Thresholds) -> Score {
    let all = contributions.iter().map(|one| one.weight.decibans);
    let decibans = all.sum::<f64>().clamp(LEAST, GREATEST);
    let tier = if blocks(decibans, &contributions, thresholds) {
        Tier::Block
    } else if decibans >= thresholds.warn && speaks(&contributions, &MUTE) {
        Tier::Warn
    } else if speaks(&contributions, &MUTE_BELOW_WARN) {
        Tier::Note
    } else {
        Tier::Quiet
    };
    Score {
        decibans,
        tier,
        contributions,
    }
}

/// A block needs most of its weight measured, and a new way to run code, or two independent groups.
fn blocks(decibans: f64, contributions: &[Contribution], thresholds: Thresholds) -> bool {
    let measured = contributions.iter().filter(|one| {
        one.weight.basis == Basis::Measured && one.group != Group::Age && one.weight.decibans > 0.0
    });
    let weight: f64 = measured.clone().map(|one| one.weight.decibans).sum();
    let has_surface = measured.clone().any(|one| one.group == Group::Surface);
    let others = measured.filter(|one| one.group != Group::Rhythm).count();
    decibans >= thresholds.block
        && weight >= thresholds.block_measured
        && (has_surface || others >= 2)
}

/// Rhythm and age alone never tell anything: half of the world releases often, and everything was new once.
const MUTE: [Group; 2] = [Group::Rhythm, Group::Age];

/// What a name alone is like is told by `typosquat`, once.
const MUTE_BELOW_WARN: [Group; 3] = [Group::Rhythm, Group::Age, Group::Name];

/// Says whether anything was seen beside what some groups see.
fn speaks(contributions: &[Contribution], mute: &[Group]) -> bool {
    contributions
        .iter()
        .any(|one| !mute.contains(&one.group) && one.weight.decibans > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_that_the_formula_gives() {
        // Computed apart from this program, by the same formula on the same counts.
        for (level, npm, cargo, pypi) in [
            ("trust-downgrade", 18.4, 10.0, 10.0),
            ("vcs-lost-joined", 10.0, 10.0, 10.0),
            ("exec-first", 25.5, 10.0, 10.0),
            ("exec-dependency", 26.5, 21.9, 10.0),
            ("pth-first", 10.0, 10.0, 10.0),
            ("three-lines", 10.1, 10.0, 10.0),
            ("revival", 7.0, 7.0, 7.0),
            ("dormancy", 0.9, 5.1, 0.9),
            ("multi-line", 2.0, 3.5, 2.0),
            ("size-outlier", 17.1, 10.0, 10.0),
            ("under-1-day", 10.7, 10.7, 10.7),
            ("1-to-7-days", -12.1, -12.1, -12.1),
            ("over-7-days", -14.5, -14.5, -14.5),
        ] {
            let expected = [
                (Ecosystem::Npm, npm),
                (Ecosystem::Cargo, cargo),
                (Ecosystem::Pypi, pypi),
            ];
            for (ecosystem, expected) in expected {
                let weight = Model::get().weight(level, ecosystem).expect("a level");
                let is_near = (weight.decibans - expected).abs() < 0.051;
                assert!(is_near, "{level} in {ecosystem}: {}", weight.decibans);
            }
        }
    }

    #[test]
    fn every_level_is_counted_and_every_count_is_of_a_level_in_the_same_order() {
        let levels = GROUPS.iter().flat_map(|(group, levels)| {
            levels
                .iter()
                .map(|level| (group.id().to_owned(), level.id.to_owned()))
        });
        let counts: Counts = serde_json::from_str(COUNTS).expect("readable counts");
        let mut counted: Vec<_> = counts
            .levels
            .into_iter()
            .map(|level| (level.group, level.signal))
            .collect();
        // Only the order within a group means anything.
        counted.sort_by_key(|(group, _)| Group::ALL.iter().position(|one| one.id() == group));
        assert_eq!(levels.collect::<Vec<_>>(), counted);
    }
}
