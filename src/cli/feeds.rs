//! The advisory feeds of a run: which indexes there are, how old they are, and what that means for the run.

use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::options::environment;
use crate::advisory::builtin;
use crate::advisory::index::Header;
use crate::assessment::assess::{Feed, FeedState};
use crate::config::{Config, Requirement};
use crate::graph::{DependencyGraph, Package};
use crate::lockfile::EntryKind;
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use crate::store::{OpenIndexes, Store, StoreError, StoredIndex};
use crate::text::Untrusted;

/// How old a feed may be.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The feeds of a run.
pub(super) struct Feeds {
    /// The indexes that could be opened.
    pub(super) indexes: OpenIndexes,
    /// One line a feed, for the reports; the built-in lists first.
    pub(super) lines: Vec<Feed>,
    /// Why the run is not complete for their sake.
    pub(super) incomplete_because: Vec<Untrusted<'static>>,
}

impl Feeds {
    /// Opens the index of every ecosystem of which the graph holds packages from elsewhere.
    ///
    /// Only where some of them are public must it be there and new: the others are looked up as namesakes of
    /// malware.
    pub(super) fn open(
        graph: &DependencyGraph<'_>,
        folder: Option<&Utf8Path>,
        config: &Config,
        now: Timestamp,
    ) -> Self {
        let mut feeds = Self {
            indexes: OpenIndexes::default(),
            lines: builtin_lists().collect(),
            incomplete_because: Vec::new(),
        };
        let store = store(folder).ok();
        let public = ecosystems(graph, |package| is_public(package, &config.hosts));
        let mut absent = Vec::new();
        for ecosystem in ecosystems(graph, |package| package.kind == EntryKind::Package) {
            let stored = store.as_ref().map(|store| store.open(ecosystem));
            let stored = stored.transpose().map(Option::flatten);
            if public.contains(&ecosystem) {
                feeds.lines.push(line(&stored, ecosystem, now));
                feeds
                    .incomplete_because
                    .extend(gaps(&stored, ecosystem, now));
                absent.extend(matches!(stored, Ok(None)).then(|| ecosystem.registry_name()));
            }
            if let Ok(Some(stored)) = stored {
                feeds.indexes.push(stored);
            }
        }
        if !absent.is_empty() {
            feeds.incomplete_because.insert(0, no_feed(&absent));
        }
        if !config.gate.require.contains(&Requirement::Advisories) {
            feeds.incomplete_because.clear();
        }
        feeds
    }
}

/// What opening an index came to; none if there is none.
type Opened = Result<Option<StoredIndex>, StoreError>;

fn line(opened: &Opened, ecosystem: Ecosystem, now: Timestamp) -> Feed {
    let header = match opened {
        Ok(Some(stored)) => Some(stored.index.header()),
        Ok(None) | Err(_) => None,
    };
    Feed {
        feed: "osv",
        ecosystem,
        records: header.map_or(0, |header| header.records as usize),
        known_until: header.map(|header| day(header.newest)),
        state: header.map_or(FeedState::Missing, |header| state(header, now)),
    }
}

fn no_feed(absent: &[&str]) -> Untrusted<'static> {
    format!(
        "no advisory feed for {}: only the built-in list was checked (`require = []` under [gate] accepts that)",
        absent.join(", ")
    )
    .into()
}

/// Says what is wrong with a feed that is there, and what to do about it.
fn gaps(opened: &Opened, ecosystem: Ecosystem, now: Timestamp) -> Vec<Untrusted<'static>> {
    let feed = format!("the advisory feed of {}", ecosystem.registry_name());
    let header = match opened {
        Ok(Some(stored)) => stored.index.header(),
        Ok(None) => return Vec::new(),
        Err(error) => return vec![format!("{feed} was not read: {error}").into()],
    };
    let age = match state(header, now) {
        FeedState::Fresh => None,
        FeedState::Stale => Some(format!(
            "{feed} knows nothing newer than {}, which is more than 7 days ago: import a newer one (linchpin db import PATH)",
            day(header.newest)
        )),
        FeedState::Missing => Some(format!(
            "{feed} is empty: import it anew (linchpin db import PATH)"
        )),
    };
    let unread = (header.unread > 0).then(|| {
        format!(
            "{feed} lacks what could not be read when it was imported ({} of its records): import it anew (linchpin db import PATH)",
            header.unread
        )
    });
    age.into_iter().chain(unread).map(Into::into).collect()
}

/// Finds the folder of the indexes: the one that was typed, else the user's.
pub(super) fn store(folder: Option<&Utf8Path>) -> Result<Store, StoreError> {
    match folder {
        Some(folder) => Ok(Store::at(folder.to_owned())),
        None => Store::of_user(&environment),
    }
}

/// Tells how far a feed can be relied on; one without records is as good as none.
pub(super) fn state(header: &Header, now: Timestamp) -> FeedState {
    let newest = Timestamp::from_second(header.newest);
    if header.records == 0 || header.packages == 0 {
        FeedState::Missing
    } else if newest.is_ok_and(|newest| now.duration_since(newest) <= MAX_AGE) {
        FeedState::Fresh
    } else {
        FeedState::Stale
    }
}

/// Words a time in seconds since 1970 as a day in UTC.
pub(super) fn day(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    TimeZone::UTC.to_datetime(time).date().to_string()
}

fn builtin_lists() -> impl Iterator<Item = Feed> {
    Ecosystem::ALL.into_iter().map(|ecosystem| Feed {
        feed: "built-in",
        ecosystem,
        records: builtin::count(ecosystem),
        known_until: builtin::known_until(ecosystem).map(str::to_owned),
        state: FeedState::Fresh,
    })
}

/// Lists the ecosystems of which there are such packages.
fn ecosystems(
    graph: &DependencyGraph<'_>,
    is_meant: impl Fn(&Package<'_>) -> bool,
) -> Vec<Ecosystem> {
    let is_used = |ecosystem: &Ecosystem| {
        let mut packages = graph.packages();
        packages.any(|(_, package)| package.ecosystem == *ecosystem && is_meant(package))
    };
    Ecosystem::ALL.into_iter().filter(is_used).collect()
}

/// Says whether public advisories are about a package.
fn is_public(package: &Package<'_>, hosts: &Hosts) -> bool {
    match &package.source {
        Source::Registry(Registry::Public) => true,
        Source::Registry(Registry::Other(url)) => {
            hosts.of(package.ecosystem, url.as_str()) != Some(Host::Private)
        }
        Source::Git { .. } | Source::Path(_) | Source::Archive(_) => false,
    }
}
