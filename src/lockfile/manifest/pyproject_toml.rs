//! pyproject.toml: whether a Python project asks for packages that a lockfile should pin.

use toml::{Table, Value};

/// Says whether a manifest asks for packages from elsewhere (PEP 621, PEP 735, Poetry); none if it is not TOML.
///
/// A file that only configures tools asks for nothing, and `python` in Poetry's table is the interpreter.
pub fn asks_for_packages(text: &str) -> Option<bool> {
    let manifest: Table = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let project = table(&manifest, &["project"]);
    let standard = project.is_some_and(|project| {
        let has_list = project
            .get("dependencies")
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty());
        has_list || project.get("optional-dependencies").is_some_and(has_lists)
    });
    let groups = manifest.get("dependency-groups").is_some_and(has_lists);
    Some(standard || groups || asks_by_tools(&manifest))
}

/// Poetry's tables, and the one that uv had before groups became a standard.
fn asks_by_tools(manifest: &Table) -> bool {
    let asks = |dependencies: &Table| dependencies.keys().any(|name| name != "python");
    let poetry = table(manifest, &["tool", "poetry"]);
    let main = poetry.and_then(|poetry| table(poetry, &["dependencies"]));
    let groups = poetry.and_then(|poetry| table(poetry, &["group"]));
    let groups = groups
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let mut groups = groups.filter_map(|group| table(group, &["dependencies"]));
    let uv = table(manifest, &["tool", "uv"]).and_then(|uv| uv.get("dev-dependencies"));
    main.is_some_and(asks)
        || groups.any(asks)
        || uv
            .and_then(Value::as_array)
            .is_some_and(|list| !list.is_empty())
}

fn table<'t>(table: &'t Table, keys: &[&str]) -> Option<&'t Table> {
    keys.iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
}

fn has_lists(value: &Value) -> bool {
    let lists = value.as_table().into_iter().flat_map(Table::values);
    lists
        .filter_map(Value::as_array)
        .any(|list| !list.is_empty())
}

#[cfg(test)]
mod tests {
    use super::asks_for_packages;

    #[test]
    fn projects_ask_in_several_tables() {
        for text in [
            "[project]\ndependencies = ['a']",
            "[project.optional-dependencies]\nx = ['a']",
            "[dependency-groups]\ndev = ['a']",
            "[tool.poetry.dependencies]\npython = '^3'\na = '1'",
            "[tool.poetry.group.dev.dependencies]\na = '1'",
            "[tool.uv]\ndev-dependencies = ['a']",
        ] {
            assert_eq!(asks_for_packages(text), Some(true), "{text}");
        }
    }

    #[test]
    fn configuration_of_tools_asks_for_nothing() {
        for text in [
            "[tool.ruff]\nline-length = 88",
            "[project]\ndependencies = []",
            "[tool.poetry.dependencies]\npython = '^3'",
        ] {
            assert_eq!(asks_for_packages(text), Some(false), "{text}");
        }
        assert_eq!(asks_for_packages("[project"), None);
    }
}
