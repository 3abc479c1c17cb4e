//! The next baseline: the old one without what is gone, and with what is new only if that is asked for.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::judge::open;
use super::matter::{matters, unite};
use super::{Baseline, Entry, Matter};
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
    let found = others.iter().copied().chain(&assessment.accepted);
    let found = unite(found.flat_map(|finding| matters(finding, graph, &config.rules)));
    let mut renewal = Renewal {
        entries: needed(old, assessment, &found),
        guarded: guarded.len(),
        ..Renewal::default()
    };
    let open = |finding: &&Finding| open(finding, graph, config, assessment.as_of);
    match growth {
        Growth::Refused => renewal.refuse(others.iter().map(open)),
        Growth::Allowed => renewal.grow(others.iter().flat_map(open), addition),
    }
    let is_gone = |entry: &&Entry| !renewal.has(&entry.matter);
    renewal.removed = old.iter().filter(is_gone).count();
    renewal
}

/// Lists the lines that stay, none wider than it has to be.
fn needed(old: &[Entry], assessment: &Assessment, found: &[Matter]) -> Vec<Entry> {
    let needed = old
        .iter()
        .filter(|entry| !assessment.unneeded.contains(entry));
    needed.map(|entry| tighten(entry, found)).collect()
}

/// Takes back what a line allows and nothing needs: ids that are gone, a severity or scope that is better by now.
fn tighten(entry: &Entry, found: &[Matter]) -> Entry {
    let mut entry = entry.clone();
    let today: Vec<&Matter> = found
        .iter()
        .filter(|matter| matter.is_same(&entry.matter))
        .collect();
    let Some(severity) = today.iter().map(|matter| matter.severity).min() else {
        // It was not looked for, so nothing is known of it.
        return entry;
    };
    let ids: BTreeSet<&String> = today.iter().flat_map(|matter| &matter.ids).collect();
    let known = &mut entry.matter;
    known.ids.retain(|id| ids.contains(id));
    known.severity = known.severity.max(severity);
    let scope = today.iter().filter_map(|matter| matter.scope).min();
    known.scope = known
        .scope
        .zip(scope)
        .map(|(known, today)| known.max(today));
    entry
}

impl Renewal {
    /// Says whether a line is about a matter, whatever it allows.
    fn has(&self, matter: &Matter) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.matter.is_same(matter))
    }

    fn covers(&self, matter: &Matter) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.matter.is_same(matter) && !matter.exceeds(&entry.matter))
    }

    /// Counts the findings that are not covered whole.
    fn refuse(&mut self, findings: impl Iterator<Item = Vec<Matter>>) {
        let covered = |matters: &Vec<Matter>| matters.iter().all(|matter| self.covers(matter));
        self.refused = findings.filter(|matters| !covered(matters)).count();
    }

    /// Takes up what is not covered; a line that covers a part of it gives way.
    fn grow(&mut self, open: impl Iterator<Item = Matter>, addition: &Addition) {
        let mut missing = unite(open);
        missing.retain(|matter| !self.covers(matter));
        for matter in missing {
            self.give_way(&matter);
            self.added += 1;
            self.entries.push(Entry {
                matter,
                since: addition.since,
                owner: addition.owner.clone(),
                location: None,
            });
        }
    }

    /// Takes a matter out of the lines; one that held nothing else goes.
    fn give_way(&mut self, matter: &Matter) {
        self.entries.retain_mut(|entry| {
            if !entry.matter.is_same(matter) {
                return true;
            }
            entry.matter.ids.retain(|id| !matter.ids.contains(id));
            !entry.matter.ids.is_empty()
        });
    }

    /// Makes the file of it.
    pub fn into_baseline(self, path: FilePath) -> Baseline {
        let entries = self.entries;
        Baseline { path, entries }
    }
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
