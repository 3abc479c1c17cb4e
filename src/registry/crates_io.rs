//! crates.io: the sparse index, which has no limit on questions, and the API, which has: it is asked for what the index cannot tell.
//!
//! The index: the Cargo book, "Registry Index". The API: the registry's own description of it; one request a
//! second at the most, which `fetch` keeps.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::history::{
    Account, BuildCode, DependencyRole, InstallCode, NEW, Pipeline, Publisher, Release,
    ReleaseDependency, ReleaseHistory, ReleaseStanding, Trust,
};
use super::lenient::{Text, field};
use super::{
    Answer, ArchivePlace, Depth, Inquiry, LARGEST_DETAIL, LARGEST_LIST, Part, Question, Registry,
    RegistryError, Service, check_count, fingerprint, time,
};
use crate::package::Ecosystem;

/// The newest form of an index line that is known; cargo too passes over newer ones.
const NEWEST_LINE: u64 = 2;

/// How many versions a page of the API has.
const PAGE: &str = "per_page=100";

/// How many pages are read: more releases than that have few packages.
const PAGES: usize = 10;

pub(super) struct CratesIo;

impl Registry for CratesIo {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Cargo
    }

    fn first_question(&self, name: &str) -> Question {
        Question {
            part: Part::Releases,
            service: Service::CratesIndex,
            path: index_path(name),
            query: String::new(),
            accept: "*/*",
            largest: LARGEST_LIST,
        }
    }

    /// The API may be asked once a second, so that it is asked about young releases only: no older one could be alarming.
    fn further_questions(&self, inquiry: &Inquiry<'_>, history: &ReleaseHistory) -> Vec<Question> {
        let is_young = |version: &&str| {
            let published = history
                .release(version)
                .and_then(|release| release.published);
            published.is_none_or(|published| inquiry.now.duration_since(published) < NEW)
        };
        let is_asked = match inquiry.depth {
            Depth::Releases => false,
            // Of what is only compared with, strangers matter while it is young.
            Depth::Judged([]) => (history.first_published())
                .is_none_or(|first| inquiry.now.duration_since(first) < NEW),
            Depth::Judged(versions) => versions.iter().any(is_young),
            Depth::Timeline => true,
        };
        if is_asked {
            vec![publishers(inquiry.name, PAGE), owners(inquiry.name)]
        } else {
            Vec::new()
        }
    }

    fn interpret(
        &self,
        question: &Question,
        answer: Answer<'_>,
        history: &mut ReleaseHistory,
    ) -> Result<Option<Question>, RegistryError> {
        match (&question.part, answer) {
            (Part::Releases, Answer::Missing) => return Err(RegistryError::Unknown),
            (Part::Releases, Answer::Body(body)) => read_index(body, history)?,
            (Part::Publishers(_), Answer::Body(body)) => {
                let page: Page<'_> = serde_json::from_slice(body)?;
                return Ok(page.read_into(question, history));
            }
            (Part::Owners, Answer::Body(body)) => {
                let owners: Owners<'_> = serde_json::from_slice(body)?;
                let mut accounts: Vec<Account> = owners.users.iter().map(User::account).collect();
                accounts.sort();
                history.owners = Some(accounts.into());
            }
            _ => {}
        }
        Ok(None)
    }

    fn archives(&self, _history: &ReleaseHistory, _version: &str) -> Vec<ArchivePlace> {
        Vec::new()
    }
}

/// Returns where the index keeps a crate ("Index files" in the Cargo book).
fn index_path(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default().to_owned();
    let mut path = match name.len() {
        1 => vec!["1".to_owned()],
        2 => vec!["2".to_owned()],
        3 => vec!["3".to_owned(), part(0, 1)],
        _ => vec![part(0, 2), part(2, 4)],
    };
    path.push(name);
    path
}

fn api(part: Part, name: &str, last: &str, query: &str) -> Question {
    let path = ["api", "v1", "crates", name, last].map(str::to_owned);
    Question {
        part,
        service: Service::CratesApi,
        path: path.to_vec(),
        query: query.to_owned(),
        accept: "application/json",
        largest: LARGEST_DETAIL,
    }
}

fn publishers(name: &str, query: &str) -> Question {
    api(Part::Publishers(1), name, "versions", query)
}

fn owners(name: &str) -> Question {
    api(Part::Owners, name, "owners", "")
}

#[derive(Deserialize)]
struct Line<'d> {
    #[serde(borrow)]
    name: Text<'d>,
    #[serde(borrow)]
    vers: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    deps: Option<Vec<Dependency<'d>>>,
    #[serde(borrow, default, deserialize_with = "field")]
    cksum: Option<Text<'d>>,
    #[serde(default, deserialize_with = "field")]
    yanked: Option<bool>,
    #[serde(borrow, default, deserialize_with = "field")]
    links: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    pubtime: Option<Text<'d>>,
    #[serde(default, deserialize_with = "field")]
    v: Option<u64>,
}

#[derive(Deserialize)]
struct Dependency<'d> {
    #[serde(borrow)]
    name: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    package: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    req: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    kind: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    registry: Option<Text<'d>>,
}

/// Reads the lines of an index file; each has to be JSON, and those of a form to come are passed over.
fn read_index(body: &[u8], history: &mut ReleaseHistory) -> Result<(), RegistryError> {
    let text =
        str::from_utf8(body).map_err(|error| RegistryError::Unreadable(error.to_string()))?;
    let mut releases = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let raw: &RawValue = serde_json::from_str(line)?;
        let Ok(line) = serde_json::from_str::<Line<'_>>(raw.get()) else {
            continue;
        };
        if !line.name.as_str().eq_ignore_ascii_case(&history.name) {
            return Err(RegistryError::AnotherPackage);
        }
        releases.push(if line.v.unwrap_or(1) > NEWEST_LINE {
            // It is there, and nothing else of it is known.
            Release {
                version: line.vers.as_str().to_owned(),
                ..Release::default()
            }
        } else {
            line.release()
        });
    }
    check_count(releases.len())?;
    if releases.is_empty() {
        return Err(RegistryError::Unreadable("it lists no version".to_owned()));
    }
    history.releases = releases;
    history.sort();
    Ok(())
}

impl Line<'_> {
    fn release(&self) -> Release {
        let deps = self.deps.as_deref().unwrap_or_default();
        let is_kind = |dependency: &Dependency<'_>, kind: &str| {
            dependency.kind.as_ref().map_or("normal", Text::as_str) == kind
        };
        let builds =
            self.links.is_some() || deps.iter().any(|dependency| is_kind(dependency, "build"));
        let shipped = deps
            .iter()
            .filter(|dependency| !is_kind(dependency, "dev") && dependency.registry.is_none());
        let mut dependencies: Vec<ReleaseDependency> = shipped
            .map(|dependency| ReleaseDependency {
                role: DependencyRole::Own,
                name: (dependency.package.as_ref().unwrap_or(&dependency.name))
                    .as_str()
                    .to_owned(),
                requirement: dependency
                    .req
                    .as_ref()
                    .map_or_else(String::new, |requirement| requirement.as_str().to_owned()),
            })
            .collect();
        dependencies.sort();
        dependencies.dedup_by(|one, other| one.name == other.name);
        Release {
            version: self.vers.as_str().to_owned(),
            published: self.pubtime.as_ref().and_then(|at| time(at.as_str())),
            install: InstallCode {
                build: if builds {
                    BuildCode::Shown
                } else {
                    BuildCode::NotShown
                },
                ..InstallCode::default()
            },
            dependencies: Arc::from(dependencies),
            digest: self
                .cksum
                .as_ref()
                .map(|digest| fingerprint(digest.as_str())),
            standing: ReleaseStanding {
                yanked: (self.yanked == Some(true)).then(String::new),
                deprecated: None,
            },
            ..Release::default()
        }
    }
}

#[derive(Deserialize)]
struct Page<'d> {
    #[serde(borrow)]
    versions: Vec<VersionRecord<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    meta: Option<Meta<'d>>,
}

#[derive(Deserialize)]
struct Meta<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    next_page: Option<Text<'d>>,
}

#[derive(Deserialize)]
struct VersionRecord<'d> {
    #[serde(borrow)]
    num: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    created_at: Option<Text<'d>>,
    #[serde(default, deserialize_with = "field")]
    crate_size: Option<u64>,
    #[serde(borrow, default, deserialize_with = "field")]
    yank_message: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    published_by: Option<User<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    trustpub_data: Option<TrustedPublisher<'d>>,
}

#[derive(Deserialize)]
struct User<'d> {
    #[serde(default, deserialize_with = "field")]
    id: Option<u64>,
    #[serde(borrow)]
    login: Text<'d>,
}

impl User<'_> {
    fn account(&self) -> Account {
        Account {
            name: self.login.as_str().to_owned(),
            id: self.id,
            email: None,
        }
    }
}

#[derive(Deserialize)]
struct TrustedPublisher<'d> {
    #[serde(borrow)]
    provider: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    repository: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    project_path: Option<Text<'d>>,
}

impl TrustedPublisher<'_> {
    fn publisher(&self) -> Publisher {
        let provider = self.provider.as_str().to_owned();
        let repository = self.repository.as_ref().or(self.project_path.as_ref());
        Publisher {
            account: Account::named(provider.clone()),
            pipeline: Some(Pipeline {
                provider,
                repository: repository.map(|repository| repository.as_str().to_owned()),
                workflow: None,
                configuration: None,
            }),
        }
    }
}

impl Page<'_> {
    /// Reads a page, and returns the question for the next one.
    fn read_into(&self, question: &Question, history: &mut ReleaseHistory) -> Option<Question> {
        let mut records: FxHashMap<&str, &VersionRecord<'_>> = FxHashMap::default();
        records.extend(
            self.versions
                .iter()
                .map(|record| (record.num.as_str(), record)),
        );
        for release in &mut history.releases {
            if let Some(record) = records.get(release.version.as_str()) {
                record.read_into(release);
            }
        }
        history.sort();
        let next = self.meta.as_ref()?.next_page.as_ref()?.as_str();
        let query = next.strip_prefix('?')?;
        // Pages that lead to themselves would never end.
        let is_new = query != question.query && query.len() < 200;
        let Part::Publishers(page) = question.part else {
            return None;
        };
        (is_new && page < PAGES).then(|| Question {
            part: Part::Publishers(page + 1),
            query: query.to_owned(),
            ..question.clone()
        })
    }
}

impl VersionRecord<'_> {
    fn read_into(&self, release: &mut Release) {
        let created = self.created_at.as_ref().and_then(|at| time(at.as_str()));
        release.published = release.published.or(created);
        release.size = self.crate_size;
        release.trust = Some(match &self.trustpub_data {
            Some(_) => Trust::TrustedPublishing,
            None => Trust::Nothing,
        });
        let person = self.published_by.as_ref().map(|user| Publisher {
            account: user.account(),
            pipeline: None,
        });
        let machine = self.trustpub_data.as_ref().map(TrustedPublisher::publisher);
        release.publisher = machine.or(person);
        if let (Some(yanked), Some(message)) = (&mut release.standing.yanked, &self.yank_message) {
            message.as_str().clone_into(yanked);
        }
    }
}

#[derive(Deserialize)]
struct Owners<'d> {
    #[serde(borrow)]
    users: Vec<User<'d>>,
}

#[cfg(test)]
#[path = "crates_io_tests.rs"]
mod tests;
