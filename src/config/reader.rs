//! Reads values out of a TOML document and collects everything that is wrong with them.
//!
//! A reader goes on after an error, so that a file is mended in one go; whoever asked gets nothing back, and
//! the file as a whole is refused.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use crate::lockfile::Span;
use crate::signal::rule::Rule;
use crate::suggest::nearest;

/// A value and where it stands.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// A table, by the name that messages give it.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    /// The name, such as `[gate]`; empty for the document itself.
    pub(super) name: &'static str,
    /// The keys and values.
    pub(super) table: &'t DeTable<'t>,
    /// Where the table stands.
    pub(super) span: Span,
}

/// Collects what is wrong.
pub(super) struct Reader {
    pub(super) errors: Vec<ConfigError>,
    /// The rules that a file may name.
    pub(super) rules: Vec<&'static Rule>,
}

/// Makes a span of a range of the parser's.
pub(super) fn span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

impl<'t> Section<'t> {
    /// Returns a value by its key.
    pub(super) fn get(&self, key: &str) -> Option<&'t Value<'t>> {
        self.table.get(key)
    }
}

impl Reader {
    /// Adds an error.
    pub(super) fn fail(&mut self, error: ConfigError) {
        self.errors.push(error);
    }

    /// Opens a table; an error if the value is something else.
    pub(super) fn section<'t>(
        &mut self,
        name: &'static str,
        value: &'t Value<'t>,
    ) -> Option<Section<'t>> {
        if let DeValue::Table(table) = value.get_ref() {
            let span = span(value.span());
            return Some(Section { name, table, span });
        }
        self.wrong_kind(value, "a table");
        None
    }

    /// Opens the table that a key of the document names, if there is one, and checks its keys.
    pub(super) fn known_section<'t>(
        &mut self,
        document: &'t Section<'t>,
        key: &str,
        name: &'static str,
        known: &[&'static str],
    ) -> Option<Section<'t>> {
        let section = self.section(name, document.get(key)?)?;
        self.check_keys(&section, known);
        Some(section)
    }

    /// Refuses keys that nobody knows: a setting that is silently ignored is a gate that is silently open.
    pub(super) fn check_keys(&mut self, section: &Section<'_>, known: &[&'static str]) {
        for key in section.table.keys() {
            if known.contains(&key.get_ref().as_ref()) {
                continue;
            }
            let place = match section.name {
                "" => String::new(),
                name => format!(" in {name}"),
            };
            let what = format!("unknown key `{}`{place}", key.get_ref());
            let error = suggest(
                ConfigError::new(span(key.span()), what),
                key.get_ref(),
                known,
            );
            self.fail(error.help(format!("valid here: {}", known.join(", "))));
        }
    }

    /// Reads a text.
    pub(super) fn text<'t>(&mut self, value: &'t Value<'_>) -> Option<&'t str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong_kind(value, "a text in quotes");
        }
        text
    }

    /// Reads `true` or `false`.
    pub(super) fn switch(&mut self, value: &Value<'_>) -> Option<bool> {
        let switch = value.get_ref().as_bool();
        if switch.is_none() {
            self.wrong_kind(value, "true or false");
        }
        switch
    }

    /// Reads the values of a list.
    pub(super) fn list<'t>(&mut self, value: &'t Value<'t>) -> Option<&'t [Value<'t>]> {
        if let DeValue::Array(list) = value.get_ref() {
            return Some(list);
        }
        self.wrong_kind(value, "a list");
        None
    }

    /// Reads a list of texts, each with its value for the place of an error; empty if there is no such key.
    pub(super) fn texts<'t>(&mut self, value: Option<&'t Value<'t>>) -> Vec<(&'t str, Span)> {
        let list = value.and_then(|value| self.list(value)).unwrap_or_default();
        let texts = list
            .iter()
            .map(|value| Some((self.text(value)?, span(value.span()))));
        texts.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Reads one word of a closed list.
    pub(super) fn word<T: Copy>(
        &mut self,
        value: &Value<'_>,
        words: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(value)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&'static str> = words.iter().map(|(word, _)| *word).collect();
            let what = format!("`{text}` is no valid value here");
            let error = suggest(ConfigError::new(span(value.span()), what), text, &known);
            self.fail(error.help(format!("valid here: {}", known.join(", "))));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Says that a value is of another kind than it must be.
    pub(super) fn wrong_kind(&mut self, value: &Value<'_>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.fail(ConfigError::new(
            span(value.span()),
            format!("expected {wanted}, found {found}"),
        ));
    }
}

/// Adds the known word that a wrong one was probably meant to be.
pub(super) fn suggest(error: ConfigError, wrong: &str, known: &[&'static str]) -> ConfigError {
    match nearest(wrong, known.iter().copied()) {
        Some(word) => error.label(format!("did you mean `{word}`?")),
        None => error,
    }
}
