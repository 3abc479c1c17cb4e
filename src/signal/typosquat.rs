//! `typosquat`: young packages whose name is one letter from that of a popular one.

use jiff::{SignedDuration, Timestamp};

use super::histories::Newness;
use super::{Axis, Findings, Rule, RuleId, Signal, Subject, View, histories, title};
use crate::assessment::finding::About;
use crate::assessment::{Draft, Fix, FixAction, Severity};
use crate::evidence::{EvidenceKinds, SkipReason};
use crate::graph::PackageId;
use crate::package::Ecosystem;
use crate::package::name::comparable;
use crate::registry::ReleaseHistory;

const RULE: Rule = Rule {
    id: RuleId("typosquat"),
    axis: Axis::Anomaly,
    severity: Severity::Medium,
    summary: "a young package has nearly the name of a popular one",
    what: "Compares names of five letters and more with those of popular packages: one letter added, left out, replaced, or two neighbours swapped. Reported is a package that the change brings, or in an audit any, if it first appeared within the last half year: names that are older have been looked at.",
    why: "Whoever mistypes a name, or takes it from a machine that invents names, installs what somebody prepared for exactly that.",
    case: "In August 2026 the crate proc-macro1 appeared beside proc-macro2, and came into projects through hijacked releases of arrayref, internment and append-only-vec.",
    fix: "Find out who added it, and whether the package with the popular name was meant.",
    accept: "When you know the package and its name is what it says.",
};

/// How young a package must be.
const YOUNG: SignedDuration = SignedDuration::from_hours(183 * 24);

/// The shortest name whose neighbours mean anything.
const SHORTEST: usize = 5;

const NPM: &str = include_str!("popular/npm.txt");
const PYPI: &str = include_str!("popular/pypi.txt");
const CARGO: &str = include_str!("popular/cargo.txt");

pub(super) struct Typosquat;

impl Signal for Typosquat {
    fn rule(&self) -> &'static Rule {
        &RULE
    }

    fn needs(&self) -> EvidenceKinds {
        EvidenceKinds::HISTORY
    }

    fn covers(&self, package: PackageId, view: &View<'_>) -> Result<(), SkipReason> {
        histories::covers(package, view)
    }

    fn evaluate(&self, subject: Subject, view: &View<'_>, found: &mut Findings) {
        let Subject::Package(id) = subject else {
            return;
        };
        let Some(known) = histories::known(id, view) else {
            return;
        };
        let is_new_here = match view.changed {
            Some(changed) => changed.get(id) == Some(&Newness::Name),
            None => true,
        };
        if !is_new_here || !is_young(&known.history, view.now) {
            return;
        }
        let package = view.graph.package(id);
        let Some(popular) = imitated(package.ecosystem, package.name.as_str()) else {
            return;
        };
        let registry = package.ecosystem.registry_name();
        let first = known.history.first_published();
        let first = first.map_or_else(String::new, |first| {
            format!("; it first appeared on {}", first.strftime("%Y-%m-%d"))
        });
        let advice =
            format!("make sure that {popular} was not meant; remove it if nobody knows it");
        let draft = Draft::new(
            &RULE,
            About::Package(id, Vec::new()),
            format!("{} has nearly the name of {popular}", title(package)),
        )
        .message(format!(
            "its name is one letter from that of {popular}, a popular package of {registry}{first}"
        ))
        .label("nearly a popular name")
        .fix(Fix::advice(FixAction::Remove, advice));
        found.push(draft);
    }
}

/// Says whether a package appeared lately: names that are older have been looked at.
pub(super) fn is_young(history: &ReleaseHistory, now: Timestamp) -> bool {
    let first = history.first_published();
    first.is_some_and(|first| now.duration_since(first) < YOUNG)
}

/// Returns the popular name that a name is one edit from, unless it is popular itself. O(popular names).
pub(super) fn imitated(ecosystem: Ecosystem, name: &str) -> Option<&'static str> {
    let list = match ecosystem {
        Ecosystem::Npm => NPM,
        Ecosystem::Pypi => PYPI,
        Ecosystem::Cargo => CARGO,
    };
    let own = comparable(ecosystem, name);
    if own.len() < SHORTEST {
        return None;
    }
    let mut near = None;
    for popular in list.split_whitespace() {
        let other = comparable(ecosystem, popular);
        if other == own {
            return None;
        }
        if near.is_none()
            && other.len() >= SHORTEST
            && is_one_edit(own.as_bytes(), other.as_bytes())
        {
            near = Some(popular);
        }
    }
    near
}

/// Says whether one edit leads from one name to another: a letter more, less or other, or two neighbours swapped (Damerau).
fn is_one_edit(one: &[u8], other: &[u8]) -> bool {
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    match (one, other) {
        ([], [_]) | ([_], []) => true,
        ([a, b, rest @ ..], [c, d, others @ ..]) if (a, b) == (d, c) && rest == others => true,
        ([_, rest @ ..], [_, others @ ..]) if rest == others => true,
        ([_, rest @ ..], longer) if rest == longer => true,
        (longer, [_, rest @ ..]) if rest == longer => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_is_a_letter_more_less_or_other_or_two_swapped() {
        for (one, other) in [
            ("lodash", "lodahs"),
            ("lodash", "lodas"),
            ("lodash", "llodash"),
            ("lodash", "lodask"),
            ("axios", "axioss"),
            ("axios", "xios"),
        ] {
            assert!(
                is_one_edit(one.as_bytes(), other.as_bytes()),
                "{one} {other}"
            );
            assert!(
                is_one_edit(other.as_bytes(), one.as_bytes()),
                "{other} {one}"
            );
        }
        for (one, other) in [
            ("lodash", "lodash"),
            ("lodash", "ldoahs"),
            ("lodash", "loda"),
            ("", "ab"),
        ] {
            assert!(
                !is_one_edit(one.as_bytes(), other.as_bytes()),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn popular_names_imitate_nobody_and_short_ones_mean_nothing() {
        assert_eq!(imitated(Ecosystem::Npm, "lodahs"), Some("lodash"));
        assert_eq!(imitated(Ecosystem::Npm, "lodash"), None);
        assert_eq!(imitated(Ecosystem::Npm, "preact"), None);
        assert_eq!(
            imitated(Ecosystem::Cargo, "proc-macro1"),
            Some("proc-macro2")
        );
        assert_eq!(imitated(Ecosystem::Cargo, "proc_macro2"), None);
        assert_eq!(imitated(Ecosystem::Pypi, "Requestss"), Some("requests"));
        assert_eq!(imitated(Ecosystem::Npm, "woe"), None);
    }

    #[test]
    fn the_lists_hold_each_name_once_in_its_comparable_form() {
        for (ecosystem, list) in [
            (Ecosystem::Npm, NPM),
            (Ecosystem::Pypi, PYPI),
            (Ecosystem::Cargo, CARGO),
        ] {
            let names: Vec<&str> = list.split_whitespace().collect();
            let mut sorted = names.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(names, sorted, "{ecosystem}");
        }
    }
}
