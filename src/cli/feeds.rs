//! The advisory feeds of a run: which indexes there are, how old they are, and what that means for the run.

use camino::{Utf8Path, Utf8PathBuf};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use thiserror::Error;

use super::error::{Error, ErrorKind};
use super::exploitation;
use super::options::{SettingArguments, Sha256Digest, environment};
use crate::advisory::builtin;
use crate::assessment::assess::{Feed, FeedState};
use crate::config::{Config, FeedPlace, Occasion, Requirement};
use crate::graph::{DependencyGraph, Package};
use crate::lockfile::EntryKind;
use crate::package::endpoints::OSV_EXPORT;
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Source};
use crate::report::words::count;
use crate::store::{Checked, FeedKind, OpenIndexes, Store, StoreError, StoredIndex};
use crate::text::Untrusted;

/// The variable that names where feeds lie, for all projects of a user.
const BASE_VARIABLE: &str = "LINCHPIN_REGISTRY_OSV";

/// How far the clock of this machine may be behind that of a feed.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(1);

/// Where advisories come from and where they are kept.
pub(super) struct Place {
    /// The indexes.
    pub(super) store: Store,
    /// The feeds.
    pub(super) base: FeedPlace,
}

impl Place {
    /// Finds the folder of the indexes, the one that was typed or else the user's, and the feeds.
    ///
    /// Feeds that a project names have a folder of their own, because they must not decide what is known about
    /// other projects.
    pub(super) fn new(folder: Option<&Utf8Path>, config: &Config) -> Result<Self, PlaceError> {
        let store = match folder {
            Some(folder) => Store::at(folder.to_owned()),
            None => Store::of_user(&environment)?,
        };
        if let Some(typed) = environment(BASE_VARIABLE) {
            let base = FeedPlace::new(&typed);
            let base = base.map_err(PlaceError::Variable)?;
            return Ok(Self { store, base });
        }
        if let Some(base) = config.db.base.clone() {
            let store = store.of_feed(base.as_str());
            return Ok(Self { store, base });
        }
        let base = FeedPlace::new(OSV_EXPORT);
        let base = base.map_err(PlaceError::Variable)?;
        Ok(Self { store, base })
    }
}

/// Why nothing can be kept or fetched.
#[derive(Debug, Error)]
pub(super) enum PlaceError {
    /// There is no folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The variable names no place of feeds; what it holds may be a secret and is not repeated.
    #[error("{BASE_VARIABLE} names no place of feeds: {0}")]
    Variable(String),
}

impl PlaceError {
    /// Turns it into an error that ends the run.
    pub(super) fn into_error(self) -> Error {
        let kind = match self {
            Self::Store(_) => ErrorKind::Store,
            Self::Variable(_) => ErrorKind::Config,
        };
        Error::new(kind, self.to_string()).hint(self.remedy())
    }

    /// Says what to do.
    pub(super) const fn remedy(&self) -> &'static str {
        match self {
            Self::Store(_) => "name a folder: --db DIR, or set LINCHPIN_DB",
            Self::Variable(_) => {
                "set it to https://host/path or to the absolute path of a folder, or not at all"
            }
        }
    }
}

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
        place: Option<&Place>,
        rules: &Freshness<'_>,
        config: &Config,
    ) -> Self {
        let mut feeds = Self {
            indexes: OpenIndexes::default(),
            lines: builtin_lists().collect(),
            incomplete_because: Vec::new(),
        };
        if let (Some(place), Some(name)) = (place, exploitation::name(config)) {
            match place.store.exploitation(&name) {
                Ok(Some(known)) => feeds.indexes.set_exploitation(known),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "what is known of exploitation is not used"),
            }
        }
        let public = public_ecosystems(graph, &config.hosts);
        let mut absent = Vec::new();
        for ecosystem in ecosystems(graph, |package| package.kind == EntryKind::Package) {
            let stored = place.map(|place| LocalCopy::open(place, ecosystem, rules.digests));
            let stored = stored.transpose().map(Option::flatten);
            if public.contains(&ecosystem) {
                feeds.lines.push(line(&stored, ecosystem, place, rules));
                feeds
                    .incomplete_because
                    .extend(gaps(&stored, ecosystem, rules));
                absent.extend(matches!(stored, Ok(None)).then(|| ecosystem.registry_name()));
            }
            if let Ok(Some(copy)) = stored {
                feeds.indexes.push(copy.stored);
            }
        }
        if !absent.is_empty() {
            feeds.incomplete_because.insert(0, no_feed(&absent));
        }
        if !config
            .gate
            .requires(Requirement::Advisories, Occasion::Audit)
        {
            feeds.incomplete_because.clear();
        }
        feeds
    }
}

/// An index at hand, and what is noted about it.
pub(super) struct LocalCopy {
    /// The index.
    pub(super) stored: StoredIndex,
    /// When its feed was last asked.
    pub(super) checked: Option<Checked>,
}

/// Why an index at hand is not used.
#[derive(Debug, Error)]
pub(super) enum CopyError {
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not the one that was asked for.
    #[error("{path} has the digest {digest}, which --db-sha256 does not name; it was not used")]
    Digest {
        /// The file.
        path: Utf8PathBuf,
        /// Its digest, in hexadecimal.
        digest: String,
    },
}

impl LocalCopy {
    /// Opens the index of an ecosystem; if digests are named, its file must have one of them.
    pub(super) fn open(
        place: &Place,
        ecosystem: Ecosystem,
        digests: &[Sha256Digest],
    ) -> Result<Option<Self>, CopyError> {
        let store = &place.store;
        let Some(stored) = store.open(ecosystem)? else {
            return Ok(None);
        };
        if !digests.is_empty() {
            let digest = stored.digest()?;
            if !digests.iter().any(|pinned| pinned.as_str() == digest) {
                let path = stored.path;
                return Err(CopyError::Digest { path, digest });
            }
        }
        // What another feed said is no word of this one.
        let checked = store.checked(ecosystem, &stored);
        let checked = checked.filter(|checked| checked.base == place.base.as_str());
        Ok(Some(Self { stored, checked }))
    }

    /// Returns up to when the copy is known to hold all that its feed had.
    ///
    /// That is when a server last said so; of what somebody brought, when the newest record changed.
    fn known_until(&self, now: Timestamp) -> Timestamp {
        let newest = Timestamp::from_second(self.stored.index.header().newest);
        let newest = newest.unwrap_or_default();
        let checked = self.checked.as_ref();
        let asked = checked.filter(|checked| checked.kind == FeedKind::Server && checked.at <= now);
        asked.map_or(newest, |checked| checked.at)
    }

    /// Says whether the copy knows of a time that this machine's clock has not reached.
    fn is_ahead_of(&self, now: Timestamp) -> bool {
        let newest = Timestamp::from_second(self.stored.index.header().newest);
        let asked = self.checked.as_ref().map(|checked| checked.at);
        let times = newest.ok().into_iter().chain(asked);
        times
            .max()
            .is_some_and(|time| time.duration_since(now) > TOLERANCE)
    }
}

/// What makes a feed fit to rely on.
pub(super) struct Freshness<'r> {
    /// The time of the run.
    pub(super) now: Timestamp,
    /// Whose time that is.
    pub(super) clock: Clock,
    /// How old a feed may be.
    pub(super) max_age: SignedDuration,
    /// Digests of the indexes that may be used; none for any.
    pub(super) digests: &'r [Sha256Digest],
}

/// Whose time it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// This machine's.
    Machine,
    /// Somebody set it.
    Set,
}

impl<'r> Freshness<'r> {
    /// Takes what was typed and what the configuration says.
    pub(super) fn of(settings: &'r SettingArguments, config: &Config) -> Self {
        Self {
            now: settings.now(),
            clock: match settings.as_of {
                Some(_) => Clock::Set,
                None => Clock::Machine,
            },
            max_age: config.db.max_age,
            digests: &settings.db_sha256,
        }
    }
}

impl Freshness<'_> {
    /// Tells how far a copy can be relied on; one without records is as good as none.
    pub(super) fn state(&self, copy: &LocalCopy) -> FeedState {
        let header = copy.stored.index.header();
        let age = self.now.duration_since(copy.known_until(self.now));
        if header.records == 0 || header.packages == 0 {
            FeedState::Missing
        } else if age > self.max_age || self.is_behind(copy) {
            FeedState::Stale
        } else {
            FeedState::Fresh
        }
    }

    /// Says whether this machine's clock is behind what a copy knows, so that nobody can tell how old it is.
    fn is_behind(&self, copy: &LocalCopy) -> bool {
        self.clock == Clock::Machine && copy.is_ahead_of(self.now)
    }
}

/// What opening an index came to; none if there is none.
type Opened = Result<Option<LocalCopy>, CopyError>;

fn line(
    opened: &Opened,
    ecosystem: Ecosystem,
    place: Option<&Place>,
    rules: &Freshness<'_>,
) -> Feed {
    let copy = opened.as_ref().ok().and_then(Option::as_ref);
    let header = copy.map(|copy| copy.stored.index.header());
    let checked = copy.and_then(|copy| copy.checked.as_ref());
    Feed {
        feed: "osv",
        ecosystem,
        records: header.map_or(0, |header| header.records as usize),
        known_until: header.map(|header| day(header.newest)),
        source: place.map(|place| place.base.as_str().to_owned()),
        checked: checked.map(|checked| checked.at),
        state: copy.map_or(FeedState::Missing, |copy| rules.state(copy)),
    }
}

fn no_feed(absent: &[&str]) -> Untrusted<'static> {
    format!(
        "no advisory feed for {}: only the built-in list was checked (linchpin db update fetches one; `require = []` under [gate] does without)",
        absent.join(", ")
    )
    .into()
}

/// Says what is wrong with a feed that is there, and what to do about it.
fn gaps(opened: &Opened, ecosystem: Ecosystem, rules: &Freshness<'_>) -> Vec<Untrusted<'static>> {
    let feed = format!("the advisory feed of {}", ecosystem.registry_name());
    let copy = match opened {
        Ok(Some(copy)) => copy,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![format!("{feed} was not read: {error}").into()],
    };
    let header = copy.stored.index.header();
    let age = match rules.state(copy) {
        FeedState::Fresh => None,
        FeedState::Stale if rules.is_behind(copy) => Some(format!(
            "{feed} knows of times that are still to come for this machine: set its clock right"
        )),
        FeedState::Stale => Some(format!(
            "{feed} was last known to be whole on {}, longer ago than it may be: linchpin db update, or import a newer one (linchpin db import PATH)",
            words(copy.known_until(rules.now))
        )),
        FeedState::Missing => Some(format!(
            "{feed} is empty: linchpin db update, or import it anew (linchpin db import PATH)"
        )),
    };
    let unread = (header.unread > 0).then(|| {
        format!(
            "{feed} lacks what could not be read when it was made ({} of its records): linchpin db update, or import it anew (linchpin db import PATH)",
            header.unread
        )
    });
    let pending = copy
        .checked
        .as_ref()
        .map_or(0, |checked| checked.pending.len());
    let pending = (pending > 0).then(|| {
        format!(
            "{feed} lacks {}, which its server lists and did not deliver: linchpin db update",
            count(pending, "record")
        )
    });
    let all = age.into_iter().chain(unread).chain(pending);
    all.map(Into::into).collect()
}

/// Words a time in seconds since 1970 as a day in UTC.
pub(super) fn day(seconds: i64) -> String {
    words(Timestamp::from_second(seconds).unwrap_or_default())
}

fn words(time: Timestamp) -> String {
    TimeZone::UTC.to_datetime(time).date().to_string()
}

fn builtin_lists() -> impl Iterator<Item = Feed> {
    Ecosystem::ALL.into_iter().map(|ecosystem| Feed {
        feed: "built-in",
        ecosystem,
        records: builtin::count(ecosystem),
        known_until: builtin::known_until(ecosystem).map(str::to_owned),
        source: None,
        checked: None,
        state: FeedState::Fresh,
    })
}

/// Lists the ecosystems whose advisories a run cannot do without.
pub(super) fn public_ecosystems(graph: &DependencyGraph<'_>, hosts: &Hosts) -> Vec<Ecosystem> {
    ecosystems(graph, |package| is_public(package, hosts))
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
