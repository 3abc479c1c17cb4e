//! `text`: for people. What was read, each finding with its line, path, reach and fix, what was not checked, the verdict.

mod finding;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::assessment::assess::{Feed, FeedState};
use crate::assessment::{Severity, Verdict};
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
        text.write_inputs()?;
        text.write_findings()?;
        text.write_coverage()?;
        text.write_gaps()?;
        text.repeat_titles()?;
    }
    text.write_verdict()?;
    out.write_all(&written)
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

impl Text<'_, '_> {
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
        for note in self.report.notes {
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
        let mut direct = 0;
        for (_, package) in graph
            .packages()
            .filter(|(_, package)| package.kind != EntryKind::Root)
        {
            *by_ecosystem.entry(package.ecosystem).or_default() += 1;
            direct += usize::from(package.entries.iter().any(|node| graph.is_direct(*node)));
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
                "{} {}, {} direct",
                parts.join(""),
                if total == 1 { "package" } else { "packages" },
                thousands(direct)
            ),
            _ => format!(
                "{} = {}, {} direct",
                parts.join(&dot),
                count(total, "package"),
                thousands(direct)
            ),
        }
    }

    fn write_findings(&mut self) -> io::Result<()> {
        let findings = &self.report.assessment.findings;
        let told = if self.presentation.detail == Detail::Full {
            findings.len()
        } else {
            TOLD
        };
        for finding in findings.iter().take(told) {
            writeln!(self.out)?;
            finding::write(self.out, self.report, self.presentation, finding)?;
        }
        if findings.len() > told {
            let more = count(findings.len() - told, "more finding");
            writeln!(self.out, "\n{more}: -v shows them, --format json has all")?;
        }
        writeln!(self.out)
    }

    fn write_coverage(&mut self) -> io::Result<()> {
        let packages = self.report.assessment.coverage.packages;
        if packages == 0 {
            return Ok(());
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
        Ok(())
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
        for finding in self.report.assessment.findings.iter().take(TOLD) {
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

    fn write_verdict(&mut self) -> io::Result<()> {
        let assessment = self.report.assessment;
        if assessment.verdict != Verdict::Empty {
            writeln!(self.out, "{}", self.summary())?;
        }
        let gating = assessment
            .findings
            .iter()
            .filter(|finding| finding.gates(assessment.fail_on))
            .count();
        let fail_on = assessment.fail_on.id();
        let code = assessment.verdict.exit_code();
        let words = match assessment.verdict {
            Verdict::Pass if self.spares() => {
                format!("nothing that counts at or above fail-on = \"{fail_on}\"")
            }
            Verdict::Pass => format!("nothing at or above fail-on = \"{fail_on}\""),
            Verdict::Fail if gating == 0 => format!(
                "{}, which --deny unused-accept forbids",
                count(assessment.unused_accepts.len(), "unused [[accept]] entry")
            ),
            Verdict::Fail if assessment.is_complete() => format!(
                "{} at or above fail-on = \"{fail_on}\"",
                count(gating, "finding")
            ),
            Verdict::Fail => format!(
                "{} at or above fail-on = \"{fail_on}\", and the run is not complete",
                count(gating, "finding")
            ),
            Verdict::Incomplete => {
                "could not complete; what was not checked is not reported as clean".to_owned()
            }
            Verdict::Empty => "nothing to audit: no lockfile and no manifest".to_owned(),
        };
        writeln!(
            self.out,
            "{} {words}",
            self.presentation.style.strong(format!("exit {code}:"))
        )?;
        let lacks_feed = assessment
            .feeds
            .iter()
            .any(|feed| feed.state != FeedState::Fresh);
        if assessment.verdict == Verdict::Incomplete && lacks_feed {
            writeln!(
                self.out,
                "{}",
                self.presentation.style.fix("linchpin db update")
            )?;
        }
        Ok(())
    }

    /// Says whether a finding reaches the threshold and does not count.
    fn spares(&self) -> bool {
        let assessment = self.report.assessment;
        let mut severe = assessment
            .findings
            .iter()
            .filter(|finding| finding.severity.reaches(assessment.fail_on));
        severe.any(|finding| !finding.gates(assessment.fail_on))
    }

    fn summary(&self) -> String {
        let findings = &self.report.assessment.findings;
        let accepted = self.accepted();
        if findings.is_empty() {
            let packages = self.report.assessment.coverage.packages;
            let other = if self.report.assessment.accepted.is_empty() {
                "no risky paths"
            } else {
                "no other risky paths"
            };
            return match packages {
                0 => "no package was checked.".to_owned(),
                _ => format!("{other} among {}.{accepted}", count(packages, "package")),
            };
        }
        let counts = Severity::ALL.into_iter().filter_map(|severity| {
            let number = self.report.assessment.count(severity);
            (number > 0).then(|| format!("{} {}", thousands(number), severity.id()))
        });
        let fixes = findings
            .iter()
            .filter(|finding| finding.fix.as_ref().is_some_and(|fix| !fix.argv.is_empty()))
            .count();
        let fixes = if fixes == 0 {
            String::new()
        } else {
            format!(
                " {} a command that fixes it.",
                if fixes == 1 {
                    "1 has".to_owned()
                } else {
                    format!("{fixes} have")
                }
            )
        };
        format!(
            "{}: {}.{fixes}{accepted}",
            count(findings.len(), "finding"),
            counts.collect::<Vec<_>>().join(", ")
        )
    }

    /// ` 2 accepted, the next until 2027-01-15 (@web-team).`
    fn accepted(&self) -> String {
        let accepted = &self.report.assessment.accepted;
        let acceptances = accepted
            .iter()
            .filter_map(|finding| finding.acceptance.as_ref());
        acceptances
            .min_by_key(|acceptance| acceptance.expires)
            .map_or(String::new(), |next| {
                let (day, owner) = (next.expires, next.owner.terminal());
                format!(
                    " {} accepted, the next until {day} ({owner}).",
                    accepted.len()
                )
            })
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
