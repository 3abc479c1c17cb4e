//! Addresses as `externalReferences` want them: IRI references (RFC 3987) that hold no secret.

use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::package::address::{normalise, redact};

/// All but the unreserved characters of RFC 3986 §2.3.
const NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// All that cannot stand in a path whose first part might read as a scheme; `%` is looked at apart.
const PATH: &AsciiSet = &NAME
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// All that cannot stand behind a scheme or a host.
const REST: &AsciiSet = &PATH.remove(b':').remove(b'?');

/// Writes an address or a path as an IRI reference.
///
/// User information and queries, which may hold a secret, are left out; what the grammar forbids is
/// percent-encoded, so that any text becomes a reference.
pub(super) fn iri_reference(address: &str) -> String {
    let normal = normalise(address);
    let address = redact(normal.as_deref().unwrap_or(address));
    match address.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => {
            format!("{scheme}:{}", hierarchy(rest, REST))
        }
        _ => hierarchy(&address, PATH),
    }
}

fn is_scheme(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_part)
}

/// Encodes a host, where there is one, and what follows it.
fn hierarchy(text: &str, without_host: &'static AsciiSet) -> String {
    let Some(rest) = text.strip_prefix("//") else {
        return path(text, without_host);
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    let host = if is_host(host) {
        host.to_owned()
    } else {
        utf8_percent_encode(host, NAME).to_string()
    };
    format!("//{host}{}", path(rest, REST))
}

/// Says whether a text is a host as it stands, with or without a port.
fn is_host(text: &str) -> bool {
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((literal, port)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_end = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return is_end && literal.parse::<Ipv6Addr>().is_ok();
    }
    let (name, port) = text.split_once(':').unwrap_or((text, ""));
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    is_port(port) && name.bytes().all(is_part)
}

/// Encodes a path and a fragment; a second `#` belongs to the fragment and cannot stand there.
fn path(text: &str, allowed: &'static AsciiSet) -> String {
    match text.split_once('#') {
        Some((path, fragment)) => format!("{}#{}", encode(path, allowed), encode(fragment, REST)),
        None => encode(text, allowed),
    }
}

/// Encodes what cannot stand as it is; escapes that are there already stay.
fn encode(text: &str, allowed: &'static AsciiSet) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default();
    let mut encoded = utf8_percent_encode(first, allowed).to_string();
    for part in parts {
        let mut digits = part.bytes().take(2);
        let is_escape = digits.len() == 2 && digits.all(|digit| digit.is_ascii_hexdigit());
        encoded.push_str(if is_escape { "%" } else { "%25" });
        encoded.extend(utf8_percent_encode(part, allowed));
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_stay_as_they_are() {
        for address in [
            "https://registry.npmjs.org/@emnapi/core/-/core-1.9.1.tgz",
            "https://h.example:8080/a%20b/c.whl#sha256=00",
            "git+ssh://h.example/r.git",
            "http://[::1]:4873/a.tgz",
            "file:../vendor/a-1.0.0.tgz",
            "../vendor/a.tgz",
        ] {
            assert_eq!(iri_reference(address), address);
        }
    }

    #[test]
    fn secrets_are_left_out_however_the_address_is_spelled() {
        for address in [
            "https://user:SECRET@h.example/a.tgz?token=SECRET",
            "https:/user:SECRET@h.example/a.tgz",
            "https:\\\\user:SECRET@h.example\\a.tgz",
            "ht\ttps://user:SECRET@h.example/a.tgz?SECRET",
        ] {
            assert_eq!(iri_reference(address), "https://h.example/a.tgz");
        }
    }

    #[test]
    fn what_the_grammar_forbids_is_encoded() {
        for (address, written) in [
            (
                "a b\"<>\\^`{|}\u{202e}",
                "a%20b%22%3C%3E%5C%5E%60%7B%7C%7D%E2%80%AE",
            ),
            ("100%", "100%25"),
            ("1:x", "1%3Ax"),
            ("git@h.example:o/r", "git@h.example%3Ao/r"),
            ("x:[a]#b#c", "x:%5Ba%5D#b%23c"),
            ("//[zz]/x", "//%5Bzz%5D/x"),
            ("odd://a b:c/[x]", "odd://a%20b%3Ac/%5Bx%5D"),
            ("", ""),
        ] {
            assert_eq!(iri_reference(address), written, "{address}");
        }
    }
}
