//! Options in lists of requirements: pip reads them as if they had been typed.
//!
//! Reference: <https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options>

use super::settings::{self, Lines};
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
    compare: |edit| {
        settings::compare(edit, |text| {
            Some(settings::of_lines(
                text,
                &[' ', '\t', '='],
                Lines::Single,
                |name, _value| STEERING.contains(&name),
            ))
        })
    },
};

/// Options that say where packages come from or who is believed on the way.
const STEERING: [&str; 8] = [
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--trusted-host",
    "--no-index",
];
