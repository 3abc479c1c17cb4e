//! Members of a workspace of packages: the folders that globs mean, and their manifests, through [`Files`].

use super::super::check::excerpt;
use super::super::limits::Limits;
use super::super::manifest::globs;
use super::super::model::{Problem, ProblemSeverity};
use crate::files::Files;
use crate::path::FilePath;
use crate::text::Untrusted;

/// A package.json that a lockfile covers.
pub(in crate::lockfile) struct ManifestFile {
    /// Its folder, inside the audited root.
    pub(in crate::lockfile) folder: FilePath,
    /// Its own path.
    pub(in crate::lockfile) path: FilePath,
    /// Its text; parse it with `manifest::package_json::read`.
    pub(in crate::lockfile) text: String,
}

/// Reads the manifest in a folder; none if there is none, a problem if it cannot be opened.
pub(in crate::lockfile) fn manifest_in(
    folder: &FilePath,
    files: &dyn Files,
    problems: &mut Vec<Problem>,
) -> Option<ManifestFile> {
    let path = folder.join("package.json")?;
    match files.read(&path) {
        Ok(text) => Some(ManifestFile {
            folder: folder.clone(),
            path,
            text: text?,
        }),
        Err(error) => {
            let help = "what it asks for is not known; let linchpin read it";
            let message = error.to_string();
            problems.push(Problem::new(path, ProblemSeverity::Error, message).help(help));
            None
        }
    }
}

/// Reads the manifests of the members that globs mean, sorted by folder; a glob behind `!` leaves members out.
///
/// Folders without a package.json are no members. Bounded by `limits.manifests`.
pub(in crate::lockfile) fn members<P: AsRef<str>>(
    project: &FilePath,
    globs: &[P],
    files: &dyn Files,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<ManifestFile> {
    let (excluded, included): (Vec<&str>, Vec<&str>) = globs
        .iter()
        .map(AsRef::as_ref)
        .partition(|glob| glob.starts_with('!'));
    let (excluded, bad) = globs::compile_all(excluded.into_iter().map(|glob| &glob[1..]));
    problems.extend(bad.into_iter().map(|glob| unreadable(project, glob)));
    let folders = match globs::expand_all(project, &included, files, limits.manifests) {
        Ok((folders, bad)) => {
            problems.extend(bad.iter().map(|glob| unreadable(project, glob)));
            folders
        }
        Err(error) => {
            let message = format!("the members of this workspace were not found: {error}");
            let problem = Problem::new(project.clone(), ProblemSeverity::Error, message);
            problems.push(problem.help("let linchpin read the folders of the workspace"));
            Vec::new()
        }
    };
    let is_left_out = |folder: &FilePath| {
        let relative = project.relative_to(folder);
        excluded.is_match(&relative)
    };
    folders
        .into_iter()
        .filter(|folder| folder != project && !is_left_out(folder))
        .filter_map(|folder| manifest_in(&folder, files, problems))
        .collect()
}

/// Words a pattern that is not one, or one too many.
pub(in crate::lockfile) fn unreadable(path: &FilePath, glob: &str) -> Problem {
    let glob = excerpt(&Untrusted::borrowed(glob));
    let message =
        format!("the workspace pattern `{glob}` cannot be read, so its members are not known");
    Problem::new(path.clone(), ProblemSeverity::Error, message).help(
        "mend the pattern; the folders that it means are not compared with the lockfile until then",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MapFiles;

    #[test]
    fn members_have_a_manifest_and_are_not_left_out() {
        let files = MapFiles::new([
            ("w/package.json", "{}"),
            ("w/packages/a/package.json", "{}"),
            ("w/packages/b/package.json", "{}"),
            ("w/packages/c/readme.md", ""),
        ]);
        let project = FilePath::new("w").expect("a path inside the root");
        let mut problems = Vec::new();
        let globs = [".", "packages/*", "!packages/b"];
        let found = members(&project, &globs, &files, &Limits::default(), &mut problems);
        let paths: Vec<_> = found.iter().map(|member| member.path.as_str()).collect();
        assert_eq!(paths, ["w/packages/a/package.json"]);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_pattern_that_leaves_out_and_cannot_be_read_is_told() {
        let files = MapFiles::new([("w/a/package.json", "{}")]);
        let project = FilePath::new("w").expect("a path inside the root");
        let mut problems = Vec::new();
        let globs = ["*", "!a["];
        let found = members(&project, &globs, &files, &Limits::default(), &mut problems);
        assert_eq!((found.len(), problems.len()), (1, 1));
    }
}
