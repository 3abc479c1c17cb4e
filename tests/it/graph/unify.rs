//! What the graph keeps apart and what it brings together.

use linchpin::files::MapFiles;
use linchpin::graph::{DependencyGraph, PackageId, unify};
use linchpin::lockfile::{DependencyKind, ProblemSeverity, Scope};

use crate::support::{graph_of, read, source};

fn package(graph: &DependencyGraph<'_>, name: &str) -> PackageId {
    let mut named = graph
        .packages()
        .filter(|(_, package)| package.name.as_str() == name)
        .map(|(id, _)| id);
    let found = named.next().expect("a package of that name");
    assert_eq!(named.next(), None, "one package of that name");
    found
}

fn names(graph: &DependencyGraph<'_>, culprit: &str) -> Vec<Vec<String>> {
    let id = package(graph, culprit);
    let shown = graph
        .projects_of(id)
        .into_iter()
        .map(|project| graph.shortest_path(id, project));
    shown
        .map(|path| {
            path.iter()
                .map(|node| {
                    graph
                        .package(graph.entry(*node).package)
                        .name
                        .as_str()
                        .to_owned()
                })
                .collect()
        })
        .collect()
}

fn lock(name: &str, places: &str) -> String {
    format!(r#"{{"name":"{name}","lockfileVersion":3,"packages":{{{places}}}}}"#)
}

/// One lockfile says web → a → b, the other api → b → c: no path web → a → b → c exists, and none is shown.
#[test]
fn two_lockfiles_that_disagree_never_yield_a_path_that_exists_in_neither() {
    let registry = |name: &str| {
        format!(
            r#""version":"1.0.0","resolved":"https://registry.npmjs.org/{name}/-/{name}-1.0.0.tgz""#
        )
    };
    let (a, b, c) = (registry("a"), registry("b"), registry("c"));
    let web = lock(
        "web",
        &format!(
            r#""":{{"dependencies":{{"a":"1"}}}},"node_modules/a":{{{a},"dependencies":{{"b":"1"}}}},"node_modules/b":{{{b}}}"#
        ),
    );
    let api = lock(
        "api",
        &format!(
            r#""":{{"dependencies":{{"b":"1"}}}},"node_modules/b":{{{b},"dependencies":{{"c":"1"}}}},"node_modules/c":{{{c}}}"#
        ),
    );
    let (web, api) = (
        source("web/package-lock.json", &web),
        source("api/package-lock.json", &api),
    );
    let files = MapFiles::default();
    let lockfiles = [
        read(&web, &files).expect("readable"),
        read(&api, &files).expect("readable"),
    ];
    let graph = unify(&lockfiles);
    assert_eq!(
        graph.package(package(&graph, "b")).entries.len(),
        2,
        "one package, two entries"
    );
    assert_eq!(names(&graph, "c"), [vec!["api", "b", "c"]]);
    assert_eq!(
        names(&graph, "b"),
        [vec!["api", "b"], vec!["web", "a", "b"]]
    );
    let reaching_c = graph.leaving_with(
        package(&graph, "b"),
        graph.projects_of(package(&graph, "a"))[0],
    );
    assert!(
        !reaching_c.contains(&package(&graph, "c")),
        "c is nothing to the web project"
    );
}

#[test]
fn a_package_from_another_source_is_another_package() {
    let text = lock(
        "app",
        r#""":{"dependencies":{"x":"1","y":"1"}},
        "node_modules/x":{"name":"same","version":"1.0.0","resolved":"https://registry.npmjs.org/same/-/same-1.0.0.tgz"},
        "node_modules/y":{"name":"same","version":"1.0.0","resolved":"git+ssh://git@example.org/same.git#0123456789012345678901234567890123456789"}"#,
    );
    let graph = graph_of("package-lock.json", &text);
    let purls: Vec<String> = graph
        .packages()
        .skip(1)
        .map(|(id, _)| graph.purl(id).to_string())
        .collect();
    assert_eq!(purls.len(), 2);
    assert_eq!(purls[0], "pkg:npm/same@1.0.0");
    assert!(
        purls[1].starts_with("pkg:npm/same@1.0.0?vcs_url=git"),
        "{}",
        purls[1]
    );
}

#[test]
fn one_package_in_development_here_and_production_there_is_in_production() {
    let text = lock(
        "app",
        r#""":{"devDependencies":{"tool":"1"},"dependencies":{"lib":"1"}},
        "node_modules/tool":{"version":"1.0.0","dependencies":{"shared":"1"}},
        "node_modules/tool/node_modules/shared":{"version":"1.0.0"},
        "node_modules/lib":{"version":"1.0.0","dependencies":{"shared":"1"}},
        "node_modules/lib/node_modules/shared":{"version":"1.0.0"}"#,
    );
    let graph = graph_of("package-lock.json", &text);
    let shared = package(&graph, "shared");
    let project = graph.projects_of(shared)[0];
    assert_eq!(
        graph
            .package(shared)
            .entries
            .iter()
            .map(|node| graph.scope(*node))
            .collect::<Vec<_>>(),
        [Scope::Dev, Scope::Prod]
    );
    assert_eq!(graph.scope_in(shared, project), Some(Scope::Prod));
    assert_eq!(names(&graph, "shared"), [vec!["app", "lib", "shared"]]);
}

#[test]
fn what_nothing_depends_on_hangs_on_the_root_and_is_said() {
    let text = lock(
        "app",
        r#""":{},"node_modules/head":{"version":"1.0.0","dependencies":{"tail":"1"}},"node_modules/tail":{"version":"1.0.0"}"#,
    );
    let graph = graph_of("package-lock.json", &text);
    let unattached: Vec<_> = graph
        .edges()
        .filter(|(_, _, edge)| edge.kind == DependencyKind::Unattached)
        .collect();
    assert_eq!(unattached.len(), 1, "the tail hangs on the head");
    assert_eq!(graph.scope(unattached[0].1), Scope::Prod);
    assert_eq!(graph.problems().len(), 1);
    assert_eq!(graph.problems()[0].severity, ProblemSeverity::Warning);
}

#[test]
fn cycles_are_legal() {
    let text = lock(
        "app",
        r#""":{"dependencies":{"a":"1"}},"node_modules/a":{"version":"1.0.0","dependencies":{"b":"1"}},
        "node_modules/b":{"version":"1.0.0","dependencies":{"a":"1"}}"#,
    );
    let graph = graph_of("package-lock.json", &text);
    assert_eq!(names(&graph, "b"), [vec!["app", "a", "b"]]);
    assert!(graph.problems().is_empty());
}

/// A project without a stated version has the name and folder of its lockfile's root; it is still a package of its own.
#[test]
fn a_project_is_not_its_lockfiles_root() {
    let text = "version = 1\n[[package]]\nname = \"app\"\nsource = { editable = \".\" }\n";
    let graph = graph_of("uv.lock", text);
    let purls: Vec<String> = graph
        .packages()
        .map(|(id, _)| graph.purl(id).to_string())
        .collect();
    assert_eq!(
        purls,
        [
            "pkg:pypi/app?download_url=file:uv.lock",
            "pkg:pypi/app?download_url=file:."
        ]
    );
}

#[test]
fn an_endless_key_is_cut_in_the_words_about_it() {
    let name = "k".repeat(10_000);
    let text = format!(
        "# yarn lockfile v1\n\n\"{name}@1\":\n  version \"1.0.0\"\n  dependencies:\n    {name} \"1\"\n"
    );
    let graph = graph_of("yarn.lock", &text);
    let messages: Vec<&str> = graph
        .problems()
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(messages.len(), 1, "{}", messages.len());
    assert!(messages[0].len() < 200 && messages[0].contains('…'));
}
