//! npm: the full packument, which tells the whole history at once, and the attestations of a release.
//!
//! Shapes after the registry's own description (npm/registry, `package-metadata.md`) and what was published since:
//! `_npmUser.trustedPublisher` of 2025, `_npmUser.approver` of 2026.

mod attestations;
mod hooks;
mod packument;

pub use self::hooks::{ArchivedScripts, archived_hooks};

use std::sync::Arc;

use self::attestations::Attestations;
use self::hooks::{Binding, hooks};
use self::packument::{Lenient, Packument, PeerMark, Person, Times, VersionRecord};
use super::history::{
    Account, DependencyRole, Hook, HookEvent, InstallCode, Pipeline, ProjectStanding, Publisher,
    PulledBack, Release, ReleaseDependency, ReleaseHistory, ReleaseStanding, Revision, Signature,
    Trust,
};
use super::lenient::Text;
use super::{
    Answer, ArchivePlace, Depth, Inquiry, LARGEST_DETAIL, LARGEST_LIST, Part, Question, Registry,
    RegistryError, Service, check_count, fingerprint, time,
};
use crate::package::Ecosystem;

/// The form of the full packument; the abbreviated one has neither times nor publishers.
const FULL: &str = "application/json";

/// The version by which the registry replaces a malicious package.
const HOLDING_VERSION: &str = "0.0.1-security";

/// The address that every trusted pipeline publishes under, and that of npm's own machines.
const MACHINE_MAIL: &str = "npm-oidc-no-reply@github.com";

pub(super) struct Npm;

impl Registry for Npm {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn first_question(&self, name: &str) -> Question {
        question(Part::Releases, vec![name.to_owned()], LARGEST_LIST)
    }

    fn further_questions(&self, inquiry: &Inquiry<'_>, history: &ReleaseHistory) -> Vec<Question> {
        let Depth::Judged(versions) = inquiry.depth else {
            return Vec::new();
        };
        let releases = versions
            .iter()
            .filter_map(|version| history.release(version));
        let attested = releases.filter(|release| release.trust.is_some_and(Trust::is_attested));
        attested
            .map(|release| {
                let id = format!("{}@{}", inquiry.name, release.version);
                let path = ["-", "npm", "v1", "attestations", &id].map(str::to_owned);
                let part = Part::Pipeline(release.version.clone());
                question(part, path.to_vec(), LARGEST_DETAIL)
            })
            .collect()
    }

    fn interpret(
        &self,
        question: &Question,
        answer: Answer<'_>,
        history: &mut ReleaseHistory,
    ) -> Result<Option<Question>, RegistryError> {
        match (&question.part, answer) {
            (Part::Releases, Answer::Missing) => return Err(RegistryError::Unknown),
            (Part::Releases, Answer::Body(body)) => {
                let packument: Packument<'_> = serde_json::from_slice(body)?;
                let is_asked =
                    (packument.name.as_ref()).is_some_and(|name| name.as_str() == history.name);
                let versions = packument.versions.as_ref();
                check_count(versions.map_or(0, |versions| versions.0.len()))?;
                let times = packument.time.as_ref();
                check_count(times.map_or(0, |times| times.versions.len()))?;
                if !is_asked {
                    return Err(RegistryError::AnotherPackage);
                }
                packument.read_into(history);
            }
            (Part::Pipeline(version), Answer::Body(body)) => {
                let bundles: Attestations<'_> = serde_json::from_slice(body)?;
                if let Some(pipeline) = bundles.pipeline() {
                    add_pipeline(history, version, pipeline);
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn archives(&self, history: &ReleaseHistory, version: &str) -> Vec<ArchivePlace> {
        // The address in the packument may be that of any host; this is where every registry of npm serves it.
        let name = &history.name;
        let base = name.rsplit('/').next().unwrap_or(name);
        let file = format!("{base}-{version}.tgz");
        let mut path: Vec<String> = name.split('/').map(str::to_owned).collect();
        path.extend(["-".to_owned(), file]);
        vec![ArchivePlace::Below(Service::Npm, path)]
    }
}

fn question(part: Part, path: Vec<String>, largest: u64) -> Question {
    Question {
        part,
        service: Service::Npm,
        path,
        query: String::new(),
        accept: FULL,
        largest,
    }
}

/// What the packument says of the pipeline is kept: the provenance adds where it ran.
fn add_pipeline(history: &mut ReleaseHistory, version: &str, found: Pipeline) {
    let mut releases = history.releases.iter_mut();
    let release = releases.find(|release| release.version == version);
    let Some(publisher) = release.and_then(|release| release.publisher.as_mut()) else {
        return;
    };
    // Without a pipeline a person's token was used in one that wrote a provenance: the person published.
    if let Some(pipeline) = &mut publisher.pipeline {
        pipeline.repository = found.repository;
        pipeline.workflow = found.workflow;
    }
}

impl Packument<'_> {
    fn read_into(self, history: &mut ReleaseHistory) {
        let mut versions = self.versions.unwrap_or_default();
        versions.settle();
        let times = self.time.unwrap_or(Times {
            versions: Vec::new(),
            is_unpublished: None,
        });
        let mut known: rustc_hash::FxHashMap<&str, &str> = rustc_hash::FxHashMap::default();
        known.extend(
            times
                .versions
                .iter()
                .map(|(version, at)| (&**version, &**at)),
        );
        let signs = versions.0.iter().any(|(_, record)| record.is_signed());
        let mut shared = Shared::default();
        history.releases = (versions.0.iter())
            .map(|(version, record)| {
                let mut release = record.release(version, &mut shared);
                release.published = known.remove(&**version).and_then(time);
                release.signature = signs.then_some(if record.is_signed() {
                    Signature::Present
                } else {
                    Signature::Missing
                });
                release
            })
            .collect();
        let pulled = known.into_iter().map(|(version, at)| PulledBack {
            version: version.to_owned(),
            published: time(at),
        });
        history.pulled_back = pulled.collect();
        history
            .pulled_back
            .sort_by(|one, other| one.version.cmp(&other.version));
        history.owners = self.maintainers.map(|people| accounts(&people).into());
        history.standing = if times.is_unpublished.is_some() && history.releases.is_empty() {
            ProjectStanding::Unpublished
        } else if history
            .releases
            .iter()
            .any(|release| release.version == HOLDING_VERSION)
            && history.releases.len() == 1
        {
            ProjectStanding::SecurityHolding
        } else {
            ProjectStanding::Active
        };
        history.sort();
    }
}

/// Lists that most releases share with the one before.
#[derive(Default)]
struct Shared {
    maintainers: Option<Arc<[Account]>>,
    dependencies: Arc<[ReleaseDependency]>,
}

impl Lenient<'_> {
    fn is_signed(&self) -> bool {
        let dist = self.0.as_ref().and_then(|record| record.dist.as_ref());
        let signatures = dist.and_then(|dist| dist.signatures.as_ref());
        signatures.is_some_and(|signatures| !signatures.is_empty())
    }

    fn release(&self, version: &str, shared: &mut Shared) -> Release {
        let Some(record) = &self.0 else {
            return Release {
                version: version.to_owned(),
                ..Release::default()
            };
        };
        let dist = record.dist.as_ref();
        let digest = dist.and_then(|dist| dist.integrity.as_ref().or(dist.shasum.as_ref()));
        let revision = record.revision.as_ref().map_or("", Text::as_str);
        Release {
            version: version.to_owned(),
            published: None,
            publisher: record.publisher(),
            maintainers: record.maintainers(shared),
            trust: Some(record.trust()),
            signature: None,
            revision: Some(match revision {
                "" => Revision::Missing,
                named => Revision::Named(named.to_owned()),
            }),
            install: InstallCode {
                hooks: record.hooks(),
                ..InstallCode::default()
            },
            dependencies: record.dependencies(shared),
            size: dist.and_then(|dist| dist.size),
            digest: digest.map(|digest| fingerprint(digest.as_str())),
            standing: ReleaseStanding {
                yanked: None,
                deprecated: record
                    .deprecated
                    .as_ref()
                    .map(|notice| notice.as_str().to_owned())
                    .filter(|notice| !notice.is_empty()),
            },
            late_files: Vec::new(),
            archives: Vec::new(),
        }
    }
}

impl VersionRecord<'_> {
    fn publisher(&self) -> Option<Publisher> {
        let user = self.user.as_ref()?;
        let account = account(user.name.as_ref(), user.email.as_ref())?;
        let is_machine = account.email.as_deref() == Some(MACHINE_MAIL);
        let named = user.pipeline.as_ref().map(|pipeline| Pipeline {
            provider: text(pipeline.id.as_ref()).unwrap_or_default(),
            configuration: text(pipeline.configuration.as_ref()),
            ..Pipeline::default()
        });
        let pipeline = named.or_else(|| is_machine.then(Pipeline::default));
        Some(Publisher { account, pipeline })
    }

    fn trust(&self) -> Trust {
        let user = self.user.as_ref();
        let marks = self
            .dist
            .as_ref()
            .and_then(|dist| dist.attestations.as_ref());
        let provenance = marks.and_then(|marks| marks.provenance.as_ref());
        let is_attested = provenance.is_some_and(|provenance| provenance.kind.is_some());
        if user.is_some_and(|user| user.approver.is_some()) {
            Trust::StagedApproval
        } else if user.is_some_and(|user| user.pipeline.is_some()) {
            Trust::TrustedPublishing
        } else if is_attested {
            Trust::Provenance
        } else {
            Trust::Nothing
        }
    }

    fn maintainers(&self, shared: &mut Shared) -> Option<Arc<[Account]>> {
        let accounts = accounts(self.maintainers.as_deref()?);
        if shared.maintainers.as_deref() != Some(&accounts) {
            shared.maintainers = Some(accounts.into());
        }
        shared.maintainers.clone()
    }

    fn hooks(&self) -> Vec<Hook> {
        let scripts = self.scripts.as_ref().map_or(&[][..], |scripts| &scripts.0);
        let script = |event: HookEvent| {
            let mut found = scripts.iter().filter(|(name, _)| name == event.id());
            found.next_back().map(|(_, command)| command.to_string())
        };
        let binding = match self.gypfile {
            Some(true) => Binding::Present,
            Some(false) | None => Binding::Missing,
        };
        hooks(script, binding)
    }

    fn dependencies(&self, shared: &mut Shared) -> Arc<[ReleaseDependency]> {
        // Of one name the optional one is installed, and the last.
        let tables = [
            (&self.optional, DependencyRole::Own),
            (&self.dependencies, DependencyRole::Own),
            (&self.peers, DependencyRole::Peer),
        ];
        let all = tables.into_iter().flat_map(|(table, role)| {
            let rows = table.iter().flat_map(|table| table.0.iter().rev());
            rows.map(move |(name, requirement)| (name, requirement, role))
        });
        let is_needed =
            |name: &str, role| role == DependencyRole::Own || !self.is_optional_peer(name);
        let mut all: Vec<ReleaseDependency> = all
            .filter(|(name, _, role)| is_needed(name, *role))
            .map(|(name, requirement, role)| installed(name, requirement, role))
            .collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all.dedup_by(|one, other| one.name == other.name);
        if *shared.dependencies != *all {
            shared.dependencies = all.into();
        }
        Arc::clone(&shared.dependencies)
    }
}

impl VersionRecord<'_> {
    /// Says whether npm leaves a peer out that nobody asks for.
    fn is_optional_peer(&self, name: &str) -> bool {
        let peers = self.peer_marks.iter().flat_map(|marks| &marks.0);
        let mut marks = peers.filter(|(peer, _)| peer == name);
        let mark = marks.next_back();
        let mark = mark.map(|(_, mark)| serde_json::from_str::<PeerMark>(mark.get()));
        matches!(
            mark,
            Some(Ok(PeerMark {
                optional: Some(true)
            }))
        )
    }
}

/// Reads a dependency; an alias stands for the package that is installed (npm docs, "package-spec", aliases).
fn installed(name: &str, requirement: &str, role: DependencyRole) -> ReleaseDependency {
    let (scheme, target) = requirement.trim().split_at_checked(4).unwrap_or_default();
    // npm reads it in any case.
    let alias = scheme.eq_ignore_ascii_case("npm:").then_some(target);
    let (name, requirement) = match alias.filter(|target| !target.is_empty()) {
        // The first letter may be that of a scope.
        Some(target) => match target.rsplit_once('@') {
            Some((target, requirement)) if !target.is_empty() => (target, requirement),
            _ => (target, "*"),
        },
        None => (name, requirement),
    };
    ReleaseDependency {
        name: name.to_owned(),
        requirement: requirement.to_owned(),
        role,
    }
}

fn text(text: Option<&Text<'_>>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

fn account(name: Option<&Text<'_>>, email: Option<&Text<'_>>) -> Option<Account> {
    let email = text(email).filter(|email| !email.is_empty());
    let name = text(name).or_else(|| email.clone())?;
    Some(Account {
        name,
        id: None,
        email,
    })
}

fn accounts(people: &[Person<'_>]) -> Vec<Account> {
    let mut accounts: Vec<Account> = people
        .iter()
        .filter_map(|person| account(person.name.as_ref(), person.email.as_ref()))
        .collect();
    accounts.sort();
    accounts.dedup();
    accounts
}

#[cfg(test)]
#[path = "npm_tests.rs"]
mod tests;
