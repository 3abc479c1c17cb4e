//! The histories of a run: from the store, from registries, and back to the store.

mod archives;
mod services;

use std::sync::Arc;

use camino::Utf8Path;
use jiff::{SignedDuration, Timestamp};

use self::services::services;
use super::error::Error;
use super::options::{InputArguments, SettingArguments, environment};
use super::refresh::trusted;
use super::terminal::Terminal;
use crate::clients::ClientConfiguration;
use crate::config::Config;
use crate::cores;
use crate::discover::user_files::HomeFiles;
use crate::evidence::{
    ArchivedHooks, Evidence, Histories, HistoryOrigin, HistoryRequest, Interest, KnownHistory,
    SkipReason, StartUpFiles,
};
use crate::fetch::inquiry::{Failure, Learned, Services, Wish, WishScope};
use crate::fetch::{Client, FetchError, Patience};
use crate::package::wanted::WantedPackage;
use crate::package::{Ecosystem, PackageName};
use crate::registry::history::OwnersSince;
use crate::registry::{self, Release, ReleaseHistory, Service};
use crate::report::words::count;
use crate::store::StoreError;
use crate::store::histories::{self as stored, HistoryRecord, HistoryStore};

/// How long what a registry listed will do for an audit.
const HOLDS: SignedDuration = SignedDuration::from_hours(24);

/// Reads what the user's own package managers ask; the audited root has no say in it.
pub(super) fn clients(root: &Utf8Path) -> ClientConfiguration {
    ClientConfiguration::read(&HomeFiles::of_user(&environment, root), &environment)
}

/// Where the histories of a run come from.
pub(super) struct Sources {
    store: Option<HistoryStore>,
    services: Services,
    /// Ecosystems whose registry nobody may ask, because the user's own cannot be.
    unusable: Vec<Ecosystem>,
    /// Scopes of npm that the user's own registries serve.
    scopes: Vec<String>,
    connection: Connection,
    trusted: Vec<crate::package::hosts::HostName>,
    /// The clock of the run.
    now: Timestamp,
    /// When the run observes what it does: by the real clock, whatever that of the run.
    at: Timestamp,
    client: Option<Client>,
    /// What went wrong, in the order in which it did.
    failures: Vec<Failure>,
    /// Why nothing could be stored.
    unstored: Option<StoreError>,
}

/// Whether registries may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    /// They may.
    Online,
    /// Only what is stored counts.
    Offline,
}

impl Connection {
    /// Takes what was typed, or set for all runs.
    pub(super) fn of(input: &InputArguments) -> Self {
        if input.is_offline() {
            Self::Offline
        } else {
            Self::Online
        }
    }
}

impl Sources {
    /// Finds the store and the registries; without a folder for caches nothing is stored, which is told.
    ///
    /// Also without a connection the clients count: what is stored is kept apart by who told it.
    pub(super) fn new(
        config: &Config,
        clients: ClientConfiguration,
        connection: Connection,
        settings: &SettingArguments,
        terminal: &Terminal,
    ) -> Result<Self, Error> {
        let now = settings.now();
        for remark in &clients.remarks {
            tracing::info!(remark = remark.as_str(), "a client's configuration");
            if !clients.unusable.is_empty() && connection == Connection::Online {
                let what = format!(
                    "a registry of your package managers is not asked: {}",
                    remark.as_str()
                );
                terminal.say_warning(
                    &what.into(),
                    "name one that can be asked under [registry] in linchpin.toml",
                );
            }
        }
        let mut sources = Self {
            store: None,
            services: services(config, &clients, now)?,
            unusable: clients.unusable.iter().copied().collect(),
            scopes: clients.scoped.into_iter().map(|(scope, _)| scope).collect(),
            connection,
            trusted: trusted(config),
            now,
            at: settings.as_of.map_or(now, |_| Timestamp::now()),
            client: None,
            failures: Vec::new(),
            unstored: None,
        };
        match sources.open_store(settings.cache_dir.as_deref()) {
            Ok(store) => sources.store = Some(store),
            Err(error) => terminal.say_warning(
                &format!("release histories are not stored: {error}").into(),
                "name a folder of your own: --cache-dir DIR, or set LINCHPIN_CACHE_DIR",
            ),
        }
        Ok(sources)
    }

    /// What other registries tell has a folder of its own.
    fn open_store(&self, typed: Option<&Utf8Path>) -> Result<HistoryStore, StoreError> {
        let store = HistoryStore::of_user(typed, &environment)?;
        let mut services = Service::ALL.into_iter();
        let store = if services.all(|service| self.services.is_public(service)) {
            store
        } else {
            let addresses = Service::ALL.map(|service| self.services.address(service).as_str());
            store.of_registry(&addresses.join(" "))
        };
        store.check()?;
        Ok(store)
    }

    /// Says whether it is the public registry that would be asked about a package, and not one that somebody configured.
    pub(super) fn asks_the_public(&self, wanted: &WantedPackage) -> bool {
        let question = registry::of(wanted.ecosystem()).first_question(wanted.name());
        self.services.is_public(question.service)
    }

    /// Says once what went wrong with how many packages, and what to do.
    pub(super) fn say_failures(&self, terminal: &Terminal) {
        if let Some(error) = &self.unstored {
            terminal.say_warning(
                &format!("release histories were not stored: {error}").into(),
                "look at the folder, its owner and the room on its disk; the verdict is the same without",
            );
        }
        let Some(first) = self.failures.first() else {
            return;
        };
        let packages = count(self.failures.len(), "package");
        let what = format!("the release history of {packages} could not be had: {first}");
        let help = if self.failures.iter().any(Failure::is_of_budget) {
            "the time or the bytes of the run were used up: run it again, what was learned is stored"
        } else {
            "try again; without a network: --offline, which judges from what is stored"
        };
        let is_page =
            |failure: &Failure| matches!(failure, Failure::Fetch(FetchError::WebPage { .. }));
        let help = if self.failures.iter().all(is_page) {
            "the registry answers with pages for people only: name one that answers as JSON (for Python, PEP 691)"
        } else {
            help
        };
        terminal.say_warning(&what.into(), help);
    }

    fn client(&mut self) -> Result<&Client, FetchError> {
        if self.client.is_none() {
            // What is meant for this machine goes past no proxy; where others are asked too, they decide.
            let addresses = self.services.addresses.iter();
            let remote = addresses.clone().find(|address| !address.is_loopback());
            let base = remote.unwrap_or(&self.services.addresses[0]);
            self.client = Some(Client::new(base, Patience::HISTORIES, &self.trusted)?);
        }
        self.client.as_ref().ok_or(FetchError::NotBuilt)
    }

    fn is_askable(&self, request: &HistoryRequest) -> Result<(), SkipReason> {
        let name = PackageName::new(request.ecosystem, request.name.as_str().into());
        let scope = name.scope().filter(|_| request.ecosystem == Ecosystem::Npm);
        if scope.is_some_and(|scope| self.scopes.iter().any(|own| own == scope)) {
            return Err(SkipReason::PrivateRegistry);
        }
        if self.unusable.contains(&request.ecosystem) {
            return Err(SkipReason::UnusableRegistry);
        }
        Ok(())
    }

    /// Asks registries about packages; the answers stand in the order of the wishes.
    fn ask(&mut self, wishes: Vec<Wish>) -> Vec<Learned> {
        let mut answers: Vec<Option<Learned>> = wishes.iter().map(|_| None).collect();
        let services = self.services.clone();
        match self.client() {
            Ok(client) => client.inquire(wishes, &services, &mut |place, learned| {
                answers[place] = Some(learned);
            }),
            Err(error) => tracing::warn!(%error, "registries cannot be asked"),
        }
        let none = || Learned::Failed(Failure::Fetch(FetchError::NotBuilt));
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(none))
            .collect()
    }

    /// Turns what is stored into what is known.
    fn of_store(&self, record: HistoryRecord, origin: HistoryOrigin) -> KnownHistory {
        let remembered = stored::recall(&record.history, &record.memory);
        let contradictions = stored::contradictions(&record.history, &record.memory);
        KnownHistory {
            observed: record.observed,
            history: Arc::new(record.history.until(self.now)),
            origin,
            remembered: remembered.map(|history| Arc::new(history.until(self.now))),
            contradictions,
            owners: self.seen(record.owners),
        }
    }

    /// Leaves out what was observed after the clock.
    fn seen(&self, mut owners: Vec<OwnersSince>) -> Vec<OwnersSince> {
        owners.retain(|one| one.since <= self.now);
        owners
    }

    /// Turns what was learned into what is known, and merges it with what is stored.
    ///
    /// What is judged is judged by the answer alone; what is listed may know more from earlier answers.
    fn of_answer(
        &self,
        history: &ReleaseHistory,
        interest: Interest,
        stored: Option<HistoryRecord>,
        at: Timestamp,
    ) -> KnownHistory {
        let merged = stored::merge(stored, history, at, None);
        let history = match interest {
            Interest::Judged => history.clone(),
            Interest::Listed | Interest::Neighbour => merged.record.history,
        };
        KnownHistory {
            history: Arc::new(history.until(self.now)),
            observed: at,
            origin: HistoryOrigin::Registry,
            remembered: merged
                .remembered
                .map(|history| Arc::new(history.until(self.now))),
            contradictions: merged.contradictions,
            owners: self.seen(merged.record.owners),
        }
    }

    fn conclude(
        &mut self,
        request: &HistoryRequest,
        stored: Option<HistoryRecord>,
        learned: &Learned,
        at: Timestamp,
    ) -> Evidence<KnownHistory> {
        match learned {
            Learned::History(history, _) => {
                Evidence::Known(self.of_answer(history, request.interest, stored, at))
            }
            Learned::Unchanged => match stored {
                Some(record) => Evidence::Known(self.of_store(record, HistoryOrigin::Registry)),
                None => Evidence::NotGathered(SkipReason::NoAnswer),
            },
            Learned::Unknown => Evidence::Absent,
            Learned::Failed(failure) => match (stored, request.interest) {
                // What is judged, or compared with, is so by what the registry says now.
                (Some(record), Interest::Listed) => {
                    Evidence::Known(self.of_store(record, HistoryOrigin::Stored))
                }
                _ if failure.is_of_budget() => Evidence::NotGathered(SkipReason::OverBudget),
                _ => Evidence::NotGathered(SkipReason::NoAnswer),
            },
        }
    }
}

impl Histories for Sources {
    fn gather(&mut self, requests: &[HistoryRequest]) -> Vec<Evidence<KnownHistory>> {
        let mut records = self.read_store(requests);
        let mut answers: Vec<Option<Evidence<KnownHistory>>> = Vec::with_capacity(requests.len());
        let (mut wishes, mut places) = (Vec::new(), Vec::new());
        let at = self.at;
        for (place, request) in requests.iter().enumerate() {
            let record = &mut records[place];
            answers.push(match self.connection {
                Connection::Offline => Some(match record.take() {
                    Some(record) => Evidence::Known(self.of_store(record, HistoryOrigin::Stored)),
                    None => Evidence::NotGathered(SkipReason::NotStored),
                }),
                Connection::Online => match self.is_askable(request) {
                    Err(reason) => Some(Evidence::NotGathered(reason)),
                    Ok(()) if holds(record.as_ref(), request, at) => record.take().map(|record| {
                        Evidence::Known(self.of_store(record, HistoryOrigin::Registry))
                    }),
                    Ok(()) => {
                        wishes.push(wish(request, record.as_ref()));
                        places.push(place);
                        None
                    }
                },
            });
        }
        let learned = if wishes.is_empty() {
            Vec::new()
        } else {
            self.ask(wishes)
        };
        self.keep(&learned, &places, &records, at);
        for (place, learned) in places.into_iter().zip(learned) {
            let known = self.conclude(&requests[place], records[place].take(), &learned, at);
            answers[place] = Some(known);
            if let Learned::Failed(failure) = learned {
                self.failures.push(failure);
            }
        }
        let none = || Evidence::NotGathered(SkipReason::NoAnswer);
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(none))
            .collect()
    }

    fn hooks(&mut self, history: &ReleaseHistory, release: &Release) -> Evidence<ArchivedHooks> {
        self.look_at_hooks(history, release)
    }

    fn start_up_files(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
    ) -> Evidence<StartUpFiles> {
        self.look_for_start_up_files(history, release)
    }
}

impl Sources {
    /// Finds out all that a registry tells of a package; none is the reason where it knows no such package.
    pub(super) fn timeline(
        &mut self,
        ecosystem: Ecosystem,
        name: &str,
    ) -> Result<KnownHistory, Option<SkipReason>> {
        let request = HistoryRequest {
            ecosystem,
            name: name.to_owned(),
            versions: Vec::new(),
            interest: Interest::Listed,
        };
        let mut stored = self
            .read_store(std::slice::from_ref(&request))
            .pop()
            .flatten();
        if self.connection == Connection::Online {
            self.is_askable(&request).map_err(Some)?;
            let wish = Wish {
                registry: registry::of(ecosystem),
                name: name.to_owned(),
                scope: WishScope::Timeline,
                known: None,
            };
            let at = self.at;
            let learned = self.ask(vec![wish]);
            self.keep(&learned, &[0], &[stored.clone()], at);
            match learned.into_iter().next() {
                Some(Learned::History(history, _)) => {
                    let merged = stored::merge(stored, &history, at, None).record;
                    return Ok(self.of_answer(&history, Interest::Judged, Some(merged), at));
                }
                Some(Learned::Unknown) => return Err(None),
                Some(Learned::Failed(failure)) => self.failures.push(failure),
                Some(Learned::Unchanged) | None => {}
            }
        }
        let reason = match self.connection {
            Connection::Online => SkipReason::NoAnswer,
            Connection::Offline => SkipReason::NotStored,
        };
        let record = stored.take().ok_or(Some(reason))?;
        Ok(self.of_store(record, HistoryOrigin::Stored))
    }

    fn read_store(&self, requests: &[HistoryRequest]) -> Vec<Option<HistoryRecord>> {
        let Some(store) = &self.store else {
            return requests.iter().map(|_| None).collect();
        };
        cores::map(requests, |request| {
            store.read(request.ecosystem, &request.name)
        })
    }

    /// Adds to what is stored what the archive of a release showed.
    fn keep_start_up_files(
        &mut self,
        history: &ReleaseHistory,
        release: &Release,
        files: &[String],
    ) {
        let Some(store) = &self.store else {
            return;
        };
        let (ecosystem, name) = (history.ecosystem, &history.name);
        let amended = store.amend(ecosystem, name, |record| {
            let mut releases = record.history.releases.iter_mut();
            if let Some(stored) = releases.find(|stored| stored.version == release.version) {
                stored.install.start_up_files = Some(files.to_vec());
            }
        });
        if let Err(error) = amended {
            self.unstored.get_or_insert(error);
        }
    }

    /// Stores what was learned; a failure is told and changes no verdict.
    fn keep(
        &mut self,
        learned: &[Learned],
        places: &[usize],
        records: &[Option<HistoryRecord>],
        at: Timestamp,
    ) {
        let Some(store) = &self.store else {
            return;
        };
        let new: Vec<stored::Learned<'_>> = learned
            .iter()
            .zip(places)
            .filter_map(|(learned, place)| match learned {
                Learned::History(history, tag) => Some((&**history, tag.clone())),
                Learned::Unchanged => {
                    let record = records[*place].as_ref()?;
                    Some((&record.history, record.tag.clone()))
                }
                Learned::Unknown | Learned::Failed(_) => None,
            })
            .map(|(history, tag)| stored::Learned {
                history,
                observed: at,
                tag,
            })
            .collect();
        if let Err(error) = store.write(&new) {
            self.store = None;
            self.unstored = Some(error);
        }
    }
}

/// Says whether what is stored will do without asking again: for what is only listed, for a day.
///
/// A version that was not there at that time may have been published since, so that nothing is known of it.
fn holds(record: Option<&HistoryRecord>, request: &HistoryRequest, now: Timestamp) -> bool {
    let Some(record) = record.filter(|_| request.interest == Interest::Listed) else {
        return false;
    };
    let mut versions = request.versions.iter();
    (SignedDuration::ZERO..=HOLDS).contains(&now.duration_since(record.observed))
        && versions.all(|version| record.history.release(version).is_some())
}

fn wish(request: &HistoryRequest, record: Option<&HistoryRecord>) -> Wish {
    let scope = match request.interest {
        Interest::Listed => WishScope::Releases,
        Interest::Judged | Interest::Neighbour => WishScope::Judged(request.versions.clone()),
    };
    // What is judged is never what is stored, whatever a server says of it.
    let known = match request.interest {
        Interest::Listed => record.and_then(|record| record.tag.clone()),
        Interest::Judged | Interest::Neighbour => None,
    };
    Wish {
        registry: registry::of(request.ecosystem),
        name: request.name.clone(),
        scope,
        known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(interest: Interest, version: &str) -> HistoryRequest {
        HistoryRequest {
            ecosystem: Ecosystem::Npm,
            name: "acme".to_owned(),
            versions: vec![version.to_owned()],
            interest,
        }
    }

    #[test]
    fn what_is_stored_holds_for_a_day_and_only_for_the_versions_that_it_lists() {
        let observed: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
        let mut history = ReleaseHistory::new(Ecosystem::Npm, "acme");
        history.releases.push(Release {
            version: "1.0.0".to_owned(),
            ..Release::default()
        });
        let record = stored::merge(None, &history, observed, Some("\"tag\"".to_owned())).record;
        let does = |interest: Interest, version: &str, hours: i64| {
            let now = observed + SignedDuration::from_hours(hours);
            holds(Some(&record), &request(interest, version), now)
        };
        assert!(does(Interest::Listed, "1.0.0", 24));
        assert!(!does(Interest::Listed, "1.0.0", 25));
        assert!(!does(Interest::Listed, "1.1.0", 1), "it may be new since");
        assert!(!does(Interest::Judged, "1.0.0", 0));
        assert!(!holds(None, &request(Interest::Listed, "1.0.0"), observed));
        // Only what is listed is asked for conditionally.
        let known = |interest| wish(&request(interest, "1.0.0"), Some(&record)).known;
        assert_eq!(known(Interest::Listed).as_deref(), Some("\"tag\""));
        assert_eq!(known(Interest::Judged), None);
        assert_eq!(known(Interest::Neighbour), None);
    }
}
