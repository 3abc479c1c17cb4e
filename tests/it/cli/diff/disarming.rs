//! Changes that bring a vulnerable release and try to have it overlooked.

use crate::support::clone::{Clone, GATE, left};
use crate::support::locks::npm_lock;
use crate::support::sandbox::Output;

const LOCK: &str = "package-lock.json";
const MANIFEST: (&str, &str) = (
    "package.json",
    r#"{"name":"app","version":"1.0.0","dependencies":{"left":"*"}}"#,
);

/// The finding about the bad release.
const FOUND: &str = "high[known-vulnerability]: left 2.0.0";

/// A repository whose lockfile lists `left` 1.2.0, which is good.
fn repository() -> Option<Clone> {
    Clone::with(&[(LOCK, &left("1.2.0")), MANIFEST])
}

/// Judges a change to a version of `left` with something else.
fn judged(version: &str, attempt: &dyn Fn(&Clone)) -> Option<Output> {
    let clone = repository()?;
    clone.branch("topic");
    clone.write(&[(LOCK, &left(version))]);
    attempt(&clone);
    clone.commit("topic");
    Some(clone.diff(&["main..topic"]))
}

/// Holds an attempt to fail with the bad release, for the reason that is told: a finding, or what was not read.
fn fails(name: &str, expected: &str, attempt: &dyn Fn(&Clone)) {
    let Some(output) = judged("2.0.0", attempt) else {
        return;
    };
    assert!(matches!(output.code, Some(1 | 3)), "{name}: {output}");
    assert!(
        output.stdout.contains(expected),
        "{name}: {expected}: {output}"
    );
}

/// The same, for an attempt that hides nothing, and is harmless where there is nothing to hide.
fn fails_and_is_harmless(name: &str, attempt: &dyn Fn(&Clone)) {
    fails(name, FOUND, attempt);
    if let Some(output) = judged("1.2.1", attempt) {
        assert_eq!(output.code, Some(0), "{name}: {output}");
    }
}

fn settings(lines: &'static str) -> impl Fn(&Clone) {
    move |clone: &Clone| clone.0.write("linchpin.toml", format!("{GATE}{lines}"))
}

#[test]
fn the_same_change_without_the_bad_release_passes() {
    fails_and_is_harmless("nothing else", &|_| {});
}

#[test]
fn looser_settings_do_not_judge_the_change_that_brings_them() {
    for lines in [
        "[gate]\nfail-on = \"critical\"\n",
        "[gate]\nrequire = []\nfail-on = \"critical\"\n[db]\nmax-age = \"365d\"\n",
        "[rules]\nknown-vulnerability = \"off\"\npolicy-loosened = \"off\"\n",
        "[inputs]\nexclude = [\"**\"]\n",
        "[inputs]\nexclude = [\"package-lock.json\"]\n",
        "[[accept]]\nrule = \"known-vulnerability\"\npackage = \"pkg:npm/left@2.0.0\"\nids = [\"GHSA-bbbb-bbbb-bbbb\"]\nreason = \"r\"\nowner = \"o\"\nexpires = 2026-12-01\n",
    ] {
        fails(lines, FOUND, &settings(lines));
        fails(
            lines,
            "high[policy-loosened]: linchpin.toml",
            &settings(lines),
        );
    }
}

/// By itself too a loosening is told, because the next change would be judged by it.
#[test]
fn a_loosening_alone_is_a_finding() {
    let settings = settings("[gate]\nfail-on = \"critical\"\n");
    if let Some(output) = judged("1.2.1", &settings) {
        assert_eq!(output.code, Some(1), "{output}");
    }
}

#[test]
fn settings_in_other_places_are_no_settings() {
    let off = "[rules]\nknown-vulnerability = \"off\"\n";
    for path in [
        "web/linchpin.toml",
        ".config/linchpin.toml",
        ".linchpin.toml",
        "Linchpin.toml",
    ] {
        let attempt = |clone: &Clone| clone.0.write(path, off);
        fails_and_is_harmless(path, &attempt);
    }
}

#[test]
fn a_baseline_with_its_own_finding_keeps_nothing() {
    let attempt = |clone: &Clone| {
        let written = clone.0.run(&[
            "baseline",
            "--owner",
            "@me",
            "--offline",
            "--as-of",
            "2026-11-01T00:00:00Z",
        ]);
        assert_eq!(written.code, Some(0), "{written}");
        assert!(clone.0.place("linchpin.baseline").is_file());
    };
    fails("a baseline", FOUND, &attempt);
}

#[test]
fn ignore_files_hide_nothing_that_git_tracks() {
    for path in [".gitignore", ".ignore", ".git/info/exclude", ".rgignore"] {
        let attempt = |clone: &Clone| {
            clone.0.write(path, "*\n");
            clone.0.git(&["add", "--force", LOCK]);
        };
        fails_and_is_harmless(path, &attempt);
    }
}

/// The files at hand are judged as the commit is.
#[test]
fn ignore_files_hide_nothing_from_the_files_at_hand() {
    let Some(clone) = repository() else {
        return;
    };
    clone.write(&[(LOCK, &left("2.0.0")), (".gitignore", "*\n")]);
    let output = clone.diff(&["main"]);
    assert_eq!(output.code, Some(1), "{output}");
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_lockfile_is_not_followed_and_not_clean() {
    let attempt = |clone: &Clone| {
        clone.remove(LOCK);
        clone.write(&[("elsewhere.json", &left("2.0.0"))]);
        std::os::unix::fs::symlink("elsewhere.json", clone.0.place(LOCK)).expect("a link");
    };
    fails(
        "a link",
        "package-lock.json: is a link, so it was not opened",
        &attempt,
    );
}

#[test]
fn a_clean_lockfile_beside_the_bad_one_does_not_stand_for_it() {
    let shadowed = "high[lockfile-removed]: package-lock.json is not read any more";
    for (path, clean, expected) in [
        ("npm-shrinkwrap.json", npm_lock(&[]), shadowed),
        ("npm-shrinkwrap.json", left("1.2.0"), shadowed),
        ("yarn.lock", "# yarn lockfile v1\n".to_owned(), FOUND),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: '9.0'\n".to_owned(),
            FOUND,
        ),
    ] {
        let attempt = |clone: &Clone| clone.0.write(path, &clean);
        fails(path, expected, &attempt);
    }
}

#[test]
fn a_lockfile_that_goes_is_not_clean() {
    let rename = |to: &'static str| {
        move |clone: &Clone| {
            let text = std::fs::read_to_string(clone.0.place(LOCK)).expect("a lockfile");
            clone.0.write(to, text);
            clone.remove(LOCK);
        }
    };
    let gone = "high[lockfile-removed]: package-lock.json";
    fails("deleted", gone, &|clone| clone.remove(LOCK));
    for to in [
        "package-lock.json.bak",
        "lock.json",
        "old/lockfile.txt",
        ".package-lock.json",
    ] {
        fails(to, gone, &rename(to));
    }
    fails("emptied", "not complete: package-lock.json", &|clone| {
        clone.0.write(LOCK, npm_lock(&[]));
    });
    fails("no lockfile", "not complete", &|clone| {
        clone.0.write(LOCK, "{}");
    });
    fails("nothing in it", "not complete", &|clone| {
        clone.0.write(LOCK, "");
    });
}

/// A lockfile that does not say what the manifest asks for by now is stale: the installer takes something else.
#[test]
fn a_manifest_that_asks_for_more_than_its_lockfile_is_not_clean() {
    let attempt = |clone: &Clone| {
        clone.0.write(LOCK, left("1.2.1"));
        clone.0.write(
            "package.json",
            r#"{"name":"app","version":"1.0.0","dependencies":{"left":"^2.0.0"}}"#,
        );
    };
    fails("stale", "not complete", &attempt);
}

/// What installs packages is not the lockfile alone.
#[test]
fn what_goes_past_the_lockfile_is_not_clean() {
    let overrides = MANIFEST
        .1
        .replacen('{', "{\"overrides\":{\"left\":\"2.0.0\"},", 1);
    for (path, text) in [
        (".npmrc", "registry=https://evil.example/\n"),
        (".npmrc", "; x\r'registry'=https://evil.example/\r"),
        (".pnpmfile.cjs", "module.exports = {}\n"),
        (".yarnrc.yml", "yarnPath: .yarn/releases/evil.cjs\n"),
        (
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"evil\"\n",
        ),
        ("patches/left+1.2.0.patch", "--- a\n+++ b\n"),
        ("package.json", overrides.as_str()),
        ("pnpm-workspace.yaml", "overrides:\n  left: 2.0.0\n"),
    ] {
        let attempt = |clone: &Clone| {
            clone.0.write(LOCK, left("1.2.0"));
            clone.0.write(path, text);
        };
        fails(path, "high[install-redirect]", &attempt);
    }
}

/// Whatever says that a manifest is nobody's comes with the change; git tracks the manifest all the same.
#[test]
fn a_manifest_that_is_put_out_of_sight_is_not_clean() {
    let open = |clone: &Clone| {
        clone.remove(LOCK);
        clone
            .0
            .write("package.json", MANIFEST.1.replace('*', "2.0.0"));
    };
    let gone = "high[lockfile-removed]: package-lock.json is gone";
    for (path, text) in [
        ("pyvenv.cfg", ""),
        ("CACHEDIR.TAG", ""),
        (".gitignore", "package.json\n"),
    ] {
        let attempt = |clone: &Clone| {
            open(clone);
            clone.0.write(path, text);
            clone.0.git(&["add", "--force", "package.json"]);
        };
        fails(path, gone, &attempt);
    }
    let Some(clone) = Clone::with(&[
        ("web/package-lock.json", &left("1.2.0")),
        ("web/package.json", MANIFEST.1),
    ]) else {
        return;
    };
    clone.write(&[
        (".gitignore", "web/\n"),
        ("web/package.json", &MANIFEST.1.replace('*', "2.0.0")),
    ]);
    clone.remove("web/package-lock.json");
    clone.0.git(&["add", "--all"]);
    let output = clone.diff(&["main"]);
    assert!(
        output.code == Some(1) && output.stdout.contains("high[lockfile-removed]"),
        "{output}"
    );
}

/// pnpm takes a manifest by other names as well.
#[test]
fn a_manifest_by_another_name_is_the_same_manifest() {
    for name in ["package.yaml", "package.json5"] {
        let attempt = |clone: &Clone| {
            clone.remove(LOCK);
            clone.remove("package.json");
            clone.0.write(name, "dependencies: {left: 2.0.0}\n");
        };
        fails(
            name,
            "high[lockfile-removed]: package-lock.json is gone",
            &attempt,
        );
    }
}

/// make reads the first of three names.
#[test]
fn a_file_that_stands_before_the_one_that_runs_linchpin_is_told() {
    let gate = "gate:\n\tlinchpin diff origin/main\n";
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0")), ("Makefile", gate)]) else {
        return;
    };
    clone.topic(&[("GNUmakefile", "gate:\n\ttrue\n")]);
    let output = clone.diff(&["main..topic"]);
    assert!(
        output.code == Some(1) && output.stdout.contains("in place of Makefile"),
        "{output}"
    );
    clone.0.git(&["checkout", "--quiet", "-b", "other", "main"]);
    clone.write(&[("docs/GNUmakefile", "all:\n\ttrue\n")]);
    clone.commit("other");
    assert_eq!(clone.diff(&["main..other"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_of_settings_is_not_clean() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0")), ("tools/config.toml", "")]) else {
        return;
    };
    std::os::unix::fs::symlink("tools", clone.0.place(".cargo")).expect("a link");
    clone.commit("with a link");
    clone.topic(&[("readme", "unrelated")]);
    let unrelated = clone.diff(&["main..topic"]);
    assert_eq!(unrelated.code, Some(0), "{unrelated}");
    clone.write(&[(
        "tools/config.toml",
        "[source.crates-io]\nreplace-with = \"evil\"\n",
    )]);
    clone.commit("redirected");
    let output = clone.diff(&["main..topic"]);
    assert!(
        output.code == Some(1)
            && output
                .stdout
                .contains("install-redirect]: .cargo cannot be read"),
        "{output}"
    );
}

/// `git commit -a` has its hooks look at an index that is not the repository's own yet.
#[cfg(unix)]
#[test]
fn a_hook_judges_what_is_about_to_be_committed() {
    use std::os::unix::fs::PermissionsExt;
    let Some(clone) = repository() else {
        return;
    };
    let told = clone.0.home("told");
    let program = env!("CARGO_BIN_EXE_linchpin");
    let hook = format!(
        "#!/bin/sh\n{program} diff --staged --offline --as-of 2026-11-01T00:00:00Z > {}\nexit 0\n",
        told.display()
    );
    clone.0.write(".git/hooks/pre-commit", hook);
    let place = clone.0.place(".git/hooks/pre-commit");
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o755))
        .expect("a hook that runs");
    clone.write(&[(LOCK, &left("2.0.0"))]);
    clone.0.git(&["commit", "--quiet", "--all", "-m", "bad"]);
    let told = std::fs::read_to_string(told).expect("the hook ran");
    assert!(
        told.contains("compared with HEAD") && told.contains("1 changed"),
        "{told}"
    );
}
