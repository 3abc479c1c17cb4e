//! The public registries' addresses, in one place.
//!
//! A lockfile's URL is looked up in these tables to tell the public registry from any other host. The feeds are
//! what is asked where nobody configured anything else.

use super::Ecosystem;

/// Registry indexes that are the public registry of crates.io, as Cargo.lock writes them.
pub const CRATES_IO_INDEXES: &[&str] = &[
    "https://github.com/rust-lang/crates.io-index",
    "https://index.crates.io/",
    "https://index.crates.io",
];

/// Folder names, up to the dash, of the public registry in cargo's archive cache.
pub const CRATES_IO_CACHE_FOLDERS: &[&str] = &["index.crates.io", "github.com"];

/// Hosts that serve the public registry of an ecosystem: its index or its archives.
pub const fn public_hosts(ecosystem: Ecosystem) -> &'static [&'static str] {
    match ecosystem {
        Ecosystem::Cargo => &["index.crates.io", "crates.io", "static.crates.io"],
        Ecosystem::Npm => &[NPM_HOST, "registry.yarnpkg.com"],
        Ecosystem::Pypi => &["pypi.org", "files.pythonhosted.org", "pypi.python.org"],
    }
}

/// The public export of OSV: advisories of all ecosystems.
pub const OSV_EXPORT: &str = "https://storage.googleapis.com/osv-vulnerabilities/";

/// The registry of npm.
pub const NPM: &str = "https://registry.npmjs.org/";

/// The host of npm's registry.
pub const NPM_HOST: &str = "registry.npmjs.org";

/// `PyPI`: its index and its APIs.
pub const PYPI: &str = "https://pypi.org/";

/// The host that serves the files of `PyPI`.
pub const PYPI_FILES_HOST: &str = "files.pythonhosted.org";

/// The sparse index of crates.io.
pub const CRATES_INDEX: &str = "https://index.crates.io/";

/// crates.io, whose API lies below it.
pub const CRATES_IO: &str = "https://crates.io/";

/// The host of crates.io, whose API asks to be left in peace.
pub const CRATES_IO_HOST: &str = "crates.io";
