//! What was typed, shared by the commands that read lockfiles, and what it means with configuration and environment.

use std::env;
use std::fs;
use std::str::FromStr;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use jiff::Timestamp;

use super::error::{Error, ErrorKind, Excerpt};
use super::progress::ProgressChoice;
use super::terminal::{ColorChoice, errors_show_color};
use crate::assessment::Severity;
use crate::config::{Config, ConfigError, UnusedAccepts};
use crate::discover::Tree;
use crate::lockfile::{Limits, SourceFile, Span};
use crate::path::FilePath;
use crate::report::style::Detail;
use crate::signal::rules;

/// The configuration's names, in the order in which they are looked for.
pub(super) const CONFIG_NAMES: [&str; 2] = ["linchpin.toml", ".config/linchpin.toml"];

/// What to read.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Inputs")]
pub(super) struct InputArguments {
    /// Folders and lockfiles to read [default: the current directory]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<Utf8PathBuf>,
    /// Make no connection: use the advisories and histories at hand [default: `LINCHPIN_OFFLINE`]
    #[arg(long)]
    pub(super) offline: bool,
}

/// The variable that makes every run one without connections.
const OFFLINE_VARIABLE: &str = "LINCHPIN_OFFLINE";

impl InputArguments {
    /// Says whether no connection may be made.
    pub(super) fn is_offline(&self) -> bool {
        let set = environment(OFFLINE_VARIABLE);
        self.offline || set.is_some_and(|set| !matches!(set.as_str(), "0" | "false"))
    }
}

/// What applies.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct SettingArguments {
    /// Let the clock be this RFC 3339 time: what was known later does not exist
    #[arg(long, value_name = "TIME")]
    pub(super) as_of: Option<Timestamp>,
    /// Read this configuration file instead of the project's linchpin.toml
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<Utf8PathBuf>,
    /// Read no configuration file
    #[arg(long, conflicts_with = "config")]
    pub(super) no_config: bool,
    /// The folder of the advisory index [default: `LINCHPIN_DB`, else where the system keeps data]
    #[arg(long, value_name = "DIR")]
    pub(super) db: Option<Utf8PathBuf>,
    /// The folder of stored release histories [default: `LINCHPIN_CACHE_DIR`, else where the system keeps caches]
    #[arg(long, value_name = "DIR")]
    pub(super) cache_dir: Option<Utf8PathBuf>,
    /// Use only an advisory index whose file has this SHA-256, and refresh none; may be repeated
    #[arg(long, value_name = "HEX")]
    pub(super) db_sha256: Vec<Sha256Digest>,
}

/// What fails the run.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct GateArguments {
    /// The least severity that fails the run [default: high]
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<Severity>,
    /// Fail the run on this too; may be repeated
    #[arg(long, value_name = "WHAT")]
    pub(super) deny: Vec<Denied>,
    /// Exit with 0 whatever was found, and whatever was not checked
    #[arg(long)]
    pub(super) exit_zero: bool,
}

/// The SHA-256 of a file: 64 hexadecimal digits, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sha256Digest(String);

impl Sha256Digest {
    /// Returns the digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sha256Digest {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digest = is_digest.then(|| Self(text.to_ascii_lowercase()));
        digest.ok_or("write 64 hexadecimal digits, as `linchpin db status` shows them")
    }
}

/// What fails a run beside findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Denied {
    /// An `[[accept]]` entry that accepts nothing in this run
    UnusedAccept,
}

/// How it is told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// When to use colour
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = false
    )]
    pub(super) color: ColorChoice,
    /// How downloads are told
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub(super) progress: ProgressChoice,
    /// Tell only errors and the verdict
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Tell everything, on stderr also what the run did
    #[arg(short, long)]
    pub(super) verbose: bool,
}

impl OutputArguments {
    pub(super) const fn detail(&self) -> Detail {
        match (self.quiet, self.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Full,
            _ => Detail::Normal,
        }
    }

    /// Starts the log on standard error, if it was asked for.
    pub(super) fn start_log(&self) {
        if self.verbose {
            let log = tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .with_max_level(tracing::Level::DEBUG)
                .with_target(false)
                .with_ansi(errors_show_color(self.color));
            // A second start in one process (tests) keeps the first log.
            let _ = log.try_init();
        }
    }
}

impl InputArguments {
    /// Returns what is to be read; the current directory if nothing was named.
    pub(super) fn paths(&self) -> Vec<Utf8PathBuf> {
        if self.paths.is_empty() {
            vec![Utf8PathBuf::from(".")]
        } else {
            self.paths.clone()
        }
    }
}

impl SettingArguments {
    /// Returns the clock of the run.
    pub(super) fn now(&self) -> Timestamp {
        self.as_of.unwrap_or_else(Timestamp::now)
    }

    /// Returns the configuration file, if there is one to be read.
    pub(super) fn file(
        &self,
        files: &dyn Tree,
        limits: &Limits,
    ) -> Result<Option<SourceFile>, Error> {
        match &self.config {
            Some(path) => typed_file(path, limits).map(Some),
            None if self.no_config => Ok(None),
            None => file_in_tree(files),
        }
    }

    /// Returns the settings of the file in force, or those without any.
    ///
    /// A file in the tree is read as the tree's other files are: regular ones only, no links. What was typed may be anywhere.
    pub(super) fn settings(&self, files: &dyn Tree, limits: &Limits) -> Result<Config, Error> {
        match self.file(files, limits)? {
            Some(file) => {
                let remedy = "nothing was scanned; mend the file, or use --no-config";
                read_config(file, self.now(), remedy)
            }
            None => Ok(Config::default()),
        }
    }
}

impl GateArguments {
    /// Lets what was typed win over the file.
    pub(super) fn apply(&self, config: &mut Config) {
        if let Some(fail_on) = self.fail_on {
            config.gate.fail_on = fail_on;
        }
        if self.deny.contains(&Denied::UnusedAccept) {
            config.gate.unused_accepts = UnusedAccepts::Deny;
        }
    }
}

fn file_in_tree(files: &dyn Tree) -> Result<Option<SourceFile>, Error> {
    for path in CONFIG_NAMES.iter().filter_map(|name| FilePath::new(name)) {
        match files.read(&path) {
            Ok(None) => {}
            Ok(Some(text)) => return Ok(Some(SourceFile::new(path, text))),
            Err(error) => return Err(unreadable(path.as_str(), &error.to_string())),
        }
    }
    Ok(None)
}

fn typed_file(path: &Utf8Path, limits: &Limits) -> Result<SourceFile, Error> {
    let failed = |why: &dyn std::fmt::Display| unreadable(path.as_str(), &why.to_string());
    if !path.is_file() {
        return Err(failed(&"it is not a file"));
    }
    let size = fs::metadata(path).map_err(|error| failed(&error))?.len();
    limits
        .check_file_bytes(size)
        .map_err(|error| failed(&error))?;
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    let name = FilePath::new(path.file_name().unwrap_or(CONFIG_NAMES[0])).unwrap_or_default();
    Ok(SourceFile::new(name, text))
}

fn unreadable(path: &str, why: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{path} could not be read: {why}"),
    )
    .hint("name a linchpin.toml with --config, or use --no-config")
}

/// Reads the settings; every error of the file is told, the last one with what to do.
pub(super) fn read_config(
    file: SourceFile,
    now: Timestamp,
    remedy: &'static str,
) -> Result<Config, Error> {
    let file = Arc::new(file);
    Config::read(&file, now, rules()).map_err(|errors| invalid(errors, &file, remedy))
}

/// Puts everything that is wrong with a file into one error.
pub(super) fn invalid(
    errors: Vec<ConfigError>,
    file: &Arc<SourceFile>,
    remedy: &'static str,
) -> Error {
    let failures = errors.into_iter().map(|error| config_error(error, file));
    let mut failures: Vec<Error> = failures.collect();
    if let Some(last) = failures.last_mut() {
        last.hints.push(remedy.into());
    }
    let mut failures = failures.into_iter();
    let unsaid = || Error::new(ErrorKind::Config, "the configuration is not valid");
    let mut first = failures.next().unwrap_or_else(unsaid);
    first.others = failures.collect();
    first
}

fn config_error(error: ConfigError, file: &Arc<SourceFile>) -> Error {
    let mut failure = Error::new(ErrorKind::Config, error.message);
    failure.hints.extend(error.help);
    // What points nowhere must not show its line, which may hold a secret.
    if error.span != Span::default() {
        failure.excerpt = Some(Box::new(Excerpt {
            file: Arc::clone(file),
            span: error.span,
            label: error.label,
        }));
    }
    failure
}

/// Reads an environment variable as text.
pub(super) fn environment(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
