//! The reports of a run: which are asked for, where they go, and what becomes of the status if one does not arrive.

use std::fs;
use std::io::{self, Write};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::commands::output_failed;
use super::error::{Error, ErrorKind};
use super::exit::ExitStatus;
use super::options::{GateArguments, OutputArguments};
use super::terminal::{self, Terminal};
use crate::report::findings::FINDINGS_FORMATS;
use crate::report::{FindingsFormat, Presentation, Report};

/// Which reports are written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct ReportArguments {
    /// The format of what is written to standard output
    #[arg(long, value_name = "FORMAT", default_value = FINDINGS_FORMATS[0].id, value_parser = formats())]
    format: String,
    /// Also write this format to a file; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse_output)]
    output: Vec<OutputFile>,
}

impl ReportArguments {
    /// Writes every report, and returns the status of the run. The format never changes it.
    pub(super) fn conclude(
        &self,
        report: &Report<'_>,
        told: &OutputArguments,
        gate: &GateArguments,
        terminal: &Terminal,
    ) -> Result<ExitStatus, Error> {
        let status = ExitStatus::from(report.assessment.verdict);
        match write_all(self, told, report) {
            Err(error) if status != ExitStatus::Findings => Err(error),
            // A reader who went away does not take the findings with it.
            Err(error) => {
                if error.kind != ErrorKind::Output || !self.output.is_empty() {
                    terminal.say_error(&error);
                }
                Ok(status)
            }
            Ok(()) if gate.exit_zero => Ok(ExitStatus::Clean),
            Ok(()) => Ok(status),
        }
    }
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

/// Writes every report, whatever becomes of the others; the first error counts.
fn write_all(
    arguments: &ReportArguments,
    told: &OutputArguments,
    report: &Report<'_>,
) -> Result<(), Error> {
    let outputs = arguments.output.iter();
    let files: Vec<Result<(), Error>> = outputs.map(|output| write_file(report, output)).collect();
    let presentation = terminal::of_output(told.color, told.detail());
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
