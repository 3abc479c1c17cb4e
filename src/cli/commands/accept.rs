//! `linchpin accept`.

use std::fmt::Write;

use camino::Utf8PathBuf;
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::options::{CONFIG_NAMES, InputArguments, SettingArguments, read_config};
use super::super::reports::replace;
use super::super::{scan, terminal};
use super::output_failed;
use crate::config::quoted;
use crate::lockfile::{Limits, SourceFile};
use crate::path::FilePath;
use crate::text::Untrusted;

/// Arguments of `linchpin accept`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The rule whose finding is accepted
    #[arg(value_name = "RULE")]
    rule: String,
    /// The package URL of the finding, or the path of the file that it is about
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// Accept it in this project alone, by its folder
    #[arg(long, value_name = "FOLDER")]
    project: Option<String>,
    /// Accept it only where every route passes this package
    #[arg(long, value_name = "PACKAGE")]
    via: Option<String>,
    /// An advisory, digest or host that is accepted; may be repeated
    #[arg(long = "id", value_name = "ID")]
    ids: Vec<String>,
    /// Why it is right to live with it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who answers for it
    #[arg(long, value_name = "WHO")]
    owner: String,
    /// For how many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=180))]
    days: u16,
    /// Write to this configuration file instead of the project's linchpin.toml
    #[arg(long, value_name = "FILE")]
    config: Option<Utf8PathBuf>,
    /// Let the clock be this RFC 3339 time
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
}

/// Appends an entry to the configuration file, if the file is valid with it.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    let files = scan::root(&InputArguments::default())?;
    let settings = SettingArguments {
        config: arguments.config.clone(),
        as_of: arguments.as_of,
        ..SettingArguments::default()
    };
    let file = settings.file(&files, &Limits::default())?;
    let path = match (&arguments.config, &file) {
        (Some(typed), _) => typed.clone(),
        (None, Some(file)) => files.root().join(file.path().as_str()),
        (None, None) => files.root().join(CONFIG_NAMES[0]),
    };
    let text = with_entry(file.as_ref(), &entry(arguments, settings.now())?);
    let name = file.map_or_else(
        || FilePath::new(CONFIG_NAMES[0]),
        |file| Some(file.path().clone()),
    );
    let edited = SourceFile::new(name.unwrap_or_default(), text.clone());
    let remedy =
        "nothing was accepted; the lines are those of the file with the new entry at its end";
    read_config(edited, settings.now(), remedy)?;
    replace(&path, text.as_bytes()).map_err(|error| unwritten(&path, &error))?;
    let line = Untrusted::from(format!(
        "{path} accepts {} of {} for {} days",
        arguments.rule, arguments.package, arguments.days
    ));
    let line = format!("{}\n", line.terminal());
    terminal::write_output(line.as_bytes()).map_err(|error| output_failed(&error))?;
    Ok(ExitStatus::Clean)
}

fn unwritten(path: &Utf8PathBuf, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::Output,
        format!("{path} could not be written: {error}"),
    )
    .hint("nothing was accepted")
}

/// Appends an entry: a table of a list may follow whatever stands before, comments included.
fn with_entry(file: Option<&SourceFile>, entry: &str) -> String {
    let text = file.map_or("schema = 1\n", SourceFile::text);
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{gap}\n{entry}")
}

fn entry(arguments: &Arguments, now: Timestamp) -> Result<String, Error> {
    let ids: Vec<String> = arguments.ids.iter().map(|id| quoted(id)).collect();
    let mut entry = String::from("[[accept]]\n");
    let bound = [("project", &arguments.project), ("via", &arguments.via)];
    let bound = bound.map(|(key, value)| value.as_ref().map(|value| (key, quoted(value))));
    let head = [
        ("rule", quoted(&arguments.rule)),
        (target(&arguments.package), quoted(&arguments.package)),
    ];
    let rest = [
        ("ids", format!("[{}]", ids.join(", "))),
        ("reason", quoted(&arguments.reason)),
        ("owner", quoted(&arguments.owner)),
        ("expires", expiry(now, arguments.days)?),
    ];
    for (key, value) in head
        .into_iter()
        .chain(bound.into_iter().flatten())
        .chain(rest)
    {
        let _ = writeln!(entry, "{key} = {value}");
    }
    Ok(entry)
}

/// Says what was typed: package URLs have a scheme, and paths of files a folder or an ending.
fn target(typed: &str) -> &'static str {
    let is_path = !typed.starts_with("pkg:") && typed.contains(['/', '.']);
    if is_path { "file" } else { "package" }
}

fn expiry(now: Timestamp, days: u16) -> Result<String, Error> {
    let today = TimeZone::UTC.to_datetime(now).date();
    let last = today.checked_add(i64::from(days).days());
    let last = last.map_err(|error| Error::new(ErrorKind::Usage, error.to_string()))?;
    Ok(last.to_string())
}
