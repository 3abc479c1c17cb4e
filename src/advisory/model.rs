//! What an advisory says of one package: a [`Record`], as the index keeps it.
//!
//! An advisory that names several packages is one record for each of them, so that a look-up reads nothing
//! that is about others. Records stand as they were published, withdrawn ones included: aliases and
//! withdrawal are resolved when a package is looked up ([`super::matching`]).

use std::borrow::Borrow;
use std::fmt;

use jiff::Timestamp;

use super::range::AffectedRange;
use crate::text::is_deceptive;

/// The longest id of an advisory, in bytes.
const LONGEST_ID: usize = 128;

/// The id of an advisory, such as `GHSA-fw8c-xr5c-95f9`: plain characters only, so that it can be shown anywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdvisoryId(String);

impl AdvisoryId {
    /// Takes an id; none if it is empty, longer than 128 bytes, or holds anything but letters, digits and `-_.:`.
    pub fn new(id: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        let is_id = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(is_plain);
        is_id.then(|| Self(id.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sets of ids are asked by text.
impl Borrow<str> for AdvisoryId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AdvisoryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What an advisory warns of, most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdvisoryKind {
    /// The release does harm on purpose: ids that begin with `MAL-`.
    Malware,
    /// The release can be attacked.
    Vulnerability,
    /// `RustSec`'s `unsound`: safe code can break memory safety.
    Unsound,
    /// `RustSec`'s `unmaintained`: nobody will mend what is found next.
    Unmaintained,
    /// `RustSec`'s `notice`: something to know, and no reason to act.
    Notice,
}

impl AdvisoryKind {
    /// Every kind, most pressing first.
    pub const ALL: [Self; 5] = [
        Self::Malware,
        Self::Vulnerability,
        Self::Unsound,
        Self::Unmaintained,
        Self::Notice,
    ];
}

/// What one advisory says of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: AdvisoryId,
    /// Other ids of the same matter.
    pub aliases: Vec<AdvisoryId>,
    /// What it warns of.
    pub kind: AdvisoryKind,
    /// When it was published, where it says.
    pub published: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub withdrawn: Option<Timestamp>,
    /// One line, of its author's words.
    pub summary: String,
    /// The CVSS vector that counts: the newest version of those that it states.
    pub vector: Option<String>,
    /// The ranges that it names.
    pub ranges: Vec<AffectedRange>,
    /// The versions that it lists one by one.
    pub versions: Vec<String>,
}

impl Record {
    /// Says whether the record condemns every release: one range from the beginning without an end.
    pub fn is_whole_package(&self) -> bool {
        self.ranges.iter().any(AffectedRange::is_everything)
    }

    /// Says whether the record was public at `now` and had not been taken back.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let is_public = self.published.is_none_or(|published| published <= now);
        is_public && self.withdrawn.is_none_or(|withdrawn| withdrawn > now)
    }
}

/// Shortens a summary to one line of at most 200 characters without what could deceive.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words
        .chars()
        .filter(|character| !is_deceptive(*character))
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain() {
        for id in [
            "GHSA-fw8c-xr5c-95f9",
            "MAL-2026-2144",
            "LWA-1",
            "CVE-2026-1",
        ] {
            assert!(AdvisoryId::new(id).is_some(), "{id}");
        }
        for id in ["", "GHSA 1", "a\u{1b}[2J", "<b>", &"A".repeat(200)] {
            assert_eq!(AdvisoryId::new(id), None, "{id:?}");
        }
    }

    #[test]
    fn summaries_are_one_line() {
        assert_eq!(one_line("two\n lines\u{202e}"), "two lines");
        assert_eq!(one_line(&"a".repeat(500)).len(), 200);
    }
}
