//! `maintainer-change`: a release by another account, or by the same one from another address, and other accounts that may
//! publish the next.

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
        // Where each release tells who could publish then, nobody has to remember it.
        let accounts = match &locked.release.maintainers {
            Some(now) => accounts(&locked, now),
            None => owners(&locked.known.owners, view.now),
        };
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
    release.publisher.is_some() || release.maintainers.is_some() || is_compared(locked)
}

/// Says whether runs saw who may publish both before a release and after it.
fn is_compared(locked: &Locked<'_>) -> bool {
    let owners = &locked.known.owners;
    let (Some(first), Some(last)) = (owners.first(), owners.last()) else {
        return false;
    };
    let published = locked.release.published;
    let is_old = owners.len() > 1 || Some(first.since) < published;
    is_old && Some(last.until) >= published
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
fn accounts(locked: &Locked<'_>, now: &[Account]) -> Option<String> {
    let published = locked.release.published?;
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
    let is_old = |one: &OwnersSince| now.duration_since(one.since) > WINDOW;
    let start = observed.iter().rposition(is_old).unwrap_or(0);
    let first = &observed[start];
    let passing = observed[start..].iter().flat_map(|one| &*one.owners);
    let passing = passing.filter(|one| !is_in(one, &first.owners) && !is_in(one, &last.owners));
    let mut passing: Vec<&str> = passing.map(|one| one.name.as_str()).collect();
    passing.dedup();
    let passing = (!passing.is_empty()).then(|| format!("{} could in between", passing.join(", ")));
    let words = difference(&first.owners, &last.owners)
        .into_iter()
        .chain(passing);
    let words: Vec<String> = words.collect();
    let day = first.until.strftime("%Y-%m-%d");
    (!words.is_empty()).then(|| format!("{} (compared with {day})", words.join(", ")))
}

/// Words which accounts one list has and the other has not; none if there is no difference.
fn difference(former: &[Account], now: &[Account]) -> Option<String> {
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

fn is_in(account: &Account, list: &[Account]) -> bool {
    list.iter().any(|other| other.is_same(account))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Owners by the days on which they were first and last seen.
    fn seen(lists: &[(&str, &str, &[&str])]) -> Vec<OwnersSince> {
        let account = |name: &&str| Account {
            name: (*name).to_owned(),
            id: None,
            email: None,
        };
        let time = |day: &str| format!("{day}T00:00:00Z").parse().expect("a time");
        let lists = lists.iter().map(|(since, until, names)| OwnersSince {
            since: time(since),
            until: time(until),
            owners: names.iter().map(account).collect(),
        });
        lists.collect()
    }

    #[test]
    fn owners_are_compared_with_those_of_a_month_ago() {
        let lists: [(&str, &str, &[&str]); 4] = [
            ("2026-01-01", "2026-02-20", &["ann"]),
            ("2026-03-01", "2026-03-19", &["ann", "ben"]),
            ("2026-03-20", "2026-03-20", &["ben", "eve"]),
            ("2026-03-21", "2026-03-25", &["ben"]),
        ];
        let lists = seen(&lists);
        let told = |day: &str, seen: usize| {
            let now = format!("{day}T00:00:01Z").parse().expect("a time");
            owners(&lists[..seen], now)
        };
        let added = "ben may publish it now (compared with 2026-02-20)";
        assert_eq!(told("2026-03-01", 2).as_deref(), Some(added));
        assert_eq!(told("2026-03-30", 2).as_deref(), Some(added));
        assert_eq!(told("2026-04-01", 2), None, "no news any more");
        let three = "ben, eve may publish it now, ann may no longer (compared with 2026-02-20)";
        assert_eq!(told("2026-03-20", 3).as_deref(), Some(three));
        let all = "ben may publish it now, ann may no longer, eve could in between (compared with 2026-02-20)";
        assert_eq!(told("2026-03-25", 4).as_deref(), Some(all));
        let later = "ann may no longer, eve could in between (compared with 2026-03-19)";
        assert_eq!(told("2026-04-10", 4).as_deref(), Some(later));
        assert_eq!(told("2026-05-01", 4), None);
        assert_eq!(told("2026-03-01", 1), None);
        assert_eq!(told("2026-03-01", 0), None);
    }
}
