//! What reports without a layout of their own say of a finding, line by line. The text is raw; the format escapes it.

use rustc_hash::FxHashMap;

use super::Report;
use super::words::{count, full_name, thousands};
use crate::assessment::finding::EvidenceMention;
use crate::assessment::{
    AdvisoryMention, Finding, Fingerprint, Fix, FixAction, Occurrence, Place, Standing,
};
use crate::graph::NodeId;
use crate::lockfile::Location;
use crate::path::FilePath;
use crate::text::Untrusted;

/// A path of more steps than this is shown by its ends.
const STEPS: usize = 12;

/// A place of a finding, as reports name it.
pub(crate) struct Spot<'r> {
    /// The file.
    pub(crate) file: &'r FilePath,
    /// Where the range begins and ends in it; none for the file as a whole.
    pub(crate) range: Option<[Location; 2]>,
}

impl<'r> Spot<'r> {
    fn new(report: &Report<'r>, place: &'r Place) -> Self {
        let file = place
            .lockfile
            .and_then(|id| report.files.get(id.0 as usize));
        let range = file
            .zip(place.span)
            .map(|(file, span)| [span.start, span.end].map(|offset| file.locate(offset)));
        Self {
            file: &place.file,
            range,
        }
    }

    const fn whole(file: &'r FilePath) -> Self {
        Self { file, range: None }
    }

    /// Returns the line; the first for a file as a whole.
    pub(crate) fn line(&self) -> u32 {
        self.range.map_or(1, |[start, _]| start.line)
    }
}

/// Lists where a finding stands, the place to show first: at least its file.
pub(crate) fn spots<'r>(report: &Report<'r>, finding: &'r Finding) -> Vec<Spot<'r>> {
    let of = |occurrence: &'r Occurrence| {
        let places = occurrence.places.iter();
        let mut spots: Vec<Spot<'r>> = places.map(|place| Spot::new(report, place)).collect();
        if spots.is_empty() {
            spots.push(Spot::whole(&occurrence.file));
        }
        spots
    };
    finding.occurrences.iter().flat_map(of).collect()
}

/// Returns a file to show what concerns the run as a whole at: the first input, or else the first that was found wanting.
pub(crate) fn first_file(report: &Report<'_>) -> FilePath {
    let inputs = report.assessment.inputs.iter().map(|input| &input.path);
    let occurrences = report.assessment.findings.iter();
    let found = occurrences.flat_map(|finding| &finding.occurrences);
    let mut files = inputs.chain(found.map(|occurrence| &occurrence.file));
    files.next().cloned().unwrap_or_default()
}

/// Returns the fingerprints of findings, none of them twice.
pub(crate) fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let fingerprints = findings.iter().map(|finding| &finding.fingerprint);
    let mut numbering = Numbering::default();
    fingerprints.map(|print| numbering.unique(print)).collect()
}

/// Tells doubles apart, because the readers of some formats drop them.
#[derive(Default)]
pub(crate) struct Numbering(FxHashMap<Fingerprint, usize>);

impl Numbering {
    /// Returns a fingerprint; a number follows one that was there before.
    pub(crate) fn unique(&mut self, fingerprint: &Fingerprint) -> String {
        let times = self.0.entry(fingerprint.clone()).or_default();
        *times += 1;
        match *times {
            1 => fingerprint.as_str().to_owned(),
            times => format!("{}-{times}", fingerprint.as_str()),
        }
    }
}

/// Tells a finding beneath its title: the facts, how it comes in, what to do, who says so.
pub(crate) fn lines(report: &Report<'_>, finding: &Finding) -> Vec<Untrusted<'static>> {
    let facts = Some(finding.message.clone()).filter(|message| !message.as_str().is_empty());
    let head = |head: &str, words: Untrusted<'_>| format!("{head}: {}", words.as_str()).into();
    let paths = finding.occurrences.iter().take(1);
    let path = paths.filter_map(|occurrence| path(report, occurrence));
    let fix = finding
        .fix
        .as_ref()
        .map(fix_words)
        .map(|words| head("fix", words));
    let ids = ids(finding, usize::MAX).map(|ids| head("ids", ids));
    let standing = finding.standing.as_ref();
    let baseline = standing.map(|standing| head("baseline", self::standing(standing)));
    let mentions = finding.evidence.iter();
    let mentions = mentions.filter_map(|mention| evidence(mention, None));
    let mentions = mentions.map(|words| head("fact", words.into()));
    facts
        .into_iter()
        .chain(mentions)
        .chain(path.map(|words| head("path", words)))
        .chain(fix)
        .chain(ids)
        .chain(baseline)
        .collect()
}

/// `surface/exec-first: 15 of 31 incidents, 8 of 13,140 harmless releases`, with decibans where they are given.
///
/// What speaks neither for nor against is left out.
pub(crate) fn evidence(mention: &EvidenceMention, decibans: Option<f64>) -> Option<String> {
    let [found, of] = mention.malicious?;
    let incidents = format!("{found} of {of} incidents");
    let harmless = match mention.benign {
        Some([found, of]) => format!(
            "{} of {} harmless releases",
            thousands(found as usize),
            thousands(of as usize)
        ),
        None => "harmless releases not counted".to_owned(),
    };
    let weight = decibans.map_or_else(String::new, |decibans| format!(", {decibans:+.1} dB"));
    Some(format!(
        "{}: {incidents}, {harmless}{weight}",
        mention.signal
    ))
}

/// `kept since 2026-11-01 (@web)`, or why a finding that is known since then is worse.
pub(crate) fn standing(standing: &Standing) -> Untrusted<'static> {
    let owners: Vec<&str> = standing.owners.iter().map(Untrusted::as_str).collect();
    let known = format!("since {} ({})", standing.since, owners.join(", "));
    let worse: Vec<&str> = standing
        .worse_because
        .iter()
        .map(Untrusted::as_str)
        .collect();
    if worse.is_empty() {
        format!("kept {known}").into()
    } else {
        format!("{known}, and worse by now: {}", worse.join("; ")).into()
    }
}

/// `web 2.1.0 -> axios 1.14.1, 3 more routes`; none where no package is meant.
fn path(report: &Report<'_>, occurrence: &Occurrence) -> Option<Untrusted<'static>> {
    let path = &occurrence.path;
    if path.is_empty() {
        return None;
    }
    let name = |node: &NodeId| step(report, *node).as_str().to_owned();
    let mut steps: Vec<String> = path.iter().map(name).collect();
    if steps.len() > STEPS {
        let cut = steps.len() - STEPS;
        steps.splice(STEPS / 2..STEPS / 2 + cut, [format!("({cut} more)")]);
    }
    let more = occurrence.paths.unwrap_or(0).saturating_sub(1);
    let routes = match usize::try_from(more).unwrap_or(usize::MAX) {
        0 => String::new(),
        more => format!(", {}", count(more, "more route")),
    };
    Some(format!("{}{routes}", steps.join(" -> ")).into())
}

/// Names an entry of a path.
pub(crate) fn step(report: &Report<'_>, node: NodeId) -> Untrusted<'static> {
    let graph = report.graph;
    full_name(graph.package(graph.entry(node).package))
}

/// `npm install --save-exact a@1.0.0 (in web: back to 1.0.0)`, or the advice alone.
pub(crate) fn fix_words(fix: &Fix) -> Untrusted<'static> {
    match fix.command_line() {
        None => advice(fix),
        Some(command) => format!("{command} ({})", terms(fix).as_str()).into(),
    }
}

/// Returns the advice, with the time at which it ends.
pub(crate) fn advice(fix: &Fix) -> Untrusted<'static> {
    match fix.until {
        Some(until) if fix.action == FixAction::Wait => {
            format!("{}, until {until}", fix.advice.as_str()).into()
        }
        Some(until) => {
            let advice = fix.advice.as_str();
            format!("{advice}; stay there until somebody has looked at it, or until {until}").into()
        }
        None => fix.advice.clone(),
    }
}

/// Says where the command runs, what it does, what it clears.
pub(crate) fn terms(fix: &Fix) -> Untrusted<'static> {
    let place = if fix.folder.is_root() {
        String::new()
    } else {
        format!("in {}: ", fix.folder.as_str())
    };
    let clears = match fix.clears_paths {
        Some(paths) if paths > 1 => format!(
            ", clears all {}",
            count(usize::try_from(paths).unwrap_or(usize::MAX), "route")
        ),
        _ => String::new(),
    };
    format!("{place}{}{clears}", advice(fix).as_str()).into()
}

/// Names the advisories, aliases behind an equals sign, so many of them and the number of the others; none if there are none.
pub(crate) fn ids(finding: &Finding, most: usize) -> Option<Untrusted<'static>> {
    let ids = finding.advisories.iter().map(|advisory| {
        let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
        let ids: Vec<&str> = ids.map(String::as_str).collect();
        format!("{}{}", ids.join(" = "), exploitation(advisory))
    });
    let ids: Vec<String> = ids.collect();
    let (told, left) = ids.split_at(most.min(ids.len()));
    let told = told.join(", ");
    match (ids.len(), left.len()) {
        (0, _) => None,
        (_, 0) => Some(told.into()),
        (_, more) => Some(format!("{told}, and {more} more").into()),
    }
}

/// ` (exploited, KEV of 2021-11-03; EPSS 97.0 %)`; empty where nothing is known.
fn exploitation(advisory: &AdvisoryMention) -> String {
    let kev = advisory.kev.as_ref();
    let kev = kev.map(|day| format!("exploited, KEV of {day}"));
    let epss = advisory.epss;
    let epss = epss.map(|odds| format!("EPSS {:.1} %", odds.value() * 100.0));
    match (kev, epss) {
        (None, None) => String::new(),
        (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
        (Some(kev), Some(epss)) => format!(" ({kev}; {epss})"),
    }
}

/// Says how many findings there are beyond those that a format has room for.
pub(crate) fn left_out(number: usize, thing: &str, room: usize) -> String {
    format!(
        "{} left out, because the readers of this format take no more than {}; --format json has all",
        count(number, thing),
        thousands(room)
    )
}
