//! The one change that takes a finding out.
//!
//! A command is printed only when the lockfile proves that it works: the culprit is direct and the recorded
//! range admits the version, or the package manager has an override that does not ask. Its words are our own
//! or match the registry's grammar, so that no lockfile can write a shell command.

use jiff::Timestamp;
use serde::Serialize;

use crate::graph::{DependencyGraph, Edge, NodeId, PackageId, ProjectId};
use crate::lockfile::{Delivery, DependencyKind, EntryKind};
use crate::package::{Ecosystem, version};
use crate::path::FilePath;
use crate::text::Untrusted;

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixAction {
    /// Lock another version.
    Update,
    /// Force another version against what dependents ask for.
    Override,
    /// Do without the package.
    Remove,
    /// Write the lockfile anew.
    Relock,
    /// Delete a local copy, so that it is fetched again.
    Refetch,
    /// Lock what is not locked.
    Lock,
    /// Change the source that a manifest names.
    Replace,
    /// Leave it for now.
    Wait,
}

impl FixAction {
    /// Every kind of change.
    pub const ALL: [Self; 8] = [
        Self::Update,
        Self::Override,
        Self::Remove,
        Self::Relock,
        Self::Refetch,
        Self::Lock,
        Self::Replace,
        Self::Wait,
    ];
}

/// A change, and the command that makes it where one is proven to work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What kind of change it is.
    pub action: FixAction,
    /// The command, word by word; empty if none is proven.
    pub argv: Vec<String>,
    /// The folder in which the command runs.
    pub folder: FilePath,
    /// The change in words.
    pub advice: Untrusted<'static>,
    /// When the finding clears by itself, or is to be looked at again.
    pub until: Option<Timestamp>,
    /// How many of the shown project's paths it clears.
    pub clears_paths: Option<u64>,
    /// Folders of other projects in which the same command does the same.
    pub likewise_in: Vec<FilePath>,
    /// How many other projects need another way.
    pub elsewhere: usize,
}

impl Fix {
    /// Makes a fix that is words only.
    pub fn advice(action: FixAction, advice: impl Into<Untrusted<'static>>) -> Self {
        Self {
            action,
            argv: Vec::new(),
            folder: FilePath::default(),
            advice: advice.into(),
            until: None,
            clears_paths: None,
            likewise_in: Vec::new(),
            elsewhere: 0,
        }
    }

    /// Says whether it is an update that is proven to take the finding out of every project.
    pub fn is_proven_update(&self) -> bool {
        self.action == FixAction::Update && !self.argv.is_empty() && self.elsewhere == 0
    }

    /// Adds when it ends by itself.
    #[must_use]
    pub fn until(mut self, until: Option<Timestamp>) -> Self {
        self.until = until;
        self
    }

    /// Adds a command and the folder to run it in.
    #[must_use]
    pub fn command(mut self, argv: &[&str], folder: FilePath) -> Self {
        self.argv = argv.iter().map(|word| (*word).to_owned()).collect();
        self.folder = folder;
        self
    }

    /// Says whether two fixes are the same but for the folder that they are made in.
    fn is_like(&self, other: &Self) -> bool {
        (self.action, &self.argv, &self.advice) == (other.action, &other.argv, &other.advice)
    }

    /// Returns the command as one would type it.
    pub fn command_line(&self) -> Option<String> {
        let quote = |word: &String| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./@=:+,".contains(&byte);
            if word.bytes().all(is_plain) {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        };
        (!self.argv.is_empty()).then(|| self.argv.iter().map(quote).collect::<Vec<_>>().join(" "))
    }
}

/// Returns the change that brings a package of the public registry from a malicious release to its last good one.
pub fn back_to(graph: &DependencyGraph<'_>, culprit: PackageId, good: &str) -> Fix {
    change_to(graph, culprit, good, Goal::LastGood)
}

/// Returns the change that keeps a package at the release before one that nobody knows enough of.
pub fn hold_at(graph: &DependencyGraph<'_>, culprit: PackageId, before: &str) -> Fix {
    change_to(graph, culprit, before, Goal::Before)
}

/// Returns the change that brings a package from a vulnerable release to the first fixed one.
pub fn update_to(graph: &DependencyGraph<'_>, culprit: PackageId, fixed: &str) -> Fix {
    change_to(graph, culprit, fixed, Goal::FirstFixed)
}

/// What the wanted release is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// The last honest one before a malicious one.
    LastGood,
    /// The one before a release that nobody knows enough of.
    Before,
    /// The first one without a vulnerability.
    FirstFixed,
}

fn change_to(graph: &DependencyGraph<'_>, culprit: PackageId, good: &str, goal: Goal) -> Fix {
    let projects = graph.projects_of(culprit);
    let package = graph.package(culprit);
    let first = projects
        .first()
        .filter(|_| package.name.check(package.ecosystem).is_ok());
    let Some(project) = first.copied() else {
        return unproven(good, goal);
    };
    let way = |project: ProjectId| Way {
        graph,
        culprit,
        project,
        name: package.name.as_str(),
        good,
        what: match goal {
            Goal::Before => "the release before it",
            Goal::LastGood | Goal::FirstFixed => "the last good release",
        },
    };
    let mut fix = way(project).to(goal);
    let (alike, others) = projects[1..]
        .iter()
        .map(|project| way(*project).to(goal))
        .partition::<Vec<Fix>, _>(|other| other.is_like(&fix));
    let more = [
        in_more("and likewise", alike.len()),
        in_more("another way is needed", others.len()),
    ];
    for more in more.into_iter().flatten() {
        fix.advice = format!("{}; {more}", fix.advice.as_str()).into();
    }
    fix.elsewhere = others.len();
    fix.likewise_in = alike.into_iter().map(|other| other.folder).collect();
    fix
}

/// Words in how many further projects something holds.
fn in_more(what: &str, projects: usize) -> Option<String> {
    match projects {
        0 => None,
        1 => Some(format!("{what} in one more project")),
        _ => Some(format!("{what} in {projects} more projects")),
    }
}

fn unproven(good: &str, goal: Goal) -> Fix {
    let what = match goal {
        Goal::LastGood => "the last good release is",
        Goal::Before => "the release before it is",
        Goal::FirstFixed => "first fixed in",
    };
    let advice = format!(
        "{what} {good}; no proven update, because the lockfile does not record every range on the path"
    );
    Fix::advice(FixAction::Update, advice)
}

/// What is known about the way to another release in one project.
struct Way<'g> {
    graph: &'g DependencyGraph<'g>,
    culprit: PackageId,
    project: ProjectId,
    name: &'g str,
    good: &'g str,
    /// What the wanted release is, in words.
    what: &'static str,
}

/// Who asks for a package in a project.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// Nothing does.
    Nobody,
    /// Only the package at the project's root.
    RootOnly,
    /// Only packages of the project.
    Members,
    /// Packages from elsewhere, and not the project.
    Others,
    /// Packages from elsewhere and the project.
    Both,
}

impl Way<'_> {
    fn to(&self, goal: Goal) -> Fix {
        match goal {
            Goal::LastGood | Goal::Before => self.back(goal),
            Goal::FirstFixed => self.forward(),
        }
    }

    /// Forward to a fixed release, where every range on record admits it.
    fn forward(&self) -> Fix {
        let folder = self.graph.project(self.project).folder.clone();
        let ecosystem = self.graph.package(self.culprit).ecosystem;
        let good = self.good;
        if self.is_bundled() {
            return Fix::advice(
                FixAction::Update,
                format!("first fixed in {good}; it is bundled: update the package that brings it"),
            );
        }
        if self.asking() == Asking::Nobody || !self.ranges_admit() || self.is_foreign_alias() {
            return self.forward_by_hand();
        }
        let is_direct = self.asking() == Asking::RootOnly;
        let release = match ecosystem {
            // What nobody else asks for is pinned: the newest release in the range may be a worse one.
            Ecosystem::Npm if is_direct => format!("{}@{good}", self.name),
            Ecosystem::Npm => self.name.to_owned(),
            Ecosystem::Pypi => format!("{}=={good}", self.name),
            Ecosystem::Cargo => self.cargo_specifier(),
        };
        let argv: &[&str] = match ecosystem {
            Ecosystem::Npm if is_direct => &["npm", "install", &release],
            Ecosystem::Npm => &["npm", "update", &release],
            Ecosystem::Pypi => &["uv", "lock", "--upgrade-package", &release],
            Ecosystem::Cargo => &["cargo", "update", &release, "--precise", good],
        };
        let advice = format!("first fixed in {good}, inside every range that asks for it");
        Fix::advice(FixAction::Update, advice).command(argv, folder)
    }

    /// What a person has to change, or that nothing is known to work.
    fn forward_by_hand(&self) -> Fix {
        let good = self.good;
        match self.asking() {
            Asking::RootOnly | Asking::Members if self.ranges_are_known() => Fix::advice(
                FixAction::Update,
                format!(
                    "first fixed in {good}; your own range keeps it out: ask for {good} in the manifest"
                ),
            ),
            _ => unproven(good, Goal::FirstFixed),
        }
    }

    fn ranges_are_known(&self) -> bool {
        self.edges()
            .all(|(_, edge)| self.graph.requirement(edge).is_some())
    }

    /// What lies in another package's archive changes with that package only.
    fn is_bundled(&self) -> bool {
        let mut entries = self.graph.entries_in(self.culprit, self.project);
        entries.any(|node| self.graph.entry(node).record.delivery == Delivery::Bundled)
    }

    fn is_foreign_alias(&self) -> bool {
        self.graph.package(self.culprit).ecosystem == Ecosystem::Npm && self.is_aliased()
    }

    fn back(&self, goal: Goal) -> Fix {
        let folder = self.graph.project(self.project).folder.clone();
        match (self.graph.package(self.culprit).ecosystem, self.asking()) {
            (_, Asking::Nobody) => Fix::advice(
                FixAction::Relock,
                "nothing asks for it; write the lockfile anew and find out who added it",
            ),
            (Ecosystem::Npm, _) if self.is_aliased() => self.alias(),
            (Ecosystem::Npm, Asking::RootOnly) => self.npm_install(folder),
            (Ecosystem::Npm, Asking::Both) => self.npm_override(
                "in package.json: ask for exactly {good}, and add \"overrides\": { \"{name}\": \"{good}\" }",
            ),
            (Ecosystem::Npm, _) => {
                self.npm_override("in package.json: \"overrides\": { \"{name}\": \"{good}\" }")
            }
            (Ecosystem::Pypi, Asking::RootOnly | Asking::Members) if self.ranges_admit() => {
                self.uv_upgrade(folder)
            }
            (Ecosystem::Pypi, _) => self.uv_override(),
            (Ecosystem::Cargo, Asking::RootOnly | Asking::Members) if self.ranges_admit() => {
                self.cargo_update(folder)
            }
            (Ecosystem::Cargo, _) => unproven(self.good, goal),
        }
    }

    /// The edges that ask for the culprit, but for those that we drew ourselves.
    fn edges(&self) -> impl Iterator<Item = (NodeId, &Edge)> {
        let entries = self.graph.entries_in(self.culprit, self.project);
        let edges = entries.flat_map(|node| self.graph.dependents(node));
        edges.filter(|(_, edge)| edge.kind != DependencyKind::Unattached)
    }

    fn asking(&self) -> Asking {
        let kinds: Vec<EntryKind> = self
            .edges()
            .map(|(from, _)| self.graph.entry(from).kind)
            .collect();
        let others = kinds.contains(&EntryKind::Package);
        let own = kinds.iter().any(|kind| *kind != EntryKind::Package);
        match (own, others) {
            (false, false) => Asking::Nobody,
            (true, true) => Asking::Both,
            (false, true) => Asking::Others,
            (true, false) if kinds.iter().all(|kind| *kind == EntryKind::Root) => Asking::RootOnly,
            (true, false) => Asking::Members,
        }
    }

    /// npm installs an alias under another folder than the package's name.
    fn is_aliased(&self) -> bool {
        let mut entries = self.graph.entries_in(self.culprit, self.project);
        let folder = format!("node_modules/{}", self.name);
        entries.any(|node| {
            !self
                .graph
                .entry(node)
                .record
                .key
                .as_str()
                .ends_with(&folder)
        })
    }

    /// Says whether every range on record admits the good release; an edge without one does not.
    fn ranges_admit(&self) -> bool {
        let ecosystem = self.graph.package(self.culprit).ecosystem;
        self.edges().all(|(_, edge)| {
            let range = self.graph.requirement(edge);
            range.is_some_and(|range| {
                version::admits(ecosystem, range.as_str(), self.good) == Some(true)
            })
        })
    }

    fn alias(&self) -> Fix {
        let (name, good) = (self.name, self.good);
        let advice = format!(
            "it is installed under an alias: set that to npm:{name}@{good} in package.json, then npm install"
        );
        Fix::advice(FixAction::Update, advice)
    }

    fn npm_install(&self, folder: FilePath) -> Fix {
        let release = format!("{}@{}", self.name, self.good);
        Fix::advice(
            FixAction::Update,
            format!("back to {}, {}", self.good, self.what),
        )
        .command(&["npm", "install", "--save-exact", &release], folder)
    }

    fn npm_override(&self, template: &str) -> Fix {
        let (name, good, what) = (self.name, self.good, self.what);
        let snippet = template.replace("{name}", name).replace("{good}", good);
        let advice = format!("{snippet}, then npm install ({good} is {what})");
        Fix::advice(FixAction::Override, advice)
    }

    fn uv_upgrade(&self, folder: FilePath) -> Fix {
        let release = format!("{}=={}", self.name, self.good);
        let advice = format!("back to {}, {}, inside your range", self.good, self.what);
        Fix::advice(FixAction::Update, advice)
            .command(&["uv", "lock", "--upgrade-package", &release], folder)
    }

    fn uv_override(&self) -> Fix {
        let (name, good, what) = (self.name, self.good, self.what);
        let advice = format!(
            "in pyproject.toml: [tool.uv] override-dependencies = [\"{name}=={good}\"], then uv lock ({good} is {what})"
        );
        Fix::advice(FixAction::Override, advice)
    }

    /// Names the release to cargo, which may know several of one name.
    fn cargo_specifier(&self) -> String {
        let version = self.graph.package(self.culprit).version.as_ref();
        let current = version.map_or("", |version| version.as_str());
        if semver::Version::parse(current).is_ok() {
            format!("{}@{current}", self.name)
        } else {
            self.name.to_owned()
        }
    }

    fn cargo_update(&self, folder: FilePath) -> Fix {
        let specifier = self.cargo_specifier();
        let advice = format!("back to {}, {}, inside your range", self.good, self.what);
        Fix::advice(FixAction::Update, advice).command(
            &["cargo", "update", &specifier, "--precise", self.good],
            folder,
        )
    }
}
