//! The graph's algorithms against versions that are too simple to be wrong, on small random graphs.

use std::collections::BTreeSet;

use linchpin::graph::choke::{BlastRadius, Cut, Route, Topology};
use linchpin::graph::paths::PathCounter;
use linchpin::graph::{DependencyGraph, NodeId, PackageId, ProjectId, unify};
use linchpin::lockfile::{
    DependencyKind, EntryKind, FormatId, LockedDependency, LockedEntry, Lockfile, Scope,
};
use linchpin::package::{Ecosystem, PackageName, Source, Version};
use proptest::prelude::*;

use crate::support::path;

const KINDS: [DependencyKind; 5] = [
    DependencyKind::Normal,
    DependencyKind::Peer,
    DependencyKind::Build,
    DependencyKind::Optional,
    DependencyKind::Dev,
];

/// A lockfile as a drawing: which package each entry is, how many are members, who depends on whom.
#[derive(Clone, Debug)]
struct Drawing {
    /// The package of each entry behind the members, so that one package may have several entries.
    packages: Vec<u8>,
    members: usize,
    edges: Vec<(usize, usize, usize)>,
}

fn drawing() -> impl Strategy<Value = Drawing> {
    (proptest::collection::vec(0_u8..4, 1..7), 0_usize..3).prop_flat_map(|(packages, members)| {
        let nodes = 1 + members + packages.len();
        let edges = proptest::collection::vec((0..nodes, 1..nodes, 0..KINDS.len()), 0..14);
        edges.prop_map(move |edges| Drawing {
            packages: packages.clone(),
            members,
            edges,
        })
    })
}

fn lockfile(drawing: &Drawing, folder: &str) -> Lockfile<'static> {
    let mut entries = vec![LockedEntry::root(Ecosystem::Npm, "root".into())];
    let entry = |kind, name: String, key: String| LockedEntry {
        kind,
        name: PackageName::new(Ecosystem::Npm, name.into()),
        version: Some(Version::new("1.0.0".into())),
        source: Source::registry(Ecosystem::Npm, "https://registry.npmjs.org/".into()),
        key: key.into(),
        ..LockedEntry::root(Ecosystem::Npm, "root".into())
    };
    for member in 0..drawing.members {
        entries.push(entry(
            EntryKind::Workspace,
            format!("member-{member}"),
            format!("member-{member}"),
        ));
    }
    for (index, package) in drawing.packages.iter().enumerate() {
        entries.push(entry(
            EntryKind::Package,
            format!("package-{package}"),
            format!("place-{index}"),
        ));
    }
    let members = (1..=drawing.members).map(|member| (0, member, 0));
    let edges = members.chain(drawing.edges.iter().copied());
    let dependencies = edges
        .map(|(from, to, kind)| LockedDependency::new(index(from), index(to), KINDS[kind]))
        .collect();
    Lockfile {
        path: path(folder)
            .join("package-lock.json")
            .expect("a path inside the root"),
        format: FormatId("npm-lock"),
        ecosystem: Ecosystem::Npm,
        entries,
        dependencies,
        manifests: Vec::new(),
        problems: Vec::new(),
        edges: linchpin::lockfile::EdgeStatement::Stated,
        unjudged: Vec::new(),
    }
}

fn index(index: usize) -> u32 {
    u32::try_from(index).expect("a small graph")
}

/// The edges as the contract counts them: between roots and members there are none.
fn routes(graph: &DependencyGraph<'_>, scope: Scope) -> BTreeSet<(NodeId, NodeId)> {
    let routes = graph.edges().filter(|(from, to, edge)| {
        edge.reach <= scope && !(graph.is_start(*from) && graph.is_start(*to))
    });
    routes.map(|(from, to, _)| (from, to)).collect()
}

fn starts(graph: &DependencyGraph<'_>, project: ProjectId) -> BTreeSet<NodeId> {
    graph
        .nodes()
        .filter(|node| graph.is_start(*node) && graph.project_of(*node) == project)
        .collect()
}

fn reached(from: &BTreeSet<NodeId>, edges: &BTreeSet<(NodeId, NodeId)>) -> BTreeSet<NodeId> {
    let mut reached = from.clone();
    loop {
        let more: BTreeSet<NodeId> = edges
            .iter()
            .filter(|(from, _)| reached.contains(from))
            .map(|(_, to)| *to)
            .collect();
        if more.is_subset(&reached) {
            return reached;
        }
        reached.extend(more);
    }
}

/// Every path that visits no node twice, from any start.
fn simple_paths(
    graph: &DependencyGraph<'_>,
    starts: &BTreeSet<NodeId>,
    scope: Scope,
    all_edges: bool,
) -> Vec<Vec<NodeId>> {
    let mut finished = Vec::new();
    let mut open: Vec<Vec<NodeId>> = starts.iter().map(|start| vec![*start]).collect();
    while let Some(path) = open.pop() {
        let last = *path.last().expect("paths are not empty");
        for (next, edge) in graph.dependencies(last) {
            let counts = all_edges || !(graph.is_start(last) && graph.is_start(next));
            if edge.reach <= scope && counts && !path.contains(&next) {
                open.push([path.clone(), vec![next]].concat());
            }
        }
        finished.push(path);
    }
    finished
}

fn naive_scope(graph: &DependencyGraph<'_>, node: NodeId) -> Scope {
    let starts = starts(graph, graph.project_of(node));
    let ends_here = |scope: &Scope| {
        simple_paths(graph, &starts, *scope, true)
            .iter()
            .any(|path| path.last() == Some(&node))
    };
    Scope::ALL
        .into_iter()
        .find(ends_here)
        .expect("every entry hangs on a root")
}

/// Counts by walking from component to component, each step a different one.
fn naive_count(
    graph: &DependencyGraph<'_>,
    package: PackageId,
    project: ProjectId,
    scope: Scope,
) -> u64 {
    let edges = routes(graph, scope);
    let component = |node: NodeId| -> BTreeSet<NodeId> {
        let forward = reached(&BTreeSet::from([node]), &edges);
        forward
            .into_iter()
            .filter(|other| reached(&BTreeSet::from([*other]), &edges).contains(&node))
            .collect()
    };
    let steps: BTreeSet<_> = edges
        .iter()
        .map(|(from, to)| (component(*from), component(*to)))
        .filter(|(from, to)| from != to)
        .collect();
    let targets: BTreeSet<_> = graph.entries_in(package, project).map(component).collect();
    let mut open: Vec<BTreeSet<NodeId>> = starts(graph, project)
        .into_iter()
        .map(component)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut count = 0;
    while let Some(here) = open.pop() {
        count += u64::from(targets.contains(&here));
        open.extend(
            steps
                .iter()
                .filter(|(from, _)| *from == here)
                .map(|(_, to)| to.clone()),
        );
    }
    count
}

fn naive_leaves(graph: &DependencyGraph<'_>, cut: Cut) -> bool {
    let gone = |node: &NodeId| {
        graph.entry(*node).package == cut.candidate && graph.project_of(*node) == cut.project
    };
    let edges = routes(graph, Scope::Dev)
        .into_iter()
        .filter(|(from, to)| !gone(from) && !gone(to))
        .collect();
    let reached = reached(&starts(graph, cut.project), &edges);
    !graph
        .entries_in(cut.culprit, cut.project)
        .any(|node| reached.contains(&node))
}

/// Deletes every package of the shown path in turn: a direct dependency that cuts, else the last that does.
fn naive_choke_point(
    graph: &DependencyGraph<'_>,
    culprit: PackageId,
    project: ProjectId,
) -> Option<PackageId> {
    let path = graph.shortest_path(culprit, project);
    let package = |node: &NodeId| graph.entry(*node).package;
    let leaves = |candidate| {
        naive_leaves(
            graph,
            Cut {
                project,
                culprit,
                candidate,
            },
        )
    };
    let cutting: Vec<NodeId> = path
        .into_iter()
        .filter(|node| !graph.is_start(*node) && package(node) != culprit)
        .filter(|node| leaves(package(node)))
        .collect();
    let direct = cutting.iter().find(|node| graph.is_direct(**node));
    direct.or(cutting.last()).map(package)
}

fn naive_radius(graph: &DependencyGraph<'_>, package: PackageId) -> BlastRadius {
    let backwards: BTreeSet<(NodeId, NodeId)> = routes(graph, Scope::Dev)
        .into_iter()
        .map(|(from, to)| (to, from))
        .collect();
    let resting = reached(
        &graph.package(package).entries.iter().copied().collect(),
        &backwards,
    );
    let packages = |nodes: &mut dyn Iterator<Item = NodeId>| {
        nodes
            .map(|node| graph.entry(node).package)
            .collect::<BTreeSet<_>>()
    };
    let direct = packages(
        &mut resting
            .iter()
            .copied()
            .filter(|node| graph.is_direct(*node)),
    );
    let mut others = packages(
        &mut resting
            .iter()
            .copied()
            .filter(|node| graph.entry(*node).kind == EntryKind::Package),
    );
    others.remove(&package);
    BlastRadius {
        projects: index(graph.projects_of(package).len()),
        members: index(resting.iter().filter(|node| graph.is_start(**node)).count()),
        direct: index(direct.len()),
        packages: index(others.len()),
    }
}

fn packages(graph: &DependencyGraph<'_>) -> Vec<PackageId> {
    graph
        .packages()
        .filter(|(_, package)| package.kind == EntryKind::Package)
        .map(|(id, _)| id)
        .collect()
}

fn questions(graph: &DependencyGraph<'_>) -> Vec<(PackageId, ProjectId)> {
    packages(graph)
        .into_iter()
        .flat_map(|package| {
            graph
                .projects_of(package)
                .into_iter()
                .map(move |project| (package, project))
        })
        .collect()
}

fn labels(graph: &DependencyGraph<'_>, path: &[NodeId]) -> Vec<(String, String)> {
    let label = |node: &NodeId| {
        (
            graph
                .package(graph.entry(*node).package)
                .name
                .as_str()
                .to_owned(),
            graph.entry(*node).record.key.as_str().to_owned(),
        )
    };
    path.iter().map(label).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scopes_are_those_of_the_widest_path(one in drawing(), other in drawing()) {
        let lockfiles = [lockfile(&one, "one"), lockfile(&other, "other")];
        let graph = unify(&lockfiles);
        for node in graph.nodes() {
            prop_assert_eq!(graph.scope(node), naive_scope(&graph, node));
        }
    }

    #[test]
    fn paths_are_counted_as_by_enumeration(one in drawing(), other in drawing()) {
        let lockfiles = [lockfile(&one, "one"), lockfile(&other, "one")];
        let graph = unify(&lockfiles);
        let mut counter = PathCounter::new(&graph);
        for (package, project) in questions(&graph) {
            let scope = graph.scope_in(package, project).expect("the project holds the package");
            prop_assert_eq!(counter.count(package, project), naive_count(&graph, package, project, scope));
        }
    }

    #[test]
    fn the_shown_path_is_the_smallest_of_the_shortest(one in drawing()) {
        let lockfiles = [lockfile(&one, "one")];
        let graph = unify(&lockfiles);
        for (package, project) in questions(&graph) {
            let scope = graph.scope_in(package, project).expect("the project holds the package");
            let paths = simple_paths(&graph, &starts(&graph, project), scope, true);
            let ending = paths.into_iter().filter(|path| path.last().is_some_and(|last| graph.entry(*last).package == package));
            let expected = ending.map(|path| (path.len(), labels(&graph, &path))).min();
            let found = graph.shortest_path(package, project);
            prop_assert_eq!(Some((found.len(), labels(&graph, &found))), expected);
        }
    }

    #[test]
    fn cuts_are_answered_as_by_deleting_the_package(one in drawing(), other in drawing()) {
        let lockfiles = [lockfile(&one, "one"), lockfile(&other, "other")];
        let graph = unify(&lockfiles);
        let cuts: Vec<Cut> = questions(&graph)
            .into_iter()
            .flat_map(|(culprit, project)| packages(&graph).into_iter().map(move |candidate| Cut { project, culprit, candidate }))
            .filter(|cut| cut.culprit != cut.candidate)
            .collect();
        let expected: Vec<bool> = cuts.iter().map(|cut| naive_leaves(&graph, *cut)).collect();
        prop_assert_eq!(Topology::new(&graph).cuts(&cuts), expected);
    }

    #[test]
    fn choke_points_are_those_of_deleting_each_package_of_the_path(one in drawing(), other in drawing()) {
        let lockfiles = [lockfile(&one, "one"), lockfile(&other, "other")];
        let graph = unify(&lockfiles);
        let questions = questions(&graph);
        let paths: Vec<Vec<NodeId>> = questions.iter().map(|(culprit, project)| graph.shortest_path(*culprit, *project)).collect();
        let routes: Vec<Route<'_>> = questions
            .iter()
            .zip(&paths)
            .map(|((culprit, project), path)| Route { project: *project, culprit: *culprit, path })
            .collect();
        let expected: Vec<Option<PackageId>> = questions.iter().map(|(culprit, project)| naive_choke_point(&graph, *culprit, *project)).collect();
        prop_assert_eq!(Topology::new(&graph).choke_points(&routes), expected.clone());
        let told: Vec<Option<PackageId>> = questions.iter().map(|(culprit, project)| graph.choke_point(*culprit, *project)).collect();
        prop_assert_eq!(told, expected);
    }

    #[test]
    fn blast_radii_are_those_of_plain_reachability(one in drawing(), other in drawing()) {
        let lockfiles = [lockfile(&one, "one"), lockfile(&other, "other")];
        let graph = unify(&lockfiles);
        let expected: Vec<BlastRadius> = packages(&graph).into_iter().map(|package| naive_radius(&graph, package)).collect();
        prop_assert_eq!(Topology::new(&graph).blast_radii(&packages(&graph)), expected);
    }

    #[test]
    fn every_entry_hangs_on_its_root(one in drawing()) {
        let lockfiles = [lockfile(&one, "one")];
        let graph = unify(&lockfiles);
        let all = graph.edges().map(|(from, to, _)| (from, to)).collect();
        let reached = reached(&BTreeSet::from([graph.lockfiles()[0].root]), &all);
        prop_assert_eq!(reached.len(), graph.node_count());
    }
}
