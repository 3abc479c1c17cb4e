//! `json`: `linchpin/report/1`. A field is never renamed within this schema; new ones may come.

mod accepted;
mod baseline;
mod change;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use self::accepted::{AcceptanceRecord, UnusedRecord};
use self::baseline::{BaselineRecord, StandingRecord};
use self::change::{ChangeRecord, GoneRecord};
use crate::assessment::assess::{Feed, FeedState};
use crate::assessment::finding::EvidenceMention;
use crate::assessment::histories::Lacking;
use crate::assessment::{
    AdvisoryMention, CheckCoverage, Finding, Fingerprint, Fix, FixAction, Input, Occurrence,
    Severity, State, Verdict,
};
use crate::discover::{Skipped, SkippedBecause};
use crate::evidence::SkipReason;
use crate::graph::choke::BlastRadius;
use crate::lockfile::{Location, Problem, ProblemSeverity, Scope};
use crate::package::{Digest, Ecosystem, Purl};
use crate::path::FilePath;
use crate::report::{Presentation, Purls, Report, json, locate};
use crate::signal::{Axis, RuleId};
use crate::text::Untrusted;

/// The id of the schema.
const SCHEMA: &str = "linchpin/report/1";

/// Writes the report as indented JSON with a line break at its end.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let purls = Purls::new(report.graph);
    json::write(&Document::new(report, &purls), out)
}

#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    tool: Tool,
    as_of: String,
    inputs: Vec<InputRecord<'r>>,
    problems: Vec<ProblemRecord<'r>>,
    skipped: Vec<SkippedPath<'r>>,
    advisories: Vec<FeedRecord<'r>>,
    histories: HistoriesRecord<'r>,
    coverage: CoverageRecord<'r>,
    complete: bool,
    incomplete_because: &'r [Untrusted<'static>],
    findings: Vec<FindingRecord<'r>>,
    change: Option<ChangeRecord<'r>>,
    gone: Vec<GoneRecord<'r>>,
    accepted: Vec<FindingRecord<'r>>,
    unused_accepts: Vec<UnusedRecord<'r>>,
    baseline: Option<BaselineRecord<'r>>,
    summary: BTreeMap<Severity, usize>,
    kept: usize,
    verdict: Verdict,
    exit_code: u8,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct InputRecord<'r> {
    path: &'r FilePath,
    format: Option<&'static str>,
    ecosystem: Option<Ecosystem>,
    entries: usize,
    packages: usize,
    sha256: Option<String>,
    unjudged: Vec<UnjudgedRecord>,
    problems: Vec<ProblemRecord<'r>>,
}

#[derive(Serialize)]
struct UnjudgedRecord {
    what: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct ProblemRecord<'r> {
    path: &'r FilePath,
    severity: ProblemSeverity,
    message: &'r Untrusted<'static>,
    help: Option<&'r Untrusted<'static>>,
    line: Option<u32>,
    column: Option<u32>,
}

#[derive(Serialize)]
struct SkippedPath<'r> {
    path: &'r FilePath,
    reason: SkippedBecause,
}

#[derive(Serialize)]
struct FeedRecord<'r> {
    feed: &'static str,
    ecosystem: Ecosystem,
    records: usize,
    known_until: Option<&'r str>,
    source: Option<&'r str>,
    checked: Option<String>,
    state: FeedState,
}

#[derive(Serialize)]
struct HistoriesRecord<'r> {
    told: usize,
    stored: usize,
    oldest: Option<String>,
    lacking: &'r [Lacking],
}

#[derive(Serialize)]
struct CoverageRecord<'r> {
    packages: usize,
    checks: Vec<CheckRecord>,
    switched_off: &'r [RuleId],
}

#[derive(Serialize)]
struct CheckRecord {
    check: RuleId,
    checked: usize,
    skipped: Vec<SkippedRecord>,
}

#[derive(Serialize)]
struct SkippedRecord {
    reason: SkipReason,
    packages: usize,
}

#[derive(Serialize)]
struct FindingRecord<'r> {
    fingerprint: &'r Fingerprint,
    rule: RuleId,
    axis: Axis,
    severity: Severity,
    score: Option<f64>,
    package: Option<&'r str>,
    title: &'r Untrusted<'static>,
    message: &'r Untrusted<'static>,
    advisories: &'r [AdvisoryMention],
    occurrences: Vec<OccurrenceRecord<'r>>,
    evidence: Vec<EvidenceRecord<'r>>,
    fix: Option<FixRecord<'r>>,
    state: State,
    gates: bool,
    acceptance: Option<AcceptanceRecord<'r>>,
    baseline: Option<StandingRecord<'r>>,
    worse_because: &'r [Untrusted<'static>],
}

#[derive(Serialize)]
struct EvidenceRecord<'r> {
    signal: &'r str,
    decibans: f64,
    malicious: Option<[u32; 2]>,
    benign: Option<[u32; 2]>,
    detail: &'r Untrusted<'static>,
}

impl<'r> EvidenceRecord<'r> {
    fn new(mention: &'r EvidenceMention) -> Self {
        Self {
            signal: &mention.signal,
            decibans: tenths(mention.decibans),
            malicious: mention.malicious,
            benign: mention.benign,
            detail: &mention.detail,
        }
    }
}

/// Rounds to tenths: no count is more precise.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[derive(Serialize)]
struct OccurrenceRecord<'r> {
    project: &'r FilePath,
    lockfile: Option<&'r FilePath>,
    scope: Option<Scope>,
    locations: Vec<LocationRecord<'r>>,
    path: Option<Vec<&'r Purl>>,
    paths: Option<u64>,
    choke_point: Option<&'r Purl>,
    blast_radius: Option<BlastRadius>,
}

#[derive(Serialize)]
struct LocationRecord<'r> {
    path: &'r FilePath,
    line: Option<u32>,
    column: Option<u32>,
}

#[derive(Serialize)]
struct FixRecord<'r> {
    action: FixAction,
    argv: &'r [String],
    command: Option<String>,
    directory: Option<&'r FilePath>,
    advice: &'r Untrusted<'static>,
    until: Option<String>,
    clears_paths: Option<u64>,
}

impl<'r> Document<'r> {
    fn new(report: &Report<'r>, purls: &'r Purls<'r>) -> Self {
        let assessment = report.assessment;
        Self {
            schema: SCHEMA,
            tool: Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
            },
            as_of: assessment.as_of.to_string(),
            inputs: assessment
                .inputs
                .iter()
                .map(|input| InputRecord::new(report, input))
                .collect(),
            problems: assessment.problems.iter().map(ProblemRecord::new).collect(),
            skipped: report.skipped.iter().map(SkippedPath::new).collect(),
            advisories: assessment
                .feeds
                .iter()
                .map(|feed| FeedRecord::new(report, feed))
                .collect(),
            histories: HistoriesRecord {
                told: assessment.histories.told,
                stored: assessment.histories.stored,
                oldest: assessment.histories.oldest.map(|time| time.to_string()),
                lacking: &assessment.histories.lacking,
            },
            coverage: CoverageRecord {
                packages: assessment.coverage.packages,
                checks: assessment
                    .coverage
                    .checks
                    .iter()
                    .map(CheckRecord::new)
                    .collect(),
                switched_off: &assessment.coverage.switched_off,
            },
            complete: assessment.is_complete(),
            incomplete_because: &assessment.incomplete_because,
            findings: assessment
                .findings
                .iter()
                .map(|finding| FindingRecord::new(report, purls, finding))
                .collect(),
            change: assessment.change.as_ref().map(ChangeRecord::new),
            gone: assessment.gone.iter().map(GoneRecord::new).collect(),
            accepted: assessment
                .accepted
                .iter()
                .map(|finding| FindingRecord::new(report, purls, finding))
                .collect(),
            unused_accepts: assessment
                .unused_accepts
                .iter()
                .map(UnusedRecord::new)
                .collect(),
            baseline: BaselineRecord::new(assessment),
            summary: Severity::ALL
                .map(|severity| (severity, assessment.count(severity)))
                .into(),
            kept: assessment.kept(),
            verdict: assessment.verdict,
            exit_code: assessment.verdict.exit_code(),
        }
    }
}

impl<'r> InputRecord<'r> {
    fn new(report: &Report<'r>, input: &'r Input) -> Self {
        let lockfile = input.lockfile.map(|id| report.graph.lockfile(id));
        let unjudged = lockfile.into_iter().flat_map(|lockfile| &lockfile.unjudged);
        Self {
            path: &input.path,
            format: lockfile.map(|lockfile| lockfile.format.0),
            ecosystem: lockfile.map(|lockfile| lockfile.ecosystem),
            entries: lockfile.map_or(0, |lockfile| lockfile.entries),
            packages: lockfile.map_or(0, |lockfile| lockfile.packages),
            sha256: input.sha256.as_ref().map(Digest::hex),
            unjudged: unjudged
                .map(|unjudged| UnjudgedRecord {
                    what: unjudged.what,
                    count: unjudged.count,
                })
                .collect(),
            problems: input.problems.iter().map(ProblemRecord::new).collect(),
        }
    }
}

impl<'r> ProblemRecord<'r> {
    fn new(problem: &'r Problem) -> Self {
        Self {
            path: &problem.path,
            severity: problem.severity,
            message: &problem.message,
            help: problem.help.as_ref(),
            line: problem.location.map(|location| location.line),
            column: problem.location.map(|location| location.column),
        }
    }
}

impl<'r> SkippedPath<'r> {
    fn new(skipped: &'r Skipped) -> Self {
        Self {
            path: &skipped.path,
            reason: skipped.reason,
        }
    }
}

impl<'r> FeedRecord<'r> {
    fn new(report: &Report<'_>, feed: &'r Feed) -> Self {
        // The list in the program is checked by every run; an import says nothing of when it was fetched.
        let is_own = feed.feed == "built-in" && feed.state == FeedState::Fresh;
        let checked = is_own.then_some(report.assessment.as_of).or(feed.checked);
        Self {
            feed: feed.feed,
            ecosystem: feed.ecosystem,
            records: feed.records,
            known_until: feed.known_until.as_deref(),
            source: feed.source.as_deref(),
            checked: checked.map(|time| time.to_string()),
            state: feed.state,
        }
    }
}

impl CheckRecord {
    fn new(check: &CheckCoverage) -> Self {
        let skipped = check
            .skipped
            .iter()
            .map(|(reason, packages)| SkippedRecord {
                reason: *reason,
                packages: *packages,
            });
        Self {
            check: check.check,
            checked: check.checked,
            skipped: skipped.collect(),
        }
    }
}

impl<'r> FindingRecord<'r> {
    fn new(report: &Report<'r>, purls: &'r Purls<'r>, finding: &'r Finding) -> Self {
        Self {
            fingerprint: &finding.fingerprint,
            rule: finding.rule.id,
            axis: finding.rule.axis,
            severity: finding.severity,
            score: finding.score.map(tenths),
            package: finding.purl.as_ref().map(Purl::as_str),
            title: &finding.title,
            message: &finding.message,
            advisories: &finding.advisories,
            occurrences: finding
                .occurrences
                .iter()
                .map(|occurrence| OccurrenceRecord::new(report, purls, occurrence))
                .collect(),
            evidence: finding.evidence.iter().map(EvidenceRecord::new).collect(),
            fix: finding.fix.as_ref().map(FixRecord::new),
            state: finding.state,
            gates: finding.gates(report.assessment.fail_on),
            acceptance: finding.acceptance.as_ref().map(AcceptanceRecord::new),
            baseline: finding.standing.as_ref().map(StandingRecord::new),
            worse_because: &finding.worse_because,
        }
    }
}

impl<'r> OccurrenceRecord<'r> {
    fn new(report: &Report<'r>, purls: &'r Purls<'r>, occurrence: &'r Occurrence) -> Self {
        let path = occurrence.path.iter().map(|node| purls.of_entry(*node));
        let locations = occurrence
            .places
            .iter()
            .map(|place| LocationRecord::new(&place.file, locate(report.files, place)));
        Self {
            project: &occurrence.folder,
            lockfile: occurrence.project.map(|_| &occurrence.file),
            scope: occurrence.scope,
            locations: locations.collect(),
            path: (!occurrence.path.is_empty()).then(|| path.collect()),
            paths: occurrence.paths,
            choke_point: occurrence.choke_point.map(|package| purls.of(package)),
            blast_radius: occurrence.blast_radius,
        }
    }
}

impl<'r> LocationRecord<'r> {
    fn new(path: &'r FilePath, location: Option<Location>) -> Self {
        Self {
            path,
            line: location.map(|location| location.line),
            column: location.map(|location| location.column),
        }
    }
}

impl<'r> FixRecord<'r> {
    fn new(fix: &'r Fix) -> Self {
        Self {
            action: fix.action,
            argv: &fix.argv,
            command: fix.command_line(),
            directory: (!fix.argv.is_empty()).then_some(&fix.folder),
            advice: &fix.advice,
            until: fix.until.map(|until| until.to_string()),
            clears_paths: fix.clears_paths,
        }
    }
}
