//! Where reports go: files, and a standard output that somebody closed.

use std::fs;

use linchpin::report::findings::FINDINGS_FORMATS;
use serde_json::Value;

use crate::support::locks::clean_npm_lock;
use crate::support::sandbox::Sandbox;

fn clean() -> Sandbox {
    Sandbox::with(&[("package-lock.json", &clean_npm_lock())])
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.place(path)).expect("a report was written")
}

#[test]
fn files_are_complete_and_without_colour_whatever_standard_output_shows() {
    let sandbox = Sandbox::demo();
    let to_stdout = sandbox.audit(&["demo", "--format", "json"]);
    let output = sandbox.audit(&[
        "demo",
        "--color",
        "always",
        "--output",
        "json=report.json",
        "--output",
        "text=report.txt",
    ]);
    assert_eq!(output.code, Some(1));
    assert!(output.stdout.contains('\u{1b}'), "{output}");
    let json = read(&sandbox, "report.json");
    let report: Value = serde_json::from_str(&json).expect("a whole document");
    assert_eq!(report["schema"], "linchpin/report/1");
    assert_eq!(
        report,
        serde_json::from_str::<Value>(
            &to_stdout
                .stdout
                .replace("[VERSION]", env!("CARGO_PKG_VERSION"))
        )
        .expect("a whole document")
    );
    let text = read(&sandbox, "report.txt");
    assert!(
        !text.contains('\u{1b}') && !json.contains('\u{1b}'),
        "{text}"
    );
    assert!(text.contains("axios 1.14.1 is malicious"), "{text}");
    let left = fs::read_dir(sandbox.place(""))
        .expect("the audited folder")
        .count();
    assert_eq!(left, 3, "the demo and two reports, no temporary files");
}

#[test]
fn quiet_output_does_not_thin_out_the_files() {
    let sandbox = Sandbox::demo();
    let output = sandbox.audit(&["demo", "-q", "--output", "text=report.txt"]);
    assert_eq!(output.stdout.lines().count(), 2, "{output}");
    assert!(read(&sandbox, "report.txt").contains("plain-crypto-js"));
}

#[test]
fn a_file_that_is_there_is_replaced() {
    let sandbox = clean();
    sandbox.write("report.json", "old ".repeat(10_000));
    sandbox.audit(&["--output", "json=report.json"]);
    let report = read(&sandbox, "report.json");
    serde_json::from_str::<Value>(&report).expect("a whole document");
}

#[test]
fn a_file_that_cannot_be_written_is_said_and_makes_the_run_incomplete() {
    let sandbox = clean();
    sandbox.write("linchpin.toml", crate::support::locks::NO_FEED_NEEDED);
    let output = sandbox.audit(&["--output", "json=gone/report.json"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output
            .stderr
            .contains("gone/report.json could not be written"),
        "{output}"
    );
}

#[test]
fn findings_outlive_a_file_that_cannot_be_written() {
    let sandbox = Sandbox::demo();
    let output = sandbox.audit(&["demo", "--output", "json=gone/report.json"]);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(
        output
            .stderr
            .contains("gone/report.json could not be written"),
        "{output}"
    );
    assert!(
        output.stdout.contains("axios 1.14.1 is malicious"),
        "the findings are told all the same: {output}"
    );
}

#[test]
fn one_file_that_cannot_be_written_does_not_cost_the_others() {
    let sandbox = Sandbox::demo();
    let output = sandbox.audit(&[
        "demo",
        "--output",
        "json=gone/report.json",
        "--output",
        "json=report.json",
    ]);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(sandbox.place("report.json").is_file(), "{output}");
}

#[test]
fn a_folder_is_not_replaced_by_a_report() {
    let sandbox = clean();
    sandbox.folder("report.json");
    let output = sandbox.audit(&["--output", "json=report.json"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stderr.contains("could not be written"), "{output}");
    let names: Vec<_> = fs::read_dir(sandbox.place(""))
        .expect("the audited folder")
        .map(|entry| entry.expect("a name").file_name())
        .collect();
    assert_eq!(names.len(), 2, "no temporary file stays: {names:?}");
}

#[cfg(unix)]
mod closed {
    use std::process::Stdio;

    use super::*;

    /// Runs with a standard output whose reader has gone before anything was written.
    fn code(sandbox: &Sandbox, arguments: &[&str]) -> (Option<i32>, String) {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = sandbox
            .command(arguments)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("the program can be started");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), told)
    }

    #[test]
    fn findings_keep_their_exit_code() {
        let sandbox = Sandbox::demo();
        for format in FINDINGS_FORMATS {
            let (code, told) = code(&sandbox, &["audit", "demo", "--format", format.id]);
            assert_eq!(code, Some(1), "{told}");
            assert!(!told.contains("panic"), "{told}");
        }
    }

    #[test]
    fn a_clean_run_that_could_not_be_told_is_incomplete() {
        let sandbox = clean();
        sandbox.write("linchpin.toml", crate::support::locks::NO_FEED_NEEDED);
        assert_eq!(sandbox.audit(&[]).code, Some(0));
        let (code, told) = code(&sandbox, &["audit"]);
        assert_eq!(code, Some(3), "{told}");
        assert!(!told.contains("panic"), "{told}");
    }

    #[test]
    fn other_commands_do_not_panic() {
        let sandbox = clean();
        for arguments in [
            &["graph"][..],
            &["why", "left"],
            &["explain"],
            &["explain", "weak-hash"],
            &["completions", "bash"],
            &["man"],
            &["--help"],
        ] {
            let (code, told) = code(&sandbox, arguments);
            assert_eq!(code, Some(3), "{arguments:?}: {told}");
            assert!(!told.contains("panic"), "{arguments:?}: {told}");
        }
    }
}
