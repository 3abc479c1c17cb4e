use serde_json::Value;

use super::title;
use crate::support::locks::{
    cargo_lock, cargo_record, npm_lock, npm_record, npm_record_at, npm_url, sha256, sri, uv_lock,
    uv_record,
};
use crate::support::sandbox::{Report, Sandbox};
use crate::support::shared;

/// Settings that need no feed, with these lines under `[registry]`.
fn config(registry: &str) -> String {
    format!("[gate]\nrequire = []\n[registry]\n{registry}\n")
}

/// Audits files under these lines of `[registry]`.
fn audit(registry: &str, files: &[(&str, &str)]) -> Report {
    let sandbox = Sandbox::with(files);
    sandbox.write("linchpin.toml", config(registry));
    sandbox.report(&[])
}

const INTERNAL: &str = "internal = [\"@acme/*\", \"acme-*\"]";
const PRIVATE: &str = "private = [\"own.example\"]";

/// A package of npm that a host serves with these bytes.
fn record_from(host: &str, name: &str, version: &str, bytes: &str) -> String {
    let url = npm_url(name, version).replace("registry.npmjs.org", host);
    npm_record_at(version, &url, &sri(bytes.as_bytes()))
}

fn own_record(name: &str, version: &str) -> String {
    record_from("own.example", name, version, "our bytes")
}

fn own_cargo_record(name: &str, version: &str) -> String {
    format!(
        "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"sparse+https://own.example/index/\"\nchecksum = \"{}\"\n",
        sha256(b"our bytes")
    )
}

fn message(finding: &Value) -> &str {
    finding["message"].as_str().expect("a message")
}

#[test]
fn an_internal_name_from_the_public_registry_is_high_in_every_ecosystem() {
    let npm = npm_lock(&[("@acme/ui", npm_record("@acme/ui", "9.9.9"))]);
    let cargo = cargo_lock(&[(
        "Acme_Core",
        cargo_record("Acme_Core", "9.9.9", &sha256(b"a")),
    )]);
    let uv = uv_lock(&[("acme-core", uv_record("acme-core", "9.9.9"))]);
    for (file, lockfile, expected) in [
        (
            "package-lock.json",
            npm,
            "@acme/ui 9.9.9 is internal and comes from npm",
        ),
        (
            "Cargo.lock",
            cargo,
            "Acme_Core 9.9.9 is internal and comes from crates.io",
        ),
        (
            "uv.lock",
            uv,
            "acme-core 9.9.9 is internal and comes from PyPI",
        ),
    ] {
        let report = audit(INTERNAL, &[(file, &lockfile)]);
        assert_eq!(
            report.rules(),
            ["dependency-confusion"],
            "{}",
            report.output
        );
        let finding = report.only("dependency-confusion");
        assert_eq!(
            (&finding["severity"], &finding["axis"]),
            (&"high".into(), &"anomaly".into())
        );
        assert_eq!(title(finding), expected);
        assert!(
            message(finding)
                .ends_with("whoever holds the name in public decides what is installed here")
        );
        assert_eq!(
            finding["fix"]["command"],
            Value::Null,
            "nothing is proven to work"
        );
        assert_eq!(report.code(), 1);
    }
}

#[test]
fn an_internal_name_from_where_it_belongs_is_no_finding() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let git =
        format!(r#"{{"version":"1.0.0","resolved":"git+ssh://git@example.org/ui.git#{commit}"}}"#);
    for record in [own_record("@acme/ui", "1.0.0"), git] {
        let lockfile = npm_lock(&[("@acme/ui", record), ("left", npm_record("left", "1.0.0"))]);
        let report = audit(
            &format!("{INTERNAL}\n{PRIVATE}"),
            &[("package-lock.json", &lockfile)],
        );
        assert_eq!((report.rules(), report.code()), (vec![], 0));
    }
}

#[test]
fn an_internal_name_from_an_unknown_host_or_a_mirror_is_told_with_the_host() {
    let lockfile =
        |host: &str| npm_lock(&[("@acme/ui", record_from(host, "@acme/ui", "9.9.9", "x"))]);
    let report = audit(
        INTERNAL,
        &[("package-lock.json", &lockfile("evil.example"))],
    );
    let finding = report.only("dependency-confusion");
    assert_eq!(
        title(finding),
        "@acme/ui 9.9.9 is internal and comes from evil.example"
    );
    assert_eq!(
        message(finding),
        "the name fits \"@acme/*\" under [registry] internal; evil.example decides what is installed here"
    );
    let registry = format!("{INTERNAL}\nmirrors = [\"mirror.example\"]");
    let report = audit(
        &registry,
        &[("package-lock.json", &lockfile("mirror.example"))],
    );
    assert_eq!(
        title(report.only("dependency-confusion")),
        "@acme/ui 9.9.9 is internal and comes from mirror.example, a mirror of npm"
    );
}

/// The entry says a harmless name, and its address asks the public registry for one of the project's own.
#[test]
fn an_internal_name_that_an_entry_downloads_and_does_not_say_is_told() {
    let url = npm_url("acme-core", "9.9.9");
    let lockfile = npm_lock(&[("x", npm_record_at("1.0.0", &url, &sri(b"x")))]);
    let report = audit(INTERNAL, &[("package-lock.json", &lockfile)]);
    assert_eq!(report.rules(), ["source-mismatch", "dependency-confusion"]);
    let finding = report.only("dependency-confusion");
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["package"], "pkg:npm/x@1.0.0");
    assert_eq!(
        title(finding),
        "acme-core 9.9.9 is internal, comes from npm, and is what x 1.0.0 downloads"
    );
    assert_eq!(
        message(finding),
        "the name fits \"acme-*\" under [registry] internal; whoever holds the name in public decides what is installed here"
    );
}

#[test]
fn a_name_that_a_private_registry_serves_elsewhere_in_the_tree_is_confused() {
    let own = npm_lock(&[("ui", own_record("ui", "1.0.0"))]);
    let public = npm_lock(&[
        ("ui", npm_record("ui", "9.9.9")),
        ("left", npm_record("left", "1.0.0")),
    ]);
    let files = [
        ("a/package-lock.json", own.as_str()),
        ("b/package-lock.json", &public),
    ];
    let report = audit(PRIVATE, &files);
    assert_eq!(report.rules(), ["dependency-confusion"]);
    let finding = report.only("dependency-confusion");
    assert_eq!(finding["package"], "pkg:npm/ui@9.9.9");
    assert_eq!(
        title(finding),
        "ui 9.9.9 comes from npm, and ui 1.0.0 from own.example"
    );
    assert_eq!(
        message(finding),
        "a/package-lock.json has ui 1.0.0 from own.example; whoever holds the name in public decides what is installed here; most likely npm ran without the settings that name own.example, or own.example passes on what npm serves"
    );
    assert_eq!(finding["severity"], "high");
    assert_eq!(finding["occurrences"][0]["lockfile"], "b/package-lock.json");
    assert_eq!(report.code(), 1);
}

#[test]
fn one_lockfile_of_npm_with_a_name_from_two_registries_is_confused() {
    let nested = format!(
        ",\n\"node_modules/left/node_modules/ui\":{}\n}}\n}}\n",
        npm_record("ui", "9.9.9")
    );
    let lockfile = npm_lock(&[
        ("ui", own_record("ui", "1.0.0")),
        ("left", npm_record("left", "1.0.0")),
    ]);
    let lockfile = lockfile
        .trim_end()
        .strip_suffix("\n}\n}")
        .expect("the end")
        .to_owned()
        + &nested;
    let lockfile = lockfile.replacen(
        "\"node_modules/left\":{",
        "\"node_modules/left\":{\"dependencies\":{\"ui\":\"*\"},",
        1,
    );
    let report = audit(PRIVATE, &[("package-lock.json", &lockfile)]);
    assert_eq!(
        report.rules(),
        ["dependency-confusion"],
        "{}",
        report.output
    );
}

#[test]
fn two_registries_of_one_name_in_one_cargo_lock_were_both_asked_for() {
    let public = cargo_record("core-x", "9.9.9", &sha256(b"core-x"));
    let both = cargo_lock(&[
        ("core-x 9.9.9", public.clone()),
        ("core-x 1.0.0", own_cargo_record("core-x", "1.0.0")),
    ]);
    assert_eq!(audit(PRIVATE, &[("Cargo.lock", &both)]).rules(), [""; 0]);
    let own = cargo_lock(&[("core-x", own_cargo_record("core-x", "1.0.0"))]);
    let public = cargo_lock(&[("core_x", public.replace("core-x", "core_x"))]);
    let report = audit(
        PRIVATE,
        &[("a/Cargo.lock", &own), ("b/Cargo.lock", &public)],
    );
    let finding = report.only("dependency-confusion");
    assert_eq!(
        title(finding),
        "core_x 9.9.9 comes from crates.io, and core-x 1.0.0 from own.example",
        "crates.io compares both as one name"
    );
    assert_eq!(
        finding["severity"], "medium",
        "each manifest names its registry"
    );
    assert!(message(finding).ends_with("most likely the manifest does not name own.example"));
}

/// Where a lockfile holds the public one alone, nobody has shown that it was meant.
#[test]
fn a_lockfile_that_holds_both_vouches_for_itself_only() {
    let public = cargo_record("core-x", "9.9.9", &sha256(b"core-x"));
    let both = cargo_lock(&[
        ("core-x 9.9.9", public.clone()),
        ("core-x 1.0.0", own_cargo_record("core-x", "1.0.0")),
    ]);
    let alone = cargo_lock(&[("core-x", public)]);
    let report = audit(
        PRIVATE,
        &[("a/Cargo.lock", &both), ("b/Cargo.lock", &alone)],
    );
    let finding = report.only("dependency-confusion");
    let occurrences = finding["occurrences"].as_array().expect("occurrences");
    let lockfiles: Vec<&Value> = occurrences.iter().map(|place| &place["lockfile"]).collect();
    assert_eq!(lockfiles, ["b/Cargo.lock"]);
}

#[test]
fn a_private_registry_that_passes_on_the_public_bytes_is_told_as_a_mirror() {
    let of = |private: &str, public: &str| {
        let own = npm_lock(&[("left", record_from("own.example", "left", "1.0.0", private))]);
        let public = npm_lock(&[(
            "left",
            record_from("registry.npmjs.org", "left", "1.0.0", public),
        )]);
        audit(
            PRIVATE,
            &[
                ("a/package-lock.json", &own),
                ("b/package-lock.json", &public),
            ],
        )
    };
    let severity = |report: &Report| report.only("dependency-confusion")["severity"].clone();
    let proven = of("same", "same");
    assert_eq!(
        title(proven.only("dependency-confusion")),
        "own.example serves 1 package that npm serves too"
    );
    assert_eq!((severity(&proven), proven.code()), ("medium".into(), 0));
    assert_eq!(severity(&of("ours", "theirs")), "high");
    // A pin of either bytes proves nothing about which were installed.
    let either = |bytes: &str| format!("{} {}", sri(bytes.as_bytes()), sri(b"theirs"));
    let lock = |host: &str| {
        let url = npm_url("left", "1.0.0").replace("registry.npmjs.org", host);
        npm_lock(&[("left", npm_record_at("1.0.0", &url, &either("ours")))])
    };
    let (own, public) = (lock("own.example"), lock("registry.npmjs.org"));
    let files = [
        ("a/package-lock.json", own.as_str()),
        ("b/package-lock.json", &public),
    ];
    assert_eq!(severity(&audit(PRIVATE, &files)), "high");
}

/// A lockfile of npm with packages `{prefix}1` to `{prefix}{count}`, all of one version, from a host.
fn many(host: &str, prefix: &str, version: &str, count: usize) -> String {
    let names: Vec<String> = (1..=count)
        .map(|index| format!("{prefix}{index}"))
        .collect();
    let record = |name: &str| record_from(host, name, version, host);
    let records: Vec<(&str, String)> = names.iter().map(|name| (&**name, record(name))).collect();
    npm_lock(&records)
}

/// Audits a lockfile with packages of a private host beside one of the same names from another host.
fn beside(count: usize, host: &str, registry: &str) -> Report {
    let own = many("own.example", "acme-", "1.0.0", count);
    let other = many(host, "acme-", "9.9.9", count);
    let files = [
        ("a/package-lock.json", own.as_str()),
        ("b/package-lock.json", &other),
    ];
    audit(registry, &files)
}

#[test]
fn a_private_host_that_shares_more_than_a_handful_of_names_is_told_once() {
    const REGISTRY: &str = "registry.npmjs.org";
    let few = beside(5, REGISTRY, PRIVATE);
    assert_eq!(few.rules(), ["dependency-confusion"; 5]);
    let report = beside(6, REGISTRY, PRIVATE);
    assert_eq!(
        (report.rules(), report.code()),
        (vec!["dependency-confusion"], 0)
    );
    let finding = report.only("dependency-confusion");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(finding["package"], Value::Null);
    assert_eq!(
        title(finding),
        "own.example serves 6 packages that npm serves too"
    );
    assert_eq!(
        message(finding),
        "among them acme-1, acme-2, acme-3; it is private by linchpin.toml, but its names do not show what is your own: list it under mirrors if it passes them on, or name your own packages under internal"
    );
    assert_eq!(finding["occurrences"][0]["lockfile"], "a/package-lock.json");
}

#[test]
fn an_internal_name_is_told_one_by_one_however_much_its_host_shares() {
    let report = beside(7, "registry.npmjs.org", &format!("{PRIVATE}\n{INTERNAL}"));
    assert_eq!(report.rules(), ["dependency-confusion"; 7]);
    for finding in report.findings() {
        assert_eq!(finding["severity"], "high");
        assert!(title(finding).contains("is internal"), "{finding}");
    }
}

#[test]
fn a_name_of_a_private_registry_from_an_unknown_host_asks_for_a_look() {
    let report = beside(1, "evil.example", PRIVATE);
    assert_eq!(report.rules(), ["foreign-host", "dependency-confusion"]);
    let finding = report.only("dependency-confusion");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        title(finding),
        "acme-1 9.9.9 comes from evil.example, and acme-1 1.0.0 from own.example"
    );
    assert_eq!(
        message(finding),
        "a/package-lock.json has acme-1 1.0.0 from own.example; evil.example decides what is installed here; most likely the host is yours and not listed, or somebody edited the lockfile"
    );
    let listed = beside(1, "evil.example", &format!("{PRIVATE}\n{INTERNAL}"));
    assert_eq!(listed.only("dependency-confusion")["severity"], "high");
    let many = beside(6, "evil.example", PRIVATE);
    assert_eq!(
        title(many.only("dependency-confusion")),
        "own.example serves 6 packages that unknown hosts serve too"
    );
}

/// Another private host is evidence still, and of another ecosystem anyway.
#[test]
fn a_host_that_shares_its_names_takes_no_evidence_from_others() {
    let proxied = many("own.example", "left-", "1.0.0", 6);
    let public = many("registry.npmjs.org", "left-", "9.9.9", 6);
    let ours = npm_lock(&[("ui", record_from("two.example", "ui", "1.0.0", "ours"))]);
    let theirs = npm_lock(&[("ui", npm_record("ui", "9.9.9"))]);
    let files = [
        ("a/package-lock.json", proxied.as_str()),
        ("b/package-lock.json", &public),
        ("c/package-lock.json", &ours),
        ("d/package-lock.json", &theirs),
    ];
    let report = audit("private = [\"own.example\", \"two.example\"]", &files);
    let mut titles: Vec<&str> = report.findings().iter().map(title).collect();
    titles.sort_unstable();
    assert_eq!(
        titles,
        [
            "own.example serves 6 packages that npm serves too",
            "ui 9.9.9 comes from npm, and ui 1.0.0 from two.example",
        ]
    );
}

#[test]
fn many_public_packages_of_scopes_that_a_private_registry_serves_are_told_once() {
    let own = npm_lock(&[("@acme/core", own_record("@acme/core", "1.0.0"))]);
    let public = |count| many("registry.npmjs.org", "@acme/ui-", "1.0.0", count);
    let of = |count| {
        let files = [
            ("a/package-lock.json", own.as_str()),
            ("b/package-lock.json", &public(count)),
        ];
        audit(PRIVATE, &files)
    };
    assert_eq!(of(5).rules(), ["dependency-confusion"; 5]);
    assert_eq!(
        title(of(6).only("dependency-confusion")),
        "npm serves 6 packages of scopes that own.example serves too"
    );
}

#[test]
fn a_public_package_of_a_scope_that_a_private_registry_serves_asks_for_a_look() {
    let lockfile = npm_lock(&[
        ("@acme/core", own_record("@acme/core", "1.0.0")),
        ("@acme/ui", npm_record("@acme/ui", "9.9.9")),
        ("@other/ui", npm_record("@other/ui", "1.0.0")),
    ]);
    let report = audit(PRIVATE, &[("package-lock.json", &lockfile)]);
    assert_eq!(report.rules(), ["dependency-confusion"]);
    let finding = report.only("dependency-confusion");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        title(finding),
        "@acme/ui 9.9.9 comes from npm, and others of @acme from own.example"
    );
    assert!(message(finding).contains("package-lock.json has @acme/core 1.0.0 from own.example"));
    assert_eq!(report.code(), 0);
}

/// Members are published too: a workspace beside an example that installs what was published.
#[test]
fn a_member_of_a_workspace_proves_nothing_unless_its_name_is_internal() {
    let workspace = r#"{"name":"root","lockfileVersion":3,"packages":{
        "":{"name":"root","workspaces":["packages/*"]},
        "packages/ui":{"name":"@acme/ui","version":"1.0.0"},
        "node_modules/@acme/ui":{"resolved":"packages/ui","link":true}}}"#;
    let example = npm_lock(&[("@acme/ui", npm_record("@acme/ui", "1.0.0"))]);
    let files = [
        ("package-lock.json", workspace),
        ("example/package-lock.json", &example),
    ];
    assert_eq!(audit(PRIVATE, &files).rules(), [""; 0]);
    let report = audit(INTERNAL, &files);
    assert_eq!(report.rules(), ["dependency-confusion"]);
    assert_eq!(
        report.only("dependency-confusion")["package"],
        "pkg:npm/%40acme/ui@1.0.0"
    );
}

#[test]
fn coverage_says_what_could_be_compared() {
    let honest = npm_lock(&[("left", npm_record("left", "1.0.0"))]);
    let silent = npm_lock(&[(
        "left",
        format!(r#"{{"version":"1.0.0","integrity":"{}"}}"#, sri(b"left")),
    )]);
    let own = npm_lock(&[
        ("core", own_record("core", "1.0.0")),
        ("left", npm_record("left", "1.0.0")),
    ]);
    let skipped = |reason: &str| vec![(reason.to_owned(), 1)];
    for (registry, lockfile, expected) in [
        ("", &honest, (0, skipped("no-own-names"))),
        (PRIVATE, &honest, (0, skipped("no-own-names"))),
        (INTERNAL, &honest, (1, vec![])),
        (INTERNAL, &silent, (0, skipped("not-in-format"))),
        (PRIVATE, &own, (1, skipped("private-registry"))),
    ] {
        let report = audit(registry, &[("package-lock.json", lockfile)]);
        assert_eq!(
            report.coverage("dependency-confusion"),
            expected,
            "{registry}"
        );
    }
    let internal = npm_lock(&[(
        "acme-ui",
        format!(r#"{{"version":"1.0.0","integrity":"{}"}}"#, sri(b"ui")),
    )]);
    let report = audit(INTERNAL, &[("package-lock.json", &internal)]);
    assert_eq!(
        report.rules(),
        [""; 0],
        "nothing says which registry it comes from"
    );
}

#[test]
fn one_release_is_accepted_and_the_next_one_is_not() {
    let sandbox = Sandbox::new();
    let of = |version: &str| {
        let lockfile = npm_lock(&[("@acme/ui", npm_record("@acme/ui", version))]);
        sandbox.write("package-lock.json", lockfile);
        sandbox.report(&[])
    };
    let accepting = |package: &str| {
        let entry = format!(
            "[[accept]]\nrule = \"dependency-confusion\"\npackage = \"{package}\"\nreason = \"published by us\"\nowner = \"@web\"\nexpires = 2026-12-01\n"
        );
        sandbox.write("linchpin.toml", config(INTERNAL) + &entry);
    };
    accepting("pkg:npm/%40acme/ui@1.0.0");
    assert_eq!(of("1.0.0").code(), 0);
    assert_eq!(of("1.0.1").code(), 1);
    let fingerprint = |report: &Report| report.only("dependency-confusion")["fingerprint"].clone();
    sandbox.write("linchpin.toml", config(INTERNAL));
    assert_ne!(fingerprint(&of("1.0.0")), fingerprint(&of("1.0.1")));
    accepting("pkg:npm/%40acme/ui");
    assert_eq!(
        sandbox.audit(&[]).code,
        Some(2),
        "no entry shelters every release"
    );
}

/// Runs the rule over a folder of the corpus.
fn real(folder: &str, registry: &str) -> Option<Report> {
    let folder = shared::folder("corpus")?.join(folder);
    let folder = folder.canonicalize().expect("a folder of the corpus");
    let sandbox = Sandbox::with(&[("own.toml", &config(registry))]);
    let folder = folder.to_str().expect("a path of plain text");
    Some(sandbox.report(&[folder, "--config", "own.toml"]))
}

/// Members beside what they publish, examples, vendored copies: nothing is known to be anybody's own, and coverage says so.
#[test]
fn real_lockfiles_are_silent_without_settings() {
    if let Some(report) = real("", "") {
        assert!(!report.rules().contains(&"dependency-confusion"));
        assert_eq!(report.coverage("dependency-confusion").0, 0);
    }
}

/// torch comes from `PyPI` and from an index of its own. One lockfile holds both, so a manifest asks for both.
#[test]
fn a_second_index_that_a_real_project_asks_for_confuses_nobody() {
    let registry = "private = [\"download.pytorch.org\"]";
    if let Some(report) = real("huggingface__text-generation-inference", registry) {
        assert!(!report.rules().contains(&"dependency-confusion"));
        assert!(
            report.coverage("dependency-confusion").0 > 50,
            "{:?}",
            report.coverage("dependency-confusion")
        );
    }
}
