//! `linchpin baseline`.

use std::sync::Arc;

use camino::Utf8Path;
use clap::Args;

use super::super::baseline::{Place, read, today};
use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::histories::{Connection, RunRegistries, Sources};
use super::super::options::{InputArguments, OutputArguments, SettingArguments};
use super::super::reports::replace;
use super::super::terminal::{self, Terminal};
use super::super::{refresh, scan};
use super::output_failed;
use crate::assessment::baseline::{Addition, Growth, Renewal, renew};
use crate::assessment::{Assessment, BaselineFile, Verdict};
use crate::lockfile::{Limits, Problem, ProblemSeverity, SourceFile};
use crate::path::FilePath;
use crate::report::words::count;
use crate::text::{Untrusted, is_deceptive};

/// Arguments of `linchpin baseline`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    cargo: CargoArguments,
    /// Who answers for the lines that are added
    #[arg(long, value_name = "WHO", help_heading = "Lines")]
    owner: Option<String>,
    /// Also add what is not in the baseline yet; without this it only shrinks
    #[arg(long, help_heading = "Lines")]
    grow: bool,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    told: OutputArguments,
}

impl Arguments {
    /// The first baseline may take up everything.
    const fn growth(&self, before: Option<&Arc<SourceFile>>) -> Growth {
        if self.grow || before.is_none() {
            Growth::Allowed
        } else {
            Growth::Refused
        }
    }

    fn addition(&self, settings: &SettingArguments) -> Addition {
        let owner = self.owner.as_deref().unwrap_or_default().trim();
        Addition {
            since: today(settings),
            owner: owner.to_owned().into(),
        }
    }
}

/// Audits, and writes what was found as the baseline.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let terminal = Terminal::new(arguments.told.color, arguments.told.detail());
    let limits = Limits::default();
    let settings = &arguments.settings;
    let mut discovery = scan::discover(&arguments.input)?;
    let mut config = settings.settings(&*discovery.files, &limits)?;
    let registries = RunRegistries::find(&config, &discovery.root, settings.now())?;
    registries.tell(&mut config.hosts);
    discovery.exclude(&config.inputs.exclude);
    let place = Place::find(settings, &*discovery.files, &limits)?;
    place.say_unread(&*discovery.files, &terminal);
    let before = place.file(&*discovery.files)?;
    check_configured(settings, &place, before.as_ref())?;
    let addition = arguments.addition(settings);
    check_owner_text(&addition)?;
    let baseline = before
        .as_ref()
        .map(|file| read(file, addition.since))
        .transpose()?;
    let baseline = baseline.map_or(BaselineFile::Missing, BaselineFile::Read);
    let feeds = refresh::place(settings, &config, &terminal)?;
    let found = scan::read(&discovery, &config.hosts, &arguments.cargo);
    let scan = found.unify();
    scan.say_problems(&terminal);
    if let Some(feeds) = &feeds {
        let (input, told) = (&arguments.input, &arguments.told);
        refresh::prepare(feeds, input, settings, told, &config, &scan);
    }
    let connection = Connection::of(&arguments.input);
    let mut histories = Sources::new(&config, registries, connection, settings, &terminal);
    let assessment = scan.assess(
        settings,
        &config,
        feeds.as_ref(),
        &mut histories,
        baseline.into(),
    );
    histories.say_failures(&terminal);
    check(&assessment, place.name())?;
    let growth = arguments.growth(before.as_ref());
    let renewal = renew(&assessment, &scan.graph, &config, growth, &addition);
    check_owner(&renewal, &addition, place.name())?;
    say_left_out(&renewal, &place, &terminal);
    write(
        renewal,
        &place,
        &discovery.root.join(place.name().as_str()),
        before.as_deref(),
    )
}

/// An audit without configuration goes by no baseline, so none is renewed by such settings.
fn check_configured(
    settings: &SettingArguments,
    place: &Place,
    before: Option<&Arc<SourceFile>>,
) -> Result<(), Error> {
    if !settings.no_config || before.is_none() {
        return Ok(());
    }
    let what = format!(
        "{} is there, and --no-config goes by no baseline",
        place.name().as_str()
    );
    Err(Error::new(ErrorKind::Usage, what).hint("nothing was written; leave out --no-config"))
}

/// What cannot be seen could not be read back.
fn check_owner_text(addition: &Addition) -> Result<(), Error> {
    if !addition.owner.as_str().chars().any(is_deceptive) {
        return Ok(());
    }
    let what = "--owner holds characters that cannot be seen";
    Err(Error::new(ErrorKind::Usage, what).hint("nothing was written; write a plain name"))
}

/// What was not looked for would be taken for gone, and what was not found would fail the next run.
fn check(assessment: &Assessment, name: &FilePath) -> Result<(), Error> {
    if assessment.verdict == Verdict::Empty {
        let what = "nothing to audit: no lockfile and no manifest";
        return Err(Error::new(ErrorKind::Empty, what));
    }
    if assessment.is_complete() {
        return Ok(());
    }
    let name = name.as_str();
    let what = format!("{name} was not written, because the run is not complete");
    let mut error = Error::new(ErrorKind::Incomplete, what);
    // What is wrong with an input was said already.
    error.hints.extend(assessment.gaps().iter().cloned());
    Err(error
        .hint("what was not checked would be taken for gone; run it again when all of it can be"))
}

fn check_owner(renewal: &Renewal, addition: &Addition, name: &FilePath) -> Result<(), Error> {
    if renewal.added == 0 || !addition.owner.as_str().is_empty() {
        return Ok(());
    }
    let (lines, name) = (count(renewal.added, "line"), name.as_str());
    let what = format!("nobody answers for the {lines} that {name} would get");
    Err(Error::new(ErrorKind::Usage, what).hint("nothing was written; say who: --owner WHO"))
}

/// Says which findings gate nevertheless.
fn say_left_out(renewal: &Renewal, place: &Place, terminal: &Terminal) {
    let guarded = (
        renewal.guarded,
        "reports a known attack and is left out",
        "report known attacks and are left out",
        "malicious packages and wrong hashes gate in every state; linchpin audit says what to do",
    );
    let refused = (
        renewal.refused,
        "is not covered, because a baseline only shrinks",
        "are not covered, because a baseline only shrinks",
        "--grow --owner WHO adds what is new",
    );
    for (findings, one, many, help) in [guarded, refused] {
        if findings > 0 {
            let verb = if findings == 1 { one } else { many };
            let what = format!("{} {verb}", count(findings, "finding"));
            let problem = Problem::new(place.name().clone(), ProblemSeverity::Warning, what);
            terminal.say_problem(&problem.help(help), None);
        }
    }
}

/// Writes the file, unless it says the same already.
fn write(
    renewal: Renewal,
    place: &Place,
    on_disk: &Utf8Path,
    before: Option<&SourceFile>,
) -> Result<ExitStatus, Error> {
    let (added, removed) = (renewal.added, renewal.removed);
    let lines = count(renewal.entries.len(), "line");
    let next = renewal.into_baseline(FilePath::default()).write();
    let what = if before.is_some_and(|before| before.text() == next) {
        "unchanged".to_owned()
    } else {
        replace(on_disk, next.as_bytes()).map_err(|error| unwritten(on_disk, &error))?;
        format!("{added} added, {removed} taken out")
    };
    let line = Untrusted::from(format!("{}: {lines}, {what}", place.name().as_str()));
    let line = format!("{}\n", line.terminal());
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn unwritten(path: &Utf8Path, error: &std::io::Error) -> Error {
    let what = format!("{path} could not be written: {error}");
    Error::new(ErrorKind::Output, what).hint("nothing was written; the old file stays")
}
