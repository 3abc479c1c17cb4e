//! Entries that nothing depends on: hung on their lockfile's root, so that they are judged, and said.

use super::{DependencyGraph, Edge, NodeId};
use crate::lockfile::{DependencyKind, Lockfile, Problem, ProblemSeverity, excerpt};
use crate::path::FilePath;

/// Hangs every entry that no root reaches on its lockfile's root, heads of chains first, and says so once per lockfile.
pub(super) fn attach_unreached(graph: &mut DependencyGraph<'_>, lockfiles: &[Lockfile<'_>]) {
    let mut reached = vec![false; graph.node_count()];
    for (index, lockfile) in lockfiles.iter().enumerate() {
        let root = graph.lockfiles()[index].root;
        let nodes: Vec<NodeId> = (root.index()..root.index() + lockfile.entries.len())
            .map(NodeId::new)
            .collect();
        flood(graph, root, &mut reached);
        let heads = nodes.iter().copied().filter(|node| !reached[node.index()]);
        let heads: Vec<NodeId> = heads
            .filter(|node| graph.dependents(*node).next().is_none())
            .collect();
        let mut attached = Vec::new();
        for node in heads.into_iter().chain(nodes) {
            if !reached[node.index()] {
                graph.attach(root, node);
                flood(graph, node, &mut reached);
                attached.push(node);
            }
        }
        if let Some(first) = attached.first() {
            let problem = unattached(
                &lockfile.path,
                attached.len(),
                &excerpt(&graph.entry(*first).record.key),
            );
            graph.problems.push(problem);
        }
    }
}

fn flood(graph: &DependencyGraph<'_>, start: NodeId, reached: &mut [bool]) {
    let mut open = vec![start];
    reached[start.index()] = true;
    while let Some(node) = open.pop() {
        for (next, _) in graph.dependencies(node) {
            if !std::mem::replace(&mut reached[next.index()], true) {
                open.push(next);
            }
        }
    }
}

impl DependencyGraph<'_> {
    /// Hangs an entry on its lockfile's root.
    fn attach(&mut self, root: NodeId, node: NodeId) {
        let edge = Edge {
            kind: DependencyKind::Unattached,
            reach: DependencyKind::Unattached.scope(),
            requirement: None,
            marker: None,
        };
        self.graph.add_edge(root, node, edge);
    }
}

/// Words the problem of entries that nothing depends on.
fn unattached(path: &FilePath, count: usize, example: &str) -> Problem {
    let message = if count == 1 {
        format!("nothing depends on the entry `{example}`; it is judged as if the project did")
    } else {
        format!(
            "nothing depends on {count} entries, `{example}` among them; they are judged as if the project did"
        )
    };
    Problem::new(path.clone(), ProblemSeverity::Warning, message)
}
