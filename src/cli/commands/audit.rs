//! `linchpin audit`.

use clap::Args;

use super::super::baseline;
use super::super::cargo::CargoArguments;
use super::super::error::Error;
use super::super::exit::ExitStatus;
use super::super::histories::{Connection, RunRegistries, Sources};
use super::super::options::{GateArguments, InputArguments, OutputArguments, SettingArguments};
use super::super::refresh;
use super::super::reports::ReportArguments;
use super::super::scan;
use super::super::terminal::Terminal;
use crate::assessment::Assessment;
use crate::config::{Config, Db, Refresh};
use crate::discover::{Discovery, skipped};
use crate::lockfile::{Limits, Problem, ProblemSeverity};
use crate::report::Report;
use crate::report::words::count;

/// Arguments of `linchpin audit`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    cargo: CargoArguments,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    gate: GateArguments,
    #[command(flatten)]
    reports: ReportArguments,
    #[command(flatten)]
    told: OutputArguments,
}

/// Audits and reports. The format never changes the status.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let terminal = Terminal::new(arguments.told.color, arguments.told.detail());
    let mut discovery = scan::discover(&arguments.input)?;
    let mut config = arguments
        .settings
        .settings(&*discovery.files, &Limits::default())?;
    arguments.gate.apply(&mut config);
    let registries = RunRegistries::find(&config, &discovery.root, arguments.settings.now())?;
    registries.tell(&mut config.hosts);
    discovery.exclude(&config.inputs.exclude);
    let baseline = baseline::in_force(&arguments.settings, &*discovery.files, &terminal)?;
    let place = refresh::place(&arguments.settings, &config, &terminal)?;
    let read = scan::read(&discovery, &config.hosts, &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&terminal);
    let (input, settings, told) = (&arguments.input, &arguments.settings, &arguments.told);
    if let Some(place) = &place {
        refresh::prepare(place, input, settings, told, &config, &scan);
    }
    let connection = Connection::of(input);
    let mut histories = Sources::new(&config, registries, connection, settings, &terminal);
    let assessment = scan.assess(
        settings,
        &config,
        place.as_ref(),
        &mut histories,
        baseline.into(),
    );
    histories.say_failures(&terminal);
    say_review(&assessment, &terminal);
    let unused = assessment.unused_accepts.iter();
    unused.for_each(|unused| terminal.say_problem(&unused.problem(), None));
    let notes = notes(settings, &arguments.cargo, &config, &discovery);
    let report = Report {
        assessment: &assessment,
        graph: &scan.graph,
        files: &scan.files(),
        skipped: &discovery.skipped,
        notes: &notes,
    };
    arguments
        .reports
        .conclude(&report, told, &arguments.gate, &terminal)
}

/// A line that nothing needs shelters whatever comes next, and so does one that allows more than there is.
fn say_review(assessment: &Assessment, terminal: &Terminal) {
    let Some(baseline) = assessment.baseline.in_force() else {
        return;
    };
    let review = &assessment.review;
    let unneeded = (
        review.unneeded.len(),
        "is no longer needed",
        "are no longer needed",
        "linchpin baseline takes out what is gone",
    );
    let loose = (
        review.loose.len(),
        "allows more than was found",
        "allow more than was found",
        "linchpin baseline narrows what is too wide",
    );
    for (lines, one, many, help) in [unneeded, loose] {
        if lines > 0 {
            let verb = if lines == 1 { one } else { many };
            let what = format!("{} {verb}", count(lines, "line"));
            let problem = Problem::new(baseline.path.clone(), ProblemSeverity::Warning, what);
            terminal.say_problem(&problem.help(help), None);
        }
    }
}

/// What a reader must know: the clock, if it was set, what the walk passed over, whom the labels are from, and which rules were not asked.
pub(super) fn notes(
    settings: &SettingArguments,
    cargo: &CargoArguments,
    config: &Config,
    discovery: &Discovery,
) -> Vec<String> {
    let clock = settings.as_of.map(|time| {
        format!(
            "as of {time}: what became known later does not exist, records say what they say today"
        )
    });
    let skipped = skipped::words(&discovery.skipped);
    clock
        .into_iter()
        .chain(skipped.into_iter().map(|words| format!("skipped {words}")))
        .chain(cargo.note())
        .chain(switched_off(config))
        .chain(feed_settings(config))
        .collect()
}

/// What the configuration says about the advisories: whoever writes it decides what is known.
fn feed_settings(config: &Config) -> Vec<String> {
    let defaults = Db::default();
    let base = config.db.base.as_ref();
    let base = base.map(|base| {
        format!(
            "advisories from {}, as the configuration says",
            base.as_str()
        )
    });
    let is_patient = config.db.max_age > defaults.max_age;
    let age = is_patient.then(|| {
        let age = config.db.max_age_words();
        format!("advisories may be {age} old, as the configuration says")
    });
    let is_never = config.db.refresh == Refresh::Never;
    let never =
        is_never.then(|| "advisories are not refreshed, as the configuration says".to_owned());
    base.into_iter().chain(age).chain(never).collect()
}

fn switched_off(config: &Config) -> Option<String> {
    let rules: Vec<&str> = config.rules.switched_off().map(|rule| rule.0).collect();
    (!rules.is_empty()).then(|| format!("switched off in the configuration: {}", rules.join(", ")))
}
