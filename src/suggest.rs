//! "Did you mean": the nearest of the known words, if it is near enough to be worth saying.

/// The most edits that a suggestion may be away.
const FARTHEST: usize = 3;

/// Returns the known word that a wrong one is probably meant to be; none rather than a wild guess.
///
/// At most three edits, and at most one for each three characters, are a slip; more are another word.
pub(crate) fn nearest(
    wrong: &str,
    known: impl IntoIterator<Item = &'static str>,
) -> Option<&'static str> {
    let allowed = (wrong.chars().count() / 3).clamp(1, FARTHEST);
    let near = known
        .into_iter()
        .map(|word| (distance(wrong, word), word))
        .filter(|(edits, _)| *edits <= allowed);
    near.min().map(|(_, word)| word)
}

/// The edit distance of Levenshtein. O(one × other).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, character) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, candidate) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(character != candidate);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_edits() {
        for (one, other, edits) in [
            ("", "abc", 3),
            ("weak-hash", "weak-hash", 0),
            ("hash-mising", "hash-missing", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), edits, "{one} {other}");
        }
    }

    #[test]
    fn only_slips_get_a_suggestion() {
        let known = ["fail-on", "require", "off", "high"];
        assert_eq!(nearest("fail_on", known), Some("fail-on"));
        assert_eq!(nearest("requires", known), Some("require"));
        assert_eq!(nearest("hihg", known), None);
        assert_eq!(nearest("on", known), None);
        assert_eq!(nearest("threshold", known), None);
        assert_eq!(nearest("", known), None);
    }
}
