use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use super::histories::{
    SETTLED, audit, change, change_text, coverage, crate_line, crate_version, message, of,
    wheel_file,
};
use super::title;
use crate::support::registry::{Packument, Registries};
use crate::support::sandbox::Report;

/// Young enough for the API to be asked, which alone knows reasons.
const RECENT: &str = "2026-10-28T00:00:00.000Z";

const WITHOUT_REASON: &str = "its owners took it out of use; the registry's list gives no reason";

/// A crate with a yanked release, of which the API gives this reason.
fn with_yanked_crate(reason: &Value, published: &str) -> Registries {
    let registries = Registries::start();
    let lines = [("1.0.0", json!({})), ("1.1.0", json!({ "yanked": true }))]
        .map(|(version, fields)| crate_line("left", version, published, &fields));
    let versions = [crate_version("1.1.0", &json!({ "yank_message": reason }))];
    registries.crates_io("left", &lines, &versions);
    registries
}

fn bump(registries: &Registries, ecosystem: Ecosystem) -> Report {
    change(
        &registries.sandbox(),
        ecosystem,
        &[("left", "1.0.0")],
        &[("left", "1.1.0")],
    )
}

#[test]
fn a_yanked_crate_is_low_with_its_reason() {
    let registries = with_yanked_crate(&json!("unsound on 32 bits "), RECENT);
    let report = bump(&registries, Ecosystem::Cargo);
    let finding = report.only("yanked");
    assert_eq!(finding["severity"], "low");
    assert_eq!(title(finding), "left 1.1.0 is yanked");
    let expected = "its owners took it out of use: unsound on 32 bits";
    assert_eq!(message(finding), expected);
    assert_eq!(report.rules(), ["yanked"]);
    assert_eq!(report.code(), 0);
    assert_eq!(coverage(&report, "yanked"), (1, vec![]));
}

#[test]
fn a_yanked_crate_as_it_is_shown() {
    let registries = with_yanked_crate(&json!("unsound on 32 bits"), RECENT);
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        let (before, after) = ([("left", "1.0.0")], [("left", "1.1.0")]);
        change_text(&sandbox, Ecosystem::Cargo, &before, &after, more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: Value = serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

#[test]
fn a_yanked_crate_without_a_reason_is_told_so() {
    let report = bump(&with_yanked_crate(&json!(null), RECENT), Ecosystem::Cargo);
    assert_eq!(message(report.only("yanked")), WITHOUT_REASON);
}

/// The API, which alone knows the reason, is asked about young releases only.
#[test]
fn an_audit_tells_what_the_index_tells() {
    let registries = with_yanked_crate(&json!("unsound on 32 bits"), SETTLED);
    let sandbox = registries.sandbox();
    let packages = [("left", "1.1.0")];
    let report = audit(&sandbox, Ecosystem::Cargo, &packages, &[]);
    assert_eq!(message(report.only("yanked")), WITHOUT_REASON);
    assert_eq!(registries.server.paths(), ["/index/le/ft/left"]);
}

#[test]
fn a_release_of_python_is_yanked_once_all_of_its_files_are() {
    let yanked = |wheel: Value, archive: Value| {
        let registries = Registries::start();
        let mut source = wheel_file("left", "1.1.0", SETTLED, &json!({ "yanked": archive }));
        source["filename"] = json!("left-1.1.0.tar.gz");
        let files = [
            wheel_file("left", "1.0.0", SETTLED, &json!({ "yanked": false })),
            wheel_file("left", "1.1.0", SETTLED, &json!({ "yanked": wheel })),
            source,
        ];
        registries.pypi("left", &files);
        let report = bump(&registries, Ecosystem::Pypi);
        let audited = audit(
            &registries.sandbox(),
            Ecosystem::Pypi,
            &[("left", "1.1.0")],
            &[],
        );
        let messages = |report: &Report| -> Vec<String> {
            let found = of(report, "yanked").into_iter();
            found.map(|finding| message(finding).to_owned()).collect()
        };
        assert_eq!(messages(&report), messages(&audited));
        messages(&report)
    };
    let with_reason = "its owners took it out of use: wrong files";
    assert_eq!(
        yanked(json!("wrong files"), json!("wrong files")),
        [with_reason]
    );
    assert_eq!(yanked(json!(true), json!(true)), [WITHOUT_REASON]);
    assert_eq!(yanked(json!(true), json!(false)), [""; 0]);
}

#[test]
fn npm_cannot_say() {
    let registries = Registries::start();
    registries.npm(&Packument::new("left").routine(2, &json!({ "yanked": true })));
    let report = bump(&registries, Ecosystem::Npm);
    assert_eq!(report.rules(), [""; 0]);
    let expected = (0, vec![("not-in-registry".to_owned(), 1)]);
    assert_eq!(coverage(&report, "yanked"), expected);
}
