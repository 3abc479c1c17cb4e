//! Asks registries about packages: the questions of `registry`, carried over the network.
//!
//! Everything is bounded: how many are asked at once, how many large answers are held, how often crates.io's API is
//! asked, the bytes and the time of the whole run. What a registry sends is read by `registry`, which is pure.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::{FetchError, Manner, Packing, Request};
use crate::clients::Credentials;
use crate::package::RemoteAddress;
#[cfg(feature = "net")]
use crate::package::address::redact;
#[cfg(feature = "net")]
use crate::registry::{Depth, Inquiry};
use crate::registry::{Question, Registry, ReleaseHistory, Service};

#[cfg(not(feature = "net"))]
#[path = "inquiry/absent.rs"]
mod asking;
#[cfg(feature = "net")]
mod asking;

pub use asking::Body;

/// How often a service may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// As often as one likes.
    Free,
    /// At most once in this time.
    Every(Duration),
}

impl Rate {
    /// What crates.io asks of those who use its API.
    pub const CRATES_IO: Self = Self::Every(Duration::from_secs(1));
}

/// Where registries are asked, and with which secrets.
#[derive(Clone, Debug)]
pub struct Services {
    /// The address of each service, in the order of [`Service::ALL`].
    pub addresses: [RemoteAddress; 4],
    /// The index of `PyPI` itself, where it does not lie at `simple/` below the address of `PyPI`.
    pub index: Option<RemoteAddress>,
    /// The secrets that belong to hosts.
    pub credentials: Credentials,
    /// How often crates.io's API may be asked.
    pub api_rate: Rate,
    /// The clock of the run.
    pub now: Timestamp,
}

impl Services {
    /// Returns the address of a service.
    pub fn address(&self, service: Service) -> &RemoteAddress {
        &self.addresses[service as usize]
    }

    /// Says whether it is the public registry that a service stands for, and not one that somebody configured.
    pub fn is_public(&self, service: Service) -> bool {
        let has_index = service == Service::Pypi && self.index.is_some();
        !has_index && self.address(service).as_str() == service.public_address()
    }

    /// Returns the address of a question.
    pub fn address_of(&self, question: &Question) -> Url {
        let path: Vec<&str> = question.path.iter().map(String::as_str).collect();
        let mut address = match (&self.index, question.service, &path[..]) {
            (Some(index), Service::Pypi, ["simple", rest @ ..]) => index.below(rest),
            _ => self.address(question.service).below(&path),
        };
        if !question.query.is_empty() {
            address.set_query(Some(&question.query));
        }
        address
    }

    /// Makes a request of a question; `known` is the entity tag of what is at hand.
    pub fn request(&self, question: &Question, known: Option<String>) -> Request {
        let address = self.address_of(question);
        Request {
            largest: question.largest,
            manner: Manner {
                accept: question.accept,
                known,
                packing: Packing::Gzip,
                ..self.manner(&address)
            },
            address,
        }
    }

    /// Returns what goes with a request to an address.
    pub fn manner(&self, address: &Url) -> Manner {
        Manner {
            secret: self.credentials.for_address(address),
            ..Manner::default()
        }
    }
}

/// What is to be found out about a package, and what is at hand of it.
pub struct Wish {
    /// The registry.
    pub registry: &'static dyn Registry,
    /// The name, as the registry compares it.
    pub name: String,
    /// How much.
    pub scope: WishScope,
    /// The entity tag of what is at hand.
    pub known: Option<String>,
}

/// How much is to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WishScope {
    /// The releases.
    Releases,
    /// Also who published these versions, and who may publish.
    Judged(Vec<String>),
    /// Also who published each release.
    Timeline,
}

#[cfg(feature = "net")]
impl Wish {
    /// Lists what is to be asked once the releases are known.
    fn further_questions(&self, history: &ReleaseHistory, now: Timestamp) -> Vec<Question> {
        let versions: Vec<&str> = match &self.scope {
            WishScope::Judged(versions) => versions.iter().map(String::as_str).collect(),
            WishScope::Releases | WishScope::Timeline => Vec::new(),
        };
        let depth = match self.scope {
            WishScope::Releases => Depth::Releases,
            WishScope::Judged(_) => Depth::Judged(&versions),
            WishScope::Timeline => Depth::Timeline,
        };
        let inquiry = Inquiry {
            name: &self.name,
            depth,
            now,
        };
        self.registry.further_questions(&inquiry, history)
    }
}

/// What came of a wish.
#[derive(Debug)]
pub enum Learned {
    /// This is the history; the entity tag of the answer, if it has one.
    History(Box<ReleaseHistory>, Option<String>),
    /// What is at hand is what there is.
    Unchanged,
    /// The registry does not know the package.
    Unknown,
    /// Nothing was learned.
    Failed(Failure),
}

/// Why nothing was learned.
#[derive(Debug)]
pub enum Failure {
    /// There was no answer.
    Fetch(FetchError),
    /// There was one that cannot be read; the address, and why.
    Answer(String, crate::registry::RegistryError),
}

impl Failure {
    /// Says whether the run itself, and not the registry, ended it.
    pub fn is_of_budget(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::OverBudget { .. }))
    }

    #[cfg(feature = "net")]
    fn of_answer(address: &Url, error: crate::registry::RegistryError) -> Self {
        Self::Answer(redact(address.as_str()), error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => error.fmt(formatter),
            Self::Answer(address, error) => write!(formatter, "{address}: {error}"),
        }
    }
}
