//! What was not checked, how to accept a finding, and what else a reader may want to know.

use super::{details, more};
use crate::assessment::{Assessment, Finding};
use crate::report::Report;
use crate::report::words::{count, skipped, thousands, without_secrets};
use crate::text::Untrusted;

/// How many reasons are told.
const REASONS: usize = 20;

/// Says why the run is not complete; none if it is.
pub(super) fn incomplete(report: &Report<'_>) -> Option<String> {
    let because = &report.assessment.incomplete_because;
    if because.is_empty() {
        return None;
    }
    let lines = because.iter().take(REASONS).map(|reason| {
        let reason = without_secrets(reason);
        format!("- not complete: {}\n", reason.markdown())
    });
    let lines = lines.collect::<Vec<_>>().concat();
    Some(lines + &more(because.len(), REASONS))
}

/// Says which rules looked at how many packages, beneath a click; none where all looked at all.
pub(super) fn coverage(report: &Report<'_>) -> Option<String> {
    let coverage = &report.assessment.coverage;
    let partial = coverage
        .checks
        .iter()
        .filter(|check| !check.skipped.is_empty());
    let all = thousands(coverage.packages);
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for check in partial {
        let words = format!("{} of {all} | {}", thousands(check.checked), skipped(check));
        let rule = format!("`{}`", check.check.0);
        match rows.iter_mut().find(|(known, _)| *known == words) {
            Some((_, rules)) => rules.push(rule),
            None => rows.push((words, vec![rule])),
        }
    }
    let rows = rows.iter();
    let rows = rows.map(|(words, rules)| format!("| {} | {words} |\n", rules.join(", ")));
    let rows: Vec<String> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let table = format!(
        "| Rule | Looked at | Not at |\n|---|---|---|\n{}",
        rows.concat()
    );
    Some(details("What was not checked", &table))
}

/// Says how the worst finding is accepted; none where nothing can be.
pub(super) fn accept(report: &Report<'_>) -> Option<String> {
    let assessment = report.assessment;
    let mut gating = assessment
        .findings
        .iter()
        .filter(|finding| assessment.gates(finding));
    let finding = gating.find(|finding| !finding.rule.is_guarded())?;
    let target = plain(match &finding.purl {
        Some(purl) => purl.as_str(),
        None => finding.occurrences.first()?.file.as_str(),
    })?;
    let ids = ids(finding)?;
    let id = finding.rule.id.0;
    let command =
        format!("linchpin accept {id} {target}{ids} --reason \"…\" --owner @team --days 30");
    let branch = branch(assessment);
    let words = format!(
        "Run {} and merge `linchpin.toml` into {branch} first: the gate reads its settings from there. `linchpin explain {id}` says when that is right.\n",
        Untrusted::from(command).markdown_code()
    );
    Some(details("Not right? Accept it for a while", &words))
}

/// What the entry has to list: everything that the finding stands for; none if that cannot be typed as it is.
fn ids(finding: &Finding) -> Option<String> {
    let advisories = finding.advisories.iter().map(|advisory| &advisory.id);
    let ids = advisories.chain(&finding.identity);
    let ids: Option<Vec<String>> = ids
        .map(|id| Some(format!(" --id {}", plain(id)?)))
        .collect();
    Some(ids?.concat())
}

/// Returns a text that can stand in a shell command as it is.
fn plain(text: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./@:%+".contains(&byte);
    (!text.starts_with('-') && text.bytes().all(is_plain)).then_some(text)
}

fn branch(assessment: &Assessment) -> String {
    let change = assessment.change.as_ref();
    let revisions = change.and_then(|change| change.revisions.as_ref());
    revisions.map_or("the target branch".to_owned(), |revisions| {
        let is_commit = revisions.base.as_str() == revisions.policy.as_str();
        if is_commit {
            "the target branch".to_owned()
        } else {
            revisions.base.markdown_code()
        }
    })
}

/// Says what does not count, and how to have the same locally.
pub(super) fn foot(report: &Report<'_>) -> String {
    let assessment = report.assessment;
    let mut parts = Vec::new();
    let kept = assessment.kept();
    if kept > 0 {
        parts.push(format!(
            "{} there before and not counted",
            count(kept, "finding")
        ));
    }
    if !assessment.gone.is_empty() {
        parts.push(format!("{} gone", count(assessment.gone.len(), "finding")));
    }
    if !assessment.accepted.is_empty() {
        parts.push(format!(
            "{} accepted",
            count(assessment.accepted.len(), "finding")
        ));
    }
    parts.extend(assessment.histories.age());
    let revisions = assessment
        .change
        .as_ref()
        .and_then(|change| change.revisions.as_ref());
    let command = match revisions {
        Some(revisions) => format!("linchpin diff {}", revisions.base.as_str()),
        None => "linchpin audit".to_owned(),
    };
    parts.push(format!(
        "the same locally: {}",
        Untrusted::from(command).markdown_code()
    ));
    format!("<sub>{}</sub>\n", parts.join(" · "))
}
