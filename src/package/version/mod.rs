//! Versions and requirements, compared as each ecosystem's own tools compare them.
//!
//! A text becomes a [`VersionOrder`] once and is then compared with as many others as there are; what the
//! ecosystems share of `SemVer` is `precedence`, what Python did before PEP 440 is `legacy`.

mod cargo;
mod legacy;
mod line;
mod npm;
mod precedence;
mod pypi;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub use self::line::{Anatomy, ReleaseLine, Stage};
use self::precedence::Precedence;
use self::pypi::PypiVersion;
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
            Ecosystem::Cargo => cargo::is_well_formed(self.as_str()),
            Ecosystem::Npm => npm::is_well_formed(self.as_str()),
            Ecosystem::Pypi => pypi::is_well_formed(self.as_str()),
        }
    }

    /// Says whether two spellings name one release: PEP 440 equality for `PyPI` (`1.0` = `1.0.0`), build metadata ignored elsewhere.
    pub fn is_same_release(&self, ecosystem: Ecosystem, other: &str) -> bool {
        is_same_release(ecosystem, self.as_str(), other)
    }
}

/// A version text in the form that is compared, after `SemVer` 2.0 section 11 or PEP 440.
///
/// Equality is of the place in the order, not of the text: `1.2.3` equals `v1.2.3+build`. The order has a
/// meaning within one ecosystem only. Comparing is linear in the shorter text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionOrder<'a>(Key<'a>);

/// The form that an ecosystem compares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Semver(Precedence<'a>),
    Pypi(PypiVersion),
}

impl<'a> VersionOrder<'a> {
    /// Reads a version text; `None` if the ecosystem has no place for it in its order.
    ///
    /// Wider than [`Version::is_well_formed`], because advisories are: for crates.io and npm a leading `v`
    /// is no difference, numbers have any length, missing ones are zero, and a fourth and later one ranks
    /// as pre-release text. For `PyPI` every text has a place that is not blank: what PEP 440 does not
    /// know ranks below it as `packaging.LegacyVersion` did, and numbers beyond 64 bits count as the
    /// greatest within. Linear in the text; a `SemVer` text is borrowed and nothing allocated.
    pub fn parse(ecosystem: Ecosystem, text: &'a str) -> Option<Self> {
        let key = match ecosystem {
            Ecosystem::Cargo => Key::Semver(cargo::order(text)?),
            Ecosystem::Npm => Key::Semver(npm::order(text)?),
            Ecosystem::Pypi => Key::Pypi(pypi::order(text)?),
        };
        Some(Self(key))
    }
}

/// Compares two version texts of an ecosystem; `None` if one of them has no place in its order.
///
/// To compare one version with many, parse it once: [`VersionOrder::parse`].
pub fn compare(ecosystem: Ecosystem, one: &str, other: &str) -> Option<Ordering> {
    let one = VersionOrder::parse(ecosystem, one)?;
    Some(one.cmp(&VersionOrder::parse(ecosystem, other)?))
}

/// Says whether two version texts of an ecosystem name one release.
pub fn is_same_release(ecosystem: Ecosystem, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match ecosystem {
        Ecosystem::Cargo => cargo::is_same_release(one, other),
        Ecosystem::Npm => npm::is_same_release(one, other),
        Ecosystem::Pypi => pypi::is_same_release(one, other),
    }
}

/// Says whether a requirement admits a version; `None` if either cannot be read in the ecosystem's grammar.
pub fn admits(ecosystem: Ecosystem, requirement: &str, version: &str) -> Option<bool> {
    match ecosystem {
        Ecosystem::Cargo => cargo::admits(requirement, version),
        Ecosystem::Npm => npm::admits(requirement, version),
        Ecosystem::Pypi => pypi::admits(requirement, version),
    }
}
