//! bun.lock, versions 0 to 3.
//!
//! `packages` maps install paths to tuples whose first element says what the package is (`source`); a path is
//! never a name, because aliases are installed under others. Edges resolve upwards through the paths (`paths`).
//! `workspaces` holds what the project and its members ask for. Versions 2 and 3 only forbid or allow more.

mod edges;
mod entries;
mod paths;
mod source;
mod stale;
mod wire;

use rustc_hash::FxHashMap;

use self::entries::Entries;
use self::paths::Paths;
use self::wire::Document;
use super::json::{Object, syntax_error};
use super::jsonc::Plain;
use super::limits::Limits;
use super::model::{FormatId, Lockfile, LockfileError, Problem, ProblemSeverity};
use super::npm::oddities::Oddities;
use super::span::{SourceFile, to_u32};
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::Ecosystem;

/// The newest version of the format that this reader knows.
const NEWEST: u64 = 3;

/// What to do about a lockfile that no tool writes.
const ANEW: &str = "write it anew: bun install --lockfile-only";

/// What to do about a lockfile that is older than its manifest.
const BEHIND: &str = "the lockfile is behind its manifest: bun install --lockfile-only";

pub(super) struct BunLock;

impl LockfileFormat for BunLock {
    fn id(&self) -> FormatId {
        FormatId("bun-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "bun.lock, versions 0 to 3"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[FileNamePattern::Exact("bun.lock")]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "bun"
    }

    fn relock(&self) -> &'static str {
        "bun install --lockfile-only"
    }

    fn recognises(&self, head: &str) -> bool {
        // npm writes `workspaces` too, but never the project itself into it.
        let after =
            |(_, rest): (&str, &'_ str)| rest.split_whitespace().take(3).collect::<String>();
        let workspaces = head.split_once("\"workspaces\"").map(after);
        head.contains("\"lockfileVersion\"")
            && workspaces.is_some_and(|text| text.starts_with(":{\"\":"))
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let plain = Plain::new(file.text());
        let Object(document) = serde_json::from_str::<Object<Document<'_>>>(plain.as_str())
            .map_err(|error| syntax_error(&error))?;
        let count = document.packages.tuples.len();
        limits.check_entries(count)?;
        let folder = file.path().parent();
        let root = entries::root(&document, &plain, folder.file_name());
        let mut lockfile = Lockfile::new(file.path().clone(), self.id(), root, self.ecosystem());
        lockfile.entries.reserve(count);
        lockfile.dependencies.reserve(count * 2);
        check_version(&document, &mut lockfile);
        let mut entries = Entries {
            lockfile,
            plain: &plain,
            oddities: Oddities::new(file, ANEW),
            packages: &document.packages,
            paths: Paths::with_capacity(count),
            asking: Vec::with_capacity(count),
            members: FxHashMap::default(),
        };
        entries.collect(&document, limits)?;
        let unmet = edges::connect(&mut entries, &document, limits)?;
        let mut lockfile = entries.lockfile;
        entries.oddities.report(&mut lockfile);
        unmet.report(&mut lockfile, file, BEHIND);
        stale::report(&mut lockfile, files, &document, limits);
        Ok(lockfile)
    }
}

/// What Bun itself would refuse is read all the same, and said.
fn check_version(document: &Document<'_>, lockfile: &mut Lockfile<'_>) {
    let (severity, message) = match document.lockfile_version {
        None => (
            ProblemSeverity::Error,
            "the file has no `lockfileVersion`, so bun will not read it".to_owned(),
        ),
        Some(version) if version > NEWEST => (
            ProblemSeverity::Warning,
            format!(
                "lockfileVersion {version} is newer than this linchpin knows; it was read as version {NEWEST}"
            ),
        ),
        Some(_) if document.workspaces.is_none() => (
            ProblemSeverity::Error,
            "the file has no `workspaces`, so what the project asks for is not known".to_owned(),
        ),
        Some(_) => return,
    };
    let problem = Problem::new(lockfile.path.clone(), severity, message);
    lockfile.problems.push(problem.help(ANEW));
}

#[cfg(test)]
mod tests;
