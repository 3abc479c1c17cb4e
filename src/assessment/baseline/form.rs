//! How a baseline is written: a line for each entry, sorted, its fields apart by one space.
//!
//! A field holds no white space and nothing that could deceive; such characters are percent-encoded, so that no
//! name can break a line or forge one. The lines do not depend on each other, and git merges them like any list.

use std::fmt::Write;

use super::{Baseline, Entry, Subject};
use crate::path::FilePath;
use crate::text::is_deceptive;

/// What the first line begins with; the version of the form follows.
pub(super) const MARK: &str = "# linchpin.baseline ";

/// The version of the form that this program reads and writes.
pub(super) const VERSION: &str = "1";

/// The fields of a line, in words.
pub(super) const FIELDS: [&str; 9] = [
    "rule",
    "package-or-file",
    "project",
    "severity",
    "scope",
    "ids",
    "since",
    "owner",
    "fingerprint",
];

/// What stands for nothing.
pub(super) const NOTHING: &str = "-";

/// What a package URL begins with, and no file does.
pub(super) const PACKAGE: &str = "pkg:";

impl Baseline {
    /// Writes the file.
    pub fn write(&self) -> String {
        let mut lines: Vec<String> = self.entries.iter().map(line).collect();
        lines.sort_unstable();
        lines.dedup();
        let fields = FIELDS.join(" ");
        let mut text = format!("{MARK}{VERSION}, written by `linchpin baseline`: {fields}\n");
        for line in lines {
            text.extend([&line, "\n"]);
        }
        text
    }
}

fn line(entry: &Entry) -> String {
    let matter = &entry.matter;
    let ids: Vec<String> = matter.ids.iter().map(|id| encode(id)).collect();
    let fields: [&str; FIELDS.len()] = [
        matter.rule.id.0,
        &subject(&matter.subject),
        &folder(&matter.project),
        matter.severity.id(),
        matter.scope.map_or(NOTHING, crate::lockfile::Scope::id),
        if ids.is_empty() {
            NOTHING
        } else {
            &ids.join(",")
        },
        &entry.since.to_string(),
        &encode(entry.owner.as_str()),
        matter.fingerprint.as_str(),
    ];
    fields.join(" ")
}

fn subject(subject: &Subject) -> String {
    match subject {
        // Our own URLs hold no character that needs an escape, and their escapes stay as they are.
        Subject::Package(purl) => purl.clone(),
        Subject::File(path) => file(path),
    }
}

/// Writes the path of a file, so that it is never taken for a package URL.
pub(super) fn file(path: &FilePath) -> String {
    match encode(path.as_str()) {
        text if text.starts_with(PACKAGE) => text.replacen(':', "%3A", 1),
        text => text,
    }
}

/// Writes a folder; the root shows as `.`, as in reports.
pub(super) fn folder(path: &FilePath) -> String {
    encode(path.untrusted().as_str())
}

/// Percent-encodes what may not stand in a field.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        let is_lone = text == NOTHING;
        if is_lone || is_special(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(character);
        }
    }
    encoded
}

/// Says whether a character would end a field, part it, or not show as what it is.
fn is_special(character: char) -> bool {
    character.is_whitespace() || is_deceptive(character) || matches!(character, '%' | ',')
}

/// Reads a field back; none if it is not as [`encode`] writes it.
pub(super) fn decode(field: &str) -> Option<String> {
    let text = percent_decoded(field)?;
    (encode(&text) == field).then_some(text)
}

/// Reads a path back; none if it is not as `write` writes it, because another spelling would be another line for the same thing.
pub(super) fn decode_path(field: &str, write: fn(&FilePath) -> String) -> Option<FilePath> {
    let path = FilePath::new(&percent_decoded(field)?)?;
    (write(&path) == field).then_some(path)
}

fn percent_decoded(field: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(field).decode_utf8();
    text.ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::baseline::testing::{TODAY, entry, of_file};
    use crate::lockfile::SourceFile;

    #[test]
    fn fields_come_back_as_they_were() {
        for text in [
            "plain",
            "-",
            "a b",
            "100%",
            "a,b",
            "ä",
            "\u{202e}\u{200b}",
            "x\ny\r\0\u{2028}z",
        ] {
            let encoded = encode(text);
            assert_eq!(decode(&encoded).as_deref(), Some(text), "{encoded}");
            assert!(!encoded.contains(is_special_but_percent), "{encoded}");
        }
        assert_eq!(encode("-"), "%2D");
        for wrong in ["%", "%zz", "%41", "a%2c", "a\u{202e}", "%FF"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    fn is_special_but_percent(character: char) -> bool {
        character != '%' && is_special(character)
    }

    #[test]
    fn lines_are_sorted_and_say_what_people_look_for() {
        let baseline = Baseline {
            entries: vec![
                entry("pkg:npm/left", "web", &["GHSA-2", "CVE-1"]),
                entry("pkg:npm/left", "", &[]),
            ],
            ..Baseline::default()
        };
        let print = baseline.entries[0].matter.fingerprint.as_str();
        let text = baseline.write();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                format!("known-vulnerability pkg:npm/left . high prod - 2026-10-01 @web {print}"),
                format!(
                    "known-vulnerability pkg:npm/left web high prod CVE-1,GHSA-2 2026-10-01 @web {print}"
                ),
            ]
        );
    }

    #[test]
    fn text_from_outside_neither_breaks_a_line_nor_forges_one() {
        let hostile = "x\nknown-vulnerability pkg:npm/axios . \u{2028}\u{85}\u{202e}";
        let mut forged = entry("pkg:npm/left", "", &[hostile, "a,b"]);
        forged.owner = "a b,<me>%".into();
        forged.matter.project = FilePath::new(hostile).expect("a strange folder");
        let file = of_file("pkg:npm/axios");
        let baseline = Baseline {
            path: FilePath::default(),
            entries: vec![forged, file],
        };
        let text = baseline.write();
        assert_eq!(text.lines().count(), 3, "{text}");
        let source = SourceFile::new(FilePath::default(), text.clone());
        let read = Baseline::read(&source, TODAY).expect("what was written can be read");
        assert_eq!(read.write(), text);
        assert_eq!(
            read.entries
                .iter()
                .filter(|entry| baseline.entries.contains(entry))
                .count(),
            2
        );
    }
}
