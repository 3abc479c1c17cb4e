//! Why a check did not cover a package.

use serde::Serialize;

/// Why a check did not cover a package: the closed list of `linchpin/report/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The project's own package.
    FirstParty,
    /// It comes from version control.
    GitSource,
    /// It comes from a folder.
    PathSource,
    /// It is an archive from outside any registry.
    ArchiveSource,
    /// It is shipped inside another package's archive.
    Bundled,
    /// The lockfile pins no digest that could be compared.
    NoDigest,
    /// No local cache holds its archive.
    NoLocalCopy,
    /// The archive is there but could not be read.
    Unreadable,
    /// The check is switched off in the configuration.
    SwitchedOff,
    /// Only development needs it, and the configuration skips that.
    Development,
    /// The lockfile states no version.
    NoVersion,
    /// The lockfile's format has no place for the fact.
    NotInFormat,
    /// There is no advisory feed of its ecosystem.
    NoFeed,
    /// The advisory feed of its ecosystem cannot be read.
    UnreadableFeed,
    /// It comes from a registry with names of its own.
    PrivateRegistry,
    /// No name is known to be the project's own, so that there is nothing to compare with.
    NoOwnNames,
    /// The change does not touch it.
    Unchanged,
    /// Its registry says nothing of the kind.
    NotInRegistry,
    /// Nobody knows when it was published.
    NoTime,
    /// Nobody knows who published it.
    NoPublisher,
    /// No connection is made, and nothing of it is stored.
    NotStored,
    /// Its registry did not answer, or not with what was asked.
    NoAnswer,
    /// The run had used up its time or its bytes before.
    OverBudget,
    /// What its archive holds could not be read.
    UnreadArchive,
    /// The registry that the user's own package manager asks cannot be asked.
    UnusableRegistry,
    /// No registry takes such a name.
    InvalidName,
    /// It is published after the clock of the run.
    NotYet,
    /// Its archive could not be understood.
    StrangeArchive,
    /// Its archives are larger, or more, than are read of a release.
    LargeArchive,
    /// Only the project's own settings say which registry it comes from.
    NamedRegistry,
}

impl SkipReason {
    /// Every reason, in the order of reports.
    pub const ALL: [Self; 30] = [
        Self::FirstParty,
        Self::GitSource,
        Self::PathSource,
        Self::ArchiveSource,
        Self::Bundled,
        Self::NoDigest,
        Self::NoLocalCopy,
        Self::Unreadable,
        Self::SwitchedOff,
        Self::Development,
        Self::NoVersion,
        Self::NotInFormat,
        Self::NoFeed,
        Self::UnreadableFeed,
        Self::PrivateRegistry,
        Self::NoOwnNames,
        Self::Unchanged,
        Self::NotInRegistry,
        Self::NoTime,
        Self::NoPublisher,
        Self::NotStored,
        Self::NoAnswer,
        Self::OverBudget,
        Self::UnreadArchive,
        Self::UnusableRegistry,
        Self::InvalidName,
        Self::NotYet,
        Self::StrangeArchive,
        Self::LargeArchive,
        Self::NamedRegistry,
    ];

    /// Returns the reason in words that follow a count of packages.
    pub const fn words(self) -> &'static str {
        match self {
            Self::FirstParty => "first-party",
            Self::GitSource => "from git",
            Self::PathSource => "from a folder",
            Self::ArchiveSource => "from a single archive",
            Self::Bundled => "bundled in another package",
            Self::NoDigest => "without a digest in the lockfile",
            Self::NoLocalCopy => "without a local copy",
            Self::Unreadable => "with a local copy that cannot be read",
            Self::SwitchedOff => "switched off in the configuration",
            Self::Development => "for development only, skipped by the configuration",
            Self::NoVersion => "without a version",
            Self::NotInFormat => "in a lockfile that cannot say",
            Self::NoFeed => "without an advisory feed",
            Self::PrivateRegistry => "from a private registry",
            Self::NoOwnNames => "without names of your own to compare with",
            Self::UnreadableFeed => "with an advisory feed that cannot be read",
            Self::Unchanged => "untouched by the change",
            Self::NotInRegistry => "from a registry that cannot say",
            Self::NoTime => "without a time of publication",
            Self::NoPublisher => "without a known publisher",
            Self::NotStored => "without a stored history",
            Self::NoAnswer => "whose registry gave no answer",
            Self::OverBudget => "beyond the budget of the run",
            Self::UnreadArchive => "with an archive that could not be read",
            Self::UnusableRegistry => "whose configured registry cannot be asked",
            Self::InvalidName => "with a name that no registry takes",
            Self::NotYet => "published after the clock of the run",
            Self::LargeArchive => "with more archives than are read of a release, or larger ones",
            Self::NamedRegistry => "whose registry only settings in the tree name",
            Self::StrangeArchive => "with an archive that could not be understood",
        }
    }
}
