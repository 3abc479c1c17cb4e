//! pip and uv: the index that they ask by default.
//!
//! References: <https://pip.pypa.io/en/stable/topics/configuration/>, <https://docs.astral.sh/uv/concepts/indexes/>. The
//! first that is set decides: variables of pip, variables of uv, files of pip, file of uv. Further indexes
//! (`extra-index-url`) are not taken, because nobody can tell which packages are theirs.

use camino::Utf8PathBuf;
use toml::{Table, Value};

use super::{ClientConfiguration, Setting, User, UserFile, is_nothing};
use crate::package::Ecosystem;

pub(super) fn read(user: &User<'_>, configuration: &mut ClientConfiguration) {
    let setting = variable(user)
        .or_else(|| of_pip(user, configuration))
        .or_else(|| of_uv(user, configuration));
    configuration.pypi_index =
        setting.and_then(|setting| configuration.default_registry(Ecosystem::Pypi, &setting));
}

fn variable(user: &User<'_>) -> Option<Setting> {
    user.setting("PIP_INDEX_URL")
        .or_else(|| user.setting("UV_DEFAULT_INDEX").map(without_name))
        .or_else(|| user.setting("UV_INDEX_URL"))
}

/// Takes off the name that uv lets people write before an index: `company=https://…`.
fn without_name(setting: Setting) -> Setting {
    let is_name = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match setting.text.split_once('=') {
        Some((name, address)) if is_name(name) => Setting {
            text: address.to_owned(),
            place: setting.place,
        },
        _ => setting,
    }
}

fn of_pip(user: &User<'_>, configuration: &mut ClientConfiguration) -> Option<Setting> {
    const VARIABLE: &str = "PIP_CONFIG_FILE";
    if let Some(path) = user.path(VARIABLE, configuration) {
        let file = user.read_named(VARIABLE, &path, configuration);
        if is_nothing(&path) || file.is_some() {
            return file.and_then(|file| index_of_pip(&file));
        }
    }
    let paths = paths_of_pip(user, configuration);
    paths.iter().find_map(|path| {
        let file = user.read(path, configuration)?;
        index_of_pip(&file)
    })
}

/// Returns where pip looks for the user's file, the one that counts first; only those of the system exist.
fn paths_of_pip(user: &User<'_>, configuration: &mut ClientConfiguration) -> Vec<Utf8PathBuf> {
    let folder = user.configuration_folder(configuration);
    let windows = user.path("APPDATA", configuration);
    [
        windows.map(|folder| folder.join("pip/pip.ini")),
        user.in_home("Library/Application Support/pip/pip.conf"),
        folder.map(|folder| folder.join("pip/pip.conf")),
        user.in_home(".pip/pip.conf"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Finds `index-url` of `[global]`, as Python's `configparser` reads it; the last one counts.
fn index_of_pip(file: &UserFile) -> Option<Setting> {
    let mut is_global = false;
    let mut index: Option<Setting> = None;
    let mut is_open = false;
    for (number, line) in (1..).zip(file.text.lines()) {
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        // An indented line carries on the value before it.
        if line.starts_with([' ', '\t']) {
            if let Some(index) = index.as_mut().filter(|_| is_open) {
                index.text.push_str(text);
            }
            continue;
        }
        is_open = false;
        if let Some(section) = section(text) {
            is_global = section == "global";
        } else if let Some(value) = index_url(text).filter(|_| is_global) {
            is_open = true;
            index = Some(Setting {
                text: value.to_owned(),
                place: file.line(number),
            });
        }
    }
    index.filter(|index| !index.text.is_empty())
}

fn section(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.split_once(']')?;
    Some(name)
}

/// Returns the value of `index-url`, which pip takes with `_` for `-`, in either case and behind dashes.
fn index_url(line: &str) -> Option<&str> {
    let (key, value) = line.split_once(['=', ':'])?;
    let key = key.trim().to_ascii_lowercase().replace('_', "-");
    (key.trim_start_matches("--") == "index-url").then_some(value.trim())
}

fn of_uv(user: &User<'_>, configuration: &mut ClientConfiguration) -> Option<Setting> {
    let windows = user.path("APPDATA", configuration);
    let folder = user.configuration_folder(configuration);
    let paths = [windows, folder].into_iter().flatten();
    let mut paths = paths.map(|folder| folder.join("uv/uv.toml"));
    paths.find_map(|path| {
        let document = user.read_toml(&path, configuration)?;
        let text = default_index(&document)?.to_owned();
        let place = path.into_string();
        Some(Setting { text, place })
    })
}

/// Returns the default index of a `uv.toml`; what `[[index]]` says goes before the older `index-url`.
fn default_index(document: &Table) -> Option<&str> {
    let indexes = document.get("index").and_then(Value::as_array);
    let is_default = |index: &&Value| index.get("default").and_then(Value::as_bool) == Some(true);
    let index = indexes.into_iter().flatten().find(is_default);
    index
        .and_then(|index| index.get("url"))
        .or_else(|| document.get("index-url"))
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
#[path = "pypi_tests.rs"]
mod tests;
