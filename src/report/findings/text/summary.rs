//! The end of the report: what was found in numbers, the verdict.

use std::io::{self, Write};

use super::Text;
use crate::assessment::{Finding, Severity, Verdict};
use crate::report::words::{count, thousands};

impl Text<'_, '_> {
    pub(super) fn write_verdict(&mut self) -> io::Result<()> {
        let assessment = self.report.assessment;
        if assessment.verdict != Verdict::Empty {
            writeln!(self.out, "{}", self.summary())?;
        }
        let code = assessment.verdict.exit_code();
        let exit = self.presentation.style.strong(format!("exit {code}:"));
        writeln!(self.out, "{exit} {}", self.conclusion())
    }

    fn conclusion(&self) -> String {
        let assessment = self.report.assessment;
        let gating = assessment
            .findings
            .iter()
            .filter(|finding| assessment.gates(finding))
            .count();
        let fail_on = assessment.fail_on.id();
        match assessment.verdict {
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
        let others = [self.kept(), self.accepted()].concat();
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
        let fixes = commands(&findings);
        let counts = counts(&findings);
        let findings = count(findings.len(), "finding");
        format!("{findings}: {counts}.{fixes}{others}")
    }

    /// ` 12 kept by linchpin.baseline.`
    fn kept(&self) -> String {
        let assessment = self.report.assessment;
        match (assessment.kept(), assessment.baseline.in_force()) {
            (0, _) | (_, None) => String::new(),
            (kept, Some(baseline)) => format!(
                " {} kept by {}.",
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

/// ` 3 have a command that fixes it.`
fn commands(findings: &[&Finding]) -> String {
    let has_command = |finding: &&&Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| !fix.argv.is_empty())
    };
    let fixes = findings.iter().filter(has_command).count();
    match fixes {
        0 => String::new(),
        1 => " 1 has a command that fixes it.".to_owned(),
        fixes => format!(" {fixes} have a command that fixes it."),
    }
}
