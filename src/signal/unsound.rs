//! `unsound`: releases in which safe code can break memory safety.

use super::advisories::Informational;
use super::{Axis, Rule, RuleId};
use crate::advisory::model::AdvisoryKind;
use crate::assessment::Severity;

const RULE: Rule = Rule {
    id: RuleId("unsound"),
    axis: Axis::Vulnerability,
    severity: Severity::Medium,
    summary: "safe code can break memory safety through this release",
    what: "Looks every crate up in RustSec's advisories of the kind `unsound`, as OSV publishes them.",
    why: "Unsound code keeps no promise of Rust: what compiles without `unsafe` may still corrupt memory, and so may become a vulnerability in a program that uses it in the wrong way.",
    case: "`owning_ref` was reported unsound in 2022: safe uses of its `map_with_owner` read freed memory. Nobody published a fix, and it stood in thousands of lockfiles.",
    fix: "Update to the version that is named, or see whether your code uses what the advisory names.",
    accept: "Where your code does not use what the advisory names.",
};

pub(super) static UNSOUND: Informational = Informational {
    rule: &RULE,
    kind: AdvisoryKind::Unsound,
    what: "is unsound",
    label: "known to be unsound",
};
