//! TOML errors as errors of a lockfile.

use super::model::LockfileError;
use super::span::{SourceFile, to_u32};

/// Turns a TOML error into one of the lockfile, with its place.
pub(super) fn syntax_error(file: &SourceFile, error: &::toml::de::Error) -> LockfileError {
    LockfileError::Syntax {
        syntax: "TOML",
        message: error.message().to_owned(),
        location: error.span().map(|span| file.locate(to_u32(span.start))),
    }
}
