//! A tree's own settings name nobody to ask, and keep quiet the names that other registries serve.

use serde_json::json;

use super::{diff_of, plain, report_of};
use crate::support::registry::{Registries, npm_lock_of};
use crate::support::sandbox::{NOW, Output, Sandbox};
use crate::support::server::Server;

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
    bring_in(&registries.sandbox(), packages, settings, npmrc)
}

fn bring_in(sandbox: &Sandbox, packages: &[&str], settings: &str, npmrc: &str) -> Output {
    sandbox.write(
        "linchpin.toml",
        format!("[gate]\nrequire = [\"history\"]\n{settings}"),
    );
    let (before, after) = (lock(&["acme@1.0.0"]), lock(packages));
    let file = "pnpm-lock.yaml";
    diff_of(
        sandbox,
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
            "1 package could not be judged by release history (whose registry only settings in the tree name): @corp/secret; say under [registry] in linchpin.toml whose it is: internal, private or mirrors"
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
        "[registry]\nprivate = [\"npm.corp.example\"]\n",
    ] {
        let registries = registries();
        let packages = ["acme@1.0.0", "@corp/secret@1.0.0"];
        let output = bring(&registries, &packages, settings, NAMED);
        assert_eq!(output.code, Some(0), "{settings}: {output}");
        assert_eq!(told(&registries), [""; 0]);
    }
}

/// Whoever works with a scope has it in a file of their own, as a rule.
#[test]
fn the_users_own_client_confirms_whose_names_they_are() {
    let registries = registries();
    let sandbox = registries.sandbox();
    sandbox.write_home(".npmrc", NAMED);
    let output = bring_in(&sandbox, &["acme@1.0.0", "@corp/secret@1.0.0"], "", NAMED);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(told(&registries), [""; 0]);
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
    let public = Server::start();
    let sandbox = Sandbox::new();
    sandbox.write(
        "pnpm-lock.yaml",
        lock(&["acme@1.0.0", "@corp/secret@1.0.0"]),
    );
    let settings = "registries:\n  '@corp': https://npm.corp.example\n";
    sandbox.write("pnpm-workspace.yaml", settings);
    let ask = |name: &str| {
        // The public registry itself can only be reached through what the test calls a proxy.
        let mut command = sandbox.command(&["history", name]);
        command.env_remove("LINCHPIN_REGISTRY_NPM");
        command.env_remove("LINCHPIN_OFFLINE");
        command.env("HTTPS_PROXY", public.address());
        (sandbox.answer(&mut command), public.paths())
    };
    for name in [
        "pkg:npm/%40corp/secret",
        "@corp/secret",
        "pkg:npm/%40corp/new",
    ] {
        let (output, asked) = ask(name);
        assert_eq!(output.code, Some(2), "{output}");
        let refused = "it is not from a public registry";
        let is_told = output.stderr.contains(refused) || output.stderr.contains("no lockfile");
        assert!(is_told, "{output}");
        let is_helped =
            output.stderr.contains("under mirrors") || output.stderr.contains("pkg:npm/NAME");
        assert!(is_helped, "{output}");
        assert_eq!(asked, [""; 0], "{name}");
    }
    assert!(!ask("pkg:npm/acme").1.is_empty(), "others are asked for");
}

/// A lockfile of npm with one package from a registry of the company's.
fn lock_of(address: &str) -> String {
    let lock = npm_lock_of(&[("acme", "1.0.0")]);
    lock.replace("https://registry.npmjs.org/", address)
}

/// Audits what comes from `https://npm.corp.example/npm/all/` with these settings of the user's own npm.
fn audited(npmrc: &str, pip: &str, address: &str) -> (Vec<String>, Vec<String>) {
    let registries = Registries::start();
    registries.npm(&plain("acme"));
    let sandbox = Sandbox::new();
    sandbox.write("package-lock.json", lock_of(address));
    sandbox.write_home(".npmrc", npmrc);
    sandbox.write_home(".config/pip/pip.conf", pip);
    let proxy = registries.server.address();
    let mut command = sandbox.command(&["audit", "--as-of", NOW, "--format", "json"]);
    command.env_remove("LINCHPIN_REGISTRY_NPM");
    command.env_remove("LINCHPIN_REGISTRY_PYPI");
    command.env_remove("LINCHPIN_OFFLINE");
    command.env("HTTPS_PROXY", proxy);
    let report = report_of(sandbox.answer(&mut command));
    let rules = report.rules().into_iter().map(str::to_owned);
    (rules.collect(), registries.server.paths())
}

#[test]
fn what_comes_from_below_the_default_registry_of_the_users_own_client_is_public() {
    let all = "https://npm.corp.example/npm/all/";
    let (rules, asked) = audited("", "", all);
    assert!(rules.contains(&"foreign-host".to_owned()), "{rules:?}");
    assert_eq!(asked, [""; 0], "it may be a name of its own");
    let own = format!("registry={all}\n");
    let (rules, asked) = audited(&own, "", all);
    assert!(!rules.contains(&"foreign-host".to_owned()), "{rules:?}");
    assert!(!asked.is_empty(), "its own registry is asked for it");
}

/// One host may serve much else.
#[test]
fn what_else_its_host_serves_is_not_and_is_told_to_nobody() {
    let all = "https://npm.corp.example/npm/all/";
    let npmrc = format!("registry={all}\n");
    let pip = "[global]\nindex-url = https://npm.corp.example/pypi/simple\n";
    for (npmrc, pip, address) in [
        (npmrc.as_str(), "", "https://npm.corp.example/npm/own/"),
        ("", pip, all),
        ("", pip, "https://npm.corp.example/pypi/"),
    ] {
        let (rules, asked) = audited(npmrc, pip, address);
        assert!(
            rules.contains(&"foreign-host".to_owned()),
            "{address}: {rules:?}"
        );
        assert_eq!(asked, [""; 0], "{address}");
    }
}
