use super::{npm, places, title};
use crate::support::locks::{npm_lock, npm_record, npm_record_at, npm_url};

const SHA1: &str = "sha1-qUiQTy8PR5uPgZdpSzAYSw0u0cM=";

fn weak(name: &str) -> String {
    npm_record_at("1.0.0", &npm_url(name, "1.0.0"), SHA1)
}

#[test]
fn entries_with_a_broken_algorithm_are_one_finding_with_a_count() {
    let report = npm(&npm_lock(&[
        ("a", weak("a")),
        ("b", weak("b")),
        ("c", npm_record("c", "1.0.0")),
    ]));
    assert_eq!(report.rules(), ["weak-hash"]);
    let finding = report.only("weak-hash");
    assert_eq!(
        title(finding),
        "2 of 3 entries are pinned by SHA-1 or MD5 only"
    );
    assert_eq!(finding["severity"], "low");
    assert_eq!(places(finding), 2);
}

#[test]
fn a_strong_digest_beside_a_weak_one_is_enough() {
    let both = npm_record("a", "1.0.0").replace("sha512-", &format!("{SHA1} sha512-"));
    assert_eq!(npm(&npm_lock(&[("a", both)])).rules(), [""; 0]);
}
