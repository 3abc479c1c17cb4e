//! Patterns of paths below the audited root.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::path::FilePath;

/// The longest pattern, in bytes.
const LONGEST: usize = 1024;

/// A pattern of paths below the audited root: `*` stays within a part, `**` crosses parts.
#[derive(Clone, Debug)]
pub struct PathGlob {
    pattern: String,
    matcher: GlobSet,
}

impl PathGlob {
    /// Compiles a pattern; none if it is malformed, too long, or leads out of the root.
    pub fn new(pattern: &str) -> Option<Self> {
        let leads_out = pattern.starts_with('/') || pattern.split('/').any(|part| part == "..");
        let trimmed = pattern.trim_start_matches("./").trim_end_matches('/');
        if trimmed.is_empty() || leads_out || pattern.contains('\\') || pattern.len() > LONGEST {
            return None;
        }
        // What lies below a folder is excluded with the folder, so both spellings mean the same.
        let folder = trimmed.strip_suffix("/**").unwrap_or(trimmed);
        let glob = GlobBuilder::new(folder).literal_separator(true).build();
        // A set of one, because `Glob::compile_matcher` panics on what the regex engine refuses.
        let mut set = GlobSetBuilder::new();
        set.add(glob.ok()?);
        Some(Self {
            pattern: pattern.to_owned(),
            matcher: set.build().ok()?,
        })
    }

    /// Says whether a path, or a folder that holds it, has this pattern, below a folder that was asked for.
    ///
    /// The folder itself was named by the user, and what is named is read.
    pub fn excludes(&self, path: &FilePath, asked: &FilePath) -> bool {
        let mut part = path.clone();
        while part.is_within(asked) && part != *asked {
            if self.matcher.is_match(part.as_str()) {
                return true;
            }
            part = part.parent();
        }
        false
    }

    /// Returns the pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern
    }
}

impl Eq for PathGlob {}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(pattern: &str, path: &str, asked: &str) -> bool {
        let of = |text: &str| FilePath::new(text).expect("a path inside the root");
        let asked = if asked.is_empty() {
            FilePath::default()
        } else {
            of(asked)
        };
        PathGlob::new(pattern)
            .expect("a pattern")
            .excludes(&of(path), &asked)
    }

    #[test]
    fn a_folder_is_excluded_with_all_that_it_holds() {
        for pattern in ["examples", "examples/", "examples/**", "./examples", "ex*"] {
            assert!(excludes(pattern, "examples/a/Cargo.lock", ""), "{pattern}");
            assert!(
                !excludes(pattern, "src/examples/Cargo.lock", ""),
                "{pattern}"
            );
        }
        assert!(excludes("**/fixtures/**", "a/b/fixtures/x/Cargo.lock", ""));
        assert!(excludes("*/Cargo.lock", "a/Cargo.lock", ""));
        assert!(!excludes("*/Cargo.lock", "a/b/Cargo.lock", ""));
    }

    #[test]
    fn what_the_user_named_is_read() {
        assert!(!excludes("examples/**", "examples/Cargo.lock", "examples"));
        assert!(!excludes(
            "examples/**",
            "examples/a/Cargo.lock",
            "examples/a/Cargo.lock"
        ));
        assert!(excludes("examples/a", "examples/a/Cargo.lock", "examples"));
    }

    #[test]
    fn patterns_that_are_malformed_or_lead_out_are_none() {
        let long = "a".repeat(LONGEST + 1);
        for pattern in ["", "/", "/etc/**", "../a", "a/../b", "a[", "a\\b", &long] {
            assert!(PathGlob::new(pattern).is_none(), "{pattern}");
        }
    }
}
