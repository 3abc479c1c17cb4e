//! deno.json and deno.jsonc beside the lockfile: the packages of npm that they ask for by now, and their members.
//!
//! Deno copies the specifiers of `imports` and `scopes` into the lockfile in a form of its own, so that names are
//! compared and ranges are not.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::files::Files;
use crate::lockfile::json::{Expected, Field, Object, Pairs, syntax_error};
use crate::lockfile::jsonc::Plain;
use crate::lockfile::limits::Limits;
use crate::lockfile::manifest::globs;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::npm::{members, specifier};
use crate::path::FilePath;

/// The names that Deno looks for, in its order.
const NAMES: [&str; 2] = ["deno.json", "deno.jsonc"];

/// What one configuration file asks for.
pub(super) struct Config {
    pub(super) path: FilePath,
    /// The packages of npm, by their own names.
    pub(super) names: BTreeSet<String>,
    /// Where the members of the workspace lie, in patterns; none if what stands there is no list of texts.
    members: Option<Vec<String>>,
}

/// The folders of a project: its own, and those of its members.
pub(super) struct Folders {
    /// What the configuration files in them ask for, the project's own first.
    pub(super) configs: Vec<Config>,
    /// The members, by the lockfile and by the project's configuration.
    pub(super) members: BTreeSet<FilePath>,
}

#[derive(Default, Deserialize)]
struct Document<'a> {
    #[serde(default, borrow)]
    imports: Imports<'a>,
    #[serde(default, borrow)]
    scopes: Expected<'a, Pairs<'a, Imports<'a>>>,
    #[serde(default)]
    workspace: Option<Workspace>,
}

/// What is imported under a name, by that name.
type Imports<'a> = Expected<'a, Pairs<'a, Field<'a>>>;

#[derive(Deserialize)]
#[serde(untagged)]
enum Workspace {
    Members(Vec<String>),
    Table { members: Vec<String> },
    Other(IgnoredAny),
}

/// Finds the members of a project beside those that its lockfile has, and reads the configuration of all.
///
/// One that cannot be read is a problem.
pub(super) fn read_all(
    project: &FilePath,
    listed: impl Iterator<Item = FilePath>,
    files: &dyn Files,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Folders {
    let own = read(project, files, problems);
    let stated = own
        .as_ref()
        .map(|own| own.folders(project, files, limits, problems));
    let mut members: BTreeSet<FilePath> = stated.into_iter().flatten().chain(listed).collect();
    members.remove(project);
    let configs = members.iter().take(limits.manifests);
    let configs: Vec<Config> = configs
        .filter_map(|folder| read(folder, files, problems))
        .collect();
    Folders {
        configs: own.into_iter().chain(configs).collect(),
        members,
    }
}

fn read(folder: &FilePath, files: &dyn Files, problems: &mut Vec<Problem>) -> Option<Config> {
    let mut paths = NAMES.iter().filter_map(|name| folder.join(name));
    let (path, text) = paths.find_map(|path| match files.read(&path) {
        Ok(text) => Some((path, Ok(text?))),
        Err(error) => Some((path, Err(error.to_string()))),
    })?;
    let read = text.and_then(|text| Config::parse(&path, &text));
    read.map_err(|message| {
        let help = "what it asks for is not known; mend it, or let linchpin read it";
        problems.push(Problem::new(path, ProblemSeverity::Error, message).help(help));
    })
    .ok()
}

impl Config {
    fn parse(path: &FilePath, text: &str) -> Result<Self, String> {
        let plain = Plain::new(text.trim_start_matches('\u{feff}'));
        let Object(document) = serde_json::from_str::<Object<Document<'_>>>(plain.as_str())
            .map_err(|error| syntax_error(&error).to_string())?;
        let scopes = document.scopes.object().into_iter().flat_map(Pairs::iter);
        let tables = scopes.map(|(_, imports)| imports);
        let imports = std::iter::once(&document.imports).chain(tables);
        let imports = imports.filter_map(Expected::object).flat_map(Pairs::iter);
        let names = imports.filter_map(|(_, target)| package(target.text()?.as_str()));
        Ok(Self {
            path: path.clone(),
            names: names.map(str::to_owned).collect(),
            members: match document.workspace {
                Some(Workspace::Members(members) | Workspace::Table { members }) => Some(members),
                Some(Workspace::Other(_)) => None,
                None => Some(Vec::new()),
            },
        })
    }

    /// Finds the folders of the members.
    fn folders(
        &self,
        project: &FilePath,
        files: &dyn Files,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Vec<FilePath> {
        let Some(members) = &self.members else {
            let message = "its `workspace` is no list of folders, so its members are not known";
            let problem = Problem::new(self.path.clone(), ProblemSeverity::Error, message);
            problems.push(problem.help("write it as Deno's documentation has it"));
            return Vec::new();
        };
        match globs::expand_all(project, members, files, limits.manifests) {
            Ok((folders, bad)) => {
                problems.extend(bad.iter().map(|glob| members::unreadable(&self.path, glob)));
                folders
            }
            Err(error) => {
                let message = format!("the members of this workspace were not found: {error}");
                let problem = Problem::new(self.path.clone(), ProblemSeverity::Error, message);
                problems.push(problem.help("let linchpin read the folders of the workspace"));
                Vec::new()
            }
        }
    }
}

/// Takes the name off `npm:name@range/path`, which may have a slash before it; none for other registries.
fn package(target: &str) -> Option<&str> {
    let target = target.strip_prefix("npm:")?;
    let target = target.strip_prefix('/').unwrap_or(target);
    let (name, _) = specifier::split(target).unwrap_or((target, ""));
    let parts = if name.starts_with('@') { 2 } else { 1 };
    let end = name.match_indices('/').nth(parts - 1);
    let name = end.map_or(name, |(end, _)| &name[..end]);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn names_are_taken_off_specifiers_of_npm() {
        for (target, name) in [
            ("npm:ms@2.0.0", Some("ms")),
            ("npm:/preact@10/hooks", Some("preact")),
            ("npm:@s/a@^1/sub", Some("@s/a")),
            ("npm:@s/a/sub", Some("@s/a")),
            ("npm:ms", Some("ms")),
            ("npm:ms/", Some("ms")),
            ("npm:", None),
            ("jsr:@std/path@1", None),
            ("./local.ts", None),
        ] {
            assert_eq!(package(target), name, "{target}");
        }
    }
}
