//! The commands, one file each.

pub(super) mod accept;
pub(super) mod audit;
pub(super) mod baseline;
pub(super) mod completions;
pub(super) mod config;
pub(super) mod db;
pub(super) mod diff;
pub(super) mod explain;
pub(super) mod graph;
pub(super) mod history;
pub(super) mod man;
pub(super) mod why;

use std::io;

use super::error::{Error, ErrorKind};

/// A closed pipe is no trouble for the reader who closed it; the status says that the answer did not arrive.
pub(super) fn output_failed(error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Output,
        format!("the output could not be written: {error}"),
    )
}
