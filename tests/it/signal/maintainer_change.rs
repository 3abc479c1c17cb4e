use jiff::{SignedDuration, Timestamp};
use linchpin::package::Ecosystem;
use serde_json::{Value, json};

use super::histories::{
    LATELY, SETTLED, audit, change, change_text, coverage, crate_line, crate_version, message, of,
    wheel_file,
};
use crate::support::registry::{Packument, Registries, trusted};
use crate::support::sandbox::Report;
use crate::support::server::Answer;

/// Ten releases by ann, the last of them a month ago.
fn by_ann() -> Packument {
    Packument::new("acme").routine(10, &json!({}))
}

fn user(name: &str, mail: &str) -> Value {
    json!({ "_npmUser": { "name": name, "email": mail } })
}

fn people(names: &[&str]) -> Value {
    let all: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({ "maintainers": all })
}

/// Judges the change from 1.9.0 to a release that followed.
fn bump(package: &Packument, version: &str) -> Report {
    let registries = Registries::start();
    registries.npm(package);
    change(
        &registries.sandbox(),
        Ecosystem::Npm,
        &[("acme", "1.9.0")],
        &[("acme", version)],
    )
}

/// Returns what is said of 1.10.0, which has these fields.
fn said(package: Packument, fields: &Value) -> Option<String> {
    let report = bump(&package.release("1.10.0", SETTLED, fields), "1.10.0");
    let found = of(&report, "maintainer-change");
    assert_eq!(report.code(), 0, "it informs: {}", report.output);
    found.first().map(|finding| {
        assert_eq!(finding["severity"], "low");
        message(finding).to_owned()
    })
}

#[test]
fn a_release_by_an_account_that_never_published_is_told() {
    let told = said(by_ann(), &user("bob", "bob@a.example"));
    let expected = "bob published it, who never did before (ann the last)";
    assert_eq!(told.as_deref(), Some(expected));
}

#[test]
fn a_release_by_another_account_as_it_is_shown() {
    let registries = Registries::start();
    let handed_over = json!({ "_npmUser": { "name": "bob", "email": "bob@b.example" }, "maintainers": [{ "name": "bob" }] });
    registries.npm(&by_ann().release("1.10.0", SETTLED, &handed_over));
    let sandbox = registries.sandbox();
    let text = |more: &[&str]| {
        let (before, after) = ([("acme", "1.9.0")], [("acme", "1.10.0")]);
        change_text(&sandbox, Ecosystem::Npm, &before, &after, more).stdout
    };
    insta::assert_snapshot!(text(&[]));
    let report: Value = serde_json::from_str(&text(&["--format", "json"])).expect("a report");
    insta::assert_snapshot!(format!("{:#}", report["findings"]));
}

#[test]
fn an_account_that_published_long_ago_is_no_news() {
    let older = Packument::new("acme")
        .release(
            "0.1.0",
            "2020-01-01T00:00:00.000Z",
            &user("bob", "bob@a.example"),
        )
        .routine(10, &json!({}));
    assert_eq!(said(older, &user("bob", "bob@a.example")), None);
    assert_eq!(said(by_ann(), &json!({})), None);
}

#[test]
fn an_address_at_another_domain_is_told() {
    let told = said(by_ann(), &user("ann", "ann@b.example"));
    let expected = "the e-mail address of ann is at b.example by now, at a.example before";
    assert_eq!(told.as_deref(), Some(expected));
    for same in ["ann@A.example", "ann+npm@a.example"] {
        assert_eq!(said(by_ann(), &user("ann", same)), None, "{same}");
    }
    assert_eq!(
        said(by_ann(), &json!({ "_npmUser": { "email": null } })),
        None
    );
}

#[test]
fn accounts_that_changed_within_a_month_are_told() {
    let added = said(by_ann(), &people(&["ann", "bob"]));
    assert_eq!(added.as_deref(), Some("bob may publish it now"));
    let swapped = said(by_ann(), &people(&["bob", "eve"]));
    let expected = "bob, eve may publish it now, ann may no longer";
    assert_eq!(swapped.as_deref(), Some(expected));
}

#[test]
fn accounts_that_changed_a_release_ago_are_told_for_a_month() {
    let changed_at = |time: &str| by_ann().release("1.9.1", time, &people(&["ann", "bob"]));
    let now = people(&["ann", "bob"]);
    let lately = said(changed_at("2026-10-10T00:00:00.000Z"), &now);
    assert_eq!(lately.as_deref(), Some("bob may publish it now"));
    let at_the_edge = said(changed_at("2026-09-18T00:00:00.000Z"), &now);
    assert_eq!(at_the_edge.as_deref(), Some("bob may publish it now"));
    let before = said(changed_at("2026-09-17T23:59:59.000Z"), &now);
    assert_eq!(before, None, "the month began with it");
}

#[test]
fn the_switch_to_a_pipeline_is_no_change_of_hands() {
    assert_eq!(said(by_ann(), &trusted()), None);
}

#[test]
fn the_switch_from_a_pipeline_to_a_person_is_one() {
    let by_pipeline = || Packument::new("acme").routine(10, &trusted());
    let told = said(by_pipeline(), &json!({}));
    let expected = "ann published it, who never did before (GitHub Actions the last)";
    assert_eq!(told.as_deref(), Some(expected));
    let known = Packument::new("acme")
        .release("0.1.0", "2020-01-01T00:00:00.000Z", &json!({}))
        .routine(10, &trusted());
    assert_eq!(said(known, &json!({})), None, "ann began it");
}

#[test]
fn the_first_release_of_all_has_nobody_before_it() {
    let first = Packument::new("acme").release("1.10.0", SETTLED, &json!({}));
    assert_eq!(bump(&first, "1.10.0").rules(), [""; 0]);
}

#[test]
fn an_audit_tells_it_for_a_week() {
    for (time, count) in [
        (LATELY, 1),
        ("2026-10-25T00:00:01.000Z", 1),
        ("2026-10-25T00:00:00.000Z", 0),
    ] {
        let registries = Registries::start();
        registries.npm(&by_ann().release("1.10.0", time, &user("bob", "bob@a.example")));
        let sandbox = registries.sandbox();
        let report = audit(&sandbox, Ecosystem::Npm, &[("acme", "1.10.0")], &[]);
        assert_eq!(of(&report, "maintainer-change").len(), count, "{time}");
    }
}

#[test]
fn it_adds_nothing_to_the_score() {
    let told = bump(
        &by_ann().release("1.10.0", LATELY, &user("bob", "bob@b.example")),
        "1.10.0",
    );
    assert_eq!(told.rules(), ["too-new", "maintainer-change"]);
}

#[test]
fn a_crate_by_another_account_is_told_and_a_renamed_account_is_the_same() {
    for (id, login, count) in [(2, "bob", 1), (1, "anna", 0), (2, "ann", 1)] {
        let registries = Registries::start();
        // The API is asked about young releases only.
        let lines = [
            ("1.0.0", "2026-01-01T00:00:00Z"),
            ("1.1.0", "2026-10-28T00:00:00Z"),
        ]
        .map(|(version, time)| crate_line("acme", version, time, &json!({})));
        let last = json!({ "published_by": { "id": id, "login": login } });
        let versions = [
            crate_version("1.0.0", &json!({})),
            crate_version("1.1.0", &last),
        ];
        registries.crates_io("acme", &lines, &versions);
        let report = change(
            &registries.sandbox(),
            Ecosystem::Cargo,
            &[("acme", "1.0.0")],
            &[("acme", "1.1.0")],
        );
        assert_eq!(
            of(&report, "maintainer-change").len(),
            count,
            "{login} {id}"
        );
    }
}

#[test]
fn where_no_registry_tells_who_published_that_is_said() {
    let registries = Registries::start();
    registries.pypi("acme", &[wheel_file("acme", "1.0.0", SETTLED, &json!({}))]);
    let report = change(
        &registries.sandbox(),
        Ecosystem::Pypi,
        &[],
        &[("acme", "1.0.0")],
    );
    let expected = (0, vec![("no-publisher".to_owned(), 1)]);
    assert_eq!(coverage(&report, "maintainer-change"), expected);
}

/// Runs see who may publish a package of Python, for which its registry keeps no dates; in between the owners change.
fn seen_with_owners(lists: &[&[&str]], uploaded: Timestamp) -> Report {
    let registries = Registries::start();
    let time = uploaded.to_string();
    let files = [("1.0.0", SETTLED), ("1.1.0", time.as_str())];
    let files = files.map(|(version, time)| wheel_file("acme", version, time, &json!({})));
    registries.pypi("acme", &files);
    let sandbox = registries.sandbox();
    let mut last = None;
    for owners in lists {
        let roles = owners
            .iter()
            .map(|user| json!({ "role": "Owner", "user": user }));
        let project = json!({ "ownership": { "roles": roles.collect::<Vec<_>>() } });
        let answer = Answer::Bytes(project.to_string().into_bytes());
        registries.server.answer("/pypi/pypi/acme/json", answer);
        for (side, version) in [("before", "1.0.0"), ("after", "1.1.0")] {
            sandbox.write(
                &format!("{side}/requirements.txt"),
                format!("acme=={version}\n"),
            );
        }
        // By the clock, because observations have its time.
        let arguments = [
            "diff", "--before", "before", "--after", "after", "--format", "json",
        ];
        last = Some(sandbox.run(&arguments));
    }
    crate::fetch::histories::report_of(last.expect("a run"))
}

#[test]
fn owners_that_changed_between_two_runs_are_told_where_registries_keep_no_dates() {
    let uploaded = Timestamp::now() - SignedDuration::from_hours(1);
    let report = seen_with_owners(&[&["ann", "cai"], &["ann", "ben"]], uploaded);
    let told = message(report.only("maintainer-change"));
    let day = Timestamp::now().strftime("%Y-%m-%d");
    assert_eq!(
        told,
        format!("ben may publish it now, cai may no longer (compared with {day})")
    );
    assert_eq!(coverage(&report, "maintainer-change"), (1, Vec::new()));
}

#[test]
fn owners_that_one_run_saw_are_compared_with_nobody() {
    let uploaded = Timestamp::now() - SignedDuration::from_hours(1);
    let unknown = (0, vec![("no-publisher".to_owned(), 1)]);
    for lists in [&[&["ann"][..]][..], &[&["ann"], &["ann"]]] {
        let report = seen_with_owners(lists, uploaded);
        assert_eq!(coverage(&report, "maintainer-change"), unknown, "{lists:?}");
    }
}
