//! Names of the project's own and secrets go to nobody whom they do not belong to.

use std::process::Command;

use serde_json::{Map, Value, json};

use super::{acme, bump, diff_arguments, diff_of, plain};
use crate::support::registry::{Registries, trusted};
use crate::support::sandbox::{NOW, Sandbox};
use crate::support::server::Server;

const SETTINGS: &str = "[gate]\nrequire = [\"history\"]\n[registry]\nprivate = [\"npm.corp.example\"]\ninternal = [\"@house/*\", \"internal-*\"]\n";

/// A package-lock.json with these packages, each with the address that it comes from; none for npm's own.
fn lock(packages: &[(&str, &str, Option<&str>)]) -> String {
    let mut all = Map::new();
    let dependencies: Map<String, Value> = (packages.iter())
        .map(|(name, version, _)| ((*name).to_owned(), (*version).into()))
        .collect();
    all.insert(
        String::new(),
        json!({ "name": "app", "dependencies": dependencies }),
    );
    for (name, version, address) in packages {
        let file = name.rsplit('/').next().expect("a name");
        let usual = format!("https://registry.npmjs.org/{name}/-/{file}-{version}.tgz");
        let resolved = address.unwrap_or(&usual);
        let integrity = format!("sha512-{}==", "A".repeat(86));
        let mut record = json!({ "version": version, "resolved": resolved });
        if resolved.starts_with("https") {
            record["integrity"] = integrity.into();
        }
        all.insert(format!("node_modules/{name}"), record);
    }
    json!({ "name": "app", "lockfileVersion": 3, "packages": all }).to_string()
}

/// A tree full of names that are nobody else's business; all of them hold the word `secret`.
fn tree() -> [(&'static str, String); 2] {
    let corp = "https://npm.corp.example/x/-/x-1.0.0.tgz";
    let main = lock(&[
        ("acme", "1.10.0", None),
        ("corp-secret", "1.0.0", Some(corp)),
        (
            "git-secret",
            "1.0.0",
            Some("git+ssh://git@github.com/o/r.git#0123456789abcdef0123456789abcdef01234567"),
        ),
        ("path-secret", "1.0.0", Some("file:../path-secret")),
        (
            "archive-secret",
            "1.0.0",
            Some("https://files.corp.example/a.tgz"),
        ),
        ("internal-secret", "1.0.0", None),
        ("@house/secret", "1.0.0", None),
        ("@scoped/secret", "1.0.0", None),
        ("elsewhere-secret", "1.0.0", None),
    ]);
    let other = lock(&[(
        "elsewhere-secret",
        "1.0.0",
        Some("https://npm.corp.example/elsewhere-secret/-/elsewhere-secret-1.0.0.tgz"),
    )]);
    [
        ("package-lock.json", main),
        ("other/package-lock.json", other),
    ]
}

/// Registries of which acme has a new release that depends on all those names, and on one that is public.
fn registries() -> Registries {
    let registries = Registries::start();
    let mut stolen = trusted();
    let names = [
        "corp-secret",
        "git-secret",
        "path-secret",
        "archive-secret",
        "internal-secret",
        "internal-other-secret",
        "@house/secret",
        "@house/other-secret",
        "@scoped/secret",
        "@scoped/other-secret",
        "elsewhere-secret",
        "plain-dependency",
    ];
    for name in names {
        stolen["dependencies"][name] = "^1.0.0".into();
    }
    registries.npm(&acme().release("1.10.0", "2026-10-31T00:00:00.000Z", &stolen));
    registries.npm(&plain("plain-dependency"));
    registries
}

fn sandbox(registries: &Registries) -> Sandbox {
    let sandbox = registries.sandbox();
    sandbox.write("linchpin.toml", SETTINGS);
    sandbox.write_home(".npmrc", "@scoped:registry=https://npm.corp.example/\n");
    sandbox
}

/// Holds what was asked to the public names.
fn asked_only_for_public_names(registries: &Registries) {
    let paths = registries.server.paths();
    for needed in ["/npm/acme", "/npm/plain-dependency"] {
        assert!(paths.iter().any(|path| path == needed), "{paths:?}");
    }
    let told: Vec<&String> = paths
        .iter()
        .filter(|path| path.contains("secret"))
        .collect();
    assert_eq!(told, Vec::<&String>::new());
}

#[test]
fn a_change_tells_no_private_name_to_a_public_registry() {
    let registries = registries();
    let sandbox = sandbox(&registries);
    let files = tree();
    let after = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let before = lock(&[("acme", "1.9.0", None)]);
    let output = diff_of(&sandbox, &[("package-lock.json", &before)], &after, &["-v"]);
    assert!(output.stdout.contains("acme"), "{output}");
    asked_only_for_public_names(&registries);
}

#[test]
fn an_audit_tells_no_private_name_to_a_public_registry() {
    let registries = registries();
    let sandbox = sandbox(&registries);
    for (path, text) in tree() {
        sandbox.write(path, text);
    }
    sandbox.audit(&[]);
    asked_only_for_public_names(&registries);
}

#[test]
fn a_scope_is_asked_about_where_it_has_no_registry_of_its_own() {
    // What the tests above do not find is asked for, if nothing forbids it.
    let registries = registries();
    let sandbox = registries.sandbox();
    for (path, text) in tree() {
        sandbox.write(path, text);
    }
    sandbox.audit(&[]);
    let paths = registries.server.paths();
    for name in [
        "internal-secret",
        "@house%2Fsecret",
        "@scoped%2Fsecret",
        "elsewhere-secret",
    ] {
        assert!(paths.contains(&format!("/npm/{name}")), "{name}: {paths:?}");
    }
}

const TOKEN: &str = "npm_0123456789abcdefghijklmnopqrstuvwxyz";

/// Lets npm be configured to ask a server, with a token for it.
fn configure(sandbox: &Sandbox, server: &Server) {
    let address = format!("{}npm/", server.address());
    let host = address.strip_prefix("http:").expect("plain http");
    let settings = format!("registry={address}\n{host}:_authToken={TOKEN}\n");
    sandbox.write_home(".npmrc", settings);
}

/// A command that finds npm's registry in the user's own configuration.
fn unset(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command.env_remove("LINCHPIN_REGISTRY_NPM");
    command
}

#[test]
fn a_token_goes_to_its_own_server_and_is_shown_nowhere() {
    let (registries, others) = (Registries::start(), Server::start());
    registries.npm(&acme());
    let elsewhere = others.address();
    let sandbox = ["PYPI", "CRATES_INDEX", "CRATES_IO"]
        .iter()
        .fold(Sandbox::new(), |sandbox, name| {
            sandbox.variable(&format!("LINCHPIN_REGISTRY_{name}"), &elsewhere)
        });
    configure(&sandbox, &registries.server);
    bump(&sandbox, &["--offline"]);
    let lock = "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    sandbox.write("after/Cargo.lock", lock);
    sandbox.write("after/requirements.txt", "right==1.0.0\n");
    for format in ["text", "json", "markdown", "sarif"] {
        let arguments = diff_arguments(&["-v", "--format", format]);
        let output = sandbox.answer(&mut unset(&sandbox, &arguments));
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(!told.contains(TOKEN), "{told}");
        let own = registries.server.asked();
        assert!(
            own.iter().any(|asked| asked.path == "/npm/acme"),
            "{own:?}\n{output}"
        );
        let expected = format!("Bearer {TOKEN}");
        assert!(
            own.iter()
                .all(|asked| asked.secret.as_ref() == Some(&expected)),
            "{own:?}"
        );
        let others = others.asked();
        assert!(!others.is_empty());
        assert!(
            others.iter().all(|asked| asked.secret.is_none()),
            "{others:?}"
        );
    }
}

#[test]
fn a_token_goes_to_no_other_server_that_is_asked_in_its_place() {
    let (own, registries) = (Server::start(), Registries::start());
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    configure(&sandbox, &own);
    assert_eq!(bump(&sandbox, &[]).code, Some(0));
    let asked = registries.server.asked();
    assert!(
        !asked.is_empty() && asked.iter().all(|asked| asked.secret.is_none()),
        "{asked:?}"
    );
    assert_eq!(own.asked(), []);
}

#[test]
fn a_registry_that_the_audited_tree_names_is_not_asked() {
    let (evil, registries) = (Server::start(), Registries::start());
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    let named = format!("registry={}npm/\n", evil.address());
    for path in [".npmrc", "before/.npmrc", "after/.npmrc"] {
        sandbox.write(path, &named);
    }
    bump(&sandbox, &[]);
    assert_eq!(evil.asked(), []);
    assert!(!registries.server.asked().is_empty());
}

#[test]
fn where_the_users_own_registry_cannot_be_asked_the_public_one_is_not_asked_instead() {
    let registries = Registries::start();
    registries.npm(&acme());
    let sandbox = registries.sandbox();
    sandbox.write_home(".npmrc", "registry=http://npm.corp.example/\n");
    let output = bump(&sandbox, &["--offline"]);
    assert_eq!(output.code, Some(3), "{output}");
    let arguments = diff_arguments(&["--as-of", NOW]);
    let output = sandbox.answer(&mut unset(&sandbox, &arguments[..arguments.len() - 2]));
    assert_eq!(output.code, Some(3), "{output}");
    assert_eq!(registries.server.asked(), []);
}
