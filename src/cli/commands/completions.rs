//! `linchpin completions`.

use clap::Args;
use clap_complete::{Shell, generate};

use super::super::error::Error;
use super::super::exit::ExitStatus;
use super::super::{definition, terminal};
use super::output_failed;

/// Arguments of `linchpin completions`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Writes the script that a shell reads.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let mut script = Vec::new();
    generate(
        arguments.shell,
        &mut definition(),
        env!("CARGO_PKG_NAME"),
        &mut script,
    );
    terminal::write_output(&script).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}
