//! The user edge: what was typed → options → exit status.
//!
//! One file per command in `commands`. Nothing here decides anything about packages; it opens the files,
//! runs the pure stages in order (`scan`) and writes what they say.

mod baseline;
mod cargo;
mod changed_files;
mod commands;
mod edits;
mod error;
mod exit;
mod exploitation;
mod feeds;
mod histories;
mod lost_lockfiles;
mod options;
mod progress;
mod refresh;
mod reports;
mod revisions;
mod scan;
mod sides;
mod terminal;

use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub use exit::ExitStatus;

use self::error::Error;
use self::terminal::Terminal;

/// Audits what a project rests on.
#[derive(Debug, Parser)]
#[command(name = "linchpin", version, about, long_about = None, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Audit the lockfiles under PATH
    Audit(commands::audit::Arguments),
    /// Report only what a change introduces
    Diff(commands::diff::Arguments),
    /// Show every way in to a package, the choke point, and what leaves with it
    Why(commands::why::Arguments),
    /// Show who published which release of a package, when and with which trust
    History(commands::history::Arguments),
    /// Write the unified graph
    Graph(commands::graph::Arguments),
    /// Accept a finding for a while
    Accept(commands::accept::Arguments),
    /// Write today's findings as the baseline, which keeps them out of the gate
    Baseline(commands::baseline::Arguments),
    /// Manage the advisory index
    Db(commands::db::Arguments),
    /// Explain a rule, or list the rules
    Explain(commands::explain::Arguments),
    /// Write the completions of a shell
    Completions(commands::completions::Arguments),
    /// Write the manual page
    Man,
    /// Show the settings in force
    #[command(subcommand)]
    Config(commands::config::Command),
}

/// Runs the program and returns its exit code; see [`ExitStatus`].
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // A bug must not look like an answer: whatever panics, the run is incomplete.
    let outcome = catch_unwind(AssertUnwindSafe(|| dispatch(&cli.command)));
    outcome
        .unwrap_or(Ok(ExitStatus::Incomplete))
        .unwrap_or_else(|error| report(&error))
        .into()
}

fn dispatch(command: &Command) -> Result<ExitStatus, Error> {
    match command {
        Command::Audit(arguments) => commands::audit::run(arguments),
        Command::Diff(arguments) => commands::diff::run(arguments),
        Command::Why(arguments) => commands::why::run(arguments),
        Command::History(arguments) => commands::history::run(arguments),
        Command::Graph(arguments) => commands::graph::run(arguments),
        Command::Accept(arguments) => commands::accept::run(arguments),
        Command::Baseline(arguments) => commands::baseline::run(arguments),
        Command::Db(arguments) => commands::db::run(arguments),
        Command::Explain(arguments) => commands::explain::run(arguments),
        Command::Completions(arguments) => commands::completions::run(arguments),
        Command::Man => commands::man::run(),
        Command::Config(command) => commands::config::run(command),
    }
}

/// Help and version are answers; everything else that clap says is a usage error.
fn usage(error: &clap::Error) -> ExitCode {
    let is_answer = !error.use_stderr();
    let printed = error.print().is_ok();
    match (is_answer, printed) {
        (true, true) => ExitStatus::Clean.into(),
        (true, false) => ExitStatus::Incomplete.into(),
        (false, _) => ExitStatus::Usage.into(),
    }
}

fn report(error: &Error) -> ExitStatus {
    Terminal::of_errors().say_error(error);
    error.status()
}

/// Words a panic: it is a bug, and what was not finished is not reported as clean.
pub fn say_panic(panic: &PanicHookInfo<'_>) {
    let mut out = io::stderr().lock();
    let _ = writeln!(
        out,
        "error: linchpin {} failed: {panic}",
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(
        out,
        "    = help   this is a bug of linchpin; please report it with these lines and, if you may, the lockfile"
    );
}

/// Returns the definition of the command line, for tests and documentation.
pub fn definition() -> clap::Command {
    Cli::command()
}
