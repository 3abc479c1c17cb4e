//! `linchpin db import`.

use camino::Utf8PathBuf;
use clap::Args;
use jiff::Timestamp;

use super::super::super::error::{Error, ErrorKind};
use super::super::super::exit::ExitStatus;
use super::{EcosystemName, PlaceArguments, carry, failed, kept, lock, say_imported};
use crate::package::Ecosystem;
use crate::store::StoreLock;
use crate::store::compiled::Compiled;
use crate::store::records::{self, RecordSource};

/// Arguments of `linchpin db import`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Archives and folders with OSV records; all of one ecosystem go into one index
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<Utf8PathBuf>,
    /// Of which ecosystem the records are, where the name of their folder does not say
    #[arg(long, value_name = "ECOSYSTEM")]
    ecosystem: Option<EcosystemName>,
    #[command(flatten)]
    place: PlaceArguments,
}

/// Compiles records, or takes an export up. 3 if a record could not be read.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let store = arguments.place.store()?;
    for file in &arguments.paths {
        let Some(carried) = carry::carried(file)? else {
            continue;
        };
        if arguments.paths.len() > 1 || arguments.ecosystem.is_some() {
            let what = format!("{file} is an export; it says itself what it holds");
            return Err(Error::new(ErrorKind::Usage, what)
                .hint("nothing was imported; import it by itself, without --ecosystem"));
        }
        return carry::import(&store, &carried);
    }
    let sources = sources(&arguments.paths, arguments.ecosystem.map(Ecosystem::from))?;
    let lock = lock(&store)?;
    let mut status = ExitStatus::Clean;
    for ecosystem in Ecosystem::ALL {
        let own: Vec<&RecordSource> = sources
            .iter()
            .filter(|source| source.ecosystem == ecosystem)
            .collect();
        if !own.is_empty() && import_one(&lock, ecosystem, &own)? > 0 {
            status = ExitStatus::Incomplete;
        }
    }
    Ok(status)
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
    lock: &StoreLock,
    ecosystem: Ecosystem,
    sources: &[&RecordSource],
) -> Result<u32, Error> {
    let now = Timestamp::now();
    let taken = Compiled::of(ecosystem, sources, now).and_then(|compiled| {
        let taken = compiled.replace(lock, ecosystem, now)?;
        lock.forget_checked(ecosystem)?;
        Ok(taken)
    });
    let taken = taken.map_err(|error| kept(&error))?;
    say_imported(ecosystem, &taken)?;
    Ok(taken.unread)
}
