//! What comes over a network: the client against a server with faults, and the feeds that it brings.

mod client;
mod exploitation;
mod feed;
pub(crate) mod histories;
mod refresh;
