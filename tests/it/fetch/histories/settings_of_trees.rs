//! A tree's own settings name nobody to ask, and keep quiet the names that other registries serve.

use serde_json::json;

use super::{diff_of, plain, report_of};
use crate::support::registry::Registries;
use crate::support::sandbox::{Output, Sandbox};

const NAMED: &str = "@corp:registry=https://npm.corp.example/\n";

/// A pnpm-lock.yaml with these packages, each a name and a version; it names no registry.
fn lock(packages: &[&str]) -> String {
    let digest = format!("sha512-{}==", "A".repeat(86));
    let lines = |line: &dyn Fn(&str, &str, &str) -> String| {
        let lines = packages.iter().map(|package| {
            let (name, version) = package.rsplit_once('@').expect("a version");
            line(package, name, version)
        });
        lines.collect::<String>()
    };
    let direct = lines(&|_, name, version| {
        format!("      '{name}':\n        specifier: {version}\n        version: {version}\n")
    });
    let resolved = lines(&|package, _, _| {
        format!("  '{package}':\n    resolution: {{integrity: {digest}}}\n\n")
    });
    let snapshots = lines(&|package, _, _| format!("  '{package}': {{}}\n\n"));
    format!(
        "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n{direct}\npackages:\n\n{resolved}\nsnapshots:\n\n{snapshots}"
    )
}

fn registries() -> Registries {
    let registries = Registries::start();
    registries.npm(&plain("acme"));
    // A dependency that is new is asked about, unless it is the project's own.
    let depends = json!({ "dependencies": { "@corp/secret": "1", "other": "1" } });
    registries.npm(&plain("young").release("1.1.0", "2026-10-30T00:00:00.000Z", &depends));
    registries
}

/// Judges a change that brings packages, with these settings of linchpin and of npm.
fn bring(registries: &Registries, packages: &[&str], settings: &str, npmrc: &str) -> Output {
    let sandbox = registries.sandbox();
    sandbox.write(
        "linchpin.toml",
        format!("[gate]\nrequire = [\"history\"]\n{settings}"),
    );
    let (before, after) = (lock(&["acme@1.0.0"]), lock(packages));
    let file = "pnpm-lock.yaml";
    diff_of(
        &sandbox,
        &[(file, &before), (".npmrc", npmrc)],
        &[(file, &after), (".npmrc", npmrc)],
        &["--format", "json"],
    )
}

fn told(registries: &Registries) -> Vec<String> {
    let mut paths = registries.server.paths();
    paths.retain(|path| path.contains("secret"));
    paths
}

#[test]
fn a_scope_that_settings_beside_a_lockfile_take_from_elsewhere_is_told_to_nobody() {
    let registries = registries();
    let packages = ["acme@1.0.0", "young@1.1.0", "@corp/secret@1.0.0"];
    let report = report_of(bring(&registries, &packages, "", NAMED));
    // Nothing confirms the settings, so that what they hide is no clean change.
    assert_eq!(report.code(), 3, "{}", report.output);
    let because = &report.json["incomplete_because"];
    assert_eq!(
        because,
        &json!([
            "1 package could not be judged by release history (from a registry that only settings in the tree name): @corp/secret"
        ])
    );
    let (_, skipped) = report.coverage("suspicious-release");
    assert!(
        skipped.contains(&("named-registry".to_owned(), 1)),
        "{skipped:?}"
    );
    let paths = registries.server.paths();
    assert!(paths.contains(&"/npm/other".to_owned()), "{paths:?}");
    let mut secret = paths.iter().filter(|path| path.contains("secret"));
    assert_eq!(secret.next(), None);
}

#[test]
fn settings_of_linchpin_confirm_whose_names_they_are() {
    for settings in [
        "[registry]\ninternal = [\"@corp/*\"]\n",
        "[registry]\nprivate = [\"npm.corp.example\"]\ninternal = [\"@corp/*\"]\n",
    ] {
        let registries = registries();
        let packages = ["acme@1.0.0", "@corp/secret@1.0.0"];
        let output = bring(&registries, &packages, settings, NAMED);
        assert_eq!(output.code, Some(0), "{settings}: {output}");
        assert_eq!(told(&registries), [""; 0]);
    }
}

#[test]
fn names_are_asked_for_where_their_registry_is_public_or_a_mirror() {
    let public = "@corp:registry=https://registry.npmjs.org/\n";
    let mirrors = "[registry]\nmirrors = [\"npm.corp.example\"]\n";
    for (settings, npmrc) in [("", ""), ("", public), (mirrors, NAMED)] {
        let registries = registries();
        registries.npm(&plain("@corp/secret"));
        let packages = ["acme@1.0.0", "@corp/secret@1.0.0"];
        let output = bring(&registries, &packages, settings, npmrc);
        assert_eq!(output.code, Some(0), "{npmrc}: {output}");
        assert_eq!(told(&registries), ["/npm/@corp%2Fsecret"], "{npmrc}");
    }
}

#[test]
fn a_lockfile_that_takes_a_name_from_the_public_registry_has_told_it() {
    let registries = registries();
    registries.npm(&plain("@corp/secret"));
    let sandbox = registries.sandbox();
    sandbox.write("a/pnpm-lock.yaml", lock(&["@corp/secret@1.0.0"]));
    sandbox.write("a/.npmrc", NAMED);
    sandbox.audit(&[]);
    assert_eq!(told(&registries), [""; 0]);
    sandbox.write("b/pnpm-lock.yaml", lock(&["@corp/secret@1.0.0"]));
    sandbox.audit(&[]);
    assert_eq!(told(&registries), ["/npm/@corp%2Fsecret"]);
}

#[test]
fn the_timeline_of_such_a_name_is_not_asked_for() {
    let registries = registries();
    let sandbox = registries.sandbox();
    sandbox.write(
        "pnpm-lock.yaml",
        lock(&["acme@1.0.0", "@corp/secret@1.0.0"]),
    );
    sandbox.write(
        "pnpm-workspace.yaml",
        "registries:\n  '@corp': https://npm.corp.example\n",
    );
    for name in ["pkg:npm/%40corp/secret", "@corp/secret"] {
        // Only an address that nobody configured is the public one.
        let mut command = sandbox.command(&["history", name]);
        command
            .env_remove("LINCHPIN_REGISTRY_NPM")
            .env("HTTPS_PROXY", "http://127.0.0.1:9");
        let output = sandbox.answer(&mut command);
        assert_eq!(output.code, Some(2), "{output}");
        assert!(
            output.stderr.contains("it is not from a public registry"),
            "{output}"
        );
    }
    assert_eq!(told(&registries), [""; 0]);
}

#[test]
fn the_default_registry_of_the_users_own_client_is_a_mirror() {
    let registries = Registries::start();
    registries.npm(&plain("acme"));
    let sandbox = registries.sandbox();
    let lock = crate::support::registry::npm_lock_of(&[("acme", "1.0.0")]);
    let lock = lock.replace("https://registry.npmjs.org/", "https://npm.corp.example/");
    sandbox.write("package-lock.json", lock);
    let judged = |sandbox: &Sandbox| {
        let report = sandbox.report(&[]);
        let rules: Vec<String> = report
            .rules()
            .iter()
            .map(|rule| (*rule).to_owned())
            .collect();
        (rules, registries.server.paths())
    };
    let (rules, asked) = judged(&sandbox);
    assert!(rules.contains(&"foreign-host".to_owned()), "{rules:?}");
    assert_eq!(asked, [""; 0], "it may be a name of its own");
    sandbox.write_home(".npmrc", "registry=https://npm.corp.example/\n");
    assert_eq!(judged(&sandbox), (vec![], vec!["/npm/acme".to_owned()]));
}
