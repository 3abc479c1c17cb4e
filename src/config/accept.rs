//! `[[accept]]`: findings that somebody answers for, for a while.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use toml::de::DeValue;

use super::ConfigError;
use super::reader::{Reader, Section, Value, span};
use super::rules::rule;
use crate::lockfile::{Location, SourceFile};
use crate::package::name::comparable;
use crate::package::wanted::WantedPackage;
use crate::package::{Ecosystem, Purl};
use crate::path::FilePath;
use crate::signal::rule::Rule;

/// For how many days a finding can be accepted.
const LONGEST: i32 = 180;

/// For how many days a finding of a guarded rule can be.
const LONGEST_GUARDED: i32 = 7;

/// The keys of an entry.
const KNOWN: &[&str] = &[
    "rule", "package", "file", "project", "via", "ids", "reason", "owner", "expires",
];

/// An `[[accept]]` entry.
#[derive(Clone, Debug)]
pub struct Accept {
    /// The rule.
    pub rule: &'static Rule,
    /// What the findings are about.
    pub target: Target,
    /// Where it is accepted.
    pub bound: Bound,
    /// What exactly is accepted: advisories, digests, hosts, or fingerprints of findings.
    pub ids: Vec<String>,
    /// Why it is right to live with it.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// The configuration file.
    pub path: FilePath,
    /// Where the entry stands in it.
    pub location: Location,
}

/// Where a finding is accepted: everywhere, if nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// In this project alone, by its folder.
    pub project: Option<FilePath>,
    /// Where every route passes this package, whatever its version.
    pub via: Option<Via>,
}

/// A package that routes pass, by its name or by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    written: String,
    package: Option<WantedPackage>,
}

impl Via {
    /// Takes a name, which is one of the culprit's ecosystem, or a package URL; a sentence's end on what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let package = if text.starts_with("pkg:") {
            Some(WantedPackage::parse(text)?)
        } else {
            None
        };
        let written = text.to_owned();
        Ok(Self { written, package })
    }

    /// Says whether a package is meant, which its own URL names, and which is of the culprit's ecosystem.
    pub fn means(&self, ecosystem: Ecosystem, name: &str, purl: impl FnOnce() -> Purl) -> bool {
        match &self.package {
            None => comparable(ecosystem, name) == comparable(ecosystem, &self.written),
            Some(package) => {
                let own = WantedPackage::parse(purl().as_str());
                own.is_ok_and(|own| package.means(&own))
            }
        }
    }

    /// Returns what was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

/// What an accepted finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A package.
    Package(WantedPackage),
    /// A file of which a condition holds.
    File(FilePath),
}

impl PartialEq for Accept {
    /// Entries are equal if they say the same, wherever they stand.
    fn eq(&self, other: &Self) -> bool {
        (
            self.rule.id,
            &self.target,
            &self.bound,
            &self.ids,
            &self.reason,
            &self.owner,
            self.expires,
        ) == (
            other.rule.id,
            &other.target,
            &other.bound,
            &other.ids,
            &other.reason,
            &other.owner,
            other.expires,
        )
    }
}

impl Eq for Accept {}

impl Accept {
    /// Says whether the entry no longer holds.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires < today(now)
    }

    /// Returns what the entry is about, as it was written.
    pub fn subject(&self) -> &str {
        match &self.target {
            Target::Package(package) => package.as_str(),
            Target::File(path) => path.as_str(),
        }
    }
}

/// Returns the day of a clock, in UTC, so that every machine sees the same one.
fn today(now: Timestamp) -> Date {
    Offset::UTC.to_datetime(now).date()
}

/// Reads all entries of the document.
pub(super) fn read(
    document: &Section<'_>,
    file: &SourceFile,
    now: Timestamp,
    reader: &mut Reader,
) -> Vec<Accept> {
    let list = document.get("accept").and_then(|value| reader.list(value));
    let entries = list.unwrap_or_default().iter().map(|value| {
        let section = reader.section("[[accept]]", value)?;
        reader.check_keys(&section, KNOWN);
        let mut entry = Entry { section, reader };
        entry.read(file, now)
    });
    entries.flatten().collect()
}

/// An entry that is being read.
struct Entry<'t, 'r> {
    section: Section<'t>,
    reader: &'r mut Reader,
}

impl Entry<'_, '_> {
    /// Reads every key before it gives up on any, so that all errors are told.
    fn read(&mut self, file: &SourceFile, now: Timestamp) -> Option<Accept> {
        let rule = self.rule();
        let target = self.target(rule);
        let bound = self.bound(target.as_ref());
        let reason = self.sentence("reason", "say why it is right to live with it");
        let owner = self.sentence("owner", "say who answers for it");
        let ids = self.ids(rule);
        let expires = self.expires(rule, now);
        Some(Accept {
            rule: rule?,
            target: target?,
            bound,
            ids,
            reason: reason?,
            owner: owner?,
            expires: expires?,
            path: file.path().clone(),
            location: file.locate(self.section.span.start),
        })
    }

    fn missing(&mut self, key: &str, help: &'static str) {
        let error = ConfigError::new(self.section.span, format!("[[accept]] without `{key}`"));
        self.reader.fail(error.help(help));
    }

    fn rule(&mut self) -> Option<&'static Rule> {
        let Some(value) = self.section.get("rule") else {
            self.missing("rule", "say which rule's finding is accepted");
            return None;
        };
        let id = self.reader.text(value)?;
        rule(id, span(value.span()), self.reader)
    }

    /// Reads a text that must be there and say something.
    fn sentence(&mut self, key: &str, help: &'static str) -> Option<String> {
        let Some(value) = self.section.get(key) else {
            self.missing(key, help);
            return None;
        };
        let text = self.reader.text(value)?.trim();
        if text.is_empty() {
            let error = ConfigError::new(span(value.span()), format!("`{key}` is empty"));
            self.reader.fail(error.help(help));
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn target(&mut self, rule: Option<&Rule>) -> Option<Target> {
        match (self.section.get("package"), self.section.get("file")) {
            (Some(value), None) => self.package(value, rule),
            (None, Some(value)) => self.file(value),
            (None, None) => {
                self.missing("package", "name the package by its URL, or the `file` if the finding is about a file as a whole");
                None
            }
            (Some(_), Some(value)) => {
                let what = "`package` and `file` exclude each other";
                self.reader.fail(ConfigError::new(span(value.span()), what));
                None
            }
        }
    }

    fn package(&mut self, value: &Value<'_>, rule: Option<&Rule>) -> Option<Target> {
        let text = self.reader.text(value)?;
        let place = span(value.span());
        let package = match WantedPackage::parse(text) {
            Ok(package) => package,
            Err(why) => {
                let error = ConfigError::new(place, format!("`{text}` is no package URL: {why}"));
                self.reader.fail(error.help(
                    "write pkg:npm/NAME@VERSION, pkg:pypi/NAME@VERSION or pkg:cargo/NAME@VERSION",
                ));
                return None;
            }
        };
        let is_bound = rule.is_some_and(|rule| rule.axis.is_bound_to_release());
        if is_bound && !package.has_version() {
            let what = format!(
                "`{text}` names no version; of this rule one release is accepted, never the next"
            );
            self.reader.fail(ConfigError::new(place, what));
            return None;
        }
        Some(Target::Package(package))
    }

    fn file(&mut self, value: &Value<'_>) -> Option<Target> {
        let text = self.reader.text(value)?;
        let path = FilePath::new(text);
        if path.is_none() {
            let what = format!("`{text}` is no path below the root");
            self.reader.fail(ConfigError::new(span(value.span()), what));
        }
        path.map(Target::File)
    }

    /// Reads where it holds; a file is in no project and on no route.
    fn bound(&mut self, target: Option<&Target>) -> Bound {
        let mut bound = Bound::default();
        for key in ["project", "via"] {
            let Some(value) = self.section.get(key) else {
                continue;
            };
            let place = span(value.span());
            if matches!(target, Some(Target::File(_))) {
                let what = format!("`file` and `{key}` exclude each other");
                self.reader.fail(ConfigError::new(place, what));
                continue;
            }
            let Some(text) = self.reader.text(value) else {
                continue;
            };
            let read = match key {
                "project" => FilePath::new(text)
                    .map(|path| bound.project = Some(path))
                    .ok_or_else(|| {
                        "no folder below the root; write `.` for the root itself".to_owned()
                    }),
                _ => Via::parse(text).map(|via| bound.via = Some(via)),
            };
            if let Err(why) = read {
                let what = format!("`{text}`: {why}");
                self.reader.fail(ConfigError::new(place, what));
            }
        }
        bound
    }

    /// Reads the ids; a guarded rule needs at least one.
    fn ids(&mut self, rule: Option<&Rule>) -> Vec<String> {
        let texts = self.reader.texts(self.section.get("ids"));
        let ids: Vec<String> = texts.iter().map(|(id, _)| (*id).to_owned()).collect();
        if ids.is_empty() && rule.is_some_and(Rule::is_guarded) {
            self.missing(
                "ids",
                "for this rule list what exactly is accepted: the advisory's id, or the digest",
            );
        }
        ids
    }

    fn expires(&mut self, rule: Option<&Rule>, now: Timestamp) -> Option<Date> {
        let Some(value) = self.section.get("expires") else {
            self.missing(
                "expires",
                "write the last day on which it holds, such as expires = 2027-01-15",
            );
            return None;
        };
        let Some(date) = date(value) else {
            self.reader
                .wrong_kind(value, "a day such as 2027-01-15, without quotes and time");
            return None;
        };
        let days = match rule {
            Some(rule) if rule.is_guarded() => LONGEST_GUARDED,
            _ => LONGEST,
        };
        if let Some(last) = too_late(date, days, now) {
            let what = format!("{date} is more than {days} days away");
            let error = ConfigError::new(span(value.span()), what);
            self.reader
                .fail(error.label(format!("{last} at the latest")));
            return None;
        }
        Some(date)
    }
}

/// Reads a day without a time.
fn date(value: &Value<'_>) -> Option<Date> {
    let DeValue::Datetime(datetime) = value.get_ref() else {
        return None;
    };
    let day = datetime.date.filter(|_| datetime.time.is_none())?;
    let number = |part: u8| i8::try_from(part).ok();
    Date::new(
        i16::try_from(day.year).ok()?,
        number(day.month)?,
        number(day.day)?,
    )
    .ok()
}

/// Returns the last day that is allowed, if a day comes after it.
fn too_late(date: Date, days: i32, now: Timestamp) -> Option<Date> {
    let last = today(now).checked_add(days.days()).ok()?;
    (date > last).then_some(last)
}

#[cfg(test)]
#[path = "accept_tests.rs"]
mod tests;
