use super::result::{LeftOut, Limits, results};
use crate::assessment::{Coverage, RunFacts, assess};
use crate::config::Config;
use crate::evidence::EvidenceSet;
use crate::files::MapFiles;
use crate::graph::unify;
use crate::lockfile::{self, SourceFile};
use crate::path::FilePath;
use crate::report::Report;
use crate::signal::{PrivateNames, SIGNALS, View, evaluate};

/// A malicious package at the end of a path of three steps, at two places, and two deprecated ones.
const LOCKFILE: &str = r#"{"name":"app","lockfileVersion":3,"packages":{
"":{"dependencies":{"a":"1","b":"1","axios":"1"}},
"node_modules/a":{"version":"1.0.0","deprecated":"old","dependencies":{"axios":"1"}},
"node_modules/a/node_modules/axios":{"version":"1.14.1"},
"node_modules/b":{"version":"1.0.0","deprecated":"old"},
"node_modules/axios":{"version":"1.14.1"}}}"#;

/// Writes the results of the lockfile with room for so much: the ids of their rules, and what was left out.
fn cut(limits: Limits) -> (Vec<&'static str>, LeftOut) {
    let path = FilePath::new("package-lock.json").expect("a path inside the root");
    let file = SourceFile::new(path, LOCKFILE.to_owned());
    let format = lockfile::detect(&file).expect("a known file name");
    let limits_of_files = lockfile::Limits::default();
    let lockfile = lockfile::parse(format, &file, &MapFiles::default(), &limits_of_files);
    let lockfiles = [lockfile.expect("a readable lockfile")];
    let graph = unify(&lockfiles);
    let view = View {
        graph: &graph,
        evidence: &EvidenceSet::default(),
        unlocked: &[],
        private: &PrivateNames::default(),
        altered: &[],
        files: &crate::signal::FileChanges::default(),
        changed: None,
        config: &Config::default(),
        now: "2026-11-01T00:00:00Z".parse().expect("a time"),
    };
    let coverage = Coverage::new(&view, SIGNALS);
    let found = evaluate(&view, SIGNALS);
    let assessment = assess(&view, found, coverage, RunFacts::default());
    let report = Report {
        assessment: &assessment,
        graph: &graph,
        files: &[&file],
        skipped: &[],
        notes: &[],
    };
    let (results, left_out) = results(&report, limits);
    (
        results.iter().map(super::ResultRecord::rule).collect(),
        left_out,
    )
}

const ROOMY: Limits = Limits {
    results: 10,
    flow_locations: 10,
    locations: 10,
};

#[test]
fn what_fits_is_written() {
    let (rules, left_out) = cut(ROOMY);
    assert_eq!(
        rules,
        [
            "malicious-package",
            "hash-missing",
            "deprecated",
            "deprecated"
        ]
    );
    assert_eq!(
        (left_out.results, left_out.paths, left_out.places),
        (0, 0, 0)
    );
}

#[test]
fn the_least_severe_findings_are_left_out_and_counted() {
    let (rules, left_out) = cut(Limits {
        results: 1,
        ..ROOMY
    });
    assert_eq!(rules, ["malicious-package"]);
    assert_eq!(left_out.results, 3);
}

#[test]
fn paths_and_places_beyond_the_limits_are_left_out_and_counted() {
    let (rules, left_out) = cut(Limits {
        flow_locations: 1,
        locations: 1,
        ..ROOMY
    });
    assert_eq!(rules.len(), 4);
    assert_eq!(left_out.paths, 3, "one of each package");
    assert_eq!(left_out.places, 4, "one of axios, three of the lockfile");
}
