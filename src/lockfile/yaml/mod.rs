//! YAML as lockfiles use it: documents that borrow from the file, within bounds that follow from its size.
//!
//! The block style that the package managers write has a reader of its own (`block`), many times as fast as the
//! library, which reads every other form and every file that the block reader, or the type asked for, does not
//! take. A property test holds the two to the same answer.
//!
//! pnpm and Yarn write no anchors and no merge keys, which may stand for anything from elsewhere in the file. Their
//! parsers expand them, so that a file that holds any was written to be read otherwise than it looks: it is refused.

mod block;
mod de;
mod line;
mod tape;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Budget, DuplicateKeyPolicy, MergeKeyPolicy, Options};

use super::limits::Limits;
use super::model::LockfileError;
use super::span::{Location, SourceFile, to_u32};
use crate::path::FilePath;

/// The longest key in characters: pnpm writes peers into its keys, and beyond 1,024 as `? key`.
const LONGEST_KEY: usize = 64 << 10;

/// Reads every document of a file that is not empty, in order. Time and memory are linear in the file's size.
pub(super) fn documents<'a, T: Deserialize<'a>>(
    file: &'a SourceFile,
    limits: &Limits,
) -> Result<Vec<T>, LockfileError> {
    if let Some(documents) = documents_in_block_style(file.text(), limits) {
        return Ok(documents);
    }
    serde_saphyr::from_multiple_with_options(file.text(), options(file.text().len(), limits))
        .map_err(|error| syntax_error(&error))
}

/// Reads a file of settings: the mapping of its one document, in which every value may be anything. None if it is no such file.
pub(crate) fn mapping(text: &str) -> Option<BTreeMap<String, serde_json::Value>> {
    let file = SourceFile::new(FilePath::default(), text.to_owned());
    let documents: Vec<BTreeMap<String, serde_json::Value>> =
        documents(&file, &Limits::default()).ok()?;
    let [mapping] = <[_; 1]>::try_from(documents)
        .or_else(|none| {
            let is_empty = none.is_empty();
            is_empty.then(|| [BTreeMap::new()]).ok_or(())
        })
        .ok()?;
    Some(mapping)
}

/// Reads documents by the block reader; none if it does not take the text, or the text not the type.
fn documents_in_block_style<'a, T: Deserialize<'a>>(
    text: &'a str,
    limits: &Limits,
) -> Option<Vec<T>> {
    let tape = block::read(text, limits.nesting)?;
    let documents = tape.documents.iter();
    let documents = documents.map(|first| T::deserialize(de::Value::new(&tape, *first)));
    documents.collect::<Result<_, _>>().ok()
}

/// Sets the library's budget: every event and node takes a byte of the file at least.
fn options(bytes: usize, limits: &Limits) -> Options {
    let mut options = Options::default();
    options.budget = Some(budget(bytes, limits));
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.merge_keys = MergeKeyPolicy::Error;
    options.with_snippet = false;
    options
}

fn budget(bytes: usize, limits: &Limits) -> Budget {
    let mut budget = Budget::default();
    budget.max_events = bytes.saturating_mul(2).saturating_add(64);
    budget.max_nodes = bytes.saturating_add(64);
    budget.max_total_scalar_bytes = bytes.saturating_mul(2);
    budget.max_depth = limits.nesting;
    budget.max_anchors = 0;
    budget.max_aliases = 0;
    budget.simple_key_max_lookahead = LONGEST_KEY;
    budget
}

/// Turns a YAML error into one of the lockfile, with its place.
fn syntax_error(error: &serde_saphyr::Error) -> LockfileError {
    let location = error.location().map(|place| Location {
        line: narrow(place.line()),
        column: narrow(place.column()),
    });
    let text = match error.without_snippet() {
        serde_saphyr::Error::Budget {
            breach: BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. },
            ..
        } => "an anchor stands in it, which no package manager writes".to_owned(),
        other => other.to_string(),
    };
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
mod tests;
