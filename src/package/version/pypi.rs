//! Versions of `PyPI`: PEP 440, and below it what Python called a version before.

use std::borrow::Cow;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifiers};

use super::legacy::LegacyVersion;

/// The fewest digits of a number that 64 bits may not hold.
const LONG: usize = 20;

/// A version in the form that is compared; older forms rank below PEP 440, so their variant comes first.
///
/// Parsing and comparing are linear in the length of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PypiVersion {
    /// What PEP 440 does not know, in the order of `packaging.LegacyVersion`.
    Legacy(LegacyVersion),
    /// A version of PEP 440.
    Pep440(Version),
}

/// Says whether `PyPI` could have published the version: the grammar of PEP 440.
pub(super) fn is_well_formed(version: &str) -> bool {
    Version::from_str(version).is_ok()
}

/// Says whether two texts name one release: equality of PEP 440 (`1.0` = `1.0.0`).
pub(super) fn is_same_release(one: &str, other: &str) -> bool {
    if differ_at_a_glance(one, other) {
        return false;
    }
    match (Version::from_str(one), Version::from_str(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Says whether two texts begin with other release numbers: advisories list hundreds of versions, most of them far off.
fn differ_at_a_glance(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (first_numbers(one), first_numbers(other)) else {
        return false;
    };
    one.0 != other.0 || matches!((one.1, other.1), (Some(one), Some(other)) if one != other)
}

/// Returns the first two numbers of a release without leading zeros, the second where there is one; none behind an epoch.
fn first_numbers(version: &str) -> Option<(&str, Option<&str>)> {
    let (first, rest) = number(version)?;
    let second = rest.strip_prefix('.').and_then(number);
    (!rest.starts_with('!')).then_some((first, second.map(|(second, _)| second)))
}

fn number(text: &str) -> Option<(&str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    (digits > 0).then(|| (number.trim_start_matches('0'), rest))
}

/// Says whether specifiers of PEP 440 admit a version.
pub(super) fn admits(requirement: &str, version: &str) -> Option<bool> {
    let requirement = VersionSpecifiers::from_str(requirement).ok()?;
    Some(requirement.contains(&Version::from_str(version).ok()?))
}

/// Reads a version for comparing; only a blank text is none.
pub(super) fn order(version: &str) -> Option<PypiVersion> {
    let version = version.trim();
    if version.is_empty() {
        return None;
    }
    Some(match Version::from_str(&capped(version)) {
        Ok(parsed) => PypiVersion::Pep440(parsed),
        Err(_) => PypiVersion::Legacy(LegacyVersion::new(version)),
    })
}

/// Replaces numbers beyond 64 bits by the greatest one within: PEP 440 has no bound, its parser has.
fn capped(version: &str) -> Cow<'_, str> {
    if version.len() < LONG {
        return Cow::Borrowed(version);
    }
    let (public, local) = version.split_at(version.find('+').unwrap_or(version.len()));
    // A digit beside a letter is text in the local part (`+g1234abc`), and a number before it (`rc1`).
    let numbers = runs(public, char::is_ascii_digit as fn(&char) -> bool);
    let segments = runs(local, char::is_ascii_alphanumeric);
    Cow::Owned(numbers.chain(segments).map(capped_number).collect())
}

/// Cuts a text where characters of a kind begin and end.
fn runs(text: &str, is_kind: fn(&char) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let kind = is_kind(&rest.chars().next()?);
        let end = rest.find(|character| is_kind(&character) != kind);
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// Returns the greatest number of 64 bits for a greater one, and every other text as it is.
fn capped_number(run: &str) -> Cow<'_, str> {
    let is_number = run.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && u64::from_str(run).is_err() {
        return Cow::Owned(u64::MAX.to_string());
    }
    Cow::Borrowed(run)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_ascending(versions: &[&str]) {
        for pair in versions.windows(2) {
            assert!(order(pair[0]) < order(pair[1]), "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn stages_epochs_and_local_parts_rank_by_pep_440() {
        assert_ascending(&[
            "6.2.dev4",
            "6.2a1.dev1",
            "6.2a1",
            "6.2-beta.3",
            "6.2c1",
            "6.2",
            "6.2+ubuntu",
            "6.2+7",
            "6.2-1",
            "6.10",
            "1!0.1",
        ]);
    }

    #[test]
    fn older_forms_rank_below_pep_440() {
        assert_ascending(&["zebra", "9.9-zebra", "0.dev0"]);
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        assert_eq!(order("v6.2"), order(" 6.2.0 "));
        assert_eq!(order("6.2.RC.1"), order("6.2c1"));
    }

    #[test]
    fn numbers_beyond_64_bits_count_as_the_greatest() {
        assert_ascending(&[
            "3.7",
            "3.99999999999999999999.1",
            "3.99999999999999999999.2",
            "4.0+5",
            "4.0+99999999999999999999",
        ]);
        assert_eq!(order("3.00000000000000000000000007"), order("3.7"));
    }

    #[test]
    fn hashes_in_local_parts_stay_text() {
        assert_ascending(&[
            "4.0+g10000000000000000000000000a",
            "4.0+g20000000000000000000000000a",
        ]);
    }

    #[test]
    fn blank_texts_are_no_versions() {
        assert_eq!(order(""), None);
        assert_eq!(order(" \n"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

        /// The glance never parts what the parser calls equal.
        #[test]
        fn a_glance_changes_no_answer(
            one in "(0!|1!|v| )?0{0,1}[0-2](\\.0{0,1}[0-2]){0,3}(rc1|\\.post1|-1|\\+a)?",
            other in "(0!|1!|v| )?0{0,1}[0-2](\\.0{0,1}[0-2]){0,3}(rc1|\\.post1|-1|\\+a)?",
        ) {
            let parsed = (Version::from_str(&one), Version::from_str(&other));
            let expected = matches!(parsed, (Ok(one), Ok(other)) if one == other);
            prop_assert_eq!(is_same_release(&one, &other), expected);
        }
    }
}
