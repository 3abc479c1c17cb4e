//! What the install hooks of an npm package do, told by looking at them; nothing is ever run.
//!
//! A hook is a shell command in package.json that npm runs when the package is installed. The command is split
//! (`command`), the files that it runs are found in the archive and lexed (`script`), and what they do is told from
//! their tokens (`sights`). `Harmless` is said only of what is understood to its end (`plain`, `gyp`); whatever
//! is not is `Unclear`. A determined author can hide from any reader of tokens, so that the absence of sights alone
//! proves nothing.

mod command;
mod files;
mod gyp;
mod imports;
mod look;
mod plain;
mod script;
mod sights;
mod temporary;
mod words;

use super::tarball::{Tarball, TarballLimits, read_tarball};
use super::{ArchiveError, path};
use crate::text::Untrusted;

/// What was seen of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookReport {
    /// The hook's name, such as `postinstall`, as it was handed in.
    pub hook: String,
    /// Its command.
    pub command: Untrusted<'static>,
    /// The first file of the archive that it runs; none where it runs none, or none that is there.
    pub target: Option<Untrusted<'static>>,
    /// What is to be thought of it.
    pub verdict: HookVerdict,
    /// What it was seen to do, in the order of the command and its files: each kind once a file.
    pub sights: Vec<Sight>,
}

/// What is to be thought of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookVerdict {
    /// It is understood to its end, and does no harm.
    Harmless(Harmless),
    /// Not all of it could be looked at or understood.
    Unclear,
    /// It does something that attacks do; many honest hooks do so, too.
    Suspicious,
}

/// What a harmless hook does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Harmless {
    /// It prints a message at most.
    Message,
    /// It builds native code or TypeScript that lies in the archive, or takes a prebuilt binary of the same project.
    Build,
}

/// Something that a hook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// What.
    pub kind: SightKind,
    /// The file of the archive that does it; none where the command itself does.
    pub file: Option<Untrusted<'static>>,
    /// The line, from 1.
    pub line: u32,
    /// That line, or the part of it around the place: 120 characters at most.
    pub excerpt: Untrusted<'static>,
}

/// What hooks are seen to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SightKind {
    /// It imports a module for connections, or calls `fetch`, or runs `curl`.
    Network,
    /// It imports a module that starts programs.
    Process,
    /// It holds a long encoded literal, or decodes and runs one, or has obfuscated names.
    Encoded,
    /// Its lines are too long for people.
    Minified,
    /// It makes code out of text.
    DynamicCode,
    /// It reads tokens from the environment or from files that hold them.
    Credentials,
    /// It names a file whose content is started later by others.
    Persistence,
}

impl HookReport {
    /// Tells of a hook that nobody looked at.
    pub fn unread(hook: &str, command: &str) -> Self {
        Self {
            hook: hook.to_owned(),
            command: Untrusted::from(command.to_owned()),
            target: None,
            verdict: HookVerdict::Unclear,
            sights: Vec::new(),
        }
    }
}

impl SightKind {
    /// Returns what the hook does, as the end of a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Network => "opens a network connection",
            Self::Process => "starts another program",
            Self::Encoded => "holds an encoded payload",
            Self::Minified => "is minified",
            Self::DynamicCode => "runs code that it makes or fetches",
            Self::Credentials => "reads credentials",
            Self::Persistence => "names a place from which programs are started later",
        }
    }
}

/// Looks at hooks, each with its name and its command, of the npm tarball in `gz`.
///
/// Where npm implies `node-gyp rebuild` (there is a binding.gyp and no `install` or `preinstall`), the caller hands that
/// in as the command of `install`. Fails where the archive cannot be read.
pub fn inspect(
    hooks: &[(&str, &str)],
    gz: &[u8],
    limits: &TarballLimits,
) -> Result<Vec<HookReport>, ArchiveError> {
    Ok(look(hooks, &read_tarball(gz, &is_looked_at, limits)?))
}

/// Looks at hooks of a tarball that was read with [`is_looked_at`].
pub fn look(hooks: &[(&str, &str)], tarball: &Tarball) -> Vec<HookReport> {
    let files = files::Files::of(tarball, "");
    let report = |(hook, command): &(&str, &str)| look::report(hook, command, &files);
    hooks.iter().map(report).collect()
}

/// Looks at hooks of a package that is bundled at a folder of a tarball; the reports have paths of the tarball.
///
/// None is harmless: whatever else is bundled may pass for a tool that it calls.
pub fn look_bundled(hooks: &[(&str, &str)], folder: &str, tarball: &Tarball) -> Vec<HookReport> {
    let files = files::Files::of(tarball, folder);
    let report = |(hook, command): &(&str, &str)| {
        let mut report = look::report(hook, command, &files);
        let sighted = report.sights.iter_mut().map(|sight| &mut sight.file);
        for file in sighted.chain([&mut report.target]).flatten() {
            *file = Untrusted::from(format!("{folder}/{}", file.as_str()));
        }
        report.verdict = report.verdict.max(HookVerdict::Unclear);
        report.command = Untrusted::from(run_in(folder, command));
        report
    };
    hooks.iter().map(report).collect()
}

/// Writes a command with the folder that it is run in.
pub fn run_in(folder: &str, command: &str) -> String {
    format!("cd {folder} && {command}")
}

/// Says whether the content of a file of an archive may matter to hooks: scripts, build files, manifests of packages.
pub fn is_looked_at(file: &str) -> bool {
    match path::ending(file) {
        None | Some("js" | "cjs" | "mjs" | "sh" | "gyp" | "gypi") => true,
        Some(_) => path::name(file).eq_ignore_ascii_case(files::MANIFEST),
    }
}

/// Draws the verdicts of all hooks together: suspicious if one is, else unclear if one is, else harmless.
///
/// No hooks at all are harmless.
pub fn verdict(reports: &[HookReport]) -> HookVerdict {
    let worst = reports.iter().map(|report| report.verdict).max();
    worst.unwrap_or(HookVerdict::Harmless(Harmless::Message))
}

#[cfg(test)]
mod tests;
