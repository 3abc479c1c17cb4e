//! The client of a build without network code: it cannot be made.

use super::{FetchError, Next, Patience, Request, Sink};
use crate::package::RemoteAddress;
use crate::package::hosts::HostName;

/// A client that nobody has.
#[derive(Debug)]
pub enum Client {}

impl Client {
    /// Fails: there is no network code.
    ///
    /// # Errors
    ///
    /// Always [`FetchError::NotBuilt`].
    pub fn new(
        _base: &RemoteAddress,
        _patience: Patience,
        _trusted: &[HostName],
    ) -> Result<Self, FetchError> {
        Err(FetchError::NotBuilt)
    }

    /// Never called.
    pub fn read(&self, _request: &Request, _sink: &mut dyn Sink) -> Result<(), FetchError> {
        match *self {}
    }

    /// Never called.
    pub fn read_many(
        &self,
        _requests: Vec<Request>,
        _take: &mut dyn FnMut(usize, Result<Vec<u8>, FetchError>) -> Next,
    ) {
        match *self {}
    }
}
