//! `unmaintained`: packages that nobody looks after any more.

use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, advisories};
use crate::advisory::model::AdvisoryKind;
use crate::assessment::Severity;
use crate::evidence::{EvidenceKinds, SkipReason};
use crate::graph::PackageId;

const RULE: Rule = Rule {
    id: RuleId("unmaintained"),
    axis: Axis::Vulnerability,
    severity: Severity::Low,
    summary: "nobody looks after this package any more",
    what: "Looks every crate up in RustSec's advisories of the kind `unmaintained`, as OSV publishes them.",
    why: "What is found in it next will not be mended, and whoever takes the package over next may not be a friend.",
    case: "`event-stream` was handed to a stranger by a maintainer who had long stopped using it; in 2018 the stranger added code that stole from wallets.",
    fix: "Replace it; the advisory often names a successor. If another package brings it, an update of that one may drop it.",
    accept: "For packages that are small, finished and easy to read, until something is found in them.",
};

pub(super) struct Unmaintained;

impl Signal for Unmaintained {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::ADVISORIES
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        advisories::covers(package, view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let said = advisories::of_kind(id, AdvisoryKind::Unmaintained, view);
        if !said.is_empty() {
            let draft = advisories::draft(&RULE, id, &said, "is not maintained any more", view);
            found.push(draft.label("not maintained"));
        }
    }
}
