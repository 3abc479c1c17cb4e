//! Errors that end a run, with the exit status that they have and hints on what to do.

use std::sync::Arc;

use thiserror::Error;

use super::ExitStatus;
use crate::lockfile::{SourceFile, Span};
use crate::text::Untrusted;

/// What kind of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ErrorKind {
    /// The command line asks for something that makes no sense.
    Usage,
    /// The configuration file does.
    Config,
    /// The output could not be written.
    Output,
    /// What is kept between runs could not be read or written.
    Store,
    /// Something that is required was not checked.
    Incomplete,
    /// There is nothing to look at.
    Empty,
}

/// An error that ends the run.
#[derive(Debug, Error)]
#[error("{}", message.terminal())]
pub(super) struct Error {
    /// What kind of trouble it is.
    pub(super) kind: ErrorKind,
    /// What is wrong; names the file or argument.
    pub(super) message: Untrusted<'static>,
    /// The line of a configuration file that is wrong.
    pub(super) excerpt: Option<Box<Excerpt>>,
    /// What to do.
    pub(super) hints: Vec<Untrusted<'static>>,
    /// Other errors of the same kind, told after this one.
    pub(super) others: Vec<Self>,
}

/// A part of a file that is wrong.
#[derive(Debug)]
pub(super) struct Excerpt {
    /// The file.
    pub(super) file: Arc<SourceFile>,
    /// The part.
    pub(super) span: Span,
    /// A few words beneath the caret.
    pub(super) label: Untrusted<'static>,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, message: impl Into<Untrusted<'static>>) -> Self {
        Self {
            kind,
            message: message.into(),
            excerpt: None,
            hints: Vec::new(),
            others: Vec::new(),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<Untrusted<'static>>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(super) const fn status(&self) -> ExitStatus {
        match self.kind {
            ErrorKind::Usage | ErrorKind::Config => ExitStatus::Usage,
            ErrorKind::Output | ErrorKind::Store | ErrorKind::Incomplete => ExitStatus::Incomplete,
            ErrorKind::Empty => ExitStatus::Empty,
        }
    }
}
