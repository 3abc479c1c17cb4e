//! The end of the report: what was found in numbers, what takes most of it out, the verdict.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{TOLD, Text};
use crate::assessment::assess::FeedState;
use crate::assessment::{BaselineFile, Finding, Severity, State, Updates, Verdict};
use crate::report::style::Detail;
use crate::report::words::{count, thousands};

impl Text<'_, '_> {
    pub(super) fn write_verdict(&mut self) -> io::Result<()> {
        let assessment = self.report.assessment;
        if assessment.verdict != Verdict::Empty {
            writeln!(self.out, "{}", self.summary())?;
        }
        let hint = self.hint();
        if let Some(hint) = hint.filter(|_| self.presentation.detail > Detail::Quiet) {
            self.write_wrapped("", &hint)?;
        }
        let code = assessment.verdict.exit_code();
        let exit = self.presentation.style.strong(format!("exit {code}:"));
        writeln!(self.out, "{exit} {}", self.conclusion())?;
        if assessment.verdict == Verdict::Incomplete && self.lacks_feed() {
            let command = self.presentation.style.fix("linchpin db update");
            writeln!(self.out, "{command}")?;
        }
        Ok(())
    }

    fn lacks_feed(&self) -> bool {
        let mut feeds = self.report.assessment.feeds.iter();
        feeds.any(|feed| feed.state != FeedState::Fresh)
    }

    fn conclusion(&self) -> String {
        let assessment = self.report.assessment;
        let gating = assessment
            .findings
            .iter()
            .filter(|finding| assessment.gates(finding))
            .count();
        let fail_on = assessment.fail_on.id();
        let remainder = assessment.histories.remainder();
        match (assessment.verdict, remainder) {
            (Verdict::Pass, Some(remainder)) => format!("pass {remainder}"),
            (Verdict::Pass, None) if self.spares() => {
                format!("nothing that counts at or above fail-on = \"{fail_on}\"")
            }
            (Verdict::Pass, None) => format!("nothing at or above fail-on = \"{fail_on}\""),
            (Verdict::Fail, _) if gating == 0 => format!(
                "{}, which --deny unused-accept forbids",
                count(assessment.unused_accepts.len(), "unused [[accept]] entry")
            ),
            (Verdict::Fail, _) if assessment.is_complete() => format!(
                "{} at or above fail-on = \"{fail_on}\"",
                count(gating, "finding")
            ),
            (Verdict::Fail, _) => format!(
                "{} at or above fail-on = \"{fail_on}\", and the run is not complete",
                count(gating, "finding")
            ),
            (Verdict::Incomplete, _) => {
                "could not complete; what was not checked is not reported as clean".to_owned()
            }
            (Verdict::Empty, _) => "nothing to audit: no lockfile and no manifest".to_owned(),
        }
    }

    /// Says whether a finding reaches the threshold and does not count.
    fn spares(&self) -> bool {
        let assessment = self.report.assessment;
        let mut severe = assessment
            .findings
            .iter()
            .filter(|finding| finding.severity.reaches(assessment.fail_on));
        severe.any(|finding| !assessment.gates(finding))
    }

    fn summary(&self) -> String {
        let assessment = self.report.assessment;
        let others = [self.gone(), self.kept(), self.accepted()].concat();
        let findings: Vec<&Finding> = assessment.unkept().collect();
        if findings.is_empty() {
            let packages = assessment.coverage.packages;
            let other = if others.is_empty() {
                "no risky paths"
            } else {
                "no other risky paths"
            };
            return match packages {
                0 => format!("no package was checked.{others}"),
                _ => format!("{other} among {}.{others}", count(packages, "package")),
            };
        }
        let about = if findings.len() > TOLD {
            subjects(&findings)
        } else {
            String::new()
        };
        let fixes = self.updates();
        let counts = counts(&findings);
        let findings = count(findings.len(), "finding");
        format!("{findings}{about}: {counts}.{fixes}{others}")
    }

    /// ` 9 updates clear 171.`
    fn updates(&self) -> String {
        let updates = Updates::of(self.report.assessment.unkept());
        let verb = if updates.commands == 1 {
            "clears"
        } else {
            "clear"
        };
        match updates.commands {
            0 => String::new(),
            commands => format!(
                " {} {verb} {}.",
                count(commands, "update"),
                thousands(updates.findings)
            ),
        }
    }

    /// What lets an old project begin: only where a long list would otherwise fail the gate for good.
    fn hint(&self) -> Option<String> {
        let assessment = self.report.assessment;
        let is_first_use = assessment.baseline == BaselineFile::Missing && assessment.is_complete();
        let all: Vec<&Finding> = assessment.findings.iter().collect();
        let gating = all.iter().filter(|finding| assessment.gates(finding));
        let (attacks, others): (Vec<&Finding>, Vec<&Finding>) =
            gating.partition(|finding| finding.rule.is_guarded());
        if !is_first_use || all.len() <= TOLD || others.is_empty() {
            return None;
        }
        let cleared = Updates::of(all.iter().copied()).findings;
        let what = if cleared == 0 || cleared == all.len() {
            "them"
        } else {
            "the rest"
        };
        let then = if attacks.is_empty() {
            "which then fails on what is new"
        } else {
            "known attacks aside"
        };
        Some(format!(
            "linchpin baseline --owner WHO keeps {what} out of the gate, {then}"
        ))
    }

    /// ` 2 are gone.`
    fn gone(&self) -> String {
        match self.report.assessment.gone.len() {
            0 => String::new(),
            1 => " 1 is gone.".to_owned(),
            gone => format!(" {} are gone.", thousands(gone)),
        }
    }

    /// ` 12 kept by linchpin.baseline.`
    fn kept(&self) -> String {
        let assessment = self.report.assessment;
        let by_baseline = assessment.findings.iter();
        let by_baseline = by_baseline
            .filter(|finding| finding.state == State::Kept && finding.standing.is_some())
            .count();
        let before = match assessment.kept() - by_baseline {
            0 => String::new(),
            1 => " 1 was there before and does not count.".to_owned(),
            kept => format!(" {} were there before and do not count.", thousands(kept)),
        };
        match (by_baseline, assessment.baseline.in_force()) {
            (0, _) | (_, None) => before,
            (kept, Some(baseline)) => format!(
                "{before} {} kept by {}.",
                thousands(kept),
                baseline.path.untrusted().terminal()
            ),
        }
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
}

/// `2 critical, 5 high`.
fn counts(findings: &[&Finding]) -> String {
    let of = |severity: Severity| {
        let same = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        let number = same.count();
        (number > 0).then(|| format!("{} {}", thousands(number), severity.id()))
    };
    let counts = Severity::ALL.into_iter().filter_map(of);
    counts.collect::<Vec<_>>().join(", ")
}

/// ` on 61 packages and 2 files`: what many findings are about.
fn subjects(findings: &[&Finding]) -> String {
    let packages = findings.iter().filter_map(|finding| finding.package);
    let packages = packages.collect::<BTreeSet<_>>().len();
    let of_files = findings.iter().filter(|finding| finding.package.is_none());
    let files = of_files.flat_map(|finding| &finding.occurrences);
    let files = files.map(|occurrence| &occurrence.file);
    let files = files.collect::<BTreeSet<_>>().len();
    match (packages, files) {
        (0, files) => format!(" on {}", count(files, "file")),
        (packages, 0) => format!(" on {}", count(packages, "package")),
        (packages, files) => {
            let (packages, files) = (count(packages, "package"), count(files, "file"));
            format!(" on {packages} and {files}")
        }
    }
}
