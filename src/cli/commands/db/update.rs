//! `linchpin db update`.

use clap::Args;
use jiff::Timestamp;

use super::super::super::error::Error;
use super::super::super::exit::ExitStatus;
use super::super::super::exploitation;
use super::super::super::options::OutputArguments;
use super::super::super::refresh::{self, Outcome, Refresher};
use super::super::super::terminal::{self, Terminal};
use super::super::output_failed;
use super::{EcosystemName, PlaceArguments, failed, lock, taken_in_words};
use crate::config::Config;
use crate::fetch::Patience;
use crate::fetch::feed::{Extent, Updated};
use crate::package::Ecosystem;
use crate::report::words::count;
use crate::store::StoreLock;

/// Arguments of `linchpin db update`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Of which ecosystem; may be repeated [default: all]
    #[arg(long = "ecosystem", value_name = "ECOSYSTEM")]
    ecosystems: Vec<EcosystemName>,
    /// Fetch everything anew, and not only what has changed
    #[arg(long)]
    whole: bool,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    told: OutputArguments,
}

/// Fetches what has changed, and what is not there. 3 if a feed could not be brought up to date.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let config = arguments.place.settings()?;
    let place = arguments.place.place(&config)?;
    let lock = lock(&place.store)?;
    let mut refresher = Refresher::new(&place, &config, Timestamp::now(), &arguments.told);
    let named = arguments.ecosystems.iter().copied().map(Ecosystem::from);
    let mut ecosystems: Vec<Ecosystem> = named.collect();
    if ecosystems.is_empty() {
        ecosystems = Ecosystem::ALL.into();
    }
    let extent = if arguments.whole {
        Extent::Whole
    } else {
        Extent::Mend
    };
    let outcomes = refresher.update(&lock, &ecosystems, extent, Patience::DOWNLOAD);
    let status = say_outcomes(arguments, &outcomes)?;
    update_exploitation(&lock, &config)?;
    Ok(status)
}

/// Brings EPSS and KEV up to date, where the configuration names them.
fn update_exploitation(lock: &StoreLock, config: &Config) -> Result<(), Error> {
    if exploitation::name(config).is_none() {
        return Ok(());
    }
    let trusted = refresh::trusted(config);
    let updated = exploitation::update(lock, config, &trusted, Timestamp::now());
    let known = updated.map_err(|error| {
        let what = format!("what is known of exploitation was not updated: {error}");
        failed(&what).hint("what was known before was kept; mend `epss` or `kev` under [db]")
    })?;
    let line = format!("exploitation: {} known\n", count(known, "CVE id"));
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))
}

/// Says what came of each feed. 3 if one could not be brought up to date, or a record could not be read.
fn say_outcomes(arguments: &Arguments, outcomes: &[Outcome]) -> Result<ExitStatus, Error> {
    let terminal = Terminal::new(arguments.told.color, arguments.told.detail());
    let mut status = ExitStatus::Clean;
    for (ecosystem, outcome) in outcomes {
        let name = ecosystem.registry_name();
        match outcome {
            Ok(updated) => {
                let line = format!("{name}: {}\n", updated_in_words(updated));
                terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
                if is_lacking(updated) {
                    status = ExitStatus::Incomplete;
                }
            }
            Err(error) => {
                status = ExitStatus::Incomplete;
                let what = format!("the advisories of {name} were not updated: {error}");
                let error = failed(&what).hint(refresh::remedy(error));
                terminal.say_error(&error.hint("the index at hand was kept"));
            }
        }
    }
    Ok(status)
}

fn is_lacking(updated: &Updated) -> bool {
    match updated {
        Updated::Unchanged => false,
        Updated::Changed(_, taken) | Updated::Whole(taken) => taken.unread > 0 || taken.pending > 0,
    }
}

fn updated_in_words(updated: &Updated) -> String {
    match updated {
        Updated::Unchanged => "nothing has changed".to_owned(),
        Updated::Changed(changes, taken) => {
            let changes = count(*changes, "changed record");
            format!("{changes} fetched, {}", taken_in_words(taken, "at hand"))
        }
        Updated::Whole(taken) => format!("fetched anew, {}", taken_in_words(taken, "at hand")),
    }
}
