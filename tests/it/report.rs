//! What the reports of the real binary show of hostile and of empty lockfiles.

use std::path::Path;
use std::process::{Command, Output};

use linchpin::text::is_deceptive;

/// A folder with a package-lock.json.
fn folder(lockfile: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("package-lock.json"), lockfile).expect("a writable folder");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_linchpin"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("a run of the program")
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    String::from_utf8(run(folder, arguments).stdout).expect("reports are text")
}

#[test]
fn secrets_in_requirements_are_not_printed() {
    let folder = folder(
        r#"{"name":"app","lockfileVersion":3,"packages":{
        "":{"dependencies":{"a":"1"}},
        "node_modules/a":{"version":"1.0.0","dependencies":{"x":"git+https://user:SECRET@git.example/x.git"}},
        "node_modules/x":{"version":"1.0.0","resolved":"git+https://user:SECRET@git.example/x.git#0123456789012345678901234567890123456789"}}}"#,
    );
    for (arguments, shown) in [
        (
            ["graph", ".", "--format", "json"].as_slice(),
            r#""requirement": "git+https://git.example/x.git""#,
        ),
        (&["why", "x", "-v"], "asks git+https://git.example/x.git"),
    ] {
        let text = printed(folder.path(), arguments);
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
    }
}

#[test]
fn json_holds_no_deceptive_character() {
    let folder = folder(
        "{\"name\":\"app\",\"lockfileVersion\":3,\"packages\":{\"\":{\"dependencies\":{\"a\":\"1\u{202e}\u{9b}31m\"}},
        \"node_modules/a\":{\"version\":\"1.0.0\",\"deprecated\":\"not\u{202e}\u{e0001} this\"}}}",
    );
    for (arguments, escaped) in [
        (
            ["graph", ".", "--format", "json"].as_slice(),
            r"1\u202e\u009b31m",
        ),
        (
            &["audit", ".", "--format", "json", "--offline"],
            r"not\u202e\udb40\udc01 this",
        ),
    ] {
        let text = printed(folder.path(), arguments);
        assert!(text.contains(escaped), "{text}");
        let is_plain = |character: char| character == '\n' || !is_deceptive(character);
        assert!(text.chars().all(is_plain), "{arguments:?}");
    }
}

#[test]
fn a_lockfile_without_packages_is_said_to_have_none() {
    let folder = folder(r#"{"lockfileVersion":3,"packages":{}}"#);
    let text = printed(folder.path(), &["audit", ".", "--offline"]);
    assert!(text.contains("read 1 lockfile: no packages\n"), "{text}");
}
