//! Versions of npm: `SemVer` 2.0 in the loose form of node-semver, with ranges as npm reads them.

use super::precedence::{Precedence, without_build};

/// Says whether npm could have published the version: the grammar of `SemVer` 2.0.
pub(super) fn is_well_formed(version: &str) -> bool {
    semver::Version::parse(version).is_ok()
}

/// Says whether two texts name one release, however loosely they are written.
pub(super) fn is_same_release(one: &str, other: &str) -> bool {
    without_build(loose(one)) == without_build(loose(other))
}

/// Says whether a range of npm admits a version.
pub(super) fn admits(requirement: &str, version: &str) -> Option<bool> {
    let requirement = nodejs_semver::Range::parse(requirement).ok()?;
    Some(requirement.satisfies(&nodejs_semver::Version::parse(version).ok()?))
}

/// Reads a version for comparing.
pub(super) fn order(version: &str) -> Option<Precedence<'_>> {
    Precedence::parse(loose(version.trim()))
}

/// npm reads `v1.0.0` and `=1.0.0` as `1.0.0` (node-semver's loose form).
fn loose(version: &str) -> &str {
    version.trim_start_matches(['=', 'v', ' ']).trim_end()
}
