//! What is wrong with a configuration file, and where.

use thiserror::Error;

use crate::lockfile::Span;
use crate::text::Untrusted;

/// One thing that is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", message.terminal())]
pub struct ConfigError {
    /// What is wrong.
    pub message: Untrusted<'static>,
    /// Where.
    pub span: Span,
    /// A few words beneath the caret; may be empty.
    pub label: Untrusted<'static>,
    /// What would be right, where that is not plain.
    pub help: Option<Untrusted<'static>>,
}

impl ConfigError {
    /// Says what is wrong with a part of the file.
    pub fn new(span: Span, message: impl Into<Untrusted<'static>>) -> Self {
        Self {
            message: message.into(),
            span,
            label: Untrusted::default(),
            help: None,
        }
    }

    /// Sets the words beneath the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<Untrusted<'static>>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<Untrusted<'static>>) -> Self {
        self.help = Some(help.into());
        self
    }
}
