//! `mermaid`: the graph as a flowchart (<https://mermaid.js.org/syntax/flowchart.html>), a subgraph for each lockfile.

use std::io::{self, Write};

use super::label;
use crate::graph::NodeId;
use crate::lockfile::DependencyKind;
use crate::report::GraphReport;
use crate::text::Untrusted;

/// Writes the graph.
pub(super) fn write(report: &GraphReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = report.graph;
    writeln!(out, "flowchart LR")?;
    for (index, lockfile) in graph.lockfiles().iter().enumerate() {
        writeln!(
            out,
            "  subgraph l{index} [\"{}\"]",
            lockfile.path.untrusted().mermaid()
        )?;
        let first = lockfile.root.index();
        for node in (first..first + lockfile.nodes).map(NodeId::new) {
            writeln!(
                out,
                "    n{}[\"{}\"]",
                node.index(),
                Untrusted::from(label(graph, node)).mermaid()
            )?;
        }
        writeln!(out, "  end")?;
    }
    for (from, to, edge) in graph.edges() {
        let arrow = if edge.kind == DependencyKind::Normal {
            "-->"
        } else {
            "-.->"
        };
        writeln!(out, "  n{} {arrow} n{}", from.index(), to.index())?;
    }
    Ok(())
}
