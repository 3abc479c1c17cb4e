use super::{cargo, npm, title, uv};
use crate::support::locks::{
    bad_cargo_lock, npm_lock, npm_record, npm_record_at, npm_url, sri, uv_lock, uv_record,
};
use crate::support::sandbox::{Report, Sandbox};

#[test]
fn a_release_of_the_list_is_critical_in_every_ecosystem() {
    let reports = [
        (
            npm(&npm_lock(&[("axios", npm_record("axios", "1.14.1"))])),
            "pkg:npm/axios@1.14.1",
        ),
        (cargo(&bad_cargo_lock()), "pkg:cargo/arrayref@0.3.10"),
        (
            uv(&uv_lock(&[("litellm", uv_record("litellm", "1.82.8"))])),
            "pkg:pypi/litellm@1.82.8",
        ),
    ];
    for (report, package) in reports {
        assert_eq!(report.rules(), ["malicious-package"]);
        assert_eq!(report.code(), 1);
        let finding = report.only("malicious-package");
        assert_eq!(finding["severity"], "critical");
        assert_eq!(finding["package"], package);
    }
}

#[test]
fn the_release_before_and_the_one_after_are_honest() {
    for version in ["1.14.0", "1.14.2"] {
        let report = npm(&npm_lock(&[("axios", npm_record("axios", version))]));
        assert_eq!(report.rules(), [""; 0], "{version}");
    }
}

#[test]
fn before_it_was_known_it_is_not_in_the_list() {
    let lockfile = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile)]);
    let output = sandbox.run(&["audit", "--as-of", "2026-03-30T00:00:00Z"]);
    assert_eq!(output.code, Some(3), "{output}");
}

#[test]
fn a_namesake_from_elsewhere_asks_for_a_look() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let git = npm_lock(&[(
        "axios",
        format!(
            r#"{{"version":"1.14.1","resolved":"git+ssh://git@example.org/axios.git#{commit}"}}"#
        ),
    )]);
    let path = r#"{"name":"app","lockfileVersion":3,"packages":{
        "":{"dependencies":{"axios":"file:node_modules/axios"}},
        "node_modules/axios":{"version":"1.14.1","resolved":"file:vendor/axios"}}}"#;
    for lockfile in [git.as_str(), path] {
        let report = npm(lockfile);
        assert_eq!(report.rules(), ["malicious-package"]);
        let finding = report.only("malicious-package");
        assert_eq!(finding["severity"], "medium");
        assert_eq!(
            title(finding),
            "axios 1.14.1 has the name and version of a malicious release, but another source"
        );
        assert_ne!(report.code(), 1, "medium does not fail the run");
    }
}

#[test]
fn a_crate_of_that_name_in_git_asks_for_a_look() {
    let report = cargo(
        "version = 4\n\n[[package]]\nname = \"arrayref\"\nversion = \"0.3.10\"\nsource = \"git+https://example.org/arrayref?rev=0123456#0123456789abcdef0123456789abcdef01234567\"\n",
    );
    assert_eq!(report.rules(), ["malicious-package"]);
    assert_eq!(report.only("malicious-package")["severity"], "medium");
}

#[test]
fn a_mirror_is_matched_too_and_the_finding_says_so() {
    let url = "https://mirror.example/npm/axios/-/axios-1.14.1.tgz";
    let record = npm_record_at("1.14.1", url, &sri(b"axios"));
    let report = npm(&npm_lock(&[("axios", record)]));
    assert_eq!(report.rules(), ["malicious-package", "foreign-host"]);
    assert_eq!(report.code(), 1);
    let finding = report.only("malicious-package");
    assert_eq!(finding["severity"], "critical");
    assert!(title(finding).contains("this registry"), "{finding}");
}

#[test]
fn the_projects_own_package_of_that_name_is_no_finding() {
    let report = npm(
        r#"{"name":"axios","version":"1.14.1","lockfileVersion":3,"packages":{"":{"name":"axios","version":"1.14.1"}}}"#,
    );
    assert_eq!(report.rules(), [""; 0]);
}

/// npm reads versions loosely, so a prefix must not hide a release.
#[test]
fn a_version_in_a_loose_spelling_is_the_same_release() {
    for version in ["v1.14.1", "=1.14.1", " 1.14.1", "1.14.1 "] {
        let record = format!(
            r#"{{"version":"{version}","integrity":"{}"}}"#,
            sri(b"axios")
        );
        let report = npm(&npm_lock(&[("axios", record)]));
        assert_eq!(report.rules(), ["malicious-package"], "{version:?}");
        assert_eq!(report.code(), 1, "{version:?}");
    }
}

/// What an entry downloads is judged whether or not it says a version.
#[test]
fn an_entry_without_a_version_is_judged_by_what_it_downloads() {
    let record = npm_record("axios", "1.14.1").replace("\"version\":\"1.14.1\",", "");
    let number = npm_record("axios", "1.14.1").replace("\"version\":\"1.14.1\"", "\"version\":1");
    let wheel = uv_record("litellm", "1.82.8").replace("version = \"1.82.8\"\n", "");
    for report in [
        npm(&npm_lock(&[("axios", record)])),
        npm(&npm_lock(&[("axios", number)])),
        uv(&uv_lock(&[("litellm", wheel)])),
    ] {
        assert!(
            report.rules().contains(&"malicious-package"),
            "{}",
            report.output
        );
        assert_eq!(report.code(), 1);
    }
}

/// Audits left 1.0.0, which downloads bad 2.0.0 from a host, with a feed that knows bad as malicious.
fn downloading_bad(host: &str, config: &str) -> Report {
    let url = npm_url("bad", "2.0.0").replace("registry.npmjs.org", host);
    let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", &url, &sri(b"left")))]);
    let sandbox = Sandbox::with(&[("package-lock.json", &lockfile), ("linchpin.toml", config)]);
    sandbox.write(
        "npm/MAL-2026-1.json",
        r#"{"id":"MAL-2026-1","modified":"2026-10-30T00:00:00Z","published":"2026-10-01T00:00:00Z","summary":"Malicious code in bad",
        "affected":[{"package":{"ecosystem":"npm","name":"bad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    );
    sandbox.run(&["db", "import", "npm"]);
    sandbox.report(&["package-lock.json"])
}

#[test]
fn what_an_entry_downloads_is_looked_up_in_the_feed_too() {
    let report = downloading_bad("registry.npmjs.org", "");
    assert_eq!(report.rules(), ["source-mismatch", "malicious-package"]);
    let finding = report.only("malicious-package");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["package"], "pkg:npm/left@1.0.0");
    assert_eq!(
        title(finding),
        "bad 2.0.0 is malicious, and is what left 1.0.0 downloads"
    );
    assert_eq!(finding["message"], "Malicious code in bad");
    assert_eq!(finding["advisories"][0]["id"], "MAL-2026-1");
    assert_eq!(report.code(), 1);
}

#[test]
fn what_a_private_registry_serves_under_a_malicious_name_asks_for_a_look() {
    let config = "[registry]\nprivate = [\"own.example\"]\n";
    let report = downloading_bad("own.example", config);
    let finding = report.only("malicious-package");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(
        title(finding),
        "bad 2.0.0 has the name and version of a malicious release, but another source, and is what left 1.0.0 downloads"
    );
}

/// Anybody may call a file like a public release, so its name alone asks for a look.
#[test]
fn a_bare_file_that_is_named_like_a_malicious_release_is_judged_by_its_host() {
    let of = |address: &str| {
        let lockfile = npm_lock(&[("left", npm_record_at("1.0.0", address, &sri(b"left")))]);
        let settings = "[gate]\nrequire = []\n[registry]\nmirrors = [\"mirror.example\"]\n";
        Sandbox::with(&[
            ("package-lock.json", &lockfile),
            ("linchpin.toml", settings),
        ])
        .report(&[])
    };
    for (address, severity, expected) in [
        (
            "https://evil.example/axios-1.14.1.tgz",
            "medium",
            "axios 1.14.1 has the name and version of a malicious release, but another source, and is what left 1.0.0 downloads",
        ),
        (
            "https://mirror.example/axios-1.14.1.tgz",
            "critical",
            "axios 1.14.1 is malicious, and is what left 1.0.0 downloads",
        ),
        (
            "https://registry.npmjs.org/axios-1.14.1.tgz",
            "critical",
            "axios 1.14.1 is malicious, and is what left 1.0.0 downloads",
        ),
    ] {
        let report = of(address);
        let finding = report.only("malicious-package");
        assert_eq!(
            (finding["severity"].as_str(), title(finding)),
            (Some(severity), expected),
            "{address}"
        );
    }
    let honest = of("https://mirror.example/axios-1.14.0.tgz");
    assert_eq!(honest.rules(), [""; 0], "a name proves no mismatch");
}
