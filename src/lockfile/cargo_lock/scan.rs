//! A line scanner for Cargo.lock in exactly the form that cargo writes.
//!
//! Anything else (a literal string, an escape, an inline table, an unknown key) makes it give up, and the
//! `toml` crate takes over: speed for the common case, never another reading.

use std::borrow::Cow;

use super::{Document, Record};
use crate::lockfile::span::Span;

/// Reads a Cargo.lock in cargo's own form; `None` if any line is of another. O(bytes).
pub(super) fn scan(text: &str) -> Option<Document<'_>> {
    let mut scanner = Scanner {
        rest: text,
        offset: 0,
        document: Document::default(),
        table: Table::Top,
        unfinished: None,
        single_tables: Vec::new(),
    };
    while let Some(line) = scanner.next_line() {
        scanner.read_line(&line)?;
    }
    scanner.finish_record()?;
    has_distinct_keys(&scanner.document).then_some(scanner.document)
}

/// TOML forbids a key that stands twice; in `[metadata]` that takes a look at all of them.
fn has_distinct_keys(document: &Document<'_>) -> bool {
    let mut keys: Vec<&str> = document.metadata.iter().map(|(key, _)| &**key).collect();
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair[0] != pair[1])
}

struct Line<'a> {
    text: &'a str,
    start: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Top,
    Package,
    Unused,
    Metadata,
}

/// The record that is being read, and whether its span was seen.
struct Unfinished<'a> {
    record: Record<'a>,
    named: Option<Span>,
    versioned: Option<()>,
    listed: Option<()>,
}

struct Scanner<'a> {
    rest: &'a str,
    offset: usize,
    document: Document<'a>,
    table: Table,
    unfinished: Option<Unfinished<'a>>,
    /// Tables that may stand only once, as far as they were seen.
    single_tables: Vec<&'a str>,
}

impl<'a> Scanner<'a> {
    fn next_line(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.offset;
        let (line, rest) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line, rest),
            None => (self.rest, ""),
        };
        self.offset += self.rest.len() - rest.len();
        self.rest = rest;
        Some(Line {
            text: line.strip_suffix('\r').unwrap_or(line),
            start,
        })
    }

    fn read_line(&mut self, line: &Line<'a>) -> Option<()> {
        match line.text.as_bytes().first() {
            None | Some(b'#') => Some(()),
            Some(b'[') => self.read_header(line.text),
            Some(_) => self.read_key(line),
        }
    }

    fn read_header(&mut self, header: &'a str) -> Option<()> {
        self.finish_record()?;
        if !header.starts_with("[[") {
            let is_repeated = self.single_tables.contains(&header);
            self.single_tables.push(header);
            (!is_repeated).then_some(())?;
        }
        self.table = match header {
            "[[package]]" | "[root]" => Table::Package,
            "[[patch.unused]]" => Table::Unused,
            "[metadata]" => Table::Metadata,
            _ => return None,
        };
        if matches!(self.table, Table::Package | Table::Unused) {
            self.unfinished = Some(Unfinished {
                record: Record::default(),
                named: None,
                versioned: None,
                listed: None,
            });
        }
        Some(())
    }

    /// Takes up the record that has just ended; one without a name and a version is not cargo's.
    fn finish_record(&mut self) -> Option<()> {
        let Some(mut unfinished) = self.unfinished.take() else {
            return Some(());
        };
        unfinished.versioned?;
        unfinished.record.span = unfinished.named?;
        if self.table == Table::Package {
            self.document.packages.push(unfinished.record);
        }
        Some(())
    }

    fn read_key(&mut self, line: &Line<'a>) -> Option<()> {
        let (key, value) = split_key(line.text)?;
        match self.table {
            Table::Top => match key {
                "version" if self.document.version.is_none() => {
                    self.document.version = Some(value.parse().ok()?);
                    Some(())
                }
                _ => None,
            },
            Table::Metadata => {
                let pair = (Cow::Borrowed(quoted(key)?), Cow::Borrowed(quoted(value)?));
                self.document.metadata.push(pair);
                Some(())
            }
            Table::Package | Table::Unused => self.read_record_key(line, key, value),
        }
    }

    fn read_record_key(&mut self, line: &Line<'a>, key: &str, value: &'a str) -> Option<()> {
        if key == "dependencies" {
            let dependencies = self.read_list(value)?;
            let unfinished = self.unfinished.as_mut()?;
            unfinished.record.dependencies = dependencies;
            return once(&mut unfinished.listed, ());
        }
        let value = Cow::Borrowed(quoted(value)?);
        let unfinished = self.unfinished.as_mut()?;
        let record = &mut unfinished.record;
        match key {
            "name" => {
                record.name = value;
                once(
                    &mut unfinished.named,
                    Span::new(line.start, line.start + line.text.len()),
                )
            }
            "version" => {
                record.version = value;
                once(&mut unfinished.versioned, ())
            }
            "source" => once(&mut record.source, value),
            "checksum" => once(&mut record.checksum, value),
            "replace" => once(&mut record.replace, value),
            _ => None,
        }
    }

    /// Reads `[` … `]` with one string a line, or `[]`.
    fn read_list(&mut self, opening: &str) -> Option<Vec<Cow<'a, str>>> {
        match opening {
            "[]" => return Some(Vec::new()),
            "[" => {}
            _ => return None,
        }
        let mut list = Vec::new();
        loop {
            let line = self.next_line()?.text;
            if line == "]" {
                return Some(list);
            }
            list.push(Cow::Borrowed(quoted(
                line.strip_prefix(' ')?.strip_suffix(',')?,
            )?));
        }
    }
}

/// Splits at the first ` = `. Keys are short, so that looking at each byte is faster than a searcher is made.
fn split_key(line: &str) -> Option<(&str, &str)> {
    const BETWEEN: &[u8] = b" = ";
    let at = line
        .as_bytes()
        .windows(BETWEEN.len())
        .position(|window| window == BETWEEN)?;
    Some((&line[..at], &line[at + BETWEEN.len()..]))
}

/// Sets what must not be set twice.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// Reads a basic string without escapes.
fn quoted(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f);
    // Counting all of them, without an early end, is what the compiler makes vectors of.
    let odd = inner.bytes().filter(|byte| !is_plain(*byte)).count();
    (odd == 0).then_some(inner)
}
