//! `unmaintained`: packages that nobody looks after any more.

use super::advisories::Informational;
use super::{Axis, Rule, RuleId};
use crate::advisory::model::AdvisoryKind;
use crate::assessment::Severity;

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

pub(super) static UNMAINTAINED: Informational = Informational {
    rule: &RULE,
    kind: AdvisoryKind::Unmaintained,
    what: "is not maintained any more",
    label: "not maintained",
};
