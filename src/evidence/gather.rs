//! Gathering: the one stage that touches the world, through capabilities.

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::history;
use super::{
    AdvisoryRequest, ArchiveObservation, ArchiveRequest, Archives, Evidence, EvidencePlan,
    EvidenceSet, Histories, Identity, KnownAdvisories, LocalArchive, SkipReason,
};
use crate::advisory::matching::{advisories, first_clear, fixed_by};
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
    histories: &mut dyn Histories,
    now: Timestamp,
) -> EvidenceSet {
    let mut set = plan.exclusions();
    history::gather(plan, histories, now, &mut set);
    // Releases of one package stand apart in the plan; its records are read once for all of them.
    let mut read: FxHashMap<(Ecosystem, &str), Answer> = FxHashMap::default();
    for request in &plan.advisories {
        let (ecosystem, name) = (request.ecosystem, request.name.as_str());
        let answer = read.entry((ecosystem, name));
        let answer = answer.or_insert_with(|| feeds.records(ecosystem, name));
        let known = known(request, answer, feeds, now);
        match request.identity {
            Identity::Stated(package) => set.insert_advisories(package, known),
            Identity::Claimed => {
                set.insert_claimed_advisories(ecosystem, request.claim(), known);
            }
        }
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
fn known(
    request: &AdvisoryRequest,
    answer: &Answer,
    feeds: &dyn AdvisorySource,
    now: Timestamp,
) -> Evidence<KnownAdvisories> {
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
    let mut found = advisories(records, request.ecosystem, version, now);
    for advisory in &mut found {
        if let Some(known) = feeds.exploitation(&advisory.ids) {
            advisory.settle_exploitation(known, now);
        }
    }
    let clear_in = first_clear(records, &found, request.ecosystem, version, now);
    let fixes = fixed_by(records, request.ecosystem, version, now);
    Evidence::Known(KnownAdvisories {
        found,
        clear_in,
        fixes,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::model::{AdvisoryId, AdvisoryKind};
    use crate::advisory::range::{AffectedRange, Event, RangeOrder};
    use crate::config::Config;
    use crate::evidence::{ArchiveError, NoHistories, plan};
    use crate::files::MapFiles;
    use crate::graph::{PackageId, unify};
    use crate::lockfile::{self, SourceFile};
    use crate::package::artifact::Claim;
    use crate::package::{Algorithm, Digest};
    use crate::path::FilePath;
    use crate::severity::Severity;
    use crate::signal::{PrivateNames, SIGNALS, View, evaluate};

    /// Two entries that say what they are and download the same release of another package.
    const LOCKFILE: &str = r#"{"name":"app","lockfileVersion":3,"packages":{
        "":{"name":"app","dependencies":{"left":"1","right":"1"}},
        "node_modules/left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/bad/-/bad-2.0.0.tgz"},
        "node_modules/right":{"version":"1.0.0","resolved":"https://registry.npmjs.org/bad/-/bad-2.0.0.tgz"}}}"#;

    /// No caches at all.
    struct NoArchives;

    impl Archives for NoArchives {
        fn find(&self, _request: &ArchiveRequest) -> Vec<LocalArchive> {
            Vec::new()
        }

        fn digest(&self, _: &LocalArchive, algorithm: Algorithm) -> Result<Digest, ArchiveError> {
            Err(ArchiveError::Weak(algorithm))
        }
    }

    /// A feed whose answers are written down.
    struct Literal(Result<Vec<Record>, AdvisorySourceError>);

    impl AdvisorySource for Literal {
        fn records(
            &self,
            _ecosystem: Ecosystem,
            name: &str,
        ) -> Result<Vec<Record>, AdvisorySourceError> {
            let records = self.0.clone()?;
            let named = records.into_iter().filter(|record| record.summary == name);
            Ok(named.collect())
        }
    }

    /// A record that condemns the releases of a package from one version on.
    fn malware(name: &str, from: &str) -> Record {
        Record {
            id: AdvisoryId::new("MAL-2026-1").expect("an id"),
            aliases: Vec::new(),
            kind: AdvisoryKind::Malware,
            published: None,
            withdrawn: None,
            summary: name.to_owned(),
            vector: None,
            ranges: vec![AffectedRange {
                order: RangeOrder::Versions,
                events: vec![Event::Introduced(from.to_owned())],
            }],
            versions: Vec::new(),
        }
    }

    /// Gathers what a feed says of the lockfile; returns it, and the malicious packages with their severity.
    fn judge(feed: &Literal) -> (EvidenceSet, Vec<(String, Severity)>) {
        let path = FilePath::new("package-lock.json").expect("a path inside the root");
        let file = SourceFile::new(path, LOCKFILE.to_owned());
        let format = lockfile::detect(&file).expect("a known file name");
        let limits = lockfile::Limits::default();
        let lockfile = lockfile::parse(format, &file, &MapFiles::default(), &limits);
        let lockfiles = [lockfile.expect("a readable lockfile")];
        let graph = unify(&lockfiles);
        let mut view = View {
            graph: &graph,
            evidence: &EvidenceSet::default(),
            unlocked: &[],
            private: &PrivateNames::default(),
            altered: &[],
            files: &crate::signal::FileChanges::default(),
            changed: None,
            config: &Config::default(),
            now: "2026-11-01T00:00:00Z".parse().expect("a time"),
        };
        let gathered = gather(
            &plan(&view, SIGNALS),
            &NoArchives,
            feed,
            &mut NoHistories,
            view.now,
        );
        view.evidence = &gathered;
        let found = evaluate(&view, SIGNALS).0;
        let found = found
            .iter()
            .filter(|draft| draft.rule.id.0 == "malicious-package");
        let found = found.map(|draft| (draft.title.as_str().to_owned(), draft.severity));
        let found = found.collect();
        (gathered, found)
    }

    fn claim() -> Claim {
        Claim {
            name: "bad".to_owned(),
            version: "2.0.0".to_owned(),
        }
    }

    #[test]
    fn what_an_archive_claims_to_be_is_asked_about_apart_from_what_its_entry_says() {
        let (gathered, found) = judge(&Literal(Ok(vec![malware("bad", "2.0.0")])));
        let known = |evidence: &Evidence<KnownAdvisories>| match evidence {
            Evidence::Known(known) => Some(known.found.len()),
            _ => None,
        };
        let claimed = gathered.claimed_advisories(Ecosystem::Npm, &claim());
        assert_eq!(known(claimed), Some(1));
        for package in [PackageId(1), PackageId(2)] {
            assert_eq!(known(gathered.advisories(package)), Some(0));
        }
        let title =
            |name: &str| format!("bad 2.0.0 is malicious, and is what {name} 1.0.0 downloads");
        let expected = ["left", "right"].map(|name| (title(name), Severity::Critical));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_release_that_no_record_means_is_not_malicious_by_its_name() {
        assert_eq!(judge(&Literal(Ok(vec![malware("bad", "2.0.1")]))).1, []);
        // A range that cannot be read may mean the release.
        let unclear = judge(&Literal(Ok(vec![malware("bad", "?")]))).1;
        let severities: Vec<Severity> = unclear.iter().map(|(_, severity)| *severity).collect();
        assert_eq!(severities, [Severity::Medium, Severity::Medium]);
    }

    #[test]
    fn a_feed_that_cannot_answer_is_not_taken_for_one_that_has_nothing_to_say() {
        for (error, reason) in [
            (AdvisorySourceError::Missing, SkipReason::NoFeed),
            (AdvisorySourceError::Unreadable, SkipReason::UnreadableFeed),
        ] {
            let (gathered, found) = judge(&Literal(Err(error)));
            let claimed = gathered.claimed_advisories(Ecosystem::Npm, &claim());
            assert_eq!(*claimed, Evidence::NotGathered(reason));
            assert_eq!(found, []);
        }
    }
}
