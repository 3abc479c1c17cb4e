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

/// Says whether a file that runs programs may run Linchpin: in the folders of CI services whether it names it, elsewhere
/// whether it calls one of the commands that gate.
pub(crate) fn runs_linchpin(path: &FilePath, bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let is_of_service = FOLDERS
        .iter()
        .any(|folder| path.as_str().starts_with(folder));
    let calls = ["linchpin diff", "linchpin audit", "actions/linchpin"];
    calls.iter().any(|call| text.contains(call)) || (is_of_service && text.contains("linchpin"))
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
        let runs = |path: &str, text: &str| {
            runs_linchpin(&FilePath::new(path).expect("a path"), text.as_bytes())
        };
        assert!(runs(".github/workflows/x.yml", "run: ./Linchpin"));
        assert!(runs("Makefile", "gate:\n\tlinchpin diff origin/main"));
        assert!(!runs("deploy/app.yaml", "name: linchpin-app"));
        assert!(!runs(".github/workflows/x.yml", "run: cargo test"));
    }
}
