//! The JSON schemas under `fixtures/schemas/`: written by this test (`UPDATE=1`), with every enumeration taken from the code, and satisfied by real reports.

#![expect(
    clippy::needless_pass_by_value,
    reason = "schemas nest like the JSON that they describe, built on the spot"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use linchpin::assessment::{FixAction, Severity, State};
use linchpin::discover::SkippedBecause;
use linchpin::evidence::SkipReason;
use linchpin::graph::comparison::{Altered, ChangeKind};
use linchpin::lockfile::{DependencyKind, LOCKFILE_FORMATS, Scope};
use linchpin::package::Ecosystem;
use linchpin::signal::SIGNALS;
use serde_json::{Value, json};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn file(name: &str) -> PathBuf {
    project().join("fixtures/schemas").join(name)
}

/// An object of which every listed field is required.
fn object(fields: Value) -> Value {
    let required: Vec<&String> = fields.as_object().expect("fields").keys().collect();
    json!({ "type": "object", "required": required, "properties": fields })
}

pub(crate) fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn optional(of: &str) -> Value {
    json!({ "type": [of, "null"] })
}

pub(crate) fn one_of(values: impl IntoIterator<Item = &'static str>) -> Value {
    json!({ "enum": values.into_iter().collect::<Vec<_>>() })
}

fn or_null(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(crate) fn text() -> Value {
    json!({ "type": "string" })
}

fn purl() -> Value {
    json!({ "type": "string", "pattern": "^pkg:(cargo|npm|pypi)/" })
}

pub(crate) fn severities() -> Value {
    one_of(Severity::ALL.map(Severity::id))
}

fn scopes() -> Value {
    one_of(Scope::ALL.map(Scope::id))
}

fn ecosystems() -> Value {
    one_of(Ecosystem::ALL.map(Ecosystem::id))
}

fn formats() -> Value {
    one_of(LOCKFILE_FORMATS.iter().map(|format| format.id().0))
}

pub(crate) fn rules() -> Value {
    one_of(SIGNALS.iter().map(|signal| signal.rule().id.0))
}

fn axes() -> Value {
    let mut axes: Vec<&'static str> = SIGNALS
        .iter()
        .map(|signal| signal.rule().axis.id())
        .collect();
    axes.dedup();
    one_of(axes)
}

/// Enumerates values by the form in which reports write them.
fn values(all: &[impl serde::Serialize]) -> Value {
    let values: Vec<Value> = all
        .iter()
        .map(|value| serde_json::to_value(value).expect("a value of an enumeration is a string"))
        .collect();
    json!({ "enum": values })
}

fn problem(fields: &[(&str, Value)]) -> Value {
    let mut problem = json!({
        "path": text(), "severity": one_of(["error", "warning", "note"]), "message": text(),
        "line": optional("integer"), "column": optional("integer"),
    });
    for (name, schema) in fields {
        problem[*name] = schema.clone();
    }
    object(problem)
}

fn document(id: &str, title: &str, fields: Value) -> Value {
    let mut schema = object(fields);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["properties"]["schema"] = json!({ "const": id });
    schema
}

fn occurrence() -> Value {
    let radius = object(
        json!({ "projects": count(), "members": count(), "direct": count(), "packages": count() }),
    );
    let location = object(
        json!({ "path": text(), "line": optional("integer"), "column": optional("integer") }),
    );
    object(json!({
        "project": text(), "lockfile": optional("string"), "scope": or_null(scopes()), "locations": list(location),
        "path": or_null(list(purl())), "paths": optional("integer"), "choke_point": or_null(purl()),
        "blast_radius": or_null(radius),
    }))
}

fn evidence() -> Value {
    let pair = json!({ "type": "array", "items": count(), "minItems": 2, "maxItems": 2 });
    object(json!({
        "signal": text(), "decibans": { "type": "number" }, "malicious": or_null(pair.clone()), "benign": or_null(pair), "detail": text(),
    }))
}

fn finding() -> Value {
    let advisory = object(json!({
        "id": text(), "aliases": list(text()), "kev": optional("string"), "epss": optional("number"), "severity": severities(), "severity_stated": { "type": "boolean" },
        "fixed": list(text()), "published": text(),
    }));
    let fix = object(json!({
        "action": values(&FixAction::ALL), "argv": list(text()), "command": optional("string"),
        "directory": optional("string"), "advice": text(), "until": optional("string"), "clears_paths": optional("integer"),
    }));
    let acceptance = object(json!({
        "reason": text(), "owner": text(), "expires": day(), "expired": { "type": "boolean" },
    }));
    let standing =
        object(json!({ "since": day(), "owners": list(text()), "worse_because": list(text()) }));
    object(json!({
        "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" }, "rule": rules(), "axis": axes(),
        "severity": severities(), "score": optional("number"), "package": or_null(purl()), "title": text(),
        "message": text(), "advisories": list(advisory), "occurrences": list(occurrence()), "evidence": list(evidence()),
        "fix": or_null(fix), "state": values(&State::ALL), "gates": { "type": "boolean" },
        "acceptance": or_null(acceptance), "baseline": or_null(standing), "worse_because": list(text()),
    }))
}

fn day() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn unused_accept() -> Value {
    object(json!({
        "rule": rules(), "package": or_null(purl()), "file": optional("string"), "project": optional("string"),
        "via": optional("string"), "ids": list(text()), "reason": text(),
        "owner": text(), "expires": day(), "because": text(), "path": text(), "line": count(), "column": count(),
    }))
}

fn baseline() -> Value {
    let line = object(json!({
        "rule": rules(), "package": or_null(purl()), "file": optional("string"), "project": text(), "ids": list(text()),
        "since": day(), "owner": text(), "line": optional("integer"),
    }));
    object(
        json!({ "path": text(), "lines": count(), "unneeded": list(line.clone()), "loose": list(line) }),
    )
}

fn commit() -> Value {
    json!({ "type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$" })
}

fn change() -> Value {
    let package = object(json!({
        "change": values(&ChangeKind::ALL), "name": text(), "before": list(purl()), "after": list(purl()), "direct": optional("boolean"),
        "new_script": { "type": "boolean" },
    }));
    let altered =
        object(json!({ "package": purl(), "what": one_of(Altered::ALL.map(Altered::id)) }));
    let project = object(json!({
        "project": optional("string"), "former": optional("string"), "packages": list(package), "altered": list(altered),
        "new_edges": list(object(json!({ "from": purl(), "to": purl() }))),
    }));
    let revisions = object(
        json!({ "base": text(), "policy": commit(), "before": commit(), "after": or_null(commit()) }),
    );
    object(json!({
        "before": text(), "revisions": or_null(revisions), "added": count(), "removed": count(), "changed": count(), "moved": count(), "altered": count(),
        "new_edges": count(), "new_scripts": count(), "projects": list(project),
    }))
}

fn gone() -> Value {
    object(json!({
        "fingerprint": { "type": "string", "pattern": "^[0-9a-f]{32}$" }, "rule": rules(), "severity": severities(),
        "package": or_null(purl()), "title": text(),
    }))
}

fn report_schema() -> Value {
    let skipped = object(json!({ "reason": values(&SkipReason::ALL), "packages": count() }));
    let check = object(json!({ "check": rules(), "checked": count(), "skipped": list(skipped) }));
    let input_problem = problem(&[("help", optional("string"))]);
    let input = object(json!({
        "path": text(), "format": or_null(formats()), "ecosystem": or_null(ecosystems()), "entries": count(),
        "packages": count(), "unjudged": list(object(json!({ "what": text(), "count": count() }))), "sha256": or_null(json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" })),
        "problems": list(input_problem.clone()),
    }));
    let feed = object(json!({
        "feed": text(), "ecosystem": ecosystems(), "records": count(), "known_until": optional("string"), "source": optional("string"),
        "checked": optional("string"), "state": one_of(["fresh", "stale", "missing"]),
    }));
    let summary = Severity::ALL
        .into_iter()
        .map(|severity| (severity.id().to_owned(), count()));
    document(
        "linchpin/report/1",
        "A report of linchpin audit or linchpin diff",
        json!({
            "schema": {}, "tool": object(json!({ "name": text(), "version": text() })), "as_of": text(),
            "inputs": list(input), "problems": list(input_problem),
            "skipped": list(object(json!({ "path": text(), "reason": values(&SkippedBecause::ALL) }))), "advisories": list(feed),
            "histories": object(json!({
                "told": count(), "stored": count(), "oldest": optional("string"),
                "lacking": list(object(json!({ "ecosystem": ecosystems(), "name": text(), "reason": values(&SkipReason::ALL) }))),
            })),
            "coverage": object(json!({ "packages": count(), "checks": list(check), "switched_off": list(rules()) })),
            "complete": { "type": "boolean" }, "incomplete_because": list(text()), "findings": list(finding()),
            "change": or_null(change()), "gone": list(gone()), "accepted": list(finding()), "unused_accepts": list(unused_accept()),
            "baseline": or_null(baseline()),
            "summary": object(Value::Object(summary.collect())), "kept": count(), "verdict": one_of(["pass", "fail", "incomplete"]),
            "exit_code": { "enum": [0, 1, 3, 4] },
        }),
    )
}

fn graph_schema() -> Value {
    let source = json!({
        "type": "object", "required": ["type", "url"],
        "properties": { "type": one_of(["registry", "git", "path", "archive"]), "url": optional("string"), "commit": text() },
    });
    let location = object(json!({ "path": text(), "line": count(), "column": count() }));
    let node = object(json!({
        "id": count(), "package": purl(), "name": text(), "version": optional("string"), "ecosystem": ecosystems(),
        "kind": one_of(["root", "workspace", "package"]), "lockfile": text(), "entry": text(), "source": source,
        "integrity": list(text()), "scope": scopes(), "direct": optional("boolean"), "location": or_null(location),
    }));
    let kinds = DependencyKind::ALL.map(DependencyKind::id);
    let edge = object(json!({
        "from": count(), "to": count(), "kind": one_of(kinds), "requirement": optional("string"), "marker": optional("string"),
    }));
    document(
        "linchpin/graph/1",
        "The graph of linchpin graph",
        json!({
            "schema": {}, "lockfiles": list(object(json!({ "path": text(), "format": formats(), "project": text() }))),
            "packages": list(object(json!({ "purl": purl(), "entries": list(count()) }))),
            "nodes": list(node), "edges": list(edge), "problems": list(problem(&[])),
        }),
    )
}

pub(crate) fn check_in(name: &str, schema: &Value) {
    let expected = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(project().join("fixtures/schemas"))
            .expect("a folder for the schemas");
        std::fs::write(file(name), &expected).expect("a writable schema");
    }
    let found = std::fs::read_to_string(file(name))
        .expect("a checked-in schema")
        .replace("\r\n", "\n");
    assert!(
        found == expected,
        "{name} has drifted from the code: run the tests with UPDATE=1"
    );
}

/// Forbids what the schema does not describe, so that no field goes undocumented; readers stay free to ignore new ones.
fn strict(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(fields) => {
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            for field in fields.values_mut() {
                *field = strict(field.take());
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = strict(item.take())),
        _ => {}
    }
    schema
}

fn output(arguments: &[&str]) -> Value {
    let run = Command::new(env!("CARGO_BIN_EXE_linchpin"))
        .current_dir(project())
        .args(arguments)
        .output();
    serde_json::from_slice(&run.expect("a run of the program").stdout)
        .expect("JSON on standard output")
}

fn check_output(schema: Value, arguments: &[&str]) {
    let schema = strict(schema);
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    let output = output(arguments);
    let errors: Vec<String> = validator
        .iter_errors(&output)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{arguments:?}");
}

#[test]
fn the_checked_in_schemas_are_those_of_the_code() {
    check_in("report-1.json", &report_schema());
    check_in("graph-1.json", &graph_schema());
}

#[test]
fn reports_satisfy_their_schema() {
    for path in ["fixtures/demo", "fixtures/schemas", "Cargo.lock"] {
        check_output(
            report_schema(),
            &[
                "audit",
                path,
                "--format",
                "json",
                "--offline",
                "--fail-on",
                "low",
            ],
        );
    }
}

#[test]
fn graphs_satisfy_their_schema() {
    for path in ["fixtures/demo", "Cargo.lock"] {
        check_output(graph_schema(), &["graph", path, "--format", "json"]);
    }
}
