//! Why a revision could not be compared, and what to do.

use std::io;

use thiserror::Error;

use super::ObjectId;
use crate::discover::git::GitError;
use crate::discover::process::{Answer, ProcessError};
use crate::path::FilePath;
use crate::text::Untrusted;

/// Why a revision could not be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RevisionError {
    /// Git could not be run.
    #[error("git could not be run: {0}")]
    NoGit(io::Error),
    /// It did not answer.
    #[error("git did not answer: {0}")]
    NoAnswer(String),
    /// It refused.
    #[error("git {command} failed: {}", .complaint.terminal())]
    Refused {
        /// The subcommand.
        command: String,
        /// What it said, its first line.
        complaint: Untrusted<'static>,
    },
    /// There is no work tree.
    #[error("this folder lies in no git work tree, so there is no revision to compare with")]
    NoWorkTree,
    /// A file of git's could not be read.
    #[error(transparent)]
    WorkTree(#[from] GitError),
    /// Nothing was named, and nothing is the default.
    #[error(
        "no revision to compare with: this clone does not say which branch of origin is the default"
    )]
    NoDefault,
    /// The name is no name of a commit.
    #[error("`{}` does not name a commit", .0.terminal())]
    NotAName(Untrusted<'static>),
    /// Nothing has the name.
    #[error("there is no revision `{}` in this clone{}", .name.terminal(), shallow(*.history))]
    Unknown {
        /// The name.
        name: Untrusted<'static>,
        /// How much of the history there is.
        history: History,
    },
    /// Several things have the name.
    #[error("`{}` is ambiguous: it names {}", .name.terminal(), .meanings.join(" and "))]
    Ambiguous {
        /// The name.
        name: Untrusted<'static>,
        /// Their full names.
        meanings: Vec<String>,
    },
    /// There is no history that two commits share.
    #[error("{} and {} share no commit in this clone{}", .base.short(), .head.short(), shallow(*.history))]
    NoMergeBase {
        /// One.
        base: ObjectId,
        /// The other.
        head: ObjectId,
        /// How much of the history there is.
        history: History,
    },
    /// A merge is not finished.
    #[error("{}: the index holds several versions of it, because a merge is not finished", .0.untrusted().terminal())]
    Unmerged(FilePath),
    /// A tree or the index names a file twice.
    #[error("{}: it is listed twice, so nobody can tell what it holds", .0.untrusted().terminal())]
    Twice(FilePath),
    /// What git wrote is not what it writes.
    #[error("the answer of git {0} cannot be read")]
    Unreadable(&'static str),
}

/// How much of the history a clone holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// All of it.
    Full,
    /// What the last fetch was told to bring.
    Shallow,
}

const fn shallow(history: History) -> &'static str {
    match history {
        History::Full => "",
        History::Shallow => ", which is shallow",
    }
}

impl RevisionError {
    /// Returns what the user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoGit(error) if error.kind() != io::ErrorKind::NotFound => {
                "see what the system says about it; two folders or lockfiles need no git: linchpin diff --before PATH --after PATH"
            }
            Self::NoGit(_) => {
                "install git; two folders or lockfiles need none: linchpin diff --before PATH --after PATH"
            }
            Self::Refused { complaint, .. } if complaint.as_str().contains("dubious ownership") => {
                "let git trust the folder: git config --global --add safe.directory PATH"
            }
            Self::NoAnswer(_) | Self::Refused { .. } | Self::Unreadable(_) | Self::Twice(_) => {
                "see what git says about the repository: git fsck"
            }
            Self::NoWorkTree => {
                "go to a clone; two folders or lockfiles need none: linchpin diff --before PATH --after PATH"
            }
            Self::WorkTree(error) => error.kind.help(),
            Self::NoDefault => {
                "name it: linchpin diff origin/main; or let git ask: git remote set-head origin --auto"
            }
            Self::NotAName(_) => {
                "write BASE, BASE..HEAD or a full commit, such as origin/main..HEAD"
            }
            Self::Unknown {
                history: History::Full,
                ..
            } => "fetch it (git fetch origin), or name another",
            Self::Unknown {
                history: History::Shallow,
                ..
            }
            | Self::NoMergeBase {
                history: History::Shallow,
                ..
            } => {
                "fetch more of the history: git fetch --unshallow; in CI let the checkout fetch all of it (fetch-depth: 0)"
            }
            Self::NoMergeBase { .. } => "compare with a branch that the change was made on",
            Self::Ambiguous { .. } => "write the full name of the one that is meant",
            Self::Unmerged(_) => "finish the merge, or compare commits: linchpin diff BASE..HEAD",
        }
    }

    pub(super) fn of_process(error: ProcessError) -> Self {
        match error {
            ProcessError::Start(error) => Self::NoGit(error),
            other => Self::NoAnswer(other.to_string()),
        }
    }

    pub(super) fn refused(command: &str, answer: &Answer) -> Self {
        let complaint = String::from_utf8_lossy(&answer.complaint);
        let line = complaint.lines().find(|line| !line.trim().is_empty());
        let line = line.unwrap_or("it does not say why").to_owned();
        Self::Refused {
            command: command.to_owned(),
            complaint: line.into(),
        }
    }
}
