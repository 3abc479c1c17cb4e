//! `linchpin why`.

use clap::Args;

use super::super::cargo::CargoArguments;
use super::super::error::{Error, ErrorKind};
use super::super::exit::ExitStatus;
use super::super::options::{InputArguments, OutputArguments};
use super::super::scan;
use super::super::terminal::{self, Terminal};
use super::output_failed;
use crate::graph::{DependencyGraph, PackageId};
use crate::lockfile::{EntryKind, ProblemSeverity};
use crate::package::hosts::Hosts;
use crate::package::{Ecosystem, PackageName};
use crate::report::why;

/// Arguments of `linchpin why`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A package URL, with or without a version, or a bare name if one ecosystem alone has it
    #[arg(value_name = "PACKAGE")]
    package: String,
    #[command(flatten)]
    input: InputArguments,
    #[command(flatten)]
    cargo: CargoArguments,
    #[command(flatten)]
    told: OutputArguments,
}

/// Shows the ways in. 3 if a file was not read, because there may be more of them.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitStatus, Error> {
    arguments.told.start_log();
    let discovery = scan::discover(&arguments.input)?;
    let read = scan::read(&discovery, &Hosts::default(), &arguments.cargo);
    let scan = read.unify();
    scan.say_problems(&Terminal::new(
        arguments.told.color,
        arguments.told.detail(),
    ));
    if scan.inputs.is_empty() {
        let error = Error::new(ErrorKind::Usage, "there is no lockfile here");
        return Err(error.hint("name the folder of the project behind the package"));
    }
    let packages = find(&scan.graph, &arguments.package)?;
    let presentation = terminal::of_output(arguments.told.color, arguments.told.detail());
    let mut bytes = Vec::new();
    why::write(&scan.graph, &packages, &presentation, &mut bytes)
        .map_err(|error| output_failed(&error))?;
    terminal::write_output(&bytes).map_err(|error| output_failed(&error))?;
    let is_incomplete = scan
        .all_problems()
        .any(|problem| problem.severity == ProblemSeverity::Error);
    Ok(if is_incomplete {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Clean
    })
}

/// What was typed: an ecosystem where it was a package URL, a name, perhaps a version.
struct Wanted {
    ecosystem: Option<Ecosystem>,
    name: String,
    version: Option<String>,
}

fn find(graph: &DependencyGraph<'_>, typed: &str) -> Result<Vec<PackageId>, Error> {
    let wanted = parse(typed)?;
    let mut found: Vec<PackageId> = graph
        .packages()
        .filter(|(id, _)| matches(graph, *id, &wanted))
        .map(|(id, _)| id)
        .collect();
    if found.is_empty() {
        let error = Error::new(
            ErrorKind::Usage,
            format!("no package `{typed}` in these lockfiles"),
        );
        return Err(error.hint("names are exact; linchpin graph lists every package"));
    }
    let mut ecosystems: Vec<Ecosystem> = found
        .iter()
        .map(|id| graph.package(*id).ecosystem)
        .collect();
    ecosystems.sort_unstable();
    ecosystems.dedup();
    if ecosystems.len() > 1 {
        let urls = ecosystems
            .iter()
            .map(|ecosystem| format!("pkg:{ecosystem}/{}", wanted.name))
            .collect::<Vec<_>>();
        let error = Error::new(
            ErrorKind::Usage,
            format!("several ecosystems have a package `{typed}`"),
        );
        return Err(error.hint(format!("say which: {}", urls.join(" or "))));
    }
    let key = |id: &PackageId| {
        graph
            .package(*id)
            .version
            .as_ref()
            .map(|version| version.as_str().to_owned())
    };
    found.sort_by_cached_key(key);
    Ok(found)
}

fn parse(typed: &str) -> Result<Wanted, Error> {
    if !typed.starts_with("pkg:") {
        return Ok(Wanted {
            ecosystem: None,
            name: typed.to_owned(),
            version: None,
        });
    }
    let invalid = |why: String| {
        Error::new(
            ErrorKind::Usage,
            format!("`{typed}` is no package URL that linchpin knows: {why}"),
        )
        .hint("write pkg:npm/NAME@VERSION, pkg:pypi/NAME or pkg:cargo/NAME")
    };
    let purl: packageurl::PackageUrl<'_> = typed
        .parse()
        .map_err(|error: packageurl::Error| invalid(error.to_string()))?;
    let ecosystem = Ecosystem::ALL
        .into_iter()
        .find(|ecosystem| ecosystem.id() == purl.ty());
    let ecosystem = ecosystem
        .ok_or_else(|| invalid(format!("the ecosystem `{}` is not audited", purl.ty())))?;
    let name = match purl.namespace() {
        Some(namespace) => format!("{namespace}/{}", purl.name()),
        None => purl.name().to_owned(),
    };
    Ok(Wanted {
        ecosystem: Some(ecosystem),
        name,
        version: purl.version().map(str::to_owned),
    })
}

fn matches(graph: &DependencyGraph<'_>, id: PackageId, wanted: &Wanted) -> bool {
    let package = graph.package(id);
    let name = PackageName::new(package.ecosystem, wanted.name.as_str().into());
    package.kind != EntryKind::Root
        && wanted
            .ecosystem
            .is_none_or(|ecosystem| ecosystem == package.ecosystem)
        && package.name == name
        && wanted.version.as_ref().is_none_or(|wanted| {
            package
                .version
                .as_ref()
                .is_some_and(|own| own.is_same_release(package.ecosystem, wanted))
        })
}
