//! `linchpin graph`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::histories::{Connection, RunRegistries, Sources};
use super::super::options::{InputArguments, OutputArguments, SettingArguments};
use super::super::scan::{self, Scan};
use super::super::terminal::{self, Terminal};
use super::super::{baseline, refresh};
use super::output_failed;
use crate::assessment::{Assessment, Verdict};
use crate::lockfile::{Limits, ProblemSeverity};
use crate::package::hosts::Hosts;
use crate::report::graph::GRAPH_FORMATS;
use crate::report::{FindingsRoom, GraphFormat, GraphReport};

/// Arguments of `linchpin graph`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    cargo: CargoArguments,
    /// The format of the graph
    #[arg(long, value_name = "FORMAT", default_value = GRAPH_FORMATS[0].id, value_parser = formats(), help_heading = "Output")]
    format: String,
    /// Audit, and write what is known to be malicious or vulnerable too; for cyclonedx
    #[arg(long, help_heading = "Output")]
    vex: bool,
    #[command(flatten)]
    told: OutputArguments,
}

fn formats() -> PossibleValuesParser {
    GRAPH_FORMATS
        .iter()
        .map(|format| format.id)
        .collect::<Vec<_>>()
        .into()
}

impl Arguments {
    fn format(&self) -> &'static GraphFormat {
        GRAPH_FORMATS
            .iter()
            .find(|format| format.id == self.format)
            .unwrap_or(&GRAPH_FORMATS[0])
    }

    fn terminal(&self) -> Terminal {
        Terminal::new(self.told.color, self.told.detail())
    }

    /// Refuses what would have no effect.
    fn check(&self) -> Result<(), Error> {
        if self.vex {
            return self.check_format();
        }
        match self.unused_setting() {
            None => Ok(()),
            Some(option) => {
                let what = format!("{option} is about an audit, and this graph comes without one");
                Err(Error::new(ErrorKind::Usage, what).hint("leave it out, or add --vex"))
            }
        }
    }

    fn check_format(&self) -> Result<(), Error> {
        if self.format().findings == FindingsRoom::Vulnerabilities {
            return Ok(());
        }
        let what = format!(
            "--vex adds findings, and the format {} has no place for them",
            self.format
        );
        let able = GRAPH_FORMATS
            .iter()
            .filter(|format| format.findings == FindingsRoom::Vulnerabilities)
            .map(|format| format!("--format {}", format.id));
        let able: Vec<String> = able.collect();
        let hint = format!("nothing was scanned; use {}", able.join(" or "));
        Err(Error::new(ErrorKind::Usage, what).hint(hint))
    }

    /// Finds a setting that only an audit goes by.
    fn unused_setting(&self) -> Option<&'static str> {
        let settings = &self.settings;
        let given = [
            (settings.config.is_some(), "--config"),
            (settings.no_config, "--no-config"),
            (settings.db.is_some(), "--db"),
            (!settings.db_sha256.is_empty(), "--db-sha256"),
        ];
        let mut given = given.into_iter().filter(|(is_given, _)| *is_given);
        given.next().map(|(_, option)| option)
    }
}

/// Writes the graph. 3 if something was not read, or not checked where an audit was asked for; 4 if there was nothing.
///
/// The graph is no gate: findings change no exit code.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.check()?;
    arguments.told.start_log();
    if arguments.vex {
        with_findings(arguments)
    } else {
        alone(arguments)
    }
}

fn alone(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let discovery = scan::discover(&arguments.input)?;
    let read = scan::read(&discovery, &Hosts::default(), &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&arguments.terminal());
    write(arguments, &scan, None)?;
    let is_unread = scan
        .all_problems()
        .any(|problem| problem.severity == ProblemSeverity::Error);
    Ok(if is_unread {
        ExitStatus::Incomplete
    } else if scan.inputs.is_empty() {
        ExitStatus::Empty
    } else {
        ExitStatus::Clean
    })
}

/// Audits as `linchpin audit` does, by the same configuration, baseline and advisories.
fn with_findings(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let terminal = arguments.terminal();
    let (input, settings, told) = (&arguments.input, &arguments.settings, &arguments.told);
    let mut discovery = scan::discover(input)?;
    let mut config = settings.settings(&*discovery.files, &Limits::default())?;
    let registries = RunRegistries::find(&config, &discovery.root, settings.now())?;
    registries.tell(&mut config.hosts);
    discovery.exclude(&config.inputs.exclude);
    let baseline = baseline::in_force(settings, &*discovery.files, &terminal)?;
    let place = refresh::place(settings, &config, &terminal)?;
    let read = scan::read(&discovery, &config.hosts, &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&terminal);
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
    write(arguments, &scan, Some(&assessment))?;
    say_gaps(&assessment, &terminal);
    Ok(if assessment.verdict == Verdict::Empty {
        ExitStatus::Empty
    } else if assessment.is_complete() {
        ExitStatus::Clean
    } else {
        ExitStatus::Incomplete
    })
}

/// Says why an audit is not complete, beyond what was said of the inputs.
fn say_gaps(assessment: &Assessment, terminal: &Terminal) {
    for gap in assessment.gaps() {
        let error = Error::new(ErrorKind::Incomplete, gap.clone());
        terminal
            .say_error(&error.hint("the vulnerabilities in this graph are not all that there are"));
    }
}

fn write(
    arguments: &Arguments,
    scan: &Scan<'_>,
    assessment: Option<&Assessment>,
) -> Result<(), Error> {
    let problems: Vec<_> = scan.all_problems().cloned().collect();
    let as_of = assessment.map_or_else(|| arguments.settings.now(), |assessment| assessment.as_of);
    let report = GraphReport {
        graph: &scan.graph,
        files: &scan.files(),
        inputs: &scan.inputs,
        problems: &problems,
        unlocked: &scan.unlocked,
        skipped: &scan.discovery.skipped,
        as_of,
        assessment,
    };
    let mut bytes = Vec::new();
    (arguments.format().write)(&report, &mut bytes).map_err(|error| output_failed(&error))?;
    terminal::write_output(&bytes).map_err(|error| output_failed(&error))
}
