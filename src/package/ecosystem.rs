//! The three ecosystems that Linchpin knows.

use std::fmt;

use serde::Serialize;

/// A family of packages with one name space, one version order and one kind of registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// Rust crates.
    Cargo,
    /// JavaScript packages.
    Npm,
    /// Python distributions.
    Pypi,
}

impl Ecosystem {
    /// Every ecosystem, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Cargo, Self::Npm, Self::Pypi];

    /// Returns the id that reports and package URLs use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Npm => "npm",
            Self::Pypi => "pypi",
        }
    }

    /// Returns the name that people use for the public registry.
    pub const fn registry_name(self) -> &'static str {
        match self {
            Self::Cargo => "crates.io",
            Self::Npm => "npm",
            Self::Pypi => "PyPI",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}
