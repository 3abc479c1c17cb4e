//! What a run knows of release histories, as a whole.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::{EvidencePlan, EvidenceSet, HistoryOrigin, PackageKey, SkipReason};
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::report::words::count;
use crate::text::Untrusted;

/// How many packages are named one by one.
const NAMED: usize = 5;

/// What is known of the histories that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFacts {
    /// Of how many packages a registry told in this run, or lately.
    pub told: usize,
    /// How many are known from earlier runs only.
    pub stored: usize,
    /// When the oldest of these was observed.
    pub oldest: Option<Timestamp>,
    /// Packages that could not be judged by their history, by name, with the reason.
    pub lacking: Vec<Lacking>,
    /// How many releases of the change that is judged were not, for want of a history.
    pub unjudged: usize,
}

/// A package that could not be judged by its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The name.
    pub name: Untrusted<'static>,
    /// Why.
    pub reason: SkipReason,
}

impl HistoryFacts {
    /// Counts what was gathered of what was planned.
    ///
    /// `covers` says whether a release could be judged.
    pub fn of(
        plan: &EvidencePlan,
        gathered: &EvidenceSet,
        covers: impl Fn(PackageId) -> Result<(), SkipReason>,
    ) -> Self {
        let mut facts = Self::default();
        for (_, known) in gathered.known_histories() {
            match known.origin {
                HistoryOrigin::Registry => facts.told += 1,
                HistoryOrigin::Stored => {
                    facts.stored += 1;
                    let oldest = facts.oldest.unwrap_or(known.observed);
                    facts.oldest = Some(oldest.min(known.observed));
                }
            }
        }
        let mut lacking: BTreeMap<&PackageKey, SkipReason> =
            gathered.lacking_histories().into_iter().collect();
        lacking.retain(|_, reason| *reason != SkipReason::PrivateRegistry);
        for (package, key, _) in &plan.judged {
            match covers(*package) {
                // What could not be fetched is coverage: mirrors often serve no archives, and some are too large.
                Ok(())
                | Err(
                    SkipReason::UnreadArchive
                    | SkipReason::LargeArchive
                    | SkipReason::PrivateRegistry,
                ) => {}
                Err(reason) => {
                    lacking.insert(key, reason);
                    facts.unjudged += 1;
                }
            }
        }
        lacking.extend(plan.unaskable.iter().map(|(key, reason)| (key, *reason)));
        facts.unjudged += plan.unaskable.len();
        facts.lacking = lacking
            .into_iter()
            .map(|((ecosystem, name), reason)| Lacking {
                ecosystem: *ecosystem,
                name: name.clone().into(),
                reason,
            })
            .collect();
        facts
    }

    /// Says how old what was judged by is, where it is what earlier runs saw.
    pub fn age(&self) -> Option<String> {
        let oldest = self.oldest?.strftime("%Y-%m-%d");
        Some(format!(
            "release histories as stored, the oldest of {oldest}"
        ))
    }

    /// Says how much of a change was judged without its history, where the run may do without.
    pub fn remainder(&self) -> Option<String> {
        (self.unjudged > 0).then(|| {
            format!(
                "on advisories alone: {} not judged",
                count(self.unjudged, "changed release")
            )
        })
    }

    /// Says what to do where the settings of linchpin decide.
    fn remedy(&self) -> &'static str {
        let mut reasons = self.lacking.iter().map(|one| one.reason);
        if reasons.any(|reason| reason == SkipReason::NamedRegistry) {
            "; say under [registry] in linchpin.toml whose it is: internal, private or mirrors"
        } else {
            ""
        }
    }

    /// Says for whose sake a run is not complete that needs all of them.
    pub fn gaps(&self) -> Vec<Untrusted<'static>> {
        if self.lacking.is_empty() {
            return Vec::new();
        }
        let names: Vec<&str> = self
            .lacking
            .iter()
            .take(NAMED)
            .map(|one| one.name.as_str())
            .collect();
        let more = self.lacking.len() - names.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let mut reasons: Vec<&str> = self.lacking.iter().map(|one| one.reason.words()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let gap = format!(
            "{} could not be judged by release history ({}): {}{more}{}",
            count(self.lacking.len(), "package"),
            reasons.join("; "),
            names.join(", "),
            self.remedy(),
        );
        vec![gap.into()]
    }
}
