//! Catalogs: ranges that `.yarnrc.yml` keeps for many manifests, which then ask for `catalog:` or `catalog:name`.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::files::Files;
use crate::lockfile::json::{Field, Pairs};
use crate::lockfile::limits::Limits;
use crate::lockfile::model::{Problem, ProblemSeverity};
use crate::lockfile::span::SourceFile;
use crate::lockfile::yaml;
use crate::path::FilePath;

/// The settings of Yarn 2 and later.
const SETTINGS: &str = ".yarnrc.yml";

/// The ranges, by catalog and package; the catalog without a name has an empty one.
#[derive(Debug, Default)]
pub(in crate::lockfile) struct Catalogs<'s>(FxHashMap<(&'s str, &'s str), &'s str>);

/// The part of the settings that is read.
#[derive(Debug, Default, Deserialize)]
pub(in crate::lockfile) struct Settings<'s> {
    #[serde(default, borrow)]
    catalog: Pairs<'s, Field<'s>>,
    #[serde(default, borrow)]
    catalogs: Pairs<'s, Pairs<'s, Field<'s>>>,
}

/// Reads the text of the settings beside a lockfile; none if there are none or they cannot be opened.
pub(in crate::lockfile) fn settings_file(
    project: &FilePath,
    files: &dyn Files,
) -> Option<SourceFile> {
    let path = project.join(SETTINGS)?;
    let text = files.read(&path).ok()??;
    Some(SourceFile::new(path, text))
}

impl<'s> Settings<'s> {
    /// Parses the settings; what is no YAML is a problem.
    pub(in crate::lockfile) fn parse(
        file: Option<&'s SourceFile>,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let Some(file) = file.filter(|file| file.text().contains("catalog")) else {
            return Self::default();
        };
        match yaml::documents::<Self>(file, limits) {
            Ok(documents) => documents.into_iter().next().unwrap_or_default(),
            Err(error) => {
                let path = file.path().clone();
                let problem = Problem::new(path, ProblemSeverity::Warning, error.to_string());
                problems.push(problem.help("its catalogs are not known; mend it"));
                Self::default()
            }
        }
    }

    /// Indexes the catalogs.
    pub(in crate::lockfile) fn catalogs(&self) -> Catalogs<'_> {
        let named = self
            .catalogs
            .iter()
            .map(|(name, pairs)| (name.as_str(), pairs));
        let all = std::iter::once(("", &self.catalog)).chain(named);
        let ranges = all.flat_map(|(catalog, pairs)| {
            let texts = pairs
                .iter()
                .filter_map(|(name, range)| Some((name.as_str(), range.text()?)));
            texts.map(move |(name, range)| ((catalog, name), range.as_str()))
        });
        Catalogs(ranges.collect())
    }
}

impl<'s> Catalogs<'s> {
    /// Returns the range behind `catalog:`; the range itself if it names no catalog, or none that is known.
    pub(super) fn range<'w>(&self, name: &'w str, range: &'w str) -> &'w str
    where
        's: 'w,
    {
        let Some(catalog) = range.strip_prefix("catalog:") else {
            return range;
        };
        let known = self.0.get(&(catalog, name)).copied();
        // `catalog:default` is another way to write `catalog:`.
        let default = || match catalog {
            "default" => self.0.get(&("", name)).copied(),
            _ => None,
        };
        known.or_else(default).unwrap_or(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::testing::file;

    #[test]
    fn catalogs_have_a_name_or_none() {
        let text = "nodeLinker: node-modules\ncatalog:\n  left: ^1.0.0\ncatalogs:\n  dev:\n    left: ^2.0.0\n";
        let file = file(SETTINGS, text);
        let mut problems = Vec::new();
        let settings = Settings::parse(Some(&file), &Limits::default(), &mut problems);
        let catalogs = settings.catalogs();
        assert_eq!(catalogs.range("left", "catalog:"), "^1.0.0");
        assert_eq!(catalogs.range("left", "catalog:dev"), "^2.0.0");
        assert_eq!(catalogs.range("right", "catalog:"), "catalog:");
        assert_eq!(catalogs.range("left", "^3"), "^3");
        assert!(problems.is_empty());
    }
}
