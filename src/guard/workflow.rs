//! Files by which services and hooks run programs, and whether they run Linchpin.

use crate::path::FilePath;

/// Names of files that run programs, wherever they lie.
const NAMES: [&str; 14] = [
    ".gitlab-ci.yml",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker.yml",
    ".pre-commit-config.yaml",
    "action.yml",
    "action.yaml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "lefthook.yml",
    "Jenkinsfile",
    "Makefile",
    "justfile",
    "Taskfile.yml",
];

/// Folders whose files run programs, from the root.
const FOLDERS: [&str; 12] = [
    ".github/workflows",
    ".github/actions",
    ".gitea/workflows",
    ".forgejo/workflows",
    ".gitlab",
    ".circleci",
    ".buildkite",
    ".woodpecker",
    ".azure-pipelines",
    ".husky",
    ".githooks",
    ".ci",
];

/// Says whether a path is that of a file that runs programs.
pub(crate) fn is_workflow(path: &FilePath) -> bool {
    let in_folder = |folder: &str| {
        let rest = path.as_str().strip_prefix(folder);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    NAMES.contains(&path.file_name()) || FOLDERS.into_iter().any(in_folder)
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
            "Makefile",
            ".husky/pre-commit",
        ] {
            assert!(is(path), "{path}");
        }
        for path in [
            ".github/workflows-old.yml",
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
