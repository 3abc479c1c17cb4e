//! What a key and its `resolution` say about where a package comes from.
//!
//! pnpm writes no address for what its registries serve, so a key with a plain version is a package of the
//! public registry unless `resolution` says otherwise.

use super::key::{Parts, Slot};
use super::wire::{Mapping, Package, Resolution, ResolutionKind, Stated};
use super::workspace::Workspace;
use crate::lockfile::json::Field;
use crate::lockfile::npm::address::{classify, slice};
use crate::package::address::host_name;
use crate::package::source::{Registry, is_commit};
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// Hosts whose archives of a commit pnpm takes for a git dependency.
const GIT_HOSTS: [&str; 4] = [
    "codeload.github.com",
    "github.com",
    "gitlab.com",
    "bitbucket.org",
];

/// Tells where the package of a key comes from.
pub(super) fn of<'a>(
    key: &Untrusted<'a>,
    parts: Parts<'_>,
    package: Option<&Package<'a>>,
    name: &PackageName<'a>,
    workspace: &Workspace,
) -> Source<'a> {
    let resolution = package.map(|package| &package.resolution);
    let of_record = match resolution.and_then(Mapping::get) {
        Some(resolution) => of_resolution(resolution, name),
        None => None,
    };
    of_record.unwrap_or_else(|| {
        let registry = resolution
            .and_then(Mapping::get)
            .and_then(|resolution| stated(&resolution.registry));
        of_key(key, parts, registry, name, workspace)
    })
}

/// Reads what `resolution` says, if it says more than a digest.
fn of_resolution<'a>(resolution: &Resolution<'a>, name: &PackageName<'a>) -> Option<Source<'a>> {
    match resolution.kind() {
        ResolutionKind::Archive => of_tarball(stated(&resolution.tarball)?, name),
        ResolutionKind::Directory => {
            let folder = stated(&resolution.directory).cloned();
            Some(Source::Path(folder.unwrap_or_default()))
        }
        ResolutionKind::Git => Some(Source::Git {
            url: stated(&resolution.repo).cloned().unwrap_or_default(),
            commit: stated(&resolution.commit).cloned(),
        }),
        ResolutionKind::Binary => resolution.url.text().cloned().map(Source::Archive),
        // What a resolver of the project's own hands out is known to it alone, and an unknown kind to nobody.
        ResolutionKind::Custom | ResolutionKind::Variations | ResolutionKind::Unknown => {
            let kind = resolution.kind.text().cloned();
            Some(Source::Archive(kind.unwrap_or_default()))
        }
    }
}

/// Reads the address of an archive; what is none is a path below the registry's own address.
fn of_tarball<'a>(tarball: &Untrusted<'a>, name: &PackageName<'a>) -> Option<Source<'a>> {
    let text = tarball.as_str();
    if host_name(text).is_some() && !text.starts_with("file:") {
        return Some(of_git_host(tarball).unwrap_or_else(|| classify(tarball, name)));
    }
    let slashes = text.bytes().take_while(|byte| matches!(byte, b'/' | b'\\'));
    let is_elsewhere = text.contains(':') || slashes.count() > 1;
    is_elsewhere.then(|| Source::Archive(tarball.clone()))
}

/// Returns the address of the archive: that of the record, else the key's own.
pub(super) fn address<'a>(
    key: &Untrusted<'a>,
    parts: Parts<'_>,
    resolution: Option<&Resolution<'a>>,
    source: &Source<'a>,
) -> Option<Untrusted<'a>> {
    let of_record = resolution.and_then(|resolution| match resolution.kind() {
        ResolutionKind::Binary => stated(&resolution.url),
        _ => stated(&resolution.tarball),
    });
    let is_in_key =
        super::key::slot(parts.slot) == Slot::Address && !matches!(source, Source::Git { .. });
    let of_key = || is_in_key.then(|| part(key, parts.slot));
    of_record.cloned().or_else(of_key)
}

/// Reads what the key says.
fn of_key<'a>(
    key: &Untrusted<'a>,
    parts: Parts<'_>,
    registry: Option<&Untrusted<'a>>,
    name: &PackageName<'a>,
    workspace: &Workspace,
) -> Source<'a> {
    let registry = match (registry, parts.host) {
        (Some(registry), _) => Some(registry.clone()),
        (None, Some(host)) => Some(format!("https://{}/", host.replace('+', ":")).into()),
        (None, None) => None,
    };
    match super::key::slot(parts.slot) {
        Slot::Version | Slot::Runtime => registry
            .map_or(Source::Registry(Registry::Public), |address| {
                Source::registry(Ecosystem::Npm, address)
            }),
        Slot::Named(registry, _) => match workspace.registry(registry) {
            Some(address) => Source::registry(Ecosystem::Npm, address.to_owned().into()),
            None => Source::Registry(Registry::Other(part(key, registry))),
        },
        Slot::File | Slot::Address => {
            let address = part(key, parts.slot);
            of_git_host(&address).unwrap_or_else(|| classify(&address, name))
        }
    }
}

/// Reads the archive of a commit as the git dependency that it stands for.
fn of_git_host<'a>(address: &Untrusted<'a>) -> Option<Source<'a>> {
    let host = host_name(address.as_str())?;
    if !GIT_HOSTS.contains(&&*host) {
        return None;
    }
    let text = address.as_str();
    let commit = text
        .split(|character: char| !character.is_ascii_alphanumeric())
        .find(|part| is_commit(part))?;
    let url = text[..offset(text, commit)].trim_end_matches(['/', '=', '?']);
    let ends = ["/tar.gz", "/get", "/-/archive", "/archive"];
    let url = ends
        .iter()
        .find_map(|end| url.strip_suffix(end))
        .unwrap_or(url);
    Some(Source::Git {
        url: part(address, url),
        commit: Some(part(address, commit)),
    })
}

/// Returns the text that a record states, if it is not empty.
pub(super) fn stated<'f, 'a>(field: &'f Stated<'a>) -> Option<&'f Untrusted<'a>> {
    field.text().filter(|text| !text.as_str().is_empty())
}

/// Returns the text of a field that holds one.
pub(super) fn text<'f, 'a>(field: &'f Field<'a>) -> Option<&'f Untrusted<'a>> {
    field.text().filter(|text| !text.as_str().is_empty())
}

/// Takes a part of a text, by the place of the part in it, without giving up a borrow.
pub(super) fn part<'a>(text: &Untrusted<'a>, part: &str) -> Untrusted<'a> {
    let start = offset(text.as_str(), part);
    slice(text, start, start + part.len())
}

/// Returns where a part of a text begins in it.
fn offset(text: &str, part: &str) -> usize {
    let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    if start + part.len() <= text.len() {
        start
    } else {
        0
    }
}
