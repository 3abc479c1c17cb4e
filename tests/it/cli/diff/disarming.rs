//! Changes that bring a vulnerable release and try to have it overlooked.

use crate::support::clone::{Clone, GATE, left};
use crate::support::locks::npm_lock;

const LOCK: &str = "package-lock.json";
const MANIFEST: (&str, &str) = (
    "package.json",
    r#"{"name":"app","version":"1.0.0","dependencies":{"left":"*"}}"#,
);

/// A repository whose lockfile lists `left` 1.2.0, which is good.
fn repository() -> Option<Clone> {
    Clone::with(&[(LOCK, &left("1.2.0")), MANIFEST])
}

/// Judges a change to a version of `left` with something else; returns the exit code.
fn judged(version: &str, attempt: &dyn Fn(&Clone)) -> Option<i32> {
    let clone = repository()?;
    clone.branch("topic");
    clone.write(&[(LOCK, &left(version))]);
    attempt(&clone);
    clone.commit("topic");
    clone.diff(&["main..topic"]).code
}

/// Holds an attempt to fail with the bad release, however it fails.
fn fails(name: &str, attempt: &dyn Fn(&Clone)) {
    let code = judged("2.0.0", attempt);
    assert!(matches!(code, None | Some(1 | 3)), "{name}: {code:?}");
}

/// The same, for an attempt that is harmless where there is nothing to hide.
fn fails_and_is_harmless(name: &str, attempt: &dyn Fn(&Clone)) {
    fails(name, attempt);
    let code = judged("1.2.1", attempt);
    assert!(matches!(code, None | Some(0)), "{name}: {code:?}");
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
        fails(lines, &settings(lines));
    }
}

/// By itself too a loosening is told, because the next change would be judged by it.
#[test]
fn a_loosening_alone_is_a_finding() {
    let code = judged("1.2.1", &settings("[gate]\nfail-on = \"critical\"\n"));
    assert!(matches!(code, None | Some(1)), "{code:?}");
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
    fails("a baseline", &attempt);
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
    fails("a link", &attempt);
}

#[test]
fn a_clean_lockfile_beside_the_bad_one_does_not_stand_for_it() {
    for (path, clean) in [
        ("npm-shrinkwrap.json", npm_lock(&[])),
        ("npm-shrinkwrap.json", left("1.2.0")),
        ("yarn.lock", "# yarn lockfile v1\n".to_owned()),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n".to_owned()),
    ] {
        let attempt = |clone: &Clone| clone.0.write(path, &clean);
        fails(path, &attempt);
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
    fails("deleted", &|clone| clone.remove(LOCK));
    for to in [
        "package-lock.json.bak",
        "lock.json",
        "old/lockfile.txt",
        ".package-lock.json",
    ] {
        fails(to, &rename(to));
    }
    fails("emptied", &|clone| clone.0.write(LOCK, npm_lock(&[])));
    fails("no lockfile", &|clone| clone.0.write(LOCK, "{}"));
    fails("nothing in it", &|clone| clone.0.write(LOCK, ""));
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
    fails("stale", &attempt);
}

/// What installs packages is not the lockfile alone.
#[test]
fn what_goes_past_the_lockfile_is_not_clean() {
    for (path, text) in [
        (".npmrc", "registry=https://evil.example/\n"),
        (".pnpmfile.cjs", "module.exports = {}\n"),
        (".yarnrc.yml", "yarnPath: .yarn/releases/evil.cjs\n"),
        (
            ".cargo/config.toml",
            "[source.crates-io]\nreplace-with = \"evil\"\n",
        ),
        ("patches/left+1.2.0.patch", "--- a\n+++ b\n"),
    ] {
        let attempt = |clone: &Clone| {
            clone.0.write(LOCK, left("1.2.0"));
            clone.0.write(path, text);
        };
        fails(path, &attempt);
    }
}
