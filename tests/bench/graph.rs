//! The graph of 100,000 entries and 400,000 edges, step by step, as an assessment of 100 findings asks for it.

use linchpin::graph::choke::{Cut, Topology};
use linchpin::graph::paths::PathCounter;
use linchpin::graph::{DependencyGraph, NodeId, PackageId, ProjectId, unify};
use linchpin::lockfile::{
    Artifact, DependencyKind, EntryKind, FormatId, LockedDependency, LockedEntry, Lockfile,
};
use linchpin::package::{Algorithm, Digest, Ecosystem, PackageName, Source, Version};
use linchpin::path::FilePath;

use crate::Outcome;
use crate::generate::Numbers;
use crate::measure::{Bar, Timing, measure, say, tell};

/// Entries of the graph.
const ENTRIES: usize = 100_000;

/// Edges that leave each entry.
const FAN_OUT: usize = 4;

/// Packages that a finding is about.
const FINDINGS: usize = 100;

/// The bar of all steps together.
const MILLISECONDS: f64 = 150.0;

const RUNS: usize = 15;

/// How far ahead an entry's dependencies lie, of which one in so many points back and closes a cycle.
#[derive(Clone, Copy)]
struct Shape {
    name: &'static str,
    ahead: usize,
    one_back_in: Option<usize>,
}

/// Shallow as a workspace of many small projects; as deep as real lockfiles, with npm's cycles; deeper than any.
const SHAPES: [Shape; 3] = [
    Shape {
        name: "wide",
        ahead: 50_000,
        one_back_in: None,
    },
    Shape {
        name: "as real ones",
        ahead: 10_000,
        one_back_in: Some(2_000),
    },
    Shape {
        name: "deep",
        ahead: 1_000,
        one_back_in: Some(2_000),
    },
];

/// Runs the group.
pub(crate) fn run() -> Outcome {
    for shape in SHAPES {
        let texts: Vec<(String, String)> = (1..ENTRIES)
            .map(|index| {
                (
                    format!("package-{index:06}"),
                    format!("1.0.{}", index % 100),
                )
            })
            .collect();
        bench(shape, &[lockfile(shape, &texts)?]);
    }
    Ok(())
}

fn bench(shape: Shape, lockfiles: &[Lockfile<'_>]) {
    let graph = unify(lockfiles);
    let findings = findings(&graph);
    let paths = paths(&graph, &findings);
    let cuts = cuts(&graph, &findings, &paths);
    let packages: Vec<PackageId> = findings.iter().map(|(package, _)| *package).collect();
    let longest = paths.iter().map(Vec::len).max().unwrap_or(0);
    say(&format!(
        "  {}: {} entries, {} edges, {} findings, the longest path {longest} entries, {} cuts",
        shape.name,
        graph.node_count(),
        graph.edges().count(),
        findings.len(),
        cuts.len()
    ));
    let mut total: Option<Timing> = None;
    let mut step = |what: &str, timing: Timing| {
        tell(&format!("  {what}"), timing, Bar::Nothing);
        total = Some(total.map_or(timing, |total| total.and(timing)));
    };
    step(
        "unify, scopes and depths",
        measure(RUNS, || unify(lockfiles)),
    );
    step(
        "shown paths",
        measure(RUNS, || self::paths(&graph, &findings)),
    );
    step("path counts", measure(RUNS, || count(&graph, &findings)));
    step("topology", measure(RUNS, || Topology::new(&graph)));
    let topology = Topology::new(&graph);
    step("choke points", measure(RUNS, || topology.cuts(&cuts)));
    step(
        "blast radii",
        measure(RUNS, || topology.blast_radii(&packages)),
    );
    if let Some(total) = total {
        tell("  all steps", total, Bar::Milliseconds(MILLISECONDS));
    }
}

/// Picks packages all over the graph, with their projects.
fn findings(graph: &DependencyGraph<'_>) -> Vec<(PackageId, ProjectId)> {
    let every = graph.packages().len() / FINDINGS;
    let picked = graph.packages().skip(every / 2).step_by(every.max(1));
    picked
        .take(FINDINGS)
        .flat_map(|(package, _)| {
            graph
                .projects_of(package)
                .into_iter()
                .map(move |project| (package, project))
        })
        .collect()
}

fn paths(graph: &DependencyGraph<'_>, findings: &[(PackageId, ProjectId)]) -> Vec<Vec<NodeId>> {
    findings
        .iter()
        .map(|(package, project)| graph.shortest_path(*package, *project))
        .collect()
}

fn count(graph: &DependencyGraph<'_>, findings: &[(PackageId, ProjectId)]) -> u64 {
    let mut counter = PathCounter::new(graph);
    findings.iter().fold(0, |total, (package, project)| {
        counter.count(*package, *project).max(total)
    })
}

/// Asks about every package on every shown path, as an assessment does.
fn cuts(
    graph: &DependencyGraph<'_>,
    findings: &[(PackageId, ProjectId)],
    paths: &[Vec<NodeId>],
) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for ((culprit, project), path) in findings.iter().zip(paths) {
        let inner = path
            .iter()
            .filter(|node| !graph.is_start(**node))
            .map(|node| graph.entry(*node).package)
            .filter(|candidate| candidate != culprit);
        cuts.extend(inner.map(|candidate| Cut {
            project: *project,
            culprit: *culprit,
            candidate,
        }));
    }
    cuts
}

/// Draws a lockfile; what nothing else depends on, the root does.
fn lockfile(shape: Shape, texts: &[(String, String)]) -> Result<Lockfile<'_>, &'static str> {
    let digest = Digest::new(Algorithm::Sha512, &[7; 64]).ok_or("64 bytes are SHA-512")?;
    let mut entries = vec![LockedEntry::root(Ecosystem::Npm, "application".into())];
    entries.extend(texts.iter().map(|(name, version)| LockedEntry {
        kind: EntryKind::Package,
        name: PackageName::new(Ecosystem::Npm, name.as_str().into()),
        version: Some(Version::new(version.as_str().into())),
        source: Source::registry(Ecosystem::Npm, "https://registry.npmjs.org/".into()),
        key: name.as_str().into(),
        artifacts: vec![Artifact {
            url: Some(name.as_str().into()),
            integrity: digest.clone().into(),
        }],
        ..LockedEntry::root(Ecosystem::Npm, "application".into())
    }));
    Ok(Lockfile {
        path: FilePath::new("package-lock.json").ok_or("a file name is a path")?,
        format: FormatId("npm-lock"),
        ecosystem: Ecosystem::Npm,
        entries,
        dependencies: dependencies(shape),
        manifests: Vec::new(),
        problems: Vec::new(),
        edges: linchpin::lockfile::EdgeStatement::Stated,
        unjudged: Vec::new(),
    })
}

fn dependencies(shape: Shape) -> Vec<LockedDependency<'static>> {
    const KINDS: [DependencyKind; 4] = [
        DependencyKind::Normal,
        DependencyKind::Normal,
        DependencyKind::Optional,
        DependencyKind::Dev,
    ];
    let mut numbers = Numbers::new(7);
    let mut dependencies = Vec::with_capacity(ENTRIES * FAN_OUT);
    let mut is_asked_for = vec![false; ENTRIES];
    for from in 1..ENTRIES {
        for _ in 0..FAN_OUT {
            let is_back = shape
                .one_back_in
                .is_some_and(|bound| numbers.below(bound) == 0);
            let away = 1 + numbers.below(shape.ahead);
            let to = if is_back {
                from.saturating_sub(away).max(1)
            } else {
                (from + away).min(ENTRIES - 1)
            };
            if to != from {
                is_asked_for[to] = true;
                dependencies.push(dependency(from, to, DependencyKind::Normal));
            }
        }
    }
    let roots = (1..ENTRIES).filter(|index| !is_asked_for[*index] || index.is_multiple_of(1_000));
    let roots = roots.map(|to| dependency(0, to, KINDS[numbers.below(KINDS.len())]));
    dependencies.extend(roots);
    dependencies
}

/// Entries are far fewer than `u32::MAX`.
fn dependency(from: usize, to: usize, kind: DependencyKind) -> LockedDependency<'static> {
    let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    LockedDependency::new(index(from), index(to), kind)
}
