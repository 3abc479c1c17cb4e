//! Same inputs, same bytes.

use crate::support::bom::Bom;
use crate::support::locks::{
    bad_cargo_lock, clean_uv_lock, npm_lock, npm_record, npm_record_at, sri,
};
use crate::support::sandbox::{NOW, Output, Sandbox};

/// Paths and texts of a tree with findings and problems of many kinds.
fn files() -> Vec<(String, String)> {
    let mut files = vec![
        ("crates/Cargo.lock".to_owned(), bad_cargo_lock()),
        ("py/uv.lock".to_owned(), clean_uv_lock()),
        ("broken/Cargo.lock".to_owned(), "{".to_owned()),
        ("broken/package-lock.json".to_owned(), "[".to_owned()),
        (
            "open/package.json".to_owned(),
            r#"{"dependencies":{"a":"1"}}"#.to_owned(),
        ),
    ];
    for index in 0..12 {
        let url = format!("https://h{}.example/left/-/left-1.0.0.tgz", index % 5);
        let lockfile = npm_lock(&[
            ("left", npm_record_at("1.0.0", &url, &sri(&[index % 2]))),
            ("axios", npm_record("axios", "1.14.1")),
            ("plain-crypto-js", npm_record("plain-crypto-js", "4.2.1")),
        ]);
        files.push((format!("web{index}/package-lock.json"), lockfile));
    }
    files
}

fn sandbox(files: impl IntoIterator<Item = (String, String)>) -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, text) in files {
        sandbox.write(&path, text);
    }
    sandbox
}

/// Answers of all commands that read lockfiles.
fn answers(sandbox: &Sandbox) -> Vec<Output> {
    vec![
        sandbox.audit(&[]),
        sandbox.audit(&["--format", "json"]),
        sandbox.audit(&["--format", "sarif"]),
        sandbox.audit(&["--format", "gitlab"]),
        sandbox.audit(&["--format", "junit"]),
        sandbox.run(&["graph"]),
        sandbox.run(&["graph", "--format", "dot"]),
        sandbox.run(&["graph", "--format", "mermaid"]),
        Bom::of(sandbox, &[]).output,
        Bom::of(sandbox, &["--vex"]).output,
        sandbox.run(&["why", "axios"]),
    ]
}

#[test]
fn two_runs_and_any_order_of_the_files_on_disk_give_the_same_bytes() {
    let first = sandbox(files());
    let expected = answers(&first);
    assert_eq!(expected[0].code, Some(1), "{}", expected[0]);
    assert_eq!(answers(&first), expected, "a second run");
    let second = sandbox(files().into_iter().rev());
    assert_eq!(answers(&second), expected, "written in reverse order");
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let expected = answers(&sandbox(files()));
    for threads in ["1", "2", "8"] {
        let sandbox = sandbox(files()).variable("RAYON_NUM_THREADS", threads);
        assert_eq!(answers(&sandbox), expected, "{threads} threads");
    }
}

#[test]
fn the_current_directory_does_not_matter() {
    let sandbox = sandbox(files());
    let expected = sandbox.audit(&["--format", "json"]);
    let place = sandbox.place("");
    let place = place.to_str().expect("a path of plain text");
    for current in ["", "py", "web3"] {
        let arguments = ["audit", "--as-of", NOW, "--format", "json", place];
        let output = sandbox.answer(
            sandbox
                .command(&arguments)
                .current_dir(sandbox.place(current)),
        );
        assert_eq!(output, expected, "from `{current}`");
    }
    let output = sandbox.answer(
        sandbox
            .command(&["audit", "--as-of", NOW, "--format", "json", ".."])
            .current_dir(sandbox.place("py")),
    );
    assert_eq!(output, expected, "by a relative path");
}

#[test]
fn line_breaks_and_byte_order_marks_change_nothing_but_the_digest() {
    let plain = sandbox(files());
    let windows = sandbox(
        files()
            .into_iter()
            .map(|(path, text)| (path, format!("\u{feff}{}", text.replace('\n', "\r\n")))),
    );
    assert_eq!(plain.audit(&[]), windows.audit(&[]));
    assert_eq!(plain.run(&["graph"]), windows.run(&["graph"]));
    let without_digests = |sandbox: &Sandbox| {
        let mut report = sandbox.report(&[]).json;
        for input in report["inputs"].as_array_mut().expect("inputs") {
            input["sha256"] = serde_json::Value::Null;
        }
        report
    };
    assert_eq!(without_digests(&plain), without_digests(&windows));
}
