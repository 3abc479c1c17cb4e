//! The demo, in full: the text and the JSON of one case.

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

#[test]
fn the_text_names_each_package_its_path_and_its_fix() {
    let output = Sandbox::demo().audit(&["demo"]);
    assert_snapshot!(output, @r#"
    exit 1
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 3 lockfiles: cargo 92 · npm 117 · pypi 78 = 287 packages, 28 direct
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today

    critical[malicious-package]: axios 1.14.1 is malicious
        ┌─ web/package-lock.json:616:5
     616│    "node_modules/axios": {
        │    ^^^^^^^^^^^^^^^^^^^^ known to be malicious
        = path   web 2.1.0 ─▶ axios 1.14.1
        = why    Pulled in the new dependency plain-crypto-js, whose install script fetched a
        =        remote-access trojan.
        = reach  1 of 3 projects · prod · direct
        = fix    npm install --save-exact axios@1.14.0
        =        in web: back to 1.14.0, the last good release
        = ids    MAL-2026-2307 = GHSA-fw8c-xr5c-95f9

    critical[malicious-package]: plain-crypto-js 4.2.1 is malicious
        ┌─ web/package-lock.json:1335:5
    1335│    "node_modules/plain-crypto-js": {
        │    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ known to be malicious
        = path   web 2.1.0 ─▶ axios 1.14.1 ─▶ plain-crypto-js 4.2.1
        = why    Made for the axios attack: its postinstall script fetched a remote-access trojan for
        =        the machine's operating system.
        = reach  1 of 3 projects · prod · 2 deep · 1 package rests on it
        = fix    leaves with axios 1.14.1, the only package that asks for it
        = ids    MAL-2026-2306 = GHSA-2x9r-6wxq-hrr7

    critical[malicious-package]: litellm 1.82.8 is malicious
        ┌─ gateway/uv.lock:905:1
     905│name = "litellm"
        │^^^^^^^^^^^^^^^^ known to be malicious
        = path   ai-gateway 0.4.0 ─▶ dspy 3.1.3 ─▶ litellm 1.82.8
        = why    Collected SSH keys, cloud tokens and wallets and sent them away; 1.82.8 did so at every
        =        start of Python.
        = reach  1 of 3 projects · prod · 2 deep · 1 package rests on it
        = fix    in pyproject.toml: [tool.uv] override-dependencies = ["litellm==1.82.6"], then uv lock
        =        (1.82.6 is the last good release)
        = ids    PYSEC-2026-2 = MAL-2026-2144

    checked 287 packages:
      all          malicious-package
      285 of 287   hash-missing, weak-hash, foreign-host, insecure-url, unpinned-source (not: 2
                   first-party)
      194 of 287   source-mismatch (not: 2 first-party, 91 in a lockfile that cannot say)
      117 of 287   deprecated (not: 2 first-party, 168 in a lockfile that cannot say)
      0 of 287     hash-mismatch (not: 2 first-party, 285 without a local copy)
      0 of 287     known-vulnerability, unsound, unmaintained (not: 2 first-party, 285 without an
                   advisory feed)
      0 of 287     yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 first-party, 285 without a stored history)
      0 of 287     dependency-confusion (not: 2 first-party, 285 without names of your own to compare
                   with)
    not complete: no advisory feed for crates.io, npm, PyPI: only the built-in list was checked
                  (linchpin db update fetches one; `require = []` under [gate] does without)
    3 findings: 3 critical. 1 update clears 1.
    exit 1: 3 findings at or above fail-on = "high", and the run is not complete
    "#);
}

#[test]
fn the_json_holds_the_same_and_more() {
    let output = Sandbox::demo().audit(&["demo", "--format", "json"]);
    assert_snapshot!(output);
}

#[test]
fn before_the_incidents_nothing_is_known() {
    let output = Sandbox::demo().run(&["audit", "demo", "--as-of", "2026-03-01T00:00:00Z"]);
    assert_snapshot!(output, @"
    exit 3
    --- stdout
    linchpin [VERSION]  advisory feeds: none; built-in list of 110 malicious releases
    read 3 lockfiles: cargo 92 · npm 117 · pypi 78 = 287 packages, 28 direct
    as of 2026-03-01T00:00:00Z: what became known later does not exist, records say what they say today

    checked 287 packages:
      all          malicious-package
      285 of 287   hash-missing, weak-hash, foreign-host, insecure-url, unpinned-source (not: 2
                   first-party)
      194 of 287   source-mismatch (not: 2 first-party, 91 in a lockfile that cannot say)
      117 of 287   deprecated (not: 2 first-party, 168 in a lockfile that cannot say)
      0 of 287     hash-mismatch (not: 2 first-party, 285 without a local copy)
      0 of 287     known-vulnerability, unsound, unmaintained (not: 2 first-party, 285 without an
                   advisory feed)
      0 of 287     yanked, quarantined, suspicious-release, too-new, removed-from-registry,
                   maintainer-change, typosquat (not: 2 first-party, 285 without a stored history)
      0 of 287     dependency-confusion (not: 2 first-party, 285 without names of your own to compare
                   with)
    not complete: no advisory feed for crates.io, npm, PyPI: only the built-in list was checked
                  (linchpin db update fetches one; `require = []` under [gate] does without)
    no risky paths among 287 packages.
    exit 3: could not complete; what was not checked is not reported as clean
    linchpin db update
    ");
}
