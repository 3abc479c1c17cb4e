//! `dot`: the graph for Graphviz (<https://graphviz.org/doc/info/lang.html>), a cluster for each lockfile.

use std::io::{self, Write};

use super::label;
use crate::graph::NodeId;
use crate::lockfile::{DependencyKind, EntryKind};
use crate::report::GraphReport;
use crate::text::Untrusted;

/// Writes the graph.
pub(super) fn write(report: &GraphReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let graph = report.graph;
    writeln!(
        out,
        "digraph linchpin {{\n  rankdir=LR;\n  node [shape=box];"
    )?;
    for (index, lockfile) in graph.lockfiles().iter().enumerate() {
        writeln!(
            out,
            "  subgraph cluster_{index} {{\n    label=\"{}\";",
            lockfile.path.untrusted().dot()
        )?;
        let first = lockfile.root.index();
        for node in (first..first + lockfile.nodes).map(NodeId::new) {
            let style = if graph.entry(node).kind == EntryKind::Package {
                ""
            } else {
                ", style=bold"
            };
            writeln!(
                out,
                "    n{} [label=\"{}\"{style}];",
                node.index(),
                Untrusted::from(label(graph, node)).dot()
            )?;
        }
        writeln!(out, "  }}")?;
    }
    for (from, to, edge) in graph.edges() {
        let style = match edge.kind {
            DependencyKind::Normal => "",
            DependencyKind::Peer | DependencyKind::Build => " [style=dashed]",
            DependencyKind::Optional | DependencyKind::Dev | DependencyKind::Unattached => {
                " [style=dotted]"
            }
        };
        writeln!(out, "  n{} -> n{}{style};", from.index(), to.index())?;
    }
    writeln!(out, "}}")
}
