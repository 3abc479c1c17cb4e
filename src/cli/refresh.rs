//! Brings the advisories at hand up to date before an audit, or because somebody asked.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::error::Error;
use super::exploitation;
use super::feeds::{LocalCopy, Place, PlaceError, public_ecosystems};
use super::options::{InputArguments, OutputArguments, SettingArguments};
use super::progress::Progress;
use super::scan::Scan;
use super::terminal::Terminal;
use crate::advisory::changes::ChangesError;
use crate::config::{Config, FeedPlace, Refresh};
use crate::fetch::feed::{Extent, Feed, UpdateError, Updated};
use crate::fetch::{Client, FetchError, Patience};
use crate::package::hosts::HostName;
use crate::package::{Ecosystem, RemoteAddress};
use crate::store::compiled::{CompileError, Compiled};
use crate::store::records;
use crate::store::{Checked, FeedKind, Store, StoreError, StoreLock};

/// How long an answer of a feed holds.
const HOLDS: SignedDuration = SignedDuration::from_hours(1);

/// How long a run waits for another one that fetches what both lack.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// How often it looks.
const GLANCE: Duration = Duration::from_millis(100);

/// Who updates what from where.
pub(super) struct Refresher<'r> {
    /// Where indexes lie, and feeds.
    place: &'r Place,
    /// Hosts that redirects may lead to.
    trusted: Vec<HostName>,
    /// The clock.
    now: Timestamp,
    /// Who watches.
    progress: Progress,
}

/// Finds where the advisories of a run lie; without a folder for data there are none, which is told.
pub(super) fn place(
    settings: &SettingArguments,
    config: &Config,
    terminal: &Terminal,
) -> Result<Option<Place>, Error> {
    match Place::new(settings.db.as_deref(), config) {
        Ok(place) => Ok(Some(place)),
        Err(error @ PlaceError::Store(_)) => {
            terminal.say_warning(&error.to_string().into(), error.remedy());
            Ok(None)
        }
        Err(error) => Err(error.into_error()),
    }
}

/// Brings the advisories at hand up to date where that is allowed; what fails is told, and shows in the verdict once the copy is too old.
pub(super) fn prepare(
    place: &Place,
    input: &InputArguments,
    settings: &SettingArguments,
    told: &OutputArguments,
    config: &Config,
    scan: &Scan<'_>,
) {
    let terminal = Terminal::new(told.color, told.detail());
    let is_allowed = !input.is_offline()
        && settings.as_of.is_none()
        && settings.db_sha256.is_empty()
        && config.db.refresh == Refresh::Auto;
    if is_allowed {
        let mut refresher = Refresher::new(place, config, settings.now(), told);
        let ecosystems = public_ecosystems(&scan.graph, &config.hosts);
        for (ecosystem, outcome) in refresher.refresh(&ecosystems) {
            if let Err(error) = outcome {
                let name = ecosystem.registry_name();
                let what = format!("the advisories of {name} were not refreshed: {error}");
                terminal.say_warning(&what.into(), remedy(&error));
            }
        }
        refresh_exploitation(place, config, settings.now(), &terminal);
    }
}

/// Brings EPSS and KEV up to date, where they are wanted; what fails is told and changes no verdict.
fn refresh_exploitation(place: &Place, config: &Config, now: Timestamp, terminal: &Terminal) {
    let Some(name) = exploitation::name(config) else {
        return;
    };
    if !exploitation::is_due(&place.store, &name, now) {
        return;
    }
    let lock = match place.store.lock() {
        // Whoever holds the lock may do it; it only orders and labels.
        Err(StoreError::Locked { .. }) => return,
        lock => lock.map_err(Into::into),
    };
    let trusted = trusted(config);
    let updated = lock.and_then(|lock| exploitation::update(&lock, config, &trusted, now));
    if let Err(error) = updated {
        let what = format!("what is known of exploitation was not refreshed: {error}");
        terminal.say_warning(
            &what.into(),
            "findings are ordered and labelled by what is at hand",
        );
    }
}

/// What came of an ecosystem.
pub(super) type Outcome = (Ecosystem, Result<Updated, UpdateError>);

impl<'r> Refresher<'r> {
    /// Takes what the configuration says, and how downloads are told.
    pub(super) fn new(
        place: &'r Place,
        config: &Config,
        now: Timestamp,
        told: &OutputArguments,
    ) -> Self {
        Self {
            place,
            trusted: trusted(config),
            now,
            progress: Progress::new(told.progress, told.detail()),
        }
    }
}

/// Lists the hosts that redirects may lead to beside the one that is asked.
pub(super) fn trusted(config: &Config) -> Vec<HostName> {
    config.hosts.mirrors.iter().cloned().collect()
}

impl Refresher<'_> {
    /// Updates the feeds that were last asked more than an hour ago, and fetches those that are not there.
    ///
    /// Where a copy is at hand, all of it together takes 15 seconds at the most.
    pub(super) fn refresh(&mut self, ecosystems: &[Ecosystem]) -> Vec<Outcome> {
        let store = &self.place.store;
        let due = ecosystems.iter().copied();
        let due = due.filter(|ecosystem| is_due(self.place, *ecosystem, self.now));
        let (absent, old): (Vec<Ecosystem>, Vec<Ecosystem>) =
            due.partition(|ecosystem| !matches!(store.open(*ecosystem), Ok(Some(_))));
        let mut outcomes = self.refresh_old(&old);
        outcomes.extend(self.fetch_absent(&absent));
        outcomes
    }

    fn refresh_old(&mut self, old: &[Ecosystem]) -> Vec<Outcome> {
        if old.is_empty() {
            return Vec::new();
        }
        match self.place.store.lock() {
            Ok(lock) => self.update(&lock, old, Extent::Changes, Patience::REFRESH),
            // Whoever holds the lock may be at it already, and the copy at hand serves.
            Err(StoreError::Locked { .. }) => Vec::new(),
            Err(error) => failed(old, error.into()),
        }
    }

    fn fetch_absent(&mut self, absent: &[Ecosystem]) -> Vec<Outcome> {
        if absent.is_empty() {
            return Vec::new();
        }
        let store = &self.place.store;
        let lock = match wait_for_lock(store, &self.progress) {
            Ok(lock) => lock,
            Err(error) => return failed(absent, error.into()),
        };
        // Another process may have fetched them meanwhile.
        let still = absent.iter().copied();
        let still = still.filter(|ecosystem| is_due(self.place, *ecosystem, self.now));
        let still: Vec<Ecosystem> = still.collect();
        self.update(&lock, &still, Extent::Changes, Patience::DOWNLOAD)
    }

    /// Updates some feeds. Where a server cannot be reached the others of it are not tried.
    pub(super) fn update(
        &mut self,
        lock: &StoreLock,
        ecosystems: &[Ecosystem],
        extent: Extent,
        patience: Patience,
    ) -> Vec<Outcome> {
        match &self.place.base {
            FeedPlace::Remote(base) => self.fetch(lock, base, ecosystems, extent, patience),
            FeedPlace::Local(folder) => {
                let read = |ecosystem: &Ecosystem| {
                    (*ecosystem, self.read_folder(lock, folder, *ecosystem))
                };
                ecosystems.iter().map(read).collect()
            }
        }
    }

    fn fetch(
        &mut self,
        lock: &StoreLock,
        base: &RemoteAddress,
        ecosystems: &[Ecosystem],
        extent: Extent,
        patience: Patience,
    ) -> Vec<Outcome> {
        let client = match Client::new(base, patience, &self.trusted) {
            Ok(client) => client,
            Err(error) => return failed(ecosystems, error.into()),
        };
        let feed = Feed {
            client: &client,
            base,
            lock,
            now: self.now,
        };
        let mut outcomes = Vec::new();
        for ecosystem in ecosystems {
            let updated = feed.update(*ecosystem, extent, &mut self.progress);
            let is_out_of_reach = updated.as_ref().is_err_and(is_out_of_reach);
            outcomes.push((*ecosystem, updated));
            if is_out_of_reach {
                break;
            }
        }
        let others = ecosystems.iter().skip(outcomes.len());
        let others = others.map(|ecosystem| (*ecosystem, Err(UpdateError::OutOfReach)));
        outcomes.extend(others.collect::<Vec<_>>());
        outcomes
    }

    /// Compiles what a folder in the layout of the export holds.
    fn read_folder(
        &self,
        lock: &StoreLock,
        folder: &camino::Utf8Path,
        ecosystem: Ecosystem,
    ) -> Result<Updated, UpdateError> {
        let own = folder.join(ecosystem.registry_name());
        fs::metadata(&own).map_err(|error| StoreError::System {
            path: own.clone(),
            error,
        })?;
        let sources = records::sources(&own, Some(ecosystem)).map_err(compile_error)?;
        let sources: Vec<&records::RecordSource> = sources.iter().collect();
        let compiled = Compiled::of(ecosystem, &sources, self.now)?;
        let taken = compiled.replace(lock, ecosystem, self.now)?;
        let checked = Checked {
            base: folder.as_str().to_owned(),
            kind: FeedKind::Folder,
            at: self.now,
            reached: None,
            pending: Vec::new(),
        };
        lock.note_checked(ecosystem, &checked)?;
        Ok(Updated::Whole(taken))
    }
}

fn compile_error(error: records::RecordsError) -> UpdateError {
    UpdateError::Compile(error.into())
}

/// Says whether a feed is to be asked: never asked, asked long ago, or at a time that is still to come.
fn is_due(place: &Place, ecosystem: Ecosystem, now: Timestamp) -> bool {
    let copy = LocalCopy::open(place, ecosystem, &[]);
    let checked = copy.ok().flatten().and_then(|copy| copy.checked);
    checked.is_none_or(|checked| checked.at > now || now.duration_since(checked.at) > HOLDS)
}

/// Takes the lock as soon as whoever holds it is done.
fn wait_for_lock(store: &Store, progress: &Progress) -> Result<StoreLock, StoreError> {
    let until = Instant::now() + LONGEST_WAIT;
    let mut is_told = false;
    loop {
        match store.lock() {
            Err(StoreError::Locked { .. }) if Instant::now() < until => {
                if !is_told {
                    progress.tell(&format!(
                        "waiting for another linchpin in {}",
                        store.folder()
                    ));
                    is_told = true;
                }
                thread::sleep(GLANCE);
            }
            taken => return taken,
        }
    }
}

/// The same failure for all; it is told for the first, and the others were not tried.
fn failed(ecosystems: &[Ecosystem], error: UpdateError) -> Vec<Outcome> {
    let mut all = ecosystems.iter().copied();
    let first = all.next().map(|first| (first, Err(error)));
    let others = all.map(|other| (other, Err(UpdateError::NotTried)));
    first.into_iter().chain(others).collect()
}

/// Says whether the server itself is out of reach, and not just slow with one file.
fn is_out_of_reach(error: &UpdateError) -> bool {
    matches!(error, UpdateError::Fetch(FetchError::NoAnswer { .. }))
}

/// Says what a person can do about a feed that could not be updated.
pub(super) fn remedy(error: &UpdateError) -> &'static str {
    match error {
        UpdateError::Fetch(FetchError::NotBuilt) => {
            "bring advisories by hand: linchpin db import PATH"
        }
        UpdateError::Fetch(FetchError::Keep(_))
        | UpdateError::Store(StoreError::System { .. } | StoreError::NotOurs { .. })
        | UpdateError::Compile(CompileError::Store(_)) => {
            "look at the folder, its owner and the room on its disk, or name another: --db DIR"
        }
        UpdateError::Changes(ChangesError::Older(_)) | UpdateError::Lacking(_) => {
            "the server holds an older state; ask again later: linchpin db update"
        }
        UpdateError::Compile(CompileError::Loss(_)) => {
            "the server lost records, or serves others than before; find out which before you trust it"
        }
        UpdateError::Store(StoreError::Locked { .. }) => "another linchpin is at it; wait for it",
        _ => {
            "try again: linchpin db update; without a network: --offline, and linchpin db import PATH"
        }
    }
}
