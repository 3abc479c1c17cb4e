//! What the first element of a tuple says about where a package comes from, as Bun reads it.

use crate::lockfile::npm::address::{classify, is_archive, slice, version_of_archive};
use crate::lockfile::npm::specifier;
use crate::package::{Ecosystem, PackageName, Source, Version};
use crate::text::Untrusted;

/// What a tuple stands for.
pub(super) enum Identity<'a> {
    /// The project itself, by its name, which may be empty.
    Root(Untrusted<'a>),
    /// A member of the workspace, by its name and its folder.
    Member(Untrusted<'a>, Untrusted<'a>),
    /// A package.
    Package(Package<'a>),
}

/// A package of a tuple.
pub(super) struct Package<'a> {
    pub(super) name: PackageName<'a>,
    pub(super) version: Option<Version<'a>>,
    pub(super) source: Source<'a>,
    /// The address of its archive, where the tuple states it.
    pub(super) url: Option<Untrusted<'a>>,
}

/// Reads `name@version`, `name@workspace:folder` and so on; none if it is nothing of the kind.
///
/// `address` is the second text of the tuple, which only releases have: their registry, or their archive in it.
pub(super) fn read<'a>(
    identity: &Untrusted<'a>,
    address: Option<Untrusted<'a>>,
) -> Option<Identity<'a>> {
    let text = identity.as_str();
    if text.starts_with("@root:") {
        return Some(Identity::Root(Untrusted::default()));
    }
    let (name, resolution) = specifier::split(text)?;
    let at = name.len() + 1;
    let rest = |prefix: &str| slice(identity, at + prefix.len(), text.len());
    let name = slice(identity, 0, name.len());
    if resolution.starts_with("root:") {
        return Some(Identity::Root(name));
    }
    if resolution.starts_with("workspace:") {
        return Some(Identity::Member(name, rest("workspace:")));
    }
    let name = PackageName::new(Ecosystem::Npm, name);
    for local in ["file:", "link:"] {
        if resolution.starts_with(local) {
            return Some(Identity::Package(Package {
                name,
                version: None,
                source: Source::Path(rest(local)),
                url: None,
            }));
        }
    }
    let resolution = rest("");
    Some(Identity::Package(match kind(resolution.as_str()) {
        Kind::Repository => Package {
            source: classify(&resolution, &name),
            name,
            version: None,
            url: None,
        },
        Kind::Archive => archive(name, resolution),
        Kind::Release => release(name, resolution, address),
    }))
}

/// What kind of thing the text behind a name is.
enum Kind {
    Repository,
    Archive,
    Release,
}

fn kind(resolution: &str) -> Kind {
    const REPOSITORIES: [&str; 5] = ["git+", "github:", "git:", "git@", "ssh:"];
    let is_repository = REPOSITORIES
        .iter()
        .any(|start| resolution.starts_with(start));
    if is_repository {
        Kind::Repository
    } else if resolution.contains("://") || is_archive(resolution) {
        Kind::Archive
    } else {
        Kind::Release
    }
}

/// An archive that the public registry serves is a release of its package, which the file's name tells.
fn archive<'a>(name: PackageName<'a>, address: Untrusted<'a>) -> Package<'a> {
    let source = Source::archive(Ecosystem::Npm, address.clone());
    let version = if source.is_public() {
        version_of_archive(address.as_str(), name.as_str())
    } else {
        None
    };
    Package {
        name,
        version,
        source,
        url: Some(address),
    }
}

/// No address means the registry that is configured; Bun writes the archive's own where that is another one.
fn release<'a>(
    name: PackageName<'a>,
    version: Untrusted<'a>,
    address: Option<Untrusted<'a>>,
) -> Package<'a> {
    let address = address.unwrap_or_default();
    let source = classify(&address, &name);
    let is_base = matches!(source, Source::Archive(_)) && !is_archive(address.as_str());
    let url = (!address.as_str().is_empty() && !is_base).then(|| address.clone());
    Package {
        name,
        version: Some(Version::new(version)),
        source: if is_base {
            Source::registry(Ecosystem::Npm, address)
        } else {
            source
        },
        url,
    }
}
