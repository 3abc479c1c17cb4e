//! What of a release runs when it is installed or built, as far as a registry, or an archive, shows it.

/// What of a release runs when it is installed, or whenever its language starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallCode {
    /// npm's hooks, in the order in which they run.
    pub hooks: Vec<Hook>,
    /// Which kinds of archive there are to install from.
    pub archives: ArchiveKinds,
    /// Files that Python runs whenever it starts; none where the file list was not read.
    pub start_up_files: Option<Vec<String>>,
    /// Whether a crate has something to build before it.
    pub build: BuildCode,
}

/// A command that npm runs when a package is installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hook {
    /// When it runs.
    pub event: HookEvent,
    /// The command.
    pub command: String,
}

impl Hook {
    /// Returns what npm runs for a binding.gyp where no script says otherwise (npm docs, scripts).
    pub fn implied() -> Self {
        Self {
            event: HookEvent::Install,
            command: "node-gyp rebuild".to_owned(),
        }
    }
}

/// When npm runs a hook of a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookEvent {
    /// Before its files are in place for others.
    Preinstall,
    /// When it is installed; also what a binding.gyp stands for.
    Install,
    /// Afterwards.
    Postinstall,
}

impl HookEvent {
    /// Every event, in the order in which they come.
    pub const ALL: [Self; 3] = [Self::Preinstall, Self::Install, Self::Postinstall];

    /// Returns the name of the script.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Preinstall => "preinstall",
            Self::Install => "install",
            Self::Postinstall => "postinstall",
        }
    }
}

/// Which kinds of archive a release of Python has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchiveKinds {
    /// It is no release of Python, or nobody told.
    #[default]
    Unknown,
    /// Wheels, which run nothing when they are installed.
    Wheels,
    /// Source archives only, whose build runs wherever they are installed.
    SourceOnly,
}

/// Whether a crate has something to build before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuildCode {
    /// Not as far as the index shows: it has neither build dependencies nor `links`.
    #[default]
    NotShown,
    /// It has build dependencies or `links`, which only a build script needs.
    Shown,
}
