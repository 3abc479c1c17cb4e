//! `linchpin db export`, and the import of what it wrote.

use std::fs::File;
use std::io::{BufReader, Cursor};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use jiff::Timestamp;

use super::super::super::error::Error;
use super::super::super::exit::ExitStatus;
use super::super::super::reports::replace;
use super::super::super::terminal;
use super::super::output_failed;
use super::{PlaceArguments, failed, kept, lock, say_imported};
use crate::store::compiled::{CompileError, Taken};
use crate::store::transfer::{self, CarriedIndex};
use crate::store::{Store, StoreLock};

/// Arguments of `linchpin db export`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    #[command(flatten)]
    place: PlaceArguments,
}

/// Writes all indexes to one file.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let store = arguments.place.store()?;
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
pub(super) fn carried(path: &Utf8Path) -> Result<Option<Vec<CarriedIndex>>, Error> {
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

pub(super) fn import(store: &Store, carried: &[CarriedIndex]) -> Result<ExitStatus, Error> {
    let lock = lock(store)?;
    for index in carried {
        import_index(&lock, index).map_err(|error| kept(&error))?;
        let header = &index.header;
        let taken = Taken {
            records: header.records as usize,
            unread: header.unread,
            first_unread: None,
            pending: 0,
        };
        say_imported(index.ecosystem, &taken)?;
    }
    let is_whole = carried.iter().all(|index| index.header.unread == 0);
    Ok(if is_whole {
        ExitStatus::Clean
    } else {
        ExitStatus::Incomplete
    })
}

fn import_index(lock: &StoreLock, index: &CarriedIndex) -> Result<(), CompileError> {
    let (ecosystem, header) = (index.ecosystem, &index.header);
    let (records, newest) = (header.records as usize, header.newest);
    let store = lock.store();
    store.check_loss(ecosystem, records, newest, Timestamp::now())?;
    lock.replace(ecosystem, |out| out.write_all(&index.bytes))?;
    lock.forget_checked(ecosystem)?;
    Ok(())
}
