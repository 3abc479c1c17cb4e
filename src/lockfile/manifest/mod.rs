//! Manifests beside lockfiles: roots, workspace members and what each dependency is for.

pub mod cargo_toml;
pub(crate) mod globs;
pub mod package_json;
pub mod pipfile;
pub mod pyproject_toml;

use crate::package::Ecosystem;

/// A kind of manifest, so that one without a lockfile can be told.
pub struct Manifest {
    /// The file name.
    pub file_name: &'static str,
    /// The ecosystem of the packages that it asks for.
    pub ecosystem: Ecosystem,
    /// The command that locks it.
    pub lock: &'static [&'static str],
    /// Says whether a manifest asks for packages from elsewhere; none if the text cannot be read.
    pub asks_for_packages: fn(&str) -> Option<bool>,
}

/// Every kind of manifest.
pub static MANIFESTS: &[Manifest] = &[
    Manifest {
        file_name: "Cargo.toml",
        ecosystem: Ecosystem::Cargo,
        lock: &["cargo", "generate-lockfile"],
        asks_for_packages: cargo_toml::asks_for_packages,
    },
    Manifest {
        file_name: "package.json",
        ecosystem: Ecosystem::Npm,
        lock: &["npm", "install", "--package-lock-only"],
        asks_for_packages: package_json::asks_for_packages,
    },
    Manifest {
        file_name: "pyproject.toml",
        ecosystem: Ecosystem::Pypi,
        lock: &["uv", "lock"],
        asks_for_packages: pyproject_toml::asks_for_packages,
    },
    Manifest {
        file_name: "Pipfile",
        ecosystem: Ecosystem::Pypi,
        lock: &["pipenv", "lock"],
        asks_for_packages: pipfile::asks_for_packages,
    },
];

/// Finds the kind of manifest that a file name belongs to.
pub fn of_name(name: &str) -> Option<&'static Manifest> {
    MANIFESTS.iter().find(|manifest| manifest.file_name == name)
}
