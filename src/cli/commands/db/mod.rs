//! `linchpin db`: the advisory index.

mod carry;
mod import;
mod status;
mod update;

use std::fmt::Write;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand, ValueEnum};

use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::feeds::{Place, PlaceError};
use super::super::options::{InputArguments, SettingArguments};
use super::super::{scan, terminal};
use super::output_failed;
use crate::config::Config;
use crate::lockfile::Limits;
use crate::package::Ecosystem;
use crate::report::words::{count, thousands};
use crate::store::compiled::Taken;
use crate::store::{Store, StoreError, StoreLock};
use crate::text::Untrusted;

/// Arguments of `linchpin db`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Fetch what has changed in the advisory feeds, or all of them
    Update(update::Arguments),
    /// Show which advisories are at hand, and how old they are
    Status(status::Arguments),
    /// Compile advisories from files: a folder in OSV's export layout, an all.zip, a folder of records, an export
    Import(import::Arguments),
    /// Write the index to one file, for a machine without a network
    Export(carry::Arguments),
}

#[derive(Debug, Args)]
struct PlaceArguments {
    /// The folder of the advisory index [default: `LINCHPIN_DB`, else where the system keeps data]
    #[arg(long, value_name = "DIR")]
    db: Option<Utf8PathBuf>,
    /// Read this configuration file instead of the project's linchpin.toml
    #[arg(long, value_name = "FILE")]
    config: Option<Utf8PathBuf>,
    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    no_config: bool,
}

impl PlaceArguments {
    /// Returns the settings of the project in the current directory, which may say where feeds lie.
    fn settings(&self) -> Result<Config, Error> {
        let files = scan::root(&InputArguments::default())?;
        let settings = SettingArguments {
            config: self.config.clone(),
            no_config: self.no_config,
            ..SettingArguments::default()
        };
        settings.settings(&files, &Limits::default())
    }

    fn place(&self, config: &Config) -> Result<Place, Error> {
        Place::new(self.db.as_deref(), config).map_err(PlaceError::into_error)
    }

    fn store(&self) -> Result<Store, Error> {
        Ok(self.place(&self.settings()?)?.store)
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum EcosystemName {
    Cargo,
    Npm,
    Pypi,
}

impl From<EcosystemName> for Ecosystem {
    fn from(name: EcosystemName) -> Self {
        match name {
            EcosystemName::Cargo => Self::Cargo,
            EcosystemName::Npm => Self::Npm,
            EcosystemName::Pypi => Self::Pypi,
        }
    }
}

/// Does what was asked. 3 if an index cannot be read or written, or a record was not.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    match &arguments.action {
        Action::Update(arguments) => update::run(arguments),
        Action::Status(arguments) => status::run(arguments),
        Action::Import(arguments) => import::run(arguments),
        Action::Export(arguments) => carry::run(arguments),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Store, error.to_string())
}

fn lock(store: &Store) -> Result<StoreLock, Error> {
    store.lock().map_err(|error| {
        let remedy = match error {
            StoreError::Locked { .. } => {
                "nothing was changed; wait for the other process, or name another folder"
            }
            _ => "nothing was changed; look at the folder and its owner, or name another: --db DIR",
        };
        failed(&error).hint(remedy)
    })
}

/// An error that leaves the index as it was.
fn kept(error: &dyn std::fmt::Display) -> Error {
    failed(error).hint("the index at hand was kept")
}

/// Says what an index holds that was made, and what could not be read for it.
fn taken_in_words(taken: &Taken, what: &str) -> String {
    let mut words = format!("{} {what}", count(taken.records, "record"));
    if taken.unread > 0 {
        let _ = write!(words, ", {} not read", thousands(taken.unread as usize));
    }
    if taken.pending > 0 {
        let _ = write!(words, ", {} still to come", thousands(taken.pending));
    }
    if let Some(first) = taken.first_unread.clone().map(Untrusted::from) {
        let _ = write!(words, " (first: {})", first.terminal());
    }
    words
}

/// Says what an import took up and what it could not read.
fn say_imported(ecosystem: Ecosystem, taken: &Taken) -> Result<(), Error> {
    let name = ecosystem.registry_name();
    let line = format!("{name}: {}\n", taken_in_words(taken, "imported"));
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))
}
