//! A large lockfile that another tool writes by now: the same packages, so that nothing is new.

use std::fmt::Write;

use crate::support::clone::Clone;
use crate::support::locks::{npm_record, poetry_lock, poetry_record, sri, uv_lock, uv_record};

/// How many packages there are.
const PACKAGES: usize = 500;

fn name(index: usize) -> String {
    format!("package-{index:03}")
}

/// The package that a package asks for: four of five ask for the next one.
fn asks_for(index: usize) -> Option<usize> {
    (index % 5 != 4).then_some(index + 1)
}

/// A package-lock.json whose root asks for every fifth package; `left` has a vulnerability.
fn npm() -> String {
    let mut text = String::from(
        "{\n\"name\":\"app\",\"version\":\"1.0.0\",\"lockfileVersion\":3,\n\"packages\":{\n\"\":{\"name\":\"app\",\"version\":\"1.0.0\",\"dependencies\":{\"left\":\"^2.0.0\"",
    );
    for index in (0..PACKAGES).step_by(5) {
        let _ = write!(text, ",\"{}\":\"^1.0.0\"", name(index));
    }
    text.push_str("}}");
    let _ = write!(
        text,
        ",\n\"node_modules/left\":{}",
        npm_record("left", "2.0.0")
    );
    for index in 0..PACKAGES {
        let asks = asks_for(index).map_or(String::new(), |asked| {
            format!("\"dependencies\":{{\"{}\":\"^1.0.0\"}},", name(asked))
        });
        let record = npm_record(&name(index), "1.0.0").replacen('{', &format!("{{{asks}"), 1);
        let _ = write!(text, ",\n\"node_modules/{}\":{record}", name(index));
    }
    text + "\n}\n}\n"
}

/// The same packages, as pnpm locks them.
fn pnpm() -> String {
    let mut text = String::from(
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      left:\n        specifier: ^2.0.0\n        version: 2.0.0\n",
    );
    for index in (0..PACKAGES).step_by(5) {
        let _ = write!(
            text,
            "      {}:\n        specifier: ^1.0.0\n        version: 1.0.0\n",
            name(index)
        );
    }
    let _ = write!(
        text,
        "\npackages:\n\n  left@2.0.0:\n    resolution: {{integrity: {}}}\n",
        sri(b"left")
    );
    for index in 0..PACKAGES {
        let _ = write!(
            text,
            "\n  {}@1.0.0:\n    resolution: {{integrity: {}}}\n",
            name(index),
            sri(name(index).as_bytes())
        );
    }
    text.push_str("\nsnapshots:\n\n  left@2.0.0: {}\n");
    for index in 0..PACKAGES {
        match asks_for(index) {
            None => drop(write!(text, "\n  {}@1.0.0: {{}}\n", name(index))),
            Some(asked) => drop(write!(
                text,
                "\n  {}@1.0.0:\n    dependencies:\n      {}: 1.0.0\n",
                name(index),
                name(asked)
            )),
        }
    }
    text
}

/// Holds a conversion to bring nothing.
fn is_quiet(before: (&str, &str), after: (&str, &str)) {
    let Some(clone) = Clone::with(&[before]) else {
        return;
    };
    clone.branch("topic");
    clone.remove(before.0);
    clone.write(&[after]);
    clone.commit("topic");
    let report = clone.report(&["main..topic"]);
    let change = &report["change"];
    for key in ["added", "removed", "changed", "altered", "new_edges"] {
        assert_eq!(change[key], 0, "{key}: {change:#}");
    }
    let findings = report["findings"].as_array().expect("findings");
    let new = findings.iter().filter(|finding| finding["state"] != "kept");
    assert_eq!(
        new.map(|finding| finding["title"].clone())
            .collect::<Vec<_>>(),
        Vec::<serde_json::Value>::new()
    );
    assert_eq!(
        report["coverage"]["packages"]
            .as_u64()
            .map(|packages| packages >= 500),
        Some(true)
    );
}

#[test]
fn from_npm_to_pnpm_and_back() {
    let (npm, pnpm) = (npm(), pnpm());
    is_quiet(("package-lock.json", &npm), ("pnpm-lock.yaml", &pnpm));
    is_quiet(("pnpm-lock.yaml", &pnpm), ("package-lock.json", &npm));
}

#[test]
fn from_poetry_to_uv_and_back() {
    let names: Vec<String> = (0..PACKAGES).map(name).collect();
    let poetry: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), poetry_record(name, "1.0.0")))
        .collect();
    let uv: Vec<(&str, String)> = names
        .iter()
        .map(|name| (name.as_str(), uv_record(name, "1.0.0")))
        .collect();
    let (poetry, uv) = (poetry_lock(&poetry), uv_lock(&uv));
    is_quiet(("poetry.lock", &poetry), ("uv.lock", &uv));
    is_quiet(("uv.lock", &uv), ("poetry.lock", &poetry));
}
