//! What an archive's address says about the package inside: the name and version in its file name.
//!
//! npm: `<registry>/<name>/-/<base name>-<version>.tgz`. `PyPI`: the wheel and sdist file names of the
//! packaging specifications (`name-version-….whl`, `name-version.tar.gz`). Cargo.lock names no archives.

use std::borrow::Cow;

use super::Ecosystem;
use super::name::normalise;
use super::version::is_same_release;

/// A package as an archive's address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name.
    pub name: String,
    /// The version.
    pub version: String,
}

/// How an address and the entry that names it agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both name the same package.
    Same,
    /// The address names another package.
    Other(Claim),
    /// The address has no form that names a package.
    Silent,
}

/// Compares an archive's address with the name and version of its entry.
pub fn compare(ecosystem: Ecosystem, url: &str, name: &str, version: &str) -> Agreement {
    match ecosystem {
        Ecosystem::Cargo => Agreement::Silent,
        Ecosystem::Npm => compare_npm(url, name, version),
        Ecosystem::Pypi => compare_pypi(url, name, version),
    }
}

fn compare_npm(url: &str, name: &str, version: &str) -> Agreement {
    let path = without_query(url);
    let Some((before, file)) = path.rsplit_once("/-/") else {
        return Agreement::Silent;
    };
    let (before, file) = (percent_decode(before), percent_decode(file));
    let Some(stem) = file.strip_suffix(".tgz") else {
        return Agreement::Silent;
    };
    let stem = stem.rsplit_once('/').map_or(stem, |(_scope, stem)| stem);
    let (claimed_name, base) = name_in_path(&before);
    let version = version.split('+').next().unwrap_or(version);
    match stem
        .strip_prefix(base)
        .and_then(|rest| rest.strip_prefix('-'))
    {
        Some(claimed) if claimed_name == name && claimed == version => Agreement::Same,
        Some(claimed) => Agreement::Other(Claim {
            name: claimed_name.to_owned(),
            version: claimed.to_owned(),
        }),
        None => Agreement::Other(split_stem(stem)),
    }
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
fn split_stem(stem: &str) -> Claim {
    let dashes = stem.match_indices('-').map(|(at, _)| at);
    let before_digit = |at: &usize| stem[at + 1..].starts_with(|next: char| next.is_ascii_digit());
    let at = dashes
        .clone()
        .find(before_digit)
        .or_else(|| dashes.clone().next_back());
    let (name, version) = at.map_or((stem, ""), |at| (&stem[..at], &stem[at + 1..]));
    Claim {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

fn compare_pypi(url: &str, name: &str, version: &str) -> Agreement {
    let path = percent_decode(without_query(url));
    let file = path.rsplit('/').next().unwrap_or_default();
    let agrees = |claimed_name: &str, claimed_version: &str| {
        normalise(claimed_name) == name
            && is_same_release(Ecosystem::Pypi, claimed_version, version)
    };
    if let Some(stem) = file.strip_suffix(".whl") {
        let mut parts = stem.splitn(3, '-');
        let (Some(claimed_name), Some(claimed)) = (parts.next(), parts.next()) else {
            return Agreement::Silent;
        };
        return if agrees(claimed_name, claimed) {
            Agreement::Same
        } else {
            other(claimed_name, claimed)
        };
    }
    let Some(stem) = [".tar.gz", ".zip", ".tar.bz2", ".tgz"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
    else {
        return Agreement::Silent;
    };
    let mut splits = stem
        .match_indices('-')
        .map(|(at, _)| (&stem[..at], &stem[at + 1..]));
    if splits.any(|(claimed_name, claimed)| agrees(claimed_name, claimed)) {
        return Agreement::Same;
    }
    let claim = split_stem(stem);
    if claim.version.is_empty() {
        Agreement::Silent
    } else {
        other(&claim.name, &claim.version)
    }
}

fn other(name: &str, version: &str) -> Agreement {
    Agreement::Other(Claim {
        name: normalise(name).into_owned(),
        version: version.to_owned(),
    })
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// Decodes `%40` and the like; what is no escape stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| tail.first_chunk::<2>())
            .flatten()
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
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
}
