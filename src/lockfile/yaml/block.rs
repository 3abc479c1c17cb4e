//! The block style that pnpm and Yarn write, read line by line into a [`Tape`].
//!
//! Mappings and sequences by indentation, one scalar or flow collection a line, literal blocks, `? ` keys.
//! Whatever else YAML knows (anchors, tags, scalars over several lines, tabs) makes the answer `None`, and the
//! library reads the file instead: this reader never decides that a file is wrong.

use std::borrow::Cow;

use memchr::{memchr, memmem};
use rustc_hash::FxHashSet;

use super::line::{MERGE, Part, scalar};
use super::tape::{Kind, Node, Tape};
use crate::lockfile::span::to_u32;

/// Mappings up to this size are searched for repeats pair by pair.
const SMALL: usize = 8;

/// Reads a text with collections at most `depth` deep; none if it is not all in the known style. O(bytes).
pub(super) fn read(text: &str, depth: usize) -> Option<Tape<'_>> {
    if !is_plain_text(text) {
        return None;
    }
    let mut reader = Reader {
        tape: Tape {
            text,
            nodes: Vec::with_capacity(text.len() / 16),
            documents: Vec::new(),
        },
        frames: Vec::new(),
        next: 0,
        depth,
        is_begun: false,
    };
    while let Some(part) = reader.next_line() {
        reader.line(part)?;
    }
    reader.end_document()?;
    Some(reader.tape)
}

/// Control characters, and line breaks other than `\n` and `\r\n`, are left to the library.
fn is_plain_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_odd = |byte: u8| (byte < b' ' && byte != b'\n' && byte != b'\r') || byte == 0x7f;
    let is_lone = |at: usize| bytes.get(at + 1) != Some(&b'\n');
    !bytes.iter().copied().any(is_odd)
        && !memchr::memchr_iter(b'\r', bytes).any(is_lone)
        && memmem::find(bytes, "\u{feff}".as_bytes()).is_none()
}

/// An open collection.
struct Frame {
    indentation: usize,
    kind: Kind,
    node: usize,
    expects: Expects,
}

/// What may come next in an open collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// A key, or a `-`.
    Entry,
    /// `: `, behind a key that stood behind `? `.
    Colon,
    /// A value, on a deeper line.
    Value,
}

struct Reader<'a> {
    tape: Tape<'a>,
    frames: Vec<Frame>,
    /// Where the next line begins.
    next: usize,
    depth: usize,
    /// Whether the document has a node.
    is_begun: bool,
}

impl<'a> Reader<'a> {
    fn next_line(&mut self) -> Option<Part<'a>> {
        let text = self.tape.text;
        let at = self.next;
        if at >= text.len() {
            return None;
        }
        let end = memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |length| at + length);
        self.next = end + 1;
        let end = if text.as_bytes()[at..end].ends_with(b"\r") {
            end - 1
        } else {
            end
        };
        Some(Part { text, at, end })
    }

    fn line(&mut self, mut part: Part<'a>) -> Option<()> {
        let start = part.at;
        part.skip_spaces();
        let indentation = part.at - start;
        match part.peek() {
            None | Some(b'#') => return Some(()),
            Some(b'-') if indentation == 0 && part.rest().starts_with(b"---") => {
                return (part.rest().trim_ascii_end() == b"---").then(|| self.end_document())?;
            }
            Some(b'%' | b'.') if indentation == 0 => return None,
            Some(_) => {}
        }
        let is_item = is_item(part);
        self.close_deeper_than(indentation)?;
        self.settle(indentation, is_item)?;
        if is_item {
            self.item(part, start)
        } else {
            self.pair(part, start)
        }
    }

    /// Closes the collections that end before a line with this indentation.
    fn close_deeper_than(&mut self, indentation: usize) -> Option<()> {
        while self
            .frames
            .last()
            .is_some_and(|frame| frame.indentation > indentation)
        {
            self.close()?;
        }
        Some(())
    }

    /// Makes the innermost collection the one that a line with this indentation belongs to.
    fn settle(&mut self, indentation: usize, is_item: bool) -> Option<()> {
        let kind = if is_item { Kind::List } else { Kind::Map };
        let Some(frame) = self.frames.last_mut() else {
            let is_first = !std::mem::replace(&mut self.is_begun, true);
            return is_first.then(|| self.open(indentation, kind))?;
        };
        if frame.indentation < indentation {
            return (frame.expects == Expects::Value).then(|| self.open(indentation, kind))?;
        }
        if frame.expects == Expects::Value {
            frame.expects = Expects::Entry;
            let end = self.next;
            self.tape.nodes.push(scalar(Kind::Null, end, end));
        }
        (self.frames.last()?.kind == kind).then_some(())
    }

    fn open(&mut self, indentation: usize, kind: Kind) -> Option<()> {
        if self.frames.is_empty() {
            self.tape.documents.push(self.tape.nodes.len());
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.expects = Expects::Entry;
        }
        self.frames.push(Frame {
            indentation,
            kind,
            node: self.tape.nodes.len(),
            expects: Expects::Entry,
        });
        self.tape.nodes.push(scalar(kind, self.next, 0));
        (self.frames.len() <= self.depth).then_some(())
    }

    fn close(&mut self) -> Option<()> {
        let frame = self.frames.pop()?;
        match frame.expects {
            Expects::Entry => {}
            Expects::Value => self
                .tape
                .nodes
                .push(scalar(Kind::Null, self.next, self.next)),
            Expects::Colon => return None,
        }
        self.tape.nodes[frame.node].end = to_u32(self.tape.nodes.len());
        (frame.kind == Kind::List || has_distinct_keys(&self.tape, frame.node)).then_some(())
    }

    fn end_document(&mut self) -> Option<()> {
        while !self.frames.is_empty() {
            self.close()?;
        }
        self.is_begun = false;
        Some(())
    }

    /// Reads `- item`; the item may be the first pair of a mapping.
    fn item(&mut self, mut part: Part<'a>, line: usize) -> Option<()> {
        part.at += 1;
        part.skip_spaces();
        if part.peek().is_none_or(|byte| byte == b'#') {
            self.frames.last_mut()?.expects = Expects::Value;
            return Some(());
        }
        if is_item(part) || part.rest().starts_with(b"? ") {
            return None;
        }
        if is_pair(part) {
            self.open(part.at - line, Kind::Map)?;
            return self.pair(part, line);
        }
        self.value(part)
    }

    /// Reads `key: value`, `? key`, or `: value` behind one.
    fn pair(&mut self, mut part: Part<'a>, line: usize) -> Option<()> {
        let frame = self.frames.last_mut()?;
        if frame.expects == Expects::Colon {
            frame.expects = Expects::Entry;
            return self.behind_key_of_its_own_line(part, line);
        }
        if part.rest().starts_with(b"? ") {
            frame.expects = Expects::Colon;
            part.at += 2;
            part.skip_spaces();
            let key = match part.peek()? {
                b'\'' | b'"' => part.quoted()?,
                _ if part.rest().starts_with(MERGE) => return None,
                _ => part.plain()?,
            };
            self.tape.nodes.push(key);
            return part.is_over().then_some(());
        }
        let key = self.key(&mut part)?;
        self.tape.nodes.push(key);
        self.behind_colon(part)
    }

    fn key(&self, part: &mut Part<'a>) -> Option<Node> {
        if matches!(part.peek()?, b'\'' | b'"') {
            let key = part.quoted()?;
            part.skip_spaces();
            return Some(key);
        }
        if !part.begins_plain() {
            return None;
        }
        let rest = part.rest();
        let length = colon(rest)?;
        let key = rest[..length].trim_ascii_end();
        if key == MERGE || memmem::find(key, b" #").is_some() {
            return None;
        }
        let node = scalar(Kind::Plain, part.at, part.at + key.len());
        part.at += length;
        debug_assert!(self.tape.text.is_char_boundary(part.at));
        Some(node)
    }

    /// Reads `: value`; the value may be the first pair of a mapping.
    fn behind_key_of_its_own_line(&mut self, part: Part<'a>, line: usize) -> Option<()> {
        let mut value = part;
        value.at += 1;
        value.skip_spaces();
        if part.rest().starts_with(b": ") && is_pair(value) {
            self.open(value.at - line, Kind::Map)?;
            return self.pair(value, line);
        }
        self.behind_colon(part)
    }

    fn behind_colon(&mut self, mut part: Part<'a>) -> Option<()> {
        if !matches!(part.rest(), [b':'] | [b':', b' ', ..]) {
            return None;
        }
        part.at += 1;
        if part.is_over() {
            self.frames.last_mut()?.expects = Expects::Value;
            return Some(());
        }
        part.skip_spaces();
        self.value(part)
    }

    /// Reads a value that begins on this line.
    fn value(&mut self, mut part: Part<'a>) -> Option<()> {
        match part.peek()? {
            b'{' | b'[' => {
                let first = self.tape.nodes.len();
                let depth = self.depth.checked_sub(self.frames.len())?;
                part.flow(&mut self.tape.nodes, depth)?;
                self.check_flow(first)?;
            }
            b'\'' | b'"' => {
                let node = part.quoted()?;
                self.tape.nodes.push(node);
            }
            b'|' => return self.literal(part),
            _ => {
                let node = part.plain()?;
                self.tape.nodes.push(node);
            }
        }
        part.is_over().then_some(())
    }

    fn check_flow(&self, first: usize) -> Option<()> {
        let mut maps =
            (first..self.tape.nodes.len()).filter(|at| self.tape.nodes[*at].kind == Kind::Map);
        maps.all(|at| has_distinct_keys(&self.tape, at))
            .then_some(())
    }

    /// Reads the deeper lines below `|` or `|-`.
    fn literal(&mut self, part: Part<'a>) -> Option<()> {
        let kind = match part.rest().trim_ascii_end() {
            b"|" => Kind::LiteralClipped,
            b"|-" => Kind::LiteralStripped,
            _ => return None,
        };
        let indentation = self.frames.last()?.indentation;
        let start = self.next;
        let mut end = start;
        loop {
            let before = self.next;
            let Some(mut line) = self.next_line() else {
                break;
            };
            let begins = line.at;
            line.skip_spaces();
            let spaces = line.at - begins;
            if line.peek().is_some() && spaces <= indentation {
                self.next = before;
                break;
            }
            // A line of spaces is text if it is longer than the indentation; no tool writes one.
            if line.peek().is_none() && spaces > 0 {
                return None;
            }
            if line.peek().is_some() {
                end = line.end;
            }
        }
        self.tape.nodes.push(scalar(kind, start, end.max(start)));
        (end > start).then_some(())
    }
}

fn is_item(part: Part<'_>) -> bool {
    matches!(part.rest(), [b'-'] | [b'-', b' ', ..])
}

/// Says whether a line has a key; a quoted scalar is one if a colon follows it.
fn is_pair(mut part: Part<'_>) -> bool {
    match part.peek() {
        Some(b'\'' | b'"') => {
            part.quoted().is_some() && {
                part.skip_spaces();
                part.peek() == Some(b':')
            }
        }
        Some(b'{' | b'[') | None => false,
        Some(_) => colon(part.rest()).is_some(),
    }
}

/// Finds the colon that ends a key without quotes.
fn colon(rest: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', rest).find(|at| matches!(rest.get(at + 1), None | Some(b' ')))
}

/// Says whether no key of a mapping stands twice.
fn has_distinct_keys(tape: &Tape<'_>, map: usize) -> bool {
    let end = tape.nodes[map].end as usize;
    let mut keys: Vec<Cow<'_, str>> = Vec::new();
    let mut at = map + 1;
    while at < end {
        let Some(key) = tape.scalar(at) else {
            return false;
        };
        keys.push(key);
        at = tape.behind(at + 1);
    }
    if keys.len() > SMALL {
        let mut seen = FxHashSet::default();
        return keys.iter().all(|key| seen.insert(&**key));
    }
    (1..keys.len()).all(|index| !keys[..index].contains(&keys[index]))
}
