//! How a baseline is read. Everything that is wrong with it is told at once, and nothing runs on a part of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::form::{FIELDS, MARK, NOTHING, PACKAGE, VERSION, decode, decode_path, file, folder};
use super::{Baseline, Entry, Matter, Subject};
use crate::assessment::Fingerprint;
use crate::config::ConfigError;
use crate::lockfile::{Scope, SourceFile, Span};
use crate::package::wanted::WantedPackage;
use crate::path::FilePath;
use crate::severity::Severity;
use crate::signal;
use crate::signal::rule::Rule;
use crate::suggest::nearest;
use crate::text::Untrusted;

/// What git leaves in a file that it could not merge.
const CONFLICT: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

impl Baseline {
    /// Reads a `linchpin.baseline`.
    ///
    /// # Errors
    ///
    /// Fails on everything that [`Baseline::write`] would not write; returns all that is wrong, in the order of
    /// the file.
    pub fn read(file: &SourceFile) -> Result<Self, Vec<ConfigError>> {
        check_first_line(file).map_err(|error| vec![error])?;
        let mut reader = Reader {
            file,
            errors: Vec::new(),
        };
        let lines = file.text().lines().skip(1);
        let entries: Vec<Entry> = lines
            .filter(|line| !line.trim().is_empty())
            .filter_map(|line| reader.line(line))
            .collect();
        reader.find_doubles(&entries);
        let mut errors = reader.errors;
        errors.sort_by_key(|error| error.span);
        if errors.is_empty() {
            let path = file.path().clone();
            Ok(Self { path, entries })
        } else {
            Err(errors)
        }
    }
}

/// The first line says what the file is, or nothing in it can be trusted to mean what it seems to.
fn check_first_line(file: &SourceFile) -> Result<(), ConfigError> {
    let first = file.text().lines().next().unwrap_or_default();
    let span = Span::new(0, first.len());
    let Some(rest) = first.strip_prefix(MARK) else {
        let error = ConfigError::new(span, "this is no baseline: its first line is another");
        let wanted = format!("a baseline begins with `{MARK}{VERSION}`: restore that line");
        return Err(error.help(wanted));
    };
    let version = rest.split([',', ':', ' ']).next().unwrap_or_default();
    if version == VERSION {
        return Ok(());
    }
    let what = format!("version {version} of the form is not known to this program");
    let span = Span::new(MARK.len(), MARK.len() + version.len());
    Err(ConfigError::new(span, what).help("use a linchpin that knows it"))
}

/// Reads line by line and collects what is wrong.
struct Reader<'f> {
    file: &'f SourceFile,
    errors: Vec<ConfigError>,
}

impl<'f> Reader<'f> {
    fn fail(&mut self, error: ConfigError) {
        self.errors.push(error);
    }

    fn span(&self, part: &str) -> Span {
        self.file.span_of(part).unwrap_or_default()
    }

    fn line(&mut self, line: &'f str) -> Option<Entry> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match <[&str; FIELDS.len()]>::try_from(fields) {
            Ok(fields) => self.entry(line, fields),
            Err(fields) => {
                self.unknown(line.trim_end(), fields.len());
                None
            }
        }
    }

    fn unknown(&mut self, line: &str, fields: usize) {
        let span = self.span(line);
        let is_conflict = CONFLICT.iter().any(|marker| line.starts_with(marker));
        let error = if is_conflict {
            ConfigError::new(span, "a git conflict marker")
                .help("finish the merge: keep the lines of both sides, each once")
        } else if line.starts_with('#') {
            ConfigError::new(span, "only the first line is a comment")
                .help("take it out: the file is written anew, and would lose it")
        } else {
            let what = format!("expected {} fields, found {fields}", FIELDS.len());
            ConfigError::new(span, what).help(format!("a line is: {}", FIELDS.join(" ")))
        };
        self.fail(error);
    }

    /// Reads every field before it gives up on any, so that all errors are told.
    fn entry(&mut self, line: &str, fields: [&str; FIELDS.len()]) -> Option<Entry> {
        let [
            rule,
            subject,
            project,
            severity,
            scope,
            ids,
            since,
            owner,
            fingerprint,
        ] = fields;
        let rule = self.rule(rule);
        let subject = self.subject(subject);
        let project = self.path(project, folder);
        let severity = self.severity(severity);
        let scope = self.scope(scope);
        let ids = self.ids(ids);
        let since = self.day(since);
        let owner = self.text(owner);
        let fingerprint = self.fingerprint(fingerprint);
        let matter = Matter {
            rule: rule?,
            subject: subject?,
            project: project?,
            severity: severity?,
            scope,
            ids: ids?,
            fingerprint: fingerprint?,
        };
        Some(Entry {
            matter,
            since: since?,
            owner: Untrusted::from(owner?),
            location: Some(self.file.locate(self.span(line).start)),
        })
    }

    fn rule(&mut self, id: &str) -> Option<&'static Rule> {
        let span = self.span(id);
        let Some(rule) = signal::rule(id) else {
            let mut error = ConfigError::new(span, format!("`{id}` is no rule"));
            if let Some(near) = nearest(id, signal::rules().map(|rule| rule.id.0)) {
                error = error.label(format!("did you mean `{near}`?"));
            }
            self.fail(error.help("linchpin explain lists the rules"));
            return None;
        };
        if rule.is_guarded() {
            let what = format!(
                "`{id}` is never kept: it reports a known attack, which gates in every state"
            );
            let error = ConfigError::new(span, what);
            self.fail(error.help("take the line out; accept the one finding for up to 7 days, by its id, in an [[accept]] entry"));
            return None;
        }
        Some(rule)
    }

    fn subject(&mut self, field: &str) -> Option<Subject> {
        if !field.starts_with(PACKAGE) {
            return self.path(field, file).map(Subject::File);
        }
        match WantedPackage::parse(field) {
            Ok(_) => Some(Subject::Package(field.to_owned())),
            Err(why) => {
                let what = format!("`{field}` is no package URL: {why}");
                self.fail(ConfigError::new(self.span(field), what));
                None
            }
        }
    }

    fn path(&mut self, field: &str, write: fn(&FilePath) -> String) -> Option<FilePath> {
        let path = decode_path(field, write);
        if path.is_none() {
            let what = format!("`{field}` is no plain path below the root");
            self.fail(ConfigError::new(self.span(field), what));
        }
        path
    }

    fn severity(&mut self, field: &str) -> Option<Severity> {
        let mut all = Severity::ALL.into_iter();
        let found = all.find(|severity| severity.id() == field);
        if found.is_none() {
            let known = Severity::ALL.map(Severity::id).join(", ");
            self.no_word(field, "severity", &known);
        }
        found
    }

    /// Reads a scope, which may be none; what is neither is an error, and the file is not used.
    fn scope(&mut self, field: &str) -> Option<Scope> {
        let mut all = Scope::ALL.into_iter();
        let found = all.find(|scope| scope.id() == field);
        if found.is_none() && field != NOTHING {
            let known = Scope::ALL.map(Scope::id).join(", ");
            self.no_word(field, "scope", &format!("{known}, {NOTHING}"));
        }
        found
    }

    fn no_word(&mut self, field: &str, kind: &str, known: &str) {
        let error = ConfigError::new(self.span(field), format!("`{field}` is no {kind}"));
        self.fail(error.help(format!("valid here: {known}")));
    }

    fn ids(&mut self, field: &str) -> Option<BTreeSet<String>> {
        if field == NOTHING {
            return Some([].into());
        }
        let ids: Vec<Option<String>> = field.split(',').map(|id| self.text(id)).collect();
        ids.into_iter().collect()
    }

    fn day(&mut self, field: &str) -> Option<Date> {
        let day = field.parse::<Date>().ok();
        let day = day.filter(|day| day.to_string() == field);
        if day.is_none() {
            let what = format!("`{field}` is no day such as 2026-11-01");
            self.fail(ConfigError::new(self.span(field), what));
        }
        day
    }

    fn fingerprint(&mut self, field: &str) -> Option<Fingerprint> {
        let fingerprint = Fingerprint::parse(field);
        if fingerprint.is_none() {
            let error = ConfigError::new(
                self.span(field),
                format!("`{field}` is no fingerprint: 32 hexadecimal digits"),
            );
            self.fail(
                error.help("linchpin baseline writes lines; --format json shows fingerprints"),
            );
        }
        fingerprint
    }

    /// Reads what was percent-encoded.
    fn text(&mut self, field: &str) -> Option<String> {
        let text = decode(field).filter(|text| !text.is_empty());
        if text.is_none() {
            let what = format!("`{field}` is not as this file writes texts");
            let error = ConfigError::new(self.span(field), what);
            self.fail(error.help(
                "spaces, commas, % and what cannot be seen are percent-encoded, nothing else",
            ));
        }
        text
    }

    /// Two lines for one matter would have two days and two owners.
    fn find_doubles(&mut self, entries: &[Entry]) {
        let mut known: FxHashMap<&Fingerprint, Vec<&Entry>> = FxHashMap::default();
        for entry in entries {
            let beside = known.entry(&entry.matter.fingerprint).or_default();
            let first = beside
                .iter()
                .find(|other| other.matter.is_same(&entry.matter));
            if let (Some(first), Some(place)) = (first, entry.location) {
                let line = first.location.map_or(0, |location| location.line);
                let error = ConfigError::new(self.file.word_at(place), "this stands here twice");
                let error = error.label(format!("also in line {line}"));
                self.fail(error.help("keep one of the two lines"));
            }
            beside.push(entry);
        }
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
