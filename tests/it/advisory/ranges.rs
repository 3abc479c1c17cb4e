//! The evaluation cases of the OSV schema.

use jiff::Timestamp;
use linchpin::advisory::matching::advisories;
use linchpin::advisory::model::Record;
use linchpin::advisory::osv;
use linchpin::advisory::range::{Match, affects};
use linchpin::package::Ecosystem;
use linchpin::package::name::normalise;
use serde::Deserialize;
use serde_json::Value;

use crate::support::shared;

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    query: Query,
    record: Value,
    expect_affected: Option<bool>,
    report: Option<bool>,
}

#[derive(Deserialize)]
struct Query {
    ecosystem: String,
    name: String,
    version: String,
}

/// What the case's record says of the package that is asked about; nothing if it names others only.
fn records(case: &Case, ecosystem: Ecosystem) -> Vec<Record> {
    let advisory = osv::read(case.record.to_string().as_bytes(), ecosystem).expect("a record");
    let name = match ecosystem {
        Ecosystem::Pypi => normalise(&case.query.name).into_owned(),
        Ecosystem::Cargo | Ecosystem::Npm => case.query.name.clone(),
    };
    let packages = advisory.packages.into_iter();
    packages
        .filter(|(own, _)| *own == name)
        .map(|(_, record)| record)
        .collect()
}

#[test]
fn every_case_of_the_specification_is_judged_as_it_says() {
    let Some(folder) = shared::folder("conformance-versions") else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("osv-ranges.json")).expect("the cases");
    let cases: Cases = serde_json::from_str(&text).expect("the cases");
    assert_eq!(cases.cases.len(), 156);
    let now: Timestamp = "2026-11-01T00:00:00Z".parse().expect("a time");
    let mut wrong = Vec::new();
    for case in &cases.cases {
        let ecosystem = Ecosystem::ALL
            .into_iter()
            .find(|ecosystem| ecosystem.registry_name() == case.query.ecosystem)
            .expect("an ecosystem that is audited");
        let records = records(case, ecosystem);
        let version = &case.query.version;
        let verdicts = records
            .iter()
            .map(|record| affects(ecosystem, &record.ranges, &record.versions, version));
        let verdict = verdicts.min().unwrap_or(Match::Unaffected);
        let expected = case.expect_affected.map(|affected| {
            if affected {
                Match::Affected
            } else {
                Match::Unaffected
            }
        });
        let reported = !advisories(&records, ecosystem, version, now).is_empty();
        let report = case.report.or(case.expect_affected);
        if expected.is_some_and(|expected| expected != verdict)
            || report.is_some_and(|report| report != reported)
        {
            wrong.push(format!("{}: {verdict:?}, reported: {reported}", case.id));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
