//! How a baseline is read. Everything that is wrong with it is told at once, and nothing runs on a part of it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rustc_hash::FxHashMap;

use super::form::{FIELDS, MARK, NOTHING, PACKAGE, VERSION, decode, decode_path, file, folder};
use super::index::{Name, names};
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
use crate::text::{Untrusted, is_deceptive};

/// What git leaves in a file that it could not merge.
const CONFLICT: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// The largest file that is read.
const MAX_BYTES: usize = 16 << 20;

/// How many errors are told.
const TOLD: usize = 20;

impl Baseline {
    /// Reads a `linchpin.baseline`.
    ///
    /// # Errors
    ///
    /// Fails on every field that is spelt otherwise than [`Baseline::write`] spells it, and on a day after today;
    /// the order of the lines, their white space, empty ones and repeated ones do not matter. Returns what is
    /// wrong, in the order of the file, and after the first 20 errors only how many more there are.
    pub fn read(file: &SourceFile, today: Date) -> Result<Self, Vec<ConfigError>> {
        check_size(file).map_err(|error| vec![error])?;
        check_first_line(file).map_err(|error| vec![error])?;
        let mut reader = Reader {
            file,
            today,
            errors: Vec::new(),
            untold: 0,
        };
        let lines = file.text().lines().skip(1);
        let entries: Vec<Entry> = lines
            .filter(|line| !line.trim().is_empty())
            .filter_map(|line| reader.line(line))
            .collect();
        let entries = reader.unite(entries);
        let errors = reader.into_errors();
        if errors.is_empty() {
            let path = file.path().clone();
            Ok(Self { path, entries })
        } else {
            Err(errors)
        }
    }
}

/// A file of such a size was not written by us, and would be told line by line.
fn check_size(file: &SourceFile) -> Result<(), ConfigError> {
    if file.text().len() <= MAX_BYTES {
        return Ok(());
    }
    let error = ConfigError::new(Span::default(), "the file is larger than 16 MiB");
    Err(error.help("let git restore it"))
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
    today: Date,
    errors: Vec<ConfigError>,
    /// How many errors there are beside these.
    untold: usize,
}

impl<'f> Reader<'f> {
    fn fail(&mut self, error: ConfigError) {
        if self.errors.len() < TOLD {
            self.errors.push(error);
        } else {
            self.untold += 1;
        }
    }

    fn into_errors(self) -> Vec<ConfigError> {
        let mut errors = self.errors;
        errors.sort_by_key(|error| error.span);
        if self.untold > 0 {
            let what = format!("{} more errors are not told", self.untold);
            errors.push(ConfigError::new(Span::default(), what));
        }
        errors
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
        let owner = self.owner(owner);
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
            Ok(wanted) if wanted.is_canonical() => Some(Subject::Package(field.to_owned())),
            Ok(_) => {
                let what = format!("`{field}` is not as this file writes package URLs");
                let error = ConfigError::new(self.span(field), what);
                self.fail(error.help("linchpin baseline writes lines"));
                None
            }
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
        let ids: Vec<String> = ids.into_iter().collect::<Option<_>>()?;
        if ids.is_sorted_by(|one, other| one < other) {
            return Some(ids.into_iter().collect());
        }
        let what = format!("`{field}` is not sorted, or names an id twice");
        self.fail(ConfigError::new(self.span(field), what));
        None
    }

    fn day(&mut self, field: &str) -> Option<Date> {
        let day = field.parse::<Date>().ok();
        let day = day.filter(|day| day.to_string() == field);
        if day.is_none() {
            let what = format!("`{field}` is no day such as 2026-11-01");
            self.fail(ConfigError::new(self.span(field), what));
        }
        if day.is_some_and(|day| day > self.today) {
            let what = format!("`{field}` is after {}, the day of this run", self.today);
            let error = ConfigError::new(self.span(field), what);
            self.fail(error.help("what was known later does not exist: use a later clock"));
        }
        day
    }

    fn owner(&mut self, field: &str) -> Option<String> {
        let owner = self.text(field)?;
        if !owner.chars().any(is_deceptive) {
            return Some(owner);
        }
        let what = format!("`{field}` holds characters that cannot be seen");
        self.fail(ConfigError::new(self.span(field), what));
        None
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

    /// Two lines for one matter would have two days and two owners; of lines that say the same, as a merge of two
    /// branches leaves them, one stays.
    fn unite(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut known: FxHashMap<Name<'_>, &Entry> = FxHashMap::default();
        let mut repeated = BTreeSet::new();
        for (number, entry) in entries.iter().enumerate() {
            let first = names(&entry.matter).find_map(|name| known.get(&name).copied());
            match first {
                Some(first) if first == entry => drop(repeated.insert(number)),
                Some(first) => self.double(first, entry),
                None => {}
            }
            for name in names(&entry.matter) {
                known.entry(name).or_insert(entry);
            }
        }
        let entries = entries.into_iter().enumerate();
        let once = entries.filter(|(number, _)| !repeated.contains(number));
        once.map(|(_, entry)| entry).collect()
    }

    fn double(&mut self, first: &Entry, second: &Entry) {
        if let (Some(first), Some(second)) = (first.location, second.location) {
            let error = ConfigError::new(self.file.word_at(second), "this stands here twice");
            let error = error.label(format!("also in line {}", first.line));
            self.fail(error.help("keep one of the two lines"));
        }
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
