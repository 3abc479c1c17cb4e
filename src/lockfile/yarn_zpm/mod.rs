//! yarn.lock as Yarn 6 (zpm) writes it: JSON, version 9 in `__metadata`.
//!
//! The records are those of Yarn 2 to 4 in another syntax, without the project's own packages.

mod wire;

use rustc_hash::FxHashSet;

use super::json::{Object, syntax_error};
use super::limits::Limits;
use super::model::{DependencyKind, FormatId, Lockfile, LockfileError};
use super::span::SourceFile;
use super::yarn::{Modern, Packages, RELOCK, Stated};
use super::{FileNamePattern, LockfileFormat};
use crate::files::Files;
use crate::package::Ecosystem;
use crate::text::Untrusted;

/// The newest version of the format that is known.
const NEWEST: u64 = 9;

pub(super) struct YarnZpm;

impl LockfileFormat for YarnZpm {
    fn id(&self) -> FormatId {
        FormatId("yarn-zpm")
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn summary(&self) -> &'static str {
        "yarn.lock of Yarn 6, version 9"
    }

    fn file_names(&self) -> &'static [FileNamePattern] {
        &[FileNamePattern::Exact("yarn.lock")]
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn tool(&self) -> &'static str {
        "yarn"
    }

    fn relock(&self) -> &'static str {
        RELOCK
    }

    fn recognises(&self, head: &str) -> bool {
        head.trim_start().starts_with('{') && head.contains("\"__metadata\"")
    }

    fn parse<'a>(
        &self,
        file: &'a SourceFile,
        files: &dyn Files,
        limits: &Limits,
    ) -> Result<Lockfile<'a>, LockfileError> {
        let Object(document) = serde_json::from_str::<Object<wire::Document<'a>>>(file.text())
            .map_err(|error| syntax_error(&error))?;
        let Some(entries) = document.entries else {
            return Err(LockfileError::Unreadable {
                message: "the file has no `entries`, so it is no yarn.lock that can be read"
                    .to_owned(),
                help: "write it anew: yarn install",
            });
        };
        limits.check_entries(entries.0.len())?;
        let mut modern = Modern::new(file, self.id(), entries.0.len());
        if document.metadata.0.version != Some(NEWEST) {
            modern.warn(format!(
                "this version of yarn.lock is not known to this linchpin; it was read as version {NEWEST}"
            ));
        }
        for (key, Object(entry)) in entries.0 {
            add(&mut modern, key, entry);
        }
        Ok(modern.connect(Packages::Absent, files, limits)?)
    }
}

fn add<'a>(modern: &mut Modern<'a>, key: Untrusted<'a>, entry: wire::Entry<'a>) {
    let Object(resolution) = entry.resolution;
    let optional: FxHashSet<&str> = resolution
        .optional_dependencies
        .0
        .iter()
        .map(Untrusted::as_str)
        .collect();
    for (name, range) in &resolution.dependencies.0 {
        let kind = if optional.contains(name.as_str()) {
            DependencyKind::Optional
        } else {
            DependencyKind::Normal
        };
        let range = range.text().cloned().unwrap_or_default();
        modern.ask(name.clone(), &range, kind);
    }
    modern.add(Stated {
        key,
        resolution: resolution.locator.text().cloned(),
        version: resolution.version.text().cloned(),
        checksum: entry.checksum.text().cloned(),
    });
}

#[cfg(test)]
mod tests;
