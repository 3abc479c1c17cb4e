//! Two trees, before and after a change, for the rules that are about changes.

use serde_json::Value;

use crate::support::locks::NO_FEED_NEEDED;
use crate::support::sandbox::{NOW, Output, Sandbox};

/// A file and its text.
pub(super) type Side<'s> = (&'s str, &'s str);

fn sandbox(before: &[Side<'_>], after: &[Side<'_>]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (side, files) in [("before", before), ("after", after)] {
        sandbox.folder(side);
        sandbox.write(&format!("{side}/linchpin.toml"), NO_FEED_NEEDED);
        for (path, text) in files {
            sandbox.write(&format!("{side}/{path}"), text);
        }
    }
    sandbox
}

/// Judges a change.
pub(super) fn judged(before: &[Side<'_>], after: &[Side<'_>]) -> Output {
    run(&sandbox(before, after), "text")
}

fn run(sandbox: &Sandbox, format: &str) -> Output {
    let sides = ["--before", "before", "--after", "after", "--format", format];
    sandbox.run(&[&["diff", "--as-of", NOW][..], &sides].concat())
}

/// Judges a change; returns its findings and the exit code.
pub(super) fn report(before: &[Side<'_>], after: &[Side<'_>]) -> (Vec<Value>, Option<i32>) {
    let output = run(&sandbox(before, after), "json");
    let report: Value = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    let findings = report["findings"].as_array().expect("findings");
    (findings.clone(), output.code)
}

/// Judges a change; returns the rule, package, state and weight of each finding, and the exit code.
pub(super) fn told(before: &[Side<'_>], after: &[Side<'_>]) -> (Vec<String>, Option<i32>) {
    let (findings, code) = report(before, after);
    let lines = findings.iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or("-");
        let gates = if finding["gates"] == true {
            " gates"
        } else {
            ""
        };
        format!(
            "{} {} {}{gates}",
            text("rule"),
            text("package"),
            text("state")
        )
    });
    (lines.collect(), code)
}
