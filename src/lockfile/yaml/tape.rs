//! What the block reader found, as a flat list of nodes: a collection is followed by what is in it.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mapping; keys and values follow in turn.
    Map,
    /// A sequence; its items follow.
    List,
    /// A scalar without quotes.
    Plain,
    /// A scalar in single quotes.
    Single,
    /// A scalar in double quotes.
    Double,
    /// A literal block scalar whose last line break counts (`|`).
    LiteralClipped,
    /// A literal block scalar without its last line breaks (`|-`).
    LiteralStripped,
    /// Nothing where a value could stand.
    Null,
}

/// A node: a scalar's text is `start..end` without its quotes, a collection ends before the node `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// The nodes of every document of a text.
pub(super) struct Tape<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: Vec<Node>,
    /// The first node of each document that is not empty.
    pub(super) documents: Vec<usize>,
}

impl<'a> Tape<'a> {
    /// Returns the node behind another and all that is in it.
    pub(super) fn behind(&self, at: usize) -> usize {
        match self.nodes[at].kind {
            Kind::Map | Kind::List => self.nodes[at].end as usize,
            _ => at + 1,
        }
    }

    /// Returns the text of a scalar; none for a collection, for nothing, and for an escape that is not known.
    pub(super) fn scalar(&self, at: usize) -> Option<Cow<'a, str>> {
        let node = self.nodes[at];
        let raw = self.text.get(node.start as usize..node.end as usize)?;
        match node.kind {
            Kind::Map | Kind::List | Kind::Null => None,
            Kind::Plain => Some(Cow::Borrowed(raw)),
            Kind::Single if memchr(b'\'', raw.as_bytes()).is_none() => Some(Cow::Borrowed(raw)),
            Kind::Single => Some(Cow::Owned(raw.replace("''", "'"))),
            Kind::Double if memchr(b'\\', raw.as_bytes()).is_none() => Some(Cow::Borrowed(raw)),
            Kind::Double => unescape(raw).map(Cow::Owned),
            Kind::LiteralClipped => literal(raw).map(|text| Cow::Owned(text + "\n")),
            Kind::LiteralStripped => literal(raw).map(Cow::Owned),
        }
    }
}

/// Resolves the escapes that tools write in double quotes.
fn unescape(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next()?;
        let plain = match escape {
            '"' | '\\' | '/' => escape,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            // The rest is left to the library.
            _ => return None,
        };
        text.push(plain);
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    Some(text)
}

/// Takes the indentation of its first line off every line; none if a line has less.
fn literal(raw: &str) -> Option<String> {
    let first = raw.lines().next()?;
    let indentation = first.len() - first.trim_start_matches(' ').len();
    if memmem::find(raw.as_bytes(), b"\r").is_some() || first.trim().is_empty() {
        return None;
    }
    let mut text = String::with_capacity(raw.len());
    for (index, line) in raw.lines().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        match line.split_at_checked(indentation) {
            Some((before, rest)) if before.bytes().all(|byte| byte == b' ') => text.push_str(rest),
            None if line.trim().is_empty() => {}
            _ => return None,
        }
    }
    Some(text)
}
