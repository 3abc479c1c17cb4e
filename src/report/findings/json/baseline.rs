//! What `linchpin/report/1` says of the baseline.

use serde::Serialize;

use crate::assessment::baseline::{Entry, Subject};
use crate::assessment::{Assessment, Baseline, Standing};
use crate::lockfile::Location;
use crate::path::FilePath;
use crate::signal::RuleId;
use crate::text::Untrusted;

/// The baseline in force.
#[derive(Serialize)]
pub(super) struct BaselineRecord<'r> {
    path: &'r FilePath,
    lines: usize,
    unneeded: Vec<LineRecord<'r>>,
    loose: Vec<LineRecord<'r>>,
}

/// What it says of a finding.
#[derive(Serialize)]
pub(super) struct StandingRecord<'r> {
    since: String,
    owners: &'r [Untrusted<'static>],
    worse_because: &'r [Untrusted<'static>],
}

/// A line that nothing needs any more, or that allows more than was found.
#[derive(Serialize)]
struct LineRecord<'r> {
    rule: RuleId,
    package: Option<&'r str>,
    file: Option<&'r FilePath>,
    project: &'r FilePath,
    ids: Vec<&'r str>,
    since: String,
    owner: &'r Untrusted<'static>,
    line: Option<u32>,
}

impl<'r> BaselineRecord<'r> {
    pub(super) fn new(assessment: &'r Assessment) -> Option<Self> {
        let Baseline { path, entries } = assessment.baseline.in_force()?;
        let unneeded = assessment.review.unneeded.iter().map(LineRecord::new);
        let loose = assessment.review.loose.iter();
        let loose = loose.map(|loose| LineRecord::new(&loose.line));
        Some(Self {
            path,
            lines: entries.len(),
            unneeded: unneeded.collect(),
            loose: loose.collect(),
        })
    }
}

impl<'r> StandingRecord<'r> {
    pub(super) fn new(standing: &'r Standing) -> Self {
        Self {
            since: standing.since.to_string(),
            owners: &standing.owners,
            worse_because: &standing.worse_because,
        }
    }
}

impl<'r> LineRecord<'r> {
    fn new(entry: &'r Entry) -> Self {
        let matter = &entry.matter;
        let (package, file) = match &matter.subject {
            Subject::Package(purl) => (Some(purl.as_str()), None),
            Subject::File(path) => (None, Some(path)),
        };
        Self {
            rule: matter.rule.id,
            package,
            file,
            project: &matter.project,
            ids: matter.ids.iter().map(String::as_str).collect(),
            since: entry.since.to_string(),
            owner: &entry.owner,
            line: entry.location.map(|Location { line, .. }| line),
        }
    }
}
