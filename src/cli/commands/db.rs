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
use crate::store::transfer::{self, CarriedIndex};
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

/// Does what was asked. 3 if an index cannot be read or written, or a record was not.
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
    let judged = match state(header, Timestamp::now()) {
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
    for file in &arguments.paths {
        let Some(carried) = carried(file)? else {
            continue;
        };
        if arguments.paths.len() > 1 || arguments.ecosystem.is_some() {
            let what = format!("{file} is an export; it says itself what it holds");
            return Err(Error::new(ErrorKind::Usage, what)
                .hint("nothing was imported; import it by itself, without --ecosystem"));
        }
        return import_carried(&store, &carried);
    }
    let sources = sources(&arguments.paths, arguments.ecosystem.map(Ecosystem::from))?;
    let lock = lock(&store)?;
    let mut status = ExitStatus::Clean;
    for ecosystem in Ecosystem::ALL {
        let own: Vec<&RecordSource> = sources
            .iter()
            .filter(|source| source.ecosystem == ecosystem)
            .collect();
        if !own.is_empty() && import_one(&store, &lock, ecosystem, &own)? > 0 {
            status = ExitStatus::Incomplete;
        }
    }
    Ok(status)
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
        Err(error) => Err(failed(&format!("{path}: {error}")).hint("the index at hand was kept")),
    }
}

fn import_carried(store: &Store, carried: &[CarriedIndex]) -> Result<ExitStatus, Error> {
    let lock = lock(store)?;
    for index in carried {
        let header = &index.header;
        let kept = |error: &dyn std::fmt::Display| failed(error).hint("the index at hand was kept");
        if header.newest > Timestamp::now().as_second() {
            let what = format!(
                "it knows what changed on {}, which is still to come",
                day(header.newest)
            );
            return Err(kept(&what));
        }
        check_loss(
            store,
            index.ecosystem,
            header.records as usize,
            header.newest,
        )
        .map_err(|error| kept(&error))?;
        lock.replace(index.ecosystem, |out| out.write_all(&index.bytes))
            .map_err(|error| kept(&error))?;
        say_imported(
            index.ecosystem,
            header.records as usize,
            header.unread,
            None,
        )?;
    }
    let is_whole = carried.iter().all(|index| index.header.unread == 0);
    Ok(if is_whole {
        ExitStatus::Clean
    } else {
        ExitStatus::Incomplete
    })
}

/// Says what an import took up and what it could not read.
fn say_imported(
    ecosystem: Ecosystem,
    records: usize,
    unread: u32,
    first: Option<String>,
) -> Result<(), Error> {
    let name = ecosystem.registry_name();
    let mut line = format!("{name}: {} imported", count(records, "record"));
    if unread > 0 {
        let _ = write!(line, ", {} not read", thousands(unread as usize));
    }
    if let Some(first) = first.map(Untrusted::from) {
        let _ = write!(line, " (first: {})", first.terminal());
    }
    line.push('\n');
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))
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

/// Compiles the records of one ecosystem and puts the index in the place of the old one; returns how many were not read.
fn import_one(
    store: &Store,
    lock: &StoreLock,
    ecosystem: Ecosystem,
    sources: &[&RecordSource],
) -> Result<u32, Error> {
    let kept = |error: &dyn std::fmt::Display| failed(error).hint("the index at hand was kept");
    let mut compiler = Compiler::new(ecosystem, Timestamp::now());
    let mut first = None;
    for source in sources {
        let mut take = |name: &str, bytes: &[u8]| match osv::read(bytes, ecosystem) {
            Ok(advisory) => {
                compiler.add(&advisory);
                if advisory.unread > 0 {
                    first.get_or_insert_with(|| format!("{name}: an entry names no package"));
                }
            }
            Err(error) => {
                compiler.miss();
                first.get_or_insert_with(|| format!("{name}: {error}"));
            }
        };
        records::for_each(source, &mut take).map_err(|error| kept(&error))?;
    }
    let (found, unread) = (compiler.records(), compiler.unread());
    if found == 0 {
        let name = ecosystem.registry_name();
        let message = format!("no record of {name} can be read in {}", listed(sources));
        return Err(kept(&message));
    }
    check_loss(store, ecosystem, found, compiler.newest()).map_err(|error| kept(&error))?;
    lock.replace(ecosystem, |out| compiler.write(out))
        .map_err(|error| kept(&error))?;
    say_imported(ecosystem, found, unread, first)?;
    Ok(unread)
}

/// Refuses an index that is older than the one at hand, or lacks much of what that knows: nobody takes back one record of a hundred in a day.
fn check_loss(
    store: &Store,
    ecosystem: Ecosystem,
    records: usize,
    newest: i64,
) -> Result<(), String> {
    // One that cannot be read is no reason to keep it.
    let Ok(Some(old)) = store.open(ecosystem) else {
        return Ok(());
    };
    let header = old.index.header();
    let name = ecosystem.registry_name();
    let remedy = format!("if that is right, remove {} first", old.path);
    if newest < header.newest {
        return Err(format!(
            "the import of {name} knows nothing newer than {}, the index at hand knows {}; {remedy}",
            time(newest),
            time(header.newest)
        ));
    }
    let before = u64::from(header.records);
    if (records as u64) * 100 >= before * (100 - LOSS) {
        return Ok(());
    }
    Err(format!(
        "the import holds {} of {name}, the index at hand {}; {remedy}",
        count(records, "record"),
        thousands(usize::try_from(before).unwrap_or(usize::MAX)),
    ))
}

fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or_default()
}

fn listed(sources: &[&RecordSource]) -> String {
    let paths = sources.iter().map(|source| source.path.as_path());
    paths.map(Utf8Path::as_str).collect::<Vec<_>>().join(", ")
}
