//! Options in lists of requirements: pip reads them as if they had been typed.
//!
//! Reference: <https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options>

use super::settings::{self, Settings};
use super::{InstallFile, has_ending};

pub(super) const OPTIONS: InstallFile = InstallFile {
    name: "options for pip among the requirements",
    recognises: |path| {
        let name = path.file_name().to_ascii_lowercase();
        let is_list = has_ending(path, &["txt", "in"]);
        let parent = path.parent();
        is_list
            && (name.contains("requirements")
                || name.contains("constraints")
                || parent.file_name() == "requirements")
    },
    compare: |edit| settings::compare(edit, |text| Some(read(text))),
};

/// Options that say what is installed, which the lockfile's reader judges, or how; pip takes every other one by any part
/// of its name that is clear, so that all others are told.
const HARMLESS: [&str; 16] = [
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "-e",
    "--editable",
    "--hash",
    "--pre",
    "--prefer-binary",
    "--require-hashes",
    "--only-binary",
    "--no-binary",
    "--use-feature",
    "--config-settings",
    "--global-option",
    "-",
];

fn read(text: &str) -> Settings {
    let mut settings = Settings::new();
    for line in text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| line.starts_with('-'))
    {
        let (name, value) = line.split_once([' ', '\t', '=']).unwrap_or((line, ""));
        let has_more = value.split_whitespace().any(|word| word.starts_with('-'));
        if HARMLESS.contains(&name) && (!has_more || name == "--hash") {
            continue;
        }
        // An address may stand right behind a letter.
        let name: String = if name.starts_with("--") {
            name.to_owned()
        } else {
            name.chars().take(2).collect()
        };
        settings.entry(name).or_default().extend([line, "\n"]);
    }
    settings
}
