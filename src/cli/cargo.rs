//! `--cargo-metadata`: the user's cargo, asked what the edges of a Cargo.lock are for. The one place where a program is run.
//!
//! Only the command line can ask for it. There is no such setting in linchpin.toml: that file lies in the tree,
//! and running cargo executes what the tree's configuration of cargo and rustup names.

use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use camino::Utf8Path;
use cargo_metadata::{Metadata, MetadataCommand};
use clap::Args;
use thiserror::Error;

use crate::discover::Discovery;
use crate::discover::process::{self, Bounds, ProcessError};
use crate::lockfile::metadata::{MetadataError, TargetTriple, label};
use crate::lockfile::{Lockfile, Problem, ProblemSeverity};
use crate::package::Ecosystem;
use crate::path::FilePath;
use crate::report::words::without_secrets;
use crate::text::Untrusted;

/// The one name under which cargo reads its lockfile.
const LOCKFILE: &str = "Cargo.lock";

/// What one call may take; workspaces of a thousand packages take a second and some megabytes.
const BOUNDS: Bounds = Bounds {
    time: Duration::from_mins(2),
    bytes: 256 << 20,
};

/// The longest complaint of cargo that a message repeats, in characters.
const EXCERPT: usize = 200;

/// Whether cargo is asked, and about what.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Cargo")]
pub(super) struct CargoArguments {
    /// Run `cargo metadata`, locked and offline, beside each Cargo.lock, to label features, targets and kinds as cargo resolves them. For trees that you trust: cargo executes programs that configuration in the tree names, such as a `rustc-wrapper`
    #[arg(long)]
    cargo_metadata: bool,
    /// Label what cargo builds for this target triple; may be repeated [default: all targets]
    #[arg(long, value_name = "TRIPLE", requires = "cargo_metadata")]
    cargo_target: Vec<TargetTriple>,
}

/// Why cargo said nothing about a lockfile.
#[derive(Debug, Error)]
enum CargoError {
    #[error("cargo reads no other file than Cargo.lock")]
    OtherName,
    #[error("no Cargo.toml that can be read lies beside it")]
    NoManifest,
    #[error("cargo gave no answer: {0}")]
    Process(#[from] ProcessError),
    #[error("cargo failed: {0}")]
    Failed(String),
    #[error("the answer of cargo cannot be read: {0}")]
    Unreadable(String),
    #[error(
        "cargo counts this folder to a workspace in another folder, and reads the Cargo.lock there"
    )]
    OtherWorkspace,
    #[error("cargo does not speak of this lockfile: {0}")]
    OtherLockfile(#[from] MetadataError),
}

impl CargoError {
    /// Says what to do.
    fn remedy(&self) -> &'static str {
        match self {
            Self::OtherName => "rename it, or leave out --cargo-metadata",
            Self::NoManifest => "bring the manifest back, or leave out --cargo-metadata",
            Self::Process(ProcessError::Start(error))
                if error.kind() == io::ErrorKind::NotFound =>
            {
                "install cargo and let it be on the PATH"
            }
            Self::Process(_) => "see whether another cargo is at work there",
            Self::Failed(_) => "fetch what cargo needs, then try again: cargo fetch --locked",
            Self::Unreadable(_) | Self::OtherLockfile(_) => {
                "see what cargo metadata --locked --offline prints there"
            }
            Self::OtherWorkspace => "remove the lockfile if nothing reads it",
        }
    }
}

impl CargoArguments {
    /// Labels a lockfile by what cargo says, if cargo is to be asked; whatever fails becomes a problem of the lockfile.
    pub(super) fn label(&self, lockfile: &mut Lockfile<'_>, discovery: &Discovery) {
        if !self.cargo_metadata || lockfile.ecosystem != Ecosystem::Cargo {
            return;
        }
        if let Err(error) = self.ask(lockfile, discovery) {
            let message = format!("labelled without cargo: {error}");
            let remedy = format!("the manifests were read instead; {}", error.remedy());
            let path = lockfile.path.clone();
            let problem = Problem::new(path, ProblemSeverity::Warning, message);
            lockfile.problems.push(problem.help(remedy));
        }
    }

    /// Says to whoever reads a report whose word its labels are.
    pub(super) fn note(&self) -> Option<String> {
        let targets: Vec<&str> = self.cargo_target.iter().map(TargetTriple::as_str).collect();
        let targets = match targets.as_slice() {
            [] => "all targets".to_owned(),
            some => some.join(" and "),
        };
        let note = format!("cargo was asked what dependencies are for, with {targets}");
        self.cargo_metadata.then_some(note)
    }

    fn ask(&self, lockfile: &mut Lockfile<'_>, discovery: &Discovery) -> Result<(), CargoError> {
        check_beside(lockfile, discovery)?;
        let folder = place(&discovery.root, &lockfile.project());
        let metadata = read(&mut self.command(&folder))?;
        if metadata.workspace_root.canonicalize().ok() != folder.canonicalize().ok() {
            return Err(CargoError::OtherWorkspace);
        }
        Ok(label(lockfile, &metadata, &self.cargo_target)?)
    }

    /// Prepares cargo to change nothing: not the tree, not the toolchain.
    fn command(&self, folder: &std::path::Path) -> Command {
        let mut options = vec!["--locked".to_owned(), "--offline".to_owned()];
        for target in &self.cargo_target {
            options.extend(["--filter-platform".to_owned(), target.as_str().to_owned()]);
        }
        let mut command = MetadataCommand::new();
        command
            .manifest_path(folder.join("Cargo.toml"))
            .current_dir(folder)
            .other_options(options)
            .env("RUSTUP_AUTO_INSTALL", "0")
            .env("CARGO_CACHE_RUSTC_INFO", "0")
            .env("CARGO_TERM_COLOR", "never");
        command.cargo_command()
    }
}

/// Cargo is run only where it would read this very lockfile, beside a manifest that is no link to elsewhere.
fn check_beside(lockfile: &Lockfile<'_>, discovery: &Discovery) -> Result<(), CargoError> {
    if lockfile.path.file_name() != LOCKFILE {
        return Err(CargoError::OtherName);
    }
    let manifest = lockfile.project().join("Cargo.toml");
    let manifest = manifest.and_then(|path| discovery.files.read(&path).ok().flatten());
    manifest.map(drop).ok_or(CargoError::NoManifest)
}

/// Returns where a folder lies on disk. Part by part, because Windows knows no `/` in its long paths.
fn place(root: &Utf8Path, folder: &FilePath) -> PathBuf {
    let mut place = PathBuf::from(root);
    place.extend(folder.parts());
    place
}

fn read(command: &mut Command) -> Result<Metadata, CargoError> {
    tracing::debug!(?command, "asks cargo");
    let answer = process::run(command, BOUNDS)?;
    if !answer.status.success() {
        let complaint = first_error(&answer.complaint);
        return Err(CargoError::Failed(
            complaint.unwrap_or_else(|| answer.status.to_string()),
        ));
    }
    let unreadable = |error: &dyn std::fmt::Display| CargoError::Unreadable(error.to_string());
    let json = String::from_utf8(answer.output).map_err(|error| unreadable(&error))?;
    MetadataCommand::parse(json).map_err(|error| unreadable(&error))
}

/// Returns the first error that cargo complains of, without secrets of addresses; else its first line.
fn first_error(complaint: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(complaint);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.clone().next()?;
    let line = lines.find_map(|line| line.strip_prefix("error: "));
    let line: String = line.unwrap_or(first).chars().take(EXCERPT).collect();
    Some(without_secrets(&Untrusted::from(line)).as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_is_told_not_the_warnings_before_it() {
        let complaint = b"warning: unused manifest key\n\nerror: no matching package\n\nCaused by:\n  offline\n";
        assert_eq!(
            first_error(complaint).as_deref(),
            Some("no matching package")
        );
        assert_eq!(
            first_error(b"\nonly words\n").as_deref(),
            Some("only words")
        );
        assert_eq!(first_error(b" \n"), None);
    }

    #[test]
    fn a_complaint_is_cut_and_keeps_no_password() {
        let complaint = b"error: cannot reach https://user:secret@example.org/index?token=x\n";
        let told = first_error(complaint).expect("an error");
        assert_eq!(told, "cannot reach https://example.org/index");
        let long = "x".repeat(1_000);
        assert_eq!(first_error(long.as_bytes()).expect("a line").len(), EXCERPT);
    }

    #[test]
    fn cargo_is_kept_from_the_network_and_from_changing_anything() {
        let arguments = CargoArguments {
            cargo_metadata: true,
            cargo_target: vec![
                "a-b".parse().expect("a triple"),
                "c-d".parse().expect("a triple"),
            ],
        };
        let command = arguments.command(std::path::Path::new("folder"));
        let words: Vec<_> = command
            .get_args()
            .filter_map(|word| word.to_str())
            .collect();
        for words_of in [
            &["--locked"][..],
            &["--offline"],
            &["--filter-platform", "a-b"],
            &["--filter-platform", "c-d"],
        ] {
            assert!(
                words.windows(words_of.len()).any(|some| some == words_of),
                "{words:?}"
            );
        }
        let variables: Vec<_> = command.get_envs().collect();
        for name in ["RUSTUP_AUTO_INSTALL", "CARGO_CACHE_RUSTC_INFO"] {
            assert!(
                variables.contains(&(name.as_ref(), Some("0".as_ref()))),
                "{name}"
            );
        }
    }
}
