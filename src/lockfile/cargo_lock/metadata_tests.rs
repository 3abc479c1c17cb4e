use cargo_metadata::MetadataCommand;

use super::*;
use crate::files::MapFiles;
use crate::graph::unify;
use crate::lockfile::cargo_lock::CargoLock;
use crate::lockfile::testing::{file, read};

const LOCK: &str = include_str!("../../../fixtures/cargo-metadata/workspace/Cargo.lock");
const ALL_TARGETS: &str = include_str!("../../../fixtures/cargo-metadata/all-targets.json");
const LINUX: &str = include_str!("../../../fixtures/cargo-metadata/linux.json");
const MANIFESTS: [(&str, &str); 3] = [
    (
        "Cargo.toml",
        include_str!("../../../fixtures/cargo-metadata/workspace/Cargo.toml"),
    ),
    (
        "app/Cargo.toml",
        include_str!("../../../fixtures/cargo-metadata/workspace/app/Cargo.toml"),
    ),
    (
        "tool/Cargo.toml",
        include_str!("../../../fixtures/cargo-metadata/workspace/tool/Cargo.toml"),
    ),
];

fn linux() -> Vec<TargetTriple> {
    vec!["x86_64-unknown-linux-gnu".parse().expect("a triple")]
}

fn answer(json: &str) -> Metadata {
    MetadataCommand::parse(json).expect("an answer of cargo")
}

/// Reads the made-up workspace and labels it by an answer of cargo.
fn with_label<T>(json: &str, targets: &[TargetTriple], look: impl Fn(&Lockfile<'_>) -> T) -> T {
    let file = file("Cargo.lock", &LOCK.replace("\r\n", "\n"));
    let mut lockfile = read(&CargoLock, &file, &MapFiles::new(MANIFESTS));
    assert_eq!(lockfile.problems, []);
    label(&mut lockfile, &answer(json), targets).expect("an answer about this lockfile");
    look(&lockfile)
}

/// Describes an edge as `kind reach requirement marker`; nothing if there is none.
fn edge(lockfile: &Lockfile<'_>, from: &str, to: &str) -> String {
    let name = |index: u32| lockfile.entries[index as usize].name.as_str();
    let mut edges = lockfile.dependencies.iter();
    let edge = edges.find(|edge| edge.from != 0 && name(edge.from) == from && name(edge.to) == to);
    edge.map_or(String::new(), |edge| {
        let text = |text: &Option<Untrusted<'_>>| {
            text.as_ref()
                .map_or("-".to_owned(), |text| text.as_str().to_owned())
        };
        let (requirement, marker) = (text(&edge.requirement), text(&edge.marker));
        format!(
            "{} {} {requirement} {marker}",
            edge.kind.id(),
            edge.reach.id()
        )
    })
}

/// The scope of each package in the graph, by name.
fn scope(lockfile: Lockfile<'_>, name: &str) -> Scope {
    let lockfiles = [lockfile];
    let graph = unify(&lockfiles);
    let mut nodes = graph.nodes();
    let node = nodes.find(|node| graph.entry(*node).record.name.as_str() == name);
    graph.scope(node.expect("an entry of this name"))
}

fn scope_with(json: &str, targets: &[TargetTriple], name: &str) -> Scope {
    let file = file("Cargo.lock", &LOCK.replace("\r\n", "\n"));
    let mut lockfile = read(&CargoLock, &file, &MapFiles::new(MANIFESTS));
    label(&mut lockfile, &answer(json), targets).expect("an answer about this lockfile");
    scope(lockfile, name)
}

#[test]
fn edges_that_cargo_follows_have_their_kind_range_and_platform() {
    with_label(ALL_TARGETS, &[], |lockfile| {
        for (from, to, label) in [
            ("app", "plain", "normal prod 1 -"),
            ("app", "maker", "build build 1 -"),
            ("app", "tester", "dev dev 1 -"),
            ("app", "window", "normal prod 1 cfg(windows)"),
            ("plain", "inner", "normal prod ^1 -"),
            ("plain", "maker", "build build ^1 -"),
            ("plain", "window-sys", "normal prod ^1 cfg(windows)"),
            ("tester", "inner", "normal prod ^1.0 -"),
            ("tool", "app", "normal prod - -"),
            ("tool", "tester", "dev dev 1 cfg(windows)"),
        ] {
            assert_eq!(edge(lockfile, from, to), label, "{from} -> {to}");
        }
    });
}

#[test]
fn an_optional_dependency_that_a_feature_switches_on_reaches_as_far_as_any_other() {
    with_label(ALL_TARGETS, &[], |lockfile| {
        assert_eq!(edge(lockfile, "app", "turbo"), "optional prod 1 -");
    });
    assert_eq!(scope_with(ALL_TARGETS, &[], "turbo"), Scope::Prod);
}

#[test]
fn what_no_feature_in_use_switches_on_stays_and_says_so() {
    let never = "optional: never built with the default features";
    with_label(ALL_TARGETS, &[], |lockfile| {
        assert_eq!(
            edge(lockfile, "app", "glitter"),
            format!("optional optional 1 {never}")
        );
        assert_eq!(
            edge(lockfile, "plain", "spare"),
            format!("optional optional ^1 {never}")
        );
        // Nobody said anything about the edges of what is never built.
        assert_eq!(edge(lockfile, "glitter", "sparkle"), "normal prod - -");
    });
    for name in ["glitter", "sparkle", "spare"] {
        assert_eq!(
            scope_with(ALL_TARGETS, &[], name),
            Scope::Optional,
            "{name}"
        );
    }
}

#[test]
fn what_is_never_built_for_the_chosen_target_stays_and_says_so() {
    let never = "cfg(windows): never built for x86_64-unknown-linux-gnu";
    with_label(LINUX, &linux(), |lockfile| {
        assert_eq!(
            edge(lockfile, "app", "window"),
            format!("optional optional 1 {never}")
        );
        assert_eq!(
            edge(lockfile, "plain", "window-sys"),
            format!("optional optional ^1 {never}")
        );
        assert_eq!(
            edge(lockfile, "tool", "tester"),
            format!("dev dev 1 {never}")
        );
        assert_eq!(
            edge(lockfile, "app", "glitter"),
            "optional optional 1 optional: never built for x86_64-unknown-linux-gnu with the default features"
        );
    });
    for name in ["window", "window-sys"] {
        assert_eq!(scope_with(ALL_TARGETS, &[], name), Scope::Prod, "{name}");
        assert_eq!(scope_with(LINUX, &linux(), name), Scope::Optional, "{name}");
    }
}

#[test]
fn what_is_for_building_and_testing_is_narrower_than_prod() {
    for (name, scope) in [
        ("plain", Scope::Prod),
        ("inner", Scope::Prod),
        ("maker", Scope::Build),
        ("gear", Scope::Build),
        ("tester", Scope::Dev),
    ] {
        assert_eq!(scope_with(ALL_TARGETS, &[], name), scope, "{name}");
    }
}

#[test]
fn nothing_is_dropped_and_nothing_drawn_twice() {
    let count = |json: &str, targets: &[TargetTriple]| {
        with_label(json, targets, |lockfile| {
            let edges: FxHashSet<_> = lockfile
                .dependencies
                .iter()
                .map(|edge| (edge.from, edge.to))
                .collect();
            assert_eq!(edges.len(), lockfile.dependencies.len());
            (lockfile.entries.len(), edges.len())
        })
    };
    // 13 packages and the root; 17 edges between packages, and one to each member.
    assert_eq!(count(ALL_TARGETS, &[]), (14, 19));
    assert_eq!(count(LINUX, &linux()), (14, 19));
}

#[test]
fn edges_that_the_lockfile_lacks_are_drawn() {
    let file = file(
        "Cargo.lock",
        &LOCK.replace("\r\n", "\n").replacen(" \"gear\",\n", "", 1),
    );
    let mut lockfile = read(&CargoLock, &file, &MapFiles::new(MANIFESTS));
    label(&mut lockfile, &answer(ALL_TARGETS), &[]).expect("an answer about this lockfile");
    assert_eq!(edge(&lockfile, "maker", "gear"), "normal prod ^1 -");
}

#[test]
fn the_widest_of_several_ways_counts_and_names_its_platforms() {
    let json: serde_json::Value = serde_json::from_str(ALL_TARGETS).expect("JSON");
    let json = json.to_string();
    let alone = r#"{"kind":"build","target":null}"#;
    assert!(json.contains(alone), "the answer holds a way for building");
    let more = |kind: &str, target: &str| format!("{{\"kind\": {kind}, \"target\": {target}}}");
    let ways = |more: &[String]| json.replace(alone, &format!("{alone}, {}", more.join(", ")));
    let label = |json: &str| with_label(json, &[], |lockfile| edge(lockfile, "app", "maker"));
    let on = |target: &str| more("null", &format!("\"{target}\""));
    assert_eq!(label(&ways(&[more("\"dev\"", "null")])), "build build 1 -");
    assert_eq!(
        label(&ways(&[on("cfg(windows)"), on("cfg(unix)")])),
        "normal prod 1 cfg(unix) or cfg(windows)"
    );
    assert_eq!(
        label(&ways(&[on("cfg(unix)"), more("null", "null")])),
        "normal prod 1 -"
    );
}

#[test]
fn a_kind_that_is_not_known_yet_counts_as_the_widest() {
    let json = ALL_TARGETS.replace("\"kind\": \"build\"", "\"kind\": \"novel\"");
    let label = with_label(&json, &[], |lockfile| edge(lockfile, "app", "maker"));
    assert_eq!(label, "normal prod 1 -");
}

#[test]
fn an_answer_about_another_lockfile_changes_nothing() {
    let file = file("Cargo.lock", &LOCK.replace("\r\n", "\n"));
    let mut lockfile = read(&CargoLock, &file, &MapFiles::new(MANIFESTS));
    let before = format!("{:?}", lockfile.dependencies);
    let other = ALL_TARGETS.replace("\"version\": \"1.0.0\"", "\"version\": \"1.0.1\"");
    let error = label(&mut lockfile, &answer(&other), &[]).expect_err("no such packages");
    assert!(matches!(error, MetadataError::Unknown(name) if name.ends_with(" 1.0.1")));
    let mut unresolved = answer(ALL_TARGETS);
    unresolved.resolve = None;
    let error = label(&mut lockfile, &unresolved, &[]).expect_err("no edges");
    assert_eq!(error, MetadataError::Unresolved);
    assert_eq!(format!("{:?}", lockfile.dependencies), before);
}

#[test]
fn releases_of_one_version_are_told_apart_by_their_source() {
    let git = "git+https://example.org/inner?branch=main#0123456789abcdef0123456789abcdef01234567";
    let second = format!(
        "[[package]]\nname = \"inner\"\nversion = \"1.0.0\"\nsource = \"{git}\"\n\n[[package]]\nname = \"maker\""
    );
    let text = LOCK
        .replace("\r\n", "\n")
        .replacen("[[package]]\nname = \"maker\"", &second, 1);
    let registry = "(registry+https://github.com/rust-lang/crates.io-index)";
    let text = text.replace("\n \"inner\"", &format!("\n \"inner 1.0.0 {registry}\""));
    let file = file("Cargo.lock", &text);
    let mut lockfile = read(&CargoLock, &file, &MapFiles::new(MANIFESTS));
    label(&mut lockfile, &answer(ALL_TARGETS), &[]).expect("an answer about this lockfile");
    assert_eq!(edge(&lockfile, "plain", "inner"), "normal prod ^1 -");
    let other = ALL_TARGETS.replace(
        "registry+https://github.com/rust-lang/crates.io-index",
        "registry+https://example.org/index",
    );
    let error = label(&mut lockfile, &answer(&other), &[]).expect_err("no such source");
    assert_eq!(error, MetadataError::Unknown("inner 1.0.0".to_owned()));
}

#[test]
fn triples_are_plain_words() {
    for good in [
        "x86_64-unknown-linux-gnu",
        "thumbv7em-none-eabihf",
        "wasm32-wasip1",
    ] {
        assert_eq!(
            good.parse::<TargetTriple>().expect("a triple").as_str(),
            good
        );
    }
    for bad in ["", "linux", "--config=x", "a-b c", "a-b\n", "x/y-z"] {
        assert!(bad.parse::<TargetTriple>().is_err(), "{bad:?}");
    }
}
