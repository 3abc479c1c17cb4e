//! Where the keys of `packages` stand in the file.

use super::Place;
use crate::lockfile::span::{SourceFile, Span};

/// How many keys may be written in a way that is not looked for before no more are looked for.
const MISSES: usize = 16;

/// Finds the keys one after the other, in the order of the file. O(bytes) in all.
pub(super) struct Keys<'a> {
    file: &'a SourceFile,
    /// Where the search for the next key that needs escapes begins.
    from: usize,
    missed: usize,
}

impl<'a> Keys<'a> {
    /// Begins at the start of a file.
    pub(super) const fn new(file: &'a SourceFile) -> Self {
        Self {
            file,
            from: 0,
            missed: 0,
        }
    }

    /// Finds where the key of the next place stands, quotes included; one that needs escapes is searched for.
    pub(super) fn next(&mut self, place: &Place<'_>) -> Span {
        let found = match place.key.as_borrowed() {
            Some(key) => self.file.span_of(key).map(|span| Span {
                start: span.start.saturating_sub(1),
                end: span.end + 1,
            }),
            None => self.search(place.key.as_str()),
        };
        found.unwrap_or_default()
    }

    /// Searches for the one JSON form that tools write.
    fn search(&mut self, key: &str) -> Option<Span> {
        if self.missed == MISSES {
            return None;
        }
        let written = serde_json::to_string(key).ok()?;
        let rest = self.file.text().get(self.from..)?;
        let Some(at) = rest.find(&written) else {
            self.missed += 1;
            return None;
        };
        let start = self.from + at;
        self.from = start + written.len();
        Some(Span::new(start, self.from))
    }
}
