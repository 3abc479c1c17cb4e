//! Files that no tool would write: each is a clear problem of its own, and the file beside it is still judged.

mod files;
mod records;
mod words;

use std::fmt::Write;

use crate::support::locks::{
    bad_cargo_lock, cargo_lock, cargo_record, clean_bun_lock, clean_cargo_lock, clean_deno_lock,
    clean_npm_lock, clean_pdm_lock, clean_pipfile_lock, clean_pnpm_lock, clean_poetry_lock,
    clean_pylock_toml, clean_uv_lock, clean_yarn_berry_lock, clean_yarn_v1_lock,
    clean_yarn_zpm_lock, npm_lock, npm_record, npm_record_at, pdm_lock, pdm_record, poetry_lock,
    poetry_record, sha256, sri, uv_lock, uv_record,
};
use crate::support::sandbox::{Report, Sandbox};

/// A package-lock.json of version 1.
const NPM_1: &str = r#"{"name":"app","version":"1.0.0","lockfileVersion":1,"requires":true,"dependencies":{
"left":{"version":"1.0.0","resolved":"https://registry.npmjs.org/left/-/left-1.0.0.tgz","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==","requires":{"right":"^1"},
"dependencies":{"right":{"version":"1.0.0","resolved":"https://registry.npmjs.org/right/-/right-1.0.0.tgz","integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}}}}
"#;

/// A package-lock.json of version 2, whose halves agree.
fn npm_2() -> String {
    let left = npm_record("left", "1.0.0");
    let right = npm_record("@scope/right", "2.1.0-rc.1");
    let all = format!("{{\"left\":{left},\"@scope/right\":{right}}}");
    let head = format!("\"lockfileVersion\":2,\"dependencies\":{all}");
    clean_npm_lock().replace("\"lockfileVersion\":3", &head)
}

/// A good lockfile of each format: the folder's name, the file's name, the text.
fn formats() -> Vec<(&'static str, &'static str, String)> {
    vec![
        ("bun", "bun.lock", clean_bun_lock()),
        ("deno", "deno.lock", clean_deno_lock()),
        ("cargo", "Cargo.lock", clean_cargo_lock()),
        ("npm1", "package-lock.json", NPM_1.to_owned()),
        ("npm2", "package-lock.json", npm_2()),
        ("npm3", "package-lock.json", clean_npm_lock()),
        ("pnpm", "pnpm-lock.yaml", clean_pnpm_lock()),
        ("uv", "uv.lock", clean_uv_lock()),
        ("yarn1", "yarn.lock", clean_yarn_v1_lock()),
        ("yarn4", "yarn.lock", clean_yarn_berry_lock()),
        ("yarn6", "yarn.lock", clean_yarn_zpm_lock()),
        ("poetry", "poetry.lock", clean_poetry_lock()),
        ("pdm", "pdm.lock", clean_pdm_lock()),
        ("pipfile", "Pipfile.lock", clean_pipfile_lock()),
        ("pylock", "pylock.toml", clean_pylock_toml()),
    ]
}

/// Audits a hostile file beside one that holds a malicious package.
fn beside_a_bad_one(name: &str, contents: impl AsRef<[u8]>) -> (Sandbox, Report) {
    let sandbox = Sandbox::with(&[("bad/Cargo.lock", &bad_cargo_lock())]);
    sandbox.write(&format!("hostile/{name}"), contents);
    let report = sandbox.report(&[]);
    (sandbox, report)
}

fn start(text: &str) -> String {
    text.chars().take(3_000).collect()
}

/// Checks what holds for every output: no panic, and nothing that moves a cursor or hides text.
fn is_tame(what: &str, report: &Report) {
    let output = &report.output;
    assert!(
        !output.stderr.contains("panicked") && !output.stderr.contains("bug of linchpin"),
        "{what}: {}",
        start(&output.stderr)
    );
    for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let control = text
            .chars()
            .find(|character| character.is_control() && *character != '\n');
        assert_eq!(control, None, "{what}: {name}: {}", start(text));
    }
}

/// Checks that a file is refused with its name, alone it is exit 3, and the other file's finding is still told.
fn is_refused(what: &str, name: &str, contents: impl AsRef<[u8]>) -> Problem {
    let (sandbox, report) = beside_a_bad_one(name, contents);
    is_tame(what, &report);
    assert_eq!(report.code(), 1, "{what}: {}", start(&report.output.stderr));
    assert_eq!(report.json["complete"], false, "{what}");
    assert_eq!(report.rules(), ["malicious-package"], "{what}");
    let path = format!("hostile/{name}");
    assert!(
        report.output.stderr.contains(&format!("error: {path}: ")),
        "{what}: {}",
        start(&report.output.stderr)
    );
    let because = report.json["incomplete_because"].to_string();
    assert!(because.contains(&path), "{what}: {}", start(&because));
    let alone = sandbox.report(&["hostile"]);
    is_tame(what, &alone);
    assert_eq!(alone.code(), 3, "{what}: {}", start(&alone.output.stderr));
    let problems = problems(&report, &path);
    let error = problems
        .into_iter()
        .find(|problem| problem.severity == "error")
        .expect("an error of the file");
    let length = error.message.chars().count();
    assert!(length < 400, "{what}: a message of {length} characters");
    error
}

/// A problem as the JSON has it.
#[derive(Debug)]
struct Problem {
    severity: String,
    message: String,
    line: Option<u64>,
}

fn problems(report: &Report, path: &str) -> Vec<Problem> {
    let inputs = report.json["inputs"].as_array().expect("inputs");
    let of_inputs = inputs
        .iter()
        .flat_map(|input| input["problems"].as_array().expect("problems"));
    let others = report.json["problems"].as_array().expect("problems");
    of_inputs
        .chain(others)
        .filter(|problem| problem["path"] == path)
        .map(|problem| Problem {
            severity: problem["severity"].as_str().expect("a word").to_owned(),
            message: problem["message"].as_str().expect("a text").to_owned(),
            line: problem["line"].as_u64(),
        })
        .collect()
}

/// Checks that a file is read without an error and without a finding.
fn is_read(what: &str, name: &str, contents: impl AsRef<[u8]>) {
    let sandbox = Sandbox::new();
    sandbox.write(name, contents);
    let report = sandbox.report(&[]);
    is_tame(what, &report);
    assert_eq!(report.code(), 3, "{what}: no feed");
    assert_eq!(report.rules(), [""; 0], "{what}");
    assert_eq!(report.output.stderr, "", "{what}");
}
