//! Paths inside the audited root: the only way in which the pure stages name a file.
//!
//! A [`FilePath`] is relative to the root, uses `/` on every system and never holds `.`, `..` or an empty
//! part, so that it cannot leave the root by its text alone. Links are the business of `discover`.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::Untrusted;

/// A path relative to the audited root; the root itself is the empty path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FilePath(Box<str>);

impl FilePath {
    /// Normalises a relative path; `None` if it is absolute, names a drive or climbs out of the root.
    pub fn new(text: &str) -> Option<Self> {
        Self::default().join(text)
    }

    /// Resolves `text` against this folder, by text alone; `None` if the result would lie outside the root.
    pub fn join(&self, text: &str) -> Option<Self> {
        if text.starts_with(['/', '\\'])
            || text.as_bytes().get(1) == Some(&b':')
            || text.contains('\0')
        {
            return None;
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in text.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                _ => parts.push(part),
            }
        }
        Some(Self(parts.join("/").into()))
    }

    /// Returns the parts from the root down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Writes another path as seen from this folder, with `..` where it lies elsewhere.
    pub fn relative_to(&self, other: &Self) -> String {
        let shared = self
            .parts()
            .zip(other.parts())
            .take_while(|(own, theirs)| own == theirs)
            .count();
        let up = self.parts().skip(shared).map(|_| "..");
        let relative: Vec<&str> = up.chain(other.parts().skip(shared)).collect();
        if relative.is_empty() {
            ".".to_owned()
        } else {
            relative.join("/")
        }
    }

    /// Returns the folder that holds this file; the root is its own.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(
            self.0
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .into(),
        )
    }

    /// Returns the last part; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// Says whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Says whether `folder` holds this path, at any depth, or is it.
    pub fn is_within(&self, folder: &Self) -> bool {
        folder.is_root()
            || self
                .0
                .strip_prefix(&*folder.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Returns the raw text, for opening and comparing; never for output.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path as text that reports can escape; the root shows as `.`.
    pub fn untrusted(&self) -> Untrusted<'_> {
        Untrusted::borrowed(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.untrusted().fmt(formatter)
    }
}

impl Serialize for FilePath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.untrusted().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::new(text).expect("a path inside the root")
    }

    #[test]
    fn paths_are_normalised() {
        assert_eq!(path("./a//b/../c").as_str(), "a/c");
        assert_eq!(path(r"a\b").as_str(), "a/b");
        assert!(path(".").is_root());
    }

    #[test]
    fn paths_never_leave_the_root() {
        for outside in [
            "..",
            "a/../..",
            "/etc/passwd",
            r"\\server\share",
            "C:/x",
            "a\0b",
        ] {
            assert_eq!(FilePath::new(outside), None, "{outside}");
        }
        assert_eq!(path("a/b").join("../../.."), None);
        assert_eq!(path("a/b").join("../c"), Some(path("a/c")));
    }

    #[test]
    fn paths_are_written_as_seen_from_a_folder() {
        for (folder, other, seen) in [
            ("a/b", "a/b/c", "c"),
            ("a/b", "a/x/y", "../x/y"),
            ("a", "a", "."),
            ("", "x", "x"),
            ("a", "", ".."),
        ] {
            assert_eq!(path(folder).relative_to(&path(other)), seen);
            assert_eq!(path(folder).join(seen), Some(path(other)));
        }
    }

    #[test]
    fn a_folder_holds_what_lies_below_it_and_no_namesake() {
        assert!(path("web/app/x").is_within(&path("web/app")));
        assert!(path("web").is_within(&FilePath::default()));
        assert!(!path("web-old/x").is_within(&path("web")));
    }
}
