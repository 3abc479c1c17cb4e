//! What an address or a path, as Python's tools write it for a package, says about where the package comes from.

use crate::lockfile::npm::address::slice;
use crate::package::address::host_name;
use crate::package::{Digest, Ecosystem, Integrity, Source};
use crate::text::Untrusted;

/// The endings of archives that pip installs.
const ARCHIVES: [&str; 8] = [
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".tar",
];

/// Version control systems, as the scheme of an address names them.
const REPOSITORIES: [&str; 4] = ["git+", "hg+", "svn+", "bzr+"];

/// Tells by an address or a path where its package comes from: a repository, an archive, or a folder.
pub(in crate::lockfile) fn classify<'a>(address: &Untrusted<'a>) -> Source<'a> {
    let text = address.as_str();
    let end = text.find('#').unwrap_or(text.len());
    if is_repository(text) {
        return repository(&slice(address, 0, end));
    }
    if host_name(text).is_some() && !is_file(text) {
        return Source::archive(Ecosystem::Pypi, slice(address, 0, end));
    }
    let start = if is_file(text) {
        start_of_path(text)
    } else {
        0
    };
    let path = slice(address, start, end.max(start));
    if is_archive(path.as_str()) {
        Source::Archive(path)
    } else {
        Source::Path(path)
    }
}

/// Parts `git+https://host/repository@reference`; the scheme of git loses its prefix, as other lockfiles write it.
fn repository<'a>(address: &Untrusted<'a>) -> Source<'a> {
    let text = address.as_str();
    let start = if text.starts_with("git+") { 4 } else { 0 };
    let path = text.find("://").map_or(start, |at| at + 3);
    let path = text[path..]
        .find('/')
        .map_or(text.len(), |slash| path + slash);
    let reference = text[path..].rfind('@').map(|at| path + at);
    Source::Git {
        url: slice(address, start, reference.unwrap_or(text.len())),
        commit: reference.map(|at| slice(address, at + 1, text.len())),
    }
}

/// Says whether an address is that of a repository.
pub(in crate::lockfile) fn is_repository(text: &str) -> bool {
    REPOSITORIES.iter().any(|scheme| text.starts_with(scheme))
}

/// Says whether a path or an address ends as an archive does; what follows `#` or `?` is none of it.
pub(in crate::lockfile) fn is_archive(path: &str) -> bool {
    let path = path.split(['#', '?']).next().unwrap_or_default();
    ARCHIVES.iter().any(|ending| {
        let start = path.len().checked_sub(ending.len());
        start.is_some_and(|start| path.as_bytes()[start..].eq_ignore_ascii_case(ending.as_bytes()))
    })
}

/// Returns what a fragment says under a key: `#egg=name&subdirectory=lib`.
pub(in crate::lockfile) fn fragment<'t>(address: &'t str, key: &str) -> Option<&'t str> {
    let (_, fragment) = address.split_once('#')?;
    let mut pairs = fragment.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(name, value)| (name == key).then_some(value))
}

/// Reads the digest in a fragment: `#sha256=00…`.
pub(in crate::lockfile) fn fragment_digest(address: &str) -> Integrity {
    let fragment = address.split_once('#').map_or("", |(_, fragment)| fragment);
    let pairs = fragment.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter_map(|(algorithm, digits)| Digest::from_named_hex(algorithm, digits))
        .collect()
}

fn is_file(text: &str) -> bool {
    text.as_bytes()
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"file:"))
}

/// `file:path`, `file:///path`, and `file://localhost/path`, whose host is no part of it.
fn start_of_path(text: &str) -> usize {
    if !text[5..].starts_with("//") {
        return 5;
    }
    text[7..].find('/').map_or(7, |slash| 7 + slash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(text: &'static str) -> (String, Option<String>) {
        let Source::Git { url, commit } = classify(&text.into()) else {
            panic!("{text} is a repository")
        };
        let commit = commit.map(|commit| commit.as_str().to_owned());
        (url.as_str().to_owned(), commit)
    }

    #[test]
    fn references_are_parted_from_repositories() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            git("git+https://h/o/r.git@v1#egg=x&subdirectory=y"),
            ("https://h/o/r.git".to_owned(), some("v1"))
        );
        assert_eq!(
            git("git+ssh://git@h/o/r.git"),
            ("ssh://git@h/o/r.git".to_owned(), None)
        );
        assert_eq!(
            git("hg+https://u@h/r@tip"),
            ("hg+https://u@h/r".to_owned(), some("tip"))
        );
    }

    #[test]
    fn archives_and_folders_are_told_apart() {
        let archive = |text: &'static str| classify(&text.into());
        assert_eq!(
            archive("https://h/a-1.tar.gz#sha256=00"),
            Source::Archive("https://h/a-1.tar.gz".into())
        );
        assert_eq!(archive("./a-1.WHL"), Source::Archive("./a-1.WHL".into()));
        assert_eq!(
            archive("file:///x/a.zip"),
            Source::Archive("/x/a.zip".into())
        );
        assert_eq!(archive("file:../a"), Source::Path("../a".into()));
        assert_eq!(archive("FILE://h"), Source::Path("h".into()));
        assert_eq!(archive("."), Source::Path(".".into()));
        assert!(archive("https://files.pythonhosted.org/a-1.whl").is_public());
    }

    #[test]
    fn fragments_are_pairs() {
        let hex = "0".repeat(64);
        let address = format!("https://h/a#egg=n&sha256={hex}");
        assert_eq!(fragment(&address, "egg"), Some("n"));
        assert_eq!(fragment(&address, "subdirectory"), None);
        assert_eq!(fragment_digest(&address).digests()[0].hex(), hex);
        assert!(fragment_digest("https://h/a#sha256=zz").is_empty());
    }
}
