//! `linchpin db status`.

use std::fmt::Write;

use clap::Args;
use jiff::Unit;

use super::super::super::error::Error;
use super::super::super::exit::ExitStatus;
use super::super::super::exploitation;
use super::super::super::feeds::{CopyError, Freshness, LocalCopy, Place, day};
use super::super::super::options::SettingArguments;
use super::super::super::terminal;
use super::super::output_failed;
use super::PlaceArguments;
use crate::assessment::assess::FeedState;
use crate::config::Config;
use crate::package::Ecosystem;
use crate::report::words::{count, megabytes, thousands};
use crate::store::Store;
use crate::text::Untrusted;

/// Arguments of `linchpin db status`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: PlaceArguments,
}

/// Shows what is at hand. 3 if an index cannot be used.
pub(super) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let config = arguments.place.settings()?;
    let place = arguments.place.place(&config)?;
    let settings = SettingArguments::default();
    let rules = Freshness::of(&settings, &config);
    let folder = Untrusted::from(place.store.folder().to_string());
    let mut text = format!("advisory index in {}\n", folder.terminal());
    let mut status = ExitStatus::Clean;
    for ecosystem in Ecosystem::ALL {
        let line = status_of(&place, ecosystem, &rules).unwrap_or_else(|error| {
            status = ExitStatus::Incomplete;
            format!(
                "cannot be used: {}\n",
                Untrusted::from(error.to_string()).terminal()
            )
        });
        let _ = write!(text, "  {:<10} {line}", ecosystem.registry_name());
    }
    text.push_str(&exploitation_in_words(&place.store, &config));
    let base = Untrusted::from(place.base.as_str().to_owned());
    let _ = writeln!(text, "feeds from {}", base.terminal());
    terminal::write_output(text.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(status)
}

/// A line on EPSS and KEV, where the configuration names them.
fn exploitation_in_words(store: &Store, config: &Config) -> String {
    let Some(name) = exploitation::name(config) else {
        return String::new();
    };
    let known = match store.exploitation(&name) {
        Ok(Some(known)) => {
            format!(
                "{}, read at {}",
                count(known.entries(), "CVE id"),
                known.made()
            )
        }
        Ok(None) => "none; linchpin db update".to_owned(),
        Err(error) => format!("cannot be used: {error}"),
    };
    format!("  {:<10} {known}\n", "exploited")
}

/// What is at hand of an ecosystem, how old it is, and what to do; then when it was checked and its digest.
fn status_of(
    place: &Place,
    ecosystem: Ecosystem,
    rules: &Freshness<'_>,
) -> Result<String, CopyError> {
    let Some(copy) = LocalCopy::open(place, ecosystem, &[])? else {
        return Ok("none; get one: linchpin db update, or linchpin db import PATH\n".to_owned());
    };
    let header = copy.stored.index.header();
    let judged = match rules.state(&copy) {
        FeedState::Fresh => "fresh",
        FeedState::Stale => "stale; linchpin db update, or linchpin db import PATH",
        FeedState::Missing => "empty; linchpin db update, or linchpin db import PATH",
    };
    let mut text = format!(
        "{} of {}, {}, newest of {}: {judged}\n",
        count(header.records as usize, "record"),
        count(header.packages as usize, "package"),
        megabytes(copy.stored.bytes),
        day(header.newest)
    );
    if header.unread > 0 {
        let unread = thousands(header.unread as usize);
        let _ = writeln!(text, "{:13}{unread} could not be read when it was made", "");
    }
    let pending = copy
        .checked
        .as_ref()
        .map_or(0, |checked| checked.pending.len());
    if pending > 0 {
        let pending = count(pending, "record");
        let _ = writeln!(text, "{:13}{pending} listed and not delivered", "");
    }
    if let Some(checked) = &copy.checked {
        let _ = writeln!(
            text,
            "{:13}checked at {}",
            "",
            checked.at.round(Unit::Second).unwrap_or(checked.at)
        );
    }
    let _ = writeln!(text, "{:13}sha256 {}", "", copy.stored.digest()?);
    Ok(text)
}
