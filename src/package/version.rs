//! Versions and requirements, compared as each ecosystem's own tools compare them.

use std::str::FromStr;

use super::Ecosystem;
use crate::text::Untrusted;

/// A version as the lockfile writes it.
///
/// Equality here is of the text; [`Version::is_same_release`] compares as the registry does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version<'a>(Untrusted<'a>);

impl<'a> Version<'a> {
    /// Wraps a version.
    pub const fn new(version: Untrusted<'a>) -> Self {
        Self(version)
    }

    /// Returns the raw text, for comparing; never for output.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the version as text that reports can escape.
    pub const fn untrusted(&self) -> &Untrusted<'a> {
        &self.0
    }

    /// Returns a cheap copy that borrows from this one.
    pub fn reborrow(&self) -> Version<'_> {
        Version(self.0.reborrow())
    }

    /// Says whether the ecosystem's registry could have published the version under this spelling.
    pub fn is_well_formed(&self, ecosystem: Ecosystem) -> bool {
        match ecosystem {
            Ecosystem::Cargo | Ecosystem::Npm => semver::Version::parse(self.as_str()).is_ok(),
            Ecosystem::Pypi => pep440_rs::Version::from_str(self.as_str()).is_ok(),
        }
    }

    /// Says whether two spellings name one release: PEP 440 equality for `PyPI` (`1.0` = `1.0.0`), build metadata ignored elsewhere.
    pub fn is_same_release(&self, ecosystem: Ecosystem, other: &str) -> bool {
        is_same_release(ecosystem, self.as_str(), other)
    }
}

/// Says whether two version texts of an ecosystem name one release.
pub fn is_same_release(ecosystem: Ecosystem, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match ecosystem {
        Ecosystem::Cargo => without_build(one) == without_build(other),
        Ecosystem::Npm => loose(one) == loose(other),
        Ecosystem::Pypi => match (
            pep440_rs::Version::from_str(one),
            pep440_rs::Version::from_str(other),
        ) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        },
    }
}

/// Says whether a requirement admits a version; `None` if either cannot be read in the ecosystem's grammar.
pub fn admits(ecosystem: Ecosystem, requirement: &str, version: &str) -> Option<bool> {
    match ecosystem {
        Ecosystem::Cargo => {
            let requirement = semver::VersionReq::parse(requirement).ok()?;
            Some(requirement.matches(&semver::Version::parse(version).ok()?))
        }
        Ecosystem::Npm => {
            let requirement = nodejs_semver::Range::parse(requirement).ok()?;
            Some(requirement.satisfies(&nodejs_semver::Version::parse(version).ok()?))
        }
        Ecosystem::Pypi => {
            let requirement = pep440_rs::VersionSpecifiers::from_str(requirement).ok()?;
            Some(requirement.contains(&pep440_rs::Version::from_str(version).ok()?))
        }
    }
}

/// npm reads `v1.0.0` and `=1.0.0` as `1.0.0` (node-semver's loose form).
fn loose(version: &str) -> &str {
    without_build(version.trim_start_matches(['=', 'v', ' ']).trim_end())
}

fn without_build(version: &str) -> &str {
    version
        .split_once('+')
        .map_or(version, |(version, _build)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_as_their_registry_does() {
        assert!(is_same_release(Ecosystem::Pypi, "1.0", "1.0.0"));
        assert!(is_same_release(Ecosystem::Pypi, "1.0RC1", "1.0.0rc1"));
        assert!(!is_same_release(Ecosystem::Pypi, "1.0", "1.0+cu128"));
        assert!(is_same_release(
            Ecosystem::Cargo,
            "0.10.2+wasi-snapshot-preview1",
            "0.10.2"
        ));
        assert!(is_same_release(Ecosystem::Npm, "=v1.0.0", "1.0.0"));
        assert!(!is_same_release(Ecosystem::Npm, "1.0", "1.0.0"));
    }

    #[test]
    fn requirements_are_read_in_the_tools_own_grammar() {
        assert_eq!(admits(Ecosystem::Cargo, "1.2", "1.9.0"), Some(true));
        assert_eq!(admits(Ecosystem::Npm, "1.2", "1.9.0"), Some(false));
        assert_eq!(
            admits(Ecosystem::Npm, "^1.14.0 || >=3", "1.14.0"),
            Some(true)
        );
        assert_eq!(
            admits(Ecosystem::Pypi, ">=1.75,<1.82.7", "1.82.6"),
            Some(true)
        );
        assert_eq!(admits(Ecosystem::Pypi, "latest", "1.0"), None);
    }
}
