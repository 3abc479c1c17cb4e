//! `linchpin diff`: what a change brings, and nothing else.
//!
//! Both sides are read and judged with the same settings and the same advisories, those of the side before the
//! change: what is changed cannot choose its judge.

use clap::Args;

use super::super::baseline;
use super::super::cargo::CargoArguments;
use super::super::changed_files;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::feeds::Place;
use super::super::histories::{Connection, RunRegistries, Sources};
use super::super::options::{GateArguments, InputArguments, OutputArguments, SettingArguments};
use super::super::refresh;
use super::super::reports::ReportArguments;
use super::super::revisions::{Kinship, SideArguments, Sides};
use super::super::scan::{self, Known, Scan};
use super::super::sides::{excuse_what_was_there, gaps, redden_what_fell_behind};
use super::super::terminal::Terminal;
use super::audit;
use crate::assessment::baseline::BASELINE_NAME;
use crate::assessment::{BaselineFile, Before};
use crate::config::{Config, Occasion};
use crate::cores;
use crate::discover::Discovery;
use crate::evidence::NoHistories;
use crate::graph::comparison::compare;
use crate::lockfile::Limits;
use crate::path::FilePath;
use crate::report::Report;
use crate::signal::ChangedReleases;

/// Arguments of `linchpin diff`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sides: SideArguments,
    /// Make no connection: use the advisories and histories at hand [default: `LINCHPIN_OFFLINE`]
    #[arg(long, help_heading = "Inputs")]
    offline: bool,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    gate: GateArguments,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    told: OutputArguments,
}

/// Judges the change and reports. The format never changes the status.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let mut sides = arguments.sides.open()?;
    check_settings(&arguments.settings, &sides)?;
    let mut config = arguments
        .settings
        .settings(&*sides.policy, &Limits::default())?;
    arguments.gate.apply(&mut config);
    sides.before.exclude(&config.inputs.exclude);
    sides.after.exclude(&config.inputs.exclude);
    let now = arguments.settings.now();
    let registries = RunRegistries::find(&config, &sides.after.root, now)?;
    registries.tell(&mut config.hosts);
    judge(arguments, &sides, &config, registries)
}

fn judge(
    arguments: &Arguments,
    sides: &Sides,
    config: &Config,
    registries: RunRegistries,
) -> Result<ExitStatus, Error> {
    let (settings, told) = (&arguments.settings, &arguments.told);
    let terminal = Terminal::new(told.color, told.detail());
    let baseline = baseline::in_force(settings, &*sides.policy, &terminal)?;
    let place = refresh::place(settings, config, &terminal)?;
    let cargo = CargoArguments::default();
    let read = |side| scan::read(side, &config.hosts, &cargo);
    let (read_before, read_after) = cores::both(|| read(&sides.before), || read(&sides.after));
    let (scan_before, mut scan_after) = cores::both(|| read_before.unify(), || read_after.unify());
    excuse_what_was_there(&scan_before, &mut scan_after);
    redden_what_fell_behind(&scan_before, &mut scan_after);
    scan_after.say_problems(&terminal);
    let input = InputArguments {
        paths: Vec::new(),
        offline: arguments.offline,
    };
    if let Some(place) = &place {
        refresh::prepare(place, &input, settings, told, config, &scan_after);
    }
    let connection = Connection::of(&input);
    let known = Known {
        baseline,
        occasion: match connection {
            Connection::Online => Occasion::Change,
            Connection::Offline => Occasion::Audit,
        },
        changed: Some(ChangedReleases::of(&scan_before.graph, &scan_after.graph)),
        before: Some(judge_before(
            settings,
            sides,
            (&scan_before, &scan_after),
            config,
            place.as_ref(),
        )),
        files: changed_files::compare(sides, &scan_before, &scan_after, settings, config),
        gaps: gaps(&scan_before, &scan_after, sides.kinship),
    };
    let mut histories = Sources::new(config, registries, connection, settings, &terminal);
    let assessment = scan_after.assess(settings, config, place.as_ref(), &mut histories, known);
    histories.say_failures(&terminal);
    let unused = assessment.unused_accepts.iter();
    unused.for_each(|unused| terminal.say_problem(&unused.problem(), None));
    let notes = notes(settings, config, &sides.after);
    let report = Report {
        assessment: &assessment,
        graph: &scan_after.graph,
        files: &scan_after.files(),
        skipped: &sides.after.skipped,
        notes: &notes,
    };
    arguments
        .reports
        .conclude(&report, told, &arguments.gate, &terminal)
}

/// Two folders of one tree have its settings, which the change may have written.
fn check_settings(settings: &SettingArguments, sides: &Sides) -> Result<(), Error> {
    let is_typed = settings.config.is_some() || settings.no_config;
    if is_typed || sides.kinship != Kinship::OneTree {
        return Ok(());
    }
    let baseline = FilePath::new(BASELINE_NAME);
    let has_baseline = baseline.is_some_and(|path| sides.policy.has(&path));
    if !has_baseline && settings.file(&*sides.policy, &Limits::default())?.is_none() {
        return Ok(());
    }
    let what = "both sides lie in one tree, so the change would choose its own settings";
    Err(Error::new(ErrorKind::Usage, what)
        .hint("nothing was scanned; name the settings with --config FILE, or use --no-config"))
}

/// Finds what was there before the change: all of it, whatever is accepted or kept, because that is judged afterwards.
fn judge_before(
    settings: &SettingArguments,
    sides: &Sides,
    (before, after): (&Scan<'_>, &Scan<'_>),
    config: &Config,
    place: Option<&Place>,
) -> Before {
    let bare = Config {
        accepts: Vec::new(),
        ..config.clone()
    };
    let was = Known {
        // What was there is not judged again by its history, so that nobody is asked about it.
        changed: Some(ChangedReleases::default()),
        ..BaselineFile::Missing.into()
    };
    let (comparison, found) = cores::both(
        || compare(&before.graph, &after.graph),
        || before.assess(settings, &bare, place, &mut NoHistories, was),
    );
    let mut known = Before::new(
        sides.label.clone(),
        &found,
        &comparison,
        (&before.graph, &after.graph),
        &config.rules,
    );
    known.change.revisions.clone_from(&sides.revisions);
    known
}

fn notes(settings: &SettingArguments, config: &Config, discovery: &Discovery) -> Vec<String> {
    audit::notes(settings, &CargoArguments::default(), config, discovery)
}
