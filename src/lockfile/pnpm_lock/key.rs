//! The keys of pnpm's packages: a name, where its version stands, and the peers that it was installed with.
//!
//! | version | key | of a registry or host of its own |
//! | --- | --- | --- |
//! | 5.x | `/name/1.0.0_peers` | `host/name/1.0.0` |
//! | 6.x | `/name@1.0.0(peers)` | `host/name@1.0.0` |
//! | 9.0 | `name@1.0.0(peers)` | `name@registry:1.0.0` |
//!
//! What the suffix of peers says is never parsed: pnpm changed its form often, and shortens it to a digest.

use crate::lockfile::npm::specifier;

/// How a version of the format writes its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// 5.x.
    Five,
    /// 6.x.
    Six,
    /// 7.0 and above.
    Nine,
}

/// The parts of a key, its suffix of peers left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'k> {
    /// The host of the registry, as 5.x and 6.x write one that is not the project's first.
    pub(super) host: Option<&'k str>,
    /// The package's name; none where the key is an address or a path.
    pub(super) name: Option<&'k str>,
    /// What stands in the version's place.
    pub(super) slot: &'k str,
}

/// What stands in the place of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot<'k> {
    /// A version of the registry.
    Version,
    /// A version of a registry that the project gave a name: the name, the version.
    Named(&'k str, &'k str),
    /// A language runtime.
    Runtime,
    /// A file or folder of the project.
    File,
    /// An address.
    Address,
}

/// Takes a key apart.
pub(super) fn split(key: &str, dialect: Dialect) -> Parts<'_> {
    match dialect {
        Dialect::Five => split_five(key),
        Dialect::Six => split_six(key),
        Dialect::Nine => split_at(cut_peers(key.strip_prefix('/').unwrap_or(key))),
    }
}

/// Cuts the groups in brackets at the end of a key, from the bracket that matches the outer last one on.
pub(super) fn cut_peers(key: &str) -> &str {
    let bytes = key.as_bytes();
    let mut open = 0_usize;
    for (at, byte) in bytes.iter().enumerate().rev() {
        match byte {
            b')' => open += 1,
            b'(' if open > 0 => open -= 1,
            // What follows is a bracket or nothing, so that this is the end of a character.
            _ if open == 0 => return &key[..=at],
            _ => {}
        }
    }
    key
}

const fn of_no_name(slot: &str) -> Parts<'_> {
    Parts {
        host: None,
        name: None,
        slot,
    }
}

fn split_at(text: &str) -> Parts<'_> {
    match specifier::split(text) {
        Some((name, slot)) => Parts {
            host: None,
            name: Some(name),
            slot,
        },
        None => of_no_name(text),
    }
}

fn split_six(key: &str) -> Parts<'_> {
    let key = cut_peers(key);
    if let Some(key) = key.strip_prefix('/') {
        return split_at(key);
    }
    on_host(key, split_at).unwrap_or_else(|| of_no_name(key))
}

fn split_five(key: &str) -> Parts<'_> {
    if let Some(key) = key.strip_prefix('/') {
        return split_slashes(key);
    }
    on_host(key, split_slashes).unwrap_or_else(|| of_no_name(key))
}

/// Splits `@scope/name/1.0.0_peers`.
fn split_slashes(key: &str) -> Parts<'_> {
    let scope = key
        .strip_prefix('@')
        .and_then(|rest| rest.find('/'))
        .map_or(0, |slash| slash + 2);
    let Some(slash) = key[scope..].find('/') else {
        return of_no_name(key);
    };
    let (name, slot) = (&key[..scope + slash], &key[scope + slash + 1..]);
    let slot = if begins_version(slot) {
        slot.split('_').next().unwrap_or(slot)
    } else {
        slot
    };
    Parts {
        host: None,
        name: Some(name),
        slot,
    }
}

/// Splits `host/` off a key whose rest is a name and a version; addresses and paths are left alone.
fn on_host(key: &str, split: for<'k> fn(&'k str) -> Parts<'k>) -> Option<Parts<'_>> {
    let (host, rest) = key.split_once('/')?;
    if host.is_empty() || host.starts_with('@') || host.contains(':') || host.starts_with('.') {
        return None;
    }
    let parts = split(rest);
    let is_release = parts.name.is_some() && slot(parts.slot) == Slot::Version;
    is_release.then_some(Parts {
        host: Some(host),
        ..parts
    })
}

/// Tells what stands in the place of a version.
pub(super) fn slot(text: &str) -> Slot<'_> {
    if begins_version(text) && !text.contains(['/', ':']) {
        return Slot::Version;
    }
    match text.split_once(':') {
        Some(("runtime", _)) => Slot::Runtime,
        Some(("file" | "link", _)) => Slot::File,
        Some((registry, version))
            if begins_version(version)
                && !version.contains(['/', ':'])
                && !registry.contains(['/', '@']) =>
        {
            Slot::Named(registry, version)
        }
        _ => Slot::Address,
    }
}

fn begins_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

/// Calls with the keys that a dependency's value may mean, the likelier first, until one is an answer.
///
/// pnpm's own rule (`refToRelative`): a value that begins like a key is one, others follow the name.
pub(super) fn find<T>(
    name: &str,
    value: &str,
    dialect: Dialect,
    buffer: &mut String,
    get: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let separator = match dialect {
        Dialect::Five => '/',
        Dialect::Six | Dialect::Nine => '@',
    };
    buffer.clear();
    if dialect != Dialect::Nine {
        buffer.push('/');
    }
    buffer.push_str(name);
    buffer.push(separator);
    buffer.push_str(value);
    if is_key(value, dialect) {
        get(value).or_else(|| get(buffer))
    } else {
        get(buffer).or_else(|| get(value))
    }
}

fn is_key(value: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::Five | Dialect::Six => value.starts_with('/'),
        Dialect::Nine => {
            let at = value.find('@');
            let end = value.find(['(', ':']).unwrap_or(value.len());
            at.is_some_and(|at| at == 0 || at < end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(key: &str, dialect: Dialect) -> (Option<&str>, Option<&str>, &str) {
        let parts = split(key, dialect);
        (parts.host, parts.name, parts.slot)
    }

    #[test]
    fn keys_of_5() {
        for (key, expected) in [
            ("/a/1.0.0", (None, Some("a"), "1.0.0")),
            (
                "/@s/a/1.0.0_b@1.0.0+@c+d@2.0.0",
                (None, Some("@s/a"), "1.0.0"),
            ),
            (
                "h.example/@s/a/1.0.0_x",
                (Some("h.example"), Some("@s/a"), "1.0.0"),
            ),
            ("github.com/o/r/0123", (None, None, "github.com/o/r/0123")),
            (
                "@h.example/p/-/a-1.0.0.tgz",
                (None, None, "@h.example/p/-/a-1.0.0.tgz"),
            ),
            ("file:../a_b/1.0.0", (None, None, "file:../a_b/1.0.0")),
            ("/", (None, None, "")),
            ("", (None, None, "")),
        ] {
            assert_eq!(parts(key, Dialect::Five), expected, "{key}");
        }
    }

    #[test]
    fn keys_of_6() {
        for (key, expected) in [
            ("/a@1.0.0", (None, Some("a"), "1.0.0")),
            (
                "/@s/a@1.0.0(b@1.0.0(c@1))(@d/e@2)",
                (None, Some("@s/a"), "1.0.0"),
            ),
            (
                "h.example/@s/a@1.0.0(b@1)",
                (Some("h.example"), Some("@s/a"), "1.0.0"),
            ),
            (
                "@github.com/o/r/tarball/1",
                (None, None, "@github.com/o/r/tarball/1"),
            ),
            ("file:a/b@1(c@1)", (None, None, "file:a/b@1")),
        ] {
            assert_eq!(parts(key, Dialect::Six), expected, "{key}");
        }
    }

    #[test]
    fn keys_of_9() {
        for (key, expected) in [
            (
                "a@1.0.0(patch_hash=x)(b@1(c@2))",
                (None, Some("a"), "1.0.0"),
            ),
            (
                "@s/a@git+ssh://git@h.example/r#0(b@1)",
                (None, Some("@s/a"), "git+ssh://git@h.example/r#0"),
            ),
            ("a@file:x(y)/z", (None, Some("a"), "file:x(y)/z")),
            ("é(b@1)", (None, None, "é")),
            // No registry has such a name, so the entry is told as odd.
            ("(b@1)", (None, Some("(b"), "1)")),
            ("(b)", (None, None, "(b)")),
            ("a)(", (None, None, "a)(")),
        ] {
            assert_eq!(parts(key, Dialect::Nine), expected, "{key}");
        }
    }

    #[test]
    fn slots_tell_registries_from_files_and_addresses() {
        for (text, expected) in [
            ("1.0.0-rc.1", Slot::Version),
            ("work:1.0.0", Slot::Named("work", "1.0.0")),
            ("runtime:22.0.0", Slot::Runtime),
            ("file:1.0.0", Slot::File),
            ("link:1.0.0", Slot::File),
            ("https://h.example/1.0.0", Slot::Address),
            ("git@h.example:1/r", Slot::Address),
            ("1.0.0/x", Slot::Address),
        ] {
            assert_eq!(slot(text), expected, "{text}");
        }
    }
}
