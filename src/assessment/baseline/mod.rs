//! The baseline: what was there when the gate began, and does not fail it.
//!
//! `linchpin.baseline` holds a line for each [`Matter`] of a finding in one project: an advisory with all its
//! ids, a host, or the finding as such where it has no ids. A finding is kept only if lines cover all that it
//! stands for, at no lower severity and no narrower scope; otherwise it is worse, and gates as any other. Bytes
//! come in through [`Baseline::read`] and go out through [`Baseline::write`]; nothing here touches a file.

mod extent;
mod form;
mod index;
mod judge;
mod matter;
mod reader;
mod renewal;
#[cfg(test)]
pub(super) mod testing;

use jiff::civil::Date;

pub use extent::Extent;
pub(super) use judge::{Lines, review, settle};
pub use judge::{Loose, Review, Standing};
pub(super) use matter::matters;
pub use matter::{Matter, Subject};
pub use renewal::{Addition, Growth, Renewal, renew};

use crate::lockfile::Location;
use crate::path::FilePath;
use crate::text::Untrusted;

/// The name of the file, beside the configuration.
pub const BASELINE_NAME: &str = "linchpin.baseline";

/// What a baseline says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The file.
    pub path: FilePath,
    /// Its lines.
    pub entries: Vec<Entry>,
}

/// A line of a baseline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it keeps out of the gate.
    pub matter: Matter,
    /// The day on which it entered.
    pub since: Date,
    /// Who answers for it.
    pub owner: Untrusted<'static>,
    /// Where it stands; none for one that is in no file yet.
    pub location: Option<Location>,
}

impl PartialEq for Entry {
    /// Entries are equal if they say the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        (&self.matter, self.since, &self.owner) == (&other.matter, other.since, &other.owner)
    }
}

impl Eq for Entry {}

/// The baseline of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BaselineFile {
    /// There is none.
    #[default]
    Missing,
    /// Nobody looked for one, because no configuration is read.
    Ignored,
    /// This one is in force.
    Read(Baseline),
}

impl BaselineFile {
    /// Returns the baseline in force.
    pub const fn in_force(&self) -> Option<&Baseline> {
        match self {
            Self::Read(baseline) => Some(baseline),
            Self::Missing | Self::Ignored => None,
        }
    }
}
