//! The whole process, as a shell starts it: start-up on an empty folder, `audit` of a real lockfile, its peak memory.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::Outcome;
use crate::measure::{Bar, measure, measure_beside, tell};
use crate::memory::{Limit, tell_peak};
use crate::shared;

/// The program under test, built as it is shipped.
pub(crate) const LINCHPIN: &str = env!("CARGO_BIN_EXE_linchpin");

/// A process that does nothing at all.
const NOTHING: &str = "/bin/true";

/// A real Cargo.lock of 1,128 packages, below the corpus.
pub(crate) const DENO: &str = "denoland__deno/Cargo.lock";

/// The bar of `audit` of it: 35 times as fast as cargo-audit, which took 175 ms where the bar was set.
const AUDIT_MILLISECONDS: f64 = 175.0 / 35.0;

/// The bar from start to exit on an empty folder.
const START_MILLISECONDS: f64 = 5.0;

/// The bar of the peak memory of `audit`, in MiB.
const PEAK_MEBIBYTES: u32 = 30;

const RUNS: usize = 200;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    let home = Home::new()?;
    let empty = home.folder("empty")?;
    let start = || home.audit(&empty);
    let version = || home.command(LINCHPIN).arg("--version").status();
    let (work, floor) = measure_beside(RUNS, || start().status(), version);
    tell(
        "start-up: audit of an empty folder",
        work,
        Bar::Milliseconds(START_MILLISECONDS),
    );
    tell("  floor: linchpin --version", floor, Bar::Nothing);
    if Path::new(NOTHING).exists() {
        let (work, floor) =
            measure_beside(RUNS, || start().status(), || home.command(NOTHING).status());
        tell("  floor: a process that does nothing", floor, Bar::Nothing);
        tell("  start-up beside it", work, Bar::Beside(floor));
    }
    audit_of_deno(&home)
}

fn audit_of_deno(home: &Home) -> Outcome {
    let Some(corpus) = shared::corpus("audit of denoland__deno/Cargo.lock") else {
        return Ok(());
    };
    // A folder of its own: beside the corpus may lie the work tree of somebody's git.
    let folder = home.folder("deno")?;
    let lockfile = folder.join("Cargo.lock");
    fs::copy(corpus.join(DENO), &lockfile)?;
    let version = || home.command(LINCHPIN).arg("--version").status();
    let (work, floor) = measure_beside(RUNS, || home.audit(&lockfile).status(), version);
    tell(
        "audit of denoland__deno/Cargo.lock",
        work,
        Bar::Milliseconds(AUDIT_MILLISECONDS),
    );
    tell("  beside linchpin --version", work, Bar::Beside(floor));
    let json = || home.audit(&lockfile).args(["--format", "json"]).status();
    let (work, _) = measure_beside(RUNS, json, version);
    tell("  as JSON", work, Bar::Milliseconds(AUDIT_MILLISECONDS));
    tell_peak_of_audit(home, &lockfile);
    audit_with_advisories(home, &lockfile)
}

/// The same audit with every advisory of crates.io imported.
fn audit_with_advisories(home: &Home, lockfile: &Path) -> Outcome {
    let Some(advisories) = shared::folder("advisories/crates.io", "audit with real advisories")
    else {
        return Ok(());
    };
    let mut import = home.command(LINCHPIN);
    let imported = import.args(["db", "import"]).arg(advisories).status()?;
    if !imported.success() {
        return Err("the advisories could not be imported".into());
    }
    let audit = || home.audit(lockfile).status();
    tell(
        "audit of denoland__deno/Cargo.lock, all advisories",
        measure(RUNS, audit),
        Bar::Milliseconds(AUDIT_MILLISECONDS),
    );
    tell_peak_of_audit(home, lockfile);
    Ok(())
}

/// Tells the peak memory of an audit.
fn tell_peak_of_audit(home: &Home, lockfile: &Path) {
    let what = "audit of denoland__deno/Cargo.lock";
    tell_peak(
        what,
        &home.audit(lockfile),
        Limit::Mebibytes(PEAK_MEBIBYTES),
    );
}

/// A home without caches and settings, in a folder that is thrown away.
pub(crate) struct Home(TempDir);

impl Home {
    /// Makes an empty home.
    pub(crate) fn new() -> io::Result<Self> {
        TempDir::new().map(Self)
    }

    /// Makes a folder in it.
    pub(crate) fn folder(&self, name: &str) -> io::Result<PathBuf> {
        let folder = self.0.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Prepares `audit --offline` of a path, whose output goes nowhere.
    pub(crate) fn audit(&self, path: &Path) -> Command {
        let mut command = self.command(LINCHPIN);
        command.args(["audit", "--offline"]).arg(path);
        command
    }

    /// Prepares `diff --offline` of two folders, whose output goes nowhere.
    pub(crate) fn diff(&self, before: &Path, after: &Path) -> Command {
        let mut command = self.command(LINCHPIN);
        command.args(["diff", "--offline", "--before"]).arg(before);
        command.arg("--after").arg(after);
        command
    }

    /// Prepares `diff --offline` of the last commit of a repository and the one before it.
    pub(crate) fn diff_revisions(&self, repository: &Path) -> Command {
        let mut command = self.command(LINCHPIN);
        command
            .args(["diff", "--offline", "HEAD~1..HEAD"])
            .current_dir(repository);
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command
    }

    /// Prepares a program that sees this home, no cache and no settings of the user.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let home = self.0.path().join("home");
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", &home)
            .env("USERPROFILE", &home)
            .env("LOCALAPPDATA", &home)
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}
