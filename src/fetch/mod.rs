//! The only network code: one client for everything that is fetched, and the feeds that it brings.
//!
//! What comes over a network is hostile until it is read: every answer has a limit in bytes and in time, a
//! redirect leads only to a host that was configured, and plain http is spoken with this machine alone. The
//! decisions are pure functions (`policy`); `Client` carries them out. Without the feature `net` the client
//! is one that cannot be made, and nothing else changes.

pub mod feed;
pub mod inquiry;
#[cfg(feature = "net")]
mod policy;
#[cfg(feature = "net")]
mod turns;

#[cfg(not(feature = "net"))]
#[path = "absent.rs"]
mod client;
#[cfg(feature = "net")]
#[path = "http.rs"]
mod client;

use std::any::Any;
use std::fmt;
use std::io;
use std::ops::Range;
use std::time::Duration;

use thiserror::Error;
use url::Url;

pub use client::Client;

use crate::clients::Secret;

/// How long a client waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the next byte.
    pub silence: Duration,
    /// For everything that it is asked, tries and waits included.
    pub total: Duration,
    /// How many bytes it takes in all.
    pub bytes: u64,
}

impl Patience {
    /// For the first download of an archive, which somebody watches.
    pub const DOWNLOAD: Self = Self {
        connect: Duration::from_secs(3),
        silence: Duration::from_secs(10),
        total: Duration::from_mins(20),
        bytes: u64::MAX,
    };

    /// For the histories of a run.
    pub const HISTORIES: Self = Self {
        total: Duration::from_secs(45),
        bytes: 1 << 30,
        ..Self::DOWNLOAD
    };

    /// For what a run can do without, because a copy is at hand.
    pub const REFRESH: Self = Self {
        total: Duration::from_secs(15),
        ..Self::DOWNLOAD
    };
}

/// A wish for what is at an address.
#[derive(Clone, Debug)]
pub struct Request {
    /// The address.
    pub address: Url,
    /// The most bytes that are taken; more is an error.
    pub largest: u64,
    /// What is said beside the address.
    pub manner: Manner,
}

impl Request {
    /// Asks for what is at an address, in whatever form.
    pub fn new(address: Url, largest: u64) -> Self {
        Self {
            address,
            largest,
            manner: Manner::default(),
        }
    }
}

/// How something is asked for.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// The form that is wanted; empty for any.
    pub accept: &'static str,
    /// The secret that belongs to the host.
    pub secret: Option<Secret>,
    /// What is at hand of it: the entity tag that the server gave.
    pub known: Option<String>,
    /// How its bytes may be packed.
    pub packing: Packing,
    /// The only bytes that are wanted; all if none are named.
    pub part: Option<Range<u64>>,
}

/// How the bytes of an answer may be packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Packing {
    /// Not at all, so that a part can be asked for.
    #[default]
    Plain,
    /// By gzip, if the server likes.
    Gzip,
}

/// How an answer begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Where its first byte belongs; 0 unless it goes on where an earlier try ended.
    pub at: u64,
    /// How many bytes the whole has, where the server says so.
    pub total: Option<u64>,
    /// What tells this version of the whole from others: a strong entity tag.
    pub validator: Option<String>,
    /// How its bytes are packed.
    pub packing: Packing,
    /// How many bytes the whole has of which this is a part.
    pub whole: Option<u64>,
}

impl Start {
    /// From the first byte on, of whatever comes.
    pub const ANEW: Self = Self {
        at: 0,
        total: None,
        validator: None,
        packing: Packing::Plain,
        whole: None,
    };
}

/// A beginning that is at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many bytes.
    pub bytes: u64,
    /// Of which version of the whole.
    pub validator: String,
}

/// Whether more is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Go on.
    More,
    /// What was wanted is there.
    Enough,
}

/// Where an answer goes, piece by piece.
pub trait Sink {
    /// Says what is at hand of an earlier try, so that only the rest is asked for.
    fn held(&self) -> Option<Held> {
        None
    }

    /// Begins an answer; what does not fit its start is dropped.
    fn start(&mut self, start: &Start) -> io::Result<()>;

    /// Takes the next bytes.
    fn take(&mut self, bytes: &[u8]) -> io::Result<Next>;

    /// Returns how many bytes of the answer it holds in memory; few hold many at once.
    fn in_memory(&self) -> usize {
        0
    }

    /// Keeps the turn of those few for as long as it holds them.
    fn keep(&mut self, _turn: Box<dyn Any + Send>) {}
}

/// A whole answer in memory.
impl Sink for Vec<u8> {
    fn start(&mut self, _start: &Start) -> io::Result<()> {
        self.clear();
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<Next> {
        self.extend_from_slice(bytes);
        Ok(Next::More)
    }
}

/// What a run may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// The time of the run.
    Time,
    /// The bytes that it may take.
    Bytes,
}

impl fmt::Display for Budget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Time => "time",
            Self::Bytes => "bytes",
        })
    }
}

/// Why something could not be fetched. Addresses are shown without user information and query.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There is no network code in this build.
    #[error("this linchpin was built without network code (the feature `net`)")]
    NotBuilt,
    /// The client could not be made.
    #[error("no connection can be made: {0}")]
    Client(String),
    /// Nobody answered.
    #[error("{address} does not answer: {why}")]
    NoAnswer {
        /// The address.
        address: String,
        /// What the system says.
        why: String,
    },
    /// It took too long.
    #[error("{address} took too long to answer")]
    TooSlow {
        /// The address.
        address: String,
    },
    /// There is nothing at that address.
    #[error("{address} does not exist (status 404)")]
    NotFound {
        /// The address.
        address: String,
    },
    /// The server said no.
    #[error("{address} answered with status {status}")]
    Status {
        /// The address.
        address: String,
        /// The status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// It sends elsewhere.
    #[error("{address} leads elsewhere, which was not followed: {why}")]
    Redirect {
        /// The address.
        address: String,
        /// Where, and why that was not followed.
        why: String,
    },
    /// It answers with a page for people, as networks do that want a login first.
    #[error("{address} answered with a web page instead of data")]
    WebPage {
        /// The address.
        address: String,
    },
    /// It sends more than anybody needs.
    #[error("{address} sends more than {largest} bytes")]
    TooLarge {
        /// The address.
        address: String,
        /// The limit.
        largest: u64,
    },
    /// The answer ended before it was whole.
    #[error("the answer of {address} was cut short: {why}")]
    CutShort {
        /// The address.
        address: String,
        /// What the system says.
        why: String,
    },
    /// The run has taken all that it may.
    #[error("the budget of the run was used up before {address} was read: {budget}")]
    OverBudget {
        /// The address.
        address: String,
        /// Which budget.
        budget: Budget,
    },
    /// What was fetched could not be kept.
    #[error("what was fetched could not be kept: {0}")]
    Keep(#[from] io::Error),
}
