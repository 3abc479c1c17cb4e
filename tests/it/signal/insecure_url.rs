use super::{cargo, npm, places};
use crate::support::locks::{npm_lock, npm_record_at, sri};

fn at(url: &str) -> String {
    npm_record_at("1.0.0", url, &sri(b"left"))
}

#[test]
fn plain_http_is_found_even_from_the_public_registry() {
    let report = npm(&npm_lock(&[
        (
            "left",
            at("http://registry.npmjs.org/left/-/left-1.0.0.tgz"),
        ),
        (
            "right",
            at("http://registry.npmjs.org/right/-/right-1.0.0.tgz"),
        ),
    ]));
    assert_eq!(report.rules(), ["insecure-url"]);
    let finding = report.only("insecure-url");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(places(finding), 2);
}

#[test]
fn plain_git_is_found() {
    let report = cargo(
        "version = 4\n\n[[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"git+http://example.org/left#0123456789abcdef0123456789abcdef01234567\"\n",
    );
    assert_eq!(report.rules(), ["insecure-url"]);
}

#[test]
fn loopback_is_not_insecure() {
    let report = npm(&npm_lock(&[(
        "left",
        at("http://localhost:4873/left/-/left-1.0.0.tgz"),
    )]));
    assert!(
        !report.rules().contains(&"insecure-url"),
        "{}",
        report.output
    );
}
