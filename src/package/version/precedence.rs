//! The order of `SemVer` 2.0 (section 11), for texts as advisories write them.
//!
//! Stricter readers refuse what stands in real records, so this one is as wide as the order stays clear:
//! numbers have any length, missing ones are zero, and a fourth and later number ranks as pre-release
//! text, below the release of the first three. The `semver` crate's own order counts build metadata, which
//! section 10 forbids.

use std::cmp::Ordering;

/// A version, split for comparing; borrows from its text and never allocates.
///
/// Parsing and comparing are linear in the length of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Precedence<'a> {
    /// Major, minor and patch.
    numbers: [Digits<'a>; 3],
    /// What follows the numbers, without the hyphen and the build metadata.
    pre_release: &'a str,
    /// The fourth and later numbers, each with the dot before it.
    surplus: &'a str,
}

impl<'a> Precedence<'a> {
    /// Reads one to any number of dotted numbers and the pre-release after them; `None` for everything else.
    ///
    /// The hyphen may be missing before a letter: npm reads `1.2.3beta` as `1.2.3-beta`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = without_build(text);
        let mut numbers = [Digits(""); 3];
        let (first, mut rest) = leading_digits(text)?;
        numbers[0] = first;
        for number in &mut numbers[1..] {
            let Some(after) = rest.strip_prefix('.') else {
                break;
            };
            (*number, rest) = leading_digits(after)?;
        }
        let (surplus, rest) = surplus(rest)?;
        Some(Self {
            numbers,
            pre_release: pre_release(rest)?,
            surplus,
        })
    }

    fn is_release(&self) -> bool {
        self.pre_release.is_empty() && self.surplus.is_empty()
    }

    /// Lists what section 11.4 compares one by one.
    fn identifiers(&self) -> impl Iterator<Item = Identifier<'a>> {
        // A surplus starts with a dot, so that its first piece is nothing.
        let surplus = self.surplus.split('.').skip(1);
        self.pre_release
            .split('.')
            .chain(surplus)
            .map(Identifier::new)
    }
}

impl Ord for Precedence<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| self.is_release().cmp(&other.is_release()))
            .then_with(|| self.identifiers().cmp(other.identifiers()))
    }
}

impl PartialOrd for Precedence<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Precedence<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Precedence<'_> {}

/// A decimal number of any length without leading zeros; zero has no digit at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Digits<'a>(&'a str);

impl<'a> Digits<'a> {
    fn new(digits: &'a str) -> Self {
        Self(digits.trim_start_matches('0'))
    }
}

impl Ord for Digits<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without leading zeros the longer number is the greater one.
        (self.0.len(), self.0).cmp(&(other.0.len(), other.0))
    }
}

impl PartialOrd for Digits<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One identifier of a pre-release; numbers rank below text (section 11.4.3), so their variant comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(Digits<'a>),
    Text(&'a str),
}

impl<'a> Identifier<'a> {
    fn new(text: &'a str) -> Self {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Number(Digits::new(text))
        } else {
            Self::Text(text)
        }
    }
}

/// Returns a version without its build metadata (`SemVer` 2.0, section 10).
pub(super) fn without_build(version: &str) -> &str {
    version
        .split_once('+')
        .map_or(version, |(version, _build)| version)
}

/// Splits a text after its leading number; `None` if there is none.
fn leading_digits(text: &str) -> Option<(Digits<'_>, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty()).then(|| (Digits::new(digits), rest))
}

/// Splits a text after the numbers that follow the third one; `None` if a dot stands before no number.
fn surplus(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    while let Some(after) = rest.strip_prefix('.') {
        (_, rest) = leading_digits(after)?;
    }
    Some(text.split_at(text.len() - rest.len()))
}

/// Returns the text of a pre-release; `None` if what follows the numbers is neither one nor nothing.
fn pre_release(text: &str) -> Option<&str> {
    let is_loose = text.is_empty() || text.starts_with(|first: char| first.is_ascii_alphabetic());
    text.strip_prefix('-').or_else(|| is_loose.then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(one: &str, other: &str) -> Option<Ordering> {
        Some(Precedence::parse(one)?.cmp(&Precedence::parse(other)?))
    }

    #[test]
    fn pre_releases_rank_by_identifier_below_their_release() {
        let ascending = [
            "3.1.0-0",
            "3.1.0-7",
            "3.1.0-07.1",
            "3.1.0-12",
            "3.1.0-Next",
            "3.1.0-next",
            "3.1.0-next.2",
            "3.1.0-next.11",
            "3.1.0-next-1",
            "3.1.0",
            "3.1.1-0",
        ];
        assert!(ascending.is_sorted_by(|one, other| order(one, other) == Some(Ordering::Less)));
    }

    #[test]
    fn numbers_have_any_length() {
        let (less, more) = ("7.36893488147419103232.0", "7.36893488147419103233.0");
        assert_eq!(order(less, more), Some(Ordering::Less));
        assert_eq!(order("7.99.0", less), Some(Ordering::Less));
        assert_eq!(
            order("7.0.0-36893488147419103232", "7.0.0-9"),
            Some(Ordering::Greater)
        );
        assert_eq!(order("07.010.0", "7.10.0"), Some(Ordering::Equal));
    }

    #[test]
    fn build_metadata_is_no_difference() {
        assert_eq!(order("4.2.0+a", "4.2.0+b-1.2"), Some(Ordering::Equal));
        assert_eq!(order("4.2.0-rc+a", "4.2.0-rc"), Some(Ordering::Equal));
        assert_eq!(order("4.2.0.1+a", "4.2.0.1"), Some(Ordering::Equal));
    }

    #[test]
    fn missing_numbers_are_zero() {
        assert_eq!(order("0", "0.0.0"), Some(Ordering::Equal));
        assert_eq!(order("0.0.0-0", "0"), Some(Ordering::Less));
        assert_eq!(order("5.6", "5.6.0"), Some(Ordering::Equal));
        assert_eq!(order("5-rc.1", "5.0.0-rc.1"), Some(Ordering::Equal));
    }

    #[test]
    fn a_fourth_number_ranks_as_pre_release_text() {
        assert_eq!(order("8.1.2.9", "8.1.2"), Some(Ordering::Less));
        assert_eq!(order("8.1.2.9", "8.1.2.10"), Some(Ordering::Less));
        assert_eq!(order("8.1.2.9.1", "8.1.2.9"), Some(Ordering::Greater));
        assert_eq!(order("8.1.2.9", "8.1.1"), Some(Ordering::Greater));
        assert_eq!(order("8.1.2.9-rc", "8.1.2-rc.9"), Some(Ordering::Equal));
    }

    #[test]
    fn a_hyphen_may_be_missing_before_a_letter() {
        assert_eq!(order("2.0.0beta", "2.0.0-beta"), Some(Ordering::Equal));
    }

    #[test]
    fn other_texts_are_no_versions() {
        for text in [
            "", "+1", "-1", "x", "1.", "1..2", "1.x", "1.*", "1.2.3.", ">=1.0.0", "1 2", "١.٠.٠",
        ] {
            assert!(Precedence::parse(text).is_none(), "{text}");
        }
    }
}
