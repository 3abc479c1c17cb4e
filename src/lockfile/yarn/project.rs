//! The manifests of the project: what its own packages are called and what they ask for.

use crate::files::Files;
use crate::lockfile::limits::Limits;
use crate::lockfile::manifest::package_json::{self, PackageJson};
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::npm::members::{self, ManifestFile};
use crate::lockfile::span::SourceFile;
use crate::path::FilePath;

/// The texts of the manifests: the root's first if there is one, then those of its members by folder.
pub(in crate::lockfile) struct Project {
    files: Vec<ManifestFile>,
}

/// A package of the project: its folder and what its manifest says.
pub(in crate::lockfile) struct Own<'m> {
    /// Its folder, inside the audited root.
    pub(in crate::lockfile) folder: FilePath,
    /// Its manifest.
    pub(in crate::lockfile) manifest: PackageJson<'m>,
}

impl Project {
    /// Reads the root's manifest, those of the members that its globs mean, and those in further folders.
    pub(in crate::lockfile) fn read(
        file: &SourceFile,
        further: &[&str],
        files: &dyn Files,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let root = file.path().parent();
        let mut found: Vec<ManifestFile> = members::manifest_in(&root, files, problems)
            .into_iter()
            .collect();
        let globs = globs(found.first());
        let mut members = members::members(&root, &globs, files, limits, problems);
        members.retain(|member| !is_hidden(&root.relative_to(&member.folder)));
        let further = further.iter().filter_map(|folder| root.join(folder));
        let mut further: Vec<FilePath> = further
            .filter(|folder| *folder != root)
            .filter(|folder| {
                members
                    .binary_search_by(|own| own.folder.cmp(folder))
                    .is_err()
            })
            .collect();
        further.sort_unstable();
        further.dedup();
        if further.len() > limits.manifests {
            let message = format!(
                "only {} of {} manifests of members were read",
                limits.manifests,
                further.len()
            );
            problems.push(Problem::new(
                file.path().clone(),
                ProblemSeverity::Error,
                message,
            ));
            further.truncate(limits.manifests);
        }
        found.append(&mut members);
        found.extend(
            further
                .iter()
                .filter_map(|folder| members::manifest_in(folder, files, problems)),
        );
        Self { files: found }
    }

    /// Lists the paths of the manifests.
    pub(in crate::lockfile) fn paths(&self) -> impl Iterator<Item = FilePath> {
        self.files.iter().map(|file| file.path.clone())
    }

    /// Parses the manifests; one that is no JSON is a problem.
    pub(in crate::lockfile) fn parse(&self, problems: &mut Vec<Problem>) -> Vec<Own<'_>> {
        let mut own = Vec::with_capacity(self.files.len());
        for file in &self.files {
            match package_json::read(&file.text) {
                Ok(manifest) => own.push(Own {
                    folder: file.folder.clone(),
                    manifest,
                }),
                Err(error) => problems.push(unreadable(&file.path, &error.to_string())),
            }
        }
        own
    }
}

fn unreadable(path: &FilePath, message: &str) -> Problem {
    Problem::new(path.clone(), ProblemSeverity::Error, message.to_owned())
        .help("what it asks for is not known; mend it")
}

/// Takes the globs of the root's manifest; one that cannot be parsed is told when it is parsed for all it says.
fn globs(root: Option<&ManifestFile>) -> Vec<String> {
    let manifest = root.and_then(|root| package_json::read(&root.text).ok());
    let globs = manifest
        .into_iter()
        .flat_map(|manifest| manifest.workspaces.0);
    globs.map(|glob| glob.as_str().to_owned()).collect()
}

/// Yarn's wildcards mean no hidden folders.
fn is_hidden(folder: &str) -> bool {
    folder.split('/').any(|part| part.starts_with('.'))
}
