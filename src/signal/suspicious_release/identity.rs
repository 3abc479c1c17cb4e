//! Group identity: who published, and how its origin is vouched for.
//!
//! Another publisher alone says nothing: it happens in one of twenty harmless releases. What says something is the
//! loss of what a line always had.

use jiff::SignedDuration;

use super::Level;
use super::judged::Judged;
use crate::registry::history::{Revision, Trust};

/// How far back a habit is looked for in a line.
const LATEST: usize = 8;

/// How many of these must be attested.
const MOST: usize = 5;

/// How many of the latest must be, without exception.
const STREAK: usize = 3;

/// How many releases show a habit of naming the commit, and how many of them must.
const HABIT: (usize, usize) = (10, 9);

/// Within which time another release makes a lost commit more than an oversight.
const TOGETHER: SignedDuration = SignedDuration::from_hours(2);

pub(super) const LEVELS: &[Level] = &[
    Level {
        id: "trust-downgrade",
        holds: trust_downgrade,
    },
    Level {
        id: "vcs-lost-joined",
        holds: revision_lost_together,
    },
];

/// The last three of its line were attested, five of the last eight too, and this one is not.
fn trust_downgrade(judged: &Judged<'_>) -> Option<String> {
    if judged.own.release.trust? != Trust::Nothing {
        return None;
    }
    let latest: Vec<_> = judged.earlier_of_line().rev().take(LATEST).collect();
    let is_attested = |release: &&super::judged::Placed<'_>| {
        release.release.trust.is_some_and(Trust::is_attested)
    };
    let attested = latest.iter().filter(|release| is_attested(release)).count();
    let streak = latest
        .iter()
        .take_while(|release| is_attested(release))
        .count();
    if streak < STREAK || attested < MOST {
        return None;
    }
    let last = latest.first()?.release;
    let trust = last.trust.unwrap_or(Trust::Nothing).words();
    let who = judged.own.release.publisher.as_ref();
    let who = who.map_or_else(String::new, |who| format!(", by {}", who.account.name));
    Some(format!(
        "{attested} of the last {} releases of its line came with {trust} ({} the latest), and this one with none{who}",
        latest.len(),
        last.version,
    ))
}

/// It names no commit, though nine of the last ten did, and another release came with it.
fn revision_lost_together(judged: &Judged<'_>) -> Option<String> {
    if *judged.own.release.revision.as_ref()? != Revision::Missing {
        return None;
    }
    let latest: Vec<_> = judged.earlier().rev().take(HABIT.0).collect();
    let named = latest
        .iter()
        .filter(|release| matches!(release.release.revision, Some(Revision::Named(_))))
        .count();
    if latest.len() < HABIT.0 || named < HABIT.1 {
        return None;
    }
    let other = judged.near(TOGETHER).next()?;
    Some(format!(
        "it names no commit, as {named} of the {} releases before it did, and {} came within two hours",
        latest.len(),
        other.release.version,
    ))
}
