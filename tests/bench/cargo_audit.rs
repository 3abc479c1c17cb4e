//! The same audit by cargo-audit, on the same advisories: how many times as long it takes, and whether it finds the same.
//!
//! `LINCHPIN_CARGO_AUDIT` names the program, else it is looked for on the `PATH`. Its advisory database is the
//! Markdown source of the advisories that linchpin imports, put into a git repository as it expects one.

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use zip::ZipArchive;

use crate::Outcome;
use crate::measure::{Bar, measure_beside, say, tell};
use crate::memory::{Limit, tell_peak};
use crate::process::{DENO, Home, LINCHPIN};
use crate::shared;

/// The variable that names the program.
const PROGRAM: &str = "LINCHPIN_CARGO_AUDIT";

/// Settings without the check for yanked releases, which reads the index of the registry.
const WITHOUT_YANKED: &str = "[yanked]\nenabled = false\n";

/// How many times as long it takes as it comes.
const AS_IT_COMES: f64 = 35.0;

/// How many times as long it takes without the check for yanked releases.
const BARE: f64 = 6.0;

/// How much memory linchpin may use for the same, in MiB.
const PEAK: u32 = 30;

/// Withdrawn long ago: the Markdown source has it no more, and the export still does, as a copy of RUSTSEC-2025-0065.
const ONLY_IN_THE_EXPORT: &str = "RUSTSEC-2025-0000";

const RUNS: usize = 60;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    let what = "the audit beside cargo-audit";
    let Some(peer) = find_program() else {
        say(&format!(
            "  skipped {what}: it is not on the PATH, and {PROGRAM} does not name it"
        ));
        return Ok(());
    };
    let (Some(corpus), Some(advisories)) =
        (shared::corpus(what), shared::folder("advisories", what))
    else {
        return Ok(());
    };
    let bench = Bench::new(peer, &corpus.join(DENO), &advisories)?;
    bench.compare_times()?;
    bench.compare_memory();
    bench.compare_findings()
}

/// Finds a cargo-audit that runs.
fn find_program() -> Option<OsString> {
    let program = env::var_os(PROGRAM).unwrap_or_else(|| "cargo-audit".into());
    let version = Command::new(&program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = version.ok().filter(|output| output.status.success())?;
    say(&format!(
        "  {}",
        String::from_utf8_lossy(&output.stdout).trim()
    ));
    Some(program)
}

/// One lockfile, the advisories in the forms of both programs, and two folders with settings for the other one.
struct Bench {
    home: Home,
    peer: OsString,
    lockfile: PathBuf,
    database: PathBuf,
    as_it_comes: PathBuf,
    bare: PathBuf,
}

impl Bench {
    fn new(peer: OsString, lockfile: &Path, advisories: &Path) -> Result<Self, Box<dyn Error>> {
        let home = Home::new()?;
        let bench = Self {
            lockfile: home.folder("deno")?.join("Cargo.lock"),
            database: home.folder("database")?,
            as_it_comes: home.folder("as-it-comes")?,
            bare: home.folder("bare")?,
            peer,
            home,
        };
        fs::copy(lockfile, &bench.lockfile)?;
        let settings = bench.home.folder("bare/.cargo")?.join("audit.toml");
        fs::write(settings, WITHOUT_YANKED)?;
        let source = File::open(advisories.join("rustsec-advisory-db.zip"))?;
        ZipArchive::new(source)?.extract(&bench.database)?;
        for arguments in [
            &["init", "--quiet"][..],
            &["add", "."],
            &["commit", "--quiet", "-m", "advisories"],
        ] {
            bench.git(arguments)?;
        }
        let mut import = bench.home.command(LINCHPIN);
        let import = import
            .args(["db", "import"])
            .arg(advisories.join("crates.io"));
        succeed(import)?;
        Ok(bench)
    }

    fn git(&self, arguments: &[&str]) -> Outcome {
        let mut git = self.home.command("git");
        git.env("PATH", env::var_os("PATH").unwrap_or_default())
            .args([
                "-c",
                "user.name=bench",
                "-c",
                "user.email=bench@example.org",
            ])
            .args(arguments)
            .current_dir(&self.database);
        succeed(&mut git)
    }

    /// Prepares cargo-audit in a folder with settings, as this user would run it: it asks cargo where the index of the registry is kept.
    fn cargo_audit(&self, settings: &Path) -> Command {
        let mut command = self.home.command(&self.peer);
        command
            .envs(env::vars_os())
            .args(["audit", "--no-fetch", "--stale", "--db"])
            .arg(&self.database)
            .arg("-f")
            .arg(&self.lockfile)
            .current_dir(settings);
        command
    }

    fn linchpin(&self) -> Command {
        self.home.audit(&self.lockfile)
    }

    fn compare_times(&self) -> Outcome {
        self.tell_unasked()?;
        for (settings, name, bar) in [
            (&self.as_it_comes, "as it comes", AS_IT_COMES),
            (&self.bare, "without its yanked check", BARE),
        ] {
            let peer = || self.cargo_audit(settings).status();
            let (own, peer) = measure_beside(RUNS, || self.linchpin().status(), peer);
            tell(&format!("cargo-audit {name}"), peer, Bar::Nothing);
            tell("  linchpin, in turn with it", own, Bar::Faster(bar, peer));
        }
        Ok(())
    }

    /// The check for yanked releases reads what cargo keeps of the index, and fetches nothing; what is not there costs it less.
    fn tell_unasked(&self) -> Outcome {
        let output = self
            .cargo_audit(&self.as_it_comes)
            .stderr(Stdio::piped())
            .output()?;
        let told = String::from_utf8_lossy(&output.stderr);
        let unasked = told
            .matches("couldn't check if the package is yanked")
            .count();
        say(&if told.contains("couldn't open crates.io index") {
            "  as it comes it finds no index of the registry here: yanked releases cost it nothing"
                .to_owned()
        } else {
            format!(
                "  as it comes it looks for yanked releases in the index that cargo keeps here; {unasked} packages are not in it"
            )
        });
        Ok(())
    }

    fn compare_memory(&self) {
        tell_peak(
            "cargo-audit as it comes",
            &self.cargo_audit(&self.as_it_comes),
            Limit::None,
        );
        tell_peak(
            "cargo-audit without its yanked check",
            &self.cargo_audit(&self.bare),
            Limit::None,
        );
        tell_peak("linchpin", &self.linchpin(), Limit::Mebibytes(PEAK));
    }

    fn compare_findings(&self) -> Outcome {
        let own = answers_of_linchpin(&json(self.linchpin().args(["--format", "json"]))?);
        let theirs = answers_of_cargo_audit(&json(self.cargo_audit(&self.bare).arg("--json"))?);
        if own == theirs {
            say(&format!(
                "  same findings: {} by both, {ONLY_IN_THE_EXPORT} aside",
                own.len()
            ));
        } else {
            let only = |one: &Answers, other: &Answers| {
                let only: Vec<String> = one
                    .difference(other)
                    .map(|answer| answer.join(" "))
                    .collect();
                only.join(", ")
            };
            say(&format!(
                "  OTHER findings: only linchpin [{}], only cargo-audit [{}]",
                only(&own, &theirs),
                only(&theirs, &own)
            ));
        }
        Ok(())
    }
}

fn succeed(command: &mut Command) -> Outcome {
    if command.status()?.success() {
        return Ok(());
    }
    let program = command.get_program().to_string_lossy().into_owned();
    let arguments: Vec<&OsStr> = command.get_args().collect();
    Err(format!("{program} {arguments:?} failed").into())
}

fn json(command: &mut Command) -> Result<Value, Box<dyn Error>> {
    let output = command.stdout(Stdio::piped()).output()?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Kind, package, version, advisory.
type Answers = BTreeSet<[String; 4]>;

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn answers_of_cargo_audit(report: &Value) -> Answers {
    let answer = |kind: &str, found: &Value| {
        let package = &found["package"];
        [
            kind.to_owned(),
            text(&package["name"]),
            text(&package["version"]),
            text(&found["advisory"]["id"]),
        ]
    };
    let vulnerabilities = items(&report["vulnerabilities"]["list"]);
    let warnings = report["warnings"].as_object().into_iter().flatten();
    let warnings = warnings.flat_map(|(kind, found)| items(found).map(|found| answer(kind, found)));
    vulnerabilities
        .map(|found| answer("vulnerability", found))
        .chain(warnings)
        .collect()
}

fn answers_of_linchpin(report: &Value) -> Answers {
    let mut answers = Answers::new();
    for finding in items(&report["findings"]) {
        let kind = match finding["rule"].as_str() {
            Some("known-vulnerability") => "vulnerability",
            Some(kind @ ("unsound" | "unmaintained")) => kind,
            _ => continue,
        };
        let purl = text(&finding["package"]).replace("%2B", "+");
        let release = purl.trim_start_matches("pkg:cargo/");
        let (name, version) = release.split_once('@').unwrap_or((release, ""));
        for advisory in items(&finding["advisories"]) {
            let ids = std::iter::once(&advisory["id"]).chain(items(&advisory["aliases"]));
            let ids = ids
                .map(text)
                .filter(|id| id.starts_with("RUSTSEC-") && id != ONLY_IN_THE_EXPORT);
            answers
                .extend(ids.map(|id| [kind.to_owned(), name.to_owned(), version.to_owned(), id]));
        }
    }
    answers
}
