//! Formats of the graph.

mod cyclonedx;
mod dot;
mod json;
mod mermaid;

use super::{FindingsRoom, GraphFormat};
use crate::graph::{DependencyGraph, NodeId};
use crate::lockfile::EntryKind;

/// Every format of the graph; the first is the default.
pub static GRAPH_FORMATS: &[GraphFormat] = &[
    GraphFormat {
        id: "json",
        summary: "linchpin/graph/1, the contract for programs",
        media_type: "application/json",
        findings: FindingsRoom::None,
        write: json::write,
    },
    GraphFormat {
        id: "dot",
        summary: "for Graphviz",
        media_type: "text/vnd.graphviz",
        findings: FindingsRoom::None,
        write: dot::write,
    },
    GraphFormat {
        id: "mermaid",
        summary: "for Markdown pages",
        media_type: "text/vnd.mermaid",
        findings: FindingsRoom::None,
        write: mermaid::write,
    },
    GraphFormat {
        id: "cyclonedx",
        summary: "CycloneDX 1.6, a bill of materials; with `--vex` also what an audit finds",
        media_type: "application/vnd.cyclonedx+json; version=1.6",
        findings: FindingsRoom::Vulnerabilities,
        write: cyclonedx::write,
    },
];

/// Names an entry for a picture: name and version; a lockfile's root by its path.
fn label(graph: &DependencyGraph<'_>, node: NodeId) -> String {
    let entry = graph.entry(node);
    if entry.kind == EntryKind::Root {
        return graph.lockfile(entry.lockfile).path.as_str().to_owned();
    }
    let package = graph.package(entry.package);
    match &package.version {
        Some(version) => format!("{} {}", package.name.as_str(), version.as_str()),
        None => package.name.as_str().to_owned(),
    }
}
