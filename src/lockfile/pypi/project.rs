//! pyproject.toml: what a project asks for, and for what, by the tables of the standards, Poetry, PDM and uv.

use toml::{Table, Value};

use super::requirement::{Requirement, Wanted};
use crate::package::name::normalise;

/// A project by its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lockfile) struct Project {
    /// Its own name, normalised; none for a folder that is no package.
    pub(in crate::lockfile) name: Option<String>,
    /// Everything that it asks for, in the order of the tables; a name can stand in several.
    pub(in crate::lockfile) asked: Vec<Asked>,
}

/// Something that a project asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lockfile) struct Asked {
    /// The name, normalised.
    pub(in crate::lockfile) name: String,
    /// Which part of the project asks.
    pub(in crate::lockfile) part: Part,
    /// The range, in the words of the manifest: a specifier, Poetry's constraint, or an address.
    pub(in crate::lockfile) range: Option<String>,
    /// The extras of it that are asked for, normalised.
    pub(in crate::lockfile) extras: Vec<String>,
    /// The environment marker.
    pub(in crate::lockfile) marker: Option<String>,
}

/// A part of a project.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::lockfile) enum Part {
    /// What is always installed.
    Main,
    /// An extra, by its normalised name.
    Extra(String),
    /// A dependency group, by its normalised name.
    Group(String),
}

/// Reads a manifest; none if it is not TOML.
pub(in crate::lockfile) fn read(text: &str) -> Option<Project> {
    let manifest: Table = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let mut project = Project::default();
    project.take_standard(&manifest);
    project.take_groups(&manifest);
    project.take_poetry(&manifest);
    project.take_lists_of_tools(&manifest);
    Some(project)
}

impl Project {
    /// `[project]` (PEP 621).
    fn take_standard(&mut self, manifest: &Table) {
        let Some(project) = table(manifest, &["project"]) else {
            return;
        };
        self.name = text(project.get("name")).map(|name| normalise(name).into_owned());
        self.take_list(project.get("dependencies"), &Part::Main);
        for (extra, list) in entries(project.get("optional-dependencies")) {
            self.take_list(Some(list), &Part::Extra(normalise(extra).into_owned()));
        }
    }

    /// `[dependency-groups]` (PEP 735); a group that another includes is a group of its own here.
    fn take_groups(&mut self, manifest: &Table) {
        for (group, list) in entries(manifest.get("dependency-groups")) {
            self.take_list(Some(list), &Part::Group(normalise(group).into_owned()));
        }
    }

    /// `[tool.poetry]`: `dependencies`, `dev-dependencies` of old, `group.NAME.dependencies`.
    fn take_poetry(&mut self, manifest: &Table) {
        let Some(poetry) = table(manifest, &["tool", "poetry"]) else {
            return;
        };
        let name = text(poetry.get("name")).map(|name| normalise(name).into_owned());
        self.name = self.name.take().or(name);
        self.take_constraints(poetry.get("dependencies"), &Part::Main);
        let dev = Part::Group("dev".to_owned());
        self.take_constraints(poetry.get("dev-dependencies"), &dev);
        for (group, table) in entries(poetry.get("group")) {
            let part = Part::Group(normalise(group).into_owned());
            let dependencies = table.as_table().and_then(|table| table.get("dependencies"));
            self.take_constraints(dependencies, &part);
        }
    }

    /// `[tool.pdm.dev-dependencies]` and `tool.uv.dev-dependencies`, from before groups became a standard.
    fn take_lists_of_tools(&mut self, manifest: &Table) {
        let pdm = table(manifest, &["tool", "pdm"]).and_then(|pdm| pdm.get("dev-dependencies"));
        for (group, list) in entries(pdm) {
            self.take_list(Some(list), &Part::Group(normalise(group).into_owned()));
        }
        let uv = table(manifest, &["tool", "uv"]).and_then(|uv| uv.get("dev-dependencies"));
        self.take_list(uv, &Part::Group("dev".to_owned()));
    }

    fn take_list(&mut self, list: Option<&Value>, part: &Part) {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let requirements = list
            .filter_map(Value::as_str)
            .filter_map(Requirement::parse);
        self.asked
            .extend(requirements.map(|requirement| Asked::new(&requirement, part)));
    }

    /// Poetry's tables map a name to a constraint, to a table, or to a list of tables.
    fn take_constraints(&mut self, constraints: Option<&Value>, part: &Part) {
        let constraints = entries(constraints).filter(|(name, _)| *name != "python");
        for (name, value) in constraints {
            match value {
                Value::Array(several) => self
                    .asked
                    .extend(several.iter().map(|one| Asked::of_poetry(name, one, part))),
                one => self.asked.push(Asked::of_poetry(name, one, part)),
            }
        }
    }
}

impl Asked {
    fn new(requirement: &Requirement<'_>, part: &Part) -> Self {
        let range = match requirement.wanted {
            Wanted::Any => None,
            Wanted::Specifier(range) | Wanted::Url(range) => Some(range.to_owned()),
        };
        let extras = requirement.extras.iter();
        Self {
            name: normalise(requirement.name).into_owned(),
            part: part.clone(),
            range,
            extras: extras.map(|extra| normalise(extra).into_owned()).collect(),
            marker: requirement.marker.map(str::to_owned),
        }
    }

    fn of_poetry(name: &str, value: &Value, part: &Part) -> Self {
        let field = |key: &str| value.as_table().and_then(|table| table.get(key));
        let range = value.as_str().or_else(|| text(field("version")));
        let extras = field("extras")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let extras = extras.filter_map(Value::as_str);
        Self {
            name: normalise(name).into_owned(),
            part: part.clone(),
            range: range.map(str::to_owned),
            extras: extras.map(|extra| normalise(extra).into_owned()).collect(),
            marker: text(field("markers")).map(str::to_owned),
        }
    }
}

fn table<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Table> {
    keys.iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
}

fn entries(table: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    let table = table.and_then(Value::as_table).into_iter().flatten();
    table.map(|(key, value)| (key.as_str(), value))
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<(String, Part, Option<String>)> {
        let project = read(text).expect("TOML");
        let asked = project.asked.into_iter();
        asked
            .map(|asked| (asked.name, asked.part, asked.range))
            .collect()
    }

    fn group(name: &str) -> Part {
        Part::Group(name.to_owned())
    }

    #[test]
    fn the_tables_of_the_standards_are_read() {
        let text = "[project]\nname = 'My_App'\ndependencies = ['Flask[async]>=3 ; python_version > \"3\"']\n[project.optional-dependencies]\nFast_IO = ['a']\n[dependency-groups]\ndev = ['b==1', {include-group = 'x'}]";
        let project = read(text).expect("TOML");
        assert_eq!(project.name.as_deref(), Some("my-app"));
        assert_eq!(project.asked[0].extras, ["async"]);
        assert_eq!(
            project.asked[0].marker.as_deref(),
            Some("python_version > \"3\"")
        );
        let expected = [
            ("flask".to_owned(), Part::Main, Some(">=3".to_owned())),
            ("a".to_owned(), Part::Extra("fast-io".to_owned()), None),
            ("b".to_owned(), group("dev"), Some("==1".to_owned())),
        ];
        assert_eq!(asked(text), expected);
    }

    #[test]
    fn the_tables_of_the_tools_are_read() {
        let text = "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\npython = '^3'\nA = '^1'\nb = [{version = '1', markers = 'm'}, {version = '2'}]\n[tool.poetry.group.test.dependencies]\nc = {git = 'https://h/c'}\n[tool.poetry.dev-dependencies]\nd = '*'\n[tool.pdm.dev-dependencies]\nlint = ['e>1']\n[tool.uv]\ndev-dependencies = ['f']";
        let names: Vec<_> = asked(text)
            .into_iter()
            .map(|(name, part, _)| (name, part))
            .collect();
        let expected = [
            ("a", Part::Main),
            ("b", Part::Main),
            ("b", Part::Main),
            ("d", group("dev")),
            ("c", group("test")),
            ("e", group("lint")),
            ("f", group("dev")),
        ];
        assert_eq!(names, expected.map(|(name, part)| (name.to_owned(), part)));
    }

    #[test]
    fn what_is_no_toml_is_none() {
        assert_eq!(read("[project"), None);
        assert_eq!(
            read("[project]\nname = 1\ndependencies = 'a'"),
            Some(Project::default())
        );
    }
}
