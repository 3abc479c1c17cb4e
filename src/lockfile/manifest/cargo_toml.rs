//! Cargo.toml: workspace members and the declarations of their dependencies.
//!
//! Follows the cargo reference: members are the root package, what `members` names less `exclude`, and, in a
//! workspace, every path dependency inside its folder. `workspace = true` inherits from the root manifest.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::super::limits::Limits;
use super::super::model::{DependencyKind, Problem, ProblemSeverity};
use super::globs;
use crate::files::Files;
use crate::path::FilePath;

/// The manifests of one Cargo.lock.
#[derive(Debug, Default)]
pub struct CargoWorkspace {
    /// The packages that were found, the root package first.
    pub members: Vec<Member>,
    /// Every manifest that was read.
    pub manifests: Vec<FilePath>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    folder: FilePath,
}

/// A first-party package.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its version, where the manifest states one.
    pub version: Option<String>,
    /// Its folder.
    pub folder: FilePath,
    /// Whether it is a member of the workspace rather than a path dependency from elsewhere.
    pub is_listed: bool,
    /// What it asks for.
    pub declarations: Vec<Declaration>,
}

/// One dependency in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The package's own name, behind a rename.
    pub package: String,
    /// How it is declared.
    pub kind: DependencyKind,
    /// The version requirement.
    pub requirement: Option<String>,
    /// The platform or `cfg` that it is for.
    pub target: Option<String>,
    /// The folder of a path dependency, as written.
    path: Option<String>,
    /// Whether `path` is relative to the workspace rather than the package.
    is_inherited: bool,
}

struct Visit {
    folder: FilePath,
    is_listed: bool,
}

impl Declaration {
    /// Says whether the package comes from somewhere else than a folder.
    pub fn is_from_elsewhere(&self) -> bool {
        self.path.is_none()
    }
}

impl CargoWorkspace {
    /// Reads the manifest in `folder`, its members' and their path dependencies'. Never fails: what cannot be read is a problem.
    pub fn read(folder: &FilePath, files: &dyn Files, limits: &Limits) -> Self {
        let mut workspace = Self {
            folder: folder.clone(),
            ..Self::default()
        };
        let Some(root) = workspace.read_manifest(folder, files) else {
            return workspace;
        };
        let settings = Settings::new(&root);
        let mut queue = vec![Visit {
            folder: folder.clone(),
            is_listed: true,
        }];
        queue.extend(workspace.listed_members(&settings, files, limits));
        queue.reverse();
        let mut seen = BTreeSet::new();
        while let Some(visit) = queue.pop() {
            if seen.len() >= limits.manifests || !seen.insert(visit.folder.clone()) {
                continue;
            }
            let Some(manifest) = workspace.read_manifest(&visit.folder, files) else {
                continue;
            };
            let Some(member) = member(&manifest, &visit, &settings) else {
                continue;
            };
            queue.extend(workspace.path_dependencies(&member, &settings));
            workspace.members.push(member);
        }
        workspace.manifests.sort_unstable();
        workspace.manifests.dedup();
        workspace
    }

    /// Returns the name of the package that lies beside the lockfile.
    pub fn root_name(&self) -> Option<String> {
        self.members
            .iter()
            .find(|member| member.folder == self.folder)
            .map(|member| member.name.clone())
    }

    /// Says whether any member is known, so that roots can be told from path dependencies.
    pub fn has_members(&self) -> bool {
        self.members.iter().any(|member| member.is_listed)
    }

    fn read_manifest(&mut self, folder: &FilePath, files: &dyn Files) -> Option<Table> {
        let path = folder.join("Cargo.toml")?;
        match files.read(&path) {
            Ok(None) => None,
            Ok(Some(text)) => match toml::from_str(text.trim_start_matches('\u{feff}')) {
                Ok(table) => {
                    self.manifests.push(path);
                    Some(table)
                }
                Err(error) => self.note(path, &format!("not valid TOML: {}", error.message())),
            },
            Err(error) => self.note(path, &error.to_string()),
        }
    }

    /// Records a manifest that cannot be read; its dependencies keep the kind `normal`.
    fn note<T>(&mut self, path: FilePath, message: &str) -> Option<T> {
        let problem = Problem::new(path, ProblemSeverity::Warning, message.to_owned());
        self.problems
            .push(problem.help("until it can be read, its dependencies count as normal ones"));
        None
    }

    fn listed_members(
        &mut self,
        settings: &Settings,
        files: &dyn Files,
        limits: &Limits,
    ) -> Vec<Visit> {
        let expanded = globs::expand_all(&self.folder, &settings.members, files, limits.manifests);
        let (mut folders, bad) = expanded.unwrap_or_else(|error| {
            self.note_members(&format!("the members could not be listed: {error}"));
            Default::default()
        });
        if let Some(pattern) = bad.first() {
            let pattern: String = pattern.chars().take(60).collect();
            self.note_members(&format!(
                "the members `{pattern}` are no glob that can be expanded"
            ));
        }
        folders.retain(|folder| !self.is_excluded(folder, settings));
        folders
            .into_iter()
            .map(|folder| Visit {
                folder,
                is_listed: true,
            })
            .collect()
    }

    /// What cannot be listed was not read.
    fn note_members(&mut self, message: &str) {
        let manifest = self.folder.join("Cargo.toml").unwrap_or_default();
        self.problems.push(Problem::new(
            manifest,
            ProblemSeverity::Error,
            message.to_owned(),
        ));
    }

    fn is_excluded(&self, folder: &FilePath, settings: &Settings) -> bool {
        let excluded = |text: &String| {
            self.folder
                .join(text)
                .is_some_and(|excluded| folder.is_within(&excluded))
        };
        settings.exclude.iter().any(excluded)
    }

    fn path_dependencies(&self, member: &Member, settings: &Settings) -> Vec<Visit> {
        let folders = member.declarations.iter().filter_map(|declaration| {
            let base = if declaration.is_inherited {
                &self.folder
            } else {
                &member.folder
            };
            base.join(declaration.path.as_ref()?)
        });
        let is_listed = |folder: &FilePath| {
            settings.is_workspace
                && folder.is_within(&self.folder)
                && !self.is_excluded(folder, settings)
        };
        folders
            .map(|folder| Visit {
                is_listed: is_listed(&folder),
                folder,
            })
            .collect()
    }
}

/// What the root manifest says for all members.
struct Settings {
    is_workspace: bool,
    members: Vec<String>,
    exclude: Vec<String>,
    version: Option<String>,
    dependencies: Table,
}

impl Settings {
    fn new(root: &Table) -> Self {
        let workspace = root.get("workspace").and_then(Value::as_table);
        let list = |key| strings(workspace.and_then(|workspace| workspace.get(key)));
        let table = |key| {
            workspace
                .and_then(|workspace| workspace.get(key))
                .and_then(Value::as_table)
        };
        Self {
            is_workspace: workspace.is_some(),
            members: list("members"),
            exclude: list("exclude"),
            version: table("package").and_then(|package| string(package.get("version"))),
            dependencies: table("dependencies").cloned().unwrap_or_default(),
        }
    }
}

/// Says whether a manifest asks for packages from elsewhere; none if it is not TOML.
pub fn asks_for_packages(text: &str) -> Option<bool> {
    let manifest: Table = toml::from_str(text).ok()?;
    let settings = Settings::new(&manifest);
    if !manifest.contains_key("package") {
        return Some(false);
    }
    Some(
        declarations(&manifest, &settings)
            .iter()
            .any(|declaration| declaration.path.is_none()),
    )
}

fn member(manifest: &Table, visit: &Visit, settings: &Settings) -> Option<Member> {
    let package = manifest.get("package")?.as_table()?;
    let version = match package.get("version") {
        Some(Value::Table(_)) => settings.version.clone(),
        other => string(other),
    };
    Some(Member {
        name: string(package.get("name"))?,
        version,
        folder: visit.folder.clone(),
        is_listed: visit.is_listed,
        declarations: declarations(manifest, settings),
    })
}

fn declarations(manifest: &Table, settings: &Settings) -> Vec<Declaration> {
    let mut found = Vec::new();
    declare_tables(manifest, None, settings, &mut found);
    for (target, tables) in manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
    {
        if let Some(tables) = tables.as_table() {
            declare_tables(tables, Some(target), settings, &mut found);
        }
    }
    found
}

fn declare_tables(
    tables: &Table,
    target: Option<&String>,
    settings: &Settings,
    found: &mut Vec<Declaration>,
) {
    const TABLES: [(&str, DependencyKind); 5] = [
        ("dependencies", DependencyKind::Normal),
        ("build-dependencies", DependencyKind::Build),
        ("build_dependencies", DependencyKind::Build),
        ("dev-dependencies", DependencyKind::Dev),
        ("dev_dependencies", DependencyKind::Dev),
    ];
    for (name, kind) in TABLES {
        let table = tables.get(name).and_then(Value::as_table);
        found.extend(
            table
                .into_iter()
                .flatten()
                .map(|(key, value)| declaration(key, value, kind, target, settings)),
        );
    }
}

fn declaration(
    key: &str,
    value: &Value,
    kind: DependencyKind,
    target: Option<&String>,
    settings: &Settings,
) -> Declaration {
    let own = value.as_table();
    let is_inherited = own
        .and_then(|table| table.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true);
    let stated = if is_inherited {
        settings.dependencies.get(key)
    } else {
        Some(value)
    };
    let table = stated.and_then(Value::as_table);
    let field = |name| string(table.and_then(|table| table.get(name)));
    let is_optional = own
        .and_then(|table| table.get("optional"))
        .and_then(Value::as_bool)
        == Some(true);
    Declaration {
        package: field("package").unwrap_or_else(|| key.to_owned()),
        kind: if is_optional {
            DependencyKind::Optional
        } else {
            kind
        },
        requirement: string(stated).or_else(|| field("version")),
        target: target.cloned(),
        path: field("path"),
        is_inherited,
    }
}

fn string(value: Option<&Value>) -> Option<String> {
    Some(value?.as_str()?.to_owned())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|item| string(Some(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MapFiles;

    const ROOT: &str = r#"
        [package]
        name = "app"
        version = "1.0.0"
        [workspace]
        members = ["crates/*"]
        exclude = ["crates/old"]
        [workspace.package]
        version = "2.0.0"
        [workspace.dependencies]
        json = { package = "serde_json", version = "1" }
        helper = { path = "crates/helper" }
        [dependencies]
        json = { workspace = true, optional = true }
        outside = { path = "../outside" }
        [target.'cfg(unix)'.build-dependencies]
        cc = "1"
    "#;
    const HELPER: &str = r#"
        [package]
        name = "helper"
        version.workspace = true
        [dev-dependencies]
        proptest = "1"
        deep = { path = "deep" }
    "#;

    fn read() -> CargoWorkspace {
        let files = MapFiles::new([
            ("ws/Cargo.toml", ROOT),
            ("ws/crates/helper/Cargo.toml", HELPER),
            (
                "ws/crates/helper/deep/Cargo.toml",
                "[package]\nname = \"deep\"\n",
            ),
            ("ws/crates/old/Cargo.toml", "[package]\nname = \"old\"\n"),
            ("ws/crates/broken/Cargo.toml", "[package\n"),
            ("outside/Cargo.toml", "[package]\nname = \"outside\"\n"),
        ]);
        CargoWorkspace::read(
            &FilePath::new("ws").expect("a path inside the root"),
            &files,
            &Limits::default(),
        )
    }

    #[test]
    fn members_are_globs_less_excludes_and_path_dependencies_inside() {
        let members: Vec<_> = read()
            .members
            .into_iter()
            .map(|member| (member.name, member.is_listed, member.version))
            .collect();
        let member = |name: &str, is_listed, version: Option<&str>| {
            (name.to_owned(), is_listed, version.map(str::to_owned))
        };
        assert_eq!(
            members,
            [
                member("app", true, Some("1.0.0")),
                member("outside", false, None),
                member("helper", true, Some("2.0.0")),
                member("deep", true, None),
            ]
        );
    }

    #[test]
    fn declarations_see_through_renames_inheritance_and_targets() {
        let workspace = read();
        let app = &workspace.members[0].declarations;
        let of = |package: &str| {
            app.iter()
                .find(|declaration| declaration.package == package)
                .expect("a declaration")
        };
        assert_eq!(
            (
                of("serde_json").kind,
                of("serde_json").requirement.as_deref()
            ),
            (DependencyKind::Optional, Some("1"))
        );
        assert_eq!(
            (of("cc").kind, of("cc").target.as_deref()),
            (DependencyKind::Build, Some("cfg(unix)"))
        );
    }

    #[test]
    fn a_broken_member_is_named_and_costs_only_itself() {
        let problems = read().problems;
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].path.as_str(), "ws/crates/broken/Cargo.toml");
    }

    #[test]
    fn manifests_without_packages_from_elsewhere_need_no_lockfile() {
        assert_eq!(
            asks_for_packages("[package]\nname='a'\n[dependencies]\nb={path='b'}"),
            Some(false)
        );
        assert_eq!(
            asks_for_packages("[package]\nname='a'\n[dependencies]\nb='1'"),
            Some(true)
        );
        assert_eq!(
            asks_for_packages("[workspace]\n[workspace.dependencies]\nb='1'"),
            Some(false)
        );
        assert_eq!(asks_for_packages("["), None);
    }
}
