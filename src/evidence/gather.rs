//! Gathering: the one stage that touches the world, through capabilities.

use super::{
    ArchiveObservation, ArchiveRequest, Archives, Evidence, EvidencePlan, EvidenceSet,
    LocalArchive, SkipReason,
};
use crate::cores;

/// Gathers what the plan asks for; never fails as a whole.
///
/// Looking for archives is cheap, hashing them is not: only what was found goes to all cores.
pub fn gather(plan: &EvidencePlan, archives: &dyn Archives) -> EvidenceSet {
    let mut set = plan.exclusions();
    let mut found = Vec::new();
    for request in &plan.archives {
        match archives.find(request) {
            copies if copies.is_empty() => set.insert_archives(request.package, Evidence::Absent),
            copies => found.push((request, copies)),
        }
    }
    let observed = cores::map(&found, |(request, copies)| {
        (request.package, observe(request, copies, archives))
    });
    for (package, evidence) in observed {
        set.insert_archives(package, evidence);
    }
    set
}

fn observe(
    request: &ArchiveRequest,
    copies: &[LocalArchive],
    archives: &dyn Archives,
) -> Evidence<Vec<ArchiveObservation>> {
    let hashed = copies.iter().filter_map(|archive| {
        let found = archives.digest(archive, request.digest.algorithm());
        if let Err(error) = &found {
            tracing::warn!(path = ?archive.path, %error, "a local archive could not be hashed");
        }
        Some(ArchiveObservation {
            found: found.ok()?,
            archive: archive.clone(),
            pinned: request.digest.clone(),
        })
    });
    let hashed: Vec<ArchiveObservation> = hashed.collect();
    if hashed.is_empty() {
        Evidence::NotGathered(SkipReason::Unreadable)
    } else {
        Evidence::Known(hashed)
    }
}
