//! The advisory feeds of a run: which indexes there are, how old they are, and what that means for the run.

use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::options::environment;
use crate::advisory::builtin;
use crate::assessment::assess::{Feed, FeedState};
use crate::config::{Config, Requirement};
use crate::graph::{DependencyGraph, Package};
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use crate::store::{OpenIndexes, Store, StoreError, StoredIndex};
use crate::text::Untrusted;

/// How old a feed may be, in hours.
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
    /// Opens the index of every ecosystem of which the graph holds packages of a registry.
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
        let store = store(folder);
        let mut missing = Vec::new();
        for ecosystem in public_ecosystems(graph, &config.hosts) {
            let opened = store.as_ref().map(|store| store.open(ecosystem));
            let feed = match opened {
                Ok(Ok(Some(stored))) => feeds.take(stored, ecosystem, now),
                Ok(Err(error)) => feeds.miss(&error, ecosystem),
                Ok(Ok(None)) | Err(_) => {
                    missing.push(ecosystem.registry_name());
                    absent(ecosystem)
                }
            };
            feeds.lines.push(feed);
        }
        if !missing.is_empty() {
            let reason = format!(
                "no advisory feed for {}: only the built-in list was checked (`require = []` under [gate] accepts that)",
                missing.join(", ")
            );
            feeds.incomplete_because.insert(0, reason.into());
        }
        if !config.gate.require.contains(&Requirement::Advisories) {
            feeds.incomplete_because.clear();
        }
        feeds
    }

    fn take(&mut self, stored: StoredIndex, ecosystem: Ecosystem, now: Timestamp) -> Feed {
        let header = *stored.index.header();
        let state = state(header.records, header.newest, now);
        let name = ecosystem.registry_name();
        if state == FeedState::Stale {
            self.incomplete_because.push(
                format!(
                    "the advisory feed of {name} knows nothing newer than {}, which is more than 7 days ago: import a newer one (linchpin db import PATH)",
                    day(header.newest)
                )
                .into(),
            );
        } else if state == FeedState::Missing {
            self.incomplete_because.push(
                format!(
                    "the advisory feed of {name} is empty: import it anew (linchpin db import PATH)"
                )
                .into(),
            );
        }
        self.indexes.push(stored);
        Feed {
            feed: "osv",
            ecosystem,
            records: header.records as usize,
            known_until: Some(day(header.newest)),
            state,
        }
    }

    fn miss(&mut self, error: &StoreError, ecosystem: Ecosystem) -> Feed {
        let reason = format!(
            "the advisory feed of {} was not read: {error}",
            ecosystem.registry_name()
        );
        self.incomplete_because.push(reason.into());
        absent(ecosystem)
    }
}

/// Finds the folder of the indexes: the one that was typed, else the user's.
pub(super) fn store(folder: Option<&Utf8Path>) -> Result<Store, StoreError> {
    match folder {
        Some(folder) => Ok(Store::at(folder.to_owned())),
        None => Store::of_user(&environment),
    }
}

/// Tells how far a feed can be relied on; one without records is as good as none.
pub(super) fn state(records: u32, newest: i64, now: Timestamp) -> FeedState {
    let is_old =
        Timestamp::from_second(newest).is_ok_and(|newest| now.duration_since(newest) > MAX_AGE);
    match records {
        0 => FeedState::Missing,
        _ if is_old => FeedState::Stale,
        _ => FeedState::Fresh,
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

fn absent(ecosystem: Ecosystem) -> Feed {
    Feed {
        feed: "osv",
        ecosystem,
        records: 0,
        known_until: None,
        state: FeedState::Missing,
    }
}

/// Lists the ecosystems of which there are packages that public advisories are about.
fn public_ecosystems(graph: &DependencyGraph<'_>, hosts: &Hosts) -> Vec<Ecosystem> {
    let is_public = |package: &Package<'_>| match &package.source {
        Source::Registry(Registry::Public) => true,
        Source::Registry(Registry::Other(url)) => {
            hosts.of(package.ecosystem, url.as_str()) != Some(Host::Private)
        }
        Source::Git { .. } | Source::Path(_) | Source::Archive(_) => false,
    };
    let is_used = |ecosystem: &Ecosystem| {
        let mut packages = graph.packages();
        packages.any(|(_, package)| package.ecosystem == *ecosystem && is_public(package))
    };
    Ecosystem::ALL.into_iter().filter(is_used).collect()
}
