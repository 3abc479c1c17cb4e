//! Gathering: the one stage that touches the world, through capabilities.

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::{
    AdvisoryRequest, ArchiveObservation, ArchiveRequest, Archives, Evidence, EvidencePlan,
    EvidenceSet, KnownAdvisories, LocalArchive, SkipReason,
};
use crate::advisory::matching::{advisories, first_clear};
use crate::advisory::model::Record;
use crate::advisory::{AdvisorySource, AdvisorySourceError};
use crate::cores;
use crate::package::Ecosystem;

/// Gathers what the plan asks for; never fails as a whole.
///
/// Looking for archives is cheap, hashing them is not: only what was found goes to all cores.
pub fn gather(
    plan: &EvidencePlan,
    archives: &dyn Archives,
    feeds: &dyn AdvisorySource,
    now: Timestamp,
) -> EvidenceSet {
    let mut set = plan.exclusions();
    // Releases of one package stand apart in the plan; its records are read once for all of them.
    let mut read: FxHashMap<(Ecosystem, &str), Answer> = FxHashMap::default();
    for request in &plan.advisories {
        let (ecosystem, name) = (request.ecosystem, request.name.as_str());
        let answer = read.entry((ecosystem, name));
        let answer = answer.or_insert_with(|| feeds.records(ecosystem, name));
        set.insert_advisories(request.package, known(request, answer, now));
    }
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

/// What a feed answered about a package.
type Answer = Result<Vec<Record>, AdvisorySourceError>;

/// Finds what of a feed's answer holds for one release.
fn known(request: &AdvisoryRequest, answer: &Answer, now: Timestamp) -> Evidence<KnownAdvisories> {
    let records = match answer {
        Ok(records) => records,
        Err(AdvisorySourceError::Missing) => return Evidence::NotGathered(SkipReason::NoFeed),
        Err(AdvisorySourceError::Unreadable) => {
            return Evidence::NotGathered(SkipReason::UnreadableFeed);
        }
    };
    if records.is_empty() {
        return Evidence::Known(KnownAdvisories::default());
    }
    let version = &request.version;
    let found = advisories(records, request.ecosystem, version, now);
    let clear_in = first_clear(records, &found, request.ecosystem, version, now);
    Evidence::Known(KnownAdvisories { found, clear_in })
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
