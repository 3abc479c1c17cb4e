//! What a change does to files that are in no graph: what rules may see of it.

use crate::install::Redirect;
use crate::path::FilePath;

/// What the change that is judged does to files that are in no graph; nothing in an audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// Lockfiles that are judged no more though their project stays, by path.
    pub removed: Vec<RemovedLockfile>,
    /// Files that keep the gate, by path.
    pub loosened: Vec<Loosened>,
    /// Files that steer installers, by path.
    pub redirects: Vec<Redirect>,
}

/// A lockfile that was judged before the change and is judged no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedLockfile {
    /// Its path before the change.
    pub path: FilePath,
    /// What became of it.
    pub fate: Fate,
    /// The command that writes it anew.
    pub relock: &'static str,
}

/// What became of a lockfile that is judged no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone, and nothing locks its manifest by now.
    Unlocked,
    /// It is gone, and nothing says any more what its folder installs.
    Gone,
    /// It has another name by now, under which no tool reads it.
    Renamed(FilePath),
    /// It is there and lists nothing any more.
    Emptied,
    /// It is there, but its tool reads another lockfile beside it.
    Shadowed,
}

/// A file that keeps the gate, and lets more through by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loosened {
    /// The file.
    pub path: FilePath,
    /// What it lets through, in words.
    pub what: Vec<String>,
    /// What tells this state of the file from others.
    pub digest: String,
}
