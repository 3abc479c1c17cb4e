//! Memory: the peak of reading a lockfile beside the file's size, by a process that does nothing else.
//!
//! The process is this program itself, which reads one file when it is asked to. What it needs for a file of one
//! package is taken off, because that is the program's and not the file's.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use linchpin::files::MapFiles;
use linchpin::lockfile::SourceFile;
use linchpin::path::FilePath;
use tempfile::TempDir;

use crate::Outcome;
use crate::generate::{GENERATORS, Generator};
use crate::measure::say;
use crate::memory::peak;
use crate::reading::{self, PACKAGES};

/// The bar: so many times the size of the file, its text included.
const TIMES: f64 = 6.0;

/// Asks this program to read the file behind it.
const READ: &str = "--read";

/// Runs the group.
pub(crate) fn run() -> Outcome {
    let folder = TempDir::new()?;
    for generate in GENERATORS {
        let (_, name, alone) = peak_of(generate, 1, folder.path())?;
        let (bytes, _, all) = peak_of(generate, PACKAGES, folder.path())?;
        let (Some(alone), Some(all)) = (alone, all) else {
            return Err("GNU time did not tell the peak".into());
        };
        let size = f64::from(u32::try_from(bytes)?) / f64::from(1 << 20);
        let times = (all - alone) / size;
        let met = if times <= TIMES { "met" } else { "MISSED" };
        say(&format!(
            "  {name}: {size:.1} MiB, peak {all:.1} MiB, {alone:.1} of it without the file: {times:.1} x, bar {TIMES:.0} x: {met}"
        ));
    }
    Ok(())
}

/// Has a lockfile of so many packages read; returns its size in bytes, its name and the peak in MiB.
fn peak_of(
    generate: Generator,
    packages: usize,
    folder: &Path,
) -> Result<(usize, &'static str, Option<f64>), Box<dyn Error>> {
    let project = generate(packages, 1)?;
    let lockfile = folder.join(project.lockfile_name);
    fs::write(&lockfile, &project.lockfile)?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("--bench").arg(READ).arg(&lockfile);
    Ok((
        project.lockfile.len(),
        project.lockfile_name,
        peak(&command)?,
    ))
}

/// Returns the lockfile that this program is asked to read.
pub(crate) fn asked(arguments: &[String]) -> Option<&Path> {
    let at = arguments.iter().position(|argument| argument == READ)?;
    arguments.get(at + 1).map(Path::new)
}

/// Reads a lockfile and nothing else.
pub(crate) fn read(lockfile: &Path) {
    let name = lockfile.file_name().and_then(|name| name.to_str());
    let path = name.and_then(FilePath::new);
    let (Some(path), Ok(text)) = (path, fs::read_to_string(lockfile)) else {
        return say("that file cannot be read");
    };
    let file = SourceFile::new(path, text);
    match reading::read(&file, &MapFiles::default()) {
        Ok(read) => say(&format!("{} packages", read.recorded())),
        Err(error) => say(&error.to_string()),
    }
}
