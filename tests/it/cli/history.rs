//! `linchpin history`: the timeline of a package, as people and programs read it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::registry::{Packument, Registries, npm_lock_of, trusted};
use crate::support::sandbox::{NOW, Output, Sandbox};

/// A package that changes hands, gains and loses trust, and gets an install script.
fn eventful() -> Packument {
    let second = json!({
        "_npmUser": { "name": "ben", "email": "ben@b.example" },
        "maintainers": [{ "name": "ann", "email": "ann@a.example" }, { "name": "ben", "email": "ben@b.example" }],
        "dependencies": { "left": "^1.0.0" },
    });
    let third = json!({ "_npmUser": { "name": "ben", "email": "ben@mail.example" }, "gitHead": null,
        "scripts": { "postinstall": "node setup.js" }, "dist": { "unpackedSize": 90_000 } });
    Packument::new("acme")
        .release("1.0.0", "2024-01-01T10:00:00.000Z", &json!({}))
        .release("1.0.1", "2024-02-01T10:00:00.000Z", &trusted())
        .release("1.1.0", "2026-03-01T10:00:00.000Z", &second)
        .release("1.1.1", "2026-03-02T10:00:00.000Z", &third)
}

fn history(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let output = sandbox.run(&[&["history", "--as-of", NOW], arguments].concat());
    let stdout = output.stdout.lines().map(without_day).collect::<Vec<_>>();
    Output {
        stdout: stdout.join("\n"),
        ..output
    }
}

/// Takes out when the registry was asked, which is the real clock's.
fn without_day(line: &str) -> String {
    for head in [
        "as the registry said on ",
        "as stored on ",
        "\"observed\": \"",
        "\"since\": \"",
    ] {
        if let Some((before, _)) = line.split_once(head) {
            let end = if head.ends_with('"') {
                "[TIME]\","
            } else {
                "[TIME]"
            };
            return format!("{before}{head}{end}");
        }
    }
    line.to_owned()
}

#[test]
fn a_person_reads_who_published_what_when_with_which_trust_and_what_changed() {
    let registries = Registries::start();
    registries.npm(&eventful());
    let sandbox = registries.sandbox();
    assert_snapshot!(history(&sandbox, &["pkg:npm/acme"]));
    assert_snapshot!(history(&sandbox, &["pkg:npm/acme@1.1.1", "--format", "json"]).stdout);
}

#[test]
fn only_the_latest_are_shown_unless_all_are_asked_for() {
    let registries = Registries::start();
    registries.npm(&Packument::new("acme").routine(25, &json!({})));
    let sandbox = registries.sandbox();
    let shown = |arguments: &[&str]| {
        let output = history(&sandbox, &[&["pkg:npm/acme"], arguments].concat());
        output
            .stdout
            .lines()
            .filter(|line| line.contains("  ann"))
            .count()
    };
    assert_eq!(
        (shown(&[]), shown(&["--all"]), shown(&["--last", "3"])),
        (20, 25, 3)
    );
    assert!(
        history(&sandbox, &["pkg:npm/acme"])
            .stdout
            .contains("5 releases before these: --all")
    );
}

#[test]
fn what_is_published_after_the_clock_does_not_exist() {
    let registries = Registries::start();
    registries.npm(&eventful());
    let output =
        registries
            .sandbox()
            .run(&["history", "pkg:npm/acme", "--as-of", "2026-03-01T12:00:00Z"]);
    assert!(
        output.stdout.contains("1.1.0") && !output.stdout.contains("1.1.1"),
        "{output}"
    );
}

#[test]
fn without_a_connection_it_is_what_was_stored() {
    let registries = Registries::start();
    registries.npm(&eventful());
    let sandbox = registries.sandbox();
    let unknown = history(&sandbox, &["pkg:npm/acme", "--offline"]);
    assert_eq!(unknown.code, Some(3), "{unknown}");
    assert!(
        unknown.stderr.contains("without a stored history"),
        "{unknown}"
    );
    let told = history(&sandbox, &["pkg:npm/acme"]);
    registries.server.paths();
    let stored = history(&sandbox, &["pkg:npm/acme", "--offline"]);
    let releases = |output: &Output| {
        output
            .stdout
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(releases(&told), releases(&stored));
    assert!(stored.stdout.contains("as stored on"), "{stored}");
    assert_eq!(registries.server.paths(), [""; 0]);
}

fn names(owners: &Value) -> String {
    let owners = owners.as_array().expect("a list").iter();
    let names: Vec<&str> = owners.filter_map(|one| one["name"].as_str()).collect();
    names.join(" ")
}

#[test]
fn owners_without_dates_become_dated_by_observation() {
    let registries = Registries::start();
    let file = json!({ "filename": "acme-1.0.0-py3-none-any.whl", "url": "", "hashes": {}, "upload-time": "2026-01-01T00:00:00Z", "yanked": false });
    registries.pypi("acme", &[file]);
    let sandbox = registries.sandbox();
    for owners in [&["ann"][..], &["ann", "ben"]] {
        let roles: Vec<Value> = owners
            .iter()
            .map(|user| json!({ "role": "Owner", "user": user }))
            .collect();
        let project = json!({ "ownership": { "roles": roles } });
        let answer = crate::support::server::Answer::Bytes(project.to_string().into_bytes());
        registries.server.answer("/pypi/pypi/acme/json", answer);
        sandbox.run(&["history", "pkg:pypi/acme"]);
    }
    let output = sandbox.run(&["history", "pkg:pypi/acme", "--offline"]);
    assert!(output.stdout.contains("may publish: ann, ben"), "{output}");
    assert!(output.stdout.contains("may publish now: ben"), "{output}");
    let json = sandbox.run(&["history", "pkg:pypi/acme", "--offline", "--format", "json"]);
    let json: Value = serde_json::from_str(&json.stdout).expect("a report");
    let observed = json["owners_observed"].as_array().expect("a list");
    let names: Vec<_> = observed.iter().map(|one| names(&one["owners"])).collect();
    assert_eq!(names, ["ann", "ann ben"]);
    // On an earlier day nobody had seen anything.
    let before = history(&sandbox, &["pkg:pypi/acme", "--offline"]);
    assert!(!before.stdout.contains("may publish now"), "{before}");
}

#[test]
fn a_bare_name_is_enough_where_one_ecosystem_of_the_project_has_it() {
    let registries = Registries::start();
    registries.npm(&eventful());
    let sandbox = registries.sandbox();
    let nothing = history(&sandbox, &["acme"]);
    assert_eq!(nothing.code, Some(2), "{nothing}");
    sandbox.write("package-lock.json", npm_lock_of(&[("acme", "1.0.0")]));
    let found = history(&sandbox, &["acme"]);
    assert!(
        found.code == Some(0) && found.stdout.starts_with("acme  npm"),
        "{found}"
    );
}

#[test]
fn what_a_registry_does_not_know_or_may_not_be_told_is_an_error() {
    let registries = Registries::start();
    let sandbox = registries.sandbox();
    let unknown = history(&sandbox, &["pkg:npm/acme"]);
    assert_eq!(unknown.code, Some(3), "{unknown}");
    assert!(
        unknown.stderr.contains("npm knows no package acme"),
        "{unknown}"
    );
    assert_eq!(history(&sandbox, &["pkg:gem/acme"]).code, Some(2));
    registries.server.paths();
    sandbox.write("linchpin.toml", "[registry]\ninternal = [\"acme\"]\n");
    assert_eq!(history(&sandbox, &["pkg:npm/acme"]).code, Some(2));
    assert_eq!(registries.server.paths(), [""; 0]);
}

#[test]
fn names_of_strangers_are_harmless_on_a_terminal() {
    let registries = Registries::start();
    let hostile = json!({ "_npmUser": { "name": "ann\u{1b}[2J\u{202e}", "email": null }, "scripts": { "install": "\u{1b}]8;;x\u{7}" } });
    let packument = Packument::new("acme")
        .release("1.0.0", "2024-01-01T10:00:00.000Z", &json!({}))
        .release("1.0.1", "2024-02-01T10:00:00.000Z", &hostile);
    registries.npm(&packument);
    let output = history(&registries.sandbox(), &["pkg:npm/acme"]);
    assert!(
        !output.stdout.contains(['\u{1b}', '\u{202e}', '\u{7}']),
        "{output}"
    );
}

/// Whoever asks the public registry about a name tells it.
#[test]
fn a_name_that_the_project_takes_from_elsewhere_is_not_told_to_the_public_registry() {
    let lockfile =
        npm_lock_of(&[("acme", "1.0.0")]).replace("registry.npmjs.org", "npm.corporation.example");
    let public = "https://registry.npmjs.org/";
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)])
        .variable("LINCHPIN_REGISTRY_NPM", public);
    let output = history(&sandbox, &["pkg:npm/acme", "--offline"]);
    assert_eq!(output.code, Some(2), "{output}");
    let told = "it is not from a public registry, and no registry is asked about it";
    assert!(output.stderr.contains(told), "{output}");
    // A registry that somebody configured may be asked: the project's packages may come from there.
    let registries = Registries::start();
    registries.npm(&eventful());
    let sandbox = registries.sandbox();
    sandbox.write("package-lock.json", &lockfile);
    assert_eq!(history(&sandbox, &["pkg:npm/acme"]).code, Some(0));
    // A namesake of it that is public, in another project, tells it as well.
    let both = Sandbox::with(&[("a/package-lock.json", &lockfile)])
        .variable("LINCHPIN_REGISTRY_NPM", public);
    both.write("b/package-lock.json", npm_lock_of(&[("acme", "1.0.0")]));
    let output = history(&both, &["acme", "--offline"]);
    assert_eq!(output.code, Some(2), "{output}");
    assert!(output.stderr.contains(told), "{output}");
}

#[test]
fn a_name_that_no_registry_takes_is_not_asked_about() {
    let registries = Registries::start();
    let output = history(&registries.sandbox(), &["pkg:npm/bad%20name"]);
    assert_eq!(output.code, Some(2), "{output}");
    assert_eq!(registries.server.paths(), [""; 0]);
}
