//! The next baseline: the old one without what is gone, and with what is new only if that is asked for.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::index::Index;
use super::judge::open;
use super::matter::{Key, unite};
use super::{Baseline, Entry, Matter, Review};
use crate::assessment::{Assessment, Finding};
use crate::config::Config;
use crate::graph::DependencyGraph;
use crate::path::FilePath;
use crate::text::Untrusted;

/// Whether a baseline takes up what is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// It only shrinks.
    Refused,
    /// It takes up everything.
    Allowed,
}

/// Who answers for new lines, and from when on.
#[derive(Clone, Debug)]
pub struct Addition {
    /// The day.
    pub since: Date,
    /// The owner.
    pub owner: Untrusted<'static>,
}

/// The next baseline, and how it differs from the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewal {
    /// Its lines.
    pub entries: Vec<Entry>,
    /// How many of them are new, or enter anew because they cover more than before.
    pub added: usize,
    /// How many lines of the old one are gone.
    pub removed: usize,
    /// How many findings it does not cover, because it must not grow.
    pub refused: usize,
    /// How many findings it can never cover, because they report known attacks.
    pub guarded: usize,
}

/// Makes the next baseline from a complete run.
pub fn renew(
    assessment: &Assessment,
    graph: &DependencyGraph<'_>,
    config: &Config,
    growth: Growth,
    addition: &Addition,
) -> Renewal {
    let old = assessment.baseline.in_force();
    let old = old.map_or(&[][..], |baseline| &baseline.entries);
    let (guarded, others): (Vec<&Finding>, Vec<&Finding>) = assessment
        .findings
        .iter()
        .partition(|finding| finding.rule.is_guarded());
    let mut renewal = Renewal {
        entries: needed(old, &assessment.review),
        guarded: guarded.len(),
        ..Renewal::default()
    };
    let open = |finding: &&Finding| open(finding, graph, config, assessment.as_of);
    match growth {
        Growth::Refused => renewal.refuse(others.iter().map(open)),
        Growth::Allowed => renewal.grow(others.iter().flat_map(open), addition),
    }
    let next = Index::new(renewal.entries.iter().map(|entry| &entry.matter));
    let is_gone = |entry: &&Entry| next.same(&entry.matter).next().is_none();
    renewal.removed = old.iter().filter(is_gone).count();
    renewal
}

/// Lists the lines that stay, none wider than it has to be.
fn needed(old: &[Entry], review: &Review) -> Vec<Entry> {
    let gone = Index::new(review.unneeded.iter().map(|entry| &entry.matter));
    let loose: FxHashMap<_, &Entry> = review
        .loose
        .iter()
        .map(|loose| (place(&loose.line), &loose.tight))
        .collect();
    let needed = old
        .iter()
        .filter(|entry| gone.same(&entry.matter).next().is_none());
    let tight = |entry: &Entry| loose.get(&place(entry)).copied().unwrap_or(entry).clone();
    needed.map(tight).collect()
}

/// What no two lines of a file share: every id stands in one of them.
fn place(entry: &Entry) -> (Key<'_>, Option<&String>) {
    (entry.matter.key(), entry.matter.ids.first())
}

impl Renewal {
    /// Counts the findings that are not covered whole.
    fn refuse(&mut self, findings: impl Iterator<Item = Vec<Matter>>) {
        let lines = Index::new(self.entries.iter().map(|entry| &entry.matter));
        let covered = |matters: &[Matter]| matters.iter().all(|matter| covers(&lines, matter));
        self.refused = findings.filter(|matters| !covered(matters)).count();
    }

    /// Takes up what is not covered; a line that covers a part of it gives way.
    fn grow(&mut self, open: impl Iterator<Item = Matter>, addition: &Addition) {
        let mut missing = unite(open);
        let lines = Index::new(self.entries.iter().map(|entry| &entry.matter));
        missing.retain(|matter| !covers(&lines, matter));
        let new = Index::new(&missing);
        let entries = std::mem::take(&mut self.entries).into_iter();
        self.entries = entries.filter_map(|entry| give_way(entry, &new)).collect();
        self.added = missing.len();
        let entry = |matter| Entry {
            matter,
            since: addition.since,
            owner: addition.owner.clone(),
            location: None,
        };
        self.entries.extend(missing.into_iter().map(entry));
    }

    /// Makes the file of it.
    pub fn into_baseline(self, path: FilePath) -> Baseline {
        let entries = self.entries;
        Baseline { path, entries }
    }
}

fn covers(lines: &Index<'_>, matter: &Matter) -> bool {
    let mut same = lines.same(matter);
    same.any(|known| !matter.exceeds(known))
}

/// Takes new matters out of a line; none is left of one that held nothing else.
fn give_way(mut entry: Entry, new: &Index<'_>) -> Option<Entry> {
    if new.same(&entry.matter).next().is_none() {
        return Some(entry);
    }
    let ids = new.same(&entry.matter).flat_map(|matter| &matter.ids);
    let ids: BTreeSet<String> = ids.cloned().collect();
    entry.matter.ids.retain(|id| !ids.contains(id));
    (!entry.matter.ids.is_empty()).then_some(entry)
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
