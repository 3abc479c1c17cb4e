//! `policy-loosened`: a change that lets more through the gate, once it is in.

use super::changes::Loosened;
use super::{Axis, Findings, Rule, RuleId, RuleScope, Signal, Subject, View};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;

const RULE: Rule = Rule {
    id: RuleId("policy-loosened"),
    axis: Axis::Policy,
    severity: Severity::High,
    summary: "a change lets more through the gate, once it is in",
    what: "Compares linchpin.toml, linchpin.baseline, and the workflows, scripts and make files that name linchpin, before and after a change: a higher threshold, a rule that weighs less, an exclusion, an acceptance, a line of the baseline, an edited workflow. A file that calls one of these and does not name linchpin is not known. The change itself is judged by the settings before it.",
    why: "A pull request that brings a bad package can bring the settings that let the next one in. What is loosened should be seen by whoever merges it.",
    case: "A configuration in a scanned sub-folder could hide its own findings from osv-scanner (google/osv-scanner, pull request 2997).",
    fix: "Take the loosening out, or let somebody who answers for the gate merge it in a change of its own.",
    accept: "Lower the rule in [rules] on the target branch where the review of settings is somebody else's job, such as code owners'.",
};

pub(super) struct PolicyLoosened;

impl Signal for PolicyLoosened {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn scope(&self) -> RuleScope {
        RuleScope::Changes
    }

    fn covers(&self, _package: PackageId, _view: &View<'_>) -> Result<(), SkipReason> {
        Ok(())
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        if subject == Subject::Run {
            view.files
                .loosened
                .iter()
                .for_each(|loosened| found.push(draft(loosened)));
        }
    }
}

fn draft(loosened: &Loosened) -> Draft {
    let title = format!(
        "{} may let more through",
        loosened.path.untrusted().as_str()
    );
    let advice = "take it out, or merge it in a change of its own that whoever answers for the gate has seen";
    Draft::new(&RULE, About::File(loosened.path.clone()), title)
        .message(loosened.what.join("; "))
        .identity(&loosened.digest)
        .fix(Fix::advice(FixAction::Replace, advice))
}
