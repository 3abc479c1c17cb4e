//! Group artifact: what the archive is like.

use super::Level;
use super::judged::Judged;
use crate::package::Ecosystem;

/// How many times as large as the largest before.
const TIMES: u64 = 5;

pub(super) const LEVELS: &[Level] = &[Level {
    id: "size-outlier",
    holds: size_outlier,
}];

/// Returns by how many bytes a release must outgrow all before; archives are smaller than what is in them.
const fn margin(ecosystem: Ecosystem) -> u64 {
    match ecosystem {
        Ecosystem::Npm => 500_000,
        Ecosystem::Cargo | Ecosystem::Pypi => 125_000,
    }
}

/// It is five times the largest before, and larger by more than a picture or two.
fn size_outlier(judged: &Judged<'_>) -> Option<String> {
    let own = judged.own.release.size?;
    let largest = judged
        .earlier()
        .filter_map(|other| other.release.size)
        .max()?;
    let is_outlier = own >= largest.saturating_mul(TIMES)
        && own.saturating_sub(largest) >= margin(judged.history.ecosystem);
    is_outlier.then(|| {
        format!(
            "it is {} times as large as any release before it ({own} bytes after {largest})",
            own / largest.max(1)
        )
    })
}
