//! `text`: for people. What was read, each finding with its line, path, reach and fix, what was not checked, the verdict.

mod change;
mod finding;
mod summary;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::assessment::Finding;
use crate::assessment::assess::{Feed, FeedState};
use crate::discover::skipped::other_ecosystems;
use crate::lockfile::EntryKind;
use crate::package::Ecosystem;
use crate::report::style::Detail;
use crate::report::words::{count, skipped, thousands, wrap};
use crate::report::{Presentation, Report};

/// How many findings are told in full.
const TOLD: usize = 10;

/// Writes the report.
pub(super) fn write(
    report: &Report<'_>,
    presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut written = Vec::new();
    let mut text = Text {
        report,
        presentation,
        out: &mut written,
    };
    if presentation.detail > Detail::Quiet {
        text.write_attacks_before()?;
        text.write_inputs()?;
        text.write_change()?;
        text.write_findings()?;
        text.write_coverage()?;
        text.write_gaps()?;
        text.repeat_titles()?;
    }
    text.write_verdict()?;
    out.write_all(&written)
}

/// `, 131 direct`; packages of lockfiles that do not tell who asks for them are neither direct nor not.
fn how_many_are_direct(direct: usize, untold: usize) -> String {
    match untold {
        0 => format!(", {} direct", thousands(direct)),
        untold => format!(
            ", {} direct, {} of lockfiles that do not tell",
            thousands(direct),
            thousands(untold)
        ),
    }
}

/// `npm 22,492 until 2026-11-27`.
fn feed_in_words(feed: &Feed) -> String {
    let until = feed.known_until.as_deref().unwrap_or("an unknown day");
    let stale = if feed.state == FeedState::Stale {
        " (stale)"
    } else {
        ""
    };
    let name = feed.ecosystem.registry_name();
    format!("{name} {} until {until}{stale}", thousands(feed.records))
}

struct Text<'r, 'o> {
    report: &'r Report<'r>,
    presentation: &'r Presentation,
    out: &'o mut Vec<u8>,
}

impl<'r> Text<'r, '_> {
    fn write_inputs(&mut self) -> io::Result<()> {
        let strong = self
            .presentation
            .style
            .strong(concat!("linchpin ", env!("CARGO_PKG_VERSION")));
        writeln!(self.out, "{strong}  {}", self.feeds())?;
        let lockfiles = self.report.graph.lockfiles();
        if !lockfiles.is_empty() {
            writeln!(
                self.out,
                "read {}: {}",
                count(lockfiles.len(), "lockfile"),
                self.packages()
            )?;
        }
        let age = self.report.assessment.histories.age();
        for note in self.report.notes.iter().chain(&age) {
            writeln!(self.out, "{}", self.presentation.style.faint(note))?;
        }
        Ok(())
    }

    fn feeds(&self) -> String {
        let feeds = &self.report.assessment.feeds;
        let (builtin, osv): (Vec<&Feed>, Vec<&Feed>) =
            feeds.iter().partition(|feed| feed.feed == "built-in");
        let records = builtin.iter().map(|feed| feed.records).sum();
        let known = format!("built-in list of {} malicious releases", thousands(records));
        let at_hand: Vec<String> = osv
            .iter()
            .filter(|feed| feed.state != FeedState::Missing)
            .map(|feed| feed_in_words(feed))
            .collect();
        match (osv.is_empty(), at_hand.is_empty()) {
            (true, _) => known,
            (false, true) => format!("advisory feeds: none; {known}"),
            (false, false) => format!("advisories: {}; {known}", at_hand.join(", ")),
        }
    }

    /// `cargo 412 · npm 1,288 = 1,700 packages, 131 direct`.
    fn packages(&self) -> String {
        let graph = self.report.graph;
        let mut by_ecosystem: BTreeMap<Ecosystem, usize> = BTreeMap::new();
        let (mut direct, mut untold) = (0, 0);
        for (_, package) in graph
            .packages()
            .filter(|(_, package)| package.kind != EntryKind::Root)
        {
            *by_ecosystem.entry(package.ecosystem).or_default() += 1;
            let mut entries = package.entries.iter();
            let is_direct = |node| graph.directness(node) == Some(true);
            if entries.clone().any(|node| is_direct(*node)) {
                direct += 1;
            } else {
                untold += usize::from(entries.any(|node| !graph.is_way_known(*node)));
            }
        }
        let total = by_ecosystem.values().sum();
        let parts: Vec<String> = by_ecosystem
            .iter()
            .map(|(ecosystem, packages)| format!("{ecosystem} {}", thousands(*packages)))
            .collect();
        let dot = format!(" {} ", self.presentation.glyphs.dot);
        match parts.len() {
            0 => "no packages".to_owned(),
            1 => format!(
                "{} {}{}",
                parts.join(""),
                if total == 1 { "package" } else { "packages" },
                how_many_are_direct(direct, untold)
            ),
            _ => format!(
                "{} = {}{}",
                parts.join(&dot),
                count(total, "package"),
                how_many_are_direct(direct, untold)
            ),
        }
    }

    fn write_findings(&mut self) -> io::Result<()> {
        let (told, more) = match self.presentation.detail {
            Detail::Full => (self.report.assessment.findings.iter().collect(), 0),
            Detail::Normal | Detail::Quiet => self.told(),
        };
        for finding in told {
            writeln!(self.out)?;
            finding::write(self.out, self.report, self.presentation, finding)?;
        }
        if more > 0 {
            let more = count(more, "more finding");
            writeln!(self.out, "\n{more}: -v shows them, --format json has all")?;
        }
        writeln!(self.out)
    }

    /// The findings that are told in full, and the number of the others. What is kept is only counted; where there is not room for all, what gates comes first.
    fn told(&self) -> (Vec<&'r Finding>, usize) {
        let assessment = self.report.assessment;
        let mut findings: Vec<&Finding> = assessment.unkept().collect();
        let more = findings.len().saturating_sub(TOLD);
        if more > 0 {
            findings.sort_by_key(|finding| !assessment.gates(finding));
            findings.truncate(TOLD);
        }
        (findings, more)
    }

    fn write_coverage(&mut self) -> io::Result<()> {
        let packages = self.report.assessment.coverage.packages;
        if packages == 0 {
            return self.write_what_is_not_checked();
        }
        writeln!(self.out, "checked {}:", count(packages, "package"))?;
        for (checked, skipped, checks) in self.coverage_groups() {
            let share = if checked == packages {
                "all".to_owned()
            } else {
                format!("{} of {}", thousands(checked), thousands(packages))
            };
            let because = if skipped.is_empty() {
                String::new()
            } else {
                format!(" (not: {skipped})")
            };
            self.write_wrapped(
                &format!("  {share:<12} "),
                &format!("{}{because}", checks.join(", ")),
            )?;
        }
        self.write_what_is_not_checked()
    }

    /// What was seen and is no package of a known ecosystem.
    fn write_what_is_not_checked(&mut self) -> io::Result<()> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let lockfiles = self.report.graph.lockfiles().iter();
        for unjudged in lockfiles.flat_map(|lockfile| &lockfile.unjudged) {
            *counts.entry(unjudged.what).or_default() += unjudged.count;
        }
        let counts = counts.iter().filter(|(_, count)| **count > 0);
        let mut parts: Vec<String> = counts
            .map(|(what, count)| format!("{} {what}", thousands(*count)))
            .collect();
        parts.extend(other_ecosystems(self.report.skipped));
        if parts.is_empty() {
            return Ok(());
        }
        self.write_wrapped("seen, not read: ", &parts.join(", "))
    }

    /// Checks that covered the same packages for the same reasons share a line; the most covering first.
    fn coverage_groups(&self) -> Vec<(usize, String, Vec<&'static str>)> {
        let mut groups: Vec<(usize, String, Vec<&'static str>)> = Vec::new();
        for check in &self.report.assessment.coverage.checks {
            let reasons = skipped(check);
            match groups
                .iter_mut()
                .find(|(checked, skipped, _)| *checked == check.checked && *skipped == reasons)
            {
                Some((_, _, checks)) => checks.push(check.check.0),
                None => groups.push((check.checked, reasons, vec![check.check.0])),
            }
        }
        groups.sort_by_key(|(checked, _, _)| Reverse(*checked));
        groups
    }

    fn write_gaps(&mut self) -> io::Result<()> {
        for reason in &self.report.assessment.incomplete_because {
            let reason = reason.terminal().to_string();
            self.write_wrapped("not complete: ", &reason)?;
        }
        Ok(())
    }

    /// The last screen holds the answer: if the report is taller than it, the titles come again.
    fn repeat_titles(&mut self) -> io::Result<()> {
        let lines = self.out.split(|byte| *byte == b'\n').count() - 1;
        if self.presentation.height.is_none_or(|height| lines < height) {
            return Ok(());
        }
        for finding in self.told().0 {
            let head = self
                .presentation
                .style
                .severity(finding.severity, finding.severity.id());
            writeln!(
                self.out,
                "{head}[{}]: {}",
                finding.rule.id.0,
                finding.title.terminal()
            )?;
        }
        Ok(())
    }

    fn write_wrapped(&mut self, head: &str, text: &str) -> io::Result<()> {
        let indent = head.chars().count();
        for (index, line) in wrap(text, self.presentation.width.saturating_sub(indent))
            .iter()
            .enumerate()
        {
            let head = if index == 0 { head } else { "" };
            writeln!(self.out, "{head:indent$}{line}")?;
        }
        Ok(())
    }
}
