use super::informed;

#[test]
fn the_advisory_is_told_and_does_not_gate() {
    let report = informed("unsound");
    assert_eq!(report.rules(), ["unsound"]);
    let finding = report.only("unsound");
    assert_eq!(finding["severity"], "medium");
    assert_eq!(finding["title"], "left 1.0.0 is unsound");
    assert_eq!(finding["advisories"][0]["id"], "RUSTSEC-2026-1");
    assert_eq!(report.code(), 0);
}
