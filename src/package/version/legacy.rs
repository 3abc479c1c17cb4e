//! The order of Python versions from before PEP 440: what `packaging.LegacyVersion` and, before it, setuptools did.
//!
//! A version is cut into numbers, words and signs; words rank below numbers, and a closing word `final` ranks
//! the words of pre-releases below the release and all others above it.

/// The word that closes every version; words before it in the alphabet mark pre-releases.
const FINAL: &str = "final";

/// What stands for a hyphen: it marks a patch, above the release.
const PATCH: &str = "final-";

/// How wide numbers are padded; longer ones compare as text, as they did then.
const WIDTH: usize = 8;

/// A version that PEP 440 does not know, cut into parts for comparing.
///
/// Cutting and comparing are linear in the length of the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LegacyVersion(Vec<Part>);

impl LegacyVersion {
    /// Cuts a version; every text is one.
    pub(super) fn new(version: &str) -> Self {
        let version = version.to_lowercase();
        let mut parts = Vec::new();
        for part in runs(&version).filter_map(Part::new) {
            push(&mut parts, part);
        }
        push(&mut parts, Part::Word(FINAL.into()));
        Self(parts)
    }
}

/// One part; words rank below numbers, so their variant comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(Box<str>),
    Number(Box<str>),
}

impl Part {
    /// Reads a run of like characters; dots only separate.
    fn new(run: &str) -> Option<Self> {
        match Class::of(run.chars().next()?) {
            Class::Dot => None,
            Class::Digit => Some(Self::Number(format!("{run:0>WIDTH$}").into())),
            Class::Hyphen | Class::Letter | Class::Other => Some(Self::Word(canonical(run).into())),
        }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Self::Number(digits) if &**digits == "00000000")
    }

    fn is_patch(&self) -> bool {
        matches!(self, Self::Word(word) if &**word == PATCH)
    }
}

/// The kinds of characters at whose borders a version is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Letter,
    Dot,
    Hyphen,
    Other,
}

impl Class {
    const fn of(character: char) -> Self {
        match character {
            '0'..='9' => Self::Digit,
            'a'..='z' => Self::Letter,
            '.' => Self::Dot,
            '-' => Self::Hyphen,
            _ => Self::Other,
        }
    }
}

/// Returns the one word for all spellings of a stage; `@` puts development releases below everything.
fn canonical(word: &str) -> &str {
    match word {
        "pre" | "preview" | "rc" => "c",
        "dev" => "@",
        "-" => PATCH,
        other => other,
    }
}

/// Cuts a text into runs of like characters; every hyphen is a run of its own.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let class = Class::of(rest.chars().next()?);
        let end = match class {
            Class::Hyphen => Some(1),
            _ => rest.find(|character| Class::of(character) != class),
        };
        let (run, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// Adds a part; a word takes the zeros before it away (`x.0` = `x`), the word of a pre-release hyphens as well (`x-rc` = `x.rc`).
fn push(parts: &mut Vec<Part>, part: Part) {
    if let Part::Word(word) = &part {
        if &**word < FINAL {
            drop_last_while(parts, Part::is_patch);
        }
        drop_last_while(parts, Part::is_zero);
    }
    parts.push(part);
}

fn drop_last_while(parts: &mut Vec<Part>, is_dropped: fn(&Part) -> bool) {
    while parts.last().is_some_and(is_dropped) {
        parts.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_ascending(versions: &[&str]) {
        for pair in versions.windows(2) {
            let (less, more) = (LegacyVersion::new(pair[0]), LegacyVersion::new(pair[1]));
            assert!(less < more, "{} < {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn stages_rank_around_their_release() {
        assert_ascending(&["7x.dev", "7x.alpha", "7x.rc", "7x", "7x.patch", "7x.1"]);
    }

    #[test]
    fn hyphens_mark_patches_but_before_a_stage() {
        assert_ascending(&["7x-rc", "7x", "7x-zebra", "7x-1"]);
        assert_eq!(LegacyVersion::new("7x-rc"), LegacyVersion::new("7x.pre"));
    }

    #[test]
    fn closing_zeros_letter_case_and_dots_are_no_difference() {
        assert_eq!(LegacyVersion::new("7.x.0.0"), LegacyVersion::new("7X"));
        assert_eq!(LegacyVersion::new("7..x"), LegacyVersion::new("7x"));
    }

    #[test]
    fn numbers_beyond_eight_digits_compare_as_text() {
        assert_ascending(&["x.9", "x.10", "x.100000000", "x.99999999"]);
    }
}
