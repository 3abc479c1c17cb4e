//! `pip.conf`: the settings of pip, where somebody points to them.
//!
//! Reference: <https://pip.pypa.io/en/stable/topics/configuration/>

use super::settings::{self, Lines};
use super::{InstallFile, ends_with};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of pip",
    recognises: |path| {
        let names = ["pip.conf", "pip.ini"];
        names.iter().any(|name| ends_with(path, &[name]))
    },
    compare: |edit| {
        settings::compare(edit, |text| {
            Some(settings::of_lines(
                text,
                &['=', ':'],
                Lines::Continued,
                |name, _value| {
                    let steering = [
                        "index-url",
                        "extra-index-url",
                        "find-links",
                        "no-index",
                        "trusted-host",
                        "proxy",
                        "cert",
                        "client-cert",
                        "keyring-provider",
                        "constraint",
                        "requirement",
                    ];
                    steering.contains(
                        &name
                            .trim_start_matches('-')
                            .to_ascii_lowercase()
                            .replace('_', "-")
                            .as_str(),
                    )
                },
            ))
        })
    },
};
