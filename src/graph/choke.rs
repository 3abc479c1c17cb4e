//! Exact choke points and blast radii, sixty-four questions at a time.
//!
//! "Is the culprit still reachable without this package?" is reachability with some nodes blocked. One bit of
//! a word is one question, so one pass over the edges answers sixty-four; passes repeat until nothing
//! changes, which in topological order of the components is after two unless cycles interlock. Each pass is
//! O(V + E). Unlike a dominator tree this stays exact when a package has several entries, which all leave
//! together.

use super::routes::Routes;
use super::{DependencyGraph, NodeId, PackageId, ProjectId};
use crate::lockfile::{EntryKind, Scope};

/// How many questions one pass answers.
const LANES: usize = 64;

/// How many packages of a path are asked about beside its direct dependency: those nearest to the culprit.
///
/// Asking about all of them would make a chain of `n` culprits a matter of `n²` questions.
pub const ASKED: usize = 64;

/// The graph as flat arrays in topological order of its components, without edges between roots and members.
pub struct Topology<'g> {
    graph: &'g DependencyGraph<'g>,
    /// Nodes in order.
    order: Vec<NodeId>,
    /// For each position, the positions of those that depend on it, from `dependents_start[i]` on.
    dependents: Vec<u32>,
    dependents_start: Vec<u32>,
    /// For each position, the positions of what it depends on.
    dependencies: Vec<u32>,
    dependencies_start: Vec<u32>,
    position: Vec<u32>,
}

/// "Would the culprit leave this project without the candidate?"
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// The project.
    pub project: ProjectId,
    /// The package that should leave.
    pub culprit: PackageId,
    /// The package that is taken out, with all its entries.
    pub candidate: PackageId,
}

/// "Which package do all routes to the culprit pass?", asked along one of them.
#[derive(Clone, Copy, Debug)]
pub struct Route<'p> {
    /// The project.
    pub project: ProjectId,
    /// The package that the route ends at.
    pub culprit: PackageId,
    /// The route, from a root or member on.
    pub path: &'p [NodeId],
}

/// How much rests on a package: distinct counts over the whole graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BlastRadius {
    /// Projects that hold it.
    pub projects: u32,
    /// Roots and members that reach it.
    pub members: u32,
    /// Direct dependencies that reach it or are it.
    pub direct: u32,
    /// Other packages that reach it.
    pub packages: u32,
}

impl Route<'_> {
    fn cut(&self, candidate: PackageId) -> Cut {
        Cut {
            project: self.project,
            culprit: self.culprit,
            candidate,
        }
    }
}

impl<'g> Topology<'g> {
    /// Flattens the graph. O(V + E).
    pub fn new(graph: &'g DependencyGraph<'g>) -> Self {
        let routes = graph.routes();
        let mut order = routes.components(Scope::Dev).into_nodes();
        order.reverse();
        let mut position = vec![0; order.len()];
        for (index, node) in order.iter().enumerate() {
            position[node.index()] = super::to_id(index);
        }
        let (dependencies, dependencies_start) = flatten(routes, &order, &position);
        let (dependents, dependents_start) = turn(&dependencies, &dependencies_start);
        Self {
            graph,
            order,
            dependents,
            dependents_start,
            dependencies,
            dependencies_start,
            position,
        }
    }

    /// Answers every cut, in order.
    pub fn cuts(&self, cuts: &[Cut]) -> Vec<bool> {
        cuts.chunks(LANES)
            .flat_map(|lanes| self.cut_lanes(lanes))
            .collect()
    }

    fn cut_lanes(&self, lanes: &[Cut]) -> Vec<bool> {
        let mut reached = vec![0_u64; self.order.len()];
        let mut open = vec![u64::MAX; self.order.len()];
        for (lane, cut) in lanes.iter().enumerate() {
            for start in self.starts(cut.project) {
                reached[start] |= 1 << lane;
            }
            for node in self.graph.entries_in(cut.candidate, cut.project) {
                let at = self.at(node);
                open[at] &= !(1 << lane);
                reached[at] &= !(1 << lane);
            }
        }
        while self.spread_down(&mut reached, &open) {}
        let is_reached = |lane: usize, node: NodeId| reached[self.at(node)] >> lane & 1 == 1;
        let leaves = |(lane, cut): (usize, &Cut)| {
            !self
                .graph
                .entries_in(cut.culprit, cut.project)
                .any(|node| is_reached(lane, node))
        };
        lanes.iter().enumerate().map(leaves).collect()
    }

    /// Finds the choke point of each route: a direct dependency if one cuts, else the nearest to the culprit that does.
    ///
    /// Nearly always the direct dependency cuts, so the first round asks only about that. The second asks, where
    /// it did not, about the [`ASKED`] nearest to the culprit; a choke point farther from it is not found.
    pub fn choke_points(&self, routes: &[Route<'_>]) -> Vec<Option<PackageId>> {
        let package = |node: NodeId| self.graph.entry(node).package;
        let firsts = routes
            .iter()
            .map(|route| self.candidates(route).take(1).map(package).collect());
        let mut found = self.first_cutting(routes, firsts.collect());
        let others = routes.iter().zip(&found).map(|(route, answer)| {
            if answer.is_some() {
                Vec::new()
            } else {
                self.others(route)
            }
        });
        let others = self.first_cutting(routes, others.collect());
        for (answer, other) in found.iter_mut().zip(others) {
            *answer = answer.or(other);
        }
        found
    }

    /// Returns the first candidate of each route that cuts.
    fn first_cutting(
        &self,
        routes: &[Route<'_>],
        candidates: Vec<Vec<PackageId>>,
    ) -> Vec<Option<PackageId>> {
        let asked: Vec<Cut> = routes
            .iter()
            .zip(&candidates)
            .flat_map(|(route, candidates)| {
                candidates.iter().map(|candidate| route.cut(*candidate))
            })
            .collect();
        let mut answers = self.cuts(&asked).into_iter();
        candidates
            .into_iter()
            .map(|candidates| {
                // Every answer of this route is taken, so that the next route finds its own.
                let answered: Vec<(PackageId, bool)> =
                    candidates.into_iter().zip(answers.by_ref()).collect();
                let cutting = answered.into_iter().find(|(_, leaves)| *leaves);
                cutting.map(|(candidate, _)| candidate)
            })
            .collect()
    }

    /// Lists the packages of a route behind its first that are asked about, most wanted first.
    fn others(&self, route: &Route<'_>) -> Vec<PackageId> {
        let inner: Vec<NodeId> = self.candidates(route).skip(1).collect();
        let near = &inner[inner.len().saturating_sub(ASKED)..];
        let (direct, deep): (Vec<NodeId>, Vec<NodeId>) =
            near.iter().partition(|node| self.graph.is_direct(**node));
        direct
            .into_iter()
            .chain(deep.into_iter().rev())
            .map(|node| self.graph.entry(node).package)
            .collect()
    }

    /// Returns the entries between the ends of a route; the first is a direct dependency.
    fn candidates(&self, route: &Route<'_>) -> impl Iterator<Item = NodeId> {
        route.path.iter().copied().filter(|node| {
            !self.graph.is_start(*node) && self.graph.entry(*node).package != route.culprit
        })
    }

    /// Measures how much rests on each package.
    pub fn blast_radii(&self, packages: &[PackageId]) -> Vec<BlastRadius> {
        packages
            .chunks(LANES)
            .flat_map(|lanes| self.measure_lanes(lanes))
            .collect()
    }

    fn measure_lanes(&self, lanes: &[PackageId]) -> Vec<BlastRadius> {
        let mut resting = vec![0_u64; self.order.len()];
        for (lane, package) in lanes.iter().enumerate() {
            for node in &self.graph.package(*package).entries {
                resting[self.at(*node)] |= 1 << lane;
            }
        }
        while self.spread_up(&mut resting) {}
        let mut by_package = vec![0_u64; self.graph.packages().len()];
        let mut by_direct = vec![0_u64; by_package.len()];
        let mut radii = vec![BlastRadius::default(); lanes.len()];
        for (at, node) in self
            .order
            .iter()
            .enumerate()
            .filter(|(at, _)| resting[*at] != 0)
        {
            let entry = self.graph.entry(*node);
            if self.graph.is_start(*node) {
                add_lanes(resting[at], |lane| radii[lane].members += 1);
                continue;
            }
            let mut dependents = self.dependents[range(&self.dependents_start, at)].iter();
            let is_direct = dependents.any(|from| self.graph.is_start(self.order[*from as usize]));
            if is_direct && self.graph.is_way_known(*node) {
                by_direct[entry.package.0 as usize] |= resting[at];
            }
            if entry.kind == EntryKind::Package {
                by_package[entry.package.0 as usize] |= resting[at];
            }
        }
        for lanes_of in by_direct.into_iter().filter(|lanes_of| *lanes_of != 0) {
            add_lanes(lanes_of, |lane| radii[lane].direct += 1);
        }
        for (index, lanes_of) in by_package
            .into_iter()
            .enumerate()
            .filter(|(_, lanes_of)| *lanes_of != 0)
        {
            add_lanes(lanes_of, |lane| {
                radii[lane].packages += u32::from(lanes[lane].0 as usize != index);
            });
        }
        for (radius, package) in radii.iter_mut().zip(lanes) {
            radius.projects = super::to_id(self.graph.projects_of(*package).len());
        }
        radii
    }

    fn starts(&self, project: ProjectId) -> impl Iterator<Item = usize> {
        let lockfiles = &self.graph.project(project).lockfiles;
        let roots = lockfiles
            .iter()
            .map(|lockfile| self.graph.lockfile(*lockfile).root);
        let members = roots
            .clone()
            .flat_map(|root| self.graph.dependencies(root).map(|(member, _)| member));
        roots
            .chain(members.filter(|member| self.graph.is_start(*member)))
            .map(|node| self.at(node))
    }

    fn at(&self, node: NodeId) -> usize {
        self.position[node.index()] as usize
    }

    /// Carries bits from dependents to dependencies once, in order; says whether any moved.
    fn spread_down(&self, bits: &mut [u64], open: &[u64]) -> bool {
        let mut moved = false;
        for at in 0..bits.len() {
            let dependents = &self.dependents[range(&self.dependents_start, at)];
            let gathered = dependents.iter().fold(bits[at], |bits_so_far, from| {
                bits_so_far | bits[*from as usize] & open[at]
            });
            moved |= std::mem::replace(&mut bits[at], gathered) != gathered;
        }
        moved
    }

    /// Carries bits from dependencies to dependents once, in reverse order; says whether any moved.
    fn spread_up(&self, bits: &mut [u64]) -> bool {
        let mut moved = false;
        for at in (0..bits.len()).rev() {
            let dependencies = &self.dependencies[range(&self.dependencies_start, at)];
            let gathered = dependencies
                .iter()
                .fold(bits[at], |bits_so_far, to| bits_so_far | bits[*to as usize]);
            moved |= std::mem::replace(&mut bits[at], gathered) != gathered;
        }
        moved
    }
}

fn range(starts: &[u32], at: usize) -> std::ops::Range<usize> {
    starts[at] as usize..starts[at + 1] as usize
}

/// Lists the routes by position.
fn flatten(routes: &Routes, order: &[NodeId], position: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut flat = Vec::with_capacity(routes.len());
    let mut starts = Vec::with_capacity(order.len() + 1);
    for node in order {
        starts.push(super::to_id(flat.len()));
        let from = routes.from(super::to_id(node.index())).iter();
        flat.extend(from.map(|route| position[route.to as usize]));
    }
    starts.push(super::to_id(flat.len()));
    (flat, starts)
}

/// Lists the same routes by where they lead, sorted by counting.
fn turn(flat: &[u32], starts: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut turned_starts = vec![0; starts.len()];
    for to in flat {
        turned_starts[*to as usize + 1] += 1;
    }
    for at in 1..turned_starts.len() {
        turned_starts[at] += turned_starts[at - 1];
    }
    let mut next = turned_starts.clone();
    let mut turned = vec![0; flat.len()];
    for from in 0..starts.len() - 1 {
        for to in &flat[range(starts, from)] {
            let next = &mut next[*to as usize];
            turned[*next as usize] = super::to_id(from);
            *next += 1;
        }
    }
    (turned, turned_starts)
}

fn add_lanes(mut lanes: u64, mut add: impl FnMut(usize)) {
    while lanes != 0 {
        add(lanes.trailing_zeros() as usize);
        lanes &= lanes - 1;
    }
}
