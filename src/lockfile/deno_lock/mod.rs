//! deno.lock, versions 2 to 5: its packages of npm.
//!
//! Packages are kept by id (`packages`), and what the project asks for by specifier (`roots`). Packages of JSR
//! and modules from web addresses belong to no ecosystem that is judged here: they are counted, and what they
//! ask of npm hangs on the root. The versions differ in where the parts lie; `wire` has all of them.

mod config;
mod manifests;
mod packages;
mod roots;
mod wire;

use self::roots::Requests;
use self::wire::Document;
use super::json::{Object, syntax_error};
use super::limits::Limits;
use super::model::{
    FormatId, LockedEntry, Lockfile, LockfileError, Problem, ProblemSeverity, Unjudged,
};
use super::npm::oddities::Oddities;
use super::npm::unmet::Unmet;
use super::span::SourceFile;
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::Ecosystem;
use crate::text::Untrusted;

/// The newest version of the format that this reader knows.
const NEWEST: u32 = 5;

/// What to do about a lockfile that no tool writes.
const ANEW: &str = "write it anew: deno install --frozen=false";

/// What to do about a lockfile that is older than its manifest.
const BEHIND: &str = "the lockfile is behind its manifest: deno install --frozen=false";

pub(super) struct DenoLock;

impl LockfileFormat for DenoLock {
    fn id(&self) -> FormatId {
        FormatId("deno-lock")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "deno.lock, versions 2 to 5: its packages of npm"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[FileNamePattern::Exact("deno.lock")]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "deno"
    }

    fn relock(&self) -> &'static str {
        "deno install --frozen=false"
    }

    fn recognises(&self, head: &str) -> bool {
        const PARTS: [&str; 4] = ["\"specifiers\"", "\"redirects\"", "\"remote\"", "\"jsr\""];
        head.trim_start().starts_with('{')
            && head.contains("\"version\"")
            && !head.contains("\"lockfileVersion\"")
            && PARTS.iter().any(|part| head.contains(part))
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let Object(document) = serde_json::from_str::<Object<Document<'a>>>(file.text())
            .map_err(|error| syntax_error(&error))?;
        let folder = file.path().parent().file_name().to_owned();
        let root = LockedEntry::root(Ecosystem::Npm, folder.into());
        let mut lockfile = Lockfile::new(file.path().clone(), self.id(), root, self.ecosystem());
        check_version(&document, &mut lockfile)?;
        let mut oddities = Oddities::new(file, ANEW);
        let mut unmet = Unmet::default();
        let (ids, entries) = packages::add(&mut lockfile, &document, file, &mut oddities, limits)?;
        packages::connect(
            &mut lockfile,
            &document,
            &ids,
            &entries,
            &mut oddities,
            &mut unmet,
        );
        let manifests = manifests::read(&mut lockfile, &document, files, limits);
        if let Some(name) = manifests.kinds.get("").and_then(|kinds| kinds.name.clone()) {
            lockfile.entries[0].name = crate::package::PackageName::new(Ecosystem::Npm, name);
        }
        let mut requests = Requests::new(&document, &ids);
        roots::connect(
            &mut lockfile,
            &document,
            file,
            &mut requests,
            &manifests.kinds,
            &mut unmet,
        );
        manifests.report_stale(&mut lockfile, &document, &requests);
        oddities.report(&mut lockfile);
        unmet.report(&mut lockfile, file, BEHIND);
        lockfile.unjudged = unjudged(&document);
        Ok(lockfile)
    }
}

/// Counts what belongs to no ecosystem that is judged.
fn unjudged(document: &Document<'_>) -> Vec<Unjudged> {
    let jsr = roots::jsr(document).map(|packages| packages.0.len()).sum();
    let remote = document
        .remote
        .as_ref()
        .map_or(0, |modules| modules.0.len());
    [("packages of JSR", jsr), ("remote modules", remote)]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| Unjudged { what, count })
        .collect()
}

/// Refuses what cannot be read; a version from the future is read, with a warning.
fn check_version(
    document: &Document<'_>,
    lockfile: &mut Lockfile<'_>,
) -> Result<(), LockfileError> {
    let version = document.version.text().map(Untrusted::as_str);
    let version = version.and_then(|version| version.parse::<u32>().ok());
    let Some(version) = version.filter(|version| *version >= 2) else {
        return Err(LockfileError::Unreadable {
            message:
                "the file has no `version` of 2 or above, so it is no deno.lock that can be read"
                    .to_owned(),
            help: ANEW,
        });
    };
    if version > NEWEST {
        let message = format!(
            "deno.lock version {version} is newer than this linchpin knows; it was read as version {NEWEST}"
        );
        let problem = Problem::new(lockfile.path.clone(), ProblemSeverity::Warning, message);
        lockfile.problems.push(problem);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
