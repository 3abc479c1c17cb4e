//! What lies in a published archive, read from its bytes: the files of a wheel, the files of an npm tarball, and what
//! an install hook in one does.
//!
//! Pure functions over bytes that strangers made. Nothing is unpacked to disk and nothing is run. Where two readers
//! could take the same bytes differently the answer is an error, because an installer may be the other reader.

pub mod hook;
pub(crate) mod path;
mod tar;
pub mod tarball;
pub mod wheel;

use thiserror::Error;

pub use hook::{Harmless, HookReport, HookVerdict, Sight, SightKind, verdict};
pub use tarball::{ArchivedFile, Tarball, TarballLimits, read_tarball};
pub use wheel::{Directory, read_directory, start_up_files};

use crate::text::Untrusted;

/// Why an archive cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The bytes are not those that were asked for.
    #[error("the bytes at hand are not the end of the file")]
    NotTheEnd,
    /// It is no zip archive.
    #[error("it is no zip archive, or data follows its end")]
    NoDirectory,
    /// It stops before it is complete.
    #[error("it ends in the middle of {0}")]
    Truncated(&'static str),
    /// It breaks the rules of its format.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// Installers may read it in another way.
    #[error("it can be read in two ways: {0}")]
    Ambiguous(&'static str),
    /// It is beyond a limit.
    #[error("{what} beyond the limit of {limit}")]
    TooLarge {
        /// What there is too much of, with its unit.
        what: &'static str,
        /// The limit, in that unit.
        limit: u64,
    },
    /// A path climbs out of its folder.
    #[error("the path \"{}\" in it leads out of its folder", .0.terminal())]
    Climbing(Untrusted<'static>),
}
