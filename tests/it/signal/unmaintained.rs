use super::informed;

#[test]
fn the_advisory_is_told_and_does_not_gate() {
    let report = informed("unmaintained");
    assert_eq!(report.rules(), ["unmaintained"]);
    let finding = report.only("unmaintained");
    assert_eq!(finding["severity"], "low");
    assert_eq!(finding["title"], "left 1.0.0 is not maintained any more");
    assert_eq!(finding["advisories"][0]["id"], "RUSTSEC-2026-1");
    assert_eq!(report.code(), 0);
}
