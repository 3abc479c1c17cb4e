use super::{cargo, npm, places, title, uv};
use crate::support::locks::{NO_FEED_NEEDED, npm_lock, uv_lock};
use crate::support::sandbox::Sandbox;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[test]
fn a_repository_without_a_commit_is_found_in_every_format() {
    let npm = npm(&npm_lock(&[(
        "left",
        r#"{"version":"1.0.0","resolved":"git+ssh://git@example.org/left.git#main"}"#.to_owned(),
    )]));
    let cargo = cargo(
        "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org/left\"\n",
    );
    let uv = uv(&uv_lock(&[(
        "left",
        "\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = { git = \"https://example.org/left?rev=main\" }\n"
            .to_owned(),
    )]));
    for report in [npm, cargo, uv] {
        assert_eq!(report.rules(), ["unpinned-source"]);
        let finding = report.only("unpinned-source");
        assert_eq!(finding["severity"], "medium");
        assert_eq!(
            title(finding),
            "left 1.0.0 comes from a repository without a full commit"
        );
    }
}

#[test]
fn a_repository_with_a_commit_is_pinned() {
    let npm = npm(&npm_lock(&[(
        "left",
        format!(
            r#"{{"version":"1.0.0","resolved":"git+ssh://git@example.org/left.git#{COMMIT}"}}"#
        ),
    )]));
    let cargo = cargo(&format!(
        "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org/left?branch=main#{COMMIT}\"\n"
    ));
    for report in [npm, cargo] {
        assert_eq!(report.rules(), [""; 0]);
    }
}

#[test]
fn an_archive_from_the_web_without_a_digest_is_found() {
    let report = npm(&npm_lock(&[(
        "left",
        r#"{"version":"1.0.0","resolved":"https://example.org/left.tgz"}"#.to_owned(),
    )]));
    assert_eq!(
        title(report.only("unpinned-source")),
        "left 1.0.0 is an archive from the web without a digest"
    );
}

/// One finding for the file, whatever the number of ranges; what has no version is asked about nowhere.
#[test]
fn ranges_are_one_finding_with_the_share_of_pins() {
    let text = "arrayref>=0.3.10\nflask\nidna==3.0\ngit+https://h.example/r.git@0123456789012345678901234567890123456789\n";
    let report = Sandbox::with(&[("requirements.txt", text)]).report(&[]);
    assert_eq!(report.rules(), ["unpinned-source", "hash-missing"]);
    let finding = report.only("unpinned-source");
    assert_eq!(
        title(finding),
        "1 of 3 requirements are pinned to a version"
    );
    assert_eq!(
        (finding["severity"].as_str(), places(finding)),
        (Some("medium"), 2)
    );
    assert_eq!(
        title(report.only("hash-missing")),
        "1 of 1 registry entries have no digest"
    );
    let checks = report.json["coverage"]["checks"].to_string();
    assert!(checks.contains("no-version"), "{checks}");
}

#[test]
fn a_file_that_pins_nothing_is_no_lockfile() {
    let sandbox = Sandbox::with(&[("requirements.txt", "flask>=2\nidna\n")]);
    sandbox.write("linchpin.toml", NO_FEED_NEEDED);
    let report = sandbox.report(&[]);
    assert_eq!(report.code(), 3);
    let because = report.json["incomplete_because"].to_string();
    assert!(because.contains("no requirement is pinned"), "{because}");
    sandbox.write("requirements.txt", "flask>=2\nidna==3.0\n");
    assert_eq!(sandbox.report(&[]).code(), 0);
}

#[test]
fn a_secret_in_a_line_is_not_shown() {
    let text = "idna==3.0\nown @ git+https://user:SECRET@git.example/own.git@main\n";
    let sandbox = Sandbox::with(&[("requirements.txt", text)]);
    for format in ["text", "json", "sarif"] {
        let output = sandbox.run(&["audit", "--format", format]);
        assert!(output.stdout.contains("own"), "{format}");
        assert!(
            !(output.stdout + &output.stderr).contains("SECRET"),
            "{format}"
        );
    }
}
