//! A requirement as pip tells it apart: by a name (PEP 508), or by an address or path alone.

use crate::lockfile::pypi::address::{fragment, is_archive, is_repository};
use crate::lockfile::pypi::requirement::{Requirement, Wanted};
use crate::package::artifact::pypi_release;
use crate::package::version::admits;
use crate::package::{Ecosystem, Source};

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written<'t> {
    /// A name, with a range or an address.
    Named(Requirement<'t>),
    /// An address or a path.
    Address {
        /// Without extras behind it.
        address: &'t str,
        /// The environment marker.
        marker: Option<&'t str>,
    },
}

impl<'t> Written<'t> {
    /// Reads a requirement; none if pip would not take it.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        if let Some(requirement) = Requirement::parse(text) {
            let is_file = requirement.wanted == Wanted::Any && is_archive(requirement.name);
            if !is_file {
                return is_valid(&requirement).then_some(Self::Named(requirement));
            }
        }
        let (address, marker) = split_marker(text);
        let is_address = is_repository(address)
            || address.contains("://")
            || starts_with_file(address)
            || is_path(address);
        let is_whole = !address.contains(char::is_whitespace);
        (is_address && is_whole).then(|| Self::Address {
            address: without_extras(address),
            marker,
        })
    }
}

/// A range must be one of Python's; an exact version is checked as every entry's is.
fn is_valid(requirement: &Requirement<'_>) -> bool {
    match requirement.wanted {
        Wanted::Specifier(range) if requirement.pin().is_none() || range.contains(',') => {
            admits(Ecosystem::Pypi, range, "1").is_some()
        }
        _ => true,
    }
}

/// In an address a `;` is a part of it unless a space follows.
fn split_marker(text: &str) -> (&str, Option<&str>) {
    let separator = if text.contains("://") { "; " } else { ";" };
    match text.split_once(separator) {
        Some((address, marker)) => (address.trim_end(), Some(marker.trim())),
        None => (text, None),
    }
}

fn starts_with_file(text: &str) -> bool {
    text.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("file:"))
}

/// pip takes for a path what begins with a dot, holds a slash, or is named like an archive.
fn is_path(text: &str) -> bool {
    let looks_so = text.starts_with('.') || text.contains(['/', '\\']) || is_archive(text);
    looks_so
        && !text
            .contains(|character: char| character.is_whitespace() || "<>=!;".contains(character))
}

/// `.[dev]` is the folder `.` with an extra.
pub(super) fn without_extras(address: &str) -> &str {
    let open = address
        .rfind('[')
        .filter(|at| *at > 0 && address.ends_with(']'));
    open.map_or(address, |at| &address[..at])
}

/// Names the package at an address: as its fragment says, as its file is named, or as its repository or folder is.
pub(super) fn name_of(address: &str, source: &Source<'_>) -> Option<String> {
    if let Some(egg) = fragment(address, "egg") {
        let name = egg.split('[').next().unwrap_or_default();
        return (!name.is_empty()).then(|| name.to_owned());
    }
    match source {
        Source::Registry(_) | Source::Archive(_) => {
            pypi_release(address).map(|release| release.name)
        }
        Source::Git { url, .. } => last_part(url.as_str()),
        Source::Path(path) => last_part(path.as_str()),
    }
}

fn last_part(path: &str) -> Option<String> {
    let part = path
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()?;
    let name = part.strip_suffix(".git").unwrap_or(part);
    (!name.is_empty() && !name.starts_with('.')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<(&str, Option<&str>)> {
        match Written::parse(text) {
            Some(Written::Address { address, marker }) => Some((address, marker)),
            _ => None,
        }
    }

    #[test]
    fn addresses_and_paths_are_told_from_names() {
        assert_eq!(
            address("https://h/a;b.whl ; os_name == 'nt'"),
            Some(("https://h/a;b.whl", Some("os_name == 'nt'")))
        );
        assert_eq!(address("./a[x,y]"), Some(("./a", None)));
        assert_eq!(address("a-1.0.tar.gz"), Some(("a-1.0.tar.gz", None)));
        assert_eq!(address("file:a;x"), Some(("file:a", Some("x"))));
        assert_eq!(address("a/b"), Some(("a/b", None)));
        for text in ["a", "a==1", "a @ https://h/a.whl"] {
            assert!(
                matches!(Written::parse(text), Some(Written::Named(_))),
                "{text}"
            );
        }
        for text in [
            "",
            ">=1",
            "a==1 b",
            "a==",
            "a=1",
            "a b/c",
            "a>=x/y",
            "a==1,>x",
            "ctx @ https://h.example/ctx-0.2.6.whl junk",
            "foo bar https://h.example/x",
        ] {
            assert_eq!(Written::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_come_from_fragments_files_and_folders() {
        let archive = Source::Archive("".into());
        assert_eq!(
            name_of("git+https://h/r#egg=n[x]&subdirectory=y", &archive).as_deref(),
            Some("n")
        );
        assert_eq!(
            name_of("./d/numpy-1.9.2-cp34-none-win32.whl", &archive).as_deref(),
            Some("numpy")
        );
        assert_eq!(name_of("https://h/archive/1.26.8.zip", &archive), None);
        let git = Source::Git {
            url: "https://h/o/kombu.git".into(),
            commit: None,
        };
        assert_eq!(
            name_of("git+https://h/o/kombu.git", &git).as_deref(),
            Some("kombu")
        );
        assert_eq!(name_of(".", &Source::Path(".".into())), None);
    }
}
