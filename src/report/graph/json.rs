//! `json`: `linchpin/graph/1`. A field is never renamed within this schema; new ones may come.

use std::io::{self, Write};

use serde::Serialize;

use crate::graph::{Edge, NodeId};
use crate::lockfile::{DependencyKind, EntryKind, Problem, ProblemSeverity, Scope};
use crate::package::address::redact;
use crate::package::{Digest, Ecosystem, Purl, Source, Version};
use crate::path::FilePath;
use crate::report::words::without_secrets;
use crate::report::{GraphReport, Purls, json, locate_entry};
use crate::text::Untrusted;

/// The id of the schema.
const SCHEMA: &str = "linchpin/graph/1";

/// Writes the graph as indented JSON with a line break at its end.
pub(super) fn write(report: &GraphReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = report.graph;
    let purls = Purls::new(graph);
    let document = Document {
        schema: SCHEMA,
        lockfiles: graph
            .lockfiles()
            .iter()
            .map(|lockfile| LockfileRecord {
                path: &lockfile.path,
                format: lockfile.format.0,
                project: &graph.project(lockfile.project).folder,
            })
            .collect(),
        packages: graph
            .packages()
            .map(|(id, package)| PackageRecord {
                purl: purls.of(id),
                entries: package.entries.iter().map(|node| node.index()).collect(),
            })
            .collect(),
        nodes: graph
            .nodes()
            .map(|node| NodeRecord::new(report, &purls, node))
            .collect(),
        edges: graph
            .edges()
            .map(|(from, to, edge)| EdgeRecord::new(report, from, to, edge))
            .collect(),
        problems: report.problems.iter().map(ProblemRecord::new).collect(),
    };
    json::write(&document, out)
}

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    lockfiles: Vec<LockfileRecord<'r>>,
    packages: Vec<PackageRecord<'r>>,
    nodes: Vec<NodeRecord<'r>>,
    edges: Vec<EdgeRecord<'r>>,
    problems: Vec<ProblemRecord<'r>>,
}

#[derive(Serialize)]
struct LockfileRecord<'r> {
    path: &'r FilePath,
    format: &'static str,
    project: &'r FilePath,
}

#[derive(Serialize)]
struct PackageRecord<'r> {
    purl: &'r Purl,
    entries: Vec<usize>,
}

#[derive(Serialize)]
struct NodeRecord<'r> {
    id: usize,
    package: &'r Purl,
    name: &'r Untrusted<'r>,
    version: Option<&'r Untrusted<'r>>,
    ecosystem: Ecosystem,
    kind: EntryKind,
    lockfile: &'r FilePath,
    entry: Untrusted<'r>,
    source: SourceRecord,
    integrity: Vec<&'r Digest>,
    scope: Scope,
    direct: Option<bool>,
    location: Option<LocationRecord<'r>>,
}

#[derive(Serialize)]
struct SourceRecord {
    #[serde(rename = "type")]
    kind: &'static str,
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
}

#[derive(Serialize)]
struct LocationRecord<'r> {
    path: &'r FilePath,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct EdgeRecord<'r> {
    from: usize,
    to: usize,
    kind: DependencyKind,
    requirement: Option<Untrusted<'r>>,
    marker: Option<Untrusted<'r>>,
}

#[derive(Serialize)]
struct ProblemRecord<'r> {
    path: &'r FilePath,
    line: Option<u32>,
    column: Option<u32>,
    severity: ProblemSeverity,
    message: &'r Untrusted<'r>,
}

impl<'r> NodeRecord<'r> {
    fn new(report: &GraphReport<'r>, purls: &'r Purls<'r>, node: NodeId) -> Self {
        let entry = report.graph.entry(node);
        let package = report.graph.package(entry.package);
        let path = &report.graph.lockfile(entry.lockfile).path;
        let location = locate_entry(report.graph, report.files, node);
        Self {
            id: node.index(),
            package: purls.of(entry.package),
            name: package.name.untrusted(),
            version: package.version.as_ref().map(Version::untrusted),
            ecosystem: package.ecosystem,
            kind: entry.kind,
            lockfile: path,
            entry: without_secrets(&entry.record.key),
            source: SourceRecord::new(&package.source),
            integrity: entry
                .record
                .artifacts
                .iter()
                .flat_map(|artifact| artifact.integrity.digests())
                .collect(),
            scope: report.graph.scope(node),
            direct: report.graph.directness(node),
            location: location.map(|location| LocationRecord {
                path,
                line: location.line,
                column: location.column,
            }),
        }
    }
}

impl SourceRecord {
    fn new(source: &Source<'_>) -> Self {
        let commit = match source {
            Source::Git { commit, .. } => commit.as_ref().map(|commit| commit.as_str().to_owned()),
            _ => None,
        };
        Self {
            kind: source.kind(),
            url: source.address().map(|address| redact(address.as_str())),
            commit,
        }
    }
}

impl<'r> EdgeRecord<'r> {
    fn new(report: &GraphReport<'r>, from: NodeId, to: NodeId, edge: &'r Edge) -> Self {
        Self {
            from: from.index(),
            to: to.index(),
            kind: edge.kind,
            requirement: report.graph.requirement(edge).map(without_secrets),
            marker: report.graph.marker(edge).map(without_secrets),
        }
    }
}

impl<'r> ProblemRecord<'r> {
    fn new(problem: &'r Problem) -> Self {
        Self {
            path: &problem.path,
            line: problem.location.map(|location| location.line),
            column: problem.location.map(|location| location.column),
            severity: problem.severity,
            message: &problem.message,
        }
    }
}
