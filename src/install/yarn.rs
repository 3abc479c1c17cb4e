//! Yarn: its settings, the programs that it keeps in the tree, and its cache there.
//!
//! References: <https://yarnpkg.com/configuration/yarnrc>, <https://classic.yarnpkg.com/en/docs/yarnrc>

use sha2::{Digest, Sha512};

use super::settings::{self, Lines, Settings};
use super::{Edit, InstallFile, above, added_or_edited, ends_with, has_ending, hex};
use crate::files::Files;
use crate::path::FilePath;

pub(super) const CLASSIC_SETTINGS: InstallFile = InstallFile {
    name: "the settings of Yarn 1",
    recognises: |path| ends_with(path, &[".yarnrc"]),
    compare: |edit| settings::compare(edit, |text| Some(read_classic(text))),
};

pub(super) const SETTINGS: InstallFile = InstallFile {
    name: "the settings of Yarn",
    recognises: |path| ends_with(path, &[".yarnrc.yml"]),
    compare: |edit| settings::compare(edit, read),
};

pub(super) const PROGRAMS: InstallFile = InstallFile {
    name: "a program that Yarn runs",
    recognises: |path| {
        ["releases", "plugins"]
            .iter()
            .any(|folder| lies_in(path, folder))
    },
    compare: |edit| added_or_edited(edit, "runs when packages are installed"),
};

pub(super) const UNPACKED: InstallFile = InstallFile {
    name: "what Yarn unpacked into the tree",
    recognises: |path| {
        lies_in(path, "unplugged")
            || ends_with(path, &[".pnp.cjs"])
            || ends_with(path, &[".pnp.data.json"])
    },
    compare: compare_unpacked,
};

pub(super) const CACHE: InstallFile = InstallFile {
    name: "Yarn's cache in the tree",
    recognises: |path| lies_in(path, "cache") && has_ending(path, &["zip"]),
    compare: compare_archive,
};

/// Settings of Yarn that change what people see, how fast it goes or how folders are laid out; every other one is told.
const HARMLESS: [&str; 22] = [
    "changesetBaseRefs",
    "changesetIgnorePatterns",
    "compressionLevel",
    "defaultProtocol",
    "defaultSemverRangePrefix",
    "deferredVersionFolder",
    "enableColors",
    "enableGlobalCache",
    "enableHyperlinks",
    "enableInlineBuilds",
    "enableMessageNames",
    "enableProgressBars",
    "enableTelemetry",
    "enableTimers",
    "logFilters",
    "nmHoistingLimits",
    "nmMode",
    "nodeLinker",
    "pnpMode",
    "preferReuse",
    "progressBarStyle",
    "telemetryInterval",
];

fn lies_in(path: &FilePath, folder: &str) -> bool {
    let mut parts = path.parts().rev().skip(1);
    let mut below = parts.next();
    for part in parts {
        if part == ".yarn" && below == Some(folder) {
            return true;
        }
        below = Some(part);
    }
    false
}

/// Everything that Yarn 1 reads here steers it.
fn read_classic(text: &str) -> Settings {
    settings::of_lines(
        text,
        &[' ', '\t', '=', ':'],
        Lines::Single,
        |name, _value| !["lastUpdateCheck", "save-prefix", "version-git-tag"].contains(&name),
    )
}

fn read(text: &str) -> Option<Settings> {
    settings::of_yaml(text, |key, value| {
        let hardens = matches!(
            (key, value),
            ("enableScripts", "false")
                | (
                    "enableStrictSsl" | "enableImmutableInstalls" | "checkCache",
                    "true"
                )
        );
        !HARMLESS.contains(&key) && !hardens
    })
}

/// It follows from yarn.lock, so that it changes with it and never alone.
fn compare_unpacked(edit: &Edit<'_>) -> Option<String> {
    let lockfile = |files: &dyn Files| {
        let mut folders = above(edit.path);
        folders.find_map(|folder| files.read(&folder.join("yarn.lock")?).ok().flatten())
    };
    let is_alone = lockfile(edit.beside_before) == lockfile(edit.beside_after);
    is_alone.then(|| added_or_edited(edit, "runs in place of what yarn.lock pins, which stayed"))?
}

/// An archive that is new belongs to the release that yarn.lock pins by its digest; one that is edited belongs to none.
fn compare_archive(edit: &Edit<'_>) -> Option<String> {
    let bytes = edit.after?;
    if edit.before.is_some() {
        return Some("holds other bytes under the same name".to_owned());
    }
    let digest = hex(&Sha512::digest(bytes));
    let mut folders = above(edit.path);
    let is_pinned = folders.any(|folder| {
        let lockfile = folder.join("yarn.lock");
        let text = lockfile.and_then(|path| edit.beside_after.read(&path).ok().flatten());
        text.is_some_and(|text| text.contains(&digest))
    });
    (!is_pinned).then(|| "is new, and no yarn.lock pins its bytes".to_owned())
}
