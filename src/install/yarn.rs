//! Yarn: its settings, the programs that it keeps in the tree, and its cache there.
//!
//! References: <https://yarnpkg.com/configuration/yarnrc>, <https://classic.yarnpkg.com/en/docs/yarnrc>

use sha2::{Digest, Sha512};

use super::settings::{self, Settings};
use super::{Edit, InstallFile, added_or_edited, ends_with, hex};
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
        ["releases", "plugins", "sdks"]
            .iter()
            .any(|folder| lies_in(path, folder))
    },
    compare: |edit| added_or_edited(edit, "runs when packages are installed"),
};

pub(super) const CACHE: InstallFile = InstallFile {
    name: "Yarn's cache in the tree",
    recognises: |path| {
        lies_in(path, "cache") && path.file_name().to_ascii_lowercase().ends_with(".zip")
    },
    compare: compare_archive,
};

/// Settings that say where packages come from, who is believed on the way, or what is run.
const STEERING: [&str; 21] = [
    "checksumBehavior",
    "enableScripts",
    "enableStrictSsl",
    "httpProxy",
    "httpsCaFilePath",
    "httpsCertFilePath",
    "httpsKeyFilePath",
    "httpsProxy",
    "injectEnvironmentFiles",
    "networkSettings",
    "npmAuthIdent",
    "npmAuthToken",
    "npmRegistries",
    "npmRegistryServer",
    "npmScopes",
    "packageExtensions",
    "plugins",
    "unsafeHttpWhitelist",
    "yarnPath",
    "cacheFolder",
    "globalFolder",
];

fn lies_in(path: &FilePath, folder: &str) -> bool {
    let parts: Vec<&str> = path
        .parent()
        .parts()
        .map(|part| match part {
            ".yarn" => ".yarn",
            part if part == folder => "in",
            _ => "",
        })
        .collect();
    parts.windows(2).any(|pair| pair == [".yarn", "in"])
}

fn read_classic(text: &str) -> Settings {
    settings::of_lines(text, &[' ', '\t', '='], |name| {
        let name = name.trim_start_matches('-');
        let steering = [
            "registry",
            "yarn-path",
            "proxy",
            "https-proxy",
            "strict-ssl",
            "ca",
            "cafile",
            "script-shell",
            "ignore-scripts",
            "yarn-offline-mirror",
        ];
        name.ends_with(":registry") || steering.contains(&name)
    })
}

fn read(text: &str) -> Option<Settings> {
    settings::of_yaml(text, &STEERING)
}

/// An archive that is new belongs to the release that yarn.lock pins by its digest; one that is edited belongs to none.
fn compare_archive(edit: &Edit<'_>) -> Option<String> {
    let bytes = edit.after?;
    if edit.before.is_some() {
        return Some("holds other bytes under the same name".to_owned());
    }
    let digest = hex(&Sha512::digest(bytes));
    let mut folders = std::iter::successors(Some(edit.path.parent()), |folder| {
        (!folder.is_root()).then(|| folder.parent())
    });
    let is_pinned = folders.any(|folder| {
        let lockfile = folder.join("yarn.lock");
        let text = lockfile.and_then(|path| edit.beside_after.read(&path).ok().flatten());
        text.is_some_and(|text| text.contains(&digest))
    });
    (!is_pinned).then(|| "is new, and no yarn.lock pins its bytes".to_owned())
}
