//! Gathering: the one stage that touches the world, through capabilities.

use rayon::prelude::*;

use super::{
    ArchiveObservation, ArchiveRequest, Archives, Evidence, EvidencePlan, EvidenceSet, SkipReason,
};

/// Gathers what the plan asks for, on all cores; never fails as a whole.
pub fn gather(plan: &EvidencePlan, archives: &dyn Archives) -> EvidenceSet {
    let mut set = plan.exclusions();
    let observed: Vec<_> = plan
        .archives
        .par_iter()
        .map(|request| (request.package, observe(request, archives)))
        .collect();
    for (package, evidence) in observed {
        set.insert_archives(package, evidence);
    }
    set
}

fn observe(request: &ArchiveRequest, archives: &dyn Archives) -> Evidence<Vec<ArchiveObservation>> {
    let copies = archives.find(request);
    if copies.is_empty() {
        return Evidence::Absent;
    }
    let hashed = copies.into_iter().filter_map(|archive| {
        let found = archives.digest(&archive, request.digest.algorithm());
        if let Err(error) = &found {
            tracing::warn!(path = ?archive.path, %error, "a local archive could not be hashed");
        }
        Some(ArchiveObservation {
            found: found.ok()?,
            archive,
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
