//! Links, tracked files, other spellings, installed packages.

use crate::support::locks::{NO_FEED_NEEDED, bad_cargo_lock, clean_npm_lock, npm_lock, npm_record};
use crate::support::sandbox::{Report, Sandbox};

fn malicious() -> String {
    npm_lock(&[("axios", npm_record("axios", "1.14.1"))])
}

fn inputs(report: &Report) -> Vec<&str> {
    let inputs = report.json["inputs"].as_array().expect("inputs");
    inputs
        .iter()
        .map(|input| input["path"].as_str().expect("a path"))
        .collect()
}

#[test]
fn a_name_in_another_case_is_read() {
    let sandbox = Sandbox::with(&[("Package-Lock.json", &malicious())]);
    let report = sandbox.report(&[]);
    assert_eq!(inputs(&report), ["Package-Lock.json"]);
    assert_eq!(report.code(), 1);
}

#[test]
fn installed_packages_are_skipped_and_that_is_said() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("node_modules/left/package-lock.json", &malicious()),
        ("node_modules/.package-lock.json", &malicious()),
        ("linchpin.toml", NO_FEED_NEEDED),
    ]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(
        output
            .stdout
            .contains("skipped node_modules: installed packages (node_modules)"),
        "{output}"
    );
}

#[test]
fn a_folder_named_as_path_is_entered_even_if_it_holds_installed_packages() {
    let sandbox = Sandbox::with(&[("node_modules/left/package-lock.json", &malicious())]);
    assert_eq!(sandbox.audit(&["node_modules"]).code, Some(1));
    assert_eq!(sandbox.audit(&[]).code, Some(4));
}

#[test]
fn the_lockfile_that_npm_prefers_shadows_the_other() {
    let sandbox = Sandbox::with(&[
        ("npm-shrinkwrap.json", &clean_npm_lock()),
        ("package-lock.json", &malicious()),
    ]);
    let report = sandbox.report(&[]);
    assert_eq!(inputs(&report), ["npm-shrinkwrap.json"]);
    assert!(
        sandbox
            .audit(&[])
            .stdout
            .contains("skipped package-lock.json: not read by its tool"),
    );
}

#[test]
fn a_lockfile_of_another_tool_is_not_called_clean() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
        (
            "other/bun.lockb",
            "#!/usr/bin/env bun\nbun-lockfile-format-v0\n",
        ),
    ]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output.stderr.contains("error: other/bun.lockb: not read"),
        "{output}"
    );
}

/// It is no text, so nothing of it is read before its name is known.
#[test]
fn a_binary_lockfile_of_bun_is_an_error_that_says_how_to_make_it_text() {
    let sandbox = Sandbox::with(&[("linchpin.toml", NO_FEED_NEEDED)]);
    sandbox.write(
        "bun.lockb",
        b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n\xff\x00\x80",
    );
    for paths in [&[][..], &["bun.lockb"]] {
        let output = sandbox.audit(paths);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(output.stderr.contains("error: bun.lockb: "), "{output}");
        assert!(output.stderr.contains("--save-text-lockfile"), "{output}");
    }
}

#[test]
fn a_lockfile_of_any_name_is_read_when_it_is_named() {
    let sandbox = Sandbox::with(&[("old.json", &malicious()), ("copy.txt", &bad_cargo_lock())]);
    let report = sandbox.report(&["old.json", "copy.txt"]);
    assert_eq!(inputs(&report), ["copy.txt", "old.json"]);
    assert_eq!(report.rules(), ["malicious-package"; 2]);
}

#[test]
fn a_file_that_is_no_lockfile_is_never_excerpted() {
    let sandbox = Sandbox::with(&[("secrets.txt", "password = hunter2\n")]);
    for format in ["text", "json"] {
        let output = sandbox.audit(&["secrets.txt", "--format", format]);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(
            !output.stdout.contains("hunter2") && !output.stderr.contains("hunter2"),
            "{output}"
        );
    }
}

#[test]
fn ignored_lockfiles_are_skipped_unless_git_tracks_them() {
    let sandbox = Sandbox::with(&[
        (".gitignore", "/vendor/\n"),
        ("vendor/app/package-lock.json", &malicious()),
        ("package-lock.json", &clean_npm_lock()),
    ]);
    if !sandbox.git_init() {
        return;
    }
    let ignored = sandbox.audit(&[]);
    assert_eq!(ignored.code, Some(3), "{ignored}");
    assert!(
        ignored
            .stdout
            .contains("skipped vendor: ignored by .gitignore"),
        "{ignored}"
    );
    sandbox.git(&["add", "--force", "vendor/app/package-lock.json"]);
    let report = sandbox.report(&[]);
    assert_eq!(
        inputs(&report),
        ["package-lock.json", "vendor/app/package-lock.json"]
    );
    assert_eq!(report.code(), 1);
}

#[test]
fn a_tracked_lockfile_that_is_gone_makes_the_run_incomplete() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
        ("app/Cargo.lock", &bad_cargo_lock()),
    ]);
    if !sandbox.git_init() {
        return;
    }
    sandbox.git(&["add", "app/Cargo.lock"]);
    std::fs::remove_file(sandbox.place("app/Cargo.lock")).expect("a file to remove");
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(
        output
            .stderr
            .contains("error: app/Cargo.lock: tracked by git but not in the work tree"),
        "{output}"
    );
    sandbox.folder("app/Cargo.lock");
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(3), "a folder in its place: {output}");
    assert!(
        output.stderr.contains("error: app/Cargo.lock: "),
        "{output}"
    );
}

#[test]
fn a_pointer_to_large_file_storage_is_no_lockfile() {
    let sandbox = Sandbox::with(&[
        ("linchpin.toml", NO_FEED_NEEDED),
        ("package-lock.json", &clean_npm_lock()),
        (
            "big/Cargo.lock",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        ),
    ]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stderr.contains("big/Cargo.lock"), "{output}");
}

#[test]
fn a_path_outside_the_root_is_a_usage_error() {
    let sandbox = Sandbox::with(&[("package-lock.json", &clean_npm_lock())]);
    sandbox.write_home("other/package-lock.json", clean_npm_lock());
    if !sandbox.git_init() {
        return;
    }
    let other = sandbox.home("other");
    let other = other.to_str().expect("a path of plain text");
    let output = sandbox.audit(&[".", other]);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains("run of its own"), "{output}");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_to_a_lockfile_outside_is_named_and_not_read() {
        let sandbox = Sandbox::with(&[
            ("linchpin.toml", NO_FEED_NEEDED),
            ("package-lock.json", &clean_npm_lock()),
        ]);
        sandbox.write_home("outside/Cargo.lock", bad_cargo_lock());
        sandbox.folder("app");
        symlink(
            sandbox.home("outside/Cargo.lock"),
            sandbox.place("app/Cargo.lock"),
        )
        .expect("a link");
        for path in [".", "app/Cargo.lock"] {
            let output = sandbox.audit(&[path, "package-lock.json"]);
            assert_eq!(output.code, Some(3), "{path}: {output}");
            assert!(
                output
                    .stderr
                    .contains("error: app/Cargo.lock: is a link, so it was not opened"),
                "{path}: {output}"
            );
            assert!(!output.stdout.contains("arrayref"), "{path}: {output}");
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_too() {
        let sandbox = Sandbox::with(&[
            ("linchpin.toml", NO_FEED_NEEDED),
            ("package-lock.json", &clean_npm_lock()),
        ]);
        sandbox.folder("app");
        symlink("gone", sandbox.place("app/uv.lock")).expect("a link");
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(output.stderr.contains("error: app/uv.lock: "), "{output}");
    }

    #[test]
    fn linked_folders_are_not_followed() {
        let sandbox = Sandbox::with(&[("package-lock.json", &clean_npm_lock())]);
        sandbox.write_home("outside/Cargo.lock", bad_cargo_lock());
        symlink(sandbox.home("outside"), sandbox.place("linked")).expect("a link");
        symlink(".", sandbox.place("loop")).expect("a link");
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(3), "{output}");
        assert!(!output.stdout.contains("arrayref"), "{output}");
        assert!(
            output.stdout.contains("2 folders and files: a link"),
            "{output}"
        );
    }

    #[test]
    fn a_manifest_behind_a_link_is_not_read() {
        let lockfile = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
        let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
        sandbox.write_home("package.json", r#"{"name":"stolen","dependencies":{}}"#);
        symlink(sandbox.home("package.json"), sandbox.place("package.json")).expect("a link");
        let output = sandbox.run(&["graph"]);
        assert!(!output.stdout.contains("stolen"), "{output}");
    }
}

#[test]
fn lockfiles_of_other_ecosystems_are_seen_and_not_read() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("linchpin.toml", NO_FEED_NEEDED),
        ("go.sum", "example.org/a v1.0.0 h1:x=\n"),
        ("b/go.sum", ""),
        ("pom.xml", "<project/>"),
    ]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(0), "{output}");
    let told = "seen, not read: 2 lockfiles of Go, 1 of Maven\n";
    assert!(output.stdout.contains(told), "{output}");
    let report = sandbox.report(&[]);
    let skipped = report.json["skipped"].as_array().expect("a list");
    let foreign = skipped
        .iter()
        .filter(|skipped| skipped["reason"] == "other-ecosystem");
    assert_eq!(foreign.count(), 3);
    let alone = Sandbox::with(&[("go.sum", "")]);
    assert_eq!(alone.audit(&[]).code, Some(4));
}

#[test]
fn two_lockfiles_for_one_manifest_are_both_judged_and_told() {
    let sandbox = Sandbox::with(&[
        (
            "package.json",
            r#"{"name":"app","packageManager":"npm@11.0.0"}"#,
        ),
        ("package-lock.json", &clean_npm_lock()),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      axios:\n        specifier: ^1\n        version: 1.14.1\n\npackages:\n\n  axios@1.14.1:\n    resolution: {integrity: sha512-x}\n\nsnapshots:\n\n  axios@1.14.1: {}\n",
        ),
    ]);
    let output = sandbox.audit(&[]);
    assert_eq!(output.code, Some(1), "{output}");
    let told = "is locked by package-lock.json and pnpm-lock.yaml; `packageManager` names npm, which reads package-lock.json";
    assert!(output.stderr.contains(told), "{output}");
    assert!(output.stdout.contains("axios 1.14.1"), "{output}");
}
