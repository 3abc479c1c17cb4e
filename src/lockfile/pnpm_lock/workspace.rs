//! pnpm-workspace.yaml: which folders are members, what catalogs and registries are called.

use rustc_hash::FxHashMap;

use super::source::text;
use super::wire::WorkspaceFile;
use crate::files::Files;
use crate::lockfile::json::Field;
use crate::lockfile::limits::Limits;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::lockfile::yaml;
use crate::path::FilePath;

/// The registry that pnpm itself gave a name: GitHub's.
const BUILT_IN: (&str, &str) = ("gh", "https://npm.pkg.github.com/");

/// What the settings of a workspace say; empty without a file.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The settings themselves, if there are any.
    pub(super) path: Option<FilePath>,
    /// Which folders are members.
    pub(super) globs: Vec<String>,
    /// The ranges of the catalogs: catalog, package, range.
    pub(super) catalogs: FxHashMap<String, FxHashMap<String, String>>,
    /// Whether each member has a lockfile of its own.
    pub(super) is_split: bool,
    registries: FxHashMap<String, String>,
}

impl Workspace {
    /// Reads the settings in a lockfile's folder.
    pub(super) fn read(
        project: &FilePath,
        files: &dyn Files,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let Some(path) = project.join("pnpm-workspace.yaml") else {
            return Self::default();
        };
        let text = match files.read(&path) {
            Ok(None) => return Self::default(),
            Ok(Some(text)) => text,
            Err(error) => {
                problems.push(unread(path, &error.to_string()));
                return Self::default();
            }
        };
        let file = SourceFile::new(path.clone(), text);
        match yaml::documents::<WorkspaceFile<'_>>(&file, limits) {
            Ok(documents) => documents
                .into_iter()
                .next()
                .map_or_else(Self::default, |settings| Self::of(&settings, path)),
            Err(error) => {
                problems.push(unread(path, &error.to_string()));
                Self::default()
            }
        }
    }

    fn of(settings: &WorkspaceFile<'_>, path: FilePath) -> Self {
        let mut catalogs = FxHashMap::default();
        if settings.catalog.len() > 0 {
            catalogs.insert("default".to_owned(), owned(settings.catalog.iter()));
        }
        for (name, ranges) in settings.catalogs.iter() {
            catalogs.insert(name.as_str().to_owned(), owned(ranges.iter()));
        }
        let globs = settings.packages.0.iter();
        Self {
            path: Some(path),
            globs: globs.map(|glob| glob.as_str().to_owned()).collect(),
            catalogs,
            is_split: is_false(&settings.shared_workspace_lockfile),
            registries: owned(settings.named_registries.iter()),
        }
    }

    /// Returns the address of a registry by the name that the project, or pnpm, gave it.
    pub(super) fn registry(&self, name: &str) -> Option<&str> {
        let built_in = (name == BUILT_IN.0).then_some(BUILT_IN.1);
        self.registries.get(name).map(String::as_str).or(built_in)
    }
}

fn is_false(field: &Field<'_>) -> bool {
    match field {
        Field::Flag(flag) => !flag,
        Field::Text(text) => text.as_str() == "false",
        Field::Other => false,
    }
}

fn owned<'p, 'a: 'p>(
    pairs: impl Iterator<Item = &'p (crate::text::Untrusted<'a>, Field<'a>)>,
) -> FxHashMap<String, String> {
    pairs
        .filter_map(|(name, value)| {
            let value = text(value)?.as_str().to_owned();
            Some((name.as_str().to_owned(), value))
        })
        .collect()
}

fn unread(path: FilePath, message: &str) -> Problem {
    Problem::new(path, ProblemSeverity::Error, message.to_owned())
        .help("the members of this workspace are not known but for those that the lockfile names")
}
