//! What stands on one line: scalars, and the flow collections that fit on it.

use super::tape::{Kind, Node};
use crate::lockfile::span::to_u32;

/// A part of a line: the bytes of the whole text, of which `at..end` are looked at.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) end: usize,
}

impl<'a> Part<'a> {
    /// Returns what is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..self.end]
    }

    /// Returns the next byte.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Passes over spaces.
    pub(super) fn skip_spaces(&mut self) {
        self.at += self.rest().iter().take_while(|byte| **byte == b' ').count();
    }

    /// Says whether nothing but spaces and a comment is left; a comment needs a space before it.
    pub(super) fn is_over(&self) -> bool {
        let mut rest = *self;
        rest.skip_spaces();
        match rest.peek() {
            None => true,
            Some(b'#') => rest.at > self.at,
            Some(_) => false,
        }
    }

    /// Reads a quoted scalar that ends on this line.
    pub(super) fn quoted(&mut self) -> Option<Node> {
        let (quote, kind) = match self.peek()? {
            b'\'' => (b'\'', Kind::Single),
            b'"' => (b'"', Kind::Double),
            _ => return None,
        };
        let start = self.at + 1;
        let mut at = start;
        let bytes = self.text.as_bytes();
        while at < self.end {
            match bytes[at] {
                b'\\' if quote == b'"' => at += 2,
                b'\'' if quote == b'\'' && at + 1 < self.end && bytes[at + 1] == b'\'' => at += 2,
                byte if byte == quote => {
                    self.at = at + 1;
                    return Some(scalar(kind, start, at));
                }
                _ => at += 1,
            }
        }
        None
    }

    /// Reads a scalar without quotes as far as the line or a comment ends.
    pub(super) fn plain(&mut self) -> Option<Node> {
        if !self.begins_plain() {
            return None;
        }
        let rest = self.rest();
        let length = memchr::memmem::find(rest, b" #").unwrap_or(rest.len());
        let value = rest[..length].trim_ascii_end();
        if memchr::memmem::find(value, b": ").is_some() || value.ends_with(b":") {
            return None;
        }
        let node = scalar(Kind::Plain, self.at, self.at + value.len());
        self.at += length;
        Some(node)
    }

    /// Says whether a scalar without quotes can begin here: not with an indicator.
    pub(super) fn begins_plain(&self) -> bool {
        let rest = self.rest();
        match rest.first() {
            None => false,
            Some(b'-' | b'?' | b':') => rest.get(1).is_some_and(|next| !b" ,[]{}".contains(next)),
            Some(byte) => !b"&*!|>@`%,[]{}#'\"".contains(byte),
        }
    }

    /// Reads a flow collection that ends on this line, with at most `depth` in each other.
    pub(super) fn flow(&mut self, nodes: &mut Vec<Node>, depth: usize) -> Option<()> {
        let mut open: Vec<usize> = Vec::new();
        loop {
            self.skip_spaces();
            match self.peek()? {
                byte @ (b'{' | b'[') => {
                    if open.len() >= depth {
                        return None;
                    }
                    self.at += 1;
                    let kind = if byte == b'{' { Kind::Map } else { Kind::List };
                    open.push(nodes.len());
                    nodes.push(scalar(kind, self.at, 0));
                    self.skip_spaces();
                    if !matches!(self.peek()?, b'}' | b']') {
                        self.flow_key(nodes, kind)?;
                        continue;
                    }
                }
                b'}' | b']' => return None,
                _ => nodes.push(self.flow_scalar()?),
            }
            if self.close_flow(nodes, &mut open)? {
                return Some(());
            }
        }
    }

    /// Closes what ends here and goes on to the next value; true once the outermost is closed.
    fn close_flow(&mut self, nodes: &mut Vec<Node>, open: &mut Vec<usize>) -> Option<bool> {
        loop {
            self.skip_spaces();
            let top = *open.last()?;
            let kind = nodes[top].kind;
            match (self.peek()?, kind) {
                (b'}', Kind::Map) | (b']', Kind::List) => {
                    self.at += 1;
                    nodes[top].end = to_u32(nodes.len());
                    open.pop();
                    if open.is_empty() {
                        return Some(true);
                    }
                }
                (b',', _) => {
                    self.at += 1;
                    self.skip_spaces();
                    // A comma before the end is legal and never written.
                    if matches!(self.peek()?, b'}' | b']') {
                        return None;
                    }
                    self.flow_key(nodes, kind)?;
                    return Some(false);
                }
                _ => return None,
            }
        }
    }

    /// Reads `key: ` where a mapping is open.
    fn flow_key(&mut self, nodes: &mut Vec<Node>, kind: Kind) -> Option<()> {
        if kind != Kind::Map {
            return Some(());
        }
        self.skip_spaces();
        if self.rest().starts_with(MERGE) {
            return None;
        }
        nodes.push(self.flow_scalar()?);
        let has_value = self.rest().starts_with(b": ");
        self.at += 2;
        has_value.then_some(())
    }

    fn flow_scalar(&mut self) -> Option<Node> {
        if matches!(self.peek()?, b'\'' | b'"') {
            return self.quoted();
        }
        if !self.begins_plain() {
            return None;
        }
        let rest = self.rest();
        let is_end = |at: usize| match rest[at] {
            b',' | b'[' | b']' | b'{' | b'}' => true,
            b':' => matches!(
                rest.get(at + 1),
                None | Some(b' ' | b',' | b'[' | b']' | b'{' | b'}')
            ),
            b'#' => at > 0 && rest[at - 1] == b' ',
            _ => false,
        };
        let length = (0..rest.len()).find(|at| is_end(*at))?;
        let value = rest[..length].trim_ascii_end();
        let node = scalar(Kind::Plain, self.at, self.at + value.len());
        self.at += length;
        (!value.is_empty()).then_some(node)
    }
}

/// The key that takes in another mapping; the library refuses it.
pub(super) const MERGE: &[u8] = b"<<";

/// Makes a node of the bytes between two offsets.
pub(super) fn scalar(kind: Kind, start: usize, end: usize) -> Node {
    Node {
        kind,
        start: to_u32(start),
        end: to_u32(end),
    }
}
