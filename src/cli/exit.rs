//! Exit codes, which are part of the contract.

use std::process::ExitCode;

use crate::assessment::Verdict;

/// What the process tells its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: everything that is required was checked, and nothing gates.
    Clean,
    /// 1: a finding at or above the threshold.
    Findings,
    /// 2: the command line or the configuration is wrong; nothing was scanned.
    Usage,
    /// 3: something that is required was not checked, or the output could not be written.
    Incomplete,
    /// 4: there is no lockfile and no manifest.
    Empty,
}

impl ExitStatus {
    /// Returns the number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Empty => 4,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        status.code().into()
    }
}

impl From<Verdict> for ExitStatus {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Clean,
            Verdict::Fail => Self::Findings,
            Verdict::Incomplete => Self::Incomplete,
            Verdict::Empty => Self::Empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_a_report_is_that_of_the_process() {
        for verdict in [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Incomplete,
            Verdict::Empty,
        ] {
            assert_eq!(ExitStatus::from(verdict).code(), verdict.exit_code());
        }
    }
}
