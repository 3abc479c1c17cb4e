//! `linchpin graph`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::super::cargo::CargoArguments;
use super::super::error::Error;
use super::super::exit::ExitStatus;
use super::super::options::{InputArguments, OutputArguments};
use super::super::scan;
use super::super::terminal::{self, Terminal};
use super::output_failed;
use crate::lockfile::ProblemSeverity;
use crate::package::hosts::Hosts;
use crate::report::GraphReport;
use crate::report::graph::GRAPH_FORMATS;

/// Arguments of `linchpin graph`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    cargo: CargoArguments,
    /// The format of the graph
    #[arg(long, value_name = "FORMAT", default_value = GRAPH_FORMATS[0].id, value_parser = formats(), help_heading = "Output")]
    format: String,
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

/// Writes the graph. 3 if a file was not read, 4 if there was none.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let discovery = scan::discover(&arguments.input)?;
    let read = scan::read(&discovery, &Hosts::default(), &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&Terminal::new(
        arguments.told.color,
        arguments.told.detail(),
    ));
    let problems: Vec<_> = scan.all_problems().cloned().collect();
    let report = GraphReport {
        graph: &scan.graph,
        files: &scan.files(),
        problems: &problems,
    };
    let format = GRAPH_FORMATS
        .iter()
        .find(|format| format.id == arguments.format)
        .unwrap_or(&GRAPH_FORMATS[0]);
    let mut bytes = Vec::new();
    (format.write)(&report, &mut bytes).map_err(|error| output_failed(&error))?;
    terminal::write_output(&bytes).map_err(|error| output_failed(&error))?;
    Ok(
        if problems
            .iter()
            .any(|problem| problem.severity == ProblemSeverity::Error)
        {
            ExitStatus::Incomplete
        } else if scan.inputs.is_empty() {
            ExitStatus::Empty
        } else {
            ExitStatus::Clean
        },
    )
}
