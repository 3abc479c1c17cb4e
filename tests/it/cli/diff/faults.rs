//! What is missing is named, and is never clean.

use std::fs;

use crate::support::clone::{Clone, left};
use crate::support::sandbox::Output;

const LOCK: &str = "package-lock.json";

/// A change without a finding.
fn harmless() -> Option<Clone> {
    let clone = Clone::with(&[(LOCK, &left("1.2.0"))])?;
    clone.topic(&[(LOCK, &left("1.2.1"))]);
    assert_eq!(clone.diff(&["main..topic"]).code, Some(0));
    Some(clone)
}

/// Holds a run to exit 3, and to name what is missing.
fn is_incomplete(output: &Output, named: &str) {
    assert_eq!(output.code, Some(3), "{output}");
    let told = format!("{}{}", output.stdout, output.stderr);
    assert!(told.contains(named), "{named}: {output}");
    assert!(!output.stdout.contains("exit 0"), "{output}");
}

#[test]
fn without_git_nothing_is_compared() {
    let Some(clone) = harmless() else {
        return;
    };
    let mut command = clone.0.command(&["diff", "main..topic", "--offline"]);
    command.env("PATH", clone.0.home("empty"));
    is_incomplete(&clone.0.answer(&mut command), "git could not be run");
}

#[test]
fn outside_of_a_work_tree_nothing_is_compared() {
    let Some(clone) = harmless() else {
        return;
    };
    let mut command = clone.0.command(&["diff", "main..topic", "--offline"]);
    command.current_dir(clone.0.home(""));
    is_incomplete(&clone.0.answer(&mut command), "lies in no git work tree");
}

/// Returns where the object of a name lies on disk.
fn object(clone: &Clone, name: &str) -> std::path::PathBuf {
    let mut command = std::process::Command::new("git");
    command
        .args(["rev-parse", name])
        .current_dir(clone.0.place(""));
    let output = command.output().expect("git answers");
    let name = String::from_utf8(output.stdout).expect("a name");
    let (folder, file) = name.trim().split_at(2);
    clone.0.place(&format!(".git/objects/{folder}/{file}"))
}

#[test]
fn an_object_that_is_gone_or_damaged_is_named() {
    for (name, named) in [
        ("topic:package-lock.json", "package-lock.json"),
        ("main:package-lock.json", "package-lock.json"),
        ("topic^{tree}", "git ls-tree failed"),
        ("main^{commit}", "there is no revision `main`"),
    ] {
        let Some(clone) = harmless() else {
            return;
        };
        let place = object(&clone, name);
        fs::remove_file(&place).expect("an object to remove");
        is_incomplete(&clone.diff(&["main..topic"]), named);
        fs::write(&place, "damaged").expect("a damaged object");
        is_incomplete(&clone.diff(&["main..topic"]), "");
    }
}

#[test]
fn a_ref_that_cannot_be_read_is_named() {
    let Some(clone) = harmless() else {
        return;
    };
    clone.0.write(".git/refs/heads/main", "nonsense\n");
    is_incomplete(&clone.diff(&["main..topic"]), "main");
}

#[test]
fn an_index_of_git_that_is_cut_is_named() {
    let Some(clone) = harmless() else {
        return;
    };
    let place = clone.0.place(".git/index");
    let bytes = fs::read(&place).expect("an index");
    fs::write(&place, &bytes[..bytes.len() / 2]).expect("half an index");
    is_incomplete(&clone.diff(&["main"]), "git ls-files");
    is_incomplete(&clone.diff(&["--staged"]), "git ls-files");
    assert_eq!(
        clone.diff(&["main..topic"]).code,
        Some(0),
        "commits need no index"
    );
}

/// Finds the compiled advisories of npm.
fn advisory_index(clone: &Clone) -> std::path::PathBuf {
    fn look(folder: &std::path::Path) -> Option<std::path::PathBuf> {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        entries.into_iter().find_map(|path| {
            let is_index = path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("npm") && path.is_file());
            if path.is_dir() {
                look(&path)
            } else {
                is_index.then_some(path)
            }
        })
    }
    look(&clone.0.home(".local")).expect("a compiled index")
}

#[test]
fn advisories_that_are_stale_cut_or_gone_are_named() {
    let Some(clone) = harmless() else {
        return;
    };
    let later = clone.0.run(&[
        "diff",
        "main..topic",
        "--offline",
        "--as-of",
        "2027-11-01T00:00:00Z",
    ]);
    is_incomplete(&later, "npm");
    let place = advisory_index(&clone);
    let bytes = fs::read(&place).expect("an index");
    for kept in [bytes.len() - 1, bytes.len() / 2, 10, 0] {
        fs::write(&place, &bytes[..kept]).expect("a cut index");
        is_incomplete(&clone.diff(&["main..topic"]), "npm");
    }
    fs::remove_file(&place).expect("an index to remove");
    is_incomplete(&clone.diff(&["main..topic"]), "no advisory feed for npm");
}

#[test]
fn a_lockfile_that_is_corrupt_on_one_side_is_named() {
    for (before, after) in [
        ("{", left("1.2.0")),
        ("{}", left("1.2.0")),
        ("", left("1.2.0")),
    ] {
        let Some(clone) = Clone::with(&[(LOCK, before)]) else {
            return;
        };
        clone.topic(&[(LOCK, &after)]);
        is_incomplete(
            &clone.diff(&["main..topic"]),
            "before the change: package-lock.json",
        );
        clone.0.git(&["checkout", "--quiet", "-b", "back"]);
        clone.write(&[(LOCK, before)]);
        clone.commit("back");
        is_incomplete(&clone.diff(&["topic..back"]), "package-lock.json");
    }
}

#[test]
fn one_that_the_change_does_not_touch_reddens_nothing() {
    let Some(clone) = Clone::with(&[
        (LOCK, &left("1.2.0")),
        ("broken/Cargo.lock", "{"),
        ("old/bun.lockb", "\u{1}"),
    ]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("1.2.1"))]);
    let output = clone.diff(&["main..topic"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        output.stderr.contains("warning: broken/Cargo.lock"),
        "{output}"
    );
}

#[test]
fn a_report_that_cannot_be_written_is_no_pass() {
    let Some(clone) = harmless() else {
        return;
    };
    let output = clone.diff(&["main..topic", "--output", "json=nowhere/report.json"]);
    assert_eq!(output.code, Some(3), "{output}");
}
