//! Chains as long as a lockfile can make them: nothing may recurse over the graph.

use std::fmt::Write;

use linchpin::files::MapFiles;
use linchpin::graph::paths::PathCounter;
use linchpin::graph::unify;

use crate::support::locks::{cargo_record, sha256};
use crate::support::sandbox::{Output, Sandbox};
use crate::support::{read, source};

const LENGTH: usize = 100_000;

/// A package-lock.json in which each package depends on the next; the last is `name` at `version`.
fn npm_chain(length: usize, name: &str, version: &str) -> String {
    let mut text = String::from(
        "{\"name\":\"app\",\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"p0\":\"*\"}}",
    );
    for index in 0..length {
        let next = if index + 1 == length {
            name.to_owned()
        } else {
            format!("p{}", index + 1)
        };
        let _ = write!(
            text,
            ",\n\"node_modules/p{index}\":{{\"version\":\"1.0.0\",\"integrity\":\"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\",\"dependencies\":{{\"{next}\":\"*\"}}}}"
        );
    }
    let _ = write!(
        text,
        ",\n\"node_modules/{name}\":{{\"version\":\"{version}\",\"integrity\":\"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\"}}}}}}\n"
    );
    text
}

fn has_answered(output: &Output, code: i32) {
    let start: String = output.stderr.chars().take(2_000).collect();
    assert_eq!(output.code, Some(code), "{start}");
}

#[test]
fn the_graph_of_a_long_chain_is_built_and_searched() {
    let file = source("package-lock.json", &npm_chain(LENGTH, "last", "1.0.0"));
    let lockfile = read(&file, &MapFiles::default()).expect("a readable lockfile");
    let lockfiles = [lockfile];
    let graph = unify(&lockfiles);
    let (last, _) = graph
        .packages()
        .find(|(_, package)| package.name.as_str() == "last")
        .expect("the last package");
    let project = graph.projects_of(last)[0];
    assert_eq!(graph.shortest_path(last, project).len(), LENGTH + 2);
    assert_eq!(PathCounter::new(&graph).count(last, project), 1);
    let (first, _) = graph
        .packages()
        .find(|(_, package)| package.name.as_str() == "p0")
        .expect("the first package");
    assert_eq!(graph.leaving_with(first, project).len(), LENGTH + 1);
}

#[test]
fn a_clean_chain_is_audited_and_drawn() {
    let sandbox = Sandbox::with(&[("package-lock.json", &npm_chain(LENGTH, "last", "1.0.0"))]);
    has_answered(&sandbox.audit(&["-q"]), 3);
    for format in ["json", "dot", "mermaid", "cyclonedx"] {
        has_answered(&sandbox.run(&["graph", "--format", format]), 0);
    }
}

#[test]
fn a_long_chain_of_crates_is_audited_and_drawn() {
    let mut text = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"p0\",\n]\n".to_owned();
    let digest = sha256(b"p");
    for index in 0..LENGTH {
        text.push_str(&cargo_record(&format!("p{index}"), "1.0.0", &digest));
        if index + 1 < LENGTH {
            let _ = write!(text, "dependencies = [\n \"p{}\",\n]\n", index + 1);
        }
    }
    let sandbox = Sandbox::with(&[("Cargo.lock", &text)]);
    has_answered(&sandbox.audit(&["-q"]), 3);
    has_answered(&sandbox.run(&["graph", "--format", "dot"]), 0);
}

#[test]
fn a_finding_at_the_end_of_a_long_chain_is_placed() {
    let lockfile = npm_chain(20_000, "axios", "1.14.1");
    let report = Sandbox::with(&[("package-lock.json", &lockfile)]).report(&[]);
    assert_eq!(report.code(), 1);
    let occurrence = &report.only("malicious-package")["occurrences"][0];
    assert_eq!(occurrence["path"].as_array().map(Vec::len), Some(20_002));
    assert_eq!(occurrence["choke_point"], "pkg:npm/p0@1.0.0");
    assert_eq!(occurrence["blast_radius"]["packages"], 20_000);
}

#[test]
fn the_ways_in_to_the_end_of_a_chain_are_cut_after_a_screen_or_two() {
    let sandbox = Sandbox::with(&[("package-lock.json", &npm_chain(2_000, "last", "1.0.0"))]);
    let output = sandbox.run(&["why", "last"]);
    has_answered(&output, 0);
    assert_eq!(output.stdout.lines().count(), 63, "60 ways and three lines");
    assert!(output.stdout.contains("1,940 more lines: -v shows all"));
    let all = sandbox.run(&["why", "last", "-v"]);
    assert_eq!(all.stdout.lines().count(), 2_002);
}

/// In a bounded memory, so that a failure does not take the machine with it.
#[cfg(target_os = "linux")]
#[test]
fn the_ways_in_to_the_end_of_the_longest_chain_are_shown() {
    let sandbox = Sandbox::with(&[("package-lock.json", &npm_chain(LENGTH, "last", "1.0.0"))]);
    let program = sandbox.command(&[""; 0]).get_program().to_owned();
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", "ulimit -v 4000000 && exec \"$0\" why last"])
        .arg(program)
        .current_dir(sandbox.place(""))
        .env_clear()
        .env("HOME", sandbox.home(""));
    let output = sandbox.answer(&mut shell);
    has_answered(&output, 0);
    assert!(output.stdout.starts_with("last 1.0.0  npm · 1 route in ."));
}
