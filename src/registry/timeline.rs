//! A history as a person reads it: release by release, with what changed since the one before in its line. Pure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rustc_hash::FxHashSet;
use serde::Serialize;

use super::history::{Account, Hook, Release, ReleaseHistory, Revision, Trust};
use crate::package::version::Anatomy;

/// A pause that is worth a word.
const SILENCE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How many times as large is worth one.
const TIMES: u64 = 2;

/// How many names a change lists.
const NAMES: usize = 6;

/// A release and what is new about it.
#[derive(Clone, Debug)]
pub struct TimelineEntry<'h> {
    /// The release.
    pub release: &'h Release,
    /// What changed since the release before it in its line, else before it at all.
    pub changes: Vec<ReleaseChange>,
}

/// Something that changed with a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseChange {
    /// What kind of change it is.
    pub kind: ChangeOf,
    /// The change in words.
    pub what: String,
}

/// What changed with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeOf {
    /// Who published.
    Publisher,
    /// The e-mail address of who did.
    Address,
    /// How its origin is vouched for.
    Trust,
    /// Whether it names its commit.
    Revision,
    /// Who may publish.
    Maintainers,
    /// What runs when it is installed.
    Install,
    /// What it depends on.
    Dependencies,
    /// How large it is.
    Size,
    /// How long nothing came before it.
    Silence,
}

impl ChangeOf {
    /// Every kind of change.
    pub const ALL: [Self; 9] = [
        Self::Publisher,
        Self::Address,
        Self::Trust,
        Self::Revision,
        Self::Maintainers,
        Self::Install,
        Self::Dependencies,
        Self::Size,
        Self::Silence,
    ];
}

/// Lists the releases by time, the oldest first, each with what changed. O(releases²) in the worst case of many lines.
pub fn timeline(history: &ReleaseHistory) -> Vec<TimelineEntry<'_>> {
    let releases = &history.releases;
    let lines = releases.iter().map(|release| {
        let anatomy = Anatomy::of(history.ecosystem, &release.version);
        anatomy.map(|anatomy| anatomy.line)
    });
    let lines: Vec<_> = lines.collect();
    let entries = releases.iter().enumerate().map(|(place, release)| {
        let earlier = (0..place).rev();
        let of_line = earlier.clone().find(|other| lines[*other] == lines[place]);
        let before = of_line
            .or_else(|| earlier.clone().next())
            .map(|other| &releases[other]);
        let last = place.checked_sub(1).map(|last| &releases[last]);
        TimelineEntry {
            release,
            changes: before.map_or_else(Vec::new, |before| changes(before, last, release)),
        }
    });
    entries.collect()
}

fn changes(before: &Release, last: Option<&Release>, now: &Release) -> Vec<ReleaseChange> {
    let found = [
        (ChangeOf::Publisher, publisher(before, now)),
        (ChangeOf::Address, address(before, now)),
        (ChangeOf::Trust, trust(before, now)),
        (ChangeOf::Revision, revision(before, now)),
        (ChangeOf::Maintainers, maintainers(before, now)),
        (ChangeOf::Install, install(before, now)),
        (ChangeOf::Dependencies, dependencies(before, now)),
        (ChangeOf::Size, size(before, now)),
        (ChangeOf::Silence, silence(last, now)),
    ];
    let found = found.into_iter();
    found
        .filter_map(|(kind, what)| Some(ReleaseChange { kind, what: what? }))
        .collect()
}

fn publisher(before: &Release, now: &Release) -> Option<String> {
    let (before, now) = (before.publisher.as_ref()?, now.publisher.as_ref()?);
    let is_other = !before.account.is_same(&now.account) || before.is_machine() != now.is_machine();
    is_other.then(|| {
        format!(
            "published by {}, not by {}",
            now.account.name, before.account.name
        )
    })
}

fn address(before: &Release, now: &Release) -> Option<String> {
    let (before, now) = (before.publisher.as_ref()?, now.publisher.as_ref()?);
    let (was, is) = (before.account.domain()?, now.account.domain()?);
    let is_same = before.account.is_same(&now.account) && !now.is_machine();
    let name = &now.account.name;
    if !is_same || before.account.email == now.account.email {
        None
    } else if was == is {
        Some(format!("{name} has another address at {is}"))
    } else {
        Some(format!("{name} has an address at {is}, not at {was}"))
    }
}

fn trust(before: &Release, now: &Release) -> Option<String> {
    let (was, is) = (before.trust?, now.trust?);
    (was != is).then(|| format!("{}, after {}", is.words(), was.words()))
}

fn revision(before: &Release, now: &Release) -> Option<String> {
    match (before.revision.as_ref()?, now.revision.as_ref()?) {
        (Revision::Named(_), Revision::Missing) => Some("names no commit any more".to_owned()),
        (Revision::Missing, Revision::Named(_)) => Some("names its commit".to_owned()),
        _ => None,
    }
}

fn maintainers(before: &Release, now: &Release) -> Option<String> {
    accounts(before.maintainers.as_ref()?, now.maintainers.as_ref()?)
}

/// Words which accounts came and left.
pub fn accounts(before: &[Account], now: &[Account]) -> Option<String> {
    let only = |list: &[Account], other: &[Account]| -> BTreeSet<String> {
        let is_in = |account: &&Account| other.iter().any(|one| one.is_same(account));
        let only = list.iter().filter(|account| !is_in(account));
        only.map(|account| account.name.clone()).collect()
    };
    let words = [
        ("may publish now: ", only(now, before)),
        ("may no longer publish: ", only(before, now)),
    ];
    told(words)
}

fn install(before: &Release, now: &Release) -> Option<String> {
    let words = |hooks: &[Hook]| -> Vec<String> {
        let hooks = hooks.iter();
        hooks
            .map(|hook| format!("{} `{}`", hook.event.id(), hook.command))
            .collect()
    };
    let (was, is) = (&before.install.hooks, &now.install.hooks);
    match (was.is_empty(), is.is_empty()) {
        _ if was == is => start_up(before, now),
        (true, _) => Some(format!("runs at installation: {}", words(is).join(", "))),
        (_, true) => Some("runs nothing at installation any more".to_owned()),
        _ => Some(format!(
            "runs something else at installation: {}",
            words(is).join(", ")
        )),
    }
}

fn start_up(before: &Release, now: &Release) -> Option<String> {
    let is = now.install.start_up_files.as_ref()?;
    let is_new = before
        .install
        .start_up_files
        .as_ref()
        .is_some_and(Vec::is_empty);
    (is_new && !is.is_empty()).then(|| format!("runs whenever Python starts: {}", is.join(", ")))
}

fn dependencies(before: &Release, now: &Release) -> Option<String> {
    let only = |one: &Release, other: &Release| -> BTreeSet<String> {
        let had = other.dependencies.iter();
        let had: FxHashSet<&str> = had.map(|dependency| dependency.name.as_str()).collect();
        let only = one
            .dependencies
            .iter()
            .filter(|dependency| !had.contains(dependency.name.as_str()));
        only.map(|dependency| dependency.name.clone()).collect()
    };
    told([
        ("new dependency: ", only(now, before)),
        ("dependency dropped: ", only(before, now)),
    ])
}

/// Words two sets of names, cut where they are long; none where both are empty.
fn told(sets: [(&str, BTreeSet<String>); 2]) -> Option<String> {
    let words = sets
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| {
            let shown: Vec<&str> = names.iter().take(NAMES).map(String::as_str).collect();
            let more = names.len() - shown.len();
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!("{what}{}{more}", shown.join(", "))
        });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn size(before: &Release, now: &Release) -> Option<String> {
    let (was, is) = (before.size?, now.size?);
    (was > 0 && is >= was.saturating_mul(TIMES)).then(|| format!("{} times as large", is / was))
}

fn silence(last: Option<&Release>, now: &Release) -> Option<String> {
    let pause = now.published?.duration_since(last?.published?);
    (pause >= SILENCE).then(|| format!("after {} days without a release", pause.as_hours() / 24))
}

/// Words who published a release, and with which trust.
pub fn origin(release: &Release) -> (String, String) {
    let who = match &release.publisher {
        None => "?".to_owned(),
        Some(publisher) => match &publisher.pipeline {
            None => publisher.account.name.clone(),
            Some(pipeline) => {
                let place = [&pipeline.repository, &pipeline.workflow];
                let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
                let name = &publisher.account.name;
                if place.is_empty() {
                    name.clone()
                } else {
                    format!("{name} ({})", place.join(", "))
                }
            }
        },
    };
    (who, release.trust.map_or("?", Trust::words).to_owned())
}

/// Words a time to the minute, in UTC.
pub fn minute(time: Option<Timestamp>) -> String {
    time.map_or_else(
        || "?".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
