//! What a script is seen to do, told from its tokens and its lines.

use std::collections::BTreeSet;

use super::script::{Kind, Script, Token};
use super::{SightKind, imports};

/// Modules that open connections: Node's own and the clients that are used most.
const NETWORK: [&str; 21] = [
    "http",
    "https",
    "http2",
    "net",
    "tls",
    "dgram",
    "dns",
    "undici",
    "node-fetch",
    "axios",
    "got",
    "request",
    "superagent",
    "needle",
    "ws",
    "follow-redirects",
    "cross-fetch",
    "isomorphic-fetch",
    "make-fetch-happen",
    "phin",
    "download",
];

/// Modules that start programs.
const PROCESS: [&str; 8] = [
    "child_process",
    "execa",
    "cross-spawn",
    "shelljs",
    "zx",
    "node-pty",
    "spawn-sync",
    "cluster",
];

/// Modules that make code out of text.
const DYNAMIC: [&str; 3] = ["vm", "vm2", "isolated-vm"];

/// Names of the web's interfaces for connections.
const NETWORK_NAMES: [&str; 3] = ["XMLHttpRequest", "WebSocket", "EventSource"];

/// Pieces of paths and keys that lead to credentials.
const CREDENTIALS: [&str; 10] = [
    ".npmrc",
    ".ssh",
    "id_rsa",
    "id_ed25519",
    ".aws/credentials",
    ".netrc",
    ".git-credentials",
    "_authToken",
    ".docker/config.json",
    ".kube/config",
];

/// The ends of the names of environment variables that hold credentials.
const SECRET_ENDS: [&str; 7] = [
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "ACCESS_KEY",
    "API_KEY",
    "PRIVATE_KEY",
    "CREDENTIALS",
];

/// Pieces of paths whose content is started by others later.
const PERSISTENCE: [&str; 11] = [
    ".bashrc",
    ".zshrc",
    ".bash_profile",
    "/.profile",
    "crontab",
    "LaunchAgents",
    "authorized_keys",
    "CurrentVersion\\Run",
    "systemd/user",
    ".git/hooks",
    ".github/workflows",
];

/// From how many characters on a literal is a payload.
const PAYLOAD: usize = 200;

/// From how many different characters on a literal is no ruler of dashes.
const PAYLOAD_ALPHABET: usize = 10;

/// How many obfuscated names make an obfuscated script.
const OBFUSCATED_NAMES: usize = 10;

/// How many `\x` escapes make an encoded script.
const ESCAPES: usize = 50;

/// A line that nobody wrote by hand, in characters.
const MINIFIED_LINE: usize = 2000;

/// A line that is long, in bytes.
const LONG_LINE: usize = 500;

/// The smallest script that its share of long lines makes minified, in bytes: a single banner is no such script.
const SMALLEST_MINIFIED: usize = 2000;

/// How many tokens behind `Buffer.from(` its encoding is looked for.
const CALL_TOKENS: usize = 12;

/// Something that was seen, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// What.
    pub(super) kind: SightKind,
    /// In bytes from the start of the source.
    pub(super) at: usize,
}

/// Lists what a script is seen to do, each kind once, by place. O(tokens + bytes).
pub(super) fn of(source: &str, script: &Script) -> Vec<Seen> {
    let mut seen = of_imports(script);
    for (place, token) in script.tokens.iter().enumerate() {
        let kinds = match token.kind {
            Kind::Name => of_name(script, place, token),
            Kind::Text => of_text(script, place, token),
            _ => None,
        };
        seen.extend(kinds.map(|kind| Seen { kind, at: token.at }));
    }
    seen.extend(decoded_code(script, &seen));
    seen.extend(obfuscated(source, script));
    seen.extend(minified(source));
    seen.sort_by_key(|seen| (seen.at, seen.kind));
    let mut kinds = BTreeSet::new();
    seen.retain(|seen| kinds.insert(seen.kind));
    seen
}

fn of_imports(script: &Script) -> Vec<Seen> {
    let imports = imports::of(script);
    let seen = imports.iter().filter_map(|import| {
        let package = import.package()?;
        let kinds = [
            (&NETWORK[..], SightKind::Network),
            (&PROCESS[..], SightKind::Process),
            (&DYNAMIC[..], SightKind::DynamicCode),
        ];
        let (_, kind) = kinds
            .into_iter()
            .find(|(modules, _)| modules.contains(&package))?;
        let at = script.tokens[import.place].at;
        Some(Seen { kind, at })
    });
    seen.collect()
}

fn of_name(script: &Script, place: usize, token: &Token) -> Option<SightKind> {
    let next_is = |sign| {
        script
            .get(Some(place + 1))
            .is_some_and(|next| next.is_sign(sign))
    };
    let previous = script.get(place.checked_sub(1));
    let is_member = previous.is_some_and(|token| token.is_sign("."));
    let owner = script.get(place.checked_sub(2)).filter(|_| is_member);
    let is_global = owner.is_none_or(|owner| {
        ["globalThis", "global", "window", "self"]
            .iter()
            .any(|name| owner.is_name(name))
    });
    match token.text.as_str() {
        "fetch"
            if next_is("(")
                && is_global
                && !previous.is_some_and(|token| token.is_name("function")) =>
        {
            Some(SightKind::Network)
        }
        name if NETWORK_NAMES.contains(&name) && is_global => Some(SightKind::Network),
        "binding" | "dlopen" | "_linkedBinding"
            if owner.is_some_and(|owner| owner.is_name("process")) =>
        {
            Some(SightKind::Process)
        }
        "eval" if !next_is(":") => Some(SightKind::DynamicCode),
        "Function" if next_is("(") && is_global => Some(SightKind::DynamicCode),
        "runInThisContext" | "runInNewContext" | "runInContext" => Some(SightKind::DynamicCode),
        name if owner.is_some_and(|owner| owner.is_name("env")) && is_secret(name) => {
            Some(SightKind::Credentials)
        }
        "stringify" if script.reads(place + 1, &["(", "process", ".", "env"]) => {
            let is_all = !script.reads(place + 5, &["."]) && !script.reads(place + 5, &["["]);
            is_all.then_some(SightKind::Credentials)
        }
        _ => None,
    }
}

fn of_text(script: &Script, place: usize, token: &Token) -> Option<SightKind> {
    let text = token.text.as_str();
    let holds = |pieces: &[&str]| pieces.iter().any(|piece| text.contains(piece));
    let is_env_key = script
        .get(place.checked_sub(2))
        .is_some_and(|owner| owner.is_name("env"))
        && script
            .get(place.checked_sub(1))
            .is_some_and(|open| open.is_sign("["));
    if text == "child_process" || text == "node:child_process" {
        Some(SightKind::Process)
    } else if holds(&CREDENTIALS) || is_env_key && is_secret(text) {
        Some(SightKind::Credentials)
    } else if holds(&PERSISTENCE) {
        Some(SightKind::Persistence)
    } else if is_payload(text) {
        Some(SightKind::Encoded)
    } else {
        None
    }
}

/// Says whether an environment variable holds a credential, by its name.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_ENDS.iter().any(|end| name.ends_with(end))
}

/// Says whether a literal is base64 or hex of some length.
fn is_payload(text: &str) -> bool {
    let is_digit =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    text.len() >= PAYLOAD
        && text.bytes().all(is_digit)
        && text.bytes().collect::<BTreeSet<u8>>().len() >= PAYLOAD_ALPHABET
}

/// Finds what decodes text in a script that also makes code out of text.
fn decoded_code(script: &Script, seen: &[Seen]) -> Option<Seen> {
    seen.iter()
        .find(|seen| seen.kind == SightKind::DynamicCode)?;
    let decodes = |place: &usize| {
        let place = *place;
        let behind = script.tokens.get(place..).unwrap_or_default();
        let is_encoding = |token: &Token| {
            token.kind == Kind::Text
                && matches!(token.text.as_str(), "base64" | "hex" | "base64url")
        };
        script.reads(place, &["atob", "("])
            || script.reads(place, &["Buffer", ".", "from", "("])
                && behind.iter().take(CALL_TOKENS).any(is_encoding)
    };
    let place = (0..script.tokens.len()).find(decodes)?;
    let at = script.tokens[place].at;
    Some(Seen {
        kind: SightKind::Encoded,
        at,
    })
}

/// Finds the names of obfuscators, and characters that are all written as numbers.
fn obfuscated(source: &str, script: &Script) -> Option<Seen> {
    let is_obfuscated = |token: &&Token| token.kind == Kind::Name && token.text.starts_with("_0x");
    let mut names = script.tokens.iter().filter(is_obfuscated);
    let first = names.next().map(|token| token.at);
    let by_names = first.filter(|_| names.count() + 1 >= OBFUSCATED_NAMES);
    let by_escapes = || {
        let mut escapes = memchr::memmem::find_iter(source.as_bytes(), b"\\x");
        let first = escapes.next()?;
        (escapes.count() + 1 >= ESCAPES).then_some(first)
    };
    let at = by_names.or_else(by_escapes)?;
    Some(Seen {
        kind: SightKind::Encoded,
        at,
    })
}

fn minified(source: &str) -> Option<Seen> {
    let mut at = 0;
    let mut long_bytes = 0;
    let mut first_long = None;
    for line in source.split_inclusive('\n') {
        if line.len() > MINIFIED_LINE && line.chars().count() > MINIFIED_LINE {
            return Some(Seen {
                kind: SightKind::Minified,
                at,
            });
        }
        if line.len() > LONG_LINE {
            long_bytes += line.len();
            first_long.get_or_insert(at);
        }
        at += line.len();
    }
    // More than 60 in 100.
    let is_minified = source.len() >= SMALLEST_MINIFIED && long_bytes * 10 > source.len() * 6;
    let at = first_long.filter(|_| is_minified)?;
    Some(Seen {
        kind: SightKind::Minified,
        at,
    })
}

#[cfg(test)]
#[path = "sights_tests.rs"]
mod tests;
