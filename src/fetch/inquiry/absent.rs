//! Without network code nothing is asked.

use super::super::{Client, FetchError, Request, Start};
use super::{Learned, Services, Wish};

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
