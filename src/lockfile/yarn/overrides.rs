//! `resolutions` of the project's package.json: ranges that Yarn asks for in place of what packages ask for.
//!
//! Keys are `name`, `parent/name` and `**/parent/name`, in Yarn 2 and later also `name@range`. Of a longer path
//! only the last parent is looked at, since a lockfile holds a package once for all paths to it.

use rustc_hash::FxHashMap;

use super::Ranges;
use crate::lockfile::manifest::package_json::PackageJson;
use crate::lockfile::npm::specifier;

/// Whose ask is replaced: a name, the only parent that is meant, the only range that is meant.
type Key<'m> = (&'m str, Option<&'m str>, Option<&'m str>);

/// The replacements, and what takes their place.
#[derive(Debug, Default)]
pub(super) struct Overrides<'m>(FxHashMap<Key<'m>, Replacement<'m>>);

/// What takes the place of what a package asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replacement<'m> {
    /// The range that Yarn asks for instead.
    pub(super) range: &'m str,
    /// Whether that is so wherever the package asks.
    pub(super) reach: Reach,
}

/// Where a replacement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Wherever the package is asked for.
    Everywhere,
    /// Only on the way from the project that the key spells out. What Yarn 1 asked for in spite of it, which
    /// other ways lead to, is in the lockfile as it was asked for.
    OneWay,
}

impl<'m> Overrides<'m> {
    /// Reads `resolutions` of a manifest.
    pub(super) fn of(manifest: &'m PackageJson<'_>, ranges: Ranges) -> Self {
        let mut overrides = Self::default();
        for (key, range) in manifest.resolutions.iter() {
            if let Some(range) = range.text() {
                overrides.add(key.as_str(), range.as_str(), ranges);
            }
        }
        overrides
    }

    fn add(&mut self, key: &'m str, range: &'m str, ranges: Ranges) {
        let (before, last) = split_last(key);
        let (name, asked) = match specifier::split(last) {
            Some((name, asked)) => (name, Some(ranges.plain(asked))),
            None => (last, None),
        };
        let parent = before.map(|before| {
            let parent = split_last(before).1;
            specifier::split(parent).map_or(parent, |(name, _)| name)
        });
        let parent = parent.filter(|parent| *parent != "**");
        // In Yarn 1 a path that does not begin with `**` begins at the project.
        let is_one_way = ranges == Ranges::Verbatim && parent.is_some() && !key.starts_with("**");
        let replacement = Replacement {
            range: ranges.plain(range),
            reach: if is_one_way {
                Reach::OneWay
            } else {
                Reach::Everywhere
            },
        };
        self.0.insert((name, parent, asked), replacement);
    }

    /// Returns what takes the place of what a package asks for; the most particular one.
    pub(super) fn find(&self, parent: &str, name: &str, asked: &str) -> Option<Replacement<'m>> {
        if self.0.is_empty() {
            return None;
        }
        let keys: [Key<'_>; 4] = [
            (name, Some(parent), Some(asked)),
            (name, Some(parent), None),
            (name, None, Some(asked)),
            (name, None, None),
        ];
        keys.iter().find_map(|key| self.0.get(key).copied())
    }
}

/// Splits a path of names at its last part; scopes stay whole.
fn split_last(path: &str) -> (Option<&str>, &str) {
    let mut start = 0;
    let mut before = None;
    let end_of_names = range_start(path);
    for (at, _) in path[..end_of_names].match_indices('/') {
        if !path[start..at].starts_with('@') || path[start..at].contains('/') {
            before = Some(&path[..at]);
            start = at + 1;
        }
    }
    (before, &path[start..])
}

/// Finds where the range of the last name begins, which may hold slashes.
fn range_start(path: &str) -> usize {
    let bytes = path.as_bytes();
    let is_range = |at: &usize| *at > 0 && bytes[at - 1] != b'/' && !path[*at..].contains('/');
    let mut signs = memchr::memchr_iter(b'@', bytes);
    signs.next_back().filter(is_range).unwrap_or(path.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::manifest::package_json;

    fn range(resolutions: &str, parent: &str, name: &str, asked: &str) -> Option<String> {
        let text = format!("{{\"resolutions\":{resolutions}}}");
        let manifest = package_json::read(&text).expect("JSON");
        let overrides = Overrides::of(&manifest, Ranges::Prefixed);
        let replacement = overrides.find(parent, name, asked)?;
        Some(replacement.range.to_owned())
    }

    #[test]
    fn keys_name_a_package_and_perhaps_who_asks_for_it() {
        for (key, parent, name) in [
            ("left", "any", "left"),
            ("**/left", "any", "left"),
            ("app/left", "app", "left"),
            ("**/app/left", "app", "left"),
            ("@s/app/@s/left", "@s/app", "@s/left"),
            ("@s/left", "any", "@s/left"),
            ("app@npm:^1/left", "app", "left"),
        ] {
            let resolutions = format!("{{\"{key}\":\"npm:2.0.0\"}}");
            assert_eq!(
                range(&resolutions, parent, name, "^1"),
                Some("2.0.0".to_owned()),
                "{key}"
            );
        }
        assert_eq!(range(r#"{"app/left":"2"}"#, "other", "left", "^1"), None);
    }

    #[test]
    fn only_yarn_1_takes_a_path_for_one_that_begins_at_the_project() {
        let manifest =
            package_json::read(r#"{"resolutions":{"app/left":"2","**/app/right":"2","up":"2"}}"#)
                .expect("JSON");
        for (ranges, name, reach) in [
            (Ranges::Verbatim, "left", Reach::OneWay),
            (Ranges::Verbatim, "right", Reach::Everywhere),
            (Ranges::Verbatim, "up", Reach::Everywhere),
            (Ranges::Prefixed, "left", Reach::Everywhere),
        ] {
            let found = Overrides::of(&manifest, ranges).find("app", name, "^1");
            let expected = Some(Replacement { range: "2", reach });
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn the_most_particular_one_wins() {
        let both = r#"{"left":"1.0.0","app/left":"2.0.0","left@npm:^3":"3.0.0"}"#;
        assert_eq!(range(both, "x", "left", "^1"), Some("1.0.0".to_owned()));
        assert_eq!(range(both, "app", "left", "^1"), Some("2.0.0".to_owned()));
        assert_eq!(range(both, "x", "left", "^3"), Some("3.0.0".to_owned()));
    }
}
