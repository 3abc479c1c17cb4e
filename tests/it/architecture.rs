//! The rules of the house that a program can check: nothing forgotten, nothing overgrown.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use linchpin::lockfile::LOCKFILE_FORMATS;
use linchpin::report::findings::FINDINGS_FORMATS;
use linchpin::report::graph::GRAPH_FORMATS;
use linchpin::signal::SIGNALS;

use crate::support::sandbox::Sandbox;

/// The longest source file, in lines.
const LONGEST: usize = 800;

/// Lockfile formats whose id is not the name of their file.
const FORMAT_IDS: [(&str, &str); 1] = [("package-lock", "npm-lock")];

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Lists the files below a folder that are Rust, sorted.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("a name").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Lists the ids that the modules in a folder should have: their names with dashes.
fn modules(folder: &str, but: &[&str]) -> BTreeSet<String> {
    let entries = fs::read_dir(project(folder)).expect("a folder of the project");
    let names = entries.map(|entry| {
        let path = entry.expect("a name").path();
        let stem = path.file_stem().expect("a name");
        stem.to_str().expect("plain text").to_owned()
    });
    names
        .filter(|name| name != "mod" && !but.contains(&name.as_str()))
        .map(|name| name.replace('_', "-"))
        .collect()
}

fn set<'a>(ids: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    ids.map(str::to_owned).collect()
}

#[test]
fn every_rule_is_registered() {
    assert_eq!(
        modules(
            "src/signal",
            &[
                "rule",
                "hosts",
                "advisories",
                "private",
                "changes",
                "histories",
                "popular"
            ]
        ),
        set(SIGNALS.iter().map(|signal| signal.rule().id.0))
    );
}

#[test]
fn every_format_of_findings_is_registered() {
    assert_eq!(
        modules("src/report/findings", &[]),
        set(FINDINGS_FORMATS.iter().map(|format| format.id))
    );
}

#[test]
fn every_format_of_the_graph_is_registered() {
    assert_eq!(
        modules("src/report/graph", &[]),
        set(GRAPH_FORMATS.iter().map(|format| format.id))
    );
}

#[test]
fn every_file_that_steers_installers_is_registered() {
    let text = fs::read_to_string(project("src/install/mod.rs")).expect("a source file");
    let list = text
        .split("INSTALL_FILES: &[InstallFile] = &[")
        .nth(1)
        .expect("the slice");
    let list = list.split("];").next().expect("its end");
    for module in modules("src/install", &["registries", "settings", "tests"]) {
        let module = module.replace('-', "_");
        assert!(
            list.contains(&format!("    {module}::")),
            "{module} is in the slice"
        );
    }
}

#[test]
fn every_lockfile_format_is_registered() {
    let shared = [
        "check", "json", "jsonc", "limits", "manifest", "model", "names", "npm", "pypi", "rivals",
        "span", "testing", "toml", "unread", "yaml", "yarn",
    ];
    let files = modules("src/lockfile", &shared).into_iter().map(|name| {
        let other = FORMAT_IDS.iter().find(|(file, _)| *file == name);
        other.map_or(name, |(_, id)| (*id).to_owned())
    });
    assert_eq!(
        files.collect::<BTreeSet<_>>(),
        set(LOCKFILE_FORMATS.iter().map(|format| format.id().0))
    );
}

#[test]
fn every_lockfile_format_has_a_fuzz_target_that_reads_it() {
    let targets = modules("tests/fuzz/src/bin", &[]).into_iter().map(|name| {
        let other = FORMAT_IDS.iter().find(|(file, _)| *file == name);
        let id = other.map_or(name.clone(), |(_, id)| (*id).to_owned());
        let file = format!("tests/fuzz/src/bin/{}.rs", name.replace('-', "_"));
        let text = fs::read_to_string(project(&file)).expect("a fuzz target");
        assert!(text.contains(&format!("\"{id}\"")), "{file} reads {id}");
        id
    });
    assert_eq!(
        targets.collect::<BTreeSet<_>>(),
        set(LOCKFILE_FORMATS.iter().map(|format| format.id().0))
    );
}

#[test]
fn ids_are_unique() {
    let rules = set(SIGNALS.iter().map(|signal| signal.rule().id.0));
    assert_eq!(rules.len(), SIGNALS.len());
    let formats = set(LOCKFILE_FORMATS.iter().map(|format| format.id().0));
    assert_eq!(formats.len(), LOCKFILE_FORMATS.len());
}

#[test]
fn every_rule_explains_itself_in_sentences() {
    for rule in SIGNALS.iter().map(|signal| signal.rule()) {
        let id = rule.id.0;
        assert!(!rule.summary.is_empty(), "{id}");
        for text in [rule.what, rule.why, rule.case, rule.fix, rule.accept] {
            assert!(
                text.len() > 20 && text.ends_with('.') && text.trim() == text,
                "{id}: {text}"
            );
        }
    }
}

#[test]
fn every_rule_is_tested_and_listed() {
    let list = Sandbox::new().run(&["explain"]).stdout;
    for signal in SIGNALS {
        let id = signal.rule().id.0;
        let file = format!("tests/it/signal/{}.rs", id.replace('-', "_"));
        assert!(project(&file).is_file(), "{file} tests the rule {id}");
        let is_listed = list
            .lines()
            .any(|line| line.split_whitespace().next() == Some(id));
        assert!(is_listed, "{id} in {list}");
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let root = project("tests/it");
    for file in rust_files(&root) {
        let stem = file.file_stem().expect("a name").to_str().expect("text");
        let folder = file.parent().expect("a folder");
        let (name, parent) = match stem {
            "main" if folder == root => continue,
            "mod" => {
                let name = folder.file_name().expect("a name").to_str().expect("text");
                (name, folder.parent().expect("a folder"))
            }
            name => (name, folder),
        };
        let declaring = parent.join(if parent == root { "main.rs" } else { "mod.rs" });
        let text = fs::read_to_string(&declaring).expect("the file that declares the module");
        let is_declared = text.lines().any(|line| {
            let line = line.trim_start_matches("pub(crate) ");
            line == format!("mod {name};")
        });
        assert!(
            is_declared,
            "{} is declared in {}",
            file.display(),
            declaring.display()
        );
    }
}

#[test]
fn no_source_file_is_overgrown() {
    for file in rust_files(&project("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", file.display());
    }
}

/// A tree that is audited must not be able to have anything executed, so that this stays with the user edge.
#[test]
fn programs_are_run_in_one_place_and_named_in_two() {
    let runs = |text: &str| {
        let is_import = |line: &&str| line.contains("process::") && line.contains("Command");
        text.lines().any(|line| is_import(&line)) || text.contains(".spawn()")
    };
    let files = rust_files(&project("src"));
    let running = files.iter().filter(|file| {
        // What tests use to make a repository is in no build.
        if file.ends_with("discover/fixture.rs") {
            return false;
        }
        let text = fs::read_to_string(file).expect("a source file");
        runs(&text)
    });
    let running: Vec<_> = running
        .map(|file| file.strip_prefix(project("src")).expect("in src"))
        .collect();
    let known = [
        "cli/cargo.rs",
        "discover/process.rs",
        "discover/revision/command.rs",
    ];
    assert_eq!(running, known.map(Path::new));
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for file in rust_files(&project("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let is_tests = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| stem.ends_with("tests"));
        assert!(
            is_tests || text.starts_with("//! "),
            "{} opens with its purpose",
            file.display()
        );
    }
}
