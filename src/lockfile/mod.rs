//! Bytes → [`Lockfile`]: one file per format, each one line in [`LOCKFILE_FORMATS`]. Pure.
//!
//! A format resolves its own edges, as its tool would; it reads manifests beside the lockfile through
//! [`Files`] to label what the lockfile leaves out. What it has to drop becomes a [`Problem`], never silence.

mod bun_lock;
mod cargo_lock;
mod check;
mod deno_lock;
mod json;
mod jsonc;
pub mod limits;
pub mod manifest;
pub mod model;
pub mod names;
mod npm;
mod package_lock;
mod pdm_lock;
mod pipfile_lock;
mod pnpm_lock;
mod poetry_lock;
mod pylock_toml;
mod pypi;
mod requirements_txt;
pub mod rivals;
pub mod span;
#[cfg(test)]
mod testing;
mod toml;
pub mod unread;
mod uv_lock;
pub(crate) mod yaml;
mod yarn;
mod yarn_berry;
mod yarn_v1;
mod yarn_zpm;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use cargo_lock::metadata;
pub(crate) use check::excerpt;
pub use limits::{LimitExceeded, Limits};
pub use model::{
    Artifact, Delivery, DependencyKind, EdgeStatement, EntryKind, FormatId, InstallScript,
    LockedDependency, LockedEntry, Lockfile, LockfileError, Problem, ProblemSeverity, Scope,
    Unjudged,
};
pub use names::FileNamePattern;
pub use span::{Location, SourceFile, Span};

use crate::files::Files;
use crate::package::Ecosystem;
use crate::path::FilePath;

/// A lockfile format. To add one, write its file and add it to [`LOCKFILE_FORMATS`].
pub trait LockfileFormat: Sync {
    /// Returns the id that reports use.
    fn id(&self) -> FormatId;

    /// Returns the ecosystem of every package in such a lockfile.
    fn ecosystem(&self) -> Ecosystem;

    /// Says in a few words which files and versions are read.
    fn summary(&self) -> &'static str;

    /// Returns the customary file names.
    fn file_names(&self) -> &'static [FileNamePattern];

    /// Returns names of which the tool reads only the first that lies in a folder; the others are passed over.
    fn shadowing(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns the name of the manifest that such a lockfile locks; none if it stands for itself.
    fn manifest(&self) -> Option<&'static str>;

    /// Returns the name of the tool that writes and reads such a lockfile.
    fn tool(&self) -> &'static str;

    /// Returns the command that writes the lockfile anew, for error messages.
    fn relock(&self) -> &'static str;

    /// Says whether the start of a file looks like this format, whatever its name is.
    fn recognises(&self, head: &str) -> bool;

    /// Says whether a file with one of the customary names bears packages at all; a list of comments does not.
    fn bears_packages(&self, _text: &str) -> bool {
        true
    }

    /// Says whether an entry of a registry may be without a version; everywhere else that is an error.
    fn admits_ranges(&self) -> bool {
        false
    }

    /// Reads a lockfile. Never panics, and never allocates or runs out of proportion to the file's size.
    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError>;
}

/// Every format, in the order of reports.
pub static LOCKFILE_FORMATS: &[&dyn LockfileFormat] = &[
    &cargo_lock::CargoLock,
    &bun_lock::BunLock,
    &package_lock::PackageLock,
    &pnpm_lock::PnpmLock,
    &deno_lock::DenoLock,
    &uv_lock::UvLock,
    &yarn_v1::YarnV1,
    &yarn_berry::YarnBerry,
    &yarn_zpm::YarnZpm,
    &poetry_lock::PoetryLock,
    &pdm_lock::PdmLock,
    &pipfile_lock::PipfileLock,
    &pylock_toml::PylockToml,
    &requirements_txt::RequirementsTxt,
];

/// How much of a file is looked at to recognise its format.
const HEAD_BYTES: usize = 4096;

/// Finds the first format that the name of a file belongs to; case does not matter.
pub fn format_of_path(path: &FilePath) -> Option<&'static dyn LockfileFormat> {
    let folder = path.parent();
    formats_of_names(folder.file_name(), path.file_name()).next()
}

/// Lists the formats of a name in a folder of a name; yarn has given one name to three formats.
pub(crate) fn formats_of_names<'n>(
    folder: &'n str,
    name: &'n str,
) -> impl Iterator<Item = &'static dyn LockfileFormat> + use<'n> {
    LOCKFILE_FORMATS.iter().copied().filter(move |format| {
        let mut patterns = format.file_names().iter();
        patterns.any(|pattern| pattern.matches(folder, name))
    })
}

/// Finds the format of a file, by its name or else by the look of its first bytes.
///
/// Where a name belongs to several formats, the bytes decide; the first is the one if they do not.
pub fn detect(file: &SourceFile) -> Option<&'static dyn LockfileFormat> {
    let head = head(file);
    let folder = file.path().parent();
    let named: Vec<_> = formats_of_names(folder.file_name(), file.path().file_name()).collect();
    let looks_alike = |formats: &[&'static dyn LockfileFormat]| {
        formats
            .iter()
            .copied()
            .find(|format| format.recognises(head))
    };
    match named.as_slice() {
        [] => looks_alike(LOCKFILE_FORMATS),
        [only] => Some(*only),
        several => looks_alike(several).or(Some(several[0])),
    }
}

/// Says whether a file looks like a format by its content; one that does not is never repeated in a message.
pub fn is_recognised(format: &dyn LockfileFormat, file: &SourceFile) -> bool {
    format.recognises(head(file))
}

fn head(file: &SourceFile) -> &str {
    let end = file.text().floor_char_boundary(HEAD_BYTES);
    &file.text()[..end]
}

/// Reads a lockfile in a given format; an error or a panic of the parser becomes a problem of this one file.
pub fn parse<'a>(
    format: &dyn LockfileFormat,
    file: &'a SourceFile,
    files: &dyn Files,
    limits: &Limits,
) -> Result<Lockfile<'a>, Problem> {
    match catch_unwind(AssertUnwindSafe(|| {
        parse_checked(format, file, files, limits)
    })) {
        Ok(Ok(lockfile)) => Ok(lockfile),
        Ok(Err(error)) => Err(explain(format, file, &error)),
        Err(_panic) => Err(Problem::new(
            file.path().clone(),
            ProblemSeverity::Error,
            "linchpin failed while reading this file; this is a bug of linchpin",
        )
        .help("please report it with the file; the other files were audited")),
    }
}

fn parse_checked<'a>(
    format: &dyn LockfileFormat,
    file: &'a SourceFile,
    files: &dyn Files,
    limits: &Limits,
) -> Result<Lockfile<'a>, LockfileError> {
    if file.text().trim().is_empty() {
        return Err(LockfileError::Empty {
            help: format.relock(),
        });
    }
    if let Some(offset) = conflict_marker(file.text()) {
        return Err(LockfileError::Conflict {
            offset: span::to_u32(offset),
            help: format.relock(),
        });
    }
    limits.check_words(file.text())?;
    let mut lockfile = format.parse(file, files, limits)?;
    limits.check_entries(lockfile.entries.len())?;
    limits.check_dependencies(lockfile.dependencies.len())?;
    check::entries(format, file, &mut lockfile);
    check::cap_problems(&mut lockfile);
    Ok(lockfile)
}

/// Finds the first line that git wrote into an unfinished merge.
fn conflict_marker(text: &str) -> Option<usize> {
    const MARKS: [&str; 2] = ["<<<<<<<", ">>>>>>>"];
    let text = text.as_bytes();
    let first = |mark: &&str| {
        memchr::memmem::find_iter(text, *mark).find(|at| {
            let starts = *at == 0 || text[at - 1] == b'\n';
            starts && text.get(at + mark.len()) == Some(&b' ')
        })
    };
    MARKS.iter().filter_map(first).min()
}

fn explain(format: &dyn LockfileFormat, file: &SourceFile, error: &LockfileError) -> Problem {
    let problem = Problem::new(
        file.path().clone(),
        ProblemSeverity::Error,
        error.to_string(),
    );
    match error {
        LockfileError::Empty { help } => problem.help(format!("write it anew: {help}")),
        LockfileError::Conflict { offset, help } => problem
            .at(file.locate(*offset))
            .help(format!("finish the merge, then: {help}")),
        LockfileError::Syntax { location, .. } => {
            let problem = problem.help(format!("write it anew: {}", format.relock()));
            match location {
                Some(location) => problem.at(*location),
                None => problem,
            }
        }
        LockfileError::Unreadable { help, .. } => problem.help(*help),
        LockfileError::Limit(_) => problem.help("no tool writes such a lockfile; write it anew"),
    }
}
