//! Untrusted text in Markdown: in code, where nothing is read as markup, mentioned or linked.
//!
//! Code spans follow `CommonMark` 0.31 §6.1; a table of GitHub's (GFM §4.10) is parted at `|` even within them. GitHub and
//! GitLab make mentions, references and links of words in running text, but of none in code.

use std::fmt::Write;

use super::Untrusted;

/// The longest text that is shown, in characters.
const LONGEST: usize = 200;

impl Untrusted<'_> {
    /// Writes the text as code, for running text and for cells of tables. Beyond 200 characters it is cut.
    pub fn markdown_code(&self) -> String {
        let text = shown(self.as_str());
        let needs_entities =
            text.contains(['`', '|', '\\', '<']) || text.contains("##") || text.trim() != text;
        match text.as_str() {
            "" => String::new(),
            _ if needs_entities => format!("<code>{}</code>", entities(&text)),
            _ => format!("`{text}`"),
        }
    }

    /// Writes the text as words: plain ones as they are, all others as code, and as code what stands between backticks.
    /// Beyond 200 characters it is cut.
    pub fn markdown(&self) -> String {
        let text = shown(self.as_str());
        let parts: Vec<&str> = text.split('`').collect();
        if parts.len().is_multiple_of(2) {
            // A backtick without another one is a character like any other.
            return words(&text);
        }
        let parts = parts.iter().enumerate().map(|(index, part)| {
            if index.is_multiple_of(2) {
                words(part)
            } else {
                Untrusted::borrowed(part).markdown_code()
            }
        });
        parts.collect()
    }
}

/// Writes words with the spaces between them.
fn words(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

/// Writes a word; brackets around it and signs behind it are no part of it.
fn word(text: &str) -> String {
    let (begin, rest) = match text.strip_prefix('(') {
        Some(rest) => ("(", rest),
        None => ("", text),
    };
    let word = rest.trim_end_matches([',', ';', ':', '.', ')']);
    let end = &rest[word.len()..];
    if is_plain(word) {
        text.to_owned()
    } else {
        format!("{begin}{}{end}", Untrusted::borrowed(word).markdown_code())
    }
}

/// Cuts what is too long, and shows what could deceive.
fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut characters = text.chars();
    for character in characters.by_ref().take(LONGEST) {
        if super::is_deceptive(character) {
            let _ = write!(shown, "U+{:04X}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Says whether a word is read as nothing but itself: no markup, mention, reference or link begins with such.
fn is_plain(word: &str) -> bool {
    let is_letter =
        |character: char| character.is_ascii_alphanumeric() || "-.,'%".contains(character);
    let letters: Vec<char> = word.chars().collect();
    // A dot with letters on both sides is that of a host or of a file.
    let is_host = letters
        .windows(3)
        .any(|three| three[1] == '.' && three[2].is_ascii_alphabetic());
    let is_reference = word
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("gh-"));
    let begins_well = letters.first().is_none_or(char::is_ascii_alphanumeric);
    word == "=" || (word.chars().all(is_letter) && begins_well && !is_host && !is_reference)
}

/// Writes every sign as a numeric reference, which is never read as markup (`CommonMark` 0.31 §2.5).
fn entities(text: &str) -> String {
    let mut written = String::new();
    for character in text.chars() {
        if character.is_ascii_punctuation() || character == ' ' {
            let _ = write!(written, "&#{};", u32::from(character));
        } else {
            written.push(character);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Untrusted::borrowed(text).markdown_code()
    }

    fn words(text: &str) -> String {
        Untrusted::borrowed(text).markdown()
    }

    #[test]
    fn names_are_code_and_nothing_ends_it() {
        assert_eq!(code("@scope/left"), "`@scope/left`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code(" a"), "<code>&#32;a</code>");
        assert_eq!(code("a\n\n# b\u{202e}"), "`aU+000AU+000A# bU+202E`");
        assert_eq!(code(""), "");
    }

    #[test]
    fn plain_words_stay_words_and_others_are_code() {
        assert_eq!(
            words("left 2.0.0 has 2 known vulnerabilities, and more"),
            "left 2.0.0 has 2 known vulnerabilities, and more"
        );
        assert_eq!(
            words("@octocat #12 GH-1 www.evil.example https://x.y a_b *c*"),
            "`@octocat` `#12` `GH-1` `www.evil.example` `https://x.y` `a_b` `*c*`"
        );
        assert_eq!(
            words("linchpin.toml: lets more through"),
            "`linchpin.toml`: lets more through"
        );
        assert_eq!(
            words("[a](b) <script> - 1. &amp;"),
            "`[a](b`) <code>&#60;script&#62;</code> `-` 1. `&amp`;"
        );
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(code(&"a".repeat(300)).chars().count(), LONGEST + 3);
    }
}
