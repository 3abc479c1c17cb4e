//! How registries are asked: what is asked of whom, how often, and what becomes of an answer that is none.

mod faults;
mod frugality;
mod privacy;
mod settings_of_trees;

use serde_json::json;

use crate::support::registry::{Packument, npm_lock_of, trusted};
use crate::support::sandbox::{NOW, Output, Report, Sandbox};

/// Judges a change from one tree to another, each of these files, which no feed need know.
pub(crate) fn diff_of(
    sandbox: &Sandbox,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
    more: &[&str],
) -> Output {
    let sides = [("before", before), ("after", after)];
    for (side, files) in sides {
        for (path, text) in files {
            sandbox.write(&format!("{side}/{path}"), text);
        }
    }
    if !sandbox.place("linchpin.toml").exists() {
        sandbox.write("linchpin.toml", "[gate]\nrequire = [\"history\"]\n");
    }
    sandbox.run(&diff_arguments(more))
}

/// What is typed for it.
pub(crate) fn diff_arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let sides = ["diff", "--before", "before", "--after", "after"];
    let settings = ["--as-of", NOW, "--config", "linchpin.toml"];
    [&sides[..], &settings[..], more].concat()
}

/// Judges a change from some packages of npm to others.
pub(crate) fn diff(
    sandbox: &Sandbox,
    before: &[(&str, &str)],
    after: &[(&str, &str)],
    more: &[&str],
) -> Output {
    let (before, after) = (npm_lock_of(before), npm_lock_of(after));
    let name = "package-lock.json";
    diff_of(sandbox, &[(name, &before)], &[(name, &after)], more)
}

/// Reads a report that was written as JSON.
pub(crate) fn report_of(output: Output) -> Report {
    let json = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
    Report { json, output }
}

/// Judges the update of acme, with whatever else is typed.
pub(crate) fn bump(sandbox: &Sandbox, more: &[&str]) -> Output {
    diff(sandbox, &[("acme", "1.8.0")], &[("acme", "1.9.0")], more)
}

/// A package that a trusted pipeline published each month.
pub(crate) fn acme() -> Packument {
    Packument::new("acme").routine(10, &trusted())
}

/// A package of that name with one old release.
pub(crate) fn plain(name: &str) -> Packument {
    Packument::new(name).release("1.0.0", "2025-01-01T00:00:00.000Z", &json!({}))
}
