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
    /// The address is in no form that a registry has, and its file is named like another package; that proves nothing.
    Lookalike(Claim),
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
        None => compare_bare(ecosystem, address, &path),
    }
}

/// Reads the release of `PyPI` that the file at the end of an address or path is named like.
///
/// A wheel's name says it exactly; in that of a source archive the version begins at the first dash before a digit.
pub fn pypi_release(address: &str) -> Option<Claim> {
    let path = decoded_path(address);
    pypi_claim(&path, "", "").map(Named::into_claim)
}

/// Judges an address in no form that a registry has; what the public one serves is taken at its file's word.
fn compare_bare(ecosystem: Ecosystem, address: &str, path: &str) -> Agreement {
    let lookalike = match ecosystem {
        Ecosystem::Npm => npm_lookalike(path).map(Named::into_claim),
        Ecosystem::Cargo | Ecosystem::Pypi => None,
    };
    let is_public = host(ecosystem, address) == Some(Host::Public);
    match lookalike {
        Some(claim) if is_public => Agreement::Other(claim),
        Some(claim) => Agreement::Lookalike(claim),
        None if is_public => Agreement::Odd,
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
    own.map_or_else(|| split_stem(stem), |version| Named::new(folder, version))
}

/// Outside registries a file's name proves nothing about its scope, so only `<base name>-<version>.tgz` of the entry itself is read.
fn npm_file_claim<'p>(path: &'p str, name: &'p str) -> Option<Named<'p>> {
    let file = path.rsplit(['/', ':']).next()?;
    let base = name.rsplit('/').next()?;
    let version = version_behind(base, without_ending(file, &[".tgz"])?)?;
    semver::Version::parse(version).ok()?;
    Some(Named::new(name, version))
}

/// Reads `<name>-<version>.tgz` of whatever package, where no folder says whose it is.
fn npm_lookalike(path: &str) -> Option<Named<'_>> {
    let is_in_registry_form = path.contains("/-/");
    let file = path.rsplit(['/', ':']).next()?;
    let stem = without_ending(file, &[".tgz"]).filter(|_| !is_in_registry_form)?;
    let mut dashes = stem
        .match_indices('-')
        .map(|(at, _)| at)
        .filter(|at| *at > 0);
    let at = dashes.find(|at| semver::Version::parse(&stem[at + 1..]).is_ok())?;
    Some(Named::new(&stem[..at], &stem[at + 1..]))
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
#[path = "artifact_tests.rs"]
mod tests;
