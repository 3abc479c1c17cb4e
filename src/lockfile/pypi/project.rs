//! pyproject.toml: what a project asks for, and for what, by the tables of the standards, Poetry, PDM and uv.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::requirement::{Requirement, Wanted};
use crate::package::name::normalise;

/// The most extras under which one optional dependency is listed; it is no less optional for more.
const EXTRAS: usize = 100;

/// A project by its manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lockfile) struct Project {
    /// Its own name, normalised; none for a folder that is no package.
    pub(in crate::lockfile) name: Option<String>,
    /// Everything that it asks for, in the order of the tables; a name can stand in several.
    pub(in crate::lockfile) asked: Vec<Asked>,
    /// Names whose versions it sets against what others ask for, normalised: PDM's `overrides`.
    pub(in crate::lockfile) overridden: BTreeSet<String>,
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
    /// Whether Poetry leaves it out unless an extra asks for it; the part is then the extra, if there is one.
    pub(in crate::lockfile) is_optional: bool,
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

/// The tool that locks a project. The tables of the standards hold for each, those of a tool for that one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Tool {
    /// Poetry.
    Poetry,
    /// PDM.
    Pdm,
    /// uv.
    Uv,
    /// A tool without tables: it asks the build backend, which may be Poetry's where no `[project]` stands.
    Other,
}

/// Reads a manifest as a tool does; none if it is not TOML.
pub(in crate::lockfile) fn read(text: &str, tool: Tool) -> Option<Project> {
    let manifest: Table = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let mut project = Project::default();
    project.take_standard(&manifest);
    project.take_groups(&manifest);
    project.take_tables(&manifest, tool);
    Some(project)
}

impl Project {
    /// What stands under `[tool]`. Poetry's name of the project is taken in any case: it asks for nothing.
    fn take_tables(&mut self, manifest: &Table, tool: Tool) {
        let poetry = table(manifest, &["tool", "poetry"]);
        let name = poetry.and_then(|poetry| text(poetry.get("name")));
        let name = name.map(|name| normalise(name).into_owned());
        self.name = self.name.take().or(name);
        match (tool, poetry) {
            (Tool::Poetry, Some(poetry)) => self.take_poetry(poetry),
            (Tool::Other, Some(poetry)) if !manifest.contains_key("project") => {
                self.take_poetry_main(poetry);
            }
            (Tool::Pdm, _) => self.take_pdm(manifest),
            (Tool::Uv, _) => self.take_uv(manifest),
            _ => {}
        }
    }

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
    fn take_poetry(&mut self, poetry: &Table) {
        self.take_poetry_main(poetry);
        let dev = Part::Group("dev".to_owned());
        self.take_constraints(poetry.get("dev-dependencies"), &dev);
        for (group, table) in entries(poetry.get("group")) {
            let part = match normalise(group).into_owned() {
                main if main == "main" => Part::Main,
                group => Part::Group(group),
            };
            let dependencies = table.as_table().and_then(|table| table.get("dependencies"));
            self.take_constraints(dependencies, &part);
        }
    }

    /// `dependencies`: what is optional is asked for by the extras that name it, and what `[project]` asks for is only described further.
    fn take_poetry_main(&mut self, poetry: &Table) {
        let standard = self.asked.iter();
        let standard: BTreeSet<String> = standard
            .filter(|asked| !matches!(asked.part, Part::Group(_)))
            .map(|asked| asked.name.clone())
            .collect();
        let extras = extras_by_name(poetry.get("extras"));
        let mut stated = Self::default();
        stated.take_constraints(poetry.get("dependencies"), &Part::Main);
        for asked in stated.asked {
            match extras.get(&asked.name) {
                _ if standard.contains(&asked.name) => {}
                Some(extras) if asked.is_optional => {
                    let extras = extras.iter().take(EXTRAS);
                    self.asked.extend(extras.map(|extra| asked.of_extra(extra)));
                }
                _ => self.asked.push(asked),
            }
        }
    }

    /// `[tool.pdm.dev-dependencies]`, from before groups became a standard, and what is overridden.
    fn take_pdm(&mut self, manifest: &Table) {
        let overrides = table(manifest, &["tool", "pdm", "resolution"])
            .and_then(|resolution| resolution.get("overrides"));
        self.overridden = entries(overrides)
            .map(|(name, _)| normalise(name).into_owned())
            .collect();
        let pdm = table(manifest, &["tool", "pdm"]).and_then(|pdm| pdm.get("dev-dependencies"));
        for (group, list) in entries(pdm) {
            self.take_list(Some(list), &Part::Group(normalise(group).into_owned()));
        }
    }

    /// `tool.uv.dev-dependencies`, from before groups became a standard.
    fn take_uv(&mut self, manifest: &Table) {
        let uv = table(manifest, &["tool", "uv"]).and_then(|uv| uv.get("dev-dependencies"));
        self.take_list(uv, &Part::Group("dev".to_owned()));
    }

    fn take_list(&mut self, list: Option<&Value>, part: &Part) {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let requirements = list
            .filter_map(Value::as_str)
            .filter_map(Requirement::parse_line);
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
            is_optional: false,
        }
    }

    fn of_extra(&self, extra: &str) -> Self {
        Self {
            part: Part::Extra(extra.to_owned()),
            ..self.clone()
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
            marker: poetry_marker(
                text(field("markers")),
                text(field("python")),
                text(field("platform")),
            ),
            is_optional: field("optional").and_then(Value::as_bool) == Some(true),
        }
    }
}

/// Turns `[tool.poetry.extras]` round: the extras that name a dependency.
fn extras_by_name(extras: Option<&Value>) -> BTreeMap<String, Vec<String>> {
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (extra, list) in entries(extras) {
        let names = list.as_array().into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            let extras = by_name.entry(normalise(name).into_owned()).or_default();
            extras.push(normalise(extra).into_owned());
        }
    }
    by_name
}

/// Joins the ways in which Poetry states where a dependency holds into one marker.
fn poetry_marker(
    markers: Option<&str>,
    python: Option<&str>,
    platform: Option<&str>,
) -> Option<String> {
    let python = python.and_then(python_marker);
    let platform = platform.map(|platform| format!("sys_platform == \"{platform}\""));
    let restrictions: Vec<String> = python.into_iter().chain(platform).collect();
    let restrictions = restrictions.join(" and ");
    match markers {
        None => Some(restrictions).filter(|restrictions| !restrictions.is_empty()),
        Some(markers) if restrictions.is_empty() => Some(markers.to_owned()),
        Some(markers) => Some(format!("({markers}) and {restrictions}")),
    }
}

/// Writes a range of Python's versions as a marker; none for the forms of Poetry's that markers do not have.
fn python_marker(versions: &str) -> Option<String> {
    const OPERATORS: [&str; 6] = ["<=", ">=", "==", "!=", "<", ">"];
    let compared = versions.split(',').map(str::trim).map(|part| {
        let operator = OPERATORS
            .into_iter()
            .find(|operator| part.starts_with(operator))?;
        let version = part[operator.len()..].trim();
        let numbers = version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        let variable = if version.matches('.').count() > 1 {
            "python_full_version"
        } else {
            "python_version"
        };
        numbers.then(|| format!("{variable} {operator} \"{version}\""))
    });
    let compared: Option<Vec<String>> = compared.collect();
    compared.map(|compared| compared.join(" and "))
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
        let project = read(text, Tool::Poetry).expect("TOML");
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
        let project = read(text, Tool::Other).expect("TOML");
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
    fn the_tables_of_a_tool_are_read_for_its_own_lockfile_alone() {
        let text = "[tool.poetry]\nname = 'x'\n[tool.poetry.dependencies]\npython = '^3'\nA = '^1'\nb = [{version = '1', markers = 'm'}, {version = '2'}]\n[tool.poetry.group.test.dependencies]\nc = {git = 'https://h/c'}\n[tool.poetry.dev-dependencies]\nd = '*'\n[tool.pdm.dev-dependencies]\nlint = ['e>1']\n[tool.uv]\ndev-dependencies = ['f']";
        let names = |tool: Tool| -> Vec<(String, Part)> {
            let asked = read(text, tool).expect("TOML").asked.into_iter();
            asked.map(|asked| (asked.name, asked.part)).collect()
        };
        let main = ["a", "b", "b"].map(|name| (name.to_owned(), Part::Main));
        let groups = [("d", group("dev")), ("c", group("test"))];
        let groups = groups.map(|(name, part)| (name.to_owned(), part));
        assert_eq!(names(Tool::Poetry), [&main[..], &groups[..]].concat());
        assert_eq!(names(Tool::Pdm), [("e".to_owned(), group("lint"))]);
        assert_eq!(names(Tool::Uv), [("f".to_owned(), group("dev"))]);
        assert_eq!(names(Tool::Other), main, "Poetry may be the build backend");
    }

    #[test]
    fn what_is_optional_belongs_to_the_extras_that_name_it() {
        let text = "[tool.poetry.dependencies]\nA_b = {version = '^1', optional = true}\nc = {version = '1', optional = true}\nd = '1'\n[tool.poetry.extras]\nX_y = ['a-b', 'd']\nz = ['A.b']\n[tool.poetry.group.main.dependencies]\ne = '1'";
        let asked = read(text, Tool::Poetry).expect("TOML").asked;
        let parts: Vec<_> = asked
            .into_iter()
            .map(|asked| (asked.name, asked.part, asked.is_optional))
            .collect();
        let extra = |name: &str| Part::Extra(name.to_owned());
        let expected = [
            ("a-b", extra("x-y"), true),
            ("a-b", extra("z"), true),
            ("c", Part::Main, true),
            ("d", Part::Main, false),
            ("e", Part::Main, false),
        ];
        assert_eq!(
            parts,
            expected.map(|(name, part, optional)| (name.to_owned(), part, optional))
        );
    }

    #[test]
    fn poetry_only_describes_further_what_the_standard_table_asks_for() {
        let text = "[project]\ndependencies = ['a>=1']\n[project.optional-dependencies]\nx = ['b']\n[tool.poetry.dependencies]\na = {source = 'own'}\nB = {version = '1', optional = true}\nc = '1'\n[tool.poetry.group.dev.dependencies]\na = '1'";
        let names: Vec<_> = asked(text)
            .into_iter()
            .map(|(name, part, _)| (name, part))
            .collect();
        let expected = [
            ("a", Part::Main),
            ("b", Part::Extra("x".to_owned())),
            ("c", Part::Main),
            ("a", group("dev")),
        ];
        assert_eq!(names, expected.map(|(name, part)| (name.to_owned(), part)));
    }

    #[test]
    fn where_poetry_says_that_a_dependency_holds_is_its_marker() {
        let marker = |table: &str| {
            let text = format!("[tool.poetry.dependencies]\na = {{version = '1', {table}}}");
            read(&text, Tool::Poetry)
                .expect("TOML")
                .asked
                .remove(0)
                .marker
        };
        for (table, expected) in [
            ("optional = false", None),
            ("python = '^3.8'", None),
            (
                "python = '>=3.8, <3.9.1'",
                Some("python_version >= \"3.8\" and python_full_version < \"3.9.1\""),
            ),
            (
                "platform = 'win32', markers = 'm'",
                Some("(m) and sys_platform == \"win32\""),
            ),
            ("markers = 'm'", Some("m")),
        ] {
            assert_eq!(marker(table).as_deref(), expected, "{table}");
        }
    }

    #[test]
    fn pdm_names_what_lies_in_folders_and_what_it_overrides() {
        let text = "[tool.pdm.dev-dependencies]\ndev = ['-e file:///${PROJECT_ROOT}/sub#egg=My_Sub[x]']\n[tool.pdm.resolution.overrides]\nUrl_Lib = '1'";
        let project = read(text, Tool::Pdm).expect("TOML");
        assert_eq!(project.asked[0].name, "my-sub");
        assert_eq!(project.asked[0].extras, ["x"]);
        assert!(project.overridden.contains("url-lib"));
    }

    #[test]
    fn what_is_no_toml_is_none() {
        assert_eq!(read("[project", Tool::Other), None);
        assert_eq!(
            read("[project]\nname = 1\ndependencies = 'a'", Tool::Other),
            Some(Project::default())
        );
    }
}
