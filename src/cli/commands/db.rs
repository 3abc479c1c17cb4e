//! `linchpin db`: the advisory index.

use std::fmt::Write;
use std::fs::File;
use std::io::{BufReader, Cursor};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::feeds::{day, state, store};
use super::super::terminal;
use super::audit::replace;
use super::output_failed;
use crate::advisory::index::compile::Compiler;
use crate::advisory::osv;
use crate::assessment::assess::FeedState;
use crate::package::Ecosystem;
use crate::report::words::{count, thousands};
use crate::store::records::{self, RecordSource};
use crate::store::transfer::{self, CarriedIndex, TransferError};
use crate::store::{Store, StoreError, StoreLock};
use crate::text::Untrusted;

/// The part of its records that a newer index may lack, in percent.
const LOSS: u64 = 1;

/// Arguments of `linchpin db`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show which advisories are at hand, and how old they are
    Status(StatusArguments),
    /// Compile advisories from files: a folder in OSV's export layout, an all.zip, a folder of records, an export
    Import(ImportArguments),
    /// Write the index to one file, for a machine without a network
    Export(ExportArguments),
}

#[derive(Debug, Args)]
struct StatusArguments {
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Debug, Args)]
struct ImportArguments {
    /// Archives and folders with OSV records; all of one ecosystem go into one index
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<Utf8PathBuf>,
    /// Of which ecosystem the records are, where the name of their folder does not say
    #[arg(long, value_name = "ECOSYSTEM")]
    ecosystem: Option<EcosystemName>,
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Debug, Args)]
struct ExportArguments {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    #[command(flatten)]
    place: PlaceArguments,
}

#[derive(Debug, Args)]
struct PlaceArguments {
    /// The folder of the advisory index [default: `LINCHPIN_DB`, else where the system keeps data]
    #[arg(long, value_name = "DIR")]
    db: Option<Utf8PathBuf>,
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

/// Does what was asked. 3 if an index cannot be read or written.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    match &arguments.action {
        Action::Status(arguments) => status(arguments),
        Action::Import(arguments) => import(arguments),
        Action::Export(arguments) => export(arguments),
    }
}

fn place(arguments: &PlaceArguments) -> Result<Store, Error> {
    store(arguments.db.as_deref())
        .map_err(|error| failed(&error).hint("name a folder: --db DIR, or set LINCHPIN_DB"))
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Store, error.to_string())
}

fn status(arguments: &StatusArguments) -> Result<ExitStatus, Error> {
    let store = place(&arguments.place)?;
    let mut text = format!("advisory index in {}\n", store.folder());
    let mut status = ExitStatus::Clean;
    for ecosystem in Ecosystem::ALL {
        let line = status_line(&store, ecosystem).unwrap_or_else(|error| {
            status = ExitStatus::Incomplete;
            format!("cannot be used: {error}")
        });
        let _ = writeln!(text, "  {:<10} {line}", ecosystem.registry_name());
    }
    terminal::write_output(text.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(status)
}

fn status_line(store: &Store, ecosystem: Ecosystem) -> Result<String, StoreError> {
    let Some(stored) = store.open(ecosystem)? else {
        return Ok("none; get one: linchpin db import PATH".to_owned());
    };
    let header = stored.index.header();
    let judged = match state(header.records, header.newest, Timestamp::now()) {
        FeedState::Fresh => "fresh",
        FeedState::Stale => "stale; import a newer one: linchpin db import PATH",
        FeedState::Missing => "empty; import it anew: linchpin db import PATH",
    };
    Ok(format!(
        "{} of {}, {} KiB, newest of {}: {judged}",
        count(header.records as usize, "record"),
        count(header.packages as usize, "package"),
        thousands(usize::try_from(stored.bytes / 1024).unwrap_or(usize::MAX)),
        day(header.newest)
    ))
}

fn import(arguments: &ImportArguments) -> Result<ExitStatus, Error> {
    let store = place(&arguments.place)?;
    if let [file] = &arguments.paths[..]
        && let Some(carried) = carried(file)?
    {
        return import_carried(&store, &carried);
    }
    let sources = sources(&arguments.paths, arguments.ecosystem.map(Ecosystem::from))?;
    let lock = lock(&store)?;
    for ecosystem in Ecosystem::ALL {
        let own: Vec<&RecordSource> = sources
            .iter()
            .filter(|source| source.ecosystem == ecosystem)
            .collect();
        if !own.is_empty() {
            let line = import_one(&store, &lock, ecosystem, &own)?;
            terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
        }
    }
    Ok(ExitStatus::Clean)
}

fn lock(store: &Store) -> Result<StoreLock, Error> {
    store.lock().map_err(|error| {
        failed(&error)
            .hint("nothing was imported; wait for the other process, or name another folder")
    })
}

fn export(arguments: &ExportArguments) -> Result<ExitStatus, Error> {
    let store = place(&arguments.place)?;
    let mut bytes = Cursor::new(Vec::new());
    let exported = transfer::export(&store, &mut bytes)
        .map_err(|error| failed(&error).hint("nothing was written; linchpin db status"))?;
    let written = replace(&arguments.file, bytes.get_ref());
    written.map_err(|error| failed(&format!("{}: {error}", arguments.file)))?;
    let line = format!(
        "{} written to {}\n",
        count_indexes(exported),
        arguments.file
    );
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn count_indexes(count: usize) -> String {
    if count == 1 {
        "1 index".to_owned()
    } else {
        format!("{count} indexes")
    }
}

/// Takes the indexes out of an export; none if the path is something else.
fn carried(path: &Utf8Path) -> Result<Option<Vec<CarriedIndex>>, Error> {
    let Ok(file) = File::open(path).and_then(|file| Ok(file.metadata()?.is_file().then_some(file)))
    else {
        return Ok(None);
    };
    let Some(file) = file else { return Ok(None) };
    match transfer::carried(BufReader::new(file)) {
        Ok(carried) if carried.is_empty() => Ok(None),
        Ok(carried) => Ok(Some(carried)),
        // What is no archive at all is told by whoever looks for records in it.
        Err(TransferError::Archive(_)) => Ok(None),
        Err(error) => Err(failed(&format!("{path}: {error}")).hint("the index at hand was kept")),
    }
}

fn import_carried(store: &Store, carried: &[CarriedIndex]) -> Result<ExitStatus, Error> {
    let lock = lock(store)?;
    for index in carried {
        let records = index.records as usize;
        let kept = |error: &dyn std::fmt::Display| failed(error).hint("the index at hand was kept");
        check_loss(store, index.ecosystem, records).map_err(|error| kept(&error))?;
        lock.replace(index.ecosystem, |out| out.write_all(&index.bytes))
            .map_err(|error| kept(&error))?;
        let line = imported(index.ecosystem, records) + "\n";
        terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
    }
    Ok(ExitStatus::Clean)
}

fn imported(ecosystem: Ecosystem, records: usize) -> String {
    let name = ecosystem.registry_name();
    format!("{name}: {} imported", count(records, "record"))
}

fn sources(
    paths: &[Utf8PathBuf],
    ecosystem: Option<Ecosystem>,
) -> Result<Vec<RecordSource>, Error> {
    let mut all = Vec::new();
    for path in paths {
        let found = records::sources(path, ecosystem).map_err(|error| {
            failed(&error).hint(
                "name the export's folder, an all.zip, or a folder of records with --ecosystem",
            )
        })?;
        all.extend(found);
    }
    Ok(all)
}

/// Compiles the records of one ecosystem and puts the index in the place of the old one.
fn import_one(
    store: &Store,
    lock: &StoreLock,
    ecosystem: Ecosystem,
    sources: &[&RecordSource],
) -> Result<String, Error> {
    let kept = |error: &dyn std::fmt::Display| failed(error).hint("the index at hand was kept");
    let mut compiler = Compiler::new(ecosystem, Timestamp::now());
    let mut unreadable = 0;
    let mut first = None;
    for source in sources {
        let mut take = |name: &str, bytes: &[u8]| match osv::read(bytes, ecosystem) {
            Ok(advisory) => compiler.add(&advisory),
            Err(error) => {
                unreadable += 1;
                first.get_or_insert_with(|| format!("{name}: {error}"));
            }
        };
        records::for_each(source, &mut take).map_err(|error| kept(&error))?;
    }
    let name = ecosystem.registry_name();
    if compiler.records() == 0 {
        let message = format!("no record of {name} can be read in {}", listed(sources));
        return Err(kept(&message));
    }
    check_loss(store, ecosystem, compiler.records()).map_err(|error| kept(&error))?;
    lock.replace(ecosystem, |out| compiler.write(out))
        .map_err(|error| kept(&error))?;
    let mut line = imported(ecosystem, compiler.records());
    if let Some(first) = first {
        let unreadable = thousands(unreadable);
        let first = Untrusted::from(first);
        let _ = write!(
            line,
            ", {unreadable} not read (first: {})",
            first.terminal()
        );
    }
    line.push('\n');
    Ok(line)
}

/// Refuses an index that lacks much of what the one at hand knows: nobody takes back one record of a hundred in a day.
fn check_loss(store: &Store, ecosystem: Ecosystem, records: usize) -> Result<(), String> {
    // One that cannot be read is no reason to keep it.
    let Ok(Some(old)) = store.open(ecosystem) else {
        return Ok(());
    };
    let before = u64::from(old.index.header().records);
    if (records as u64) * 100 >= before * (100 - LOSS) {
        return Ok(());
    }
    Err(format!(
        "the import holds {} of {}, the index at hand {}; if that is right, remove {} first",
        count(records, "record"),
        ecosystem.registry_name(),
        thousands(usize::try_from(before).unwrap_or(usize::MAX)),
        old.path
    ))
}

fn listed(sources: &[&RecordSource]) -> String {
    let paths = sources.iter().map(|source| source.path.as_path());
    paths.map(Utf8Path::as_str).collect::<Vec<_>>().join(", ")
}
