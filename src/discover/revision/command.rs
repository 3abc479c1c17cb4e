//! The git command line, so that nothing in a repository or its surroundings makes git run, fetch or believe anything.
//!
//! No hook, no monitor, no other transport, no replaced object, no variable of the caller's but the index of a hook; what is looked up stands
//! behind `--end-of-options`.

use std::env;
use std::process::Command;
use std::time::Duration;

use camino::Utf8Path;

use super::{History, RevisionError};
use crate::discover::process::{self, Answer, Bounds};

/// Settings that win over those of the repository and of the user.
const SETTINGS: [&str; 5] = [
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=",
    "core.quotePath=false",
];

/// What a question may take: a listing of a million files is about 100 MB.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_mins(2),
    bytes: 512 << 20,
};

/// Git in a folder.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: camino::Utf8PathBuf,
}

impl Git {
    /// Takes the topmost folder of a work tree.
    pub(super) fn new(folder: &Utf8Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Returns a command that waits for its subcommand.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("git");
        for (name, _) in env::vars_os() {
            // A hook of `git commit` names the index that is about to be committed.
            if name.to_string_lossy().starts_with("GIT_") && name != "GIT_INDEX_FILE" {
                command.env_remove(name);
            }
        }
        command.env("GIT_NO_REPLACE_OBJECTS", "1");
        command.env("GIT_NO_LAZY_FETCH", "1");
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command.env("GIT_TERMINAL_PROMPT", "0");
        // Complaints are shown, and are the same for everybody.
        command.env("LC_ALL", "C");
        command.args(["--no-pager", "--literal-pathspecs", "-C"]);
        command.arg(self.folder.as_str());
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    /// Asks something; the answer may be a refusal.
    pub(super) fn ask(&self, arguments: &[&str]) -> Result<Answer, RevisionError> {
        let mut command = self.command();
        command.args(arguments);
        process::run(&mut command, BOUNDS).map_err(RevisionError::of_process)
    }

    /// Asks something that git must answer.
    pub(super) fn demand(&self, arguments: &[&str]) -> Result<Vec<u8>, RevisionError> {
        let answer = self.ask(arguments)?;
        if answer.status.success() {
            Ok(answer.output)
        } else {
            Err(RevisionError::refused(arguments[0], &answer))
        }
    }

    /// Says how much of the history there is, for whoever misses a commit.
    pub(super) fn history(&self) -> History {
        let answer = self.line(&["rev-parse", "--is-shallow-repository"]);
        match answer {
            Ok(Some(line)) if line == "true" => History::Shallow,
            _ => History::Full,
        }
    }

    /// Asks for one line; none if git refuses without a word, as it does for what is not there.
    pub(super) fn line(&self, arguments: &[&str]) -> Result<Option<String>, RevisionError> {
        let answer = self.ask(arguments)?;
        if !answer.status.success() && answer.status.code() != Some(1) {
            return Err(RevisionError::refused(arguments[0], &answer));
        }
        let text = String::from_utf8(answer.output).unwrap_or_default();
        let line = text.lines().next().map(str::to_owned);
        Ok(line.filter(|_| answer.status.success()))
    }
}
