//! Peak memory of a program, where GNU time is there to ask; the standard library does not know it.

use std::io;
use std::process::{Command, Stdio};

use crate::measure::say;

/// A program that tells the peak memory of another.
const GNU_TIME: &str = "/usr/bin/time";

/// How much memory a program may use, in MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// So much.
    Mebibytes(u32),
    /// Nobody says.
    None,
}

/// Runs a program once and tells its peak memory.
pub(crate) fn tell_peak(what: &str, command: &Command, limit: Limit) {
    match peak(command) {
        Ok(Some(peak)) => {
            let line = format!("  {what}: peak {peak:.1} MiB{}", limit.judge(peak));
            say(&line);
        }
        Ok(None) => say(&format!(
            "  skipped the peak memory of {what}: GNU time did not tell it"
        )),
        Err(error) => say(&format!(
            "  skipped the peak memory of {what}: {GNU_TIME}: {error}"
        )),
    }
}

impl Limit {
    fn judge(self, peak: f64) -> String {
        match self {
            Self::Mebibytes(limit) => {
                let met = if peak <= f64::from(limit) {
                    "met"
                } else {
                    "MISSED"
                };
                format!(", bar {limit} MiB: {met}")
            }
            Self::None => String::new(),
        }
    }
}

/// Measures the peak memory of a program in MiB, none where GNU time does not tell it; the environment is what the command sets and no more.
pub(crate) fn peak(command: &Command) -> io::Result<Option<f64>> {
    let mut timed = Command::new(GNU_TIME);
    let variables = command.get_envs();
    timed
        .args(["-f", "%M"])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed.output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let kibibytes = told
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok());
    Ok(kibibytes.map(|kibibytes: u32| f64::from(kibibytes) / 1024.0))
}
