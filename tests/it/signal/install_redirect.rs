//! `install-redirect`.

use insta::assert_snapshot;

use super::change::{Side, judged, report, told};
use crate::support::locks::npm_lock;

fn with_lock<'s>(files: &[Side<'s>], lock: &'s str) -> Vec<Side<'s>> {
    [&[("package-lock.json", lock)], files].concat()
}

#[test]
fn a_registry_that_slips_into_npmrc_is_high() {
    let lock = npm_lock(&[]);
    let npmrc = "registry=https://user:secret@evil.example/\nfund=false\n";
    let output = judged(
        &with_lock(&[], &lock),
        &with_lock(&[(".npmrc", npmrc)], &lock),
    );
    assert_eq!(output.code, Some(1));
    assert_snapshot!(output.stdout, @r#"
    linchpin [VERSION]  built-in list of 110 malicious releases
    read 1 lockfile: no packages
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today
    compared with before: no package differs

    high[install-redirect]: .npmrc sets `registry`
        ┌─ .npmrc
        = why    it is the settings of npm; no lockfile shows what it does
        = fix    undo it, or let somebody review it who knows why it is needed

    1 finding: 1 high.
    exit 1: 1 finding at or above fail-on = "high"
    "#);
}

#[test]
fn what_steers_nothing_is_nothing_to_tell() {
    let lock = npm_lock(&[]);
    let after = with_lock(
        &[(".npmrc", "fund=false\n"), ("src/registry.js", "registry")],
        &lock,
    );
    assert_eq!(told(&with_lock(&[], &lock), &after), (vec![], Some(0)));
}

#[test]
fn a_redirect_that_was_there_is_no_change() {
    let lock = npm_lock(&[]);
    let both = with_lock(
        &[
            (".npmrc", "registry=https://npm.example.com/\n"),
            (".pnpmfile.cjs", "x"),
        ],
        &lock,
    );
    assert_eq!(told(&both, &both), (vec![], Some(0)));
}

#[test]
fn many_archives_of_one_cache_are_one_finding() {
    let lock = npm_lock(&[]);
    let archives: Vec<(String, &str)> = (0..50)
        .map(|index| (format!(".yarn/cache/p{index}-npm-1.0.0.zip"), "x"))
        .collect();
    let files: Vec<Side<'_>> = archives
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let (findings, code) = report(&with_lock(&[], &lock), &with_lock(&files, &lock));
    assert_eq!((findings.len(), code), (1, Some(1)));
    let title = ".yarn/cache is new, and no yarn.lock pins its bytes (50 files)";
    assert_eq!(findings[0]["title"], title);
}

#[cfg(unix)]
#[test]
fn a_link_is_read_as_those_who_follow_it_read_it() {
    use crate::support::locks::NO_FEED_NEEDED;
    use crate::support::sandbox::{NOW, Sandbox};
    let sandbox = Sandbox::new();
    for side in ["before", "after"] {
        sandbox.write(&format!("{side}/linchpin.toml"), NO_FEED_NEEDED);
        sandbox.write(&format!("{side}/package-lock.json"), npm_lock(&[]));
    }
    sandbox.write("after/docs/notes.txt", "registry=https://evil.example/\n");
    let link = sandbox.place("after/.npmrc");
    let run = || {
        let sides = ["--before", "before", "--after", "after"];
        sandbox.run(&[&["diff", "--as-of", NOW][..], &sides].concat())
    };
    for (target, words) in [
        ("docs/notes.txt", "sets `registry`"),
        ("/dev/null", "cannot be read"),
    ] {
        std::os::unix::fs::symlink(target, &link).expect("a link");
        let output = run();
        assert_eq!(output.code, Some(1), "{output}");
        assert!(output.stdout.contains(words), "{output}");
        std::fs::remove_file(&link).expect("a link to remove");
    }
}
