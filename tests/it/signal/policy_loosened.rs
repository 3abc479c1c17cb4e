//! `policy-loosened`.

use insta::assert_snapshot;

use super::change::{Side, judged, report, told};
use crate::support::locks::{NO_FEED_NEEDED, npm_lock};

const WORKFLOW: &str = "jobs:\n  gate:\n    steps:\n      - run: linchpin diff origin/main\n";

fn with_lock<'s>(files: &[Side<'s>], lock: &'s str) -> Vec<Side<'s>> {
    [&[("package-lock.json", lock)], files].concat()
}

#[test]
fn looser_settings_are_high_and_say_how() {
    let lock = npm_lock(&[]);
    let looser = format!(
        "{NO_FEED_NEEDED}fail-on = \"critical\"\n[rules]\nforeign-host = \"off\"\n[inputs]\nexclude = [\"web/**\"]\n"
    );
    let before = with_lock(&[], &lock);
    let after = with_lock(&[("linchpin.toml", &looser)], &lock);
    let output = judged(&before, &after);
    assert_eq!(output.code, Some(1));
    assert_snapshot!(output.stdout, @r#"
    linchpin [VERSION]  built-in list of 110 malicious releases
    read 1 lockfile: no packages
    as of 2026-11-01T00:00:00Z: what became known later does not exist, records say what they say today
    compared with before: no package differs

    high[policy-loosened]: linchpin.toml may let more through
        ┌─ linchpin.toml
        = why    fail-on is critical, and was high; web/** is excluded; foreign-host is off
        = fix    take it out, or merge it in a change of its own that whoever answers for the gate has
        =        seen

    1 finding: 1 high.
    exit 1: 1 finding at or above fail-on = "high"
    "#);
}

#[test]
fn stricter_settings_are_nothing_to_tell() {
    let lock = npm_lock(&[]);
    let stricter = format!("{NO_FEED_NEEDED}fail-on = \"low\"\n");
    let after = with_lock(&[("linchpin.toml", &stricter)], &lock);
    assert_eq!(told(&with_lock(&[], &lock), &after), (vec![], Some(0)));
}

#[test]
fn settings_that_nobody_can_read_are_told() {
    let lock = npm_lock(&[]);
    let after = with_lock(&[("linchpin.toml", "[gate\n")], &lock);
    let (findings, code) = report(&with_lock(&[], &lock), &after);
    assert_eq!(code, Some(1));
    assert_eq!(
        findings[0]["message"],
        "it cannot be read after the change, so that no run will be judged"
    );
}

#[test]
fn a_line_of_the_baseline_is_told_and_one_less_is_not() {
    let lock = npm_lock(&[]);
    let text = "# linchpin.baseline 1\nknown-vulnerability pkg:npm/left . high prod CVE-1 2026-10-01 @web 0123456789abcdef0123456789abcdef\n";
    let (with, without) = ([("linchpin.baseline", text)], []);
    let told = |before: &[Side<'_>], after: &[Side<'_>]| {
        told(&with_lock(before, &lock), &with_lock(after, &lock))
    };
    assert_eq!(
        told(&without, &with),
        (vec!["policy-loosened - new gates".to_owned()], Some(1))
    );
    assert_eq!(told(&with, &with), (vec![], Some(0)));
    assert_eq!(told(&with, &without).0, Vec::<String>::new());
}

#[test]
fn a_workflow_that_runs_linchpin_is_edited_or_taken_away() {
    let lock = npm_lock(&[]);
    let path = ".github/workflows/gate.yml";
    let told = |before: &[Side<'_>], after: &[Side<'_>]| {
        let (findings, code) = report(&with_lock(before, &lock), &with_lock(after, &lock));
        let messages = findings
            .iter()
            .map(|finding| finding["message"].as_str().expect("a text").to_owned());
        (messages.collect::<Vec<_>>(), code)
    };
    let edited = told(&[(path, WORKFLOW)], &[(path, "jobs: {}\n")]);
    assert_eq!(
        edited,
        (
            vec!["it runs linchpin, and the change edits it".to_owned()],
            Some(1)
        )
    );
    let gone = told(&[(path, WORKFLOW)], &[]);
    assert_eq!(
        gone,
        (
            vec!["it ran linchpin, and the change takes it away".to_owned()],
            Some(1)
        )
    );
    assert_eq!(
        told(&[], &[(path, WORKFLOW)]),
        (vec![], Some(0)),
        "a gate that comes is none that goes"
    );
    assert_eq!(told(&[(path, "a: b\n")], &[]), (vec![], Some(0)));
    let crlf = WORKFLOW.replace('\n', "\r\n");
    assert_eq!(
        told(&[(path, WORKFLOW)], &[(path, &crlf)]),
        (vec![], Some(0)),
        "git may end lines anew"
    );
}
