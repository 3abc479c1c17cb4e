//! Poetry's version constraints: `^1.2`, `~1.2`, `1.*`, `>=1,<2 || ==3`, and the specifiers of PEP 440.
//!
//! <https://python-poetry.org/docs/dependency-specification/#version-constraints>. A bound without a local part
//! takes versions with any local part for those without; a bound that is excluded keeps the pre-releases of
//! itself out (PEP 440, exclusive ordered comparison).

use std::str::FromStr;

use pep440_rs::Version;
use smallvec::SmallVec;

/// A constraint as alternatives, one of which must admit a version.
#[derive(Clone, Debug)]
pub(super) struct Constraint(SmallVec<[Ranges; 1]>);

/// Ranges that must all admit a version.
type Ranges = SmallVec<[Range; 2]>;

/// A condition on versions.
#[derive(Clone, Debug)]
enum Range {
    Is(Version),
    IsNot(Version),
    From(Version),
    Above(Version),
    UpTo(Version),
    Below(Version),
    /// Outside of what a wildcard means: below the first, or not below the second.
    Outside(Version, Version),
}

impl Constraint {
    /// Reads a constraint; none if it is in no known form. Linear in its length.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let alternatives = text.split('|').map(str::trim);
        // `||` leaves an empty text between its strokes.
        let alternatives = alternatives.filter(|alternative| !alternative.is_empty());
        let alternatives: Option<SmallVec<_>> = alternatives.map(parse_ranges).collect();
        alternatives
            .filter(|alternatives| !alternatives.is_empty())
            .map(Self)
    }

    /// Says whether a version is admitted.
    pub(super) fn admits(&self, version: &Version) -> bool {
        let admits = |ranges: &Ranges| ranges.iter().all(|range| range.admits(version));
        self.0.iter().any(admits)
    }

    /// Counts the ranges that [`Self::admits`] looks at.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(SmallVec::len).sum::<usize>() + 1
    }
}

/// Reads ranges that a comma or a space joins.
fn parse_ranges(text: &str) -> Option<Ranges> {
    let mut ranges = Ranges::new();
    let mut rest = trim_joints(text);
    while !rest.is_empty() {
        let end = rest.find(|character| !matches!(character, '<' | '>' | '=' | '!' | '~' | '^'));
        let (operator, behind) = rest.split_at(end?);
        let behind = behind.trim_start();
        let end = behind.find(is_joint).unwrap_or(behind.len());
        let (version, behind) = behind.split_at(end);
        push_range(operator, version, &mut ranges)?;
        rest = trim_joints(behind);
    }
    Some(ranges)
}

fn is_joint(character: char) -> bool {
    character == ',' || character.is_whitespace()
}

fn trim_joints(text: &str) -> &str {
    text.trim_start_matches(is_joint)
}

fn push_range(operator: &str, version: &str, ranges: &mut Ranges) -> Option<()> {
    if operator.is_empty() && is_any(version) {
        return Some(());
    }
    if let Some(prefix) = version.strip_suffix(".*") {
        return push_wildcard(operator, prefix.trim_end_matches(".*"), ranges);
    }
    let version = Version::from_str(version).ok()?;
    match operator {
        "" | "=" | "==" | "===" => ranges.push(Range::Is(version)),
        "!=" | "<>" => ranges.push(Range::IsNot(version)),
        ">=" => ranges.push(Range::From(version)),
        ">" => ranges.push(Range::Above(version)),
        "<=" => ranges.push(Range::UpTo(version)),
        "<" => ranges.push(Range::Below(version)),
        "^" => push_between(&version, first_nonzero(&version), ranges),
        "~" => push_between(&version, version.release().len().min(2) - 1, ranges),
        // Poetry goes no further than the second number, whatever PEP 440 says of a fourth.
        "~=" => push_between(&version, usize::from(version.release().len() > 2), ranges),
        _ => return None,
    }
    Some(())
}

/// `*`, `x` and `*.*`.
fn is_any(version: &str) -> bool {
    !version.is_empty()
        && version
            .split('.')
            .all(|part| matches!(part, "*" | "x" | "X"))
}

/// `1.2.*` means everything from the first development release of 1.2 to before 1.3.
fn push_wildcard(operator: &str, prefix: &str, ranges: &mut Ranges) -> Option<()> {
    let version = Version::from_str(prefix).ok()?;
    let last = version.release().len() - 1;
    let above = bumped(&version, last);
    let first = version.only_release().with_dev(Some(0));
    match operator {
        "" | "=" | "==" => ranges.extend([Range::From(first), Range::Below(above)]),
        "!=" => ranges.push(Range::Outside(first, above)),
        _ => return None,
    }
    Some(())
}

fn push_between(version: &Version, place: usize, ranges: &mut Ranges) {
    let above = bumped(version, place);
    ranges.extend([Range::From(version.clone()), Range::Below(above)]);
}

/// The place that a caret keeps: the first of three numbers that is not zero, else the last that is stated.
fn first_nonzero(version: &Version) -> usize {
    let release = version.release();
    let stated = release.len().min(3);
    let nonzero = release.iter().take(stated).position(|number| *number > 0);
    nonzero.unwrap_or(stated - 1)
}

/// Raises a number of the release, and drops what follows it.
fn bumped(version: &Version, place: usize) -> Version {
    let release = version.release();
    let kept = release.iter().take(place).copied();
    let raised = release.get(place).copied().unwrap_or_default();
    Version::new(kept.chain([raised.saturating_add(1)])).with_epoch(version.epoch())
}

impl Range {
    fn admits(&self, version: &Version) -> bool {
        match self {
            Self::Is(bound) => compared(version, bound) == *bound,
            Self::IsNot(bound) => compared(version, bound) != *bound,
            Self::From(bound) => compared(version, bound) >= *bound,
            Self::UpTo(bound) => compared(version, bound) <= *bound,
            Self::Below(bound) => is_below(&compared(version, bound), bound),
            Self::Above(bound) => is_above(compared(version, bound), bound),
            Self::Outside(first, above) => *version < *first || !is_below(version, above),
        }
    }
}

/// Leaves a version's local part out where the bound has none.
fn compared(version: &Version, bound: &Version) -> Version {
    if bound.is_local() {
        version.clone()
    } else {
        version.clone().without_local()
    }
}

fn is_below(version: &Version, bound: &Version) -> bool {
    let is_its_prerelease = version.any_prerelease()
        && !bound.any_prerelease()
        && version.epoch() == bound.epoch()
        && version.only_release() == bound.only_release();
    version < bound && !is_its_prerelease
}

fn is_above(version: Version, bound: &Version) -> bool {
    let version = if bound.is_post() {
        version
    } else {
        version.with_post(None)
    };
    version > *bound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(constraint: &str, version: &str) -> bool {
        let parsed = Constraint::parse(constraint);
        let parsed = parsed.unwrap_or_else(|| panic!("{constraint} is a constraint"));
        parsed.admits(&Version::from_str(version).expect("a version"))
    }

    /// Checks a range by its first version and the first behind it.
    fn assert_between(constraint: &str, from: &str, before: &str, below: &str) {
        assert!(admits(constraint, from), "{constraint} admits {from}");
        assert!(
            !admits(constraint, before),
            "{constraint} ends before {before}"
        );
        assert!(
            !admits(constraint, below),
            "{constraint} begins above {below}"
        );
    }

    #[test]
    fn carets_keep_the_first_number_that_is_not_zero() {
        for (constraint, from, before, below) in [
            ("^1.2.3", "1.2.3", "2.0.0", "1.2.2"),
            ("^1.2", "1.2.0", "2.0.0", "1.1.9"),
            ("^1", "1.0.0", "2.0.0", "0.9"),
            ("^0.2.3", "0.2.3", "0.3.0", "0.2.2"),
            ("^0.0.3", "0.0.3", "0.0.4", "0.0.2"),
            ("^ 0.2.3", "0.2.9", "0.3.0", "0.2.2"),
            ("^0.10.11.post1", "0.10.11.post1", "0.11", "0.10.11"),
            ("^0.53b0", "0.53b0", "0.54", "0.53a9"),
            ("^1.0.0a1", "1.0.0a1", "2.0.0a1", "1.0.0.dev1"),
            ("^1!2.3", "1!2.9", "1!3.0", "5.0"),
        ] {
            assert_between(constraint, from, before, below);
        }
        assert!(admits("^0.0", "0.0.9") && !admits("^0.0", "0.1.0"));
        assert!(admits("^0", "0.9.9") && !admits("^0", "1.0.0"));
        assert!(admits("^1.2.3", "1.99") && admits("^1.2.3", "1.2.3+cu128"));
    }

    #[test]
    fn tildes_keep_the_first_two_numbers() {
        for (constraint, from, before, below) in [
            ("~1.2.3", "1.2.3", "1.3.0", "1.2.2"),
            ("~1.2", "1.2.0", "1.3.0", "1.1.9"),
            ("~1", "1.0.0", "2.0.0", "0.9"),
            ("~0.0.3", "0.0.9", "0.1", "0.0.2"),
            ("~=1.2", "1.9", "2.0", "1.1"),
            ("~=1.2.3", "1.2.9", "1.3.0", "1.2.2"),
        ] {
            assert_between(constraint, from, before, below);
        }
    }

    #[test]
    fn wildcards_mean_every_version_of_a_line() {
        for constraint in ["*", "x", "*.*", "", " , "] {
            assert_eq!(
                Constraint::parse(constraint).is_some(),
                !constraint.trim().is_empty(),
                "{constraint:?}"
            );
        }
        assert!(admits("*", "0.0.1a1") && admits("*", "9!1"));
        for (constraint, from, before, below) in [
            ("1.*", "1.0.0a1", "2.0.0", "0.9"),
            ("1.2.*", "1.2", "1.3.0", "1.1.9"),
            ("==1.2.*", "1.2.9+local", "1.3", "1.1"),
            ("1.*.*", "1.9", "2", "0.9"),
            ("==2.0.*", "2", "2.1", "1"),
        ] {
            assert_between(constraint, from, before, below);
        }
        assert!(!admits("==1.2.*", "1"), "1 is 1.0");
        assert!(!admits("!=1.2.*", "1.2.7") && admits("!=1.2.*", "1.3"));
    }

    #[test]
    fn comparisons_are_those_of_pep_440() {
        assert!(admits("1.2.3", "1.2.3.0") && !admits("1.2.3", "1.2.4"));
        assert!(admits("==1.0", "1.0+cpu") && !admits("==1.0+cpu", "1.0"));
        assert!(admits(">= 1.2, < 1.5", "1.4.9") && !admits(">=1.2 <1.5", "1.5"));
        assert!(admits(">1.0", "1.1") && !admits(">1.0", "1.0.post1"));
        assert!(admits(">1.0.post1", "1.0.post2"));
        assert!(!admits("<2.0", "2.0rc1") && admits("<2.0rc2", "2.0rc1"));
        assert!(admits("<=1.0", "1.0+local") && admits("!=1.0", "1.1") && !admits("<>1.0", "1.0"));
        assert!(admits(">=3.19.0,<5.0.0dev", "4.25.5"));
        assert!(admits(">=1.0,", "1.0"), "a comma may be left over");
        assert!(admits("===1.0", "1.0") && admits("=1.0", "1.0") && admits("v1.0", "1.0"));
    }

    #[test]
    fn one_of_several_alternatives_is_enough() {
        let ujson = ">=4.0.1,<4.0.2 || >4.0.2,<4.1.0|>=5.1.0";
        assert!(admits(ujson, "4.0.1") && admits(ujson, "4.0.5") && admits(ujson, "5.10.0"));
        assert!(!admits(ujson, "4.0.2") && !admits(ujson, "5.0"));
    }

    #[test]
    fn what_is_no_constraint_is_none() {
        for text in [
            "latest",
            ">=",
            "1.0 - 2.0",
            ">=a",
            "=>1",
            "git+https://h/r",
            "||",
            "^*",
            "ä",
        ] {
            assert!(Constraint::parse(text).is_none(), "{text:?}");
        }
    }
}
