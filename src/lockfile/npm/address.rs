//! What an address, as npm's tools write it for a package, says about where the package comes from.

use crate::package::artifact::{Agreement, compare};
use crate::package::source::{Host, Registry, host};
use crate::package::{Ecosystem, PackageName, Source, Version};
use crate::text::Untrusted;

/// Tells by an address, or by what stands in the place of one, where the package of a name comes from.
pub(in crate::lockfile) fn classify<'a>(
    address: &Untrusted<'a>,
    name: &PackageName<'a>,
) -> Source<'a> {
    let text = address.as_str();
    if let Some(path) = text.strip_prefix("file:") {
        return if is_archive(path) {
            Source::Archive(address.clone())
        } else {
            Source::Path(slice(address, 5, text.len()))
        };
    }
    if is_git(text) {
        let hash = text.find('#');
        let commit = hash.map(|at| slice(address, at + 1, text.len()));
        return Source::Git {
            url: slice(address, 0, hash.unwrap_or(text.len())),
            commit,
        };
    }
    // What is no address names a release of the configured registry; `check` reports it.
    if matches!(host(Ecosystem::Npm, text), None | Some(Host::Public)) {
        return Source::Registry(Registry::Public);
    }
    match registry_base(text, name.as_str()) {
        Some(end) => Source::registry(Ecosystem::Npm, slice(address, 0, end)),
        None => Source::Archive(address.clone()),
    }
}

/// Takes the version of a package from the name of the file that a registry serves for it.
pub(in crate::lockfile) fn version_of_archive(
    address: &str,
    name: &str,
) -> Option<Version<'static>> {
    match compare(Ecosystem::Npm, address, name, "") {
        Agreement::Other(claim) if claim.name == name => Some(Version::new(claim.version.into())),
        _ => None,
    }
}

/// Finds where the address of the registry ends in a tarball's URL: before `name/-/`, or GitHub's `download/name/`.
fn registry_base(url: &str, name: &str) -> Option<usize> {
    let Some(tarball) = url.find("/-/") else {
        return github_base(url, name);
    };
    let before = &url[..tarball];
    let encoded = || before.strip_suffix(&*name.replace('/', "%2f"));
    let end = before.strip_suffix(name).or_else(encoded);
    match end {
        Some(base) => Some(base.len()),
        // The name in the URL is another one; the rule `source-mismatch` speaks of that.
        None => before.rfind('/').map(|slash| slash + 1),
    }
}

/// GitHub's registry serves `<base>/download/<name>/<version>/<digest>`.
fn github_base(url: &str, name: &str) -> Option<usize> {
    const FOLDER: &str = "/download/";
    let at = url.find(FOLDER)?;
    let path = &url[at + FOLDER.len()..];
    path.strip_prefix(name)?.starts_with('/').then_some(at + 1)
}

fn is_git(text: &str) -> bool {
    const SCHEMES: [&str; 5] = ["git+", "git:", "git@", "ssh:", "github:"];
    let hosted =
        text.starts_with("gitlab:") || text.starts_with("bitbucket:") || text.starts_with("gist:");
    hosted || SCHEMES.iter().any(|scheme| text.starts_with(scheme)) || is_shorthand(text)
}

/// `owner/repository#commit`, as version 1 writes GitHub dependencies.
fn is_shorthand(text: &str) -> bool {
    let path = text.split('#').next().unwrap_or_default();
    !text.contains(':') && !path.starts_with(['.', '/', '@']) && path.split('/').count() == 2
}

/// Says whether a path or an address ends as an archive of npm does, in letters of any case.
pub(in crate::lockfile) fn is_archive(path: &str) -> bool {
    [".tgz", ".tar.gz", ".tar"].iter().any(|ending| {
        let start = path.len().checked_sub(ending.len());
        let end = start.and_then(|start| path.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}

/// Takes a part of a text without giving up a borrow.
pub(in crate::lockfile) fn slice<'a>(
    text: &Untrusted<'a>,
    start: usize,
    end: usize,
) -> Untrusted<'a> {
    match text.as_borrowed() {
        Some(borrowed) => Untrusted::borrowed(&borrowed[start..end]),
        None => text.as_str()[start..end].to_owned().into(),
    }
}
