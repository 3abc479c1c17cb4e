//! Pipfile: which packages a project of pipenv asks for, by the category of the lockfile that they go to.

use toml::{Table, Value};

use crate::package::name::normalise;

/// Tables that are settings, not lists of packages.
const SETTINGS: [&str; 5] = ["source", "requires", "scripts", "pipenv", "build-system"];

/// Something that a Pipfile asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The category of the lockfile: `default`, `develop`, or the name of the table.
    pub(crate) category: String,
    /// The name, normalised.
    pub(crate) name: String,
    /// The range, in the words of the Pipfile; none where an address stands in its place.
    pub(crate) range: Option<String>,
    /// Whether it is asked for only in some environments, so that a lockfile may leave it out.
    pub(crate) is_conditional: bool,
    /// Whether it is a folder, a file or a repository, which the lockfile names as the package in it does.
    pub(crate) has_address: bool,
}

/// Says whether a manifest asks for packages; none if it is not TOML.
pub fn asks_for_packages(text: &str) -> Option<bool> {
    read(text).map(|asked| !asked.is_empty())
}

/// Lists what a Pipfile asks for, in the order of its tables; none if it is not TOML.
pub(crate) fn read(text: &str) -> Option<Vec<Asked>> {
    let manifest: Table = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let tables = manifest.iter().filter_map(|(key, value)| {
        let is_setting = SETTINGS.contains(&key.as_str());
        Some((key, value.as_table()?)).filter(|_| !is_setting)
    });
    let asked = tables.flat_map(|(key, table)| {
        let names = table.iter();
        names.map(|(name, value)| Asked::new(category(key), name, value))
    });
    Some(asked.collect())
}

/// Returns the lockfile's name for a table.
fn category(table: &str) -> &str {
    match table {
        "packages" => "default",
        "dev-packages" => "develop",
        other => other,
    }
}

impl Asked {
    fn new(category: &str, name: &str, value: &Value) -> Self {
        let range = value.as_str();
        let range = range.or_else(|| value.get("version").and_then(Value::as_str));
        Self {
            category: category.to_owned(),
            name: normalise(name).into_owned(),
            range: range.map(str::to_owned),
            is_conditional: value.as_table().is_some_and(has_marker),
            has_address: value.as_table().is_some_and(has_address),
        }
    }
}

fn has_address(table: &Table) -> bool {
    let mut kinds = ["path", "file", "git", "hg", "svn", "bzr"].iter();
    kinds.any(|kind| table.contains_key(*kind))
}

/// `markers`, or a marker's name as a key of its own: `sys_platform = "== 'win32'"`.
fn has_marker(table: &Table) -> bool {
    const PREFIXES: [&str; 6] = [
        "markers",
        "os_name",
        "sys_",
        "platform_",
        "python_",
        "implementation_",
    ];
    let mut keys = table.keys();
    keys.any(|key| PREFIXES.iter().any(|prefix| key.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_categories_and_settings_are_none() {
        let text = "[[source]]\nname = 'pypi'\n[packages]\nFlask_Login = '*'\n[dev-packages]\nx = {version = '==1', sys_platform = \"== 'win32'\"}\n[docs]\ny = {git = 'https://h/y'}\n[requires]\npython_version = '3.12'\n[pipenv]\nuse_pylock = true\n";
        let asked = read(text).expect("TOML");
        let expected = [
            ("develop", "x", Some("==1"), true),
            ("docs", "y", None, false),
            ("default", "flask-login", Some("*"), false),
        ];
        let mut found: Vec<_> = asked
            .iter()
            .map(|asked| {
                let range = asked.range.as_deref();
                (&*asked.category, &*asked.name, range, asked.is_conditional)
            })
            .collect();
        found.sort_by_key(|asked| asked.1 == "flask-login");
        assert_eq!(found, expected);
        assert_eq!(asks_for_packages(text), Some(true));
    }

    #[test]
    fn a_pipfile_without_packages_asks_for_nothing() {
        assert_eq!(
            asks_for_packages("[packages]\n[requires]\npython_version = '3'\n"),
            Some(false)
        );
        assert_eq!(asks_for_packages("[packages"), None);
    }
}
