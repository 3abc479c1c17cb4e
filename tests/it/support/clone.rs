//! Small git repositories for `linchpin diff`, whose commits have the same names in every run.

use std::path::PathBuf;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::locks::{npm_lock, npm_record};
use super::sandbox::{NOW, Output, Sandbox};
use super::shared::say_skipped;

/// Settings of the target branch: only npm's feed is at hand.
pub(crate) const GATE: &str = "schema = 1\n";

/// What is known of `left`: before 1.2.0 a medium vulnerability, from 2.0.0 to before 2.2.0 a high one.
const RECORDS: [(&str, &str, &str, &str); 2] = [
    (
        "GHSA-aaaa-aaaa-aaaa",
        "0",
        "1.2.0",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:N/A:N",
    ),
    (
        "GHSA-bbbb-bbbb-bbbb",
        "2.0.0",
        "2.2.0",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
    ),
];

/// A repository with a branch `main`.
pub(crate) struct Clone(pub(crate) Sandbox);

impl Clone {
    /// Makes one with a first commit of files, and [`GATE`]; none, with a visible line, where there is no git.
    pub(crate) fn with(files: &[(&str, &str)]) -> Option<Self> {
        let Some(path) = std::env::var_os("PATH").and_then(|path| path.into_string().ok()) else {
            say_skipped("there is no PATH in which to look for git");
            return None;
        };
        let sandbox = Sandbox::new()
            .variable("PATH", &path)
            .variable("GIT_CONFIG_NOSYSTEM", "1");
        if !sandbox.git_init() {
            return None;
        }
        let clone = Self(sandbox);
        clone.import();
        clone.0.write("linchpin.toml", GATE);
        clone.write(files);
        clone.commit("first");
        Some(clone)
    }

    fn import(&self) {
        for (id, introduced, fixed, vector) in RECORDS {
            let record = json!({
                "id": id, "modified": "2026-10-30T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": format!("about {id}"),
                "severity": [{ "type": "CVSS_V3", "score": vector }],
                "affected": [{
                    "package": { "ecosystem": "npm", "name": "left" },
                    "ranges": [{ "type": "SEMVER", "events": [{ "introduced": introduced }, { "fixed": fixed }] }],
                }],
            });
            self.0
                .write_home(&format!("records/npm/{id}.json"), record.to_string());
        }
        let records = self.0.home("records/npm");
        let imported = self
            .0
            .run(&["db", "import", records.to_str().expect("a plain path")]);
        assert_eq!(imported.code, Some(0), "{imported}");
    }

    /// Writes files of the work tree.
    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            self.0.write(path, text);
        }
    }

    /// Takes a file out of the work tree.
    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.0.place(path)).expect("a file to remove");
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.0.git(&["add", "--all"]);
        self.0
            .git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    /// Makes a branch at the current commit and goes there.
    pub(crate) fn branch(&self, name: &str) {
        self.0.git(&["checkout", "--quiet", "-b", name]);
    }

    /// Goes to a branch.
    pub(crate) fn checkout(&self, name: &str) {
        self.0.git(&["checkout", "--quiet", name]);
    }

    /// Makes a branch `topic` with a commit of these files.
    pub(crate) fn topic(&self, files: &[(&str, &str)]) {
        self.branch("topic");
        self.write(files);
        self.commit("topic");
    }

    /// Judges.
    pub(crate) fn diff(&self, arguments: &[&str]) -> Output {
        let fixed = ["diff", "--as-of", NOW, "--offline"];
        self.0.run(&[&fixed, arguments].concat())
    }

    /// Judges; returns the report.
    pub(crate) fn report(&self, arguments: &[&str]) -> Value {
        let output = self.diff(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("no report: {error}\n{output}"))
    }

    /// Holds what is said of `main..topic` to a snapshot.
    pub(crate) fn settle(&self, name: &str) {
        self.settle_as(name, &["main..topic"]);
    }

    /// Holds what is said to a snapshot: the text, and the parts of the JSON that tell one case from another.
    pub(crate) fn settle_as(&self, name: &str, arguments: &[&str]) {
        let output = self.diff(arguments);
        let told = if output.stdout.is_empty() {
            output.to_string()
        } else {
            let report = digest(&self.report(arguments));
            let report = serde_json::to_string_pretty(&report).expect("JSON");
            format!("{output}--- json\n{report}\n")
        };
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/cli/diff/snapshots");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_snapshot!(name, told));
    }
}

/// Picks what tells one change from another out of a report.
fn digest(report: &Value) -> Value {
    let pick = |value: &Value, keys: &[&str]| -> Value {
        let pairs = keys
            .iter()
            .map(|key| ((*key).to_owned(), value[*key].clone()));
        Value::Object(pairs.collect())
    };
    let each = |list: &Value, keys: &[&str]| -> Vec<Value> {
        let list = list.as_array().map_or(&[][..], Vec::as_slice);
        list.iter().map(|value| pick(value, keys)).collect()
    };
    json!({
        "change": report["change"],
        "inputs": each(&report["inputs"], &["path", "problems"]),
        "findings": each(&report["findings"], &["rule", "severity", "package", "title", "state", "worse_because", "gates"]),
        "gone": each(&report["gone"], &["rule", "severity", "package"]),
        "incomplete_because": report["incomplete_because"],
        "verdict": report["verdict"],
        "exit_code": report["exit_code"],
    })
}

/// A package-lock.json whose root asks for `left` at a version.
pub(crate) fn left(version: &str) -> String {
    npm_lock(&[("left", npm_record("left", version))])
}
