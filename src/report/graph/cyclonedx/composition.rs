//! How complete the bill of materials is: never said to be more than what was read.

use serde::Serialize;

use super::bom_ref::BomRefs;
use super::component::Root;
use super::no_items;
use super::vulnerability::Vulnerability;
use crate::assessment::Assessment;
use crate::discover::{Skipped, SkippedBecause};
use crate::graph::{Package, PackageId};
use crate::lockfile::{EdgeStatement, Problem, ProblemSeverity};
use crate::report::GraphReport;

/// Components of which the same is to be said.
#[derive(Serialize)]
pub(super) struct Composition<'r> {
    aggregate: Aggregate,
    /// Components whose parts are meant.
    #[serde(skip_serializing_if = "no_items")]
    assemblies: Vec<&'r str>,
    /// Components whose own dependencies are meant.
    #[serde(skip_serializing_if = "no_items")]
    dependencies: Vec<&'r str>,
    /// Which vulnerabilities are meant; the list of all of them, even if it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    vulnerabilities: Option<Vec<String>>,
}

/// How complete something is, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Aggregate {
    /// Everything was read, and nothing in it is doubtful.
    Complete,
    /// Everything was read, but something is doubtful or was passed over.
    Unknown,
    /// Something was not read.
    Incomplete,
}

impl Aggregate {
    const ALL: [Self; 3] = [Self::Complete, Self::Unknown, Self::Incomplete];

    /// Says what problems of an input make of what it lists.
    pub(super) fn of<'p>(problems: impl IntoIterator<Item = &'p Problem>) -> Self {
        let worst = problems.into_iter().map(|problem| match problem.severity {
            ProblemSeverity::Error => Self::Incomplete,
            ProblemSeverity::Warning | ProblemSeverity::Note => Self::Unknown,
        });
        worst.max().unwrap_or(Self::Complete)
    }
}

/// Says how complete the whole is, then the dependencies of each component, then the vulnerabilities.
pub(super) fn compositions<'r>(
    report: &GraphReport<'r>,
    refs: &'r BomRefs,
    root: &Root,
    vulnerabilities: Option<&[Vulnerability<'_>]>,
) -> Vec<Composition<'r>> {
    let root_ref = root.bom_ref(refs);
    let whole = Composition {
        assemblies: vec![root_ref],
        dependencies: vec![root_ref],
        ..Composition::new(of_whole(report))
    };
    let audited = report.assessment.zip(vulnerabilities);
    let audited = audited.map(|(assessment, found)| of_audit(assessment, found));
    std::iter::once(whole)
        .chain(of_packages(report, refs, root))
        .chain(audited)
        .collect()
}

impl Composition<'_> {
    const fn new(aggregate: Aggregate) -> Self {
        Self {
            aggregate,
            assemblies: Vec::new(),
            dependencies: Vec::new(),
            vulnerabilities: None,
        }
    }
}

/// A manifest that no lockfile covers asks for packages that are not listed.
fn of_whole(report: &GraphReport<'_>) -> Aggregate {
    if !report.unlocked.is_empty() {
        return Aggregate::Incomplete;
    }
    let is_doubtful = report.inputs.is_empty() || report.skipped.iter().any(is_missed);
    let skipped = if is_doubtful {
        Aggregate::Unknown
    } else {
        Aggregate::Complete
    };
    skipped.max(Aggregate::of(report.problems))
}

/// Says whether something that was passed over may hold packages of the project.
fn is_missed(skipped: &Skipped) -> bool {
    let may_hold = [SkippedBecause::Submodule, SkippedBecause::TooDeep];
    skipped.bears_packages() || may_hold.contains(&skipped.reason)
}

fn of_packages<'r>(
    report: &GraphReport<'r>,
    refs: &'r BomRefs,
    root: &Root,
) -> impl Iterator<Item = Composition<'r>> {
    let lockfiles = of_lockfiles(report);
    let of_package = |(id, package): (PackageId, &Package<'_>)| {
        let entries = package.entries.iter();
        let aggregates =
            entries.filter_map(|node| lockfiles.get(report.graph.entry(*node).lockfile.0 as usize));
        let worst = aggregates.max().copied().unwrap_or(Aggregate::Unknown);
        (worst, refs.of(id))
    };
    let listed = report.graph.packages();
    let listed = listed.filter(|(id, _)| !root.is(*id));
    let mut packages: Vec<(Aggregate, &'r str)> = listed.map(of_package).collect();
    packages.sort_unstable();
    Aggregate::ALL.into_iter().filter_map(move |aggregate| {
        let of_aggregate = packages.iter().filter(|(own, _)| *own == aggregate);
        let dependencies: Vec<&str> = of_aggregate.map(|(_, bom_ref)| *bom_ref).collect();
        (!dependencies.is_empty()).then(|| Composition {
            dependencies,
            ..Composition::new(aggregate)
        })
    })
}

/// Judges each lockfile, in the order of the graph.
fn of_lockfiles(report: &GraphReport<'_>) -> Vec<Aggregate> {
    let mut aggregates = vec![Aggregate::Unknown; report.graph.lockfiles().len()];
    for input in report.inputs {
        let place = input.lockfile.map(|lockfile| lockfile.0 as usize);
        if let Some(aggregate) = place.and_then(|place| aggregates.get_mut(place)) {
            *aggregate = Aggregate::of(&input.problems);
        }
    }
    for (aggregate, lockfile) in aggregates.iter_mut().zip(report.graph.lockfiles()) {
        if lockfile.edges == EdgeStatement::NotStated {
            *aggregate = Aggregate::Unknown.max(*aggregate);
        }
    }
    aggregates
}

/// Nobody knows every vulnerability, so that an audit that lacked nothing does not make the list complete.
fn of_audit<'r>(assessment: &Assessment, found: &[Vulnerability<'_>]) -> Composition<'r> {
    let aggregate = if assessment.is_complete() {
        Aggregate::Unknown
    } else {
        Aggregate::Incomplete
    };
    let found = found.iter().map(|found| found.bom_ref().to_owned());
    Composition {
        vulnerabilities: Some(found.collect()),
        ..Composition::new(aggregate)
    }
}
