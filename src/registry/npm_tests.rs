use serde_json::{Value, json};

use super::*;
use crate::registry::tests::{at, judged, read, read_more, versions};

/// Reads a packument of the package `a` with one version, which has these fields.
fn release(fields: &Value) -> Release {
    let body = json!({ "name": "a", "versions": { "1.0.0": fields }, "time": { "1.0.0": "2026-01-01T00:00:00.000Z" } });
    history(&body).releases.remove(0)
}

fn history(body: &Value) -> ReleaseHistory {
    read(Ecosystem::Npm, "a", body.to_string().as_bytes()).expect("a packument")
}

fn commands(scripts: &Value, gypfile: &Value) -> Vec<(&'static str, String)> {
    let release = release(&json!({ "scripts": scripts, "gypfile": gypfile }));
    let hooks = release.install.hooks.into_iter();
    hooks.map(|hook| (hook.event.id(), hook.command)).collect()
}

#[test]
fn a_release_has_the_account_that_published_it_and_those_that_could() {
    let release = release(&json!({
        "_npmUser": { "name": "ann", "email": "ann@A.example" },
        "maintainers": [{ "name": "eve", "email": "eve@b.example" }, { "name": "ann", "email": "ann@A.example" }, { "name": "eve", "email": "eve@b.example" }],
    }));
    let publisher = release.publisher.expect("a publisher");
    assert_eq!(publisher.account.name, "ann");
    assert_eq!(publisher.account.domain().as_deref(), Some("a.example"));
    assert!(!publisher.is_machine());
    let maintainers = release.maintainers.expect("maintainers");
    let names: Vec<&str> = maintainers.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ann", "eve"]);
    assert_eq!(release.trust, Some(Trust::Nothing));
    assert_eq!(release.published, at("2026-01-01T00:00:00Z"));
}

#[test]
fn trust_is_the_highest_that_a_release_shows() {
    let provenance = json!({ "attestations": { "provenance": { "predicateType": "https://slsa.dev/provenance/v1" } } });
    let pipeline = json!({ "id": "github", "oidcConfigId": "oidc:1" });
    for (user, dist, expected) in [
        (json!({ "name": "ann" }), json!({}), Trust::Nothing),
        (
            json!({ "name": "ann" }),
            json!({ "attestations": {} }),
            Trust::Nothing,
        ),
        (
            json!({ "name": "ann" }),
            json!({ "attestations": { "provenance": {} } }),
            Trust::Nothing,
        ),
        (
            json!({ "name": "ann" }),
            json!({ "attestations": { "provenance": true } }),
            Trust::Nothing,
        ),
        (
            json!({ "name": "ann" }),
            provenance.clone(),
            Trust::Provenance,
        ),
        (
            json!({ "name": "GitHub Actions", "trustedPublisher": pipeline }),
            provenance.clone(),
            Trust::TrustedPublishing,
        ),
        (
            json!({ "name": "GitHub Actions", "trustedPublisher": pipeline, "approver": { "name": "ann" } }),
            provenance,
            Trust::StagedApproval,
        ),
        (
            json!({ "name": "ann", "trustedPublisher": true }),
            json!({}),
            Trust::Nothing,
        ),
    ] {
        let release = release(&json!({ "_npmUser": user, "dist": dist }));
        assert_eq!(release.trust, Some(expected), "{user}");
    }
}

#[test]
fn a_machine_is_known_by_its_trust_or_by_the_address_that_all_of_them_share() {
    let by_address = json!({ "name": "GitHub Actions", "email": "npm-oidc-no-reply@github.com" });
    let by_trust = json!({ "name": "GitHub Actions", "trustedPublisher": { "id": "gitlab", "oidcConfigId": "oidc:9" } });
    let by_name = json!({ "name": "GitHub Actions", "email": "mallory@a.example" });
    let pipeline = |user: Value| {
        let publisher = release(&json!({ "_npmUser": user })).publisher;
        publisher.expect("a publisher").pipeline
    };
    assert_eq!(pipeline(by_address), Some(Pipeline::default()));
    let named = pipeline(by_trust).expect("a pipeline");
    assert_eq!(
        (named.provider.as_str(), named.configuration.as_deref()),
        ("gitlab", Some("oidc:9"))
    );
    assert_eq!(pipeline(by_name), None, "anybody may call themselves so");
}

#[test]
fn what_vouches_for_nothing_and_what_nobody_told_are_two_things() {
    let release = release(&json!(true));
    assert_eq!(
        (
            release.trust,
            release.publisher,
            release.maintainers,
            release.revision
        ),
        (None, None, None, None)
    );
}

#[test]
fn hooks_come_in_the_order_in_which_they_run_and_empty_ones_are_none() {
    let all = json!({ "postinstall": "c", "test": "x", "install": "b", "prepare": "y", "preinstall": "a" });
    let expected = [
        ("preinstall", "a".to_owned()),
        ("install", "b".to_owned()),
        ("postinstall", "c".to_owned()),
    ];
    assert_eq!(commands(&all, &json!(null)), expected);
    for script in [
        json!(""),
        json!(" \n"),
        json!(null),
        json!(["node x.js"]),
        json!(1),
    ] {
        assert_eq!(commands(&json!({ "install": script }), &json!(null)), []);
    }
    assert_eq!(commands(&json!("node x.js"), &json!(null)), []);
}

/// npm docs, scripts: "If there is a binding.gyp file … and you haven't defined your own install or preinstall scripts".
#[test]
fn a_binding_is_built_unless_a_script_says_what_to_do_instead() {
    let built = ("install", "node-gyp rebuild".to_owned());
    let after = ("postinstall", "c".to_owned());
    assert_eq!(
        commands(&json!({}), &json!(true)),
        std::slice::from_ref(&built)
    );
    assert_eq!(
        commands(&json!({ "install": "" }), &json!(true)),
        std::slice::from_ref(&built)
    );
    assert_eq!(
        commands(&json!({ "postinstall": "c" }), &json!(true)),
        [built, after]
    );
    assert_eq!(
        commands(&json!({ "install": "b" }), &json!(true)),
        [("install", "b".to_owned())]
    );
    assert_eq!(
        commands(&json!({ "preinstall": "a" }), &json!(true)),
        [("preinstall", "a".to_owned())]
    );
    assert_eq!(commands(&json!({}), &json!(false)), []);
    assert_eq!(commands(&json!({}), &json!("true")), []);
}

#[test]
fn a_commit_is_named_or_missing() {
    let revision = |fields: &Value| release(fields).revision;
    assert_eq!(
        revision(&json!({ "gitHead": "abc" })),
        Some(Revision::Named("abc".to_owned()))
    );
    for missing in [
        json!({}),
        json!({ "gitHead": "" }),
        json!({ "gitHead": null }),
        json!({ "gitHead": 7 }),
    ] {
        assert_eq!(revision(&missing), Some(Revision::Missing), "{missing}");
    }
}

#[test]
fn a_notice_of_deprecation_is_a_text_that_says_something() {
    let notice = |value: Value| release(&json!({ "deprecated": value })).standing.deprecated;
    assert_eq!(notice(json!("use b")).as_deref(), Some("use b"));
    for none in [json!(false), json!(""), json!(true), json!(null), json!({})] {
        assert_eq!(notice(none.clone()), None, "{none}");
    }
}

#[test]
fn dependencies_are_those_that_are_installed_each_once() {
    let release = release(&json!({
        "dependencies": { "c": "^1", "b": "github:o/b", "odd": 7 }, "optionalDependencies": { "d": "*", "c": "^1" },
        "devDependencies": { "e": "*" },
        "peerDependencies": { "f": "*", "g": "*", "b": "^9", "odd": 7 },
        "peerDependenciesMeta": { "g": { "optional": true }, "f": { "optional": "odd" }, "b": 7 },
    }));
    let dependencies = release.dependencies.iter();
    let names = dependencies.map(|one| (one.name.as_str(), one.role));
    let (own, peer) = (DependencyRole::Own, DependencyRole::Peer);
    let expected = [("b", own), ("c", own), ("d", own), ("f", peer)];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_eq!(release.dependencies[0].requirement, "github:o/b");
}

/// Registries signed nothing before 2022, and others sign nothing at all.
#[test]
fn a_missing_signature_is_told_only_where_others_are_signed() {
    let signed = json!({ "dist": { "signatures": [{ "keyid": "k", "sig": "s" }] } });
    let none = json!({ "dist": { "signatures": [] } });
    let both = history(&json!({ "name": "a", "versions": { "1.0.0": signed, "1.0.1": none } }));
    let signatures = |history: &ReleaseHistory| -> Vec<Option<Signature>> {
        history
            .releases
            .iter()
            .map(|release| release.signature)
            .collect()
    };
    assert_eq!(
        signatures(&both),
        [Some(Signature::Present), Some(Signature::Missing)]
    );
    let neither = history(&json!({ "name": "a", "versions": { "1.0.1": none } }));
    assert_eq!(signatures(&neither), [None]);
}

#[test]
fn digest_and_size_are_of_the_archive() {
    let one =
        release(&json!({ "dist": { "integrity": "sha512-x", "shasum": "00", "unpackedSize": 9 } }));
    let other = release(&json!({ "dist": { "integrity": "sha512-y", "shasum": "00" } }));
    let old = release(&json!({ "dist": { "shasum": "00", "unpackedSize": -1 } }));
    assert_eq!(one.size, Some(9));
    assert_eq!((other.size, old.size), (None, None));
    assert!(one.digest.is_some() && one.digest != other.digest && old.digest.is_some());
    assert_eq!(release(&json!({})).digest, None);
}

#[test]
fn times_without_a_version_are_of_versions_that_were_pulled_back() {
    let history = history(&json!({
        "name": "a", "versions": { "1.0.0": {} },
        "time": { "created": "2025-01-01T00:00:00Z", "modified": "2026-01-09T00:00:00Z", "1.0.0": "2026-01-01T00:00:00Z",
                  "1.0.2": "when", "1.0.1": "2026-01-02T00:00:00Z", "odd": 7 },
    }));
    assert_eq!(versions(&history), ["1.0.0"]);
    let pulled: Vec<_> = history
        .pulled_back
        .iter()
        .map(|one| (one.version.as_str(), one.published))
        .collect();
    assert_eq!(
        pulled,
        [("1.0.1", at("2026-01-02T00:00:00Z")), ("1.0.2", None)]
    );
    assert_eq!(history.standing, ProjectStanding::Active);
}

#[test]
fn a_package_whose_owners_took_it_back_is_known_by_its_times() {
    let gone = history(&json!({
        "name": "a", "time": { "1.0.0": "2026-01-01T00:00:00Z", "unpublished": { "time": "2026-02-01T00:00:00Z", "versions": ["1.0.0"] } },
    }));
    assert_eq!(
        (gone.standing, gone.releases.len(), gone.pulled_back.len()),
        (ProjectStanding::Unpublished, 0, 1)
    );
    let back = history(
        &json!({ "name": "a", "versions": { "2.0.0": {} }, "time": { "unpublished": {} } }),
    );
    assert_eq!(
        back.standing,
        ProjectStanding::Active,
        "it was published again"
    );
}

#[test]
fn a_package_of_npms_own_in_the_place_of_another_is_known_by_its_only_version() {
    let holding = json!({ "0.0.1-security": { "_npmUser": { "name": "npm" } } });
    let held = history(
        &json!({ "name": "a", "versions": holding, "time": { "6.6.6": "2026-01-01T00:00:00Z" } }),
    );
    assert_eq!(held.standing, ProjectStanding::SecurityHolding);
    assert_eq!(held.pulled_back[0].version, "6.6.6");
    let beside =
        history(&json!({ "name": "a", "versions": { "0.0.1-security": {}, "1.0.0": {} } }));
    assert_eq!(beside.standing, ProjectStanding::Active);
}

#[test]
fn another_packages_answer_is_none() {
    for name in [json!("b"), json!("A"), json!("a "), json!(null)] {
        let body = json!({ "name": name, "versions": { "1.0.0": {} } });
        let read = read(Ecosystem::Npm, "a", body.to_string().as_bytes());
        assert_eq!(read, Err(RegistryError::AnotherPackage), "{body}");
    }
}

#[test]
fn fields_of_any_form_cost_no_more_than_themselves() {
    let odd = [
        json!(null),
        json!(7),
        json!("x"),
        json!([1]),
        json!({ "x": 1 }),
        json!(true),
    ];
    let fields = [
        "scripts",
        "dependencies",
        "optionalDependencies",
        "maintainers",
        "_npmUser",
        "gitHead",
        "deprecated",
        "gypfile",
        "dist",
    ];
    for value in odd {
        let mut version: serde_json::Map<String, Value> = fields
            .iter()
            .map(|field| ((*field).to_owned(), value.clone()))
            .collect();
        version.insert("version".to_owned(), value.clone());
        let body = json!({ "name": "a", "maintainers": value, "versions": { "1.0.0": version, "1.0.1": value, "1.0.2": { "deprecated": "kept" } }, "time": { "1.0.0": value, "1.0.2": "2026-01-01T00:00:00Z" } });
        let history = history(&body);
        assert_eq!(history.releases.len(), 3, "{value}");
        let last = history.release("1.0.2").expect("a release");
        assert_eq!(
            (last.published, last.standing.deprecated.as_deref()),
            (at("2026-01-01T00:00:00Z"), Some("kept"))
        );
        let versions_of_any_form = json!({ "name": "a", "versions": value, "time": value });
        assert!(
            read(
                Ecosystem::Npm,
                "a",
                versions_of_any_form.to_string().as_bytes()
            )
            .is_ok()
        );
    }
}

#[test]
fn the_last_of_two_equal_versions_counts() {
    let body = r#"{"name":"a","versions":{"1.0.0":{"gitHead":"one"},"1.0.1":{},"1.0.0":{"gitHead":"two"}},"time":{"1.0.0":"2026-01-01T00:00:00Z","1.0.0":"2026-01-03T00:00:00Z","1.0.1":"2026-01-02T00:00:00Z"}}"#;
    let history = read(Ecosystem::Npm, "a", body.as_bytes()).expect("a packument");
    assert_eq!(versions(&history), ["1.0.1", "1.0.0"]);
    assert_eq!(
        history.releases[1].revision,
        Some(Revision::Named("two".to_owned()))
    );
}

#[test]
fn names_that_mean_something_elsewhere_are_names() {
    for name in ["constructor", "__proto__", "hasOwnProperty", "toString"] {
        let body = json!({ "name": name, "versions": { name: {}, "1.0.0": { "dependencies": { name: "*" } } }, "time": { name: "2026-01-01T00:00:00Z" } });
        let history = read(Ecosystem::Npm, name, body.to_string().as_bytes()).expect("a packument");
        assert_eq!(versions(&history), ["1.0.0", name]);
        assert_eq!(history.releases[0].dependencies[0].name, name);
    }
}

#[test]
fn a_package_without_versions_has_none() {
    for body in [
        json!({ "name": "a" }),
        json!({ "name": "a", "versions": {}, "time": {} }),
    ] {
        let history = history(&body);
        assert_eq!(
            (history.releases.len(), history.standing),
            (0, ProjectStanding::Active)
        );
    }
}

#[test]
fn only_an_attested_release_leads_to_the_question_for_its_pipeline() {
    let provenance =
        json!({ "dist": { "attestations": { "provenance": { "predicateType": "x" } } } });
    let history = read(
        Ecosystem::Npm,
        "@s/a",
        json!({ "name": "@s/a", "versions": { "1.0.0": {}, "1.1.0": provenance } })
            .to_string()
            .as_bytes(),
    )
    .expect("a packument");
    assert_eq!(judged(&history, "1.0.0"), []);
    let questions = judged(&history, "1.1.0");
    assert_eq!(questions.len(), 1);
    assert_eq!(
        questions[0].path,
        ["-", "npm", "v1", "attestations", "@s/a@1.1.0"]
    );
}

/// Wraps a predicate as the registry serves it.
fn attested(predicate: &Value) -> Value {
    use base64::Engine as _;
    let statement = json!({ "predicate": predicate }).to_string();
    let payload = base64::engine::general_purpose::STANDARD.encode(statement);
    let bundle = |payload: &str| json!({ "dsseEnvelope": { "payload": payload } });
    json!({ "attestations": [
        { "predicateType": "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", "bundle": bundle("e30=") },
        { "predicateType": "https://slsa.dev/provenance/v1", "bundle": bundle(&payload) },
    ] })
}

#[test]
fn a_provenance_adds_where_a_machine_built_and_makes_no_machine_of_a_person() {
    let v1 = json!({ "buildDefinition": { "externalParameters": { "workflow": { "repository": "https://g.example/o/a", "path": ".github/workflows/w.yml" } } } });
    let v02 = json!({ "invocation": { "configSource": { "uri": "git+https://g.example/o/a", "entryPoint": "w.yml" } } });
    let dist = json!({ "attestations": { "provenance": { "predicateType": "x" } } });
    let users = [
        json!({ "name": "ann", "email": "ann@a.example" }),
        json!({ "name": "GitHub Actions", "trustedPublisher": { "id": "github" } }),
    ];
    for (predicate, repository, workflow) in [
        (v1, "https://g.example/o/a", ".github/workflows/w.yml"),
        (v02, "git+https://g.example/o/a", "w.yml"),
    ] {
        let [person, machine] = users.clone().map(|user| {
            let body =
                json!({ "name": "a", "versions": { "1.0.0": { "_npmUser": user, "dist": dist } } });
            let mut history = history(&body);
            let question = judged(&history, "1.0.0").remove(0);
            assert_eq!(
                read_more(&question, &attested(&predicate), &mut history),
                Ok(None)
            );
            history
                .releases
                .remove(0)
                .publisher
                .expect("a publisher")
                .pipeline
        });
        assert_eq!(person, None);
        let machine = machine.expect("a pipeline");
        assert_eq!(
            (machine.repository.as_deref(), machine.workflow.as_deref()),
            (Some(repository), Some(workflow))
        );
        assert_eq!(machine.provider, "github");
    }
}

/// The address that a packument names may be that of any host.
#[test]
fn an_archive_lies_where_every_registry_serves_it() {
    for (name, path) in [
        ("a", vec!["a", "-", "a-1.0.0.tgz"]),
        ("@s/a", vec!["@s", "a", "-", "a-1.0.0.tgz"]),
    ] {
        let body = json!({ "name": name, "versions": { "1.0.0": { "dist": { "tarball": "https://evil.example/x.tgz" } } } });
        let history = read(Ecosystem::Npm, name, body.to_string().as_bytes()).expect("a packument");
        let place = Npm.archives(&history, "1.0.0");
        let path = path.into_iter().map(str::to_owned).collect();
        assert_eq!(place, [ArchivePlace::Below(Service::Npm, path)]);
    }
}

/// npm docs, package.json: optional dependencies override those of the same name.
#[test]
fn of_two_dependencies_of_one_name_the_optional_one_is_installed() {
    let release = release(&json!({
        "dependencies": { "a1": "^1", "b": "github:o/b" }, "optionalDependencies": { "a1": "github:evil/a", "b": "^1" },
    }));
    let all: Vec<&str> = release
        .dependencies
        .iter()
        .map(|one| one.requirement.as_str())
        .collect();
    assert_eq!(all, ["github:evil/a", "^1"]);
}

#[test]
fn an_alias_stands_for_the_package_that_is_installed() {
    for (requirement, name, wanted) in [
        ("npm:real@^1.0.0", "real", "^1.0.0"),
        ("npm:@s/real@1.0.0", "@s/real", "1.0.0"),
        ("npm:@s/real", "@s/real", "*"),
        (" npm:real", "real", "*"),
        ("NPM:real@1", "real", "1"),
        ("np", "alias", "np"),
        ("npm:", "alias", "npm:"),
        ("npm:@", "@", "*"),
        ("npm:é@1", "é", "1"),
        ("^1.0.0", "alias", "^1.0.0"),
    ] {
        let found = installed("alias", requirement, DependencyRole::Own);
        assert_eq!(
            (found.name.as_str(), found.requirement.as_str()),
            (name, wanted),
            "{requirement}"
        );
    }
}
