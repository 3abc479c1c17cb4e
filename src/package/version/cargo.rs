//! Versions of crates.io: strict `SemVer` 2.0, with requirements as Cargo reads them.

use super::precedence::{Precedence, without_build};

/// Says whether crates.io could have published the version: the grammar of `SemVer` 2.0.
pub(super) fn is_well_formed(version: &str) -> bool {
    semver::Version::parse(version).is_ok()
}

/// Says whether two texts name one release: crates.io keeps one version a precedence, so build metadata is no difference.
pub(super) fn is_same_release(one: &str, other: &str) -> bool {
    without_build(one) == without_build(other)
}

/// Says whether a requirement of Cargo admits a version.
pub(super) fn admits(requirement: &str, version: &str) -> Option<bool> {
    let requirement = semver::VersionReq::parse(requirement).ok()?;
    Some(requirement.matches(&semver::Version::parse(version).ok()?))
}

/// Reads a version for comparing; advisories write tags (`v1.2.3`) as well.
pub(super) fn order(version: &str) -> Option<Precedence<'_>> {
    let version = version.trim();
    Precedence::parse(version.strip_prefix('v').unwrap_or(version))
}
