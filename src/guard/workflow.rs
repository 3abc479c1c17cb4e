//! Files by which services and hooks run programs, and whether they run Linchpin.

use crate::path::FilePath;

/// Endings of files that run programs, or say which are run.
const ENDINGS: [&str; 9] = [
    "yml", "yaml", "sh", "bash", "ps1", "bat", "cmd", "mk", "groovy",
];

/// Names of such files without an ending, in small letters.
const NAMES: [&str; 12] = [
    "makefile",
    "gnumakefile",
    "justfile",
    ".justfile",
    "jenkinsfile",
    "dockerfile",
    "containerfile",
    "earthfile",
    "rakefile",
    "mise.toml",
    "tox.ini",
    "noxfile.py",
];

/// Folders all of whose files run programs, from the root.
const FOLDERS: [&str; 6] = [
    ".github/workflows",
    ".github/actions",
    ".husky",
    ".githooks",
    ".ci",
    ".buildkite",
];

/// Says whether a path is that of a file that runs programs.
pub(crate) fn is_workflow(path: &FilePath) -> bool {
    let in_folder = |folder: &str| {
        let rest = path.as_str().strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let name = path.file_name().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    NAMES.contains(&name.as_str())
        || ENDINGS.contains(&ending)
        || FOLDERS.into_iter().any(in_folder)
}

/// Says whether a file that runs programs may run Linchpin: whether it names it.
pub(crate) fn runs_linchpin(bytes: &[u8]) -> bool {
    let name = b"linchpin";
    let mut windows = bytes.windows(name.len());
    windows.any(|window| window.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_run_programs_are_known_by_their_places() {
        let is = |path: &str| is_workflow(&FilePath::new(path).expect("a path"));
        for path in [
            ".github/workflows/gate.yml",
            ".github/actions/x/run.sh",
            "web/action.yml",
            ".gitlab-ci.yml",
            "GNUmakefile",
            "scripts/gate.sh",
            "ci/azure-pipelines.yaml",
            ".husky/pre-commit",
        ] {
            assert!(is(path), "{path}");
        }
        for path in [
            ".github/workflows-old/readme.md",
            "docs/linchpin.md",
            "src/main.rs",
        ] {
            assert!(!is(path), "{path}");
        }
    }

    #[test]
    fn linchpin_is_found_by_its_name() {
        assert!(runs_linchpin(b"run: |\n  Linchpin diff"));
        assert!(!runs_linchpin(b"run: cargo test"));
        assert!(!runs_linchpin(b""));
    }
}
