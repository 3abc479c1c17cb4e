//! `maintainer-change`: a release by another account, or by the same one from another address.

use jiff::{SignedDuration, Timestamp};

use super::histories::Locked;
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Severity};
use crate::evidence::{EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::registry::history::{Account, OwnersSince, Release};

const RULE: Rule = Rule {
    id: RuleId("maintainer-change"),
    axis: Axis::Anomaly,
    severity: Severity::Low,
    summary: "another account published a release, or may publish the next",
    what: "Compares who published a new release with those who published before, the address of that account with its earlier one, and the accounts that may publish with those of 30 days ago: by the registry's word, or where it keeps no dates, as PyPI and crates.io, by what earlier runs saw. It informs and does not gate: it happens in one of twenty harmless updates, and never adds to the score of suspicious-release. The first release by a trusted pipeline is no change of hands.",
    why: "A package is as good as whoever may publish it. Hijacks begin with a new name or a new address, and so do handovers to honest people.",
    case: "In 2018 event-stream was handed to a volunteer, who published flatmap-stream with it three months later.",
    fix: "Nothing, or find out who the account belongs to before you take the release.",
    accept: "Once you know the new account.",
};

/// How long a change of accounts is news.
const WINDOW: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) struct MaintainerChange;

impl Signal for MaintainerChange {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers_release(package, view)?;
        match histories::locked(package, view) {
            Some(locked) if !is_told(&locked) => Err(SkipReason::NoPublisher),
            _ => Ok(()),
        }
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let Some(locked) = histories::judged(id, view) else {
            return;
        };
        let accounts = accounts(&locked).or_else(|| owners(&locked.known.owners, view.now));
        let facts: Vec<String> = [publisher(&locked), domain(&locked), accounts]
            .into_iter()
            .flatten()
            .collect();
        if facts.is_empty() {
            return;
        }
        let title = format!(
            "{}: who publishes it changed",
            title(view.graph.package(id))
        );
        let draft = Draft::new(&RULE, About::Package(id, Vec::new()), title);
        found.push(
            draft
                .message(facts.join("; "))
                .label("who publishes changed"),
        );
    }
}

/// Says whether anything is known of who publishes a package, and who did before.
fn is_told(locked: &Locked<'_>) -> bool {
    let release = locked.release;
    let owners = &locked.known.owners;
    let is_compared = owners.len() > 1
        || owners
            .first()
            .is_some_and(|first| Some(first.since) < release.published);
    release.publisher.is_some() || release.maintainers.is_some() || is_compared
}

/// Lists the releases before one, by time.
fn before<'l>(locked: &'l Locked<'_>) -> impl DoubleEndedIterator<Item = &'l Release> {
    let published = locked.release.published;
    let releases = locked.history.releases.iter();
    releases.filter(move |other| other.published.is_some() && other.published < published)
}

/// A person who never published the package before.
fn publisher(locked: &Locked<'_>) -> Option<String> {
    let own = locked.release.publisher.as_ref()?;
    let publishers: Vec<_> = before(locked)
        .filter_map(|other| other.publisher.as_ref())
        .collect();
    let is_known = publishers
        .iter()
        .any(|other| other.account.is_same(&own.account));
    if own.is_machine() || is_known || publishers.is_empty() {
        return None;
    }
    let last = publishers.last()?;
    Some(format!(
        "{} published it, who never did before ({} the last)",
        own.account.name, last.account.name
    ))
}

/// A known person whose address has another domain than at their last release.
fn domain(locked: &Locked<'_>) -> Option<String> {
    let own = locked.release.publisher.as_ref()?;
    let earlier = before(locked)
        .rev()
        .filter_map(|other| other.publisher.as_ref());
    let mut same = earlier.filter(|other| other.account.is_same(&own.account));
    let (former, now) = (same.next()?.account.domain()?, own.account.domain()?);
    (!own.is_machine() && former != now).then(|| {
        format!(
            "the e-mail address of {} is at {now} by now, at {former} before",
            own.account.name
        )
    })
}

/// Accounts that may publish now, and could not a month before.
fn accounts(locked: &Locked<'_>) -> Option<String> {
    let published = locked.release.published?;
    let now = locked.release.maintainers.as_ref()?;
    let known: Vec<&Release> = before(locked)
        .filter(|other| other.maintainers.is_some())
        .collect();
    let is_recent = |other: &&&Release| {
        let time = other.published;
        time.is_some_and(|time| published.duration_since(time) <= WINDOW)
    };
    // The list just before the window is what the month began with.
    let start = known
        .iter()
        .rfind(|other| !is_recent(other))
        .or_else(|| known.first())?;
    difference(start.maintainers.as_ref()?, now)
}

/// Accounts that may publish now, and could not a month ago as far as earlier runs saw: the registry has no dates of it.
fn owners(observed: &[OwnersSince], now: Timestamp) -> Option<String> {
    let last = observed.last()?;
    let is_old = |one: &&OwnersSince| now.duration_since(one.since) > WINDOW;
    let start = observed.iter().rfind(is_old).or_else(|| observed.first())?;
    let words = difference(&start.owners, &last.owners)?;
    let day = last.since.strftime("%Y-%m-%d");
    Some(format!("{words} (seen on {day})"))
}

/// Words which accounts one list has and the other has not; none if there is no difference.
fn difference(former: &[Account], now: &[Account]) -> Option<String> {
    let is_in =
        |account: &Account, list: &[Account]| list.iter().any(|other| other.is_same(account));
    let names = |list: &[Account], other: &[Account]| -> Vec<String> {
        let only = list.iter().filter(|account| !is_in(account, other));
        only.map(|account| account.name.clone()).collect()
    };
    let (added, removed) = (names(now, former), names(former, now));
    let words = [("may publish it now", added), ("may no longer", removed)];
    let words: Vec<String> = words
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{} {what}", names.join(", ")))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Owners by the days of November on which they were first seen.
    fn seen(lists: &[(&str, &[&str])]) -> Vec<OwnersSince> {
        let account = |name: &&str| Account {
            name: (*name).to_owned(),
            id: None,
            email: None,
        };
        let lists = lists.iter().map(|(day, names)| OwnersSince {
            since: format!("{day}T00:00:00Z").parse().expect("a time"),
            owners: names.iter().map(account).collect(),
        });
        lists.collect()
    }

    #[test]
    fn owners_are_compared_with_those_of_a_month_ago() {
        let lists: [(&str, &[&str]); 3] = [
            ("2026-01-01", &["ann"]),
            ("2026-03-01", &["ann", "ben"]),
            ("2026-03-20", &["ben"]),
        ];
        let lists = seen(&lists);
        let told = |day: &str, seen: usize| {
            let now = format!("{day}T00:00:01Z").parse().expect("a time");
            owners(&lists[..seen], now)
        };
        let added = "ben may publish it now (seen on 2026-03-01)";
        assert_eq!(told("2026-03-01", 2).as_deref(), Some(added));
        assert_eq!(told("2026-03-30", 2).as_deref(), Some(added));
        assert_eq!(told("2026-04-01", 2), None, "no news any more");
        let both = "ben may publish it now, ann may no longer (seen on 2026-03-20)";
        assert_eq!(told("2026-03-20", 3).as_deref(), Some(both));
        let gone = "ann may no longer (seen on 2026-03-20)";
        assert_eq!(told("2026-04-01", 3).as_deref(), Some(gone));
        assert_eq!(told("2026-05-01", 3), None);
        assert_eq!(told("2026-03-01", 1), None);
        assert_eq!(told("2026-03-01", 0), None);
    }
}
