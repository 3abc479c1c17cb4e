use super::title;
use crate::support::locks::clean_npm_lock;
use crate::support::sandbox::Sandbox;

const PACKAGE_JSON: &str =
    r#"{"name":"app","version":"1.0.0","dependencies":{"left":"1","@scope/right":"2"}}"#;

#[test]
fn a_manifest_without_a_lockfile_is_found_and_the_run_is_incomplete() {
    let sandbox = Sandbox::with(&[("web/package.json", PACKAGE_JSON)]);
    let report = sandbox.report(&[]);
    assert_eq!(report.rules(), ["unlocked-manifest"]);
    assert_eq!(report.code(), 3);
    let finding = report.only("unlocked-manifest");
    assert_eq!(finding["severity"], "medium");
    assert!(finding["package"].is_null(), "it is about a file");
    assert_eq!(
        title(finding),
        "web/package.json asks for packages that no lockfile pins"
    );
    assert_eq!(finding["fix"]["command"], "npm install --package-lock-only");
}

#[test]
fn each_open_manifest_is_named_beside_locked_ones() {
    let sandbox = Sandbox::with(&[
        ("package.json", PACKAGE_JSON),
        ("package-lock.json", &clean_npm_lock()),
        (
            "tool/pyproject.toml",
            "[project]\nname = \"tool\"\nversion = \"1\"\ndependencies = [\"left\"]\n",
        ),
        (
            "cli/Cargo.toml",
            "[package]\nname = \"cli\"\nversion = \"1.0.0\"\n[dependencies]\nleft = \"1\"\n",
        ),
    ]);
    let report = sandbox.report(&[]);
    let titles: Vec<&str> = report.findings().iter().map(title).collect();
    assert_eq!(report.rules(), ["unlocked-manifest"; 2]);
    assert!(
        titles
            .iter()
            .any(|title| title.contains("tool/pyproject.toml"))
            && titles.iter().any(|title| title.contains("cli/Cargo.toml")),
        "{titles:?}"
    );
}

#[test]
fn a_manifest_that_asks_for_nothing_needs_no_lockfile() {
    let sandbox = Sandbox::with(&[
        ("package-lock.json", &clean_npm_lock()),
        ("package.json", PACKAGE_JSON),
        (
            "empty/package.json",
            r#"{"name":"empty","version":"1.0.0"}"#,
        ),
    ]);
    assert_eq!(sandbox.report(&[]).rules(), [""; 0]);
}

/// What a manifest asks for is not known if it cannot be read; that is not clean.
#[test]
fn a_manifest_that_cannot_be_read_is_said() {
    for (path, text) in [
        ("open/package.json", "{"),
        ("open/Cargo.toml", "[dependencies"),
        ("open/pyproject.toml", "[project"),
    ] {
        let sandbox = Sandbox::with(&[
            ("package-lock.json", &clean_npm_lock()),
            ("linchpin.toml", crate::support::locks::NO_FEED_NEEDED),
            (path, text),
        ]);
        let output = sandbox.audit(&[]);
        assert_eq!(output.code, Some(3), "{path}: {output}");
        assert!(output.stderr.contains(path), "{path}: {output}");
    }
}
