//! YAML as lockfiles use it: documents that borrow from the file, within bounds that follow from its size.
//!
//! pnpm and Yarn write no anchors, no merge keys and no tags; a file with more than a handful of them was
//! written to make a reader expand it, and is refused before it can.

use serde::Deserialize;
use serde_saphyr::{Budget, DuplicateKeyPolicy, MergeKeyPolicy, Options};

use super::limits::Limits;
use super::model::LockfileError;
use super::span::{Location, SourceFile, to_u32};

/// How many anchors and aliases a file may have; the package managers write none.
const ANCHORS: usize = 1_000;

/// The longest key in characters: pnpm writes peers into its keys, and beyond 1,024 as `? key`.
const LONGEST_KEY: usize = 64 << 10;

/// Reads every document of a file that is not empty, in order. Time and memory are linear in the file's size.
pub(super) fn documents<'a, T: Deserialize<'a>>(
    file: &'a SourceFile,
    limits: &Limits,
) -> Result<Vec<T>, LockfileError> {
    serde_saphyr::from_multiple_with_options(file.text(), options(file.text().len(), limits))
        .map_err(|error| syntax_error(&error))
}

/// Sets the library's budget: every event and node takes a byte of the file at least.
fn options(bytes: usize, limits: &Limits) -> Options {
    let mut options = Options::default();
    options.budget = Some(budget(bytes, limits));
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.merge_keys = MergeKeyPolicy::AsOrdinary;
    options.with_snippet = false;
    options
}

fn budget(bytes: usize, limits: &Limits) -> Budget {
    let mut budget = Budget::default();
    budget.max_events = bytes.saturating_mul(2).saturating_add(64);
    budget.max_nodes = bytes.saturating_add(64);
    budget.max_total_scalar_bytes = bytes.saturating_mul(2);
    budget.max_depth = limits.nesting;
    budget.max_anchors = ANCHORS;
    budget.max_aliases = ANCHORS;
    budget.max_recorded_anchor_events = ANCHORS * 100;
    budget.max_recorded_anchor_bytes = bytes.saturating_mul(2);
    budget.simple_key_max_lookahead = LONGEST_KEY;
    budget
}

/// Turns a YAML error into one of the lockfile, with its place.
fn syntax_error(error: &serde_saphyr::Error) -> LockfileError {
    let location = error.location().map(|place| Location {
        line: narrow(place.line()),
        column: narrow(place.column()),
    });
    let text = error.without_snippet().to_string();
    let message = text.split(" at line ").next().unwrap_or(&text);
    LockfileError::Syntax {
        syntax: "YAML",
        message: message.lines().next().unwrap_or_default().to_owned(),
        location,
    }
}

fn narrow(count: u64) -> u32 {
    to_u32(usize::try_from(count.max(1)).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::lockfile::testing::file;
    use crate::text::Untrusted;

    type Map<'a> = BTreeMap<Untrusted<'a>, Untrusted<'a>>;

    #[test]
    fn documents_borrow_from_the_file_and_empty_ones_are_passed_over() {
        let file = file("a.yaml", "---\na: 1.0\n---\n# nothing\n---\n'b': \"c\"\n");
        let documents: Vec<Map<'_>> = documents(&file, &Limits::default()).expect("YAML");
        assert_eq!(documents.len(), 2);
        let (key, value) = documents[0].first_key_value().expect("an entry");
        assert_eq!((key.as_str(), value.as_str()), ("a", "1.0"));
        assert!(
            file.span_of(value.as_borrowed().expect("a borrow"))
                .is_some()
        );
    }

    #[test]
    fn keys_may_be_longer_than_the_1024_characters_of_the_specification() {
        let key = "k".repeat(5_000);
        for text in [format!("{key}: v\n"), format!("? {key}\n: v\n")] {
            let file = file("a.yaml", &text);
            let documents: Vec<Map<'_>> = documents(&file, &Limits::default()).expect("YAML");
            assert_eq!(
                documents[0].keys().next().map(Untrusted::as_str),
                Some(&*key)
            );
        }
    }

    #[test]
    fn what_expands_is_refused() {
        let mut text = String::from("a0: &a0 [x, x]\n");
        for level in 1..40 {
            let before = level - 1;
            text += &format!("a{level}: &a{level} [*a{before}, *a{before}]\n");
        }
        let file = file("a.yaml", &text);
        let read: Result<Vec<BTreeMap<String, serde::de::IgnoredAny>>, _> =
            documents(&file, &Limits::default());
        assert!(matches!(
            read,
            Err(LockfileError::Syntax { syntax: "YAML", .. })
        ));
    }

    #[test]
    fn errors_have_a_place_and_keys_stand_once() {
        for (text, line) in [("a: b\n  c: d\n", 2), ("a: b\na: c\n", 2)] {
            let file = file("a.yaml", text);
            let read: Result<Vec<Map<'_>>, _> = documents(&file, &Limits::default());
            let Err(LockfileError::Syntax {
                location, message, ..
            }) = read
            else {
                panic!("{text:?} is read");
            };
            assert_eq!(
                location.map(|place| place.line),
                Some(line),
                "{text:?} {message}"
            );
        }
    }
}
