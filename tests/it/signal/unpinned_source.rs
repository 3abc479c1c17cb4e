use super::{cargo, npm, title, uv};
use crate::support::locks::{npm_lock, uv_lock};

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
