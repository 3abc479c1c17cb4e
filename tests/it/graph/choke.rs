//! Choke points of long paths: which packages are asked about.

use linchpin::graph::DependencyGraph;
use linchpin::graph::choke::ASKED;

use crate::support::graph_of;

/// A package-lock.json of these dependencies.
fn graph(edges: &[(String, String)]) -> DependencyGraph<'static> {
    let mut names: Vec<&String> = edges.iter().flat_map(|(from, to)| [from, to]).collect();
    names.sort_unstable();
    names.dedup();
    let places = names.into_iter().map(|name| {
        let asked = edges
            .iter()
            .filter(|(from, _)| from == name)
            .map(|(_, to)| format!(r#""{to}":"1""#));
        let asked = asked.collect::<Vec<_>>().join(",");
        match name.as_str() {
            "app" => format!(r#""":{{"dependencies":{{{asked}}}}}"#),
            _ => {
                format!(r#""node_modules/{name}":{{"version":"1.0.0","dependencies":{{{asked}}}}}"#)
            }
        }
    });
    let places = places.collect::<Vec<_>>().join(",");
    let text = format!(r#"{{"name":"app","lockfileVersion":3,"packages":{{{places}}}}}"#);
    graph_of("package-lock.json", &text)
}

fn edge(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

/// Two ways from the application to `middle`, so that no direct dependency cuts.
fn fork() -> Vec<(String, String)> {
    [
        ("app", "left"),
        ("app", "right"),
        ("left", "middle"),
        ("right", "middle"),
    ]
    .map(|(from, to)| edge(from, to))
    .into()
}

/// A chain of `length` packages from `from` to `to`.
fn chain(from: &str, name: &str, length: usize, to: &str) -> Vec<(String, String)> {
    let mut places = vec![from.to_owned()];
    places.extend((0..length).map(|number| format!("{name}{number}")));
    places.push(to.to_owned());
    places
        .windows(2)
        .map(|pair| edge(&pair[0], &pair[1]))
        .collect()
}

fn choke_point(graph: &DependencyGraph<'_>, culprit: &str) -> Option<String> {
    let (culprit, _) = graph
        .packages()
        .find(|(_, package)| package.name.as_str() == culprit)
        .expect("a package of that name");
    let project = graph.projects_of(culprit)[0];
    let found = graph.choke_point(culprit, project)?;
    Some(graph.package(found).name.as_str().to_owned())
}

#[test]
fn a_direct_dependency_that_cuts_is_named_however_far_it_is() {
    let graph = graph(&chain("app", "p", 3 * ASKED, "culprit"));
    assert_eq!(choke_point(&graph, "culprit").as_deref(), Some("p0"));
}

#[test]
fn without_one_the_nearest_that_cuts_is_named() {
    let edges = [fork(), chain("middle", "p", 3 * ASKED, "culprit")].concat();
    let last = format!("p{}", 3 * ASKED - 1);
    assert_eq!(choke_point(&graph(&edges), "culprit"), Some(last));
}

#[test]
fn one_that_is_farther_than_is_asked_is_not_found() {
    let braid = |length| {
        let ways = ["p", "q"].map(|name| chain("middle", name, length, "culprit"));
        graph(&[vec![fork()], ways.into()].concat().concat())
    };
    assert_eq!(
        choke_point(&braid(ASKED - 1), "culprit").as_deref(),
        Some("middle")
    );
    assert_eq!(choke_point(&braid(ASKED), "culprit"), None);
}

#[test]
fn a_direct_dependency_farther_along_the_path_counts_as_direct() {
    // `left` does not cut, `middle` does and is direct for development only.
    let text = r#"{"name":"app","lockfileVersion":3,"packages":{
        "":{"dependencies":{"left":"1","right":"1"},"devDependencies":{"middle":"1"}},
        "node_modules/left":{"version":"1.0.0","dependencies":{"middle":"1"}},
        "node_modules/right":{"version":"1.0.0","dependencies":{"middle":"1"}},
        "node_modules/middle":{"version":"1.0.0","dependencies":{"near":"1"}},
        "node_modules/near":{"version":"1.0.0","dependencies":{"culprit":"1"}},
        "node_modules/culprit":{"version":"1.0.0"}}}"#;
    let graph = graph_of("package-lock.json", text);
    assert_eq!(choke_point(&graph, "culprit").as_deref(), Some("middle"));
}
