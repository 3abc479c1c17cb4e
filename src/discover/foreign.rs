//! Lockfiles and package lists of ecosystems that Linchpin does not know: seen and counted, never read.

use crate::lockfile::FileNamePattern::{self, Exact};

/// File names, and the ecosystem whose packages such files list.
static FOREIGN: &[(FileNamePattern, &str)] = &[
    (Exact("pom.xml"), "Maven"),
    (Exact("gradle.lockfile"), "Gradle"),
    (Exact("build.sbt.lock"), "sbt"),
    (Exact("go.sum"), "Go"),
    (Exact("Gemfile.lock"), "RubyGems"),
    (Exact("gems.locked"), "RubyGems"),
    (Exact("composer.lock"), "Packagist"),
    (Exact("packages.lock.json"), "NuGet"),
    (Exact("paket.lock"), "NuGet"),
    (Exact("Package.resolved"), "Swift"),
    (Exact("Podfile.lock"), "CocoaPods"),
    (Exact("Cartfile.resolved"), "Carthage"),
    (Exact("mix.lock"), "Hex"),
    (Exact("rebar.lock"), "Hex"),
    (Exact("pubspec.lock"), "Pub"),
    (Exact("conan.lock"), "Conan"),
    (Exact("vcpkg.json"), "vcpkg"),
    (Exact("flake.lock"), "Nix"),
    (Exact("renv.lock"), "CRAN"),
    (Exact("stack.yaml.lock"), "Hackage"),
    (Exact("cabal.project.freeze"), "Hackage"),
    (Exact("conda-lock.yml"), "conda"),
    (Exact("pixi.lock"), "conda"),
    (Exact("environment.yml"), "conda"),
    (Exact("environment.yaml"), "conda"),
    (Exact("cpanfile.snapshot"), "CPAN"),
    (Exact(".terraform.lock.hcl"), "Terraform"),
    (Exact("Manifest.toml"), "Julia"),
    (Exact("MODULE.bazel.lock"), "Bazel"),
];

/// Returns the ecosystem of a file by its name; none if it is no lockfile that is known to be one.
pub(super) fn ecosystem_of(name: &str) -> Option<&'static str> {
    let is_named = |(pattern, _): &&(FileNamePattern, &str)| pattern.matches("", name);
    FOREIGN
        .iter()
        .find(is_named)
        .map(|(_, ecosystem)| *ecosystem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::names::is_lockfile_name;

    #[test]
    fn other_ecosystems_are_known_by_their_files() {
        assert_eq!(ecosystem_of("go.sum"), Some("Go"));
        assert_eq!(ecosystem_of("Gemfile.lock"), Some("RubyGems"));
        assert_eq!(ecosystem_of("environment.yml"), Some("conda"));
        assert_eq!(ecosystem_of("Cargo.lock"), None);
    }

    #[test]
    fn no_file_is_both_known_and_foreign() {
        for (pattern, _) in FOREIGN {
            let name = pattern.to_string().replace('*', "");
            assert!(!is_lockfile_name("", &name), "{name}");
        }
    }
}
