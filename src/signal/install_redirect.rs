//! `install-redirect`: a change of a file that steers an installer past the lockfile.

use super::{Axis, Findings, Rule, RuleId, RuleScope, Signal, Subject, View};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::SkipReason;
use crate::graph::PackageId;
use crate::install::Redirect;

const RULE: Rule = Rule {
    id: RuleId("install-redirect"),
    axis: Axis::Integrity,
    severity: Severity::High,
    summary: "a change steers an installer past the lockfile",
    what: "Compares the files beside lockfiles that say where packages come from, change what was fetched, or run while packages are installed: the settings of npm, Yarn, pnpm, Bun, cargo, pip, uv, PDM and Poetry, as far as they redirect; manifests that take packages from places which the lockfile beside them does not show; scripts of the project that run at install; hooks, patches, plugins, caches and vendored crates in the tree. Paths that [inputs] excludes are left out.",
    why: "A lockfile that nobody touched does not help where another registry answers, a hook replaces a package, or an archive in the tree is another one.",
    case: "A `.npmrc` with `registry=` or a `yarnPath` in a pull request runs the author's code on every machine that installs it, and no line of the lockfile changes.",
    fix: "Take the change out, or let somebody who knows the registry, the hook or the patch review it by itself.",
    accept: "For a registry, a hook or a patch that somebody has read; the digest of the file is accepted, not the next one.",
};

pub(super) struct InstallRedirect;

impl Signal for InstallRedirect {
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
                .redirects
                .iter()
                .for_each(|redirect| found.push(draft(redirect)));
        }
    }
}

fn draft(redirect: &Redirect) -> Draft {
    let path = redirect.path.untrusted();
    let what = match redirect.files {
        1 => redirect.what.clone(),
        files => format!("{} ({files} files)", redirect.what),
    };
    let advice = "undo it, or let somebody review it who knows why it is needed";
    Draft::new(
        &RULE,
        About::File(redirect.path.clone()),
        format!("{} {what}", path.as_str()),
    )
    .message(format!(
        "it is {}; no lockfile shows what it does",
        redirect.name
    ))
    .identity(&redirect.digest)
    .fix(Fix::advice(FixAction::Replace, advice))
}
