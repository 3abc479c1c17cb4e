//! The JSON schema of `linchpin.toml`, for editors: written by this test (`UPDATE=1`), and of one mind with the program.

#![expect(
    clippy::needless_pass_by_value,
    reason = "schemas nest like the JSON that they describe, built on the spot"
)]

use linchpin::config::Config;
use linchpin::lockfile::SourceFile;
use linchpin::signal;
use serde_json::{Value, json};

use crate::schemas::{check_in, list, one_of, rules, severities, text};
use crate::support::path;
use crate::support::sandbox::NOW;

/// Every key of every table, with values that are not the defaults.
const EVERYTHING: &str = r#"
schema = 1
[inputs]
exclude = ["examples/**"]
dev = "gate"
[gate]
fail-on = "low"
unknown-severity = "medium"
require = ["advisories", "history"]
[rules]
weak-hash = "off"
hash-missing = { severity = "high" }
[db]
max-age = "36h"
refresh = "never"
epss = "https://epss.example/scores.csv.gz"
kev = "https://kev.example/catalogue.json"
[registry]
osv = "https://osv.example/export"
npm = "https://npm.example/"
pypi = "https://pypi.example/"
crates-index = "https://index.example/"
crates-io = "https://crates.example/"
mirrors = ["mirror.example"]
private = ["own.example"]
internal = ["@acme/*"]
[verify]
caches = false
[[accept]]
rule = "deprecated"
package = "pkg:npm/left@1.0.0"
ids = ["GHSA-1"]
reason = "soon replaced"
owner = "@web"
expires = 2026-12-01
[[accept]]
rule = "unlocked-manifest"
file = "web/package.json"
reason = "a sketch"
owner = "@web"
expires = 2026-12-01
"#;

/// A table that holds these keys and no others.
fn table(keys: Value) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": keys })
}

fn rule_setting() -> Value {
    let mut words = severities();
    let all = words["enum"].as_array_mut().expect("an enumeration");
    all.push("off".into());
    json!({ "anyOf": [words, table(json!({ "severity": words }))] })
}

fn accept() -> Value {
    let mut accept = table(json!({
        "rule": rules(), "package": { "type": "string", "pattern": "^pkg:(cargo|npm|pypi)/" }, "file": text(),
        "project": text(), "via": text(), "ids": list(text()), "reason": text(), "owner": text(), "expires": { "type": "string", "format": "date" },
    }));
    accept["required"] = json!(["rule", "reason", "owner", "expires"]);
    accept["oneOf"] = json!([{ "required": ["package"] }, { "required": ["file"] }]);
    accept
}

fn schema() -> Value {
    let of_rules = rules()["enum"].as_array().expect("rules").clone();
    let settings = of_rules.iter().map(|rule| {
        let id = rule.as_str().expect("an id").to_owned();
        (id, json!({ "$ref": "#/$defs/rule" }))
    });
    let mut schema = table(json!({
        "schema": { "const": 1 },
        "inputs": table(json!({ "exclude": list(text()), "dev": one_of(["report", "gate", "skip"]) })),
        "gate": table(json!({ "fail-on": severities(), "unknown-severity": severities(), "require": list(one_of(["advisories", "history"])) })),
        "rules": table(Value::Object(settings.collect())),
        "db": table(json!({ "max-age": { "type": "string", "pattern": "^[0-9]+[dh]$" }, "refresh": one_of(["auto", "never"]), "epss": text(), "kev": text() })),
        "registry": table(json!({ "osv": text(), "npm": text(), "pypi": text(), "crates-index": text(), "crates-io": text(), "mirrors": list(text()), "private": list(text()), "internal": list(text()) })),
        "verify": table(json!({ "caches": { "type": "boolean" } })),
        "accept": list(accept()),
    }));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("Settings of linchpin, linchpin.toml");
    schema["$defs"] = json!({ "rule": rule_setting() });
    schema
}

/// Reads TOML as editors show it to a JSON schema: dates are texts.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(switch) => switch.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(list) => list.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => {
            let fields = table.into_iter().map(|(key, value)| (key, as_json(value)));
            Value::Object(fields.collect())
        }
    }
}

fn satisfies(document: &str) -> bool {
    let table: toml::Table = document.parse().expect("TOML");
    let validator = jsonschema::validator_for(&schema()).expect("a valid schema");
    validator.is_valid(&as_json(toml::Value::Table(table)))
}

/// What would be valid instead of each thing that is wrong with a document; empty if nothing is.
fn helps(document: &str) -> Vec<String> {
    let file = SourceFile::new(path("linchpin.toml"), document.to_owned());
    let read = Config::read(&file, NOW.parse().expect("a time"), signal::rules());
    let errors = read.err().unwrap_or_default();
    let helps = errors
        .into_iter()
        .map(|error| error.help.map(|help| help.as_str().to_owned()));
    helps.map(Option::unwrap_or_default).collect()
}

#[test]
fn the_checked_in_schema_is_that_of_the_code() {
    check_in("linchpin-toml-1.json", &schema());
}

#[test]
fn a_file_with_every_key_satisfies_the_schema_and_the_program() {
    assert_eq!(helps(EVERYTHING), [""; 0]);
    assert!(satisfies(EVERYTHING));
    assert!(satisfies("") && helps("").is_empty());
}

#[test]
fn the_schema_has_the_keys_that_the_program_knows() {
    let schema = schema();
    let properties = |of: &Value| {
        let keys = of["properties"].as_object().expect("properties").keys();
        keys.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let known = |document: &str| {
        let helps = helps(document);
        let keys = helps
            .iter()
            .find_map(|help| help.strip_prefix("valid here: "));
        let keys = keys.expect("an unknown key").split(", ");
        keys.map(str::to_owned).collect()
    };
    assert_eq!(properties(&schema), known("zzz = 1\n"));
    for name in ["inputs", "gate", "db", "registry", "verify"] {
        let table = &schema["properties"][name];
        assert_eq!(
            properties(table),
            known(&format!("[{name}]\nzzz = 1\n")),
            "{name}"
        );
    }
    let entry = &schema["properties"]["accept"]["items"];
    assert_eq!(properties(entry), known("[[accept]]\nzzz = 1\n"));
}

#[test]
fn what_the_schema_refuses_the_program_refuses() {
    for document in [
        "schema = 2\n",
        "gates = 1\n",
        "[gate]\nfail-on = \"dire\"\n",
        "[gate]\nunknown-severity = \"off\"\n",
        "[gate]\nrequire = [\"histories\"]\n",
        "[inputs]\ndev = true\n",
        "[rules]\nlicence = \"low\"\n",
        "[rules]\nweak-hash = { severity = \"dire\" }\n",
        "[verify]\ncaches = 1\n",
        "[[accept]]\nrule = \"deprecated\"\n",
        "[registry]\nmirrors = \"a.example\"\n",
        "[registry]\ninternal = \"acme-*\"\n",
    ] {
        assert!(!satisfies(document), "{document}");
        assert!(!helps(document).is_empty(), "{document}");
    }
}
