//! `linchpin config`.

use std::fmt::Write;

use clap::{Args, Subcommand};

use super::super::error::Error;
use super::super::exit::ExitStatus;
use super::super::options::{GateArguments, InputArguments, SettingArguments};
use super::super::{scan, terminal};
use super::output_failed;
use crate::config::{Origin, Setting, ShownTable, show};
use crate::lockfile::Limits;
use crate::text::Untrusted;

/// What to do with the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every setting in force
    Show(Arguments),
}

/// Arguments of `linchpin config show`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    settings: SettingArguments,
    #[command(flatten)]
    gate: GateArguments,
    /// Also show where each setting came from
    #[arg(long, help_heading = "Output")]
    origin: bool,
}

/// Shows the settings in the form of the file.
pub(crate) fn run(command: &Command) -> Result<ExitStatus, Error> {
    let Command::Show(arguments) = command;
    let files = scan::root(&arguments.input)?;
    let limits = Limits::default();
    let file = arguments.settings.file(&files, &limits)?;
    let mut config = arguments.settings.settings(&files, &limits)?;
    arguments.gate.apply(&mut config);
    let mut tables = show(&config, file.as_ref());
    if arguments.gate.fail_on.is_some() {
        mark_typed(&mut tables, "fail-on", "--fail-on");
    }
    let write = if arguments.origin { with_origin } else { plain };
    let text = text(&tables, write);
    terminal::write_output(text.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn mark_typed(tables: &mut [ShownTable], key: &str, option: &'static str) {
    let settings = tables.iter_mut().flat_map(|table| &mut table.settings);
    for setting in settings.filter(|setting| setting.key == key) {
        setting.origin = Origin::Typed(option);
    }
}

fn text(tables: &[ShownTable], write: fn(&Setting) -> String) -> String {
    let mut text = "schema = 1\n".to_owned();
    for table in tables {
        let _ = writeln!(text, "\n{}", table.head);
        for setting in &table.settings {
            let _ = writeln!(text, "{}", Untrusted::from(write(setting)).terminal());
        }
    }
    text
}

fn plain(setting: &Setting) -> String {
    format!("{} = {}", setting.key, setting.value)
}

fn with_origin(setting: &Setting) -> String {
    let origin = match &setting.origin {
        Origin::Default => "default".to_owned(),
        Origin::File(path, location) => format!("{}:{}", path.as_str(), location.line),
        Origin::Typed(option) => (*option).to_owned(),
    };
    format!("{:<40} # {origin}", plain(setting))
}
