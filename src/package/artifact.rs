//! What an archive's address says about the package inside: the name and version in its file name.
//!
//! npm: `<registry>/<name>/-/<base name>-<version>.tgz`. `PyPI`: the wheel and sdist file names of the
//! packaging specifications (`name-version-….whl`, `name-version.tar.gz`). Cargo.lock names no archives.
//! Addresses are read in their normal form, decoded, as the package manager would ask for them.

use std::borrow::Cow;

use super::Ecosystem;
use super::address::decoded_path;
use super::name::normalise;
use super::source::{Host, host};
use super::version::is_same_release;

/// A package as an archive's address names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// A [`Claim`] that borrows from the address: nearly all of them are what the entry says, and no more.
struct Named<'p> {
    name: Cow<'p, str>,
    version: &'p str,
}

impl<'p> Named<'p> {
    fn new(name: &'p str, version: &'p str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            version,
        }
    }

    fn into_claim(self) -> Claim {
        Claim {
            name: self.name.into_owned(),
            version: self.version.to_owned(),
        }
    }
}

/// How an address and the entry that names it agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both name the same package.
    Same,
    /// The address names another package.
    Other(Claim),
    /// The address lies on the public registry, but names no package in the one form that it has.
    Odd,
    /// The address names no package, and need not.
    Silent,
}

/// Compares an archive's address with the name and version of its entry; a version that is not known is empty.
pub fn compare(ecosystem: Ecosystem, address: &str, name: &str, version: &str) -> Agreement {
    let path = match ecosystem {
        Ecosystem::Cargo => return Agreement::Silent,
        Ecosystem::Npm | Ecosystem::Pypi => decoded_path(address),
    };
    let claim = match ecosystem {
        Ecosystem::Npm => npm_claim(&path, name),
        _ => pypi_claim(&path, name, version),
    };
    match claim {
        Some(claim) if agrees(ecosystem, &claim, name, version) => Agreement::Same,
        Some(claim) => Agreement::Other(claim.into_claim()),
        None if host(ecosystem, address) == Some(Host::Public) => Agreement::Odd,
        None => Agreement::Silent,
    }
}

fn agrees(ecosystem: Ecosystem, claim: &Named<'_>, name: &str, version: &str) -> bool {
    let is_same_version = match ecosystem {
        // Registries drop build metadata from file names, and nothing else.
        Ecosystem::Npm => claim.version == version.split('+').next().unwrap_or(version),
        _ => is_same_release(ecosystem, claim.version, version),
    };
    claim.name == name && is_same_version
}

/// Reads a registry's path, or else a file named like the entry, or else a specifier, which npm asks its registry for.
fn npm_claim<'p>(path: &'p str, name: &'p str) -> Option<Named<'p>> {
    let Some((before, file)) = path.rsplit_once("/-/") else {
        return npm_file_claim(path, name).or_else(|| npm_specifier_claim(path, name));
    };
    let stem = without_ending(file, &[".tgz"])?;
    let stem = stem.rsplit_once('/').map_or(stem, |(_scope, stem)| stem);
    let (claimed_name, base) = name_in_path(before);
    Some(match version_behind(base, stem) {
        Some(version) => Named::new(claimed_name, version),
        None => torn_claim(claimed_name, stem, name),
    })
}

/// Returns what follows a name and a dash.
fn version_behind<'p>(base: &str, stem: &'p str) -> Option<&'p str> {
    stem.strip_prefix(base)?.strip_prefix('-')
}

/// Folder and file name different packages: where the file is the entry's, the registry still looks into the folder.
fn torn_claim<'p>(folder: &'p str, stem: &'p str, name: &str) -> Named<'p> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let own = version_behind(base, stem).filter(|text| semver::Version::parse(text).is_ok());
    own.map_or_else(
        || split_stem(stem),
        |version| Named::new(folder, version),
    )
}

/// Outside registries a file's name proves nothing about its scope, so only `<base name>-<version>.tgz` of the entry itself is read.
fn npm_file_claim<'p>(path: &'p str, name: &'p str) -> Option<Named<'p>> {
    let file = path.rsplit(['/', ':']).next()?;
    let base = name.rsplit('/').next()?;
    let version = version_behind(base, without_ending(file, &[".tgz"])?)?;
    semver::Version::parse(version).ok()?;
    Some(Named::new(name, version))
}

/// `npm:name@version`, `name@version`, or the version alone.
fn npm_specifier_claim<'p>(text: &'p str, name: &'p str) -> Option<Named<'p>> {
    let text = text.strip_prefix("npm:").unwrap_or(text);
    let at = text.rfind('@').filter(|at| *at > 0);
    let (claimed_name, version) = at.map_or((name, text), |at| (&text[..at], &text[at + 1..]));
    semver::Version::parse(version).ok()?;
    Some(Named::new(claimed_name, version))
}

/// Returns the package name at the end of a registry path, and the part of it that file names begin with.
fn name_in_path(path: &str) -> (&str, &str) {
    let Some((before, base)) = path.rsplit_once('/') else {
        return (path, path);
    };
    let scope = before.rsplit_once('/').map_or(before, |(_, scope)| scope);
    if scope.starts_with('@') {
        (&path[path.len() - base.len() - scope.len() - 1..], base)
    } else {
        (base, base)
    }
}

/// Guesses where a file name's version begins: at the first dash before a digit.
fn split_stem(stem: &str) -> Named<'_> {
    let dashes = stem.match_indices('-').map(|(at, _)| at);
    let before_digit = |at: &usize| stem[at + 1..].starts_with(|next: char| next.is_ascii_digit());
    let at = dashes
        .clone()
        .find(before_digit)
        .or_else(|| dashes.clone().next_back());
    let (name, version) = at.map_or((stem, ""), |at| (&stem[..at], &stem[at + 1..]));
    Named::new(name, version)
}

fn pypi_claim<'p>(path: &'p str, name: &str, version: &str) -> Option<Named<'p>> {
    const SOURCES: [&str; 6] = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar"];
    let file = path.trim_end_matches('/').rsplit('/').next()?;
    let claim = |name: &'p str, version: &'p str| Named {
        name: normalise(name),
        version,
    };
    if let Some(stem) = without_ending(file, &[".whl"]) {
        let mut parts = stem.splitn(3, '-');
        return Some(claim(parts.next()?, parts.next()?));
    }
    let stem = without_ending(file, &SOURCES)?;
    let mut splits = stem
        .match_indices('-')
        .map(|(at, _)| claim(&stem[..at], &stem[at + 1..]));
    let agreeing = splits.find(|claim| agrees(Ecosystem::Pypi, claim, name, version));
    agreeing.or_else(|| {
        let guess = split_stem(stem);
        (!guess.version.is_empty()).then(|| Named {
            name: normalise(&guess.name).into_owned().into(),
            version: guess.version,
        })
    })
}

/// Cuts the ending of an archive, in any case.
fn without_ending<'f>(file: &'f str, endings: &[&str]) -> Option<&'f str> {
    endings.iter().find_map(|ending| {
        let (stem, tail) = file.split_at_checked(file.len().checked_sub(ending.len())?)?;
        tail.eq_ignore_ascii_case(ending).then_some(stem)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npm(url: &str, name: &str, version: &str) -> Agreement {
        compare(Ecosystem::Npm, url, name, version)
    }

    fn claim(name: &str, version: &str) -> Agreement {
        Agreement::Other(Claim {
            name: name.to_owned(),
            version: version.to_owned(),
        })
    }

    #[test]
    fn npm_addresses_of_every_registry_agree() {
        for (url, name, version) in [
            (
                "https://registry.npmjs.org/axios/-/axios-1.14.0.tgz",
                "axios",
                "1.14.0",
            ),
            (
                "https://registry.npmjs.org/@babel/core/-/core-7.0.0-beta.1.tgz",
                "@babel/core",
                "7.0.0-beta.1",
            ),
            (
                "https://npm.example.org/@babel%2fcore/-/core-7.0.0.tgz?x=1",
                "@babel/core",
                "7.0.0",
            ),
            (
                "https://git.example.org/api/packages/npm/@a/b/-/@a/b-1.0.0.tgz",
                "@a/b",
                "1.0.0",
            ),
        ] {
            assert_eq!(npm(url, name, version), Agreement::Same, "{url}");
        }
    }

    #[test]
    fn another_version_or_name_in_an_npm_address_is_told() {
        let url = "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz";
        assert_eq!(npm(url, "axios", "1.14.0"), claim("axios", "1.14.1"));
        assert_eq!(npm(url, "left-pad", "1.14.1"), claim("axios", "1.14.1"));
        let swapped = "https://registry.npmjs.org/axios/-/evil-tool-2.0.0.tgz";
        assert_eq!(npm(swapped, "axios", "1.14.0"), claim("evil-tool", "2.0.0"));
    }

    /// The registry serves what lies in the folder, whatever the file is called.
    #[test]
    fn a_folder_of_another_package_is_told_though_the_file_is_the_entrys() {
        for (url, name, version, expected) in [
            (
                "https://registry.npmjs.org/axios/-/left-1.0.0.tgz",
                "left",
                "1.0.0",
                claim("axios", "1.0.0"),
            ),
            (
                "https://mirror.example/artifactory/api/npm/npm-remote/axios/-/left-2d-1.0.0.tgz",
                "left-2d",
                "1.0.0",
                claim("axios", "1.0.0"),
            ),
            (
                "https://registry.npmjs.org/@evil/axios/-/left-1.0.0.tgz",
                "@acme/left",
                "1.0.0",
                claim("@evil/axios", "1.0.0"),
            ),
            (
                "https://registry.npmjs.org/@evil/left/-/left-1.0.0.tgz",
                "@acme/left",
                "1.0.0",
                claim("@evil/left", "1.0.0"),
            ),
            (
                "https://mirror.example/artifactory/api/npm/npm-remote/left/-/left-1.0.0.tgz",
                "left",
                "1.0.0",
                Agreement::Same,
            ),
            (
                "https://npm.example/@acme/left/-/1.0.0/left-1.0.0.tgz",
                "@acme/left",
                "1.0.0",
                Agreement::Same,
            ),
        ] {
            assert_eq!(npm(url, name, version), expected, "{url}");
        }
    }

    #[test]
    fn addresses_without_a_package_are_silent() {
        assert_eq!(
            npm("https://codeload.example.org/a/b/tar.gz/abc", "b", "1.0.0"),
            Agreement::Silent
        );
        assert_eq!(
            compare(Ecosystem::Pypi, "https://example.org/download", "a", "1"),
            Agreement::Silent
        );
    }

    #[test]
    fn python_file_names_agree_in_every_spelling() {
        for (file, name, version) in [
            ("litellm-1.82.6-py3-none-any.whl", "litellm", "1.82.6"),
            ("ruamel.yaml-0.18.6.tar.gz", "ruamel-yaml", "0.18.6"),
            (
                "torch-2.7.0%2Bcu128-cp311-cp311-linux_x86_64.whl",
                "torch",
                "2.7.0+cu128",
            ),
            ("Flask-SQLAlchemy-3.0.tar.gz", "flask-sqlalchemy", "3.0.0"),
            ("pytz-2013b.zip", "pytz", "2013b"),
        ] {
            let url = format!("https://files.pythonhosted.org/packages/aa/{file}#sha256=0");
            assert_eq!(
                compare(Ecosystem::Pypi, &url, name, version),
                Agreement::Same,
                "{file}"
            );
        }
    }

    #[test]
    fn another_release_in_a_python_file_name_is_told() {
        let url = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8-py3-none-any.whl";
        assert_eq!(
            compare(Ecosystem::Pypi, url, "litellm", "1.82.6"),
            claim("litellm", "1.82.8")
        );
        let sdist = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8.tar.gz";
        assert_eq!(
            compare(Ecosystem::Pypi, sdist, "litellm", "1.82.6"),
            claim("litellm", "1.82.8")
        );
    }

    /// npm asks for each of these under the name axios-1.14.1.
    #[test]
    fn odd_spellings_of_a_public_address_hide_nothing() {
        for address in [
            "https:\\\\registry.npmjs.org\\axios\\-\\axios-1.14.1.tgz",
            "https://registry.npmjs.org/axios/-\\axios-1.14.1.tgz",
            "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz ",
            "https://registry.npmjs.org/axios/%2d/axios-1.14.1.tgz",
            "https://registry.npmjs.org/%61xios/-/axios-1.14.1.TGZ",
        ] {
            assert_eq!(
                npm(address, "axios", "1.14.0"),
                claim("axios", "1.14.1"),
                "{address}"
            );
        }
        for address in [
            "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/",
            "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/-/..",
            "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz/x/-/axios-1.14.0.tgz/../../..",
            "https://registry.npmjs.org/axios",
        ] {
            assert_eq!(npm(address, "axios", "1.14.0"), Agreement::Odd, "{address}");
        }
    }

    #[test]
    fn archives_outside_registries_are_read_by_their_file_name() {
        let address = "https://cdn.example.org/packages/axios/1.14.1/axios-1.14.1.tgz";
        assert_eq!(npm(address, "axios", "1.14.0"), claim("axios", "1.14.1"));
        assert_eq!(npm(address, "axios", "1.14.1"), Agreement::Same);
        assert_eq!(npm(address, "other", "1.14.1"), Agreement::Silent);
    }

    #[test]
    fn specifiers_in_place_of_addresses_are_what_npm_would_ask_for() {
        for address in ["npm:axios@1.14.1", "axios@1.14.1", "1.14.1"] {
            assert_eq!(
                npm(address, "axios", "1.14.0"),
                claim("axios", "1.14.1"),
                "{address}"
            );
        }
    }

    #[test]
    fn an_entry_without_a_version_is_what_its_archive_says() {
        let address = "https://registry.npmjs.org/axios/-/axios-1.14.1.tgz";
        assert_eq!(npm(address, "axios", ""), claim("axios", "1.14.1"));
    }

    #[test]
    fn odd_spellings_of_a_python_archive_hide_nothing() {
        let base = "https://files.pythonhosted.org/packages/aa/litellm-1.82.8";
        for ending in [
            "-py3-none-any.whl/",
            "-py3-none-any.whl ",
            "-py3-none-any.WHL",
            ".TAR.GZ",
            ".tar.xz",
        ] {
            let found = compare(
                Ecosystem::Pypi,
                &format!("{base}{ending}"),
                "litellm",
                "1.82.6",
            );
            assert_eq!(found, claim("litellm", "1.82.8"), "{ending}");
        }
    }
}
