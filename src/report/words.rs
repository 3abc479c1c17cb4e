//! Words that reports share: names, plurals, numbers, wrapped lines.

use std::borrow::Cow;

use crate::assessment::CheckCoverage;
use crate::graph::Package;
use crate::package::address::redact_words;
use crate::text::Untrusted;

/// Names a package for a terminal, escaped: name and version; the project at the root, which may have neither, as `.`.
pub fn name(package: &Package) -> String {
    full_name(package).terminal().to_string()
}

/// Names a package as [`name`] does, not yet escaped.
pub fn full_name(package: &Package) -> Untrusted<'static> {
    let name = package.name.untrusted().as_str().to_owned();
    match &package.version {
        Some(version) => format!("{name} {}", version.untrusted().as_str()).into(),
        None if name.is_empty() => ".".into(),
        None => name.into(),
    }
}

/// Says which packages a check did not look at, by reason; empty if it looked at all.
pub fn skipped(check: &CheckCoverage) -> String {
    let words = check
        .skipped
        .iter()
        .map(|(reason, packages)| format!("{} {}", thousands(*packages), reason.words()));
    words.collect::<Vec<_>>().join(", ")
}

/// Says how many packages a check looked at, and why not at the others.
pub fn covered(check: &CheckCoverage, packages: usize) -> String {
    let share = format!(
        "checked {} of {}",
        thousands(check.checked),
        count(packages, "package")
    );
    match skipped(check) {
        because if because.is_empty() => share,
        because => format!("{share} (not: {because})"),
    }
}

/// Words a size in bytes: `12.3 MB`, of a million bytes each.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000) / 100_000;
    let whole = usize::try_from(tenths / 10).unwrap_or(usize::MAX);
    format!("{}.{} MB", thousands(whole), tenths % 10)
}

/// Drops user information and queries, which may hold a secret, from every URL in a text.
pub fn without_secrets<'t>(text: &'t Untrusted<'_>) -> Untrusted<'t> {
    match redact_words(text.as_str()) {
        Cow::Borrowed(_) => text.reborrow(),
        Cow::Owned(kept) => kept.into(),
    }
}

/// Writes a count with its noun: `1 package`, `1,288 packages`.
pub fn count(number: usize, singular: &str) -> String {
    let plural = match singular.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{singular}s"),
    };
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { singular } else { &plural }
    )
}

/// Writes a number with commas.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// Breaks a text at spaces into lines of at most `width` characters; a longer word stays whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_plural_and_commas() {
        assert_eq!(count(1, "package"), "1 package");
        assert_eq!(count(1_288, "package"), "1,288 packages");
        assert_eq!(count(0, "dependency"), "0 dependencies");
        assert_eq!(thousands(1_000_000), "1,000,000");
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_stay_whole() {
        assert_eq!(
            wrap("a bb ccc dddddddd e", 5),
            ["a bb", "ccc", "dddddddd", "e"]
        );
        assert_eq!(wrap("", 5), [""]);
    }
}
