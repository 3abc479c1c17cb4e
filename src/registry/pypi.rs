//! `PyPI`: the index in its JSON form (PEP 691, 700, 740, 792), the roles of its JSON API, and provenances.
//!
//! The index tells files; a release is the files that carry its version. It never says who uploaded: the only
//! names are today's owners, and the pipeline of a provenance.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::history::{
    Account, ArchiveAddress, ArchiveKinds, InstallCode, Pipeline, ProjectStanding, Publisher,
    Release, ReleaseHistory, Trust,
};
use super::lenient::{Text, field};
use super::{
    Answer, ArchivePlace, Depth, Inquiry, LARGEST_DETAIL, LARGEST_LIST, Part, Question, Registry,
    RegistryError, Service, check_count, time,
};
use crate::package::name::normalise;
use crate::package::{Algorithm, Digest, Ecosystem};

/// The index as JSON (PEP 691).
const INDEX: &str = "application/vnd.pypi.simple.v1+json";

/// A provenance (PEP 740).
const INTEGRITY: &str = "application/vnd.pypi.integrity.v1+json";

const JSON: &str = "application/json";

pub(super) struct Pypi;

impl Registry for Pypi {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn first_question(&self, name: &str) -> Question {
        let path = ["simple", name, ""].map(str::to_owned);
        question(Part::Releases, path.to_vec(), INDEX, LARGEST_LIST)
    }

    fn further_questions(&self, inquiry: &Inquiry<'_>, history: &ReleaseHistory) -> Vec<Question> {
        let versions = match inquiry.depth {
            Depth::Releases => return Vec::new(),
            Depth::Judged(versions) => versions,
            Depth::Timeline => &[],
        };
        let path = ["pypi", inquiry.name, "json"].map(str::to_owned);
        let roles = question(Part::Owners, path.to_vec(), JSON, LARGEST_LIST);
        let releases = versions
            .iter()
            .filter_map(|version| history.release(version));
        let provenances = releases.filter_map(|release| {
            let mut archives = release.archives.iter();
            let attested =
                archives.find(|archive| archive.trust.is_some_and(Trust::is_attested))?;
            let path = [
                "integrity",
                inquiry.name,
                &release.version,
                &attested.file,
                "provenance",
            ];
            let part = Part::Pipeline(release.version.clone());
            let path = path.map(str::to_owned).to_vec();
            Some(question(part, path, INTEGRITY, LARGEST_DETAIL))
        });
        [roles].into_iter().chain(provenances).collect()
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
                let index: Index<'_> = serde_json::from_slice(body)?;
                check_count(index.versions.as_ref().map_or(0, Vec::len))?;
                if normalise(index.name.as_str()) != history.name {
                    return Err(RegistryError::AnotherPackage);
                }
                index.read_into(history);
            }
            (Part::Owners, Answer::Body(body)) => {
                let project: Project<'_> = serde_json::from_slice(body)?;
                let roles = project.ownership.and_then(|ownership| ownership.roles);
                history.owners = roles.map(|roles| owners(&roles).into());
            }
            (Part::Pipeline(version), Answer::Body(body)) => {
                let provenance: Provenance<'_> = serde_json::from_slice(body)?;
                add_pipeline(history, version, &provenance);
            }
            _ => {}
        }
        Ok(None)
    }

    fn archives(&self, history: &ReleaseHistory, version: &str) -> Vec<ArchivePlace> {
        let archives = history
            .release(version)
            .map_or(&[][..], |release| &release.archives);
        let wheels = archives.iter().filter(|archive| is_wheel(&archive.file));
        // Which of them is installed depends on the machine.
        wheels
            .map(|wheel| ArchivePlace::At(Service::Pypi, wheel.url.clone()))
            .collect()
    }
}

fn question(part: Part, path: Vec<String>, accept: &'static str, largest: u64) -> Question {
    Question {
        part,
        service: Service::Pypi,
        path,
        query: String::new(),
        accept,
        largest,
    }
}

#[derive(Deserialize)]
struct Index<'d> {
    #[serde(borrow)]
    name: Text<'d>,
    #[serde(borrow, default, rename = "project-status", deserialize_with = "field")]
    status: Option<Status<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    versions: Option<Vec<Text<'d>>>,
    #[serde(borrow, default)]
    files: Vec<File<'d>>,
}

#[derive(Deserialize)]
struct Status<'d> {
    #[serde(borrow)]
    status: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    reason: Option<Text<'d>>,
}

#[derive(Deserialize)]
struct File<'d> {
    #[serde(borrow)]
    filename: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    url: Option<Text<'d>>,
    #[serde(default, deserialize_with = "field")]
    size: Option<u64>,
    #[serde(borrow, default, rename = "upload-time", deserialize_with = "field")]
    uploaded: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    yanked: Option<Yanked<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    hashes: Option<Hashes<'d>>,
    #[serde(default)]
    provenance: Told,
}

#[derive(Deserialize)]
struct Hashes<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    sha256: Option<Text<'d>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked<'d> {
    Flag(bool),
    #[serde(borrow)]
    Reason(Text<'d>),
}

/// Whether there is a provenance of a file (PEP 740, since version 1.3 of the API).
#[derive(Default)]
enum Told {
    /// The index cannot tell.
    #[default]
    Unsaid,
    /// There is none.
    Nothing,
    /// There is one, at an address that follows from the names.
    There,
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let address: Option<IgnoredAny> = Deserialize::deserialize(deserializer)?;
        Ok(address.map_or(Self::Nothing, |_| Self::There))
    }
}

impl Index<'_> {
    fn read_into(self, history: &mut ReleaseHistory) {
        history.standing = match &self.status {
            Some(status) => standing(status),
            None => ProjectStanding::Active,
        };
        let mut releases = Releases::new(&self);
        for file in &self.files {
            if let Some(version) = version_of(file.filename.as_str(), &history.name) {
                releases.add(version, file);
            }
        }
        history.releases = releases.found;
        for release in &mut history.releases {
            settle(release);
        }
        history.sort();
    }
}

fn standing(status: &Status<'_>) -> ProjectStanding {
    match status.status.as_str() {
        "archived" => ProjectStanding::Archived,
        "deprecated" => ProjectStanding::Deprecated,
        "quarantined" => {
            let reason = status.reason.as_ref();
            ProjectStanding::Quarantined(reason.map(|reason| reason.as_str().to_owned()))
        }
        _ => ProjectStanding::Active,
    }
}

/// The releases that files belong to.
struct Releases {
    found: Vec<Release>,
    places: FxHashMap<String, usize>,
}

/// Spells a version so that equal ones are one text: PEP 440, without zeros at the end of the release.
fn canonical(version: &str) -> String {
    let Ok(parsed) = version.parse::<pep440_rs::Version>() else {
        return version.to_ascii_lowercase();
    };
    let numbers = parsed.release();
    let last = numbers.iter().rposition(|number| *number != 0).unwrap_or(0);
    let numbers: Vec<u64> = numbers.iter().take(last + 1).copied().collect();
    parsed.with_release(numbers).to_string()
}

impl Releases {
    /// Starts with the versions that the index lists, which may have no files any more.
    fn new(index: &Index<'_>) -> Self {
        let mut releases = Self {
            found: Vec::new(),
            places: FxHashMap::default(),
        };
        for version in index.versions.iter().flatten() {
            releases.open(version.as_str());
        }
        releases
    }

    fn open(&mut self, version: &str) -> usize {
        let next = self.found.len();
        let place = *self.places.entry(canonical(version)).or_insert(next);
        if place == next {
            self.found.push(Release {
                version: version.to_owned(),
                ..Release::default()
            });
        }
        place
    }

    fn add(&mut self, version: &str, file: &File<'_>) {
        let place = self.open(version);
        let release = &mut self.found[place];
        let uploaded = file.uploaded.as_ref().and_then(|at| time(at.as_str()));
        release.published = match (release.published, uploaded) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        release.standing.yanked = match (&file.yanked, release.archives.is_empty()) {
            // A release is yanked once all of its files are.
            (None | Some(Yanked::Flag(false)), _) => None,
            (Some(_), false) if release.standing.yanked.is_none() => None,
            (Some(Yanked::Flag(true)), _) => Some(String::new()),
            (Some(Yanked::Reason(reason)), _) => Some(reason.as_str().to_owned()),
        };
        let trust = match file.provenance {
            Told::Unsaid => None,
            Told::Nothing => Some(Trust::Nothing),
            Told::There => Some(Trust::Provenance),
        };
        release.trust = release.trust.max(trust);
        release.archives.push(ArchiveAddress {
            file: file.filename.as_str().to_owned(),
            url: file
                .url
                .as_ref()
                .map_or_else(String::new, |url| url.as_str().to_owned()),
            size: file.size,
            trust,
            uploaded,
            digest: file.digest(),
        });
    }
}

impl File<'_> {
    fn digest(&self) -> Option<Digest> {
        let sha256 = self.hashes.as_ref()?.sha256.as_ref()?;
        Digest::from_hex(Algorithm::Sha256, sha256.as_str())
    }
}

/// Concludes from the files of a release.
fn settle(release: &mut Release) {
    release.find_late_files();
    let wheels = || {
        release
            .archives
            .iter()
            .filter(|archive| is_wheel(&archive.file))
    };
    let size = wheels().filter_map(|wheel| wheel.size).max();
    let archives = if release.archives.is_empty() {
        ArchiveKinds::Unknown
    } else if wheels().next().is_some() {
        ArchiveKinds::Wheels
    } else {
        ArchiveKinds::SourceOnly
    };
    release.size = size;
    release.install = InstallCode {
        archives,
        ..InstallCode::default()
    };
}

fn is_wheel(file: &str) -> bool {
    file.strip_suffix(".whl").is_some()
}

/// Returns the version in the name of a file: of a wheel (PEP 427), an egg, or a source archive (PEP 625 and before).
fn version_of<'f>(file: &'f str, name: &str) -> Option<&'f str> {
    if let Some(stem) = file
        .strip_suffix(".whl")
        .or_else(|| file.strip_suffix(".egg"))
    {
        return stem.split('-').nth(1);
    }
    let endings = [
        ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".exe", ".msi", ".rpm",
    ];
    let stem = endings
        .iter()
        .find_map(|ending| file.strip_suffix(ending))?;
    // Old names hold dashes themselves: the part before the version is the one that is the project's name.
    let mut dashes = stem.match_indices('-');
    let (at, _) = dashes.find(|(at, _)| normalise(&stem[..*at]) == name)?;
    Some(without_platform(&stem[at + 1..]))
}

/// Cuts off the platform that names of older binary archives carry (`bdist_wininst`, `bdist_dumb`).
fn without_platform(version: &str) -> &str {
    let platforms = [".win32", ".win-", ".linux-", ".macosx-"];
    let starts = platforms
        .iter()
        .filter_map(|platform| version.find(platform));
    &version[..starts.min().unwrap_or(version.len())]
}

#[derive(Deserialize)]
struct Project<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    ownership: Option<Ownership<'d>>,
}

#[derive(Deserialize)]
struct Ownership<'d> {
    #[serde(borrow, default, deserialize_with = "field")]
    roles: Option<Vec<Role<'d>>>,
}

#[derive(Deserialize)]
struct Role<'d> {
    #[serde(borrow)]
    user: Text<'d>,
}

fn owners(roles: &[Role<'_>]) -> Vec<Account> {
    let mut owners: Vec<Account> = roles
        .iter()
        .map(|role| Account::named(role.user.as_str()))
        .collect();
    owners.sort();
    owners.dedup();
    owners
}

#[derive(Deserialize)]
struct Provenance<'d> {
    #[serde(borrow, default, rename = "attestation_bundles")]
    bundles: Vec<Bundle<'d>>,
}

#[derive(Deserialize)]
struct Bundle<'d> {
    #[serde(borrow)]
    publisher: TrustedPublisher<'d>,
}

#[derive(Deserialize)]
struct TrustedPublisher<'d> {
    #[serde(borrow)]
    kind: Text<'d>,
    #[serde(borrow, default, deserialize_with = "field")]
    repository: Option<Text<'d>>,
    #[serde(borrow, default, deserialize_with = "field")]
    workflow: Option<Text<'d>>,
}

fn add_pipeline(history: &mut ReleaseHistory, version: &str, provenance: &Provenance<'_>) {
    let mut releases = history.releases.iter_mut();
    let release = releases.find(|release| release.version == version);
    let (Some(release), Some(bundle)) = (release, provenance.bundles.first()) else {
        return;
    };
    let told = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.as_str().to_owned());
    let provider = bundle.publisher.kind.as_str().to_owned();
    release.publisher = Some(Publisher {
        account: Account::named(provider.clone()),
        pipeline: Some(Pipeline {
            provider,
            repository: told(&bundle.publisher.repository),
            workflow: told(&bundle.publisher.workflow),
            configuration: None,
        }),
    });
    release.trust = Some(Trust::TrustedPublishing);
}

#[cfg(test)]
#[path = "pypi_tests.rs"]
mod tests;
