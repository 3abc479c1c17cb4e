//! Addresses as package managers read them.
//!
//! npm, uv and cargo follow the WHATWG URL standard (<https://url.spec.whatwg.org/>): backslashes are slashes,
//! tabs vanish, `http:/host` has a host. Whoever compares raw text can be led past a host, so everything
//! that looks at an address goes through [`normalise`] first.

use std::borrow::Cow;

use url::Url;

/// Returns an address with a host in its normal form; none for anything else.
///
/// Plain https addresses, which is nearly all of them, are returned as they are. Percent-encoding stays.
pub fn normalise(address: &str) -> Option<Cow<'_, str>> {
    if plain_path(address).is_some() {
        return Some(Cow::Borrowed(address));
    }
    let url = Url::parse(address).ok()?;
    url.has_host().then(|| Cow::Owned(url.into()))
}

/// Returns the path of an address that no rule of the standard touches, from its first slash on.
fn plain_path(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    (is_plain_host(host) && is_plain_path(path)).then_some(path)
}

/// Letters, digits and harmless signs, and no part that begins with a dot, which might climb.
fn is_plain_path(path: &str) -> bool {
    // Plain are the digits, `:`, `@` and the upper-case letters, the lower-case ones, and `+ - . / _ ~`.
    let is_odd = |byte: &u8| {
        let is_plain = byte.wrapping_sub(b'-') <= b':' - b'-'
            || byte.wrapping_sub(b'@') <= b'Z' - b'@'
            || byte.wrapping_sub(b'a') <= b'z' - b'a'
            || *byte == b'+'
            || *byte == b'_'
            || *byte == b'~';
        !is_plain
    };
    let bytes = path.as_bytes();
    let hidden = |(before, byte): &(&u8, &u8)| **before == b'/' && **byte == b'.';
    // Counting all of them, without an early end, is what the compiler makes vectors of.
    let odd = bytes.iter().filter(|byte| is_odd(byte)).count();
    let after = bytes.get(1..).unwrap_or_default();
    let climbing = bytes.iter().zip(after).filter(hidden).count();
    odd + climbing == 0
}

/// A name in lower case; one whose last label begins with a digit may be a number in disguise, and one with two
/// hyphens in a row may stand for letters beyond ASCII.
fn is_plain_host(host: &str) -> bool {
    let bytes = host.as_bytes();
    let is_odd = |byte: &&u8| !matches!(**byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    let after = bytes.get(1..).unwrap_or_default();
    let is_double = |(one, other): &(&u8, &u8)| **one == b'-' && **other == b'-';
    // As for paths, what is counted to the end is quicker than what may end early.
    let odd = bytes.iter().filter(is_odd).count();
    let doubles = bytes.iter().zip(after).filter(is_double).count();
    let last = bytes.iter().rposition(|byte| *byte == b'.');
    let first = bytes.get(last.map_or(0, |dot| dot + 1));
    odd + doubles == 0 && first.is_some_and(u8::is_ascii_lowercase)
}

/// Returns the host of an address in lower case, without user information and port.
pub fn host_name(address: &str) -> Option<Cow<'_, str>> {
    // Whatever follows, the first slash ends the host.
    let after_scheme = address.strip_prefix("https://");
    let host = after_scheme.and_then(|rest| Some(rest.split_once('/')?.0));
    if let Some(host) = host.filter(|host| is_plain_host(host)) {
        return Some(Cow::Borrowed(host));
    }
    match normalise(address)? {
        Cow::Borrowed(normal) => host_of_normal(normal).map(Cow::Borrowed),
        Cow::Owned(normal) => Some(Cow::Owned(host_of_normal(&normal)?.to_ascii_lowercase())),
    }
}

fn host_of_normal(normal: &str) -> Option<&str> {
    let rest = normal.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_user, host)| host);
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next()?
    } else {
        host.split(':').next()?
    };
    (!host.is_empty()).then_some(host)
}

/// Returns the path of an address, decoded; of a text without a host the text up to its query, decoded.
pub fn decoded_path(address: &str) -> Cow<'_, str> {
    if let Some(path) = plain_path(address) {
        return Cow::Borrowed(path);
    }
    match normalise(address) {
        Some(normal) => Cow::Owned(path_of_normal(&normal).into_owned()),
        None => path_of_normal(address),
    }
}

fn path_of_normal(normal: &str) -> Cow<'_, str> {
    let path = match normal.split_once("://") {
        Some((_scheme, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => normal,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match percent_decode(path) {
        Cow::Borrowed(path) => Cow::Borrowed(path.trim()),
        Cow::Owned(path) => Cow::Owned(path.trim().to_owned()),
    }
}

/// Returns the address without user information and query, which may hold a secret.
pub fn redact(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_user, host)| host);
    let (path, fragment) = path
        .split_once('#')
        .map_or((path, None), |(path, fragment)| (path, Some(fragment)));
    let path = path.split('?').next().unwrap_or_default();
    let fragment = fragment.map_or(String::new(), |fragment| format!("#{fragment}"));
    format!("{scheme}://{host}{path}{fragment}")
}

/// Drops user information and queries, which may hold a secret, from every address among the words of a text.
///
/// An address ends with its word; words end at white space and at backticks. O(text).
pub fn redact_words(text: &str) -> Cow<'_, str> {
    if !text.contains(":/") && !text.contains("//") {
        return Cow::Borrowed(text);
    }
    let is_end = |character: char| character.is_whitespace() || character == '`';
    Cow::Owned(text.split_inclusive(is_end).map(redact_word).collect())
}

/// Addresses may stand behind each other in one word, and lack their scheme or one of its slashes.
fn redact_word(word: &str) -> Cow<'_, str> {
    let body = word.trim_end_matches(|end: char| end.is_whitespace() || end == '`');
    let ends = &word[body.len()..];
    let (before, rest) = match (body.split_once("://"), body.split_once(":/")) {
        (Some((before, rest)), _) => (format!("{before}://"), rest),
        (None, _) if body.starts_with("//") => ("//".to_owned(), &body[2..]),
        (None, Some((before, rest))) if before.ends_with("http") || before.ends_with("https") => {
            (format!("{before}:/"), rest)
        }
        (None, _) => return Cow::Borrowed(word),
    };
    let parts = rest.split("://").map(|part| redact(&format!("://{part}")));
    let kept: String = parts.collect();
    Cow::Owned(before + kept.strip_prefix("://").unwrap_or(&kept) + ends)
}

/// Says whether an address asks for its bytes over a connection that anybody on the way can change.
pub fn is_insecure(address: &str) -> bool {
    if address.starts_with("https:") {
        return false;
    }
    let Some(normal) = normalise(address) else {
        return false;
    };
    let scheme = normal.split_once(':').map_or("", |(scheme, _)| scheme);
    let scheme = scheme
        .rsplit_once('+')
        .map_or(scheme, |(_tool, scheme)| scheme);
    let is_plain_transport = matches!(scheme, "http" | "git" | "ftp" | "svn");
    is_plain_transport && !host_name(address).is_some_and(|host| is_loopback(&host))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Decodes `%40` and the like; what is no escape stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = (*first == b'%').then(|| tail.first_chunk::<2>()).flatten();
        let escaped = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Returns what is left of the address of a repository without the way to it: `github.com/owner/name`.
pub fn repository(url: &str) -> String {
    // Where tools disagree about where the host ends, it is told from every other.
    if url.contains(|character: char| character == '\\' || character.is_whitespace()) {
        return url.to_owned();
    }
    let url = url.strip_prefix("git+").unwrap_or(url);
    let place = match url.split_once("://") {
        Some((_, rest)) => rest.to_owned(),
        None => match url.split_once(':') {
            Some(("github", path)) => format!("github.com/{path}"),
            Some((host, path)) => format!("{host}/{path}"),
            None => url.to_owned(),
        },
    };
    let place = without_revision(&place);
    let host_at = place.find('/').unwrap_or(place.len());
    let user = place[..host_at].rfind('@').map_or(0, |at| at + 1);
    let place = place[user..].trim_end_matches('/');
    place
        .strip_suffix(".git")
        .unwrap_or(place)
        .to_ascii_lowercase()
}

/// Takes the fragment off an address, and a query that only names a revision, as Cargo and uv write it.
fn without_revision(place: &str) -> &str {
    const REVISIONS: [&str; 3] = ["rev=", "branch=", "tag="];
    let place = place.split('#').next().unwrap_or_default();
    match place.split_once('?') {
        Some((path, query)) if REVISIONS.iter().any(|start| query.starts_with(start)) => path,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn odd_spellings_of_a_host_are_that_host() {
        for address in [
            "http:/evil.example/a.tgz",
            "http:\\\\evil.example\\a.tgz",
            "ht\ttp:/\t/evil.example/a.tgz",
            " HTTPS://EVIL.example/a.tgz ",
            "https://registry.npmjs.org@evil.example/a",
            "https://user:pa@ss@evil.example:8080/x",
        ] {
            assert_eq!(
                host_name(address).as_deref(),
                Some("evil.example"),
                "{address:?}"
            );
        }
        assert_eq!(
            host_name("git+ssh://git@[::1]:22/x").as_deref(),
            Some("[::1]")
        );
        for address in [
            "../local",
            "axios@1.14.1",
            "npm:axios@1.14.1",
            "file:x.tgz",
            "1.14.1",
            "",
        ] {
            assert_eq!(host_name(address), None, "{address:?}");
        }
    }

    #[test]
    fn paths_are_decoded_and_free_of_dots() {
        assert_eq!(decoded_path("https://h/a\\-\\a-1.tgz"), "/a/-/a-1.tgz");
        assert_eq!(
            decoded_path("https://h/a/x/../%2d/a-1.tgz?q#f"),
            "/a/-/a-1.tgz"
        );
        assert_eq!(decoded_path("file:../a%20b.tgz#x"), "file:../a b.tgz");
    }

    #[test]
    fn secrets_in_addresses_are_never_shown() {
        assert_eq!(
            redact("https://user:token@example.org/a.tgz?sig=1#sha"),
            "https://example.org/a.tgz#sha"
        );
        assert_eq!(
            redact("git+https://user:token@example.org"),
            "git+https://example.org"
        );
        assert_eq!(redact("../local"), "../local");
    }

    #[test]
    fn plain_transports_are_insecure_but_for_loopback() {
        for address in [
            "http://example.org/a",
            "git://example.org/a",
            "git+http://example.org/a",
            "HTTP://example.org",
            "http:/example.org/a",
            "http://127.evil.example/a.tgz",
        ] {
            assert!(is_insecure(address), "{address}");
        }
        for address in [
            "https://example.org/a",
            "git+ssh://git@example.org/a",
            "http://localhost:4873/a",
            "http://127.0.0.1/a",
            "http://[::1]/a",
            "a",
        ] {
            assert!(!is_insecure(address), "{address}");
        }
    }

    #[test]
    fn secrets_are_dropped_from_every_address_among_words() {
        for (text, kept) in [
            ("^1.0 || >=2", "^1.0 || >=2"),
            ("git+https://user:SECRET@h/x", "git+https://h/x"),
            (
                "a @ https://h/x.zip?token=SECRET#v1 of",
                "a @ https://h/x.zip#v1 of",
            ),
            (
                "https://h/x || ssh://SECRET@h/y",
                "https://h/x || ssh://h/y",
            ),
            (
                "has `a@https://u:SECRET@h/x?y`, is it?",
                "has `a@https://h/x`, is it?",
            ),
            ("from `//u:SECRET@h/a.tgz`", "from `//h/a.tgz`"),
            ("`https:/u:SECRET@h/a`", "`https:/h/a`"),
            ("http://a@h/http://u:SECRET@i/b", "http://h/http://i/b"),
            ("`git@h:o/r` at C:/x@y", "`git@h:o/r` at C:/x@y"),
        ] {
            assert_eq!(redact_words(text), kept);
        }
    }

    #[test]
    fn a_host_beyond_ascii_is_no_host() {
        for address in [
            "https://g\u{130}M.example/a",
            "https://\u{fffd}A/a",
            "https://%C3%89A/a",
        ] {
            assert_eq!(normalise(address), None, "{address}");
            assert_eq!(host_name(address), None, "{address}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        /// The short way for plain addresses changes nothing.
        #[test]
        fn plain_addresses_are_in_their_normal_form(address in "https://[a-z0-9.-]{1,8}/[a-zA-Z0-9@._~+:/-]{0,16}") {
            let url = Url::parse(&address).ok().filter(Url::has_host);
            let normal = normalise(&address);
            prop_assert_eq!(normal.as_deref(), url.as_ref().map(Url::as_str));
            let host = host_name(&address);
            prop_assert_eq!(host.as_deref(), url.as_ref().and_then(Url::host_str));
            if let Some(url) = url {
                prop_assert_eq!(decoded_path(&address), url.path().trim());
            }
        }
    }

    #[test]
    fn a_repository_is_one_by_all_its_addresses() {
        for address in [
            "https://github.com/Owner/name.git",
            "git+ssh://git@github.com/owner/name.git#0123",
            "git@github.com:owner/name.git",
            "github:owner/name",
            "git+https://user:secret@github.com/owner/name/?rev=1",
        ] {
            assert_eq!(repository(address), "github.com/owner/name", "{address}");
        }
        assert_ne!(
            repository("https://github.com/evil/name"),
            repository("https://github.com/owner/name")
        );
        assert_eq!(repository(""), "");
        let hidden = r"https://evil.example\@github.com/owner/name";
        assert_ne!(repository(hidden), "github.com/owner/name");
        assert_ne!(
            repository("https://git.example/r?p=good"),
            repository("https://git.example/r?p=evil")
        );
    }
}
