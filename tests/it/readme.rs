//! The words around the program keep to it: the README's commands run, the output that it shows is real, its
//! tables are the program's own slices, and every file that a page names is there.
//!
//! `UPDATE=1 cargo test --test it readme` writes what is generated anew: tables, outputs and the picture.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use linchpin::advisory::builtin;
use linchpin::cli::ExitStatus;
use linchpin::config::Config;
use linchpin::lockfile::unread::UNREAD_FORMATS;
use linchpin::lockfile::{LOCKFILE_FORMATS, SourceFile};
use linchpin::package::Ecosystem;
use linchpin::report::findings::FINDINGS_FORMATS;
use linchpin::report::graph::GRAPH_FORMATS;
use linchpin::signal;
use tempfile::TempDir;

use crate::support::sandbox::NOW;
use crate::support::shared::say_skipped;
use crate::support::{path, svg};

/// The pages whose links and file names are checked.
const PAGES: [&str; 3] = [
    "README.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
];

/// The README's run of the program from the checkout.
const CARGO_RUN: &str = "cargo run --release -- ";

/// The clock of the picture.
const CLOCK: &str = "2026-11-01T00:00:00Z";

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Reads a file of the project; git may have checked it out with the line ends of Windows.
fn project_file(name: &str) -> String {
    let text = fs::read_to_string(place(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    text.replace("\r\n", "\n")
}

/// Holds a file to what it should be, or writes it with `UPDATE=1`.
fn settle(name: &str, wanted: &str) {
    if env::var_os("UPDATE").is_some_and(|value| value == "1") {
        fs::write(place(name), wanted).unwrap_or_else(|error| panic!("{name}: {error}"));
        return;
    }
    let kept = if place(name).is_file() {
        project_file(name)
    } else {
        String::new()
    };
    let drift = kept
        .lines()
        .zip(wanted.lines())
        .position(|(kept, wanted)| kept != wanted);
    let line = drift.unwrap_or_else(|| kept.lines().count().min(wanted.lines().count()));
    assert!(
        kept == wanted,
        "{name}:{}: reads `{}`, but should read `{}`; write it anew with: UPDATE=1 cargo test --test it readme",
        line + 1,
        kept.lines().nth(line).unwrap_or_default(),
        wanted.lines().nth(line).unwrap_or_default()
    );
}

/// A checkout that holds the demo, a record of an advisory and nothing else: no caches, no settings of the user's.
struct Sandbox {
    folder: TempDir,
}

/// What the feed of crates.io holds for the README's commands: nothing about the demo.
const RECORD: &str = r#"{"id":"RUSTSEC-2026-0","modified":"2026-10-01T00:00:00Z","affected":[{"package":{"ecosystem":"crates.io","name":"nobody-uses-it"}}]}"#;

impl Sandbox {
    fn new() -> Self {
        let folder = TempDir::new().expect("a throw-away directory");
        for fixtures in ["fixtures/demo", "fixtures/advisories"] {
            copy(&place(fixtures), &folder.path().join(fixtures));
        }
        fs::create_dir(folder.path().join("empty")).expect("a folder for empty caches");
        let feed = folder.path().join("export/crates.io");
        fs::create_dir_all(&feed).expect("a folder for a feed");
        fs::write(feed.join("RUSTSEC-2026-0.json"), RECORD).expect("a record");
        if !commit_all(folder.path()) {
            start_git(&folder.path().join(".git"));
        }
        Self { folder }
    }

    /// Says whether a command has what it needs; without git there is nothing to compare with.
    fn can_run(&self, command: &str) -> bool {
        let has_commit = self.folder.path().join(".git/index").exists();
        let can_run = has_commit || !command.starts_with("linchpin diff");
        if !can_run {
            say_skipped("there is no git here");
        }
        can_run
    }

    fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Output {
        let empty = self.folder.path().join("empty");
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LINCHPIN_REGISTRY_OSV", self.folder.path().join("export"));
        for cache in [
            "HOME",
            "USERPROFILE",
            "LOCALAPPDATA",
            "CARGO_HOME",
            "npm_config_cache",
        ] {
            command.env(cache, &empty);
        }
        if let Some(system) = env::var_os("SystemRoot") {
            command.env("SystemRoot", system);
        }
        command.output().expect("the program starts")
    }
}

/// Makes a clone whose branch holds what `origin/main` holds; false where there is no git.
fn commit_all(folder: &Path) -> bool {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]);
        command.args(["-c", "commit.gpgsign=false"]).args(arguments);
        command.current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_CONFIG_GLOBAL", folder.join("empty/none"));
        command.output().is_ok_and(|output| output.status.success())
    };
    git(&["init", "--quiet", "--initial-branch=main"])
        && git(&["add", "--all"])
        && git(&["commit", "--quiet", "-m", "demo"])
        && git(&["update-ref", "refs/remotes/origin/main", "HEAD"])
}

/// Makes a work tree as `git init` does, so that paths are told from its top as they are in a checkout.
fn start_git(git: &Path) {
    for folder in ["objects", "refs"] {
        fs::create_dir_all(git.join(folder)).expect("a new folder");
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file of git's");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder of the project") {
        let entry = entry.expect("a name");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn output_text(output: Output) -> String {
    String::from_utf8(output.stdout)
        .expect("reports are UTF-8")
        .replace("\r\n", "\n")
}

/// Runs a command of the README and returns what it prints; here an audit finds something, and so does a comparison, because malware that was there gates; everything else answers.
fn run_command(sandbox: &Sandbox, command: &str) -> String {
    let typed = match command.strip_prefix(CARGO_RUN) {
        Some(arguments) => arguments,
        None => command
            .strip_prefix("linchpin ")
            .unwrap_or_else(|| panic!("`{command}` is not run by this test")),
    };
    let output = sandbox.run(typed.split(' '));
    let expected = if typed.starts_with("audit") || typed.starts_with("diff") {
        ExitStatus::Findings
    } else {
        ExitStatus::Clean
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(expected.code().into()),
        "{command}\n{errors}"
    );
    output_text(output)
}

/// Cargo's own commands do not run inside a test: `.ci/run` calls them, or they need no more than the program.
fn is_checked_elsewhere(command: &str) -> bool {
    command == "cargo test" || command == "cargo install --path ."
}

/// Runs the commands of every `console` block and puts what they print in the place of what is shown.
fn with_real_outputs(readme: &str) -> String {
    let sandbox = Sandbox::new();
    let mut written = String::new();
    let mut lines = readme.lines().peekable();
    while let Some(line) = lines.next() {
        let _ = writeln!(written, "{line}");
        if line != "```console" {
            continue;
        }
        while let Some(line) = lines.next_if(|line| *line != "```") {
            let command = line
                .strip_prefix("$ ")
                .unwrap_or_else(|| panic!("`{line}` follows no command"));
            let _ = writeln!(written, "{line}");
            let printed = if is_checked_elsewhere(command) || !sandbox.can_run(command) {
                String::new()
            } else {
                run_command(&sandbox, command)
            };
            let is_output = |line: &&str| *line != "```" && !line.starts_with("$ ");
            if lines.next_if(is_output).is_some() {
                while lines.next_if(is_output).is_some() {}
                written.push_str(&printed);
            }
        }
    }
    written
}

/// Replaces what stands between the markers of a generated part.
fn with_part(readme: &str, name: &str, content: &str) -> String {
    let (begin, end) = (
        format!("<!-- {name}:begin -->"),
        format!("<!-- {name}:end -->"),
    );
    let (before, rest) = readme
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {begin} in the README"));
    let (_, after) = rest
        .split_once(&end)
        .unwrap_or_else(|| panic!("no {end} in the README"));
    format!("{before}{begin}{content}{end}{after}")
}

fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = format!(
        "\n{}{}",
        row(&head.map(str::to_owned)),
        row(&[const { "---" }; COLUMNS].map(str::to_owned))
    );
    for cells in rows {
        table.push_str(&row(&cells.map(|cell| cell.replace('|', "\\|"))));
    }
    table
}

fn rules() -> String {
    let rows = signal::rules().map(|rule| {
        [
            format!("`{}`", rule.id.0),
            rule.axis.id().to_owned(),
            rule.severity.id().to_owned(),
            rule.summary.to_owned(),
        ]
    });
    table(["rule", "axis", "severity", "reports that"], rows)
}

fn axes() -> String {
    let mut axes: Vec<_> = signal::rules().map(|rule| rule.axis).collect();
    axes.dedup();
    let mut list = String::from("\n");
    for axis in axes {
        let _ = writeln!(list, "- **{}**: {}", axis.id(), axis.question());
    }
    list
}

fn lockfile_formats() -> String {
    let rows = LOCKFILE_FORMATS.iter().map(|format| {
        [
            format!("`{}`", format.id().0),
            format.ecosystem().id().to_owned(),
            format.summary().to_owned(),
        ]
    });
    table(["format", "ecosystem", "files"], rows)
}

fn unread_formats() -> String {
    let names: Vec<String> = UNREAD_FORMATS
        .iter()
        .flat_map(|format| format.names)
        .map(|pattern| format!("`{pattern}`"))
        .collect();
    format!("\n{}\n", names.join(", "))
}

fn findings_formats() -> String {
    let rows = FINDINGS_FORMATS
        .iter()
        .map(|format| [format!("`{}`", format.id), format.summary.to_owned()]);
    table(["`linchpin audit --format`", "what it is for"], rows)
}

fn graph_formats() -> String {
    let rows = GRAPH_FORMATS
        .iter()
        .map(|format| [format!("`{}`", format.id), format.summary.to_owned()]);
    table(["`linchpin graph --format`", "what it is for"], rows)
}

fn malicious_releases() -> String {
    Ecosystem::ALL
        .into_iter()
        .map(builtin::count)
        .sum::<usize>()
        .to_string()
}

/// Returns the fenced blocks of a language.
fn blocks<'t>(page: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("\n```{language}\n");
    let parts = page.split(&fence as &str).skip(1);
    parts
        .map(|part| part.split_once("```").expect("a closed block").0)
        .collect()
}

#[test]
fn commands_print_what_is_shown_and_tables_are_the_programs_own() {
    let mut readme = with_real_outputs(&project_file("README.md"));
    for (name, content) in [
        ("rules", rules()),
        ("axes", axes()),
        ("lockfile-formats", lockfile_formats()),
        ("unread-formats", unread_formats()),
        ("findings-formats", findings_formats()),
        ("graph-formats", graph_formats()),
        ("malicious-releases", malicious_releases()),
    ] {
        readme = with_part(&readme, name, &content);
    }
    settle("README.md", &readme);
}

#[test]
fn the_picture_is_what_the_program_prints() {
    let command = "audit fixtures/demo --offline";
    let words = command
        .split(' ')
        .chain(["--color", "always", "--as-of", CLOCK]);
    let output = Sandbox::new().run(words);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = format!(
        "\u{1b}[2m$\u{1b}[0m linchpin {command}\n{}",
        output_text(output)
    );
    let title = format!(
        "Output of linchpin {command}: three malicious releases, their paths and what to do"
    );
    settle("fixtures/pictures/audit.svg", &svg::draw(&title, &text));
}

#[test]
fn no_command_hides_in_a_block_that_is_not_run() {
    let readme = project_file("README.md");
    for language in ["sh", "bash", "shell", "shell-session"] {
        assert!(
            blocks(&readme, language).is_empty(),
            "write `console` instead of `{language}`"
        );
    }
    assert!(!blocks(&readme, "console").is_empty());
}

#[test]
fn the_checks_call_the_commands_of_the_readme() {
    let (readme, checks) = (project_file("README.md"), project_file(".ci/run"));
    for command in [
        "cargo run --release -- audit fixtures/demo --offline",
        "cargo test",
    ] {
        assert!(readme.contains(&format!("$ {command}\n")), "{command}");
        let is_called = |line: &str| line.trim_start().starts_with(command);
        assert!(checks.lines().any(is_called), "{command}");
    }
}

#[test]
fn the_settings_shown_are_the_defaults() {
    let readme = project_file("README.md");
    let shown = blocks(&readme, "toml");
    assert!(!shown.is_empty());
    let now = NOW.parse().expect("a time");
    let read = |block: &&str| {
        let file = SourceFile::new(path("linchpin.toml"), (*block).to_owned());
        Config::read(&file, now, signal::rules()).expect("valid settings")
    };
    let read: Vec<Config> = shown.iter().map(read).collect();
    assert_eq!(read[0], Config::default());
    assert_eq!(
        read.iter()
            .map(|config| config.accepts.len())
            .sum::<usize>(),
        1
    );
}

#[test]
fn the_settings_of_the_self_audit_are_valid() {
    let text = project_file(".github/linchpin.toml");
    let file = SourceFile::new(path("linchpin.toml"), text);
    let now = NOW.parse().expect("a time");
    let config = Config::read(&file, now, signal::rules()).expect("valid settings");
    assert_eq!(config.gate.fail_on, Config::default().gate.fail_on);
}

#[test]
fn every_exit_code_is_in_the_table() {
    let all = [
        ExitStatus::Clean,
        ExitStatus::Findings,
        ExitStatus::Usage,
        ExitStatus::Incomplete,
        ExitStatus::Empty,
    ];
    let readme = project_file("README.md");
    let rows = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| **")?.split_once("**"));
    let codes: Vec<u8> = rows
        .map(|(code, _)| code.parse().expect("an exit code"))
        .collect();
    assert_eq!(codes, all.map(ExitStatus::code));
}

#[test]
fn the_oldest_compiler_is_stated_where_people_look() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        project_file("README.md").contains(&format!("Rust {oldest} ")),
        "{oldest}"
    );
}

#[test]
fn links_lead_to_files() {
    for page in PAGES {
        let text = project_file(page);
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target);
        for target in targets.filter(|target| !target.starts_with('#') && !target.contains("://")) {
            let target = place(page)
                .with_file_name("")
                .join(target.split('#').next().unwrap_or(target));
            assert!(target.exists(), "{page}: {}", target.display());
        }
    }
}

/// A name in capitals stands for one that the reader chooses.
#[test]
fn files_named_in_pages_are_there() {
    for page in PAGES {
        let text = project_file(page);
        let code: BTreeSet<&str> = text.split('`').skip(1).step_by(2).collect();
        let is_path = |word: &&str| {
            ["src/", "tests/", "fixtures/", ".github/", ".ci/"]
                .iter()
                .any(|top| word.starts_with(top))
        };
        for named in code
            .into_iter()
            .filter(is_path)
            .filter(|named| !named.contains("NAME") && !named.contains(' '))
        {
            assert!(place(named).exists(), "{page}: {named}");
        }
    }
}
