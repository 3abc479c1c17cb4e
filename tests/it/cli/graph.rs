//! `linchpin graph`: the same project in every format.

use insta::assert_snapshot;

use crate::support::locks::{clean_npm_lock, npm_lock, npm_record};
use crate::support::sandbox::Sandbox;

const CARGO: &str = r#"version = 4

[[package]]
name = "app"
version = "1.0.0"
dependencies = [
 "left",
]

[[package]]
name = "left"
version = "1.2.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
dependencies = [
 "right",
]

[[package]]
name = "right"
version = "0.3.0"
source = "git+https://user:secret@example.org/right?branch=main#0123456789abcdef0123456789abcdef01234567"
"#;

pub(super) fn project() -> Sandbox {
    Sandbox::with(&[("app/Cargo.lock", CARGO)])
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of a whole document")]
fn json_is_the_default_and_hides_secrets_in_addresses() {
    let sandbox = project();
    let output = sandbox.run(&["graph"]);
    assert_eq!(sandbox.run(&["graph", "--format", "json"]), output);
    assert_snapshot!(output, @r#"
    exit 0
    --- stdout
    {
      "schema": "linchpin/graph/1",
      "lockfiles": [
        {
          "path": "app/Cargo.lock",
          "format": "cargo-lock",
          "project": "app"
        }
      ],
      "packages": [
        {
          "purl": "pkg:cargo/app?download_url=file:app%2FCargo.lock",
          "entries": [
            0
          ]
        },
        {
          "purl": "pkg:cargo/app@1.0.0?download_url=file:app",
          "entries": [
            1
          ]
        },
        {
          "purl": "pkg:cargo/left@1.2.0",
          "entries": [
            2
          ]
        },
        {
          "purl": "pkg:cargo/right@0.3.0?vcs_url=https:%2F%2Fexample.org%2Fright%400123456789abcdef0123456789abcdef01234567",
          "entries": [
            3
          ]
        }
      ],
      "nodes": [
        {
          "id": 0,
          "package": "pkg:cargo/app?download_url=file:app%2FCargo.lock",
          "name": "app",
          "version": null,
          "ecosystem": "cargo",
          "kind": "root",
          "lockfile": "app/Cargo.lock",
          "entry": "",
          "source": {
            "type": "path",
            "url": "app/Cargo.lock"
          },
          "integrity": [],
          "scope": "prod",
          "direct": false,
          "location": null
        },
        {
          "id": 1,
          "package": "pkg:cargo/app@1.0.0?download_url=file:app",
          "name": "app",
          "version": "1.0.0",
          "ecosystem": "cargo",
          "kind": "workspace",
          "lockfile": "app/Cargo.lock",
          "entry": "app 1.0.0",
          "source": {
            "type": "path",
            "url": "app"
          },
          "integrity": [],
          "scope": "prod",
          "direct": false,
          "location": {
            "path": "app/Cargo.lock",
            "line": 4,
            "column": 1
          }
        },
        {
          "id": 2,
          "package": "pkg:cargo/left@1.2.0",
          "name": "left",
          "version": "1.2.0",
          "ecosystem": "cargo",
          "kind": "package",
          "lockfile": "app/Cargo.lock",
          "entry": "left 1.2.0",
          "source": {
            "type": "registry",
            "url": null
          },
          "integrity": [
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
          ],
          "scope": "prod",
          "direct": true,
          "location": {
            "path": "app/Cargo.lock",
            "line": 11,
            "column": 1
          }
        },
        {
          "id": 3,
          "package": "pkg:cargo/right@0.3.0?vcs_url=https:%2F%2Fexample.org%2Fright%400123456789abcdef0123456789abcdef01234567",
          "name": "right",
          "version": "0.3.0",
          "ecosystem": "cargo",
          "kind": "package",
          "lockfile": "app/Cargo.lock",
          "entry": "right 0.3.0",
          "source": {
            "type": "git",
            "url": "https://example.org/right",
            "commit": "0123456789abcdef0123456789abcdef01234567"
          },
          "integrity": [],
          "scope": "prod",
          "direct": false,
          "location": {
            "path": "app/Cargo.lock",
            "line": 20,
            "column": 1
          }
        }
      ],
      "edges": [
        {
          "from": 1,
          "to": 2,
          "kind": "normal",
          "requirement": null,
          "marker": null
        },
        {
          "from": 2,
          "to": 3,
          "kind": "normal",
          "requirement": null,
          "marker": null
        },
        {
          "from": 0,
          "to": 1,
          "kind": "normal",
          "requirement": null,
          "marker": null
        }
      ],
      "problems": [
        {
          "path": "app/Cargo.lock",
          "line": null,
          "column": null,
          "severity": "note",
          "message": "no Cargo.toml beside this lockfile: every package without a source counts as a member, every dependency as normal"
        }
      ]
    }
    "#);
}

#[test]
fn dot() {
    assert_snapshot!(project().run(&["graph", "--format", "dot"]), @r#"
    exit 0
    --- stdout
    digraph linchpin {
      rankdir=LR;
      node [shape=box];
      subgraph cluster_0 {
        label="app/Cargo.lock";
        n0 [label="app/Cargo.lock", style=bold];
        n1 [label="app 1.0.0", style=bold];
        n2 [label="left 1.2.0"];
        n3 [label="right 0.3.0"];
      }
      n1 -> n2;
      n2 -> n3;
      n0 -> n1;
    }
    "#);
}

#[test]
fn mermaid() {
    assert_snapshot!(project().run(&["graph", "--format", "mermaid"]), @r#"
    exit 0
    --- stdout
    flowchart LR
      subgraph l0 ["app/Cargo.lock"]
        n0["app/Cargo.lock"]
        n1["app 1.0.0"]
        n2["left 1.2.0"]
        n3["right 0.3.0"]
      end
      n1 --> n2
      n2 --> n3
      n0 --> n1
    "#);
}

#[test]
fn the_demo_is_one_graph_of_three_lockfiles() {
    let output = Sandbox::demo().run(&["graph", "demo"]);
    assert_eq!(output.code, Some(0));
    let graph: serde_json::Value = serde_json::from_str(&output.stdout).expect("a graph");
    let paths: Vec<_> = graph["lockfiles"]
        .as_array()
        .expect("lockfiles")
        .iter()
        .map(|lockfile| lockfile["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(
        paths,
        [
            "checkout/Cargo.lock",
            "gateway/uv.lock",
            "web/package-lock.json"
        ]
    );
    let nodes = graph["nodes"].as_array().expect("nodes");
    let lockfile_of = |id: &serde_json::Value| {
        let node = nodes.iter().find(|node| node["id"] == *id);
        node.expect("edges join nodes")["lockfile"].clone()
    };
    for edge in graph["edges"].as_array().expect("edges") {
        assert_eq!(
            lockfile_of(&edge["from"]),
            lockfile_of(&edge["to"]),
            "no edge crosses lockfiles"
        );
    }
}

#[test]
fn a_file_that_was_not_read_is_a_problem_of_the_graph() {
    let sandbox = project();
    sandbox.write("bad/uv.lock", "[[package");
    let output = sandbox.run(&["graph"]);
    assert_eq!(output.code, Some(3), "{output}");
    let graph: serde_json::Value = serde_json::from_str(&output.stdout).expect("a graph");
    let problems = graph["problems"].as_array().expect("problems");
    let error = problems
        .iter()
        .find(|problem| problem["severity"] == "error")
        .expect("an error");
    assert_eq!(error["path"], "bad/uv.lock");
    assert_eq!(error["line"], 1);
    assert_eq!(graph["nodes"].as_array().map(Vec::len), Some(4));
}

#[test]
fn an_empty_folder_has_no_graph() {
    assert_eq!(Sandbox::new().run(&["graph"]).code, Some(4));
}

#[test]
fn hostile_names_stay_inside_their_labels() {
    let name = r#"a\"]; b [label=\"x"#;
    let lockfile = npm_lock(&[(name, npm_record("left", "1.0.0").replace("left", "x"))]);
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
    let dot = sandbox.run(&["graph", "--format", "dot"]).stdout;
    assert!(dot.contains(r#"a\"]; b [label=\"x"#), "{dot}");
    let mermaid = sandbox.run(&["graph", "--format", "mermaid"]).stdout;
    let label = mermaid
        .lines()
        .find(|line| line.contains("label="))
        .expect("the entry is drawn");
    assert_eq!(label.matches('"').count(), 2, "{label}");
}

#[test]
fn the_graph_of_a_clean_project_says_nothing_on_standard_error() {
    let sandbox = Sandbox::with(&[("package-lock.json", &clean_npm_lock())]);
    let output = sandbox.run(&["graph"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""));
}
