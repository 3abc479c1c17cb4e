//! The edges that paths follow, as flat arrays, and their strongly connected components.
//!
//! The graph keeps edges as linked lists, which a sweep follows from one cache miss to the next. Scopes,
//! path counts and choke points all sweep the whole graph, so its routes are copied once into one array
//! (compressed sparse rows). Edges between roots and members are none: every path begins behind them.

use super::{DependencyGraph, NodeId, to_id};
use crate::lockfile::Scope;

/// The component of a node is known.
const SETTLED: u32 = u32::MAX;

/// Every route, grouped by where it begins.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// For each node, where its routes begin in `routes`; one more for the end.
    begins: Vec<u32>,
    routes: Vec<Route>,
}

/// Where a route leads, and the widest scope that it passes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) to: u32,
    pub(super) reach: Scope,
}

/// Strongly connected components, each before all that depend on it.
pub(super) struct Components {
    nodes: Vec<u32>,
    /// For each component, where it ends in `nodes`.
    ends: Vec<u32>,
}

impl Routes {
    /// Copies the routes of a graph whose starts are known. O(V + E).
    pub(super) fn new(graph: &DependencyGraph<'_>, starts: &[bool]) -> Self {
        let mut begins = Vec::with_capacity(graph.node_count() + 1);
        let mut routes = Vec::with_capacity(graph.edge_count());
        for node in graph.nodes() {
            begins.push(to_id(routes.len()));
            let leads_on = graph
                .dependencies(node)
                .filter(|(to, _)| !(starts[node.index()] && starts[to.index()]));
            routes.extend(leads_on.map(|(to, edge)| Route {
                to: to_id(to.index()),
                reach: edge.reach,
            }));
        }
        begins.push(to_id(routes.len()));
        Self { begins, routes }
    }

    /// Returns the number of nodes.
    pub(super) fn nodes(&self) -> usize {
        self.begins.len().saturating_sub(1)
    }

    /// Returns the number of routes.
    pub(super) fn len(&self) -> usize {
        self.routes.len()
    }

    /// Returns the routes that begin at a node.
    pub(super) fn from(&self, node: u32) -> &[Route] {
        let node = node as usize;
        &self.routes[self.begins[node] as usize..self.begins[node + 1] as usize]
    }

    /// Finds the components along routes at least as wide as a scope. O(V + E).
    ///
    /// The algorithm of Tarjan (1972), with a stack of its own: lockfiles may nest deeper than threads do.
    pub(super) fn components(&self, scope: Scope) -> Components {
        let mut search = Search {
            routes: self,
            scope,
            lowest: vec![0; self.nodes()],
            met: 0,
            visits: Vec::new(),
            unsettled: Vec::new(),
            found: Components {
                nodes: Vec::with_capacity(self.nodes()),
                ends: Vec::new(),
            },
        };
        for node in 0..to_id(self.nodes()) {
            if search.lowest[node as usize] == 0 {
                search.visit(node);
                search.run();
            }
        }
        search.found
    }
}

impl Components {
    /// Returns the nodes of each component.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &[u32]> + ExactSizeIterator {
        let begin = |index: usize| index.checked_sub(1).map_or(0, |before| self.ends[before]);
        (0..self.ends.len())
            .map(move |index| &self.nodes[begin(index) as usize..self.ends[index] as usize])
    }

    /// Returns all nodes, component by component.
    pub(super) fn into_nodes(self) -> Vec<NodeId> {
        self.nodes.into_iter().map(NodeId::from).collect()
    }
}

/// A node on the way down, and which of its routes comes next.
struct Visit {
    node: u32,
    /// When the node was met, from one.
    met: u32,
    next: u32,
}

struct Search<'r> {
    routes: &'r Routes,
    scope: Scope,
    /// When the earliest unsettled node was met that a node is known to lead to; zero if it was not met.
    lowest: Vec<u32>,
    met: u32,
    visits: Vec<Visit>,
    unsettled: Vec<u32>,
    found: Components,
}

impl Search<'_> {
    fn visit(&mut self, node: u32) {
        self.met += 1;
        self.lowest[node as usize] = self.met;
        self.unsettled.push(node);
        self.visits.push(Visit {
            node,
            met: self.met,
            next: self.routes.begins[node as usize],
        });
    }

    fn run(&mut self) {
        while let Some(visit) = self.visits.last_mut() {
            let node = visit.node as usize;
            if visit.next == self.routes.begins[node + 1] {
                self.leave();
                continue;
            }
            let route = self.routes.routes[visit.next as usize];
            visit.next += 1;
            if route.reach > self.scope {
                continue;
            }
            match self.lowest[route.to as usize] {
                0 => self.visit(route.to),
                SETTLED => {}
                lowest => self.lowest[node] = self.lowest[node].min(lowest),
            }
        }
    }

    /// Goes back up; a node that leads to none above it closes its component.
    fn leave(&mut self) {
        let Some(Visit { node, met, .. }) = self.visits.pop() else {
            return;
        };
        let lowest = self.lowest[node as usize];
        if lowest == met {
            while let Some(member) = self.unsettled.pop() {
                self.lowest[member as usize] = SETTLED;
                self.found.nodes.push(member);
                if member == node {
                    break;
                }
            }
            self.found.ends.push(to_id(self.found.nodes.len()));
        } else if let Some(above) = self.visits.last() {
            let above = &mut self.lowest[above.node as usize];
            *above = lowest.min(*above);
        }
    }
}
