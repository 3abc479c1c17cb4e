//! `linchpin audit`.

use std::fs;
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::baseline;
use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::options::{GateArguments, InputArguments, OutputArguments, SettingArguments};
use super::super::refresh;
use super::super::scan;
use super::super::terminal::{self, Terminal};
use super::output_failed;
use crate::assessment::Assessment;
use crate::config::{Config, Db, Refresh};
use crate::discover::{Discovery, skipped};
use crate::lockfile::{Limits, Problem, ProblemSeverity};
use crate::report::findings::FINDINGS_FORMATS;
use crate::report::words::count;
use crate::report::{FindingsFormat, Presentation, Report};

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
    /// The format of what is written to standard output
    #[arg(long, value_name = "FORMAT", default_value = FINDINGS_FORMATS[0].id, value_parser = formats(), help_heading = "Output")]
    format: String,
    /// Also write this format to a file; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_output, help_heading = "Output")]
    output: Vec<OutputFile>,
    #[command(flatten)]
    told: OutputArguments,
}

/// A file to write, and in which format.
#[derive(Clone, Debug)]
struct OutputFile {
    format: String,
    path: Utf8PathBuf,
}

fn formats() -> PossibleValuesParser {
    FINDINGS_FORMATS
        .iter()
        .map(|format| format.id)
        .collect::<Vec<_>>()
        .into()
}

fn parse_output(text: &str) -> Result<OutputFile, String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("write FORMAT=PATH, for example json=report.json")?;
    let known = FINDINGS_FORMATS
        .iter()
        .map(|format| format.id)
        .collect::<Vec<_>>();
    if !known.contains(&format) {
        return Err(format!(
            "`{format}` is no format; known are {}",
            known.join(", ")
        ));
    }
    Ok(OutputFile {
        format: format.to_owned(),
        path: path.into(),
    })
}

fn format(id: &str) -> &'static FindingsFormat {
    FINDINGS_FORMATS
        .iter()
        .find(|format| format.id == id)
        .unwrap_or(&FINDINGS_FORMATS[0])
}

/// Audits and reports. The format never changes the status.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let terminal = Terminal::new(arguments.told.color, arguments.told.detail());
    let mut discovery = scan::discover(&arguments.input)?;
    let mut config = arguments
        .settings
        .settings(&discovery.files, &Limits::default())?;
    arguments.gate.apply(&mut config);
    discovery.exclude(&config.inputs.exclude);
    let baseline = baseline::in_force(&arguments.settings, &discovery.files, &terminal)?;
    let place = refresh::place(&arguments.settings, &config, &terminal)?;
    let read = scan::read(&discovery, &config.hosts, &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&terminal);
    let (input, settings, told) = (&arguments.input, &arguments.settings, &arguments.told);
    if let Some(place) = &place {
        refresh::prepare(place, input, settings, told, &config, &scan);
    }
    let assessment = scan.assess(&arguments.settings, &config, place.as_ref(), baseline);
    say_review(&assessment, &terminal);
    let unused = assessment.unused_accepts.iter();
    unused.for_each(|unused| terminal.say_problem(&unused.problem(), None));
    let notes = notes(arguments, &config, &discovery);
    let report = Report {
        assessment: &assessment,
        graph: &scan.graph,
        files: &scan.files(),
        skipped: &discovery.skipped,
        notes: &notes,
    };
    let status = ExitStatus::from(assessment.verdict);
    let written = write_all(arguments, &report);
    match written {
        Err(error) if status != ExitStatus::Findings => Err(error),
        // A reader who went away does not take the findings with it.
        Err(error) => {
            if error.kind != ErrorKind::Output || !arguments.output.is_empty() {
                terminal.say_error(&error);
            }
            Ok(status)
        }
        Ok(()) if arguments.gate.exit_zero => Ok(ExitStatus::Clean),
        Ok(()) => Ok(status),
    }
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
fn notes(arguments: &Arguments, config: &Config, discovery: &Discovery) -> Vec<String> {
    let clock = arguments.settings.as_of.map(|time| {
        format!(
            "as of {time}: what became known later does not exist, records say what they say today"
        )
    });
    let skipped = skipped::words(&discovery.skipped);
    clock
        .into_iter()
        .chain(skipped.into_iter().map(|words| format!("skipped {words}")))
        .chain(arguments.cargo.note())
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

/// Writes every report, whatever becomes of the others; the first error counts.
fn write_all(arguments: &Arguments, report: &Report<'_>) -> Result<(), Error> {
    let outputs = arguments.output.iter();
    let files: Vec<Result<(), Error>> = outputs.map(|output| write_file(report, output)).collect();
    let presentation = terminal::of_output(arguments.told.color, arguments.told.detail());
    let bytes = render(format(&arguments.format), report, &presentation)
        .map_err(|error| output_failed(&error))?;
    let told = terminal::write_output(&bytes).map_err(|error| output_failed(&error));
    files.into_iter().chain([told]).collect()
}

fn render(
    format: &FindingsFormat,
    report: &Report<'_>,
    presentation: &Presentation,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    (format.write)(report, presentation, &mut bytes)?;
    Ok(bytes)
}

/// Writes beside the file and renames, so that a reader sees the old bytes or the new ones.
fn write_file(report: &Report<'_>, output: &OutputFile) -> Result<(), Error> {
    let failed = |error: &io::Error| {
        Error::new(
            ErrorKind::Output,
            format!("{} could not be written: {error}", output.path),
        )
        .hint("name a file in a folder that exists and can be written")
    };
    let bytes = render(format(&output.format), report, &Presentation::PLAIN)
        .map_err(|error| failed(&error))?;
    replace(&output.path, &bytes).map_err(|error| failed(&error))
}

pub(super) fn replace(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_file_name(format!(
        ".{}.{}",
        path.file_name().unwrap_or("linchpin"),
        std::process::id()
    ));
    let write = || {
        let mut file = fs::File::create_new(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&beside)))
}
