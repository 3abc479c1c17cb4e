//! How far the roots reach: scopes and depths.
//!
//! The scope of an entry is its widest path: the path whose narrowest edge is widest. Four breadth-first
//! sweeps with a falling threshold find it (O(4 (V + E))), and the hops of the sweep that first reaches an
//! entry are its depth.

use super::routes::Routes;
use super::{DependencyGraph, NodeId, to_id};
use crate::lockfile::{EntryKind, Scope};

/// No path of this scope leads here.
const UNREACHED: u32 = u32::MAX;

/// Scopes and depths of every entry.
#[derive(Debug, Default)]
pub struct Reach {
    starts: Vec<bool>,
    routes: Routes,
    scopes: Vec<Scope>,
    /// Hops by scope and node; [`UNREACHED`] where no path of that scope leads.
    hops: [Vec<u32>; Scope::ALL.len()],
}

impl Reach {
    /// Computes scopes and depths. Every entry must hang on its root already.
    pub(super) fn new(graph: &DependencyGraph<'_>) -> Self {
        let starts: Vec<bool> = graph.nodes().map(|node| is_start(graph, node)).collect();
        let routes = Routes::new(graph, &starts);
        let hops = Scope::ALL.map(|scope| sweep(&routes, &starts, scope));
        let widest = |node: NodeId| {
            Scope::ALL
                .into_iter()
                .find(|scope| hops[*scope as usize][node.index()] != UNREACHED)
        };
        let scopes = graph
            .nodes()
            .map(|node| widest(node).unwrap_or(Scope::Dev))
            .collect();
        Self {
            starts,
            routes,
            scopes,
            hops,
        }
    }

    pub(super) fn scope(&self, node: NodeId) -> Scope {
        self.scopes[node.index()]
    }

    pub(super) fn depth(&self, node: NodeId) -> u32 {
        self.hops(self.scope(node), node).unwrap_or(UNREACHED)
    }

    /// Returns the hops to a node along edges at least as wide as `scope`.
    pub(super) fn hops(&self, scope: Scope, node: NodeId) -> Option<u32> {
        Some(self.hops[scope as usize][node.index()]).filter(|hops| *hops != UNREACHED)
    }

    pub(super) const fn routes(&self) -> &Routes {
        &self.routes
    }

    pub(super) fn is_start(&self, node: NodeId) -> bool {
        self.starts[node.index()]
    }
}

/// Paths begin at a lockfile's root and at the first-party packages that hang on it.
fn is_start(graph: &DependencyGraph<'_>, node: NodeId) -> bool {
    match graph.entry(node).kind {
        EntryKind::Root => true,
        EntryKind::Workspace => graph.dependents(node).any(|(from, _)| graph.is_root(from)),
        EntryKind::Package => false,
    }
}

fn sweep(routes: &Routes, starts: &[bool], scope: Scope) -> Vec<u32> {
    let mut hops = vec![UNREACHED; starts.len()];
    let mut layer: Vec<u32> = (0..to_id(starts.len()))
        .filter(|node| starts[*node as usize])
        .collect();
    for start in &layer {
        hops[*start as usize] = 0;
    }
    let mut next_layer = Vec::new();
    let mut depth = 0;
    while !layer.is_empty() {
        depth += 1;
        for node in layer.drain(..) {
            for route in routes
                .from(node)
                .iter()
                .filter(|route| route.reach <= scope)
            {
                let hops = &mut hops[route.to as usize];
                if *hops == UNREACHED {
                    *hops = depth;
                    next_layer.push(route.to);
                }
            }
        }
        std::mem::swap(&mut layer, &mut next_layer);
    }
    hops
}
