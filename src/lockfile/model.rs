//! What every lockfile comes down to: entries, the dependencies between them, and what was wrong with the file.

use std::borrow::Cow;

use serde::Serialize;
use thiserror::Error;

use super::limits::LimitExceeded;
use super::span::{Location, Span};
use crate::package::address::redact_words;
use crate::package::hosts::Hosts;
use crate::package::source::{Host, Registry};
use crate::package::{Ecosystem, Integrity, PackageName, Source, Version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// The id of a lockfile format, such as `cargo-lock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FormatId(pub &'static str);

/// A lockfile as read. Its strings borrow from the file.
///
/// The first entry is the lockfile's root: what the file's owner builds or installs. Every dependency is
/// resolved to an entry of the same file, as the tool that wrote the file would resolve it.
#[derive(Debug)]
pub struct Lockfile<'a> {
    /// Path inside the audited root.
    pub path: FilePath,
    /// The format.
    pub format: FormatId,
    /// The ecosystem of all its entries.
    pub ecosystem: Ecosystem,
    /// The entries; the first is the root and is no record of a package.
    pub entries: Vec<LockedEntry<'a>>,
    /// The dependencies, by index into `entries`.
    pub dependencies: Vec<LockedDependency<'a>>,
    /// Manifests whose dependencies this lockfile covers.
    pub manifests: Vec<FilePath>,
    /// What was dropped, doubtful or missing.
    pub problems: Vec<Problem>,
    /// Whether the file says which package asks for which.
    pub edges: EdgeStatement,
    /// What the file locks besides packages of its ecosystem.
    pub unjudged: Vec<Unjudged>,
}

/// Whether a lockfile says which package asks for which.
///
/// Where it does not, its packages hang on its root by [`DependencyKind::Unattached`], and whether one of them
/// is direct, its paths and its choke point are unknown, never none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeStatement {
    /// It does.
    #[default]
    Stated,
    /// It lists packages only.
    NotStated,
}

/// Things of one kind that a lockfile locks and that no check of Linchpin knows: counted, never called clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unjudged {
    /// What they are, as a plural: `packages of JSR`.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
}

impl<'a> Lockfile<'a> {
    /// Starts a lockfile with its root, and nothing below it yet.
    pub fn new(
        path: FilePath,
        format: FormatId,
        root: LockedEntry<'a>,
        ecosystem: Ecosystem,
    ) -> Self {
        Self {
            path,
            format,
            ecosystem,
            entries: vec![root],
            dependencies: Vec::new(),
            manifests: Vec::new(),
            problems: Vec::new(),
            edges: EdgeStatement::Stated,
            unjudged: Vec::new(),
        }
    }
}

impl Lockfile<'_> {
    /// Returns the folder that the lockfile is for.
    pub fn project(&self) -> FilePath {
        self.path.parent()
    }

    /// Returns how many packages the file records, its root aside.
    pub fn recorded(&self) -> usize {
        self.entries.len().saturating_sub(1)
    }
}

/// One resolved record of a lockfile: a Cargo `[[package]]`, an npm location.
#[derive(Clone, Debug)]
pub struct LockedEntry<'a> {
    /// What the record is to the project.
    pub kind: EntryKind,
    /// The package's own name, not an alias of it.
    pub name: PackageName<'a>,
    /// The version, where the record has one.
    pub version: Option<Version<'a>>,
    /// Where its bytes come from.
    pub source: Source<'a>,
    /// The record's key in its file: an npm location, else a name and version.
    pub key: Untrusted<'a>,
    /// The archives that the record names: one for npm and cargo, one for each file on `PyPI`.
    pub artifacts: Vec<Artifact<'a>>,
    /// The registry's word on why not to use it.
    pub deprecated: Option<Untrusted<'a>>,
    /// Whether the bytes are shipped by the registry or inside the archive of the package above.
    pub delivery: Delivery,
    /// What runs when it is installed; none where the record says nothing of it.
    pub install_script: Option<InstallScript>,
    /// Where the record stands.
    pub span: Span,
}

/// What a record says of code that runs when its package is installed.
///
/// Its absence says nothing: most formats do not record it, and whoever writes a lockfile may leave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstallScript {
    /// There is some: npm's `hasInstallScript`, pnpm's `requiresBuild`, Deno's `scripts`.
    Stated,
}

impl<'a> LockedEntry<'a> {
    /// Makes the root of a lockfile, which stands for its folder.
    pub fn root(ecosystem: Ecosystem, name: Untrusted<'a>) -> Self {
        Self {
            kind: EntryKind::Root,
            name: PackageName::new(ecosystem, name),
            version: None,
            source: Source::Path(".".into()),
            key: Untrusted::default(),
            artifacts: Vec::new(),
            deprecated: None,
            delivery: Delivery::Own,
            install_script: None,
            span: Span::default(),
        }
    }
}

impl Lockfile<'_> {
    /// Makes packages that come through a mirror packages of the public registry, which they are.
    pub fn settle_sources(&mut self, hosts: &Hosts) {
        if !hosts.has_mirrors() {
            return;
        }
        let ecosystem = self.ecosystem;
        for entry in &mut self.entries {
            let (Source::Registry(Registry::Other(url)) | Source::Archive(url)) = &entry.source
            else {
                continue;
            };
            if hosts.of(ecosystem, url.as_str()) == Some(Host::Mirror) {
                entry.source = Source::Registry(Registry::Public);
            }
        }
    }
}

/// What an entry is to the project that its lockfile belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    /// The lockfile's own root.
    Root,
    /// A member of the workspace, or a package in a folder of the project.
    Workspace,
    /// A package from elsewhere.
    Package,
}

/// How a package's bytes reach the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// As an archive or checkout of its own.
    Own,
    /// Inside the archive of the package that depends on it (npm's bundled dependencies).
    Bundled,
}

/// An archive that a lockfile names for an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Artifact<'a> {
    /// Download URL or path, where the lockfile states it.
    pub url: Option<Untrusted<'a>>,
    /// The digests pinned for it.
    pub integrity: Integrity,
}

/// A dependency of one entry on another.
#[derive(Clone, Debug)]
pub struct LockedDependency<'a> {
    /// Index of the entry that asks.
    pub from: u32,
    /// Index of the entry that answers.
    pub to: u32,
    /// How it is declared.
    pub kind: DependencyKind,
    /// The widest scope that it can pass on; differs from that of `kind` where an optional part is switched on by a normal dependency.
    pub reach: Scope,
    /// The range that was asked for, where the file or a manifest says.
    pub requirement: Option<Untrusted<'a>>,
    /// The condition under which it holds: an environment marker, an extra, a group.
    pub marker: Option<Untrusted<'a>>,
}

impl LockedDependency<'_> {
    /// Makes a dependency of a kind, which reaches as far as the kind does.
    pub const fn new(from: u32, to: u32, kind: DependencyKind) -> Self {
        Self {
            from,
            to,
            kind,
            reach: kind.scope(),
            requirement: None,
            marker: None,
        }
    }
}

/// How a dependency is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// An ordinary dependency.
    Normal,
    /// The installer brings it, on behalf of the package that asks.
    Peer,
    /// Needed to build.
    Build,
    /// Only with a feature, an extra, or on some platforms.
    Optional,
    /// Only to develop.
    Dev,
    /// No entry asks for it; it hangs on its lockfile's root so that it is judged.
    Unattached,
}

impl DependencyKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Normal,
        Self::Peer,
        Self::Build,
        Self::Optional,
        Self::Dev,
        Self::Unattached,
    ];

    /// Returns the widest scope that such a dependency passes on.
    pub const fn scope(self) -> Scope {
        match self {
            Self::Normal | Self::Peer | Self::Unattached => Scope::Prod,
            Self::Build => Scope::Build,
            Self::Optional => Scope::Optional,
            Self::Dev => Scope::Dev,
        }
    }

    /// Returns the id that reports use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Peer => "peer",
            Self::Build => "build",
            Self::Optional => "optional",
            Self::Dev => "dev",
            Self::Unattached => "unattached",
        }
    }
}

/// Where a package takes part, widest first, so that the least value is the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In what is shipped or served.
    Prod,
    /// In building it.
    Build,
    /// In a part that can be left out.
    Optional,
    /// In developing it.
    Dev,
}

impl Scope {
    /// Every scope, widest first.
    pub const ALL: [Self; 4] = [Self::Prod, Self::Build, Self::Optional, Self::Dev];

    /// Returns the id that reports use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Prod => "prod",
            Self::Build => "build",
            Self::Optional => "optional",
            Self::Dev => "dev",
        }
    }
}

/// How bad a problem of an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ProblemSeverity {
    /// Something that bears packages was not read: the run is incomplete.
    Error,
    /// Everything was read, but something in it does not fit together.
    Warning,
    /// A limit of what the file can say.
    Note,
}

/// Something that a reader must know about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: FilePath,
    /// Where in it, if anywhere in particular.
    pub location: Option<Location>,
    /// How bad it is.
    pub severity: ProblemSeverity,
    /// What is wrong.
    pub message: Untrusted<'static>,
    /// What to do about it.
    pub help: Option<Untrusted<'static>>,
}

impl Problem {
    /// Makes a problem of a whole file; addresses in the message lose what may be a secret.
    pub fn new(
        path: FilePath,
        severity: ProblemSeverity,
        message: impl Into<Untrusted<'static>>,
    ) -> Self {
        let message = message.into();
        let message = match redact_words(message.as_str()) {
            Cow::Borrowed(_) => message,
            Cow::Owned(kept) => kept.into(),
        };
        Self {
            path,
            location: None,
            severity,
            message,
            help: None,
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Adds a remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<Untrusted<'static>>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says whether a lockfile and its manifest part ways: what is installed is then not what is locked.
    ///
    /// Every format has the same remedy for it, and a command of its own behind that.
    pub fn is_of_stale_lockfile(&self) -> bool {
        let help = self.help.as_ref();
        help.is_some_and(|help| help.as_str().starts_with(BEHIND))
    }
}

/// How the remedy for a lockfile begins that does not say what its manifest asks for.
const BEHIND: &str = "the lockfile is behind its manifest";

/// Why a lockfile could not be read at all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockfileError {
    /// The file holds nothing.
    #[error("the file is empty")]
    Empty {
        /// How to write it anew.
        help: &'static str,
    },
    /// The file holds the marks of an unfinished merge.
    #[error("a git conflict marker stands in the file")]
    Conflict {
        /// Offset of the first mark.
        offset: u32,
        /// How to finish.
        help: &'static str,
    },
    /// The syntax of the format does not hold.
    #[error("not valid {syntax}: {message}")]
    Syntax {
        /// The syntax, for people: JSON, TOML.
        syntax: &'static str,
        /// What the syntax parser says.
        message: String,
        /// Where, as far as the parser says.
        location: Option<Location>,
    },
    /// The syntax holds, but it is not this format or a version of it that can be read.
    #[error("{message}")]
    Unreadable {
        /// What is wrong.
        message: String,
        /// What to do.
        help: &'static str,
    },
    /// A bound was exceeded.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}
