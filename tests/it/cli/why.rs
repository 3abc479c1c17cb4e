//! `linchpin why`: every way in.

use insta::assert_snapshot;

use crate::support::locks::{
    cargo_lock, cargo_record, npm_lock, npm_record, sha256, uv_lock, uv_record,
};
use crate::support::sandbox::Sandbox;

/// Two versions of one package, by different ways.
const TWO_VERSIONS: &str = r#"{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{
"":{"name":"app","version":"1.0.0","dependencies":{"a":"^1","b":"^1"}},
"node_modules/a":{"version":"1.0.0","dependencies":{"deep":"^1"}},
"node_modules/b":{"version":"1.5.0","dependencies":{"c":"^1","deep":"^2"}},
"node_modules/c":{"version":"1.1.0","dependencies":{"deep":"^1.4"}},
"node_modules/deep":{"version":"1.4.0"},
"node_modules/b/node_modules/deep":{"version":"2.0.0"}}}"#;

fn project() -> Sandbox {
    Sandbox::with(&[("package-lock.json", TWO_VERSIONS)])
}

#[test]
fn two_versions_are_two_blocks() {
    assert_snapshot!(project().run(&["why", "deep"]), @"
    exit 0
    --- stdout
    deep 1.4.0  npm · 2 routes in .
    ├─ a 1.0.0  asks ^1  direct dependency of app 1.0.0
    └─ c 1.1.0  asks ^1.4
       └─ b 1.5.0  asks ^1  direct dependency of app 1.0.0
    no choke point; nothing else leaves with it
    deep 2.0.0  npm · 1 route in .
    └─ b 1.5.0  asks ^2  direct dependency of app 1.0.0
    choke point  b 1.5.0: every route passes it. Without it 3 packages leave, this one included.
    ");
}

#[test]
fn a_package_url_may_name_the_version() {
    let sandbox = project();
    assert_eq!(
        sandbox.run(&["why", "pkg:npm/deep"]),
        sandbox.run(&["why", "deep"])
    );
    assert_snapshot!(sandbox.run(&["why", "pkg:npm/deep@2.0.0"]), @"
    exit 0
    --- stdout
    deep 2.0.0  npm · 1 route in .
    └─ b 1.5.0  asks ^2  direct dependency of app 1.0.0
    choke point  b 1.5.0: every route passes it. Without it 3 packages leave, this one included.
    ");
}

#[test]
fn the_demo_shows_the_choke_point() {
    let sandbox = Sandbox::demo();
    assert_snapshot!(sandbox.run(&["why", "litellm", "demo"]), @"
    exit 0
    --- stdout
    litellm 1.82.8  pypi · 1 route in gateway
    └─ dspy 3.1.3  direct dependency of ai-gateway 0.4.0
    choke point  dspy 3.1.3: every route passes it. Without it 60 packages leave, this one included.
    ");
    assert_snapshot!(sandbox.run(&["why", "pkg:npm/plain-crypto-js@4.2.1", "demo"]), @"
    exit 0
    --- stdout
    plain-crypto-js 4.2.1  npm · 1 route in web
    └─ axios 1.14.1  asks ^4.2.1  direct dependency of web 2.1.0
    choke point  axios 1.14.1: every route passes it. Without it 27 packages leave, this one included.
    ");
}

#[test]
fn a_name_in_several_ecosystems_must_be_told_apart() {
    let sandbox = Sandbox::with(&[
        (
            "Cargo.lock",
            &cargo_lock(&[("left", cargo_record("left", "1.0.0", &sha256(b"left")))]),
        ),
        (
            "package-lock.json",
            &npm_lock(&[("left", npm_record("left", "2.0.0"))]),
        ),
        ("uv.lock", &uv_lock(&[("left", uv_record("left", "3.0.0"))])),
    ]);
    assert_snapshot!(sandbox.run(&["why", "left"]), @"
    exit 2
    --- stderr
    error: several ecosystems have a package `left`
        = help   say which: pkg:cargo/left or pkg:npm/left or pkg:pypi/left
    ");
    let output = sandbox.run(&["why", "pkg:pypi/left"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(output.stdout.starts_with("left 3.0.0  pypi"), "{output}");
}

#[test]
fn an_unknown_package_is_a_usage_error() {
    let sandbox = project();
    assert_snapshot!(sandbox.run(&["why", "shallow"]), @"
    exit 2
    --- stderr
    error: no package `shallow` in these lockfiles
        = help   names are exact; linchpin graph lists every package
    ");
    for package in [
        "pkg:npm/deep@9.9.9",
        "pkg:cargo/deep",
        "pkg:gem/deep",
        "pkg:",
    ] {
        let output = sandbox.run(&["why", package]);
        assert_eq!(output.code, Some(2), "{package}: {output}");
        assert_eq!(output.stdout, "", "{package}");
    }
    assert_eq!(Sandbox::new().run(&["why", "deep"]).code, Some(2));
}

#[test]
fn names_of_python_packages_match_in_any_spelling() {
    let lockfile = uv_lock(&[("ruamel-yaml", uv_record("ruamel-yaml", "0.18.0"))]);
    let sandbox = Sandbox::with(&[("uv.lock", &lockfile)]);
    for package in [
        "Ruamel.Yaml",
        "pkg:pypi/ruamel_yaml",
        "pkg:pypi/ruamel-yaml@0.18",
    ] {
        assert_eq!(sandbox.run(&["why", package]).code, Some(0), "{package}");
    }
}

#[test]
fn scoped_packages_match_escaped_and_plain() {
    let lockfile = npm_lock(&[("@scope/x", npm_record("@scope/x", "1.0.0"))]);
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
    for package in ["@scope/x", "pkg:npm/%40scope/x", "pkg:npm/%40scope/x@1.0.0"] {
        assert_eq!(sandbox.run(&["why", package]).code, Some(0), "{package}");
    }
}

#[test]
fn a_cycle_is_shown_once() {
    let lockfile = r#"{"name":"app","lockfileVersion":3,"packages":{
"":{"dependencies":{"a":"1"}},
"node_modules/a":{"version":"1.0.0","dependencies":{"b":"1"}},
"node_modules/b":{"version":"1.0.0","dependencies":{"a":"1"}}}}"#;
    let sandbox = Sandbox::with(&[("package-lock.json", lockfile)]);
    assert_snapshot!(sandbox.run(&["why", "b"]), @"
    exit 0
    --- stdout
    b 1.0.0  npm · 1 route in .
    └─ a 1.0.0  asks 1  direct dependency of app
       └─ b 1.0.0  asks 1  (above)
    choke point  a 1.0.0: every route passes it. Without it 2 packages leave, this one included.
    ");
}

#[test]
fn a_file_that_was_not_read_may_hide_further_ways() {
    let sandbox = project();
    sandbox.write("bad/Cargo.lock", "{");
    let output = sandbox.run(&["why", "deep"]);
    assert_eq!(output.code, Some(3), "{output}");
    assert!(output.stdout.contains("deep 1.4.0"), "{output}");
}

#[test]
fn a_hostile_argument_is_escaped() {
    let output = project().run(&["why", "a\u{1b}[2Jb"]);
    assert_eq!(output.code, Some(2));
    assert!(!output.stderr.contains('\u{1b}'), "{output}");
}
