//! Words that reports share: plurals, numbers, wrapped lines.

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
