use super::{npm, title, uv};
use crate::support::locks::{
    npm_lock, npm_record, npm_record_at, npm_url, sri, uv_lock, uv_record,
};

#[test]
fn an_entry_that_downloads_a_malicious_release_is_a_mismatch_and_malicious() {
    let record = npm_record_at("1.14.0", &npm_url("axios", "1.14.1"), &sri(b"axios"));
    let report = npm(&npm_lock(&[("axios", record)]));
    assert_eq!(report.rules(), ["source-mismatch", "malicious-package"]);
    assert_eq!(report.code(), 1);
    for finding in report.findings() {
        assert_eq!(finding["severity"], "critical");
        assert_eq!(finding["package"], "pkg:npm/axios@1.14.0");
    }
    assert_eq!(
        title(report.only("source-mismatch")),
        "axios 1.14.0 downloads axios 1.14.1"
    );
    assert_eq!(
        title(report.only("malicious-package")),
        "axios 1.14.1 is malicious, and is what axios 1.14.0 downloads"
    );
}

#[test]
fn an_archive_of_another_name_is_a_mismatch() {
    let record = npm_record_at("1.0.0", &npm_url("right", "1.0.0"), &sri(b"left"));
    let report = npm(&npm_lock(&[("left", record)]));
    assert_eq!(report.rules(), ["source-mismatch"]);
    assert_eq!(
        title(report.only("source-mismatch")),
        "left 1.0.0 downloads right 1.0.0"
    );
}

#[test]
fn a_folder_of_another_package_is_a_mismatch_and_judged() {
    let url = "https://registry.npmjs.org/axios/-/left-1.14.1.tgz";
    let record = npm_record_at("1.14.1", url, &sri(b"left"));
    let report = npm(&npm_lock(&[("left", record)]));
    assert_eq!(report.rules(), ["source-mismatch", "malicious-package"]);
    assert_eq!(
        title(report.only("source-mismatch")),
        "left 1.14.1 downloads axios 1.14.1"
    );
}

#[test]
fn a_wheel_of_another_version_is_a_mismatch() {
    let record = uv_record("litellm", "1.82.8").replace("\"1.82.8\"", "\"1.82.6\"");
    let report = uv(&uv_lock(&[("litellm", record)]));
    assert_eq!(report.rules(), ["source-mismatch", "malicious-package"]);
    assert_eq!(report.code(), 1);
}

#[test]
fn scopes_escapes_and_build_metadata_are_no_mismatch() {
    let encoded = "https://registry.npmjs.org/@scope%2fleft/-/left-1.0.0.tgz";
    let lockfile = npm_lock(&[
        ("@scope/right", npm_record("@scope/right", "2.0.0")),
        (
            "@scope/left",
            npm_record_at("1.0.0", encoded, &sri(b"left")),
        ),
        (
            "built",
            npm_record_at("1.0.0+7", &npm_url("built", "1.0.0"), &sri(b"built")),
        ),
    ]);
    assert_eq!(npm(&lockfile).rules(), [""; 0]);
}

#[test]
fn an_alias_is_no_mismatch() {
    let record = npm_record("right", "1.0.0").replacen('{', "{\"name\":\"right\",", 1);
    assert_eq!(npm(&npm_lock(&[("left", record)])).rules(), [""; 0]);
}
