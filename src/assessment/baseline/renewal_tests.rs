use super::*;
use crate::assessment::baseline::testing::{entry, matter};
use crate::lockfile::Scope;
use crate::severity::Severity;

const LEFT: &str = "pkg:npm/left";

fn addition() -> Addition {
    Addition {
        since: "2026-11-01".parse().expect("a day"),
        owner: "@new".into(),
    }
}

fn of(entries: Vec<Entry>) -> Renewal {
    Renewal {
        entries,
        ..Renewal::default()
    }
}

fn grown(entries: Vec<Entry>, open: &[Matter]) -> Renewal {
    let mut renewal = of(entries);
    renewal.grow(open.iter().cloned(), &addition());
    renewal
}

/// Lines in short: ids, severity, day.
fn short(renewal: &Renewal) -> Vec<String> {
    let lines = renewal.entries.iter().map(|entry| {
        let ids: Vec<&str> = entry.matter.ids.iter().map(String::as_str).collect();
        let severity = entry.matter.severity.id();
        format!("{} {severity} {}", ids.join(","), entry.since)
    });
    lines.collect()
}

#[test]
fn what_is_covered_keeps_its_day_and_its_owner() {
    let renewal = grown(
        vec![entry(LEFT, "", &["A"])],
        &[matter(LEFT, "", &["A", "B"])],
    );
    assert_eq!(
        (short(&renewal), renewal.added),
        (vec!["A high 2026-10-01".to_owned()], 0)
    );
}

#[test]
fn what_is_not_covered_enters_today() {
    let open = [
        matter(LEFT, "", &["A"]),
        matter(LEFT, "", &["B"]),
        matter(LEFT, "web", &["A"]),
    ];
    let renewal = grown(vec![entry(LEFT, "", &["A"])], &open);
    assert_eq!(
        short(&renewal),
        [
            "A high 2026-10-01",
            "B high 2026-11-01",
            "A high 2026-11-01"
        ]
    );
    assert_eq!(renewal.added, 2);
    assert_eq!(renewal.entries[1].owner.as_str(), "@new");
    assert_eq!(renewal.entries[2].matter.project.as_str(), "web");
}

#[test]
fn a_line_that_is_widened_enters_anew_and_keeps_what_else_it_held() {
    let mut worse = matter(LEFT, "", &["A"]);
    worse.severity = Severity::Critical;
    let renewal = grown(vec![entry(LEFT, "", &["A", "B"])], &[worse]);
    assert_eq!(
        short(&renewal),
        ["B high 2026-10-01", "A critical 2026-11-01"]
    );
}

/// Two vulnerable versions of a package have one fingerprint.
#[test]
fn two_sightings_of_one_matter_are_one_line_with_the_worst_of_both() {
    let mut dev = matter(LEFT, "", &["A", "B"]);
    dev.severity = Severity::Critical;
    dev.scope = Some(Scope::Dev);
    let open = [dev, matter(LEFT, "", &["C"]), matter(LEFT, "", &["B", "C"])];
    let renewal = grown(vec![], &open);
    assert_eq!(short(&renewal), ["A,B,C critical 2026-11-01"]);
    assert_eq!(renewal.entries[0].matter.scope, Some(Scope::Prod));
}

#[test]
fn findings_that_are_not_covered_whole_are_counted_once() {
    let mut renewal = of(vec![entry(LEFT, "", &["A"])]);
    let mut wider = matter(LEFT, "", &["A"]);
    wider.severity = Severity::Critical;
    renewal.refuse(
        [
            vec![matter(LEFT, "", &["A"])],
            vec![matter(LEFT, "", &["A"]), matter(LEFT, "", &["B"])],
            vec![matter(LEFT, "web", &["A"]), matter(LEFT, "api", &["A"])],
            vec![wider],
        ]
        .into_iter(),
    );
    assert_eq!((renewal.refused, renewal.entries.len()), (3, 1));
}
