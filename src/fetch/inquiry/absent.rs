//! Without network code nothing is asked.

use std::time::Duration;

use super::super::{Client, FetchError, Request, Start};
use super::{Learned, Services, Wish};

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

impl Client {
    /// Never called.
    pub fn inquire(
        &self,
        _wishes: Vec<Wish>,
        _services: &Services,
        _take: &mut dyn FnMut(usize, Learned),
    ) {
        match *self {}
    }

    /// Never called.
    pub fn body(&self, _request: &Request) -> Result<Body, FetchError> {
        match *self {}
    }
}

/// A whole answer in memory.
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How it began.
    pub start: Start,
}
