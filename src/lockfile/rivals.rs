//! Several lockfiles for one manifest: all are judged, and which of them the configured tool reads is said.

use std::collections::BTreeMap;

use super::manifest::package_json;
use super::model::{Lockfile, Problem, ProblemSeverity};
use super::pylock_toml::PylockToml;
use super::{LOCKFILE_FORMATS, LockfileFormat};
use crate::files::Files;
use crate::path::FilePath;

/// Files whose presence shows which tool installs the packages of a folder.
const SETTINGS: [(&str, &str); 3] = [
    ("pnpm-workspace.yaml", "pnpm"),
    (".yarnrc.yml", "yarn"),
    ("bunfig.toml", "bun"),
];

/// The tables of pyproject.toml by which Python's tools are configured.
const TABLES: [&str; 3] = ["uv", "poetry", "pdm"];

/// Reports every manifest that several of the lockfiles lock, in the order of paths.
pub fn report(lockfiles: &[Lockfile<'_>], files: &dyn Files) -> Vec<Problem> {
    let mut by_manifest: BTreeMap<FilePath, Vec<&Lockfile<'_>>> = BTreeMap::new();
    for lockfile in lockfiles {
        let manifest = format(lockfile).and_then(LockfileFormat::manifest);
        let manifest = manifest.filter(|name| locks(lockfile, name));
        let path = manifest.and_then(|name| lockfile.project().join(name));
        if let Some(path) = path {
            by_manifest.entry(path).or_default().push(lockfile);
        }
    }
    let exists = |path: &FilePath| !matches!(files.read(path), Ok(None));
    let rivals = by_manifest
        .iter()
        .filter(|(manifest, rivals)| are_rivals(rivals) && exists(manifest));
    rivals
        .map(|(manifest, rivals)| problem(manifest, rivals, files))
        .collect()
}

/// Says whether a lockfile may lock a manifest of a name; one of a script covers the script alone.
fn locks(lockfile: &Lockfile<'_>, name: &str) -> bool {
    let mut covered = lockfile.manifests.iter();
    lockfile.manifests.is_empty() || covered.any(|path| path.file_name() == name)
}

/// PEP 751 gives one project several lockfiles by name: `pylock.toml` and `pylock.dev.toml` are for different uses.
fn are_rivals(lockfiles: &[&Lockfile<'_>]) -> bool {
    let is_named = |lockfile: &&&Lockfile<'_>| lockfile.format == PylockToml.id();
    let named = lockfiles.iter().filter(is_named).count();
    lockfiles.len() - named.saturating_sub(1) > 1
}

fn format(lockfile: &Lockfile<'_>) -> Option<&'static dyn LockfileFormat> {
    let mut formats = LOCKFILE_FORMATS.iter().copied();
    formats.find(|format| format.id() == lockfile.format)
}

fn problem(manifest: &FilePath, rivals: &[&Lockfile<'_>], files: &dyn Files) -> Problem {
    let names: Vec<&str> = rivals.iter().map(|rival| rival.path.file_name()).collect();
    let (last, others) = names
        .split_last()
        .map_or(("", &[][..]), |(last, others)| (*last, others));
    let read = match configured(manifest, files) {
        Some(Configured { tool, by }) => {
            let mut of_tool = rivals
                .iter()
                .filter(|rival| format(rival).is_some_and(|format| format.tool() == tool));
            match (of_tool.next(), of_tool.next()) {
                (Some(one), None) => {
                    format!("{by} names {tool}, which reads {}", one.path.file_name())
                }
                (Some(_), Some(_)) => {
                    format!("{by} names {tool}, {}", among_branches(manifest, files))
                }
                (None, _) => format!("{by} names {tool}, which reads none of them"),
            }
        }
        None => "nothing says which tool installs from it".to_owned(),
    };
    let message = format!("is locked by {} and {last}; {read}", others.join(", "));
    Problem::new(manifest.clone(), ProblemSeverity::Warning, message)
        .help("all were judged; delete those that nobody installs from")
}

/// pnpm's `gitBranchLockfile` writes a lockfile for each branch.
fn among_branches(manifest: &FilePath, files: &dyn Files) -> &'static str {
    let settings = manifest.parent().join("pnpm-workspace.yaml");
    let text = settings.and_then(|path| files.read(&path).ok().flatten());
    let is_set = |line: &str| {
        let value = line.strip_prefix("gitBranchLockfile:");
        value.is_some_and(|value| value.trim() == "true")
    };
    if text.is_some_and(|text| text.lines().any(is_set)) {
        "which reads that of the branch (gitBranchLockfile)"
    } else {
        "which reads the one without a branch in its name"
    }
}

/// The tool that installs, and what says so.
struct Configured {
    tool: String,
    by: &'static str,
}

fn configured(manifest: &FilePath, files: &dyn Files) -> Option<Configured> {
    let text = files.read(manifest).ok().flatten();
    let text = text.as_deref().unwrap_or_default();
    match manifest.file_name() {
        "package.json" => by_package_json(text).or_else(|| by_settings(&manifest.parent(), files)),
        "pyproject.toml" => by_tables(text),
        _ => None,
    }
}

fn by_package_json(text: &str) -> Option<Configured> {
    let manifest = package_json::read(text).ok()?;
    let pinned = manifest.package_manager.text()?.as_str();
    let tool = pinned.split('@').next().unwrap_or_default().to_owned();
    let is_known = LOCKFILE_FORMATS.iter().any(|format| format.tool() == tool);
    is_known.then_some(Configured {
        tool,
        by: "`packageManager`",
    })
}

fn by_settings(folder: &FilePath, files: &dyn Files) -> Option<Configured> {
    let mut found = SETTINGS.iter().filter(|(name, _)| {
        let path = folder.join(name);
        path.is_some_and(|path| matches!(files.read(&path), Ok(Some(_))))
    });
    let (by, tool) = found.next()?;
    found.next().is_none().then(|| Configured {
        tool: (*tool).to_owned(),
        by,
    })
}

fn by_tables(text: &str) -> Option<Configured> {
    let manifest: toml::Table = toml::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let tools = manifest.get("tool")?.as_table()?;
    let mut found = TABLES.iter().filter(|name| tools.contains_key(**name));
    let tool = found.next()?;
    found.next().is_none().then(|| Configured {
        tool: (*tool).to_owned(),
        by: "pyproject.toml",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::MapFiles;
    use crate::lockfile::{FormatId, LockedEntry};
    use crate::package::Ecosystem;
    use crate::text::Untrusted;

    fn lockfile(path: &str, format: &'static str) -> Lockfile<'static> {
        let path = FilePath::new(path).expect("a path inside the root");
        let root = LockedEntry::root(Ecosystem::Npm, Untrusted::default());
        Lockfile::new(path, FormatId(format), root, Ecosystem::Npm)
    }

    fn messages(lockfiles: &[Lockfile<'_>], files: &[(&str, &str)]) -> Vec<String> {
        let problems = report(lockfiles, &MapFiles::new(files.iter().copied()));
        let texts = problems.iter();
        texts
            .map(|problem| format!("{} {}", problem.path.as_str(), problem.message.as_str()))
            .collect()
    }

    fn two() -> [Lockfile<'static>; 2] {
        [
            lockfile("web/package-lock.json", "npm-lock"),
            lockfile("web/pnpm-lock.yaml", "pnpm-lock"),
        ]
    }

    #[test]
    fn the_configured_tool_is_named() {
        let manifest = [(
            "web/package.json",
            r#"{"packageManager":"pnpm@10.1.0+sha512.00"}"#,
        )];
        let expected = "web/package.json is locked by package-lock.json and pnpm-lock.yaml; `packageManager` names pnpm, which reads pnpm-lock.yaml";
        assert_eq!(messages(&two(), &manifest), [expected]);
        let settings = [("web/package.json", "{}"), ("web/pnpm-workspace.yaml", "")];
        assert!(
            messages(&two(), &settings)[0]
                .contains("pnpm-workspace.yaml names pnpm, which reads pnpm-lock.yaml")
        );
        let other = [("web/package.json", r#"{"packageManager":"yarn@4.1.0"}"#)];
        assert!(messages(&two(), &other)[0].contains("names yarn, which reads none of them"));
        let silent = [("web/package.json", "{}")];
        assert!(messages(&two(), &silent)[0].contains("nothing says which tool installs"));
        assert!(messages(&two(), &[]).is_empty(), "there is no manifest");
    }

    #[test]
    fn lockfiles_of_branches_are_told_by_the_setting() {
        let branches = [
            lockfile("pnpm-lock.yaml", "pnpm-lock"),
            lockfile("pnpm-lock.next.yaml", "pnpm-lock"),
        ];
        let manifest = ("package.json", "{}");
        let set = [
            manifest,
            (
                "pnpm-workspace.yaml",
                "packages: []\ngitBranchLockfile: true\n",
            ),
        ];
        assert!(messages(&branches, &set)[0].contains("reads that of the branch"));
        let unset = [manifest, ("pnpm-workspace.yaml", "packages: []\n")];
        assert!(messages(&branches, &unset)[0].contains("without a branch in its name"));
    }

    #[test]
    fn the_names_of_pylock_toml_are_no_rivals_but_those_of_others() {
        let manifest = [("pyproject.toml", "")];
        let named = ["pylock.toml", "pylock.dev.toml"].map(|path| lockfile(path, "pylock-toml"));
        assert!(messages(&named, &manifest).is_empty());
        let [one, other] = named;
        let all = [one, other, lockfile("uv.lock", "uv-lock")];
        assert_eq!(messages(&all, &manifest).len(), 1);
    }

    #[test]
    fn the_lockfile_of_a_script_is_no_rival_of_the_projects() {
        let mut script = lockfile("tool.py.lock", "uv-lock");
        script.manifests = vec![FilePath::new("tool.py").expect("a path inside the root")];
        let both = [lockfile("uv.lock", "uv-lock"), script];
        assert!(messages(&both, &[("pyproject.toml", "")]).is_empty());
    }

    #[test]
    fn one_lockfile_for_each_manifest_is_no_problem() {
        let apart = [
            lockfile("a/package-lock.json", "npm-lock"),
            lockfile("b/pnpm-lock.yaml", "pnpm-lock"),
            lockfile("a/Cargo.lock", "cargo-lock"),
        ];
        assert!(messages(&apart, &[]).is_empty());
    }
}
