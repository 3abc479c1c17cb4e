//! A folder of its own for the real program: what it reads, what it is told, what it answers.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::shared::say_skipped;

/// The clock of every run.
pub(crate) const NOW: &str = "2026-11-01T00:00:00Z";

/// Nobody listens there: no test asks a server that is not its own.
const NOBODY: &str = "http://127.0.0.1:9/";

/// A folder that is audited, with a home and caches beside it that hold nothing unless a test fills them.
pub(crate) struct Sandbox {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run answered. Places in the sandbox and the version of the program are replaced by placeholders.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// Makes an empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a throw-away folder");
        for name in ["tree", "home"] {
            fs::create_dir(folder.path().join(name)).expect("a new folder");
        }
        Self {
            folder,
            variables: Vec::new(),
        }
    }

    /// Makes one that holds some files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let sandbox = Self::new();
        for (path, text) in files {
            sandbox.write(path, text);
        }
        sandbox
    }

    /// Makes one that holds the demo projects in `demo`.
    pub(crate) fn demo() -> Self {
        let sandbox = Self::new();
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
        for (path, text) in super::files_below(&demo) {
            // A checkout on Windows may have other line breaks.
            sandbox.write(&format!("demo/{path}"), text.replace("\r\n", "\n"));
        }
        sandbox
    }

    /// Sets a variable of the environment in which the program runs.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns where something in the audited folder lies.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        below(&self.folder.path().join("tree"), path)
    }

    /// Returns where something in the user's home lies; `.cargo` and `.npm` are its caches.
    pub(crate) fn home(&self, path: &str) -> PathBuf {
        below(&self.folder.path().join("home"), path)
    }

    /// Writes a file of the audited folder.
    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        write(&self.place(path), contents);
    }

    /// Writes a file of the user's home.
    pub(crate) fn write_home(&self, path: &str, contents: impl AsRef<[u8]>) {
        write(&self.home(path), contents);
    }

    /// Makes an empty folder.
    pub(crate) fn folder(&self, path: &str) {
        fs::create_dir_all(self.place(path)).expect("a new folder");
    }

    /// Prepares a run in the audited folder, in an environment of its own.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command
            .args(arguments)
            .current_dir(self.place(""))
            .stdin(Stdio::null())
            .env_clear()
            .env("HOME", self.home(""))
            .env("USERPROFILE", self.home(""))
            .env("LOCALAPPDATA", self.home("local"))
            .env("CARGO_HOME", self.home(".cargo"))
            .env("npm_config_cache", self.home(".npm"))
            .env("LINCHPIN_REGISTRY_OSV", NOBODY);
        for registry in ["NPM", "PYPI", "CRATES_INDEX", "CRATES_IO"] {
            command.env(format!("LINCHPIN_REGISTRY_{registry}"), NOBODY);
        }
        // Whoever names a server means to ask it.
        let names_server = |(name, _): &(String, String)| name.starts_with("LINCHPIN_REGISTRY_");
        if !self.variables.iter().any(names_server) {
            command.env("LINCHPIN_OFFLINE", "1");
        }
        // Windows starts nothing without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.answer(&mut self.command(arguments))
    }

    /// Runs `linchpin audit` at the fixed time.
    pub(crate) fn audit(&self, arguments: &[&str]) -> Output {
        self.run(&[&["audit", "--as-of", NOW], arguments].concat())
    }

    /// Runs `linchpin audit --format json` at the fixed time.
    pub(crate) fn report(&self, arguments: &[&str]) -> Report {
        let output = self.audit(&[&["--format", "json"], arguments].concat());
        let json = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("no report: {error}\n{output}"));
        Report { json, output }
    }

    /// Runs a command that [`Sandbox::command`] prepared.
    pub(crate) fn answer(&self, command: &mut Command) -> Output {
        let output = command.output().expect("the program can be started");
        Output {
            code: output.status.code(),
            stdout: self.with_placeholders(output.stdout),
            stderr: self.with_placeholders(output.stderr),
        }
    }

    fn with_placeholders(&self, bytes: Vec<u8>) -> String {
        let mut text = String::from_utf8(bytes).expect("the program writes UTF-8");
        for (name, placeholder) in [("tree", "[DIR]"), ("home", "[HOME]")] {
            let folder = self.folder.path().join(name);
            let real = fs::canonicalize(&folder).expect("a folder of the sandbox");
            for path in [real, folder] {
                text = text.replace(path.to_str().expect("a path of plain text"), placeholder);
            }
        }
        let version = env!("CARGO_PKG_VERSION");
        text.replace(&format!("linchpin {version}"), "linchpin [VERSION]")
            .replace(
                &format!("\"version\": \"{version}\"\n  }},\n  \"as_of\""),
                "\"version\": \"[VERSION]\"\n  },\n  \"as_of\"",
            )
            .replace(
                &format!("ersion\": \"{version}\",\n          "),
                "ersion\": \"[VERSION]\",\n          ",
            )
    }

    /// Makes the audited folder a git repository; false, with a visible line, where there is no git.
    pub(crate) fn git_init(&self) -> bool {
        self.git(&["init", "--quiet", "--initial-branch=main"])
    }

    /// Runs git in the audited folder, whatever the user's own configuration says.
    pub(crate) fn git(&self, arguments: &[&str]) -> bool {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        let output = command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(self.place(""))
            .env("HOME", self.home(""))
            // The same files are the same commit in every run.
            .env("GIT_AUTHOR_DATE", NOW)
            .env("GIT_COMMITTER_DATE", NOW)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.home("no-gitconfig"))
            .output();
        let Ok(output) = output else {
            say_skipped("there is no git here");
            return false;
        };
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        true
    }
}

impl Display for Output {
    /// Writes the exit code and both streams, as snapshots show them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(formatter, "exit {code}")?,
            None => writeln!(formatter, "killed")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(formatter, "--- {name}")?;
                formatter.write_str(text)?;
            }
        }
        Ok(())
    }
}

/// A report as a program reads it.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) json: Value,
    pub(crate) output: Output,
}

impl Report {
    /// Returns the exit code of the run, which must be the one in the report.
    pub(crate) fn code(&self) -> i32 {
        let code = self.output.code.expect("the program was not killed");
        assert_eq!(self.json["exit_code"], code, "{}", self.output);
        code
    }

    /// Lists the findings.
    pub(crate) fn findings(&self) -> &[Value] {
        self.json["findings"]
            .as_array()
            .expect("findings are a list")
    }

    /// Lists the ids of the rules that found something, in the order of the report.
    pub(crate) fn rules(&self) -> Vec<&str> {
        self.findings()
            .iter()
            .map(|finding| finding["rule"].as_str().expect("a rule has an id"))
            .collect()
    }

    /// Returns the one finding of a rule.
    pub(crate) fn only(&self, rule: &str) -> &Value {
        let mut found = self
            .findings()
            .iter()
            .filter(|finding| finding["rule"] == rule);
        let first = found
            .next()
            .unwrap_or_else(|| panic!("no {rule}: {}", self.output));
        assert!(found.next().is_none(), "one {rule}: {}", self.output);
        first
    }

    /// Returns how a check covered the packages: checked, and the skipped by reason.
    pub(crate) fn coverage(&self, check: &str) -> (u64, Vec<(String, u64)>) {
        let checks = self.json["coverage"]["checks"]
            .as_array()
            .expect("checks are a list");
        let found = checks
            .iter()
            .find(|record| record["check"] == check)
            .unwrap_or_else(|| panic!("no coverage of {check}"));
        let skipped = found["skipped"].as_array().expect("skipped is a list");
        let skipped = skipped.iter().map(|record| {
            let reason = record["reason"].as_str().expect("a reason").to_owned();
            (reason, record["packages"].as_u64().expect("a count"))
        });
        let checked = found["checked"].as_u64().expect("a count");
        (checked, skipped.collect())
    }
}

fn below(folder: &Path, path: &str) -> PathBuf {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.fold(folder.to_owned(), |place, part| place.join(part))
}

fn write(place: &Path, contents: impl AsRef<[u8]>) {
    let folder = place.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).expect("a folder for the file");
    fs::write(place, contents).expect("a file to write");
}
