//! Reads what Yarn 2 and later call a locator: `name@reference`, the one record of where a package comes from.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::lockfile::model::EntryKind;
use crate::lockfile::npm::address::{classify, is_archive, slice};
use crate::lockfile::npm::specifier;
use crate::package::source::Registry;
use crate::package::{Ecosystem, PackageName, Source};
use crate::text::Untrusted;

/// How many patches of patches are looked into.
const PATCHES: usize = 8;

/// The parameter that says where a registry's archive lies if not where all do.
const ARCHIVE: &str = "__archiveUrl";

/// A package as a locator names it.
pub(in crate::lockfile) struct Located<'a> {
    /// Its own name, not an alias of it.
    pub(in crate::lockfile) name: Untrusted<'a>,
    /// Its version, where the locator says; the record says it for the others.
    pub(in crate::lockfile) version: Option<Untrusted<'a>>,
    /// Where it comes from.
    pub(in crate::lockfile) source: Source<'a>,
    /// The address of its archive, where the locator says.
    pub(in crate::lockfile) url: Option<Untrusted<'a>>,
    /// Whether it lies in a folder of the project.
    pub(in crate::lockfile) kind: EntryKind,
    /// Whether the protocol is one that Yarn has by itself.
    pub(in crate::lockfile) protocol: Protocol,
}

impl Located<'_> {
    /// Says whether it is a member of the workspace, and not a folder that is linked to.
    pub(super) fn is_member(&self) -> bool {
        self.protocol == Protocol::Workspace
    }
}

/// What is known of a locator's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Protocol {
    /// It is that of the workspace's members.
    Workspace,
    /// It is another one of Yarn's own.
    Known,
    /// A plugin must have brought it.
    Unknown,
    /// It is Yarn's own, but the parameters name several archives.
    Ambiguous,
}

/// Reads a locator; none if it has no name or no reference. A patched package is the package that is patched.
pub(in crate::lockfile) fn locate<'a>(locator: &Untrusted<'a>) -> Option<Located<'a>> {
    let mut locator = locator.clone();
    for _ in 0..PATCHES {
        let (name, reference) = specifier::split(locator.as_str())?;
        let Some(inner) = reference.strip_prefix("patch:") else {
            let start = locator.as_str().len() - reference.len();
            let name = slice(&locator, 0, name.len());
            return Some(read(name, &slice(&locator, start, locator.as_str().len())));
        };
        let inner = inner.split('#').next().unwrap_or(inner);
        let start = locator.as_str().len() - reference.len() + "patch:".len();
        locator = decode(&slice(&locator, start, start + inner.len()));
    }
    None
}

fn read<'a>(name: Untrusted<'a>, reference: &Untrusted<'a>) -> Located<'a> {
    let text = reference.as_str();
    match text.split_once(':').map(|(protocol, _)| protocol) {
        Some("npm") => of_registry(name, reference),
        Some("workspace") => Located {
            protocol: Protocol::Workspace,
            ..of_folder(name, slice(reference, "workspace:".len(), text.len()))
        },
        Some(protocol @ ("link" | "portal" | "file")) => {
            let start = protocol.len() + 1;
            let path = without_parameters(&text[start..]);
            local(name, slice(reference, start, start + path.len()))
        }
        _ if text.starts_with(['.', '/', '~']) => {
            let end = without_parameters(text).len();
            local(name, slice(reference, 0, end))
        }
        _ => of_address(name, reference),
    }
}

/// Cuts off `#` and what stands behind it, and the parameters behind `::`; the protocol must be cut off already,
/// since its own colon may stand before two others.
fn without_parameters(text: &str) -> &str {
    let text = text.split("::").next().unwrap_or(text);
    text.split('#').next().unwrap_or(text)
}

fn of_folder<'a>(name: Untrusted<'a>, folder: Untrusted<'a>) -> Located<'a> {
    Located {
        name,
        version: None,
        source: Source::Path(folder),
        url: None,
        kind: EntryKind::Workspace,
        protocol: Protocol::Known,
    }
}

/// A folder of the project, or an archive in one.
fn local<'a>(name: Untrusted<'a>, path: Untrusted<'a>) -> Located<'a> {
    if !is_archive(path.as_str()) {
        return of_folder(name, path);
    }
    Located {
        source: Source::Archive(path),
        kind: EntryKind::Package,
        ..of_folder(name, Untrusted::default())
    }
}

/// `npm:1.2.3`, or `npm:real@1.2.3` as Yarn 6 writes aliases, perhaps with the archive's address.
fn of_registry<'a>(name: Untrusted<'a>, reference: &Untrusted<'a>) -> Located<'a> {
    let start = "npm:".len();
    let after = &reference.as_str()[start..];
    let (plain, parameters) = after.split_once("::").unwrap_or((after, ""));
    let end = start + plain.len();
    let (name, version) = match specifier::split(plain) {
        Some((real, version)) => (
            slice(reference, start, start + real.len()),
            slice(reference, end - version.len(), end),
        ),
        None => (name, slice(reference, start, end)),
    };
    let parameters = slice(
        reference,
        reference.as_str().len() - parameters.len(),
        reference.as_str().len(),
    );
    let archive = archive(&parameters, &PackageName::new(Ecosystem::Npm, name.clone()));
    Located {
        name,
        version: Some(version),
        source: archive.source,
        url: archive.url,
        kind: EntryKind::Package,
        protocol: archive.protocol,
    }
}

/// What the parameters of a registry's locator say about its archive.
struct Archive<'a> {
    source: Source<'a>,
    url: Option<Untrusted<'a>>,
    protocol: Protocol,
}

/// Reads the address of the archive; of several, which nothing writes, one that is not public counts.
fn archive<'a>(parameters: &Untrusted<'a>, name: &PackageName<'a>) -> Archive<'a> {
    let mut found = Archive {
        source: Source::Registry(Registry::Public),
        url: None,
        protocol: Protocol::Known,
    };
    for url in archive_urls(parameters) {
        if found.url.is_some() {
            found.protocol = Protocol::Ambiguous;
        }
        if found.source.is_public() {
            found.source = classify(&url, name);
            found.url = Some(url);
        }
    }
    found
}

/// Iterates over the addresses of archives among parameters, which are written like those of a form.
fn archive_urls<'a>(parameters: &Untrusted<'a>) -> impl Iterator<Item = Untrusted<'a>> {
    let text = parameters.as_str();
    let starts =
        std::iter::once(0).chain(memchr::memchr_iter(b'&', text.as_bytes()).map(|at| at + 1));
    starts.filter_map(move |start| {
        let end =
            memchr::memchr(b'&', &text.as_bytes()[start..]).map_or(text.len(), |at| start + at);
        let (key, value) = text[start..end].split_once('=')?;
        let is_archive = percent_decode_str(key).eq(ARCHIVE.bytes());
        is_archive.then(|| decode(&slice(parameters, end - value.len(), end)))
    })
}

/// A repository, which the form of its address tells, or an archive from the web.
fn of_address<'a>(name: Untrusted<'a>, reference: &Untrusted<'a>) -> Located<'a> {
    let text = reference.as_str();
    let (address, fragment) = match text.split_once('#') {
        Some((address, fragment)) => (address, Some(fragment)),
        None => (without_parameters(text), None),
    };
    let url = slice(reference, 0, address.len());
    let is_git = is_git_address(address);
    let is_web = address.starts_with("https:") || address.starts_with("http:");
    let source = if is_git {
        let commit = fragment.and_then(commit_of);
        let commit = commit.map(|commit| {
            let start = text.rfind(commit).unwrap_or_default();
            slice(reference, start, start + commit.len())
        });
        Source::Git {
            url: url.clone(),
            commit,
        }
    } else if is_web {
        classify(&url, &PackageName::new(Ecosystem::Npm, name.clone()))
    } else {
        Source::Archive(reference.clone())
    };
    Located {
        name,
        version: None,
        source,
        url: (!is_git).then_some(url),
        kind: EntryKind::Package,
        protocol: if is_web || is_git {
            Protocol::Known
        } else {
            Protocol::Unknown
        },
    }
}

/// Finds the commit in what stands behind `#`.
fn commit_of(fragment: &str) -> Option<&str> {
    let parts = fragment.split('&');
    let mut commits = parts.filter_map(|part| {
        part.strip_prefix("commit=")
            .or(part.strip_prefix("commit:"))
    });
    commits.find(|commit| !commit.is_empty())
}

/// Says whether an address is that of a repository: by its protocol, by `.git`, or by its form on a host of repositories.
pub(in crate::lockfile) fn is_git_address(address: &str) -> bool {
    const PROTOCOLS: [&str; 8] = [
        "git+",
        "git:",
        "git@",
        "ssh:",
        "github:",
        "gitlab:",
        "bitbucket:",
        "gist:",
    ];
    const HOSTS: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.com", "bitbucket.org"];
    if PROTOCOLS
        .iter()
        .any(|protocol| address.starts_with(protocol))
        || ends_with_git(address)
    {
        return true;
    }
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let mut parts = rest.trim_end_matches('/').split('/');
    let host = parts.next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host);
    HOSTS.contains(&host) && parts.count() == 2 && !is_archive(address)
}

/// Yarn takes the ending of an address as it is written.
fn ends_with_git(address: &str) -> bool {
    address.strip_suffix(".git").is_some()
}

fn decode<'a>(text: &Untrusted<'a>) -> Untrusted<'a> {
    if let Some(borrowed) = text.as_borrowed() {
        return percent_decode_str(borrowed).decode_utf8_lossy().into();
    }
    let decoded: Cow<'_, str> = percent_decode_str(text.as_str()).decode_utf8_lossy();
    decoded.into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(locator: &str) -> (String, Option<String>, Source<'_>) {
        let located = locate(&Untrusted::borrowed(locator)).expect("a locator");
        let version = located.version.map(|version| version.as_str().to_owned());
        (located.name.as_str().to_owned(), version, located.source)
    }

    #[test]
    fn registries_are_told_by_the_archives_address() {
        let (name, version, public) = source("@s/left@npm:1.2.3");
        assert_eq!((&*name, version.as_deref()), ("@s/left", Some("1.2.3")));
        assert!(public.is_public());
        let (_, version, other) = source(
            "left@npm:1.2.3::__archiveUrl=https%3A%2F%2Fnpm.example.org%2Fleft%2F-%2Fleft-1.2.3.tgz",
        );
        assert_eq!(version.as_deref(), Some("1.2.3"));
        assert_eq!(
            other,
            Source::Registry(Registry::Other("https://npm.example.org/".into()))
        );
        let (name, version, _) = source("alias@npm:@s/left@2.0.0");
        assert_eq!((&*name, version.as_deref()), ("@s/left", Some("2.0.0")));
    }

    #[test]
    fn a_locator_without_a_version_names_none_that_could_be_one() {
        for (locator, expected) in [
            ("left@npm:", ""),
            ("left@npm::", ":"),
            ("left@npm:::__archiveUrl=x", ""),
        ] {
            let (name, version, _) = source(locator);
            assert_eq!((&*name, version.as_deref()), ("left", Some(expected)));
        }
    }

    #[test]
    fn a_protocol_with_nothing_but_parameters_behind_it_names_an_empty_path() {
        for locator in ["a@file:::hash=1&locator=x", "a@link:::", "a@portal:::x"] {
            let (_, _, source) = source(locator);
            assert_eq!(source, Source::Path("".into()), "{locator}");
        }
        for locator in ["a@::", "a@workspace::", "a@https:::x", "a@~::"] {
            assert!(locate(&locator.into()).is_some(), "{locator}");
        }
    }

    #[test]
    fn parameters_are_taken_apart_before_they_are_decoded() {
        let public = "https%3A%2F%2Fregistry.npmjs.org%2Fleft%2F-%2Fleft-1.2.3.tgz";
        let other = "https%3A%2F%2Fnpm.example.org%2Fleft%2F-%2Fleft-1.2.3.tgz";
        let expected = Source::Registry(Registry::Other("https://npm.example.org/".into()));
        for parameters in [
            format!("x=__archiveUrl={public}&__archiveUrl={other}"),
            format!("y__archiveUrl={public}&__archive%55rl={other}"),
            format!("x=1&__archiveUrl={other}&z=2"),
        ] {
            let locator = format!("left@npm:1.2.3::{parameters}");
            let located = locate(&locator.as_str().into()).expect("a locator");
            assert_eq!(located.source, expected, "{locator}");
            assert_eq!(located.protocol, Protocol::Known, "{locator}");
        }
        let before = format!("left@npm:__archiveUrl={other}");
        assert!(source(&before).2.is_public());
    }

    #[test]
    fn of_several_archives_one_that_is_not_public_counts() {
        let public = "__archiveUrl=https%3A%2F%2Fregistry.npmjs.org%2Fleft%2F-%2Fleft-1.2.3.tgz";
        let other = "__archiveUrl=https%3A%2F%2Fnpm.example.org%2Fleft%2F-%2Fleft-1.2.3.tgz";
        for (first, second) in [(public, other), (other, public)] {
            let locator = format!("left@npm:1.2.3::{first}&{second}");
            let located = locate(&locator.as_str().into()).expect("a locator");
            assert!(!located.source.is_public(), "{locator}");
            assert_eq!(located.protocol, Protocol::Ambiguous, "{locator}");
        }
    }

    #[test]
    fn a_commit_does_not_make_a_repository_of_an_archive() {
        let commit = "0123456789012345678901234567890123456789";
        for address in [
            "https://h.example/x.tgz?a",
            "https://h.example/x.tar.gz",
            "https://github.com/o/x.tgz",
        ] {
            let locator = format!("a@{address}#commit={commit}");
            assert_eq!(
                source(&locator).2,
                Source::Archive(address.to_owned().into())
            );
        }
        let unknown = format!("a@o/r#commit={commit}");
        let located = locate(&unknown.into()).expect("a locator");
        assert_eq!(located.protocol, Protocol::Unknown);
    }

    #[test]
    fn patched_packages_are_what_is_patched() {
        for locator in [
            "left@patch:left@npm%3A1.2.3#~/.yarn/patches/left.patch::version=1.2.3&hash=1",
            "left@patch:left@npm:1.2.3#builtin<compat/left>::version=1.2.3",
            "left@patch:left@patch%3Aleft@npm%253A1.2.3%23optional!builtin%3Ccompat/left%3E#./x.patch",
        ] {
            let (name, version, source) = source(locator);
            assert_eq!((&*name, version.as_deref()), ("left", Some("1.2.3")));
            assert!(source.is_public(), "{locator}");
        }
        let deep = "a@patch:".repeat(100) + "a@npm:1";
        assert!(locate(&deep.into()).is_none());
    }

    #[test]
    fn folders_archives_and_repositories_are_told_apart() {
        for (locator, kind, address) in [
            ("a@workspace:packages/a", "path", "packages/a"),
            ("a@link:./nope::locator=b%40workspace%3A.", "path", "./nope"),
            ("a@file:../d#../d::hash=351be1&locator=x", "path", "../d"),
            ("a@file:./a-1.tgz#./a-1.tgz::hash=1", "archive", "./a-1.tgz"),
            (
                "a@https://h.example/a.tgz",
                "archive",
                "https://h.example/a.tgz",
            ),
            (
                "a@https://github.com/o/a.git#commit=0123",
                "git",
                "https://github.com/o/a.git",
            ),
            (
                "a@ssh://git@h.example:o/a.git#workspace=a&commit:0123",
                "git",
                "ssh://git@h.example:o/a.git",
            ),
        ] {
            let (_, _, source) = source(locator);
            assert_eq!(source.kind(), kind, "{locator}");
            let found = source.address().map(Untrusted::as_str);
            assert_eq!(found, Some(address), "{locator}");
        }
        let git = source("a@https://h.example/a.git#workspace=a&commit=0123").2;
        assert!(
            matches!(git, Source::Git { commit: Some(commit), .. } if commit.as_str() == "0123")
        );
    }
}
