//! Registries: which questions tell a package's history, and what their answers mean. Pure: questions out, bodies in.
//!
//! A [`Registry`] never touches a network: it says what to ask ([`Question`]) and reads what was answered into a
//! [`ReleaseHistory`]; `fetch` carries the questions. To add a registry, write its file and add it to
//! [`REGISTRIES`].

mod crates_io;
pub mod history;
mod install_code;
mod lenient;
mod npm;
mod pypi;
pub mod timeline;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde::Serialize;
use thiserror::Error;

pub use history::{Account, Release, ReleaseHistory, Trust};
pub use npm::{ArchivedScripts, archived_hooks};

use crate::package::{Ecosystem, endpoints};

/// A registry's questions and answers.
pub trait Registry: Sync {
    /// Returns the ecosystem that it serves.
    fn ecosystem(&self) -> Ecosystem;

    /// Returns the question that every inquiry begins with: which releases there are.
    fn first_question(&self, name: &str) -> Question;

    /// Lists what is still to be asked, once the releases are known.
    fn further_questions(&self, inquiry: &Inquiry<'_>, history: &ReleaseHistory) -> Vec<Question>;

    /// Reads an answer into a history; returns the question that the answer leads on to, such as its next page.
    ///
    /// # Errors
    ///
    /// Fails on what is not an answer to the question; the history is then as it was.
    fn interpret(
        &self,
        question: &Question,
        answer: Answer<'_>,
        history: &mut ReleaseHistory,
    ) -> Result<Option<Question>, RegistryError>;

    /// Returns where a release's archives lie, to read what they hold; none if nothing is to be read.
    fn archives(&self, history: &ReleaseHistory, version: &str) -> Vec<ArchivePlace>;
}

/// Every registry.
pub static REGISTRIES: &[&dyn Registry] = &[&crates_io::CratesIo, &npm::Npm, &pypi::Pypi];

/// Returns the registry of an ecosystem.
pub fn of(ecosystem: Ecosystem) -> &'static dyn Registry {
    let mut registries = REGISTRIES.iter();
    let found = registries.find(|registry| registry.ecosystem() == ecosystem);
    *found.unwrap_or(&REGISTRIES[0])
}

/// What is to be found out about a package.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'i> {
    /// Its name, as the registry compares it.
    pub name: &'i str,
    /// How much.
    pub depth: Depth<'i>,
    /// The clock of the run.
    pub now: Timestamp,
}

/// How much is to be found out about a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth<'i> {
    /// Its releases.
    Releases,
    /// Also who published these versions, and who may publish.
    Judged(&'i [&'i str]),
    /// Also who published each release, as far as the registry tells.
    Timeline,
}

/// A server of a registry, each with an address of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// npm's registry.
    Npm,
    /// `PyPI`: its index and its APIs.
    Pypi,
    /// The sparse index of crates.io.
    CratesIndex,
    /// The API of crates.io.
    CratesApi,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 4] = [Self::Npm, Self::Pypi, Self::CratesIndex, Self::CratesApi];

    /// Returns its key in `[registry]`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::CratesIndex => "crates-index",
            Self::CratesApi => "crates-io",
        }
    }

    /// Returns the address of the public one.
    pub const fn public_address(self) -> &'static str {
        match self {
            Self::Npm => endpoints::NPM,
            Self::Pypi => endpoints::PYPI,
            Self::CratesIndex => endpoints::CRATES_INDEX,
            Self::CratesApi => endpoints::CRATES_IO,
        }
    }

    /// Returns the variable of the environment that names its address for all projects of a user.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Npm => "LINCHPIN_REGISTRY_NPM",
            Self::Pypi => "LINCHPIN_REGISTRY_PYPI",
            Self::CratesIndex => "LINCHPIN_REGISTRY_CRATES_INDEX",
            Self::CratesApi => "LINCHPIN_REGISTRY_CRATES_IO",
        }
    }
}

/// A question to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which part of the history it is about.
    pub part: Part,
    /// Who is asked.
    pub service: Service,
    /// The path below the service's address; each part is encoded.
    pub path: Vec<String>,
    /// The query, already encoded; empty for none.
    pub query: String,
    /// The form of the answer that is asked for.
    pub accept: &'static str,
    /// The most bytes that an answer may have.
    pub largest: u64,
}

/// Which part of a history a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The releases; without these there is no history.
    Releases,
    /// Who published, and with which trust: a page of it, from 1 on.
    Publishers(usize),
    /// Who may publish.
    Owners,
    /// The pipeline that published a version.
    Pipeline(String),
}

/// What a registry answered.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'b> {
    /// This.
    Body(&'b [u8]),
    /// That there is no such thing.
    Missing,
}

/// Where an archive lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchivePlace {
    /// Below the address of a service.
    Below(Service, Vec<String>),
    /// At the address that the registry wrote, which may be that of any host.
    At(Service, String),
}

/// Why an answer tells nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// It has not the form that was asked for.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
    /// It is about something else.
    #[error("the answer is about another package")]
    AnotherPackage,
    /// It lists more than any package has.
    #[error("it lists more than {MOST_RELEASES} releases")]
    TooMany,
    /// The registry does not know the package.
    #[error("the registry does not know the package")]
    Unknown,
}

impl From<serde_json::Error> for RegistryError {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The most bytes of a list of releases; the largest public one has some 30 MB.
const LARGEST_LIST: u64 = 48 << 20;

/// The most releases that a package may have; the largest public ones have some ten thousand.
const MOST_RELEASES: usize = 50_000;

/// The most bytes of any other answer.
const LARGEST_DETAIL: u64 = 8 << 20;

/// Refuses a list that is longer than any package's: work on it would have no end.
fn check_count(releases: usize) -> Result<(), RegistryError> {
    if releases <= MOST_RELEASES {
        Ok(())
    } else {
        Err(RegistryError::TooMany)
    }
}

/// Reads a time as registries write it; none for anything else.
fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Returns the first bytes of a SHA-256 over a digest as the registry writes it; of several the strongest.
///
/// The last byte tells the algorithm: what is known by another one is not another archive.
fn fingerprint(digest: &str) -> u64 {
    use sha2::{Digest as _, Sha256};
    let words = digest.split_ascii_whitespace();
    let strongest = words.max_by_key(|word| (algorithm(word), *word));
    let strongest = strongest.unwrap_or_default();
    let hash = Sha256::digest(strongest.as_bytes());
    let start = hash
        .iter()
        .take(7)
        .fold(0, |all, byte| all << 8 | u64::from(*byte));
    start << 8 | u64::from(algorithm(strongest))
}

/// Says whether bytes are the archive whose digest the registry told; none if it told none by an algorithm that proves anything.
pub fn is_archive_of(release: &Release, bytes: &[u8]) -> Option<bool> {
    use sha2::{Digest as _, Sha256, Sha384, Sha512};
    let known = release.digest?;
    let told = |name: &str, digest: &[u8]| format!("{name}-{}", BASE64_STANDARD.encode(digest));
    let found = match known & 0xff {
        5 => told("sha512", &Sha512::digest(bytes)),
        4 => told("sha384", &Sha384::digest(bytes)),
        3 => told("sha256", &Sha256::digest(bytes)),
        _ => return None,
    };
    Some(fingerprint(&found) == known)
}

/// Numbers the algorithms by strength; a digest in hex is that of a crate or npm's older one.
fn algorithm(digest: &str) -> u8 {
    match digest.split_once('-') {
        Some(("sha512", _)) => 5,
        Some(("sha384", _)) => 4,
        Some(("sha256", _)) => 3,
        Some(_) => 2,
        None => 1,
    }
}

#[cfg(test)]
mod tests;
