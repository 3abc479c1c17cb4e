//! Where a record's package comes from: by `resolved`, or else by the patterns that it answers.

use super::super::npm::address::{classify, slice};
use super::super::yarn::is_git_address;
use crate::package::artifact::{Agreement, compare};
use crate::package::source::{Registry, is_commit};
use crate::package::{Algorithm, Digest, Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// A record's address, taken apart.
pub(super) struct Address<'a> {
    /// Where the package comes from.
    pub(super) source: Source<'a>,
    /// The address of its archive or repository.
    pub(super) url: Option<Untrusted<'a>>,
    /// The SHA-1 behind the address of an archive.
    pub(super) sha1: Option<Digest>,
}

/// Reads `resolved`: `address#digest` of an archive, `address#commit` of a repository, or a file of a mirror.
pub(super) fn of_resolved<'a>(resolved: &Untrusted<'a>, name: &PackageName<'a>) -> Address<'a> {
    let text = resolved.as_str();
    let (address, fragment) = match text.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (text, None),
    };
    let url = slice(resolved, 0, address.len());
    if let Some(source) = of_repository(&url, fragment, resolved) {
        return Address {
            source,
            url: Some(resolved.clone()),
            sha1: None,
        };
    }
    let sha1 = fragment.and_then(|digits| Digest::from_hex(Algorithm::Sha1, digits));
    if is_bare_file(address) {
        return Address {
            source: Source::Registry(Registry::Public),
            url: None,
            sha1,
        };
    }
    Address {
        source: classify(&url, name),
        url: Some(url),
        sha1,
    }
}

/// Says whether `resolved` is a file of an offline mirror that is named like another package.
pub(super) fn is_another_file(resolved: &str, name: &str, version: &str) -> bool {
    let file = resolved.split('#').next().unwrap_or(resolved);
    // Yarn writes the scope into the name: `@scope-name-1.0.0.tgz`.
    let own = format!("{}-{version}.tgz", name.replace('/', "-"));
    is_bare_file(file)
        && file != own
        && compare(Ecosystem::Npm, file, name, version) != Agreement::Same
}

fn is_bare_file(address: &str) -> bool {
    !address.is_empty() && !address.contains(['/', ':', '\\'])
}

/// Reads the address of a repository, or of an archive that a host of repositories makes of a commit.
fn of_repository<'a>(
    url: &Untrusted<'a>,
    fragment: Option<&str>,
    resolved: &Untrusted<'a>,
) -> Option<Source<'a>> {
    let text = url.as_str();
    if is_git_address(text) {
        let commit = fragment.filter(|commit| !commit.is_empty());
        let end = resolved.as_str().len();
        return Some(Source::Git {
            url: url.clone(),
            commit: commit.map(|commit| slice(resolved, end - commit.len(), end)),
        });
    }
    let (start, commit) = hosted_commit(text)?;
    Some(Source::Git {
        url: slice(url, 0, start),
        commit: Some(slice(url, commit.start, commit.end)),
    })
}

/// Finds the end of the repository's address and the commit in the address of such an archive.
fn hosted_commit(url: &str) -> Option<(usize, std::ops::Range<usize>)> {
    const FORMS: [(&str, &str, &str); 3] = [
        ("https://codeload.github.com/", "/tar.gz/", ""),
        ("https://gitlab.com/", "/repository/archive.tar.gz?ref=", ""),
        ("https://bitbucket.org/", "/get/", ".tar.gz"),
    ];
    FORMS.iter().find_map(|(host, middle, ending)| {
        let path = url.strip_prefix(host)?.strip_suffix(ending)?;
        let (repository, commit) = path.split_once(middle)?;
        let start = host.len() + repository.len();
        let from = start + middle.len();
        is_commit(commit).then(|| (start, from..from + commit.len()))
    })
}

/// Tells by the range of a pattern where a record without `resolved` comes from; none if from a registry.
pub(super) fn of_range<'a>(range: &Untrusted<'a>, name: &PackageName<'a>) -> Option<Source<'a>> {
    const FOLDERS: [&str; 3] = ["link:", "./", "../"];
    let text = range.as_str();
    if let Some(prefix) = FOLDERS.iter().find(|prefix| text.starts_with(**prefix)) {
        let start = if *prefix == "link:" { prefix.len() } else { 0 };
        return Some(Source::Path(slice(range, start, text.len())));
    }
    if text.starts_with("npm:") || !text.contains([':', '/']) {
        return None;
    }
    let source = classify(range, name);
    (!source.is_registry()).then_some(source)
}
