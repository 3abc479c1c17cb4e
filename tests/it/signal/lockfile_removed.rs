//! `lockfile-removed`.

use insta::assert_snapshot;

use super::change::{Side, judged, told};
use crate::support::locks::{npm_lock, npm_record};

const MANIFEST: &str = r#"{"name":"app","version":"1.0.0","dependencies":{"left":"*"}}"#;

fn lock() -> String {
    npm_lock(&[("left", npm_record("left", "1.0.0"))])
}

#[test]
fn a_lockfile_that_goes_and_leaves_its_manifest_is_high() {
    let lock = lock();
    let before = [
        ("web/package.json", MANIFEST),
        ("web/package-lock.json", &lock),
    ];
    let output = judged(&before, &before[..1]);
    assert_eq!(output.code, Some(1));
    assert_snapshot!(output.stdout, @r#"
    linchpin [VERSION]  built-in list of 110 malicious releases
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today
    compared with before: 1 removed
      removed  left 1.0.0, direct  in web, which is gone

    high[lockfile-removed]: web/package-lock.json is gone, and its manifest stays
        ┌─ web/package-lock.json
        = why    nothing locks the manifest by now, so every install may bring other packages
        = fix    bring it back, or write it anew: npm install --package-lock-only

    high[unlocked-manifest]: web/package.json asks for packages that no lockfile pins
        ┌─ web/package.json
        = why    its dependencies were not checked, and every install may bring others
        = fix    npm install --package-lock-only
        =        in web: lock it and commit the lockfile

    not complete: there are manifests but no lockfile: no package was checked
    2 findings: 2 high.
    exit 1: 2 findings at or above fail-on = "high", and the run is not complete
    "#);
}

#[test]
fn a_project_that_goes_takes_its_lockfile_with_it() {
    let lock = lock();
    let before = [
        ("web/package.json", MANIFEST),
        ("web/package-lock.json", &lock),
    ];
    assert_eq!(told(&before, &[]), (vec![], Some(0)));
}

#[test]
fn another_tool_may_lock_the_manifest() {
    let lock = lock();
    let yarn = "# yarn lockfile v1\n\n\nleft@*:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/left/-/left-1.0.0.tgz\"\n  integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==\n";
    let before = [("package.json", MANIFEST), ("package-lock.json", &lock)];
    let after = [("package.json", MANIFEST), ("yarn.lock", yarn)];
    let (findings, _) = told(&before, &after);
    assert!(
        !findings.contains(&"lockfile-removed - new gates".to_owned()),
        "{findings:?}"
    );
}

/// A list of requirements is its own manifest: as long as its folder is there, somebody installs from something.
#[test]
fn requirements_that_go_are_told_while_their_folder_stays() {
    let before: &[Side<'_>] = &[
        ("app/requirements.txt", "flask==3.0.0\n"),
        ("app/main.py", ""),
    ];
    let (findings, code) = told(before, &before[1..]);
    assert_eq!(
        (findings, code),
        (vec!["lockfile-removed - new gates".to_owned()], Some(1))
    );
    assert_eq!(told(before, &[("other/main.py", "")]), (vec![], Some(0)));
}

#[test]
fn requirements_that_are_emptied_are_told() {
    let before = [("requirements.txt", "flask==3.0.0\n")];
    let (findings, code) = told(&before, &[("requirements.txt", "# later\n")]);
    assert_eq!(
        (findings, code),
        (vec!["lockfile-removed - new gates".to_owned()], Some(1))
    );
}

#[test]
fn a_lockfile_that_its_tool_no_longer_reads_is_told() {
    let (bad, clean) = (lock(), npm_lock(&[]));
    let before = [("package-lock.json", bad.as_str())];
    let after = [
        ("package-lock.json", bad.as_str()),
        ("npm-shrinkwrap.json", &clean),
    ];
    let (findings, code) = told(&before, &after);
    assert_eq!(
        (findings, code),
        (vec!["lockfile-removed - new gates".to_owned()], Some(1))
    );
}
