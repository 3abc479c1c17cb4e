//! What the user's own package managers are configured to ask, and with which tokens.
//!
//! Registries that a company uses in place of the public ones stand in the *user-level* configuration of npm, pip, uv
//! and cargo, so nobody has to name them again. [`ClientConfiguration::read`] reads it before evidence is gathered;
//! `fetch` then asks these addresses, and [`Credentials`] says which token goes along.
//!
//! Nothing is ever read from the audited tree: a path that is not complete would lead there from the current folder
//! and is refused, [`UserFiles`] answers for files of the user only, and what npm writes into the environment of a
//! script is not believed, because npm takes it from the project's `.npmrc` too.

mod cargo;
pub mod credentials;
mod netrc;
mod npm;
mod pypi;
#[cfg(test)]
mod testing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use camino::{Utf8Path, Utf8PathBuf};

pub use credentials::{Credentials, Secret};

use crate::package::remote::AddressError;
use crate::package::{Ecosystem, RemoteAddress};
use crate::text::Untrusted;

/// How long a file of the user's may be, in bytes.
pub const FILE_BYTES: usize = 1 << 20;

/// How many remarks are kept.
const REMARKS: usize = 100;

/// What the user's own package managers are configured to ask.
#[derive(Debug, Default)]
pub struct ClientConfiguration {
    /// The default registry of npm; none if nobody chose one.
    pub npm: Option<RemoteAddress>,
    /// The default index of pip and uv: the address of the simple index itself (PEP 503), below which the names lie.
    pub pypi_index: Option<RemoteAddress>,
    /// The sparse index that cargo asks in place of that of crates.io, without `sparse+`.
    pub crates_index: Option<RemoteAddress>,
    /// The registries of npm's scopes, such as `@company`, sorted by scope; each scope stands once.
    pub scoped: Vec<(String, RemoteAddress)>,
    /// All scopes of npm that are configured to come from elsewhere, also those whose registry cannot be asked.
    pub scopes: BTreeSet<String>,
    /// Ecosystems whose default registry is configured, but cannot be asked, each with the remark that says why.
    ///
    /// Their names may be meant for that registry only, so that to ask the public one instead would tell them.
    pub unusable: BTreeMap<Ecosystem, Untrusted<'static>>,
    /// The secrets that go with requests.
    pub credentials: Credentials,
    /// What was not understood or refused, in words and without any secret; at most 100.
    pub remarks: Vec<Untrusted<'static>>,
}

/// Read access to the files of the user. A capability, so that the readers stay pure.
pub trait UserFiles {
    /// Reads a file by its complete path; `None` if it is not there, not regular, not text, longer than
    /// [`FILE_BYTES`] or part of the audited tree.
    fn read(&self, path: &Utf8Path) -> Option<String>;

    /// Returns the user's home folder.
    fn home(&self) -> Option<Utf8PathBuf>;
}

impl ClientConfiguration {
    /// Reads the configuration of every client; what is broken gives a remark, or nothing.
    pub fn read(files: &dyn UserFiles, variables: &dyn Fn(&str) -> Option<String>) -> Self {
        let user = User { files, variables };
        let mut configuration = Self::default();
        // Where two of them have a secret for the same address, the first one has it.
        npm::read(&user, &mut configuration);
        pypi::read(&user, &mut configuration);
        cargo::read(&user, &mut configuration);
        netrc::read(&user, &mut configuration);
        configuration
    }

    /// Keeps a remark about a place; `what` must not hold a value, because values hold secrets.
    fn remark(&mut self, place: &str, what: impl Display) {
        self.remarked(place, what);
    }

    /// Keeps a remark, and returns it.
    fn remarked(&mut self, place: &str, what: impl Display) -> Untrusted<'static> {
        let remark = Untrusted::from(format!("{place}: {what}"));
        if self.remarks.len() < REMARKS && !self.remarks.contains(&remark) {
            self.remarks.push(remark.clone());
        }
        remark
    }

    /// Reads the address of a default registry; one that cannot be asked is remembered.
    fn default_registry(
        &mut self,
        ecosystem: Ecosystem,
        setting: &Setting,
    ) -> Option<RemoteAddress> {
        let address = self.registry(setting);
        address
            .map_err(|why| self.unusable.insert(ecosystem, why))
            .ok()
    }

    /// Reads the address of a registry; a user and a password in it become the credential of its host.
    ///
    /// # Errors
    ///
    /// Fails with what was remarked.
    fn registry(&mut self, setting: &Setting) -> Result<RemoteAddress, Untrusted<'static>> {
        match credentials::without_login(&setting.text) {
            Ok((address, login)) => {
                if let Some(secret) = login {
                    self.credential_of_host(&setting.place, &address, &secret);
                }
                Ok(address)
            }
            Err(error) => Err(self.remarked(&setting.place, refusal(error))),
        }
    }

    fn refuse(&mut self, place: &str, error: AddressError) {
        self.remark(place, refusal(error));
    }

    fn credential(&mut self, place: &str, address: RemoteAddress, secret: Secret) {
        if let Err(error) = self.credentials.add(address, secret) {
            self.remark(place, error);
        }
    }

    /// Gives a secret to an address and, where nothing else has one, to all of its host.
    fn credential_of_host(&mut self, place: &str, address: &RemoteAddress, secret: &Secret) {
        self.credential(place, address.clone(), secret.clone());
        if let Some(host) = credentials::whole_host(address) {
            self.credential(place, host, secret.clone());
        }
    }
}

fn refusal(error: AddressError) -> String {
    format!("the address is not asked: {error}")
}

/// A text that somebody configured, and where.
#[derive(Clone)]
struct Setting {
    text: String,
    /// The variable, or the file and its line, in words.
    place: String,
}

/// A file of the user's.
struct UserFile {
    path: Utf8PathBuf,
    text: String,
}

impl UserFile {
    /// Names a line of the file, counted from one.
    fn line(&self, number: usize) -> String {
        format!("{}, line {number}", self.path)
    }
}

/// The user whose configuration is read.
struct User<'a> {
    files: &'a dyn UserFiles,
    variables: &'a dyn Fn(&str) -> Option<String>,
}

impl User<'_> {
    /// Returns a variable of the environment; every client takes an empty one for one that is not set.
    fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.trim().is_empty())
    }

    /// Returns a variable of the environment as a setting.
    fn setting(&self, name: &str) -> Option<Setting> {
        Some(Setting {
            text: self.variable(name)?,
            place: name.to_owned(),
        })
    }

    /// Returns a path below the home folder.
    fn in_home(&self, path: &str) -> Option<Utf8PathBuf> {
        let home = self.files.home().filter(|home| home.has_root())?;
        Some(home.join(path))
    }

    /// Returns the path that a variable holds.
    fn path(&self, name: &str, configuration: &mut ClientConfiguration) -> Option<Utf8PathBuf> {
        let path = Utf8PathBuf::from(self.variable(name)?);
        // From the current folder, it would lead into the audited tree.
        if path.has_root() {
            Some(path)
        } else {
            configuration.remark(name, "it is no complete path and is not used");
            None
        }
    }

    /// Returns the folder of configurations (XDG Base Directory Specification, 0.8).
    fn configuration_folder(&self, configuration: &mut ClientConfiguration) -> Option<Utf8PathBuf> {
        self.path("XDG_CONFIG_HOME", configuration)
            .or_else(|| self.in_home(".config"))
    }

    /// Reads a file, if it is there.
    fn read(&self, path: &Utf8Path, configuration: &mut ClientConfiguration) -> Option<UserFile> {
        let text = self.files.read(path)?;
        if text.len() > FILE_BYTES {
            configuration.remark(path.as_str(), "it is longer than 1 MiB and is not read");
            return None;
        }
        Some(UserFile {
            path: path.to_owned(),
            text: text.trim_start_matches('\u{feff}').to_owned(),
        })
    }

    /// Reads the file that a variable names, which somebody expects to be read.
    fn read_named(
        &self,
        variable: &str,
        path: &Utf8Path,
        configuration: &mut ClientConfiguration,
    ) -> Option<UserFile> {
        let file = self.read(path, configuration);
        if file.is_none() && !is_nothing(path) {
            configuration.remark(
                variable,
                "it names no file that is read: a regular file of text, at most 1 MiB long, outside the audited tree",
            );
        }
        file
    }

    /// Reads a TOML document, if it is there.
    fn read_toml(
        &self,
        path: &Utf8Path,
        configuration: &mut ClientConfiguration,
    ) -> Option<toml::Table> {
        let file = self.read(path, configuration)?;
        match toml::from_str(&file.text) {
            Ok(table) => Some(table),
            // The error's own message may quote the line, and with it a token.
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let before = file.text.bytes().take(start);
                let number = before.filter(|byte| *byte == b'\n').count() + 1;
                configuration.remark(
                    &file.line(number),
                    "it is no valid TOML; nothing of it is used",
                );
                None
            }
        }
    }
}

/// Says whether a path is the null device, with which people say that there is no such file.
fn is_nothing(path: &Utf8Path) -> bool {
    path == "/dev/null" || path.as_str().eq_ignore_ascii_case("nul")
}

#[cfg(test)]
mod tests;
