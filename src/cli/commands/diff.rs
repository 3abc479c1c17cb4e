//! `linchpin diff`: what a change brings, and nothing else.
//!
//! Both sides are read and judged with the same settings and the same advisories, those of the side before the
//! change: what is changed cannot choose its judge.

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use super::super::baseline;
use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::feeds::Place;
use super::super::options::{GateArguments, InputArguments, OutputArguments, SettingArguments};
use super::super::refresh;
use super::super::reports::ReportArguments;
use super::super::scan::{self, Known, Scan};
use super::super::sides;
use super::super::terminal::Terminal;
use super::audit;
use crate::assessment::baseline::BASELINE_NAME;
use crate::assessment::{BaselineFile, Before};
use crate::config::Config;
use crate::discover::Discovery;
use crate::lockfile::Limits;
use crate::path::FilePath;
use crate::report::Report;
use crate::text::Untrusted;

/// Arguments of `linchpin diff`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The folder or lockfile before the change; its settings judge both
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    before: Utf8PathBuf,
    /// The folder or lockfile after the change
    #[arg(long, value_name = "PATH", help_heading = "Inputs")]
    after: Utf8PathBuf,
    /// Make no connection: use the advisories at hand
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

impl Arguments {
    fn side(&self, path: &Utf8Path) -> InputArguments {
        InputArguments {
            paths: vec![path.to_owned()],
            offline: self.offline,
        }
    }
}

/// Judges the change and reports. The format never changes the status.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let mut before = scan::discover(&arguments.side(&arguments.before))?;
    let mut after = scan::discover(&arguments.side(&arguments.after))?;
    check_roots(&arguments.settings, &before, &after)?;
    let mut config = arguments
        .settings
        .settings(&before.files, &Limits::default())?;
    arguments.gate.apply(&mut config);
    before.exclude(&config.inputs.exclude);
    after.exclude(&config.inputs.exclude);
    judge(arguments, &before, &after, &config)
}

fn judge(
    arguments: &Arguments,
    before: &Discovery,
    after: &Discovery,
    config: &Config,
) -> Result<ExitStatus, Error> {
    let (settings, told) = (&arguments.settings, &arguments.told);
    let terminal = Terminal::new(told.color, told.detail());
    let baseline = baseline::in_force(settings, &before.files, &terminal)?;
    let place = refresh::place(settings, config, &terminal)?;
    let cargo = CargoArguments::default();
    let read_before = scan::read(before, &config.hosts, &cargo);
    let read_after = scan::read(after, &config.hosts, &cargo);
    let (scan_before, mut scan_after) = (read_before.unify(), read_after.unify());
    sides::excuse_what_was_there(&scan_before, &mut scan_after);
    scan_after.say_problems(&terminal);
    if let Some(place) = &place {
        let input = arguments.side(&arguments.after);
        refresh::prepare(place, &input, settings, told, config, &scan_after);
    }
    let known = Known {
        baseline,
        before: Some(judge_before(
            arguments,
            &scan_before,
            &scan_after,
            config,
            place.as_ref(),
        )),
        gaps: sides::gaps(&scan_before, &scan_after),
    };
    let assessment = scan_after.assess(settings, config, place.as_ref(), known);
    let unused = assessment.unused_accepts.iter();
    unused.for_each(|unused| terminal.say_problem(&unused.problem(), None));
    let notes = notes(settings, config, after);
    let report = Report {
        assessment: &assessment,
        graph: &scan_after.graph,
        files: &scan_after.files(),
        skipped: &after.skipped,
        notes: &notes,
    };
    arguments
        .reports
        .conclude(&report, told, &arguments.gate, &terminal)
}

/// Two folders of one tree have its settings, which the change may have written.
fn check_roots(
    settings: &SettingArguments,
    before: &Discovery,
    after: &Discovery,
) -> Result<(), Error> {
    let is_typed = settings.config.is_some() || settings.no_config;
    if is_typed || before.root != after.root {
        return Ok(());
    }
    let baseline = FilePath::new(BASELINE_NAME);
    let has_baseline = baseline.is_some_and(|path| before.files.has(&path));
    if !has_baseline && settings.file(&before.files, &Limits::default())?.is_none() {
        return Ok(());
    }
    let what = "both sides lie in one tree, so the change would choose its own settings";
    Err(Error::new(ErrorKind::Usage, what)
        .hint("nothing was scanned; name the settings with --config FILE, or use --no-config"))
}

/// Finds what was there before the change: all of it, whatever is accepted or kept, because that is judged afterwards.
fn judge_before(
    arguments: &Arguments,
    before: &Scan<'_>,
    after: &Scan<'_>,
    config: &Config,
    place: Option<&Place>,
) -> Before {
    let bare = Config {
        accepts: Vec::new(),
        ..config.clone()
    };
    let found = before.assess(
        &arguments.settings,
        &bare,
        place,
        BaselineFile::Missing.into(),
    );
    let label = Untrusted::from(arguments.before.as_str().to_owned());
    Before::new(label, &found, &before.graph, &after.graph, &config.rules)
}

fn notes(settings: &SettingArguments, config: &Config, discovery: &Discovery) -> Vec<String> {
    audit::notes(settings, &CargoArguments::default(), config, discovery)
}
