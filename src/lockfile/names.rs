//! File names: by which a lockfile, read or unread, is told from other files.

/// A pattern for file names; case does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNamePattern {
    /// One name.
    Exact(&'static str),
    /// Any name with this beginning and this end.
    Between(&'static str, &'static str),
    /// Any name with this end, in a folder of this name.
    InFolder(&'static str, &'static str),
    /// Any name with this part in it and this end behind it.
    Within(&'static str, &'static str),
    /// A name with this beginning and this end, and a part without a dot between them.
    OnePart(&'static str, &'static str),
}

impl FileNamePattern {
    /// Says whether a name, in a folder of a name, is one that the pattern means.
    #[must_use]
    pub fn matches(self, folder: &str, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact.eq_ignore_ascii_case(name),
            Self::Between(start, end) => between(name, start, end).is_some(),
            Self::Within(part, end) => contains(name, part, end),
            Self::OnePart(start, end) => between(name, start, end)
                .is_some_and(|part| !part.is_empty() && !part.contains(&b'.')),
            Self::InFolder(parent, end) => {
                parent.eq_ignore_ascii_case(folder) && ends_with(name, end)
            }
        }
    }
}

/// Writes the pattern as people write them: `pylock.*.toml`.
impl std::fmt::Display for FileNamePattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(name) => formatter.write_str(name),
            Self::Between(start, end) | Self::OnePart(start, end) => {
                write!(formatter, "{start}*{end}")
            }
            Self::Within(part, end) => write!(formatter, "*{part}*{end}"),
            Self::InFolder(folder, end) => write!(formatter, "{folder}/*{end}"),
        }
    }
}

/// Returns what stands between the beginning and the end of a name that has both.
fn between<'n>(name: &'n str, start: &str, end: &str) -> Option<&'n [u8]> {
    let is_meant =
        name.len() >= start.len() + end.len() && starts_with(name, start) && ends_with(name, end);
    is_meant.then(|| &name.as_bytes()[start.len()..name.len() - end.len()])
}

fn contains(name: &str, part: &str, end: &str) -> bool {
    let before = name.len().saturating_sub(end.len());
    let mut windows = name.as_bytes()[..before].windows(part.len().max(1));
    ends_with(name, end) && windows.any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

fn starts_with(name: &str, start: &str) -> bool {
    name.as_bytes()
        .get(..start.len())
        .is_some_and(|part| part.eq_ignore_ascii_case(start.as_bytes()))
}

fn ends_with(name: &str, end: &str) -> bool {
    let start = name.len().checked_sub(end.len());
    start.is_some_and(|start| name.as_bytes()[start..].eq_ignore_ascii_case(end.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::FileNamePattern::{Between, Exact, InFolder, OnePart, Within};

    #[test]
    fn patterns_match_in_any_case_and_never_overlap_their_ends() {
        assert!(Exact("yarn.lock").matches("", "Yarn.Lock"));
        assert!(Between("pylock.", ".toml").matches("a", "pylock.dev.toml"));
        assert!(!Between("pylock.", ".toml").matches("", "pylock.toml"));
        assert!(InFolder("requirements", ".txt").matches("Requirements", "base.txt"));
        assert!(!InFolder("requirements", ".txt").matches("a", "base.txt"));
    }

    #[test]
    fn a_part_may_stand_anywhere_before_the_end() {
        let pattern = Within("requirements", ".txt");
        for name in ["requirements.txt", "my-Requirements-dev.TXT"] {
            assert!(pattern.matches("", name), "{name}");
        }
        for name in [
            "requirement.txt",
            "requirements.in",
            ".txt",
            "",
            "requirements",
        ] {
            assert!(!pattern.matches("", name), "{name}");
        }
    }

    #[test]
    fn one_part_has_no_dot_and_is_not_empty() {
        let pattern = OnePart("pylock.", ".toml");
        assert!(pattern.matches("", "PyLock.dev.toml"));
        for name in ["pylock.toml", "pylock..toml", "pylock.a.b.toml"] {
            assert!(!pattern.matches("", name), "{name}");
        }
    }

    #[test]
    fn patterns_are_shown_with_a_star() {
        assert_eq!(Between("pylock.", ".toml").to_string(), "pylock.*.toml");
        assert_eq!(Within("a", ".txt").to_string(), "*a*.txt");
        assert_eq!(
            InFolder("requirements", ".txt").to_string(),
            "requirements/*.txt"
        );
    }
}
