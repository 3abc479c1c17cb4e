//! Bounds on what a parser accepts, so that no file can take the machine with it.

use thiserror::Error;

/// The bounds; the defaults are far above any real lockfile.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Entries of one lockfile.
    pub entries: usize,
    /// Dependencies of one lockfile.
    pub dependencies: usize,
    /// Entries of one name; looking for one of them takes time in their number.
    pub namesakes: usize,
    /// Packages nested in each other's folders.
    pub nesting: usize,
    /// Manifests read beside one lockfile.
    pub manifests: usize,
    /// Bytes of all install paths that one lockfile spells by nesting.
    pub location_bytes: usize,
    /// Folders below each other in a walk.
    pub depth: usize,
    /// Bytes of one word: names, paths and keys are copied and compared many times.
    pub word: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 256 << 20,
            entries: 1_000_000,
            dependencies: 8_000_000,
            namesakes: 1_000,
            nesting: 128,
            manifests: 20_000,
            location_bytes: 64 << 20,
            depth: 128,
            word: 16 << 10,
        }
    }
}

/// What exceeded which bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("more than {limit} {what}")]
pub struct LimitExceeded {
    /// What was counted, as a plural.
    pub what: &'static str,
    /// The bound.
    pub limit: u64,
}

impl Limits {
    /// Checks a lockfile's number of entries.
    pub fn check_entries(&self, entries: usize) -> Result<(), LimitExceeded> {
        check("entries", entries, self.entries)
    }

    /// Checks a lockfile's number of dependencies.
    pub fn check_dependencies(&self, dependencies: usize) -> Result<(), LimitExceeded> {
        check("dependencies", dependencies, self.dependencies)
    }

    /// Checks how many entries have one name.
    pub fn check_namesakes(&self, entries: usize) -> Result<(), LimitExceeded> {
        check("entries of one name", entries, self.namesakes)
    }

    /// Checks how deep packages are nested in each other's folders.
    pub fn check_nesting(&self, packages: usize) -> Result<(), LimitExceeded> {
        check(
            "packages nested in each other's folders",
            packages,
            self.nesting,
        )
    }

    /// Checks how many bytes all install paths have that nesting spells: each holds those around it.
    pub fn check_locations(&self, bytes: usize) -> Result<(), LimitExceeded> {
        check("bytes in install paths", bytes, self.location_bytes)
    }

    /// Checks that every word of a text is of a bounded length; white space, quotes, commas and brackets end words. O(words).
    pub fn check_words(&self, text: &str) -> Result<(), LimitExceeded> {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"',{}[]".contains(byte);
        let mut rest = text.as_bytes();
        while let Some(start) = rest.get(..=self.word) {
            // From the back, so that a look at few bytes takes one over many.
            let Some(end) = start.iter().rposition(is_end) else {
                return check("bytes in one word", start.len(), self.word);
            };
            rest = &rest[end + 1..];
        }
        Ok(())
    }

    /// Checks a file's size in bytes.
    pub fn check_file_bytes(&self, bytes: u64) -> Result<(), LimitExceeded> {
        if bytes > self.file_bytes {
            Err(LimitExceeded {
                what: "bytes",
                limit: self.file_bytes,
            })
        } else {
            Ok(())
        }
    }
}

fn check(what: &'static str, count: usize, limit: usize) -> Result<(), LimitExceeded> {
    if count > limit {
        Err(LimitExceeded {
            what,
            limit: limit as u64,
        })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_text_are_bounded() {
        let limits = Limits {
            word: 4,
            ..Limits::default()
        };
        for text in ["", "abcd", "abcd efgh", "abcd,\"abcd\"'abcd'\n\n", "é é"] {
            assert_eq!(limits.check_words(text), Ok(()), "{text}");
        }
        for text in ["abcde", "a bcdef", "abcd abcde abcd", "ééé"] {
            assert!(limits.check_words(text).is_err(), "{text}");
        }
    }
}
