//! `diff` of two large lockfiles beside `audit` of one of them: the whole process, from folders and from git.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::generate::{self, Generator};
use crate::measure::{Bar, measure_beside, say, tell};
use crate::process::Home;

/// Packages of each lockfile.
const PACKAGES: usize = 20_000;

/// How many times as long as one audit a comparison may take: it reads and judges two, and compares them.
const TIMES: f64 = 2.2;

const RUNS: usize = 15;

/// What is compared.
const KINDS: [(&str, Generator); 2] = [
    ("Cargo.lock", generate::cargo),
    ("package-lock.json", generate::npm),
];

/// Runs the group.
pub(crate) fn run() -> Outcome {
    for (name, generate) in KINDS {
        let home = Home::new()?;
        let (before, after) = (home.folder("before")?, home.folder("after")?);
        let project = generate(PACKAGES, 1)?;
        for folder in [&before, &after] {
            fs::write(folder.join(project.lockfile_name), &project.lockfile)?;
            fs::write(folder.join(project.manifest_name), &project.manifest)?;
        }
        fs::write(after.join(project.lockfile_name), bumped(&project.lockfile))?;
        say(&format!(
            "  {name} of {PACKAGES} packages, one in fifty of which differs"
        ));
        let diff = || home.diff(&before, &after).status();
        let (work, floor) = measure_beside(RUNS, diff, || home.audit(&after).status());
        tell("diff of two folders", work, Bar::Times(TIMES, floor));
        tell("  floor: audit of one of them", floor, Bar::Nothing);
        if commit(&before, &after, project.lockfile_name) {
            let diff = || home.diff_revisions(&before).status();
            let (work, floor) = measure_beside(RUNS, diff, || home.audit(&after).status());
            tell("diff of two commits", work, Bar::Times(TIMES, floor));
        }
    }
    Ok(())
}

/// Writes another version of every fiftieth package that has one of the form `"1.`.
fn bumped(lockfile: &str) -> String {
    let mut parts = lockfile.split("version = \"1.").peekable();
    let (separator, other) = if lockfile.contains("version = \"1.") {
        ("version = \"1.", "version = \"7.")
    } else {
        parts = lockfile.split("\"version\": \"1.").peekable();
        ("\"version\": \"1.", "\"version\": \"7.")
    };
    let mut text = String::new();
    let mut index = 0;
    while let Some(part) = parts.next() {
        text.push_str(part);
        if parts.peek().is_some() {
            index += 1;
            text.push_str(if index % 50 == 0 { other } else { separator });
        }
    }
    text
}

/// Commits the folder before, and then the lockfile after; false where there is no git.
fn commit(before: &Path, after: &Path, lockfile: &str) -> bool {
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ]);
        command.args(arguments).current_dir(before);
        command.status().is_ok_and(|status| status.success())
    };
    git(&["init", "--quiet", "--initial-branch=main"])
        && git(&["add", "--all"])
        && git(&["commit", "--quiet", "-m", "before"])
        && fs::copy(after.join(lockfile), before.join(lockfile)).is_ok()
        && git(&["commit", "--quiet", "--all", "-m", "after"])
}
