//! `lockfile-removed`: a change that takes a lockfile out of sight, and leaves its project.

use super::changes::{Fate, RemovedLockfile};
use super::{Axis, Findings, Rule, RuleId, RuleScope, Signal, Subject, View};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;

const RULE: Rule = Rule {
    id: RuleId("lockfile-removed"),
    axis: Axis::Policy,
    severity: Severity::High,
    summary: "a change takes a lockfile away and leaves its project",
    what: "Compares the lockfiles before and after a change: one that was read must still be, unless its project went with it or another lockfile covers the same manifest. An audit of one tree has nothing to compare with.",
    why: "What no lockfile pins is chosen at every install, and what is out of sight cannot be judged. To hide a lockfile is the shortest way past every gate.",
    case: "osv-scanner ends with a code of its own where it finds no lockfile, 128, and a wrapper made it a success (oxsecurity/megalinter, pull request 8178): a repository that loses its lockfile then passes.",
    fix: "Bring the lockfile back under its own name, or lock the manifest anew with the tool that is used by now.",
    accept: "For a project that is locked elsewhere on purpose, such as a library.",
};

pub(super) struct LockfileRemoved;

impl Signal for LockfileRemoved {
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
                .removed
                .iter()
                .for_each(|removed| found.push(draft(removed)));
        }
    }
}

fn draft(removed: &RemovedLockfile) -> Draft {
    let path = removed.path.untrusted();
    let path = path.as_str();
    let (title, message) = match &removed.fate {
        Fate::Unlocked => (
            format!("{path} is gone, and its manifest stays"),
            "nothing locks the manifest by now, so every install may bring other packages".to_owned(),
        ),
        Fate::Gone => (
            format!("{path} is gone, and its folder stays"),
            "nothing says any more which packages are installed there".to_owned(),
        ),
        Fate::Renamed(to) => (
            format!("{path} is {} by now", to.untrusted().as_str()),
            "no tool reads a lockfile by that name, so what it lists was not judged".to_owned(),
        ),
        Fate::Emptied => (
            format!("{path} lists nothing any more"),
            "it listed packages before the change; whoever installs takes them from elsewhere".to_owned(),
        ),
        Fate::Shadowed => (
            format!("{path} is not read any more"),
            "its tool reads another lockfile that the change puts beside it; only that one was judged".to_owned(),
        ),
    };
    let advice = format!("bring it back, or write it anew: {}", removed.relock);
    Draft::new(&RULE, About::File(removed.path.clone()), title)
        .message(message)
        .fix(Fix::advice(FixAction::Lock, advice))
}
