//! The histories of a run: from the store, from registries, and back to the store.

mod archives;
mod known;
mod services;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use camino::Utf8Path;
use jiff::Timestamp;

use self::known::holds;
pub(super) use self::services::RunRegistries;
use super::options::{InputArguments, SettingArguments, environment};
use super::refresh::trusted;
use super::terminal::Terminal;
use crate::clients::ClientConfiguration;
use crate::config::Config;
use crate::evidence::{
    Evidence, Histories, HistoryOrigin, HistoryRequest, Interest, KnownHistory, ReleaseArchives,
    SkipReason,
};
use crate::fetch::inquiry::{Failure, Learned, Services, Wish, WishScope};
use crate::fetch::{Client, FetchError, Patience};
use crate::package::wanted::WantedPackage;
use crate::package::{Ecosystem, PackageName};
use crate::registry::{self, Service};
use crate::report::words::count;
use crate::store::StoreError;
use crate::store::histories::{self as stored, HistoryRecord, HistoryStore};

/// Where the histories of a run come from.
pub(super) struct Sources {
    store: Option<HistoryStore>,
    services: Services,
    /// Ecosystems whose registry nobody may ask, because the user's own cannot be.
    unusable: Vec<Ecosystem>,
    /// Scopes of npm that the user's own registries serve.
    scopes: BTreeSet<String>,
    connection: Connection,
    trusted: Vec<crate::package::hosts::HostName>,
    /// The clock of the run.
    now: Timestamp,
    /// When the run observes what it does: by the real clock, whatever that of the run.
    at: Timestamp,
    client: OnceLock<Option<Client>>,
    /// What went wrong, in the order in which it did.
    failures: Vec<Failure>,
    /// Why nothing could be stored.
    unstored: OnceLock<StoreError>,
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
    /// Finds the store; without a folder for caches nothing is stored, which is told.
    ///
    /// Also without a connection the registries count: what is stored is kept apart by who told it.
    pub(super) fn new(
        config: &Config,
        registries: RunRegistries,
        connection: Connection,
        settings: &SettingArguments,
        terminal: &Terminal,
    ) -> Self {
        let RunRegistries { clients, services } = registries;
        let now = services.now;
        for remark in &clients.remarks {
            tracing::info!(remark = remark.as_str(), "a client's configuration");
        }
        if connection == Connection::Online {
            say_unusable(&clients, terminal);
        }
        let mut sources = Self {
            store: None,
            services,
            unusable: clients.unusable.into_keys().collect(),
            scopes: clients.scopes,
            connection,
            trusted: trusted(config),
            now,
            at: settings.as_of.map_or(now, |_| Timestamp::now()),
            client: OnceLock::new(),
            failures: Vec::new(),
            unstored: OnceLock::new(),
        };
        match sources.open_store(settings.cache_dir.as_deref()) {
            Ok(store) => sources.store = Some(store),
            Err(error) => terminal.say_warning(
                &format!("release histories are not stored: {error}").into(),
                "name a folder of your own: --cache-dir DIR, or set LINCHPIN_CACHE_DIR",
            ),
        }
        sources
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
        if let Some(error) = self.unstored.get() {
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

    fn client(&self) -> Result<&Client, FetchError> {
        let client = self.client.get_or_init(|| {
            // What is meant for this machine goes past no proxy; where others are asked too, they decide.
            let addresses = self.services.addresses.iter();
            let remote = addresses.clone().find(|address| !address.is_loopback());
            let base = remote.unwrap_or(&self.services.addresses[0]);
            let client = Client::new(base, Patience::HISTORIES, &self.trusted);
            client
                .inspect_err(|error| tracing::warn!(%error, "registries cannot be asked"))
                .ok()
        });
        client.as_ref().ok_or(FetchError::NotBuilt)
    }

    fn is_askable(&self, request: &HistoryRequest) -> Result<(), SkipReason> {
        let name = PackageName::new(request.ecosystem, request.name.as_str().into());
        let scope = name.scope().filter(|_| request.ecosystem == Ecosystem::Npm);
        if scope.is_some_and(|scope| self.scopes.contains(scope)) {
            return Err(SkipReason::PrivateRegistry);
        }
        if self.unusable.contains(&request.ecosystem) {
            return Err(SkipReason::UnusableRegistry);
        }
        Ok(())
    }

    /// Asks registries about packages; the answers stand in the order of the wishes.
    fn ask(&self, wishes: Vec<Wish>) -> Vec<Learned> {
        let mut answers: Vec<Option<Learned>> = wishes.iter().map(|_| None).collect();
        let services = self.services.clone();
        if let Ok(client) = self.client() {
            client.inquire(wishes, &services, &mut |place, learned| {
                answers[place] = Some(learned);
            });
        }
        let none = || Learned::Failed(Failure::Fetch(FetchError::NotBuilt));
        answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(none))
            .collect()
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

    fn archives(&self) -> &dyn ReleaseArchives {
        self
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
}

/// Says which registries are not asked, because the user's own cannot be.
fn say_unusable(clients: &ClientConfiguration, terminal: &Terminal) {
    for (ecosystem, why) in &clients.unusable {
        let registry = ecosystem.registry_name();
        let what = format!(
            "nobody is asked about packages of {registry}, because the registry that you configured in its place cannot be: {}",
            why.as_str()
        );
        terminal.say_warning(
            &what.into(),
            "mend it, or name one that can be asked under [registry] in linchpin.toml",
        );
    }
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
