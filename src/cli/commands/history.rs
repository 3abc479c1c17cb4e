//! `linchpin history`.

use camino::Utf8PathBuf;
use clap::Args;
use jiff::Timestamp;

use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::histories::{Connection, RunRegistries, Sources};
use super::super::options::{InputArguments, OutputArguments, SettingArguments};
use super::super::scan::{self, Scan};
use super::super::terminal::{self, Terminal};
use super::output_failed;
use crate::config::Config;
use crate::discover::Discovery;
use crate::evidence::{HistoryOrigin, KnownHistory, SkipReason};
use crate::graph::{DependencyGraph, Package};
use crate::lockfile::Limits;
use crate::package::wanted::WantedPackage;
use crate::package::{Ecosystem, Host, PackageName};
use crate::report::history::HistoryReport;
use crate::signal::histories::is_public;

/// How many releases are shown unless all are asked for.
const LAST: usize = 20;

/// Arguments of `linchpin history`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A package URL, with or without a version, or a bare name if one ecosystem of the project alone has it
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// Show so many of the latest releases [default: 20]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    last: Option<usize>,
    /// Show all releases
    #[arg(long)]
    all: bool,
    /// Make no connection: show what is stored [default: `LINCHPIN_OFFLINE`]
    #[arg(long)]
    offline: bool,
    /// Let the clock be this RFC 3339 time: what was published later does not exist
    #[arg(long, value_name = "TIME")]
    as_of: Option<Timestamp>,
    /// The folder of stored release histories [default: `LINCHPIN_CACHE_DIR`, else where the system keeps caches]
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<Utf8PathBuf>,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Form,
    #[command(flatten)]
    told: OutputArguments,
}

/// Why nobody is asked about a package.
const NOT_PUBLIC: &str = "it is not from a public registry, and no registry is asked about it";

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people
    Text,
    /// For programs: `linchpin/history/1`
    Json,
}

/// Shows the timeline of a package. 3 if it could not be had.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let terminal = Terminal::new(arguments.told.color, arguments.told.detail());
    let settings = SettingArguments {
        as_of: arguments.as_of,
        cache_dir: arguments.cache_dir.clone(),
        ..SettingArguments::default()
    };
    let input = InputArguments {
        paths: Vec::new(),
        offline: arguments.offline,
    };
    let discovery = scan::discover(&input)?;
    let mut config = settings.settings(&*discovery.files, &Limits::default())?;
    let registries = RunRegistries::find(&config, &discovery.root, settings.now())?;
    registries.tell(&mut config.hosts);
    let connection = Connection::of(&input);
    let now = settings.now();
    let mut sources = Sources::new(&config, registries, connection, &settings, &terminal);
    let wanted = find(&arguments.package, &discovery, &config, &sources)?;
    let name = PackageName::new(wanted.ecosystem(), wanted.name().into());
    if config
        .internal
        .pattern_of(wanted.ecosystem(), &name)
        .is_some()
    {
        let what = format!("{} is a name of the project's own", wanted.name());
        return Err(Error::new(ErrorKind::Usage, what).hint("no registry is asked about it"));
    }
    let told = sources.timeline(wanted.ecosystem(), wanted.name());
    sources.say_failures(&terminal);
    let told = told.map_err(|reason| unknown(&wanted, reason))?;
    write(arguments, &wanted, &told, now)?;
    Ok(ExitStatus::Clean)
}

fn write(
    arguments: &Arguments,
    wanted: &WantedPackage,
    told: &KnownHistory,
    now: Timestamp,
) -> Result<(), Error> {
    let report = HistoryReport {
        history: &told.history,
        observed: told.observed,
        as_of: now,
        source: match told.origin {
            HistoryOrigin::Registry => "as the registry said on",
            HistoryOrigin::Stored => "as stored on",
        },
        owners: told
            .owners
            .iter()
            .map(|one| (one.since, &*one.owners))
            .collect(),
        contradictions: &told.contradictions,
        last: (!arguments.all).then(|| arguments.last.unwrap_or(LAST)),
        version: wanted.version(),
    };
    let mut bytes = Vec::new();
    let presentation = terminal::of_output(arguments.told.color, arguments.told.detail());
    let written = match arguments.format {
        Form::Text => report.write_text(&presentation, &mut bytes),
        Form::Json => report.write_json(&mut bytes),
    };
    written.map_err(|error| output_failed(&error))?;
    terminal::write_output(&bytes).map_err(|error| output_failed(&error))
}

fn unknown(wanted: &WantedPackage, reason: Option<SkipReason>) -> Error {
    let registry = wanted.ecosystem().registry_name();
    match reason {
        None => {
            let what = format!("{registry} knows no package {}", wanted.name());
            Error::new(ErrorKind::Incomplete, what).hint("names are exact")
        }
        Some(reason) => {
            let what = format!(
                "the history of {} could not be had: a package {}",
                wanted.name(),
                reason.words()
            );
            let error = Error::new(ErrorKind::Incomplete, what);
            match reason {
                SkipReason::NotStored => error.hint("without --offline its registry is asked"),
                _ => error,
            }
        }
    }
}

/// Says whether a project here takes a package of that name from a registry of its own, or may do so.
fn is_private(wanted: &WantedPackage, scan: &Scan<'_>, config: &Config) -> bool {
    let name = PackageName::new(wanted.ecosystem(), wanted.name().into());
    let private = scan.private_names(config);
    let packages = scan.graph.packages();
    let mut namesakes = packages
        .filter(|(_, package)| package.ecosystem == wanted.ecosystem() && package.name == name);
    let is_public = |id, package: &Package<'_>| {
        is_public(package) != Err(SkipReason::PrivateRegistry)
            && private.named_elsewhere(id).is_none()
    };
    match namesakes.next() {
        Some((id, package)) => {
            !is_public(id, package) || namesakes.any(|(id, package)| !is_public(id, package))
        }
        None => is_named_elsewhere(&name, wanted.ecosystem(), scan, config),
    }
}

/// Says whether settings beside a lockfile would take a package from elsewhere, if it were there.
fn is_named_elsewhere(
    name: &PackageName<'_>,
    ecosystem: Ecosystem,
    scan: &Scan<'_>,
    config: &Config,
) -> bool {
    let named = scan.named_registries(config);
    let mut lockfiles = scan.graph.lockfiles().iter().zip(named);
    lockfiles.any(|(lockfile, named)| {
        let is_elsewhere = matches!(named.host(name), Some(Host::Private | Host::Unknown));
        lockfile.ecosystem == ecosystem && is_elsewhere
    })
}

/// Finds the package that is meant, if a registry may be asked about it.
fn find(
    typed: &str,
    discovery: &Discovery,
    config: &Config,
    sources: &Sources,
) -> Result<WantedPackage, Error> {
    let read = scan::read(discovery, &config.hosts, &CargoArguments::default());
    let scan = read.unify();
    let graph = &scan.graph;
    let wanted = if typed.starts_with("pkg:") {
        WantedPackage::parse(typed)
    } else {
        named(typed, graph)
    };
    let checked = wanted.and_then(|wanted| {
        if !wanted.is_public() {
            return Err(NOT_PUBLIC.to_owned());
        }
        let name = PackageName::new(wanted.ecosystem(), wanted.name().into());
        let checked = name.check(wanted.ecosystem());
        checked.map_err(|error| error.to_string())?;
        Ok(wanted)
    });
    let refused = |why: &str| {
        let what = format!("`{typed}` is no package that linchpin knows: {why}");
        Error::new(ErrorKind::Usage, what)
    };
    let wanted = checked.map_err(|why| {
        refused(&why).hint(
            "write pkg:npm/NAME, pkg:pypi/NAME or pkg:cargo/NAME, with @VERSION for one release",
        )
    })?;
    if sources.asks_the_public(&wanted) && is_private(&wanted, &scan, config) {
        return Err(refused(NOT_PUBLIC).hint(
            "where its registry serves what the public one does, list the host under mirrors in linchpin.toml",
        ));
    }
    Ok(wanted)
}

/// Finds the one ecosystem in which the project has a public package of a bare name.
fn named(typed: &str, graph: &DependencyGraph<'_>) -> Result<WantedPackage, String> {
    let has = |ecosystem: &Ecosystem| {
        let name = PackageName::new(*ecosystem, typed.into());
        graph.packages().any(|(_, package)| {
            package.ecosystem == *ecosystem && package.name == name && is_public(package).is_ok()
        })
    };
    let found: Vec<Ecosystem> = Ecosystem::ALL.into_iter().filter(has).collect();
    match found[..] {
        [ecosystem] => {
            let name = typed.replace('%', "%25").replace('@', "%40");
            WantedPackage::parse(&format!("pkg:{ecosystem}/{name}"))
        }
        [] => Err("no lockfile here has a public package of that name".to_owned()),
        _ => Err("several ecosystems here have a package of that name".to_owned()),
    }
}
